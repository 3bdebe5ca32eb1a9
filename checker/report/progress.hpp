// What a person sees while a search runs: one live line on a terminal, plain lines at growing intervals elsewhere.
// Always on stderr, never part of an answer.
#pragma once

#include <string>

#include "checker/engine/options.hpp"
#include "checker/report/files.hpp"

namespace mc {

/// Shows the progress of one search at a time. Not thread-safe: belongs to the thread that called `search`.
class ProgressView {
 public:
  /// `out` must outlive the view.
  ProgressView(Output& out, std::string scenario)
      : out_(out), scenario_(std::move(scenario)), live_(out.is_terminal()) {}
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;
  ~ProgressView() { finish(); }

  void show(const Progress& progress);
  /// Removes the live line.
  void finish();

 private:
  Output& out_;
  std::string scenario_;
  bool live_;
  bool shown_ = false;
  double next_line_seconds_ = 5.0;  ///< for plain lines: 5 s, 10 s, 20 s, ...
  double last_seconds_ = 0.0;
  std::uint64_t last_states_ = 0;
};

}  // namespace mc
