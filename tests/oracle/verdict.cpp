#include "tests/oracle/verdict.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "checker/core/verdict.hpp"

namespace raymc::oracle {
namespace {

using Json = nlohmann::json;
using mc::Outcome;
using mc::PropertyKind;

/// Depth of the first state in which the predicate is `value`; of kQuiescent, of the first in which a run may end.
std::optional<std::uint32_t> first_depth(const Graph& graph, std::size_t property, bool value, bool quiescent_only) {
  for (const Node& node : graph.nodes) {
    if (node.holds[property] == value && (!quiescent_only || is_quiescent(node))) return node.depth;
  }
  return std::nullopt;
}

struct Status {
  Outcome outcome = Outcome::kInconclusive;
  std::uint32_t depth = 0;
};

Status status_of(const Explored& explored, const Property& property, std::size_t position) {
  const bool exhausted = explored.end == End::kExhausted;
  switch (property.kind) {
    case PropertyKind::kInvariant:
    case PropertyKind::kQuiescent: {
      const bool quiescent_only = property.kind == PropertyKind::kQuiescent;
      if (const auto depth = first_depth(explored.graph, position, false, quiescent_only)) {
        return {Outcome::kViolated, *depth};
      }
      if (explored.end == End::kDeclaredBound) return {Outcome::kHoldsWithinBounds};
      return {exhausted ? Outcome::kHolds : Outcome::kInconclusive};
    }
    case PropertyKind::kReachable:
      if (const auto depth = first_depth(explored.graph, position, true, false)) return {Outcome::kHolds, *depth};
      return {exhausted ? Outcome::kUnreached : Outcome::kInconclusive};
    case PropertyKind::kEventually:
    case PropertyKind::kLeadsTo:
    case PropertyKind::kPossible: break;
  }
  // A search that stops within a level, at a violation or an overflow, judges no runs (ADR-0009).
  if (explored.end == End::kBroken || explored.end == End::kOverflow) return {};
  if (const auto depth = broken_after(explored.graph, property.kind, position)) return {Outcome::kViolated, *depth};
  return {exhausted ? Outcome::kHolds : Outcome::kInconclusive};
}

/// The outcome of the whole search and the property that it names: of several violations one that a state shows before
/// one that only runs show, then the one of least depth, then the first; else the first that was not reached.
std::pair<Outcome, std::string> summary_of(const Explored& explored, const std::vector<Status>& statuses,
                                           std::span<const Property> properties) {
  std::optional<std::size_t> worst;
  const auto place = [&](std::size_t p) { return std::pair(mc::is_liveness(properties[p].kind), statuses[p].depth); };
  for (std::size_t p = 0; p < statuses.size(); ++p) {
    if (statuses[p].outcome != Outcome::kViolated) continue;
    if (!worst || place(p) < place(*worst)) worst = p;
  }
  if (worst) return {Outcome::kViolated, std::string(properties[*worst].id)};
  for (std::size_t p = 0; p < statuses.size(); ++p) {
    if (statuses[p].outcome == Outcome::kUnreached) return {Outcome::kUnreached, std::string(properties[p].id)};
  }
  // A declared bound decides nothing about a property of liveness.
  const bool open = std::any_of(properties.begin(), properties.end(), [&](const Property& property) {
    return mc::is_liveness(property.kind) && statuses[&property - properties.data()].outcome == Outcome::kInconclusive;
  });
  if (explored.end == End::kExhausted) return {Outcome::kHolds, ""};
  if (explored.end == End::kDeclaredBound && !open) return {Outcome::kHoldsWithinBounds, ""};
  return {Outcome::kInconclusive, ""};
}

int exit_code_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kHolds:
    case Outcome::kHoldsWithinBounds: return 0;
    case Outcome::kViolated: return 10;
    case Outcome::kUnreached: return 11;
    case Outcome::kInconclusive: return 20;
  }
  return -1;
}

Json property_entry(const Property& property, const Status& status) {
  return {std::string(property.id), std::string(to_string(property.kind)), std::string(to_string(status.outcome)),
          status.depth};
}

}  // namespace

Json expected_answer(const Explored& explored, std::span<const Property> properties) {
  std::vector<Status> statuses;
  Json entries = Json::array();
  for (std::size_t p = 0; p < properties.size(); ++p) {
    statuses.push_back(status_of(explored, properties[p], p));
    entries.push_back(property_entry(properties[p], statuses.back()));
  }
  const auto [outcome, named] = summary_of(explored, statuses, properties);
  const std::vector<Node>& nodes = explored.graph.nodes;
  return {{"outcome", std::string(to_string(outcome))},
          {"violated", named},
          {"states", nodes.size()},
          {"transitions", explored.transitions},
          {"depth", nodes.back().depth},
          {"quiescent", std::count_if(nodes.begin(), nodes.end(), is_quiescent)},
          {"levels", explored.levels},
          {"properties", entries},
          {"coverage", explored.coverage},
          {"exit", exit_code_of(outcome)}};
}

Json refused_answer(const RayModel& model, std::span<const Property> properties) {
  Json entries = Json::array();
  for (const Property& property : properties) entries.push_back(property_entry(property, {}));
  Json coverage = Json::object();
  for (const std::string_view rule : model.rules()) {
    if (!rule.empty()) coverage[std::string(rule)] = 0;
  }
  return {{"outcome", "inconclusive"},
          {"violated", ""},
          {"states", 0},
          {"transitions", 0},
          {"depth", 0},
          {"quiescent", 0},
          {"levels", Json::array()},
          {"properties", entries},
          {"coverage", coverage},
          {"exit", 20}};
}

Json compared_part(const Json& answer) {
  Json part;
  const Json& verdict = answer.at("verdict");
  for (const char* const field :
       {"outcome", "violated", "states", "transitions", "depth", "quiescent", "levels", "coverage"}) {
    part[field] = verdict.at(field);
  }
  part["properties"] = Json::array();
  for (const Json& entry : verdict.at("properties")) {
    part["properties"].push_back({entry.at("id"), entry.at("kind"), entry.at("outcome"), entry.at("depth")});
  }
  part["comparison"] = answer.at("expectation").at("comparison");
  part["exit"] = answer.at("exit");
  return part;
}

std::vector<std::string> differences(const Json& expected, const Json& actual) {
  std::vector<std::string> found;
  const auto compare = [&](const std::string& field, const Json& a, const Json& b) {
    if (a != b) found.push_back(field + ": oracle " + a.dump() + ", raymc " + b.dump());
  };
  for (const auto& [field, value] : expected.items()) {
    const Json& other = actual.at(field);
    if (value.is_structured() && value.size() == other.size()) {
      for (const auto& [key, entry] : value.items()) {
        compare(field + "[" + key + "]", entry, value.is_object() ? other.value(key, Json()) : other[std::stoul(key)]);
      }
    } else {
      compare(field, value, other);
    }
  }
  return found;
}

}  // namespace raymc::oracle
