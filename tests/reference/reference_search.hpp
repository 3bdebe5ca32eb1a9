// The dumb twin of the search: one thread, one queue, a map over whole encodings, every state kept. It is written to be
// obviously right and shares no code with the engine beyond the words of the answer. Tests compare the two.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "checker/core/limits.hpp"
#include "checker/core/property.hpp"
#include "checker/core/trace.hpp"
#include "checker/core/verdict.hpp"

namespace mc::reference {

/// What the reference says; the fields mean what those of the same name in mc::Report mean.
template <Model M>
struct Answer {
  Verdict verdict;
  std::optional<Trace<M>> counterexample;
  std::optional<typename M::Action> overflowing;
  std::map<std::string, Trace<M>> witnesses;  ///< by property id
};

template <Model M>
class ReferenceSearch {
 public:
  ReferenceSearch(const M& model, std::span<const Property<M>> properties, const Limits& limits)
      : model_(model), properties_(properties), limits_(limits), found_(properties.size()) {}

  Answer<M> run() {
    for (const State& state : model_.initial_states()) discover(state, kNobody, Action{});
    std::size_t begin = 0;
    while (begin < nodes_.size() && !ended_) {
      const std::size_t end = nodes_.size();
      explore_level(begin, end);
      begin = end;
    }
    return conclude();
  }

 private:
  using State = typename M::State;
  using Action = typename M::Action;
  static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);
  struct Node {
    State state;
    std::size_t parent = kNobody;
    Action by{};
    std::uint32_t depth = 0;
  };

  static std::string bytes_of(const M& model, const State& state) {
    ByteSink sink;
    model.encode(state, sink);
    return {reinterpret_cast<const char*>(sink.view().data()), sink.view().size()};
  }

  void discover(const State& state, std::size_t parent, const Action& by) {
    if (!seen_.insert(bytes_of(model_, state)).second) return;
    nodes_.push_back({state, parent, by, parent == kNobody ? 0 : nodes_[parent].depth + 1});
  }

  // All states of a level are judged, then expanded, whatever is found on the way.
  void explore_level(std::size_t begin, std::size_t end) {
    const std::uint32_t depth = nodes_[begin].depth;
    const bool depth_met = limits_.depth_max && depth >= *limits_.depth_max;
    const bool states_met = limits_.states_max && end > *limits_.states_max;
    bool cut = false;
    for (std::size_t i = begin; i < end; ++i) {
      const std::vector<Action> actions = actions_of(nodes_[i].state);
      judge(i, actions);
      if (depth_met || states_met) {
        cut = cut || !actions.empty();
      } else {
        expand(i, actions);
      }
    }
    verdict_.states = end;
    verdict_.depth = depth;
    verdict_.levels.push_back(end - begin);
    end_after(depth, end, depth_met, states_met, cut);
  }

  void end_after(std::uint32_t depth, std::size_t states, bool depth_met, bool states_met, bool cut) {
    const bool violated = std::any_of(properties_.begin(), properties_.end(), [&](const Property<M>& property) {
      return property.kind != PropertyKind::kReachable && found_[position(property)];
    });
    if (violated) {
      ended_ = Outcome::kViolated;
    } else if (overflow_at_) {
      ended_ = Outcome::kInconclusive;
      verdict_.reason = overflow_what_;
      if constexpr (Printable<M>) verdict_.reason += ", by " + model_.name(*overflow_by_);
    } else if (cut) {
      const bool depth_counts = depth_met && (!states_met || limits_.depth_declared || !limits_.states_declared);
      const bool declared = (depth_met && limits_.depth_declared) || (states_met && limits_.states_declared);
      ended_ = declared ? Outcome::kHoldsWithinBounds : Outcome::kInconclusive;
      verdict_.reason = depth_counts ? "states at depth " + std::to_string(depth) + " were not expanded (depth_max)"
                                     : "after " + std::to_string(states) + " states no level was begun (states_max " +
                                           std::to_string(*limits_.states_max) + ")";
    }
  }

  std::vector<Action> actions_of(const State& state) const {
    std::vector<Action> actions;
    model_.enabled(state, actions);
    return actions;
  }

  std::size_t position(const Property<M>& property) const {
    return static_cast<std::size_t>(&property - properties_.data());
  }

  bool is_protocol(const Action& action) const {
    if constexpr (Environmental<M>) return !model_.is_environment(action);
    static_cast<void>(action);
    return true;
  }

