#include "checker/report/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace mc {
namespace {

std::string seconds_text(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::optional<std::uint64_t> states_left(std::uint64_t states, std::optional<std::uint64_t> expected,
                                         const std::vector<std::uint64_t>& levels) {
  if (expected) {
    if (*expected < states) return std::nullopt;
    return *expected - states;
  }
  constexpr std::size_t kShrinking = 3;
  if (levels.size() <= kShrinking) return std::nullopt;
  for (std::size_t i = levels.size() - kShrinking; i < levels.size(); ++i) {
    if (levels[i] == 0 || levels[i] >= levels[i - 1]) return std::nullopt;
  }
  const auto last = static_cast<double>(levels.back());
  const double ratio = last / static_cast<double>(levels[levels.size() - 2]);
  return static_cast<std::uint64_t>(last * ratio / (1.0 - ratio));
}

std::string bars(const std::vector<std::uint64_t>& levels, std::size_t count) {
  static constexpr std::array<std::string_view, 8> kBars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t first = levels.size() > count ? levels.size() - count : 0;
  std::uint64_t most = 1;
  for (std::size_t i = first; i < levels.size(); ++i) most = std::max(most, levels[i]);
  std::string text;
  for (std::size_t i = first; i < levels.size(); ++i) {
    text += kBars[static_cast<std::size_t>(share(levels[i], most) / 100.0 * (kBars.size() - 1) + 0.5)];
  }
  return text;
}

std::string clipped(const std::string& text, std::size_t columns) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U;
    if (begins && characters++ == columns) return text.substr(0, i);
  }
  return text;
}

std::string ProgressView::line(const Progress& progress, double speed) const {
  const std::uint64_t known = progress.transitions > progress.states ? progress.transitions - progress.states : 0;
  std::string text = fmt::format(
      "{}: {}, depth {}, {} states, {:.0f} states/s, frontier {} ({:.0f} % done), {:.0f} % duplicates, {:.0f} MiB, "
      "table {:.0f} % full",
      scenario_, seconds_text(progress.seconds), progress.depth, progress.states, speed, progress.frontier,
      share(progress.expanded, progress.frontier), share(known, progress.transitions),
      static_cast<double>(progress.resident_bytes) / (1024.0 * 1024.0), 100.0 * progress.table_load);
  if (levels_.size() > 1 && levels_[levels_.size() - 2] > 0) {
    text += fmt::format(", level x {:.2f}",
                        static_cast<double>(levels_.back()) / static_cast<double>(levels_[levels_.size() - 2]));
  }
  const std::optional<std::uint64_t> left = states_left(progress.states, expected_, levels_);
  if (left && speed > 0) {
    text += fmt::format(", {}{} states left ({})", expected_ ? "" : "about ", *left,
                        seconds_text(static_cast<double>(*left) / speed));
  }
  return text;
}

void ProgressView::show(const Progress& progress) {
  levels_.resize(progress.depth + std::size_t{1});
  levels_.back() = progress.frontier;
  if (!live_ && progress.seconds < next_line_seconds_) return;
  const double elapsed = progress.seconds - last_seconds_;
  // A second search of one check, such as that of a twin, begins with fewer states than the first one ended with.
  const std::uint64_t states = progress.states - std::min(progress.states, last_states_);
  const double speed = elapsed > 0 ? static_cast<double>(states) / elapsed : 0.0;
  last_seconds_ = progress.seconds;
  last_states_ = progress.states;
  const std::string text = line(progress, speed);
  if (live_) {
    // A line that wraps could not be taken back; the last column stays free, for some terminals wrap there already.
    const std::size_t columns = out_.columns();
    out_.write("\r\033[2K" + clipped(text + " " + bars(levels_, 24), columns > 1 ? columns - 1 : 79));
    shown_ = true;
    return;
  }
  out_.write(text + "\n");
  while (next_line_seconds_ <= progress.seconds) next_line_seconds_ *= 2;
}

void ProgressView::finish() {
  if (shown_) out_.write("\r\033[2K");
  shown_ = false;
}

}  // namespace mc
