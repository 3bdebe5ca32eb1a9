// Which actions of a state need not be taken, because a swap of two actions leads to the same states: sleep sets,
// level by level. ADR-0015 has the rule and why it is right.
//
// An action that sleeps in a state leads nowhere that another state of the level, with a smaller rank, does not lead to
// as well. So every state keeps its level and its least link, and a report says, byte for byte, what it would say if no
// action slept: counts of transitions, because `enabled` is complete, and of rules, because an action fires the same
// ones before a swap and after it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "checker/core/footprint.hpp"
#include "checker/core/model.hpp"
#include "checker/engine/swap.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// Numbers for sets of rules, the same for all threads of a search.
class RuleSetNumbers {
 public:
  /// Thread-safe.
  [[nodiscard]] std::uint32_t number_of(const RuleSet& rules) {
    const std::lock_guard lock(mutex_);
    const auto [known, fresh] = numbers_.emplace(rules, static_cast<std::uint32_t>(sets_.size()));
    if (fresh) sets_.push_back(&known->first);
    return known->second;
  }
  /// The set of a number that was given. Thread-safe.
  [[nodiscard]] RuleSet set_of(std::uint32_t number) {
    const std::lock_guard lock(mutex_);
    return *sets_[number];
  }

 private:
  std::mutex mutex_;
  std::unordered_map<RuleSet, std::uint32_t> numbers_;
  std::deque<const RuleSet*> sets_;
};

/// What the expanders of a search that lets actions sleep share.
struct Sleeping {
  RuleSetNumbers fired;
};

/// One thread's view of the numbers, which asks the others only for what it has not met.
class RuleSetCache {
 public:
  explicit RuleSetCache(RuleSetNumbers& shared) : shared_(&shared) {}
  [[nodiscard]] std::uint32_t number_of(const RuleSet& rules) {
    const auto known = numbers_.find(rules);
    if (known != numbers_.end()) return known->second;
    return numbers_[rules] = shared_->number_of(rules);
  }
  [[nodiscard]] const RuleSet& set_of(std::uint32_t number) {
    const auto known = sets_.find(number);
    if (known != sets_.end()) return known->second;
    return sets_[number] = shared_->set_of(number);
  }

 private:
  RuleSetNumbers* shared_;
  std::unordered_map<RuleSet, std::uint32_t> numbers_;
  std::unordered_map<std::uint32_t, RuleSet> sets_;
};

/// Not thread-safe: one per thread.
///
/// The set in a note holds classes of actions, by their labels. A class in it means one enabled action: whatever sleeps
/// is enabled, so if only one enabled action is of the class, it is that one; if there are more, none of them sleeps.
template <Reducible M>
class Reducer {
 public:
  using State = typename M::State;
  using Action = typename M::Action;

  Reducer(const M& model, Sleeping& shared, std::uint64_t check_every)
      : model_(model), check_every_(check_every), rules_(shared.fired) {
    details_.reserve(kDetailsMax);
  }

  /// A state is expanded that was reached with this note. `actions` are those enabled in it; they outlive the state's
  /// turn.
  void begin(const State& state, std::span<const Action> actions, const OpenNote& note) {
    actions_ = actions;
    known_.assign(actions.size(), Known{});
    if (fired_.size() < actions.size()) fired_.resize(actions.size());
    classes_.assign(actions.size(), kNoClass);
    footprints_.clear();
    for (const Action& action : actions) footprints_.push_back(model_.footprint(state, action));
    if (note.set != 0) send_to_sleep(note);
  }

  /// Does two of the actions in both orders if the model calls them independent; of `check_every` states in one, by
  /// their number.
  void check_some(const State& state, std::uint64_t number) const {
    if (check_every_ == 0 || number % check_every_ != 0 || actions_.size() < 2) return;
    const std::uint64_t draw = number / check_every_;
    const std::size_t a = draw % actions_.size();
    const std::size_t b = (a + 1 + draw / actions_.size() % (actions_.size() - 1)) % actions_.size();
    MC_ASSERT(!independent(footprints_[a], footprints_[b]) || commute(model_, state, actions_[a], actions_[b]),
              "actions that do not touch one another's places must commute; an audit says which do not");
  }

  [[nodiscard]] bool sleeps(std::size_t action) const { return known_[action].sleeps; }
  /// The rules that a sleeping action would fire.
  [[nodiscard]] const RuleSet& rules_of(std::size_t action) { return rules_.set_of(known_[action].rules); }