  void judge(std::size_t node, const std::vector<Action>& actions) {
    const bool quiescent =
        std::none_of(actions.begin(), actions.end(), [&](const Action& a) { return is_protocol(a); });
    if (quiescent) ++verdict_.quiescent;
    for (std::size_t p = 0; p < properties_.size(); ++p) {
      if (found_[p]) continue;
      const bool holds = properties_[p].holds(model_, nodes_[node].state);
      switch (properties_[p].kind) {
        case PropertyKind::kInvariant:
          if (!holds) found_[p] = node;
          break;
        case PropertyKind::kQuiescent:
          if (!holds && quiescent) found_[p] = node;
          break;
        case PropertyKind::kReachable:
          if (holds) found_[p] = node;
          break;
        case PropertyKind::kEventually:
        case PropertyKind::kLeadsTo:
        case PropertyKind::kPossible: break;  // see liveness_twin.hpp
      }
    }
  }

  void expand(std::size_t node, const std::vector<Action>& actions) {
    for (const Action& action : actions) {
      ++verdict_.transitions;
      try {
        if constexpr (Instrumented<M>) {
          RuleSet fired;
          const State next = model_.apply(nodes_[node].state, action, fired);
          for (std::size_t rule = 0; rule < kRulesMax; ++rule) {
            if (fired[rule]) ++fired_[rule];
          }
          discover(next, node, action);
        } else {
          discover(model_.apply(nodes_[node].state, action), node, action);
        }
      } catch (const CapacityExceeded& full) {
        if (overflow_at_) continue;
        overflow_at_ = node;
        overflow_by_ = action;
        overflow_what_ = full.what();
      }
    }
  }

  Trace<M> trace_to(std::size_t node) const {
    Trace<M> trace;
    for (; node != kNobody; node = nodes_[node].parent) {
      trace.states.push_back(nodes_[node].state);
      if (nodes_[node].parent != kNobody) trace.actions.push_back(nodes_[node].by);
    }
    std::reverse(trace.states.begin(), trace.states.end());
    std::reverse(trace.actions.begin(), trace.actions.end());
    return trace;
  }

  Answer<M> conclude() {
    Answer<M> answer;
    std::optional<std::size_t> broken;
    std::string missing;
    verdict_.outcome = ended_.value_or(Outcome::kHolds);
    for (std::size_t p = 0; p < properties_.size(); ++p) {
      const std::string id(properties_[p].id);
      Judgement judgement{id, properties_[p].kind, Outcome::kInconclusive, 0};
      if (found_[p]) judgement.depth = nodes_[*found_[p]].depth;
      if (properties_[p].kind == PropertyKind::kReachable) {
        if (found_[p]) {
          judgement.outcome = Outcome::kHolds;
          answer.witnesses.emplace(id, trace_to(*found_[p]));
        } else {
          missing += (missing.empty() ? "" : ", ") + id;
          if (!ended_) {
            judgement.outcome = Outcome::kUnreached;
            if (verdict_.outcome == Outcome::kHolds) verdict_.violated = id;
            verdict_.outcome = Outcome::kUnreached;
          }
        }
      } else if (found_[p]) {
        judgement.outcome = Outcome::kViolated;
        if (!broken) broken = p;
      } else if (!ended_) {
        judgement.outcome = Outcome::kHolds;
      } else if (*ended_ == Outcome::kHoldsWithinBounds) {
        judgement.outcome = Outcome::kHoldsWithinBounds;
      }
      verdict_.judgements.push_back(judgement);
    }
    if (broken) {
      verdict_.violated = properties_[*broken].id;
      answer.counterexample = trace_to(*found_[*broken]);
    } else if (overflow_at_) {
      answer.counterexample = trace_to(*overflow_at_);
      answer.overflowing = overflow_by_;
    }
    if (!verdict_.reason.empty() && !missing.empty()) verdict_.reason += "; not reached so far: " + missing;
    if constexpr (Instrumented<M>) {
      for (const std::string_view rule : model_.rules()) {
        verdict_.coverage.push_back({std::string(rule), fired_[verdict_.coverage.size()]});
      }
    }
    answer.verdict = verdict_;
    return answer;
  }

  const M& model_;
  std::span<const Property<M>> properties_;
  Limits limits_;
  std::vector<Node> nodes_;                        // in the order in which they were found
  std::set<std::string> seen_;                     // their encodings
  std::vector<std::optional<std::size_t>> found_;  // per property: first node that breaks (Reachable: meets) it
  std::map<std::size_t, std::uint64_t> fired_;     // per rule
  std::optional<std::size_t> overflow_at_;
  std::optional<Action> overflow_by_;
  std::string overflow_what_;
  std::optional<Outcome> ended_;  // early, with this outcome
  Verdict verdict_;
};

/// Searches within the limits on depth and states; other limits are not looked at.
template <Model M>
[[nodiscard]] Answer<M> search(const M& model, std::type_identity_t<std::span<const Property<M>>> properties,
                               const Limits& limits = Limits::none()) {
  return ReferenceSearch<M>(model, properties, limits).run();
}

}  // namespace mc::reference
