// Two-phase commit: N resource managers, one transaction manager, a set of messages that only grows.
// A workload with state counts that other model checkers agree on; see tests/peers.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"

namespace mc::models {

class TwoPhaseCommit {
 public:
  static constexpr unsigned kManagersMax = 15;
  /// One bit per resource manager.
  using Set = std::uint16_t;

  enum class Coordinator : std::uint8_t { kInit, kCommitted, kAborted };
  /// A resource manager is working if it is in none of the first three sets. "Commit" and "abort" are sent exactly when
  /// the coordinator has decided, so the coordinator stands for these messages.
  struct State {
    Set prepared = 0;
    Set committed = 0;
    Set aborted = 0;
    Set announced = 0;  ///< its "prepared" was sent
    Set seen = 0;       ///< its "prepared" was seen by the coordinator
    Coordinator coordinator = Coordinator::kInit;
    friend bool operator==(const State&, const State&) = default;
  };
  enum class Rule : std::uint8_t {
    kCommit,
    kAbort,
    kReceivePrepared,
    kPrepare,
    kChooseAbort,
    kReceiveCommit,
    kReceiveAbort,
  };
  struct Action {
    Rule rule = Rule::kCommit;
    std::uint8_t manager = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };
  enum class Bug : std::uint8_t {
    kNone,
    kCommitsEarly,  ///< the coordinator commits when it has seen any one resource manager prepared
  };

  explicit TwoPhaseCommit(unsigned managers, Bug bug = Bug::kNone)
      : managers_(managers), all_(static_cast<Set>((1U << managers) - 1)), bug_(bug) {
    MC_ASSERT(managers >= 1 && managers <= kManagersMax, "the number of resource managers is 1 to 15");
  }

  [[nodiscard]] std::vector<State> initial_states() const { return {State{}}; }

  void enabled(const State& state, std::vector<Action>& actions) const {
    const bool undecided = state.coordinator == Coordinator::kInit;
    if (undecided) {
      if (state.seen == all_ || (bug_ == Bug::kCommitsEarly && state.seen != 0)) actions.push_back({Rule::kCommit, 0});
      actions.push_back({Rule::kAbort, 0});
      add(actions, Rule::kReceivePrepared, state.announced);
    }
    const unsigned busy = state.prepared | state.committed | state.aborted;
    const auto working = static_cast<Set>(all_ & ~busy);
    add(actions, Rule::kPrepare, working);
    add(actions, Rule::kChooseAbort, working);
    if (state.coordinator == Coordinator::kCommitted) add(actions, Rule::kReceiveCommit, all_);
    if (state.coordinator == Coordinator::kAborted) add(actions, Rule::kReceiveAbort, all_);
  }

  [[nodiscard]] State apply(const State& state, const Action& action) const {
    State next = state;
    const auto manager = static_cast<Set>(1U << action.manager);
    switch (action.rule) {
      case Rule::kCommit: next.coordinator = Coordinator::kCommitted; break;
      case Rule::kAbort: next.coordinator = Coordinator::kAborted; break;
      case Rule::kReceivePrepared: next.seen |= manager; break;
      case Rule::kPrepare:
        next.prepared |= manager;
        next.announced |= manager;
        break;
      case Rule::kReceiveCommit:
        leave(next, manager);
        next.committed |= manager;
        break;
      case Rule::kChooseAbort:
      case Rule::kReceiveAbort:
        leave(next, manager);
        next.aborted |= manager;
        break;
    }
    return next;
  }

  void encode(const State& state, ByteSink& out) const {
    out.bits(state.prepared | static_cast<std::uint32_t>(state.committed) << managers_, 2 * managers_);
    out.bits(state.aborted | static_cast<std::uint32_t>(state.announced) << managers_, 2 * managers_);
    out.bits(state.seen, managers_);
    out.bits(static_cast<std::uint32_t>(state.coordinator), 2);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State state;
    for (Set* set : {&state.prepared, &state.committed, &state.aborted, &state.announced, &state.seen}) {
      *set = static_cast<Set>(in.bits(managers_));
    }
    state.coordinator = static_cast<Coordinator>(in.bits(2));
    return state;
  }

 private:
  static void add(std::vector<Action>& actions, Rule rule, Set managers) {
    for (unsigned left = managers; left != 0; left &= left - 1) {
      actions.push_back({rule, static_cast<std::uint8_t>(std::countr_zero(left))});
    }
  }
  static void leave(State& state, Set manager) {
    for (Set* set : {&state.prepared, &state.committed, &state.aborted}) *set = static_cast<Set>(*set & ~manager);
  }

  unsigned managers_;
  Set all_;
  Bug bug_;
};

inline constexpr std::array<Property<TwoPhaseCommit>, 1> kTwoPhaseProperties{{
    {.id = "twophase.consistent",
     .kind = PropertyKind::kInvariant,
     .claim = "never one resource manager committed and another aborted",
     .source = "",
     .mutant = "kCommitsEarly",
     .holds = [](const TwoPhaseCommit&, const TwoPhaseCommit::State& s) { return s.committed == 0 || s.aborted == 0; }},
}};

}  // namespace mc::models
