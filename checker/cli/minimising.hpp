// The smallest scenario that still shows a violation: one thing after another is taken away, and what is left is
// searched again each time. The search finds a shortest path, so that the steps are as few as they can be too.
// Same trace, same bounds: same answer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/cli/answering.hpp"
#include "checker/cli/project.hpp"
#include "checker/engine/counterexample.hpp"
#include "checker/engine/search.hpp"

namespace mc {

/// States that one search of the minimiser may explore, unless the command line says otherwise.
inline constexpr std::size_t kMinimiserStatesMax = 200'000;

template <Project P>
class Minimiser {
 public:
  using M = typename P::Model;

  /// `say` is told what is taken away, as it happens.
  Minimiser(const P& project, const TraceFile& trace, std::size_t states_max, unsigned threads,
            const std::atomic<bool>* cancel, std::function<void(const std::string&)> say)
      : project_(project),
        trace_(trace),
        states_max_(states_max),
        threads_(threads),
        cancel_(cancel),
        say_(std::move(say)) {}

  /// The scenario's text; empty if the violation does not show within the bound. Cost: a search for each thing that can
  /// be taken away, and again until nothing can.
  [[nodiscard]] std::string run() {
    text_ = project_.restated(trace_.scenario_text, trace_.property, std::nullopt, trace_.settings, "");
    length_ = length_of(text_);
    if (!length_) return {};
    const std::uint32_t first = *length_;
    while (take_away_one() && !cancelled()) {
    }
    std::string comment = "The smallest scenario found that still shows " + trace_.property + ", from " +
                          trace_.scenario + ": " + std::to_string(*length_) + " steps instead of " +
                          std::to_string(first) + ".\n";
    for (const std::string& what : gone_) comment += "without " + what + "\n";
    if (gone_.empty()) comment += "nothing could be taken away\n";
    comment += "Nothing more can be taken away by itself";
    comment += " (" + std::to_string(tried_) + " searches of at most " + std::to_string(states_max_) + " states).\n";
    return project_.restated(text_, trace_.property, length_, {}, comment);
  }

  [[nodiscard]] bool cancelled() const { return cancel_ != nullptr && cancel_->load(); }

 private:
  /// Goes on behind what was taken last, so that what failed before is not tried at once again.
  [[nodiscard]] bool take_away_one() {
    const auto candidates = project_.reductions(text_);
    for (std::size_t i = 0; i < candidates.size() && !cancelled(); ++i) {
      const auto& candidate = candidates[(next_ + i) % candidates.size()];
      const std::optional<std::uint32_t> length = length_of(candidate.text);
      if (!length) continue;
      text_ = candidate.text;
      length_ = length;
      next_ = (next_ + i) % candidates.size();
      gone_.push_back(candidate.what);
      say_("without " + candidate.what + ": still violated, after " + std::to_string(*length) + " steps");
      return true;
    }
    return false;
  }

  /// Steps of the shortest counterexample of a scenario's text; none if it is no scenario, or shows no violation within
  /// the bound, or the path does not show it when it is replayed.
  [[nodiscard]] std::optional<std::uint32_t> length_of(const std::string& text) {
    const auto parsed = project_.parse(text, trace_.scenario, {});
    if (!parsed.ok()) return std::nullopt;
    ++tried_;
    const Instance<M>& instance = parsed.value();
    Options options;
    options.threads = threads_;
    options.cancel = cancel_;
    options.limits = instance.limits;
    options.limits.states_max = std::min<std::uint64_t>(instance.limits.states_max.value_or(states_max_), states_max_);
    const Report<M> report = search(instance.model, instance.properties, options);
    if (report.verdict.outcome != Outcome::kViolated || report.verdict.violated != trace_.property) return std::nullopt;
    const Trace<M>& path = *report.counterexample;
    for (const Property<M>& property : instance.properties) {
      if (property.id != trace_.property) continue;
      if (!replays(instance.model, path) || !shows(instance.model, path, property)) return std::nullopt;
    }
    return static_cast<std::uint32_t>(path.actions.size());
  }

  const P& project_;
  const TraceFile& trace_;
  const std::size_t states_max_;
  const unsigned threads_;
  const std::atomic<bool>* cancel_;
  std::function<void(const std::string&)> say_;
  std::string text_;
  std::optional<std::uint32_t> length_;
  std::vector<std::string> gone_;
  std::size_t next_ = 0;
  std::size_t tried_ = 0;
};

}  // namespace mc
