#include "tests/cli/toy.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "checker/core/culprit.hpp"

namespace toy {
namespace {

constexpr unsigned kCellBits = 24;

std::string node(std::size_t index) {
  return index == 0 ? "n1" : "n2";
}

std::string word(Phase phase) {
  if (phase == Phase::kIdle) return "idle";
  return phase == Phase::kHolding ? "holding" : "crashed";
}

const std::vector<mc::Property<Lock>>& all_properties() {
  static const std::vector<mc::Property<Lock>> properties{
      {.id = "M1.exclusive",
       .kind = mc::PropertyKind::kInvariant,
       .claim = "at most one node holds the lock",
       .source = "the toy's manual, 1",
       .mutant = "fence",
       .holds =
           [](const Lock&, const State& s) {
             const bool broken = s.nodes[0] == Phase::kHolding && s.nodes[1] == Phase::kHolding;
             if (broken) mc::note_culprit([] { return std::string("2 nodes hold the lock: 0, 1"); });
             return !broken;
           }},
      {.id = "M2.someone_lives",
       .kind = mc::PropertyKind::kQuiescent,
       .claim = "a node is left",
       .source = "the toy's manual, 2",
       .holds = [](const Lock&,
                   const State& s) { return s.nodes[0] != Phase::kCrashed || s.nodes[1] != Phase::kCrashed; }},
      {.id = "M3.is_taken",
       .kind = mc::PropertyKind::kReachable,
       .claim = "a node holds the lock",
       .source = "the toy's manual, 3",
       .holds = [](const Lock&, const State& s) { return s.nodes[0] == Phase::kHolding; }},
      {.id = "M4.is_idle_after_two",
       .kind = mc::PropertyKind::kReachable,
       .claim = "two nodes crash & the lock is free",
       .source = "the toy's manual, 4",
       .holds = [](const Lock&, const State& s) { return s.crashes > 2; }},
  };
  return properties;
}

mc::InputError mistake(const std::string& path, std::uint32_t line, const std::string& message) {
  mc::InputError error;
  error.file = path;
  error.line = line;
  error.column = 1;
  error.message = message;
  return error;
}

mc::Outcome outcome_of(const std::string& text) {
  for (const mc::Outcome outcome : {mc::Outcome::kHolds, mc::Outcome::kHoldsWithinBounds, mc::Outcome::kViolated,
                                    mc::Outcome::kUnreached, mc::Outcome::kInconclusive}) {
    if (mc::to_string(outcome) == text) return outcome;
  }
  return mc::Outcome::kHolds;
}

/// Reads one line of a scenario; false if its key is unknown.
bool read_line(const std::string& key, const std::string& value, Config& config, mc::Instance<Lock>& instance) {
  if (key == "question")
    instance.question = value;
  else if (key == "fence")
    config.fence = value == "on";
  else if (key == "crashes")
    config.crashes = std::stoi(value);
  else if (key == "cells")
    config.cells = std::stoi(value);
  else if (key == "capacity")
    config.capacity = std::stoi(value);
  else if (key == "broken")
    config.broken = value == "on";
  else if (key == "verb")
    config.verb = value;
  else if (key == "depth")
    instance.limits.depth_max = static_cast<std::uint32_t>(std::stoi(value));
  else if (key == "expect")
    instance.expect.emplace().outcome = outcome_of(value);
  else if (key == "importance")
    instance.importance = static_cast<std::uint32_t>(std::stoi(value));
  else if (key == "expect_states")
    instance.expect->states = std::stoull(value);
  else if (key == "expect_steps")
    instance.expect->trace_length = static_cast<std::uint32_t>(std::stoul(value));
  else if (key == "held_by")
    instance.held_by.push_back(value);
  else if (key == "check")
    instance.mentions.push_back(value);
  else
    return false;
  return true;
}

}  // namespace

void Lock::enabled(const State& state, std::vector<Action>& actions) const {
  for (std::uint8_t i = 0; i < 2; ++i) {
    const Phase other = state.nodes[1 - i];
    // Without the fence a crashed holder's lock is taken over while it may still hold it.
    const bool free = other == Phase::kIdle || (other == Phase::kCrashed) || !config_.fence;
    if (state.nodes[i] == Phase::kIdle && free) actions.push_back({Action::Kind::kTake, i});
    if (state.nodes[i] == Phase::kHolding) actions.push_back({Action::Kind::kRelease, i});
    if (state.nodes[i] != Phase::kCrashed && state.crashes < config_.crashes)
      actions.push_back({Action::Kind::kCrash, i});
  }
  for (std::uint8_t i = 0; i < config_.cells; ++i) actions.push_back({Action::Kind::kFlip, i});
}

State Lock::apply(const State& state, const Action& action) const {
  mc::RuleSet fired;
  return apply(state, action, fired);
}

State Lock::apply(const State& state, const Action& action, mc::RuleSet& fired) const {
  if (config_.broken) throw std::logic_error("the toy is broken");
  State next = state;
  fired.set(static_cast<std::size_t>(action.kind));
  switch (action.kind) {
    case Action::Kind::kTake: next.nodes[action.index] = Phase::kHolding; break;
    case Action::Kind::kRelease: next.nodes[action.index] = Phase::kIdle; break;
    case Action::Kind::kCrash:
      if (state.crashes == config_.capacity)
        throw mc::CapacityExceeded("graveyard: " + std::to_string(config_.capacity));
      next.nodes[action.index] = Phase::kCrashed;
      ++next.crashes;
      break;
    case Action::Kind::kFlip: next.cells ^= 1U << action.index; break;
  }
  return next;
}

void Lock::encode(const State& state, mc::ByteSink& out) const {
  for (const Phase phase : state.nodes) out.bits(static_cast<std::uint32_t>(phase), 2);
  out.bits(state.crashes, 4);
  out.bits(state.cells, kCellBits);
  out.finish();
}

State Lock::decode(mc::ByteSource& in) const {
  State state;
  for (Phase& phase : state.nodes) phase = static_cast<Phase>(in.bits(2));
  state.crashes = static_cast<std::uint8_t>(in.bits(4));
  state.cells = in.bits(kCellBits);
  return state;
}

bool Lock::is_environment(const Action& action) const {
  return action.kind == Action::Kind::kCrash || action.kind == Action::Kind::kFlip;
}

std::vector<std::string_view> Lock::rules() const {
  return {"lock.A1.take", "lock.A2.release", "fault.F1.crash", "fault.F2.flip"};
}

std::string Lock::name(const Action& action) const {
  const std::string index = std::to_string(action.index + 1);
  switch (action.kind) {
    case Action::Kind::kTake: return "lock.A1." + config_.verb + "(" + node(action.index) + ")";
    case Action::Kind::kRelease: return "lock.A2.release(" + node(action.index) + ")";
    case Action::Kind::kCrash: return "fault.F1.crash(" + node(action.index) + ")";
    case Action::Kind::kFlip: return "fault.F2.flip(" + index + ")";
  }
  return {};
}

std::string Lock::describe(const State& state, const Action& action) const {
  switch (action.kind) {
    case Action::Kind::kTake: return node(action.index) + " takes the lock";
    case Action::Kind::kRelease: return node(action.index) + " gives the lock back";
    case Action::Kind::kCrash: return node(action.index) + " crashes while it is " + word(state.nodes[action.index]);
    case Action::Kind::kFlip: return "a cell flips";
  }
  return {};
}

std::vector<std::string> Lock::describe(const State& state) const {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < 2; ++i) lines.push_back("node " + node(i) + ": " + word(state.nodes[i]));
  return lines;
}

