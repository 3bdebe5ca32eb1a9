#include "checker/report/progress.hpp"

#include <fmt/format.h>

namespace mc {

void ProgressView::show(const Progress& progress) {
  if (!live_ && progress.seconds < next_line_seconds_) return;
  const double elapsed = progress.seconds - last_seconds_;
  const double speed = elapsed > 0 ? static_cast<double>(progress.states - last_states_) / elapsed : 0.0;
  last_seconds_ = progress.seconds;
  last_states_ = progress.states;
  const std::string line =
      fmt::format("{}: {:.0f} s, depth {}, {} states, {:.0f} states/s, frontier {} ({} done), {:.0f} MiB", scenario_,
                  progress.seconds, progress.depth, progress.states, speed, progress.frontier, progress.expanded,
                  static_cast<double>(progress.resident_bytes) / (1024.0 * 1024.0));
  if (live_) {
    out_.write("\r\033[2K" + line);
    shown_ = true;
    return;
  }
  out_.write(line + "\n");
  while (next_line_seconds_ <= progress.seconds) next_line_seconds_ *= 2;
}

void ProgressView::finish() {
  if (shown_) out_.write("\r\033[2K");
  shown_ = false;
}

}  // namespace mc
