#include "checker/report/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>

namespace mc {
namespace {

constexpr std::size_t kRulesShown = 5;

const AnswerFile* find(std::span<const AnswerFile> answers, const std::string& path) {
  const auto found =
      std::find_if(answers.begin(), answers.end(), [&](const AnswerFile& file) { return file.answer.path == path; });
  return found == answers.end() ? nullptr : &*found;
}

void compare_count(std::string_view name, std::uint64_t then, std::uint64_t now, Difference& difference) {
  if (then == now) return;
  const double change =
      then == 0 ? 0.0 : 100.0 * (static_cast<double>(now) - static_cast<double>(then)) / static_cast<double>(then);
  difference.what.push_back(fmt::format("{}: {} then, {} now ({:+.1f} %)", name, then, now, change));
}

void compare_judgements(const Answer& then, const Answer& now, Difference& difference) {
  std::map<std::string, const Judgement*> before;
  for (const Judgement& judgement : then.verdict.judgements) before[judgement.property] = &judgement;
  for (const Judgement& judgement : now.verdict.judgements) {
    const auto known = before.find(judgement.property);
    if (known == before.end()) {
      difference.why.push_back("the scenario claims " + judgement.property + ", which it did not");
      continue;
    }
    const Judgement& old = *known->second;
    if (old.outcome != judgement.outcome || old.depth != judgement.depth) {
      difference.what.push_back(fmt::format("{}: {} (depth {}) then, {} (depth {}) now", judgement.property,
                                            to_string(old.outcome), old.depth, to_string(judgement.outcome),
                                            judgement.depth));
    }
    before.erase(known);
  }
  for (const auto& [id, judgement] : before) difference.why.push_back("the scenario no longer claims " + id);
}

/// Rules by id, without those that the instance does not have.
std::map<std::string, std::uint64_t> fired_in(const Verdict& verdict) {
  std::map<std::string, std::uint64_t> fired;
  for (const RuleCount& count : verdict.coverage) {
    if (!count.rule.empty()) fired[count.rule] = count.fired;
  }
  return fired;
}

std::string listed(const std::vector<std::string>& ids) {
  std::string text;
  for (std::size_t i = 0; i < std::min(ids.size(), kRulesShown); ++i) text += (i == 0 ? "" : ", ") + ids[i];
  return ids.size() > kRulesShown ? text + fmt::format(" and {} more", ids.size() - kRulesShown) : text;
}

void compare_rules(const Answer& then, const Answer& now, Difference& difference) {
  const auto before = fired_in(then.verdict);
  const auto after = fired_in(now.verdict);
  std::vector<std::string> added;
  std::vector<std::string> gone;
  std::vector<std::string> silent;
  std::vector<std::string> woken;
  for (const auto& [rule, count] : after) {
    const auto known = before.find(rule);
    if (known == before.end())
      added.push_back(rule);
    else if (known->second > 0 && count == 0)
      silent.push_back(rule);
    else if (known->second == 0 && count > 0)
      woken.push_back(rule);
  }
  for (const auto& [rule, count] : before) {
    if (after.find(rule) == after.end()) gone.push_back(rule);
  }
  if (!silent.empty()) difference.what.push_back("no longer fires: " + listed(silent));
  if (!woken.empty()) difference.what.push_back("fires now: " + listed(woken));
  if (!added.empty()) difference.why.push_back("the model has new rules: " + listed(added));
  if (!gone.empty()) difference.why.push_back("the model has no longer the rules " + listed(gone));
}

void compare_facts(const Answer& then, const Answer& now, Difference& difference) {
  for (const auto& [name, value] : now.facts) {
    const auto known =
        std::find_if(then.facts.begin(), then.facts.end(), [&](const auto& fact) { return fact.first == name; });
    if (known == then.facts.end())
      difference.why.push_back(fmt::format("its {} is \"{}\", of which nothing was said", name, value));
    else if (known->second != value)
      difference.why.push_back(fmt::format("its {} was \"{}\" and is \"{}\"", name, known->second, value));
  }
  for (const auto& [name, value] : then.facts) {
    if (std::none_of(now.facts.begin(), now.facts.end(), [&](const auto& fact) { return fact.first == name; }))
      difference.why.push_back(fmt::format("its {} was \"{}\", of which nothing is said now", name, value));
  }
}

/// The rules whose counts changed most: where to look when nothing else explains a difference.
std::string most_changed(const Answer& then, const Answer& now) {
  const auto before = fired_in(then.verdict);
  std::vector<std::pair<std::uint64_t, std::string>> changes;
  for (const auto& [rule, count] : fired_in(now.verdict)) {
    const auto known = before.find(rule);
    if (known == before.end() || known->second == count) continue;
    changes.emplace_back(count > known->second ? count - known->second : known->second - count, rule);
  }
  std::sort(changes.begin(), changes.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::vector<std::string> ids;
  for (const auto& [change, rule] : changes) ids.push_back(rule);
  return ids.empty() ? "no rule fires more or less often" : "most changed are the rules " + listed(ids);
}

Difference difference_of(const Answer& then, const Answer& now) {
  Difference difference;
  difference.path = now.path;
  if (then.verdict.outcome != now.verdict.outcome) {
    difference.what.push_back(
        fmt::format("outcome: {} then, {} now", to_string(then.verdict.outcome), to_string(now.verdict.outcome)));
  }
  compare_count("states", then.verdict.states, now.verdict.states, difference);
  compare_count("transitions", then.verdict.transitions, now.verdict.transitions, difference);
  compare_count("depth", then.verdict.depth, now.verdict.depth, difference);
  compare_judgements(then, now, difference);
  compare_rules(then, now, difference);
  if (difference.what.empty() && difference.why.empty() && then.verdict == now.verdict) return difference;
  compare_facts(then, now, difference);
  if (then.question != now.question) difference.why.emplace_back("it asks another question");
  difference.explained = !difference.why.empty();
  if (difference.what.empty()) difference.what.emplace_back("the same counts and judgements");
  if (!difference.explained) {
    difference.why.push_back(
        "UNEXPLAINED: the same question of the same version; the model or the checker changed without one, and " +
        most_changed(then, now));
  }
  return difference;
}

}  // namespace

std::vector<Difference> differences(std::span<const AnswerFile> then, std::span<const AnswerFile> now) {
  std::vector<Difference> all;
  for (const AnswerFile& file : now) {
    const AnswerFile* const old = find(then, file.answer.path);
    if (old == nullptr) {
      all.push_back({file.answer.path, {"it was not there"}, {"the scenario is new"}, true});
      continue;
    }
    Difference difference = difference_of(old->answer, file.answer);
    if (!difference.what.empty()) all.push_back(std::move(difference));
  }
  for (const AnswerFile& file : then) {
    if (find(now, file.answer.path) == nullptr)
      all.push_back({file.answer.path, {"it is not there"}, {"the scenario was taken out or not run"}, true});
  }
  return all;
}

}  // namespace mc