mc::ProgramInfo Project::info() const {
  return {"toy", "0.0.1", "manual", "r1", "scenarios", "scenarios/seed"};
}

std::vector<mc::CatalogueEntry> Project::catalogue() const {
  using enum mc::EntryKind;
  std::vector<mc::CatalogueEntry> entries{
      {kTransition, "lock.A1.take", "protocol", "a node takes the lock", "manual.txt: take", {}, {}},
      {kTransition, "lock.A2.release", "protocol", "a node gives the lock back", "manual.txt: release", {}, {}},
      {kTransition, "fault.F1.crash", "environment", "a node crashes", "", {}, {"crash"}},
      {kSafeguard, "fence", "pinned", "a holder keeps others out", "manual.txt: fence", {{"since", "r0"}}, {}},
      {kFault, "crash", "0 to 3", "nodes that may crash", "", {}, {}},
  };
  for (const mc::Property<Lock>& property : all_properties()) {
    mc::CatalogueEntry entry{kProperty,
                             std::string(property.id),
                             std::string(mc::to_string(property.kind)),
                             std::string(property.claim),
                             std::string(property.source),
                             {},
                             {}};
    if (!property.mutant.empty()) entry.related.emplace_back(property.mutant);
    entries.push_back(std::move(entry));
  }
  return entries;
}

