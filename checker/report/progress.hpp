// What a person sees while a search runs: one live line on a terminal, plain lines at growing intervals elsewhere.
// Always on stderr, never part of an answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/engine/options.hpp"
#include "checker/report/files.hpp"

namespace mc {

/// What is left of a search, where that can be said honestly; empty where it cannot. If the scenario states how many
/// states there are: the rest of them. Otherwise, once three levels in a row have shrunk: what the remaining ones would
/// have if they went on shrinking like these.
[[nodiscard]] std::optional<std::uint64_t> states_left(std::uint64_t states, std::optional<std::uint64_t> expected,
                                                       const std::vector<std::uint64_t>& levels);

/// Level sizes as a row of bars, the last `count` of them; one character, of several bytes, for each.
[[nodiscard]] std::string bars(const std::vector<std::uint64_t>& levels, std::size_t count);

/// The first `columns` characters of a UTF-8 text.
[[nodiscard]] std::string clipped(const std::string& text, std::size_t columns);

/// Shows the progress of one search at a time. Not thread-safe: belongs to the thread that called `search`.
class ProgressView {
 public:
  /// `out` must outlive the view. `expected` is the number of states that the scenario states.
  ProgressView(Output& out, std::string scenario, std::optional<std::uint64_t> expected = {})
      : out_(out), scenario_(std::move(scenario)), expected_(expected), live_(out.is_terminal()) {}
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;
  ~ProgressView() { finish(); }

  void show(const Progress& progress);
  /// Removes the live line.
  void finish();

 private:
  [[nodiscard]] std::string line(const Progress& progress, double speed) const;

  Output& out_;
  std::string scenario_;
  std::optional<std::uint64_t> expected_;
  bool live_;
  bool shown_ = false;
  double next_line_seconds_ = 5.0;     ///< for plain lines: 5 s, 10 s, 20 s, ...
  std::vector<std::uint64_t> levels_;  ///< sizes of the levels that were seen; 0 where a look came too late
  double last_seconds_ = 0.0;
  std::uint64_t last_states_ = 0;
};

}  // namespace mc
