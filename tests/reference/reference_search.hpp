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
#include "tests/reference/liveness_twin.hpp"

namespace mc::reference {

/// What the reference says; the fields mean what those of the same name in mc::Report mean.
template <Model M>
struct Answer {
  Verdict verdict;
  std::optional<Trace<M>> counterexample;
  std::optional<typename M::Action> overflowing;
  std::map<std::string, Trace<M>> witnesses;   ///< by property id
  std::map<std::string, Trace<M>> violations;  ///< the same, of those that are judged on states
};

template <Model M>
class ReferenceSearch {
 public:
  ReferenceSearch(const M& model, std::span<const Property<M>> properties, const Limits& limits, bool keep_going)
      : model_(model),
        properties_(properties),
        limits_(limits),
        keep_going_(keep_going),
        found_(properties.size()),
        lost_(properties.size()),
        occurs_(properties.size(), 0) {}

  Answer<M> run() {
    for (const State& state : model_.initial_states()) discover(state, kNobody, Action{});
    std::size_t begin = 0;
    while (begin < nodes_.size() && end_ == End::kExhausted) {
      const std::size_t end = nodes_.size();
      explore_level(begin, end);
      begin = end;
    }
    if (end_ != End::kViolated && end_ != End::kOverflow) judge_runs();
    return conclude();
  }