  /// The action was taken and fired these rules, and the successor was stored after the renaming of this number;
  /// actions are taken in their order. Returns the note of the successor, which lives until the batch ends.
  [[nodiscard]] OpenNote took(std::size_t action, const RuleSet& fired, std::uint32_t renaming) {
    Sleepers sleepers;
    for (std::size_t i = 0; i < actions_.size(); ++i) {
      const bool swaps = known_[i].fires && (i < action || known_[i].sleeps);
      if (!swaps || !independent(footprints_[i], footprints_[action])) continue;
      const std::uint8_t number = renaming == 0 ? class_at(i) : renamed_class(i, renaming);
      sleepers.several |= sleepers.some & bit(number);
      sleepers.some |= bit(number);
      sleepers.of_class[number] = static_cast<std::uint16_t>(i);
    }
    known_[action].fires = true;
    known_[action].rules = kUnnumbered;
    fired_[action] = fired;
    return note_of(sleepers);
  }
  /// The notes that were returned are not needed any more.
  void end_batch() { details_.clear(); }

 private:
  static constexpr std::size_t kClasses = 64;
  static constexpr std::size_t kDetailsMax = VisitedSet::kBatchMax * kClasses;
  static constexpr std::uint8_t kNoClass = 255;
  static constexpr std::uint32_t kUnnumbered = ~std::uint32_t{0};

  struct Known {
    bool sleeps = false;
    bool fires = false;                 // it is known what it fires, and that it does not overflow
    std::uint32_t rules = kUnnumbered;  // the number of these rules, else they are in `fired_`
  };
  struct Sleepers {
    std::uint64_t some = 0;
    std::uint64_t several = 0;  // classes of more than one
    std::array<std::uint16_t, kClasses> of_class;
  };

  [[nodiscard]] static std::uint64_t bit(std::uint8_t number) { return std::uint64_t{1} << number; }
  [[nodiscard]] static std::uint8_t class_of(std::uint64_t label) {
    return static_cast<std::uint8_t>((label * 0x9e37'79b9'7f4a'7c15ULL) >> 58U);
  }
  [[nodiscard]] std::uint8_t class_at(std::size_t action) {
    std::uint8_t& number = classes_[action];
    if (number == kNoClass) number = class_of(model_.label(actions_[action]));
    return number;
  }
  void send_to_sleep(const OpenNote& note) {
    std::uint64_t some = 0;
    std::uint64_t several = 0;
    for (std::size_t i = 0; i < actions_.size(); ++i) {
      several |= some & bit(class_at(i));
      some |= bit(class_at(i));
    }
    const std::uint64_t meant = note.set & ~several;
    for (std::size_t i = 0; i < actions_.size(); ++i) {
      if ((meant & bit(classes_[i])) == 0) continue;
      const std::uint64_t before = note.set & (bit(classes_[i]) - 1);
      known_[i] = {true, true, note.details[static_cast<std::size_t>(std::popcount(before))]};
    }
  }
  [[nodiscard]] std::uint8_t renamed_class(std::size_t action, std::uint32_t renaming) const {
    if constexpr (Symmetric<M>) return class_of(model_.label(model_.renamed(actions_[action], renaming)));
    static_cast<void>(renaming);
    return class_of(0);
  }

  [[nodiscard]] OpenNote note_of(const Sleepers& sleepers) {
    OpenNote note;
    note.set = sleepers.some & ~sleepers.several;
    const std::size_t first = details_.size();
    for (std::uint64_t left = note.set; left != 0; left &= left - 1) {
      const std::size_t action = sleepers.of_class[static_cast<std::size_t>(std::countr_zero(left))];
      Known& known = known_[action];
      if (known.rules == kUnnumbered) known.rules = rules_.number_of(fired_[action]);
      details_.push_back(known.rules);
    }
    note.details = std::span(details_).subspan(first);
    return note;
  }

  const M& model_;
  std::uint64_t check_every_;
  RuleSetCache rules_;
  std::span<const Action> actions_;
  // Of each action.
  std::vector<Known> known_;
  std::vector<RuleSet> fired_;
  std::vector<std::uint8_t> classes_;  // or kNoClass: nobody has asked yet
  std::vector<Footprint> footprints_;
  std::vector<std::uint32_t> details_;  // of the notes of the batch; never more than it has room for
};

/// What an expander has: a Reducer if the search uses one; nothing at all for a model without footprints.
template <Model M>
struct ReducerOf {
  struct Type {};
};
template <Reducible M>
struct ReducerOf<M> {
  using Type = std::optional<Reducer<M>>;
};

}  // namespace mc
