// What the loss of each safeguard breaks: every scenario is searched again with one safeguard off, the smallest first,
// until a property notices.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/cli/console.hpp"
#include "checker/cli/project.hpp"
#include "checker/engine/search.hpp"

namespace mc {

/// How the loss of one safeguard showed.
struct Loss {
  std::string safeguard;
  std::string origin;                  ///< of the safeguard: where it is from
  std::string property;                ///< that noticed; empty if none did
  std::optional<std::uint32_t> depth;  ///< of the violation; none if a property was never reached, or nothing noticed
  std::string scenario;                ///< in which it was noticed
  std::size_t tried = 0;               ///< scenarios that were searched without it
};

/// A run without a safeguard may have more states than the scenario; it is cut at this many, or at four times its own.
inline constexpr std::uint64_t kLossStatesMax = 1'000'000;

[[nodiscard]] inline std::uint64_t expected_states(const std::optional<Expectation>& expect) {
  return expect && expect->states ? *expect->states : kLossStatesMax;
}

/// Searches `instance`, which was made without the safeguard, and notes in `loss` what noticed.
template <Model M>
void look_for_loss(const Instance<M>& instance, unsigned threads, Console& console, Loss& loss) {
  Options options;
  options.threads = threads;
  options.cancel = console.cancel;
  options.notice = [&](const std::string& what) { console.say(what); };
  options.symmetry = instance.symmetry;
  options.limits = instance.limits;
  const std::uint64_t most = std::max(kLossStatesMax, 4 * expected_states(instance.expect));
  options.limits.states_max = std::min(instance.limits.states_max.value_or(most), most);
  const Verdict verdict = search(instance.model, instance.properties, options).verdict;
  ++loss.tried;
  if (verdict.outcome != Outcome::kViolated && verdict.outcome != Outcome::kUnreached) return;
  loss.property = verdict.violated;
  loss.scenario = instance.path;
  if (verdict.outcome == Outcome::kUnreached) return;
  for (const Judgement& judgement : verdict.judgements) {
    if (judgement.property == verdict.violated) loss.depth = judgement.depth;
  }
}

/// The losses of all safeguards of the catalogue over `instances`, in the catalogue's order. Stops when interrupted.
template <Project P>
[[nodiscard]] std::vector<Loss> losses_of(const P& project, std::vector<Instance<typename P::Model>> instances,
                                          const std::vector<CatalogueEntry>& catalogue, unsigned threads,
                                          Console& console, bool quiet) {
  std::stable_sort(instances.begin(), instances.end(),
                   [](const auto& a, const auto& b) { return expected_states(a.expect) < expected_states(b.expect); });
  std::vector<Loss> losses;
  for (const CatalogueEntry& entry : catalogue) {
    if (entry.kind != EntryKind::kSafeguard) continue;
    Loss loss{entry.id, entry.origin, {}, {}, {}, 0};
    for (const auto& instance : instances) {
      if (console.interrupted()) return losses;
      if (std::find(instance.losable.begin(), instance.losable.end(), entry.id) == instance.losable.end()) continue;
      auto without = project.parse(instance.text, instance.path, {{entry.id, false}});
      MC_ASSERT(without.ok(), "a scenario that was read is read again");
      look_for_loss(without.value(), threads, console, loss);
      if (!loss.property.empty()) break;
    }
    if (!quiet) console.say(loss.safeguard + ": " + (loss.property.empty() ? "nothing notices" : loss.property));
    losses.push_back(std::move(loss));
  }
  return losses;
}

}  // namespace mc