mc::Result<mc::Instance<Lock>> Project::parse(const std::string& text, const std::string& path,
                                              const mc::Settings& settings) const {
  Config config;
  mc::Instance<Lock> instance{
      Lock(config), {}, {}, {}, std::filesystem::path(path).stem().string(), path, "", text, {}, {}, settings, {}};
  std::istringstream lines(text);
  std::string line;
  for (std::uint32_t number = 1; std::getline(lines, line); ++number) {
    const std::size_t space = line.find(' ');
    const std::string value = space == std::string::npos ? "" : line.substr(space + 1);
    if (!read_line(line.substr(0, space), value, config, instance)) return mistake(path, number, "unknown key");
  }
  for (const std::string& id : instance.mentions) {
    for (const mc::Property<Lock>& property : all_properties()) {
      if (property.id == id) instance.properties.push_back(property);
    }
  }
  if (instance.properties.size() != instance.mentions.size()) return mistake(path, 1, "unknown property");
  for (const auto& [id, on] : settings) config.fence = on;
  instance.mentions.emplace_back("crash");
  instance.limits.depth_declared = instance.limits.depth_max.has_value();
  if (config.cells == 0) instance.faults_max = static_cast<std::uint32_t>(config.crashes);
  instance.facts = {{"faults", "crash " + std::to_string(config.crashes)},
                    {"profile", config.fence ? "fenced" : "unfenced"}};
  if (config.fence) instance.losable.emplace_back("fence");
  instance.model = Lock(config);
  if (!instance.held_by.empty()) {
    config.fence = true;
    instance.held_model = Lock(config);
  }
  return instance;
}

std::vector<mc::Reduction> Project::reductions(const std::string& text) const {
  std::vector<mc::Reduction> found;
  std::istringstream lines(text);
  std::string before;
  for (std::string line; std::getline(lines, line); before += line + "\n") {
    const std::string after(text.substr(before.size() + line.size() + 1));
    for (const std::string key : {"crashes ", "cells "}) {
      if (!line.starts_with(key) || line == key + "0") continue;
      const std::string less = key + std::to_string(std::stoi(line.substr(key.size())) - 1);
      found.push_back({"one of " + key, before + less + "\n" + after});
    }
  }
  return found;
}

std::string Project::restated(const std::string& text, const std::string& property, std::optional<std::uint32_t> length,
                              const mc::Settings& settings, const std::string& comment) const {
  // The toy has no comments.
  std::string whole = comment.empty() ? "" : "question " + std::to_string(comment.size()) + " characters of comment\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool replaced = line.starts_with("check ") || line.starts_with("expect") || line.starts_with("question ");
    if (!replaced) whole += line + "\n";
  }
  for (const auto& [id, on] : settings) whole += id + (on ? " on\n" : " off\n");
  whole += "check " + property + "\nexpect violated\n";
  if (length) whole += "expect_steps " + std::to_string(*length) + "\n";
  return whole;
}

std::string Project::random_scenario(std::uint64_t seed, std::uint64_t number) const {
  std::string text = "crashes " + std::to_string(number % 3) + "\ncells " + std::to_string((seed + number) % 4) + "\n";
  if (number % 16 == 5) text += "broken on\n";
  if (number % 16 == 9) text += "nonsense\n";
  return text + "check M1.exclusive\n";
}

}  // namespace toy
