#include "tests/oracle/explore.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <string_view>

namespace raymc::oracle {
namespace {

std::string encoding_of(const RayModel& model, const State& state) {
  mc::ByteSink sink;
  model.encode(state, sink);
  return {reinterpret_cast<const char*>(sink.view().data()), sink.view().size()};
}

class Exploration {
 public:
  Exploration(const RayModel& model, std::span<const Property> properties, const mc::Limits& limits, bool keep_going)
      : model_(model), properties_(properties), limits_(limits), keep_going_(keep_going), rules_(model.rules()) {}

  Explored run(std::size_t states_max) {
    for (const State& state : model_.initial_states()) find(state, 0);
    std::size_t begin = 0;
    while (begin < states_.size() && explored_.end == End::kExhausted) {
      const std::size_t end = states_.size();
      if (end > states_max) {
        explored_.end = End::kTooLarge;
        break;
      }
      explore_level(begin, end);
      begin = end;
    }
    drop_states_from(begin);
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
      if (!rules_[rule].empty()) explored_.coverage[std::string(rules_[rule])] = fired_[rule];
    }
    return std::move(explored_);
  }

 private:
  std::size_t find(const State& state, std::uint32_t depth) {
    const auto [entry, is_new] = known_.emplace(encoding_of(model_, state), states_.size());
    if (!is_new) return entry->second;
    states_.push_back(state);
    Node node{depth, {}, {}, {}};
    for (const Property& property : properties_) {
      node.holds.push_back(property.holds(model_, state));
      node.when.push_back(property.kind == mc::PropertyKind::kLeadsTo && property.when(model_, state));
    }
    nodes().push_back(std::move(node));
    return states_.size() - 1;
  }

  // All states of the level are expanded, unless a bound forbids it: then their actions lead to the unknown.
  void explore_level(std::size_t begin, std::size_t end) {
    const std::uint32_t depth = nodes()[begin].depth;
    const bool too_deep = limits_.depth_max && depth >= *limits_.depth_max;
    const bool too_many = limits_.states_max && end > *limits_.states_max;
    bool broken = false;
    bool cut = false;
    for (std::size_t i = begin; i < end; ++i) {
      expand(i, !too_deep && !too_many);
      broken = broken || is_broken(nodes()[i]);
      cut = cut || is_cut(nodes()[i]);
    }
    explored_.levels.push_back(end - begin);
    if (broken && !keep_going_) {
      explored_.end = End::kBroken;
    } else if (cut && !too_deep && !too_many) {
      explored_.end = End::kOverflow;
    } else if (cut) {
      // A bound that was asked for besides changes nothing where a declared one forbids the level.
      const bool declared = (too_deep && limits_.depth_declared) || (too_many && limits_.states_declared);
      explored_.end = declared ? End::kDeclaredBound : End::kBound;
    }
  }

  void expand(std::size_t i, bool taken) {
    std::vector<Action> actions;
    model_.enabled(states_[i], actions);
    for (const Action& action : actions) {
      const bool environment = model_.is_environment(action);
      Edge edge{kUnknown, environment, environment ? 0 : model_.component(action)};
      if (taken) {
        ++explored_.transitions;
        edge.to = take(i, action);
      }
      nodes()[i].edges.push_back(edge);
    }
  }

  std::size_t take(std::size_t i, const Action& action) try {
    mc::RuleSet fired;
    const State next = model_.apply(states_[i], action, fired);
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) fired_[rule] += fired[rule] ? 1 : 0;
    return find(next, nodes()[i].depth + 1);
  } catch (const mc::CapacityExceeded&) {
    return kUnknown;
  }

  [[nodiscard]] bool is_broken(const Node& node) const {
    for (std::size_t p = 0; p < properties_.size(); ++p) {
      if (node.holds[p]) continue;
      if (properties_[p].kind == mc::PropertyKind::kInvariant) return true;
      if (properties_[p].kind == mc::PropertyKind::kQuiescent && is_quiescent(node)) return true;
    }
    return false;
  }

  // States of a level that was not completed are not found; what leads to them leads to the unknown.
  void drop_states_from(std::size_t first) {
    nodes().resize(first);
    for (Node& node : nodes()) {
      for (Edge& edge : node.edges) {
        if (edge.to >= first) edge.to = kUnknown;
      }
    }
  }

  std::vector<Node>& nodes() { return explored_.graph.nodes; }

  const RayModel& model_;
  std::span<const Property> properties_;
  const mc::Limits& limits_;
  bool keep_going_;
  std::vector<std::string_view> rules_;
  std::array<std::uint64_t, mc::kRulesMax> fired_{};  // as rules_
  std::map<std::string, std::size_t> known_;
  std::deque<State> states_;  // as graph.nodes
  Explored explored_;
};

}  // namespace

Explored explore(const RayModel& model, std::span<const Property> properties, const mc::Limits& limits,
                 std::size_t states_max, bool keep_going) {
  return Exploration(model, properties, limits, keep_going).run(states_max);
}

}  // namespace raymc::oracle
