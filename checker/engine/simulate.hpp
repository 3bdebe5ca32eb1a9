// Simulation: seeded random walks for what is too large to search. It finds violations and proves nothing.
//
// Walks are done in rounds. Within a round every walk is a function of the seed, its number and the weights of the
// rules, which are fixed; at the barrier after it what all its walks fired is added up and gives the weights of the
// next. So the report is the same, byte for byte, on any number of threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "checker/core/refinements.hpp"
#include "checker/core/verdict.hpp"
#include "checker/engine/shorten.hpp"
#include "checker/engine/start.hpp"
#include "checker/engine/walk.hpp"
#include "checker/engine/walk_options.hpp"
#include "checker/engine/workers.hpp"
#include "checker/store/parallel.hpp"

namespace mc {

/// Walks between two barriers.
inline constexpr std::uint64_t kWalksPerRound = 256;

/// A violation that a walk found.
template <Model M>
struct WalkFailure {
  std::size_t property = 0;  ///< position
  std::uint64_t walk = 0;
  Shortened<M> path;
};

template <Model M>
struct SimulationReport {
  std::uint64_t walks = 0;  ///< of the finished rounds; 1 at most if one was asked for
  WalkTally tally{0, 0};    ///< over those walks
  std::vector<std::string> rules;
  std::optional<WalkFailure<M>> failure;
  bool interrupted = false;
};

/// Does the walks of one round, or some of them, and adds what they saw to `whole`.
template <Model M>
void walk_round(const M& model, std::span<const Property<M>> properties, const WalkOptions& options,
                const RuleWeights& weights, std::uint64_t first, std::uint64_t count, WalkTally& whole) {
  constexpr std::uint64_t kPiece = 16;
  std::vector<WalkTally> pieces((count + kPiece - 1) / kPiece, WalkTally(properties.size(), whole.fired.size()));
  parallel_for(pieces.size(), [&](std::size_t piece) {
    Walker<M> walker(model, properties, weights, options.depth_max, options.cancel);
    for (std::uint64_t i = piece * kPiece; i < std::min(count, (piece + 1) * kPiece); ++i) {
      if (options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed)) return;
      static_cast<void>(walker.walk(options.seed, first + i, pieces[piece]));
    }
  });
  for (const WalkTally& piece : pieces) whole.merge(piece);
}

/// The violation that comes first by (walk, depth, position); empty if there is none.
template <Model M>
[[nodiscard]] std::optional<std::size_t> first_violation(std::span<const Property<M>> properties,
                                                         const WalkTally& tally) {
  std::optional<std::size_t> least;
  for (std::size_t i = 0; i < properties.size(); ++i) {
    if (properties[i].kind == PropertyKind::kReachable || !tally.first[i]) continue;
    if (!least || *tally.first[i] < *tally.first[*least]) least = i;
  }
  return least;
}

/// Walks until a round has a violation, all walks are done, or it is interrupted; a round that was interrupted does not
/// count. Properties of liveness are not judged: no walk is long enough. Exceptions of the model leave this function,
/// except CapacityExceeded, at which a walk ends.
template <Model M>
[[nodiscard]] SimulationReport<M> simulate(const M& model,
                                           std::type_identity_t<std::span<const Property<M>>> properties,
                                           const WalkOptions& options) {
  static_assert(refinements_are_whole<M>());
  Workers workers(options.threads, options.notice);
  SimulationReport<M> report;
  report.rules = rules_of(model);
  report.tally = WalkTally(properties.size(), report.rules.size());
  const WalkTally nothing = report.tally;
  const std::uint64_t all = options.only ? *options.only + 1 : options.walks;
  // Only the weights of what went before matter to a walk that is asked for alone.
  std::vector<std::uint64_t> fired_before = nothing.fired;
  std::uint64_t walks_before = 0;
  while (walks_before < all) {
    const bool alone = options.only && walks_before / kWalksPerRound == *options.only / kWalksPerRound;
    const std::uint64_t first = alone ? *options.only : walks_before;
    const std::uint64_t count = alone ? 1 : std::min(kWalksPerRound, all - walks_before);
    const RuleWeights weights = weights_of(fired_before);
    WalkTally tally = alone ? nothing : report.tally;
    workers.execute([&] { walk_round(model, properties, options, weights, first, count, tally); });
    if (options.cancel != nullptr && options.cancel->load()) {
      report.interrupted = true;
      break;
    }
    walks_before = alone ? all : walks_before + count;
    fired_before = tally.fired;
    if (options.progress) options.progress(walks_before, tally.steps);
    report.tally = std::move(tally);
    if (options.only && !alone) continue;
    report.walks = alone ? 1 : walks_before;
    const std::optional<std::size_t> broken = first_violation<M>(properties, report.tally);
    if (!broken) continue;
    const std::uint64_t number = report.tally.first[*broken]->walk;
    WalkTally unused(properties.size(), report.rules.size());
    Trace<M> path = Walker<M>(model, properties, weights, options.depth_max).walk(options.seed, number, unused);
    report.failure = WalkFailure<M>{*broken, number, {}};
    if (options.shorten) {
      report.failure->path = shorten(model, std::move(path), properties[*broken], workers.threads(), options.cancel);
    } else {
      const std::size_t length = path.actions.size();
      report.failure->path = {std::move(path), length, length, "not shortened"};
    }
    break;
  }
  // The walks before the one that was asked for are no part of the answer.
  if (options.only && report.walks == 0) report.tally = nothing;
  return report;
}

}  // namespace mc
