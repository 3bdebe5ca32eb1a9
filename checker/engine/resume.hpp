// How a search is handed over between two levels and taken up again; see keeper.hpp for what a checkpoint is.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "checker/engine/canonicalizer.hpp"
#include "checker/engine/counterexample.hpp"
#include "checker/engine/frontier_disk.hpp"
#include "checker/engine/keeper.hpp"
#include "checker/engine/level.hpp"
#include "checker/engine/saved_links.hpp"
#include "checker/engine/start.hpp"
#include "checker/engine/stats.hpp"
#include "checker/store/level_states.hpp"
#include "checker/store/links.hpp"
#include "checker/store/parallel.hpp"

namespace mc {

/// One number for the states of a level in their order. Works in parallel.
[[nodiscard]] Fingerprint digest_of(const LevelStates& level);

/// Hands a search over at the beginnings of its levels. Belongs to the coordinating thread.
class HandOver {
 public:
  /// `keeper` may be null: then nothing is done.
  HandOver(SearchKeeper* keeper, const Links& links) : keeper_(keeper), links_(links) {}

  /// A level begins, which the ledger does not count yet: remembers how the search stands, and hands it over if it is
  /// time.
  void begin_level(const LevelStates& level, const Ledger& ledger);
  /// The search ends before the level is explored: hands it over as it stood at its beginning. Never throws.
  void interrupted() noexcept;

 private:
  SearchKeeper* keeper_;
  const Links& links_;
  std::optional<Frontier> frontier_;
  SavedLedger ledger_;
  Fingerprint digest_ = 0;
};

/// Does the steps of one level again, from the states of `frontier`. False if they are not the steps of this model.
template <Model M>
[[nodiscard]] bool redo_level(const std::vector<Link>& steps, const LevelTask& task, Expanders<M>& expanders,
                              std::vector<Findings>& findings, Monitor& monitor) {
  constexpr std::size_t kPiece = 1024;
  const std::uint64_t first = task.frontier.first.value;
  if (steps.empty() || steps.front().parent().value < first ||
      steps.back().parent().value >= first + task.frontier.size()) {
    return false;
  }
  std::vector<std::size_t> cuts{0};
  for (std::size_t next = kPiece; next < steps.size(); next = cuts.back() + kPiece) {
    // A piece ends where a parent does.
    while (next < steps.size() && steps[next].parent() == steps[next - 1].parent()) ++next;
    cuts.push_back(next);
  }
  if (cuts.back() < steps.size()) cuts.push_back(steps.size());
  findings = std::vector<Findings>(cuts.size() - 1);
  std::atomic<bool> fits = true;
  parallel_for(findings.size(), [&](std::size_t i) {
    if (monitor.poll() || !fits.load(std::memory_order_relaxed)) return;
    const auto piece = std::span(steps).subspan(cuts[i], cuts[i + 1] - cuts[i]);
    if (!expanders.local().redo(task, piece, findings[i])) fits.store(false, std::memory_order_relaxed);
  });
  return fits.load();
}

/// True if the ledger counts the levels before the last one, and their sum.
[[nodiscard]] bool counts_agree(const SavedSearch& saved);

/// True if every state that the ledger names meets the Reachable property for which it does, or breaks the other one:
/// which only a search knows of that goes on after a violation.
template <Model M>
[[nodiscard]] bool shows_first_states(const M& model, const Canonicalizer<M>& canonical,
                                      std::span<const Property<M>> properties, bool keep_going,
                                      const SavedLedger& saved, const Links& links) {
  for (std::size_t i = 0; i < properties.size(); ++i) {
    const std::optional<std::uint64_t>& state = saved.first_states[i];
    if (!state) continue;
    if (*state >= links.size()) return false;
    if (properties[i].kind != PropertyKind::kReachable && (!keep_going || is_liveness(properties[i].kind)))
      return false;
    if (!shows(model, trace_to(model, canonical, links, StateId{*state}), properties[i])) return false;
  }
  return true;
}

/// What taking up a search came to.
struct TakenUp {
  Frontier frontier;
  std::string mismatch;  ///< why it is not a search of this model; empty if it is
};

/// How far the steps of a checkpoint were done again, for the reason of an interruption.
[[nodiscard]] inline std::string not_there_yet(const TakenUp& taken, const SavedSearch& saved) {
  return " while the steps of the checkpoint were done again, at depth " + std::to_string(taken.frontier.depth) +
         " of " + std::to_string(saved.levels.size() - 1) + ": to get on takes more";
}

/// Takes up a search: does every step of it again and restores the ledger. `frontier` is its first level. If the
/// monitor interrupts, the ledger has the counts of the checkpoint and the result tells how far the steps were done.
template <Model M>
[[nodiscard]] TakenUp take_up(const M& model, const Canonicalizer<M>& canonical,
                              std::span<const Property<M>> properties, const SavedSearch& saved, Frontier frontier,
                              Expanders<M>& expanders, bool keep_going, VisitedSet& visited, Links& links,
                              FrontierDisk& disk, Ledger& ledger, Monitor& monitor) {
  const auto other = [](std::size_t level) {
    return TakenUp{{}, "the model gives other states at depth " + std::to_string(level) + " than it did"};
  };
  if (!ledger.fits(saved.ledger)) return {{}, "the scenario has other properties or rules than it had"};
  if (!counts_agree(saved)) return {{}, "its counts do not agree with its levels"};
  if (saved.levels.empty() || saved.levels.front().states != frontier.size()) return other(0);
  const std::vector<char> nothing;
  for (std::size_t level = 1; level < saved.levels.size(); ++level) {
    const auto steps = unpacked_links(saved.levels[level].links, saved.levels[level].states);
    if (!steps) return {{}, "the steps to depth " + std::to_string(level) + " cannot be read"};
    const SpilledLevel* const spilled = disk.begin_level(frontier, visited);
    if (states_in(LevelStates(frontier, visited, spilled), canonical) != saved.ledger.verdict.levels[level - 1])
      return other(level - 1);
    monitor.begin_level(frontier.depth, frontier.size(), links.size());
    visited.begin_level(spilled != nullptr);
    std::vector<Findings> findings;
    const LevelTask task{frontier, nothing, nothing, true, false, spilled};
    const bool fits = redo_level(*steps, task, expanders, findings, monitor);
    if (monitor.interrupted()) {
      ledger.restore_counts(saved.ledger);
      return {frontier, {}};
    }
    if (!fits) return other(level);
    frontier = next_level(frontier, findings, visited, links);
    if (frontier.size() != saved.levels[level].states) return other(level);
  }
  const SpilledLevel* const spilled = disk.begin_level(frontier, visited);
  if (digest_of(LevelStates(frontier, visited, spilled)) != saved.digest) return other(saved.levels.size() - 1);
  if (!shows_first_states(model, canonical, properties, keep_going, saved.ledger, links))
    return {{}, "a state does not show what it is said to"};
  ledger.restore(saved.ledger);
  return {frontier, {}};
}

}  // namespace mc
