// What a search counts: a Tally of one level, taken per thread and merged, and the Ledger of the finished levels, from
// which the verdict is written. Every merge is a sum, a minimum or an "or", so that the order of merging is no matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/verdict.hpp"
#include "checker/engine/keeper.hpp"
#include "checker/store/frontier.hpp"
#include "checker/store/link.hpp"

namespace mc {

/// No state of the level.
inline constexpr std::uint64_t kNoRank = std::numeric_limits<std::uint64_t>::max();

/// An action whose effect did not fit a bounded container.
struct Overflow {
  Link link;
  std::string what;  ///< which container
};

/// Counts over a part of one level. Not thread-safe: one per thread.
struct Tally {
  std::uint64_t states = 0;  ///< what the representatives stand for; so are the other counts
  std::uint64_t transitions = 0;
  std::uint64_t taken = 0;  ///< transitions from the representatives themselves
  std::uint64_t quiescent = 0;
  bool cut = false;                       ///< a state with an enabled action was not expanded
  std::vector<std::uint64_t> fired;       ///< per rule
  std::vector<std::uint64_t> first_rank;  ///< per property: least rank of a state that breaks it (Reachable: meets it)
  std::vector<char> occurred;             ///< per property: whether a state of the level is one that it is about
  std::optional<Overflow> overflow;       ///< that with the least link

  Tally(std::size_t properties, std::size_t rules)
      : fired(rules, 0), first_rank(properties, kNoRank), occurred(properties, 0) {}
  /// `times` in as many states.
  void note_fired(const RuleSet& rules, std::uint64_t times);
  void note_overflow(Link link, const char* what);
  void merge(const Tally& other);
};

/// Where the exploration ended.
enum class Stop : std::uint8_t {
  kExhausted,      ///< every reachable state was judged and expanded
  kViolated,       ///< at the end of the level with the first violation
  kDeclaredBound,  ///< a limit on depth or states that the scenario declares left states unexpanded
  kBound,          ///< the same, of a limit that it does not declare
  kOther,          ///< anything else: see the reason
};

/// True if every level up to the end was explored, so that what the graph says of runs is true.
[[nodiscard]] constexpr bool ended_between_levels(Stop stop) {
  return stop == Stop::kExhausted || stop == Stop::kDeclaredBound || stop == Stop::kBound;
}

/// What the finished levels say. Belongs to the coordinating thread.
class Ledger {
 public:
  /// `judgements` names the properties in their order; `rules` is empty for a model that is not instrumented.
  Ledger(std::vector<Judgement> judgements, std::vector<std::string> rules);

  void add_level(const Frontier& level, const Tally& tally);
  /// A property of liveness that is broken, by a run that can be told to be lost at this depth.
  void add_failed_promise(std::size_t property, std::uint32_t depth);
  /// A property of liveness that no run breaks in what was explored.
  void add_kept_promise(std::size_t property) { kept_[property] = 1; }
  /// Per property: whether it still has to be looked at. A Reachable property that was met is settled.
  [[nodiscard]] const std::vector<char>& open() const { return open_; }
  /// Per property: whether a state that it is about was seen.
  [[nodiscard]] const std::vector<char>& occurred() const { return occurred_; }
  /// Position of the violated property that comes first: one that is judged on states before one that is judged on
  /// runs, then by (depth, position). So it is the same one whether the search went on after it or not. Empty: none.
  [[nodiscard]] std::optional<std::size_t> violated() const { return violated_; }
  /// The first state that breaks the property (Reachable: meets it).
  [[nodiscard]] std::optional<StateId> first_state(std::size_t property) const { return first_state_[property]; }
  /// What the ledger knows, and its inverse, which requires `fits`.
  [[nodiscard]] SavedLedger saved() const;
  void restore(const SavedLedger& saved);
  /// The counts alone: nothing is known of any property.
  void restore_counts(const SavedLedger& saved);
  /// True if it is of the same properties and rules.
  [[nodiscard]] bool fits(const SavedLedger& saved) const;
  [[nodiscard]] std::uint64_t states() const { return verdict_.states; }
  /// Transitions that were taken, from representatives.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  /// Writes the verdict. `reason` is empty unless the search ended at a bound or for another cause.
  [[nodiscard]] Verdict conclude(Stop stop, const std::string& reason) const;

 private:
  [[nodiscard]] Outcome outcome_of(std::size_t property, Stop stop) const;
  void note_violation(std::size_t property);
  void note_occurrence(std::size_t property);

  Verdict verdict_;
  std::vector<char> kept_;  // per property of liveness: judged, and no run breaks it
  std::vector<char> open_;
  std::vector<char> occurred_;
  std::vector<std::optional<StateId>> first_state_;
  std::optional<std::size_t> violated_;
  std::uint64_t taken_ = 0;
};

}  // namespace mc