 private:
  using State = typename M::State;
  using Action = typename M::Action;
  static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);
  enum class End { kExhausted, kViolated, kDeclaredBound, kBound, kOverflow };
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
      if ((depth_met || states_met) && !actions.empty()) {
        cut = true;
        unexpanded_.insert(i);
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
    if (violated && !keep_going_) {
      end_ = End::kViolated;
    } else if (overflow_at_) {
      end_ = End::kOverflow;
      verdict_.reason = overflow_what_;
      if constexpr (Printable<M>) verdict_.reason += ", by " + model_.name(*overflow_by_);
    } else if (cut) {
      const bool depth_counts = depth_met && (!states_met || limits_.depth_declared || !limits_.states_declared);
      const bool declared = (depth_met && limits_.depth_declared) || (states_met && limits_.states_declared);
      end_ = declared ? End::kDeclaredBound : End::kBound;
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
      note_occurrence(p, nodes_[node].state, quiescent);
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
        case PropertyKind::kPossible: break;  // see judge_runs
      }
    }
  }

  // A property says nothing of a state that it is not about.
  void note_occurrence(std::size_t p, const State& state, bool quiescent) {
    const Property<M>& property = properties_[p];
    bool about = true;
    if (property.kind == PropertyKind::kQuiescent) about = quiescent;
    if (property.kind == PropertyKind::kLeadsTo) about = property.when(model_, state);
    if (property.premise != nullptr) about = about && property.premise(model_, state);
    if (about) occurs_[p] = 1;
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

  // What was found, written down: the edges of the states that were expanded.
  SmallGraph written() const {
    SmallGraph graph;
    graph.states = nodes_.size();
    graph.cut_off.assign(nodes_.size(), 0);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].parent == kNobody) graph.initial.push_back(i);
      for (const Action& action : actions_of(nodes_[i].state)) {
        if (unexpanded_.count(i) != 0) {
          graph.cut_off[i] = 1;
          continue;
        }
        std::uint32_t component = 0;
        if constexpr (Fair<M>) component = model_.component(action);
        const std::string next = bytes_of(model_, model_.apply(nodes_[i].state, action));
        std::size_t to = 0;
        while (bytes_of(model_, nodes_[to].state) != next) ++to;
        graph.edges.push_back({i, to, !is_protocol(action), component});
      }
    }
    return graph;
  }

  void judge_runs() {
    for (std::size_t p = 0; p < properties_.size(); ++p) {
      if (!is_liveness(properties_[p].kind)) continue;
      MC_ASSERT(nodes_.size() <= 12, "the twin judges runs in small worlds alone");
      std::vector<char> goal;
      std::vector<char> when;
      for (const Node& node : nodes_) {
        goal.push_back(properties_[p].holds(model_, node.state) ? 1 : 0);
        when.push_back(properties_[p].when != nullptr && properties_[p].when(model_, node.state) ? 1 : 0);
      }
      lost_[p] = shortest_failure(written(), properties_[p].kind, goal, when);
    }
  }

  Judgement judgement_of(std::size_t p) const {
    const PropertyKind kind = properties_[p].kind;
    const bool occurs = occurs_[p] != 0;
    Judgement judgement{std::string(properties_[p].id), kind, Outcome::kInconclusive, 0, occurs};
    if (lost_[p]) return {judgement.property, kind, Outcome::kViolated, *lost_[p], occurs};
    if (found_[p]) {
      judgement.depth = nodes_[*found_[p]].depth;
      judgement.outcome = kind == PropertyKind::kReachable ? Outcome::kHolds : Outcome::kViolated;
    } else if (end_ == End::kExhausted) {
      judgement.outcome = kind == PropertyKind::kReachable ? Outcome::kUnreached : Outcome::kHolds;
    } else if (end_ == End::kDeclaredBound && kind != PropertyKind::kReachable && !is_liveness(kind)) {
      judgement.outcome = Outcome::kHoldsWithinBounds;
    }
    return judgement;
  }

  // The violation that comes first: one that a state shows before one that a run shows, then the less deep one.
  const Judgement* first_violation() const {
    const Judgement* first = nullptr;
    for (const Judgement& one : verdict_.judgements) {
      if (one.outcome != Outcome::kViolated) continue;
      const auto place = [](const Judgement& j) { return std::pair(is_liveness(j.kind), j.depth); };
      if (first == nullptr || place(one) < place(*first)) first = &one;
    }
    return first;
  }

  std::string listed(Outcome outcome, const auto& wanted) const {
    std::string text;
    for (const Judgement& one : verdict_.judgements) {
      if (one.outcome == outcome && wanted(one.kind)) text += (text.empty() ? "" : ", ") + one.property;
    }
    return text;
  }

  Answer<M> conclude() {
    Answer<M> answer;
    const auto any = [](PropertyKind) { return true; };
    for (std::size_t p = 0; p < properties_.size(); ++p) {
      verdict_.judgements.push_back(judgement_of(p));
      if (!found_[p]) continue;
      const bool reached = properties_[p].kind == PropertyKind::kReachable;
      (reached ? answer.witnesses : answer.violations).emplace(properties_[p].id, trace_to(*found_[p]));
    }
    const std::string undecided = listed(Outcome::kInconclusive, is_liveness);
    const std::string unreached = listed(Outcome::kUnreached, any);
    const std::string missing =
        listed(Outcome::kInconclusive, [](PropertyKind kind) { return kind == PropertyKind::kReachable; });
    if (const Judgement* const first = first_violation()) {
      verdict_.outcome = Outcome::kViolated;
      verdict_.violated = first->property;
      const auto path = answer.violations.find(first->property);
      if (path != answer.violations.end()) answer.counterexample = path->second;
    } else if (end_ == End::kExhausted) {
      verdict_.outcome = unreached.empty() ? Outcome::kHolds : Outcome::kUnreached;
      verdict_.violated = unreached.substr(0, unreached.find(','));
    } else {
      const bool within = end_ == End::kDeclaredBound && undecided.empty();
      verdict_.outcome = within ? Outcome::kHoldsWithinBounds : Outcome::kInconclusive;
      if (overflow_at_) answer.counterexample = trace_to(*overflow_at_);
      if (overflow_at_) answer.overflowing = overflow_by_;
    }
    if (end_ == End::kViolated) {
      const bool all_judged = listed(Outcome::kInconclusive, any).empty();
      verdict_.reason = all_judged ? "" : "the search stopped at the violation";
    } else {
      if (end_ == End::kDeclaredBound && !undecided.empty())
        verdict_.reason += "; a bounded search does not decide " + undecided;
      if (!missing.empty()) verdict_.reason += "; not reached so far: " + missing;
    }
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
  bool keep_going_;
  std::vector<Node> nodes_;                         // in the order in which they were found
  std::set<std::string> seen_;                      // their encodings
  std::vector<std::optional<std::size_t>> found_;   // per property: first node that breaks (Reachable: meets) it
  std::vector<std::optional<std::uint32_t>> lost_;  // per property: length of the stem of a run that breaks it
  std::vector<char> occurs_;                        // per property: some state is one that it is about
  std::set<std::size_t> unexpanded_;                // nodes with actions that a bound kept from being taken
  std::map<std::size_t, std::uint64_t> fired_;      // per rule
  std::optional<std::size_t> overflow_at_;
  std::optional<Action> overflow_by_;
  std::string overflow_what_;
  End end_ = End::kExhausted;
  Verdict verdict_;
};

/// Searches within the limits on depth and states; other limits are not looked at. Properties of liveness are judged in
/// small worlds.
template <Model M>
[[nodiscard]] Answer<M> search(const M& model, std::type_identity_t<std::span<const Property<M>>> properties,
                               const Limits& limits = Limits::none(), bool keep_going = false) {
  return ReferenceSearch<M>(model, properties, limits, keep_going).run();
}

}  // namespace mc::reference
