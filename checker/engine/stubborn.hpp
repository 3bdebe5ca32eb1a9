// Which actions of a state are enough for a verdict: stubborn sets, made from what the model foresees. ADR-0016 has the
// rules and why they are right.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
#include "checker/engine/swap.hpp"

namespace mc {

/// Not thread-safe: one per thread. What it chooses depends on the state alone.
template <Foreseeing M>
class StubbornSets {
 public:
  using State = typename M::State;
  using Action = typename M::Action;

  explicit StubbornSets(const M& model) : model_(model) {}

  /// Positions, in ascending order, of the actions of a closed set of processes with an action enabled that is not the
  /// environment's: of such sets the one with the fewest enabled actions, the first of several. Empty if that is all
  /// of them. `actions` are those enabled in the state. The result is good until the next call.
  [[nodiscard]] std::span<const std::uint32_t> choose(const State& state, std::span<const Action> actions) {
    chosen_.clear();
    interfering_known_.reset();
    processes_.clear();
    for (const Action& action : actions) {
      processes_.push_back(model_.process(action));
      MC_ASSERT(processes_.back() < kProcessesMax, "a process has a number below kProcessesMax");
    }
    std::size_t least = actions.size();
    ProcessSet tried;
    ProcessSet best;
    for (std::size_t i = 0; i < actions.size(); ++i) {
      if (tried.test(processes_[i]) || is_environment(actions[i])) continue;
      tried.set(processes_[i]);
      const ProcessSet closed = closure_of(state, processes_[i]);
      std::size_t enabled = 0;
      for (const std::size_t process : processes_) enabled += closed.test(process) ? 1 : 0;
      if (enabled >= least) continue;
      least = enabled;
      best = closed;
    }
    for (std::uint32_t i = 0; i < actions.size() && least < actions.size(); ++i) {
      if (best.test(processes_[i])) chosen_.push_back(i);
    }
    return chosen_;
  }

  /// The least closed set of processes that contains this one.
  [[nodiscard]] ProcessSet closure_of(const State& state, std::size_t process) {
    ProcessSet closed;
    closed.set(process);
    ProcessSet entered;
    while (entered != closed) {
      for (std::size_t next = 0; next < kProcessesMax; ++next) {
        if (!closed.test(next) || entered.test(next)) continue;
        entered.set(next);
        closed |= interfering(state, next);
      }
    }
    return closed;
  }

 private:
  [[nodiscard]] bool is_environment(const Action& action) const {
    if constexpr (Environmental<M>) return model_.is_environment(action);
    static_cast<void>(action);
    return false;
  }
  [[nodiscard]] const ProcessSet& interfering(const State& state, std::size_t process) {
    if (!interfering_known_.test(process)) {
      interfering_known_.set(process);
      interfering_[process] = model_.interfering(state, process);
    }
    return interfering_[process];
  }

  const M& model_;
  std::vector<std::uint32_t> chosen_;
  std::vector<std::size_t> processes_;  // of each action
  // Of the state at hand, as far as somebody has asked.
  std::array<ProcessSet, kProcessesMax> interfering_{};
  ProcessSet interfering_known_;
};

/// True if taking the action cannot end the violation of any of the properties that are invariants.
template <Model M>
[[nodiscard]] bool mends_nothing(const M& model, std::span<const Property<M>> properties,
                                 const typename M::Action& action) {
  for (const Property<M>& property : properties) {
    if (property.kind != PropertyKind::kInvariant) continue;
    if (property.mends == nullptr || property.mends(model, action)) return false;
  }
  return true;
}

/// Does one of the chosen actions and one of the others in both orders; which ones follows from the draw. Requires that
/// not all actions are chosen, and that one is.
template <Foreseeing M>
[[nodiscard]] bool one_pair_commutes(const M& model, const typename M::State& state,
                                     std::span<const typename M::Action> actions, std::span<const std::uint32_t> chosen,
                                     std::uint64_t draw) {
  const std::uint32_t taken = chosen[draw % chosen.size()];
  std::uint64_t left = draw / chosen.size() % (actions.size() - chosen.size());
  std::size_t next = 0;
  for (std::uint32_t i = 0; i < actions.size(); ++i) {
    if (next < chosen.size() && chosen[next] == i) {
      ++next;
    } else if (left-- == 0) {
      const auto after = swap_step(model, state, actions[i]);
      return (after && !model.foresees(after->state)) || commute_or_overflow(model, state, actions[taken], actions[i]);
    }
  }
  MC_ASSERT(false, "there is an action that is not chosen");
}

/// What an expander has if it chooses stubborn sets; nothing at all for a model that does not foresee.
template <Model M>
struct StubbornSetsOf {
  struct Type {};
};
template <Foreseeing M>
struct StubbornSetsOf<M> {
  using Type = std::optional<StubbornSets<M>>;
};

}  // namespace mc
