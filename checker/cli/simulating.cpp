#include "checker/cli/simulating.hpp"

#include <fmt/format.h>

namespace mc {

std::string walk_words(PropertyKind kind, const std::optional<Sighting>& first) {
  if (is_liveness(kind)) return "not judged by walks";
  const bool reachable = kind == PropertyKind::kReachable;
  if (!first) return reachable ? "not seen" : "not broken";
  return std::string(reachable ? "seen" : "broken") + " in walk " + std::to_string(first->walk) + " at step " +
         std::to_string(first->depth);
}

std::string again_command(const ProgramInfo& info, const CommandLine& line, const std::string& path,
                          std::uint64_t walk) {
  std::string command = info.name + " simulate " + path;
  if (!line.profile.empty()) command += " --profile " + line.profile;
  for (const std::string& set : line.sets) command += " --set " + set;
  return command + " --depth " + std::to_string(line.walk.depth_max) + " --seed " + std::to_string(line.walk.seed) +
         " --walk " + std::to_string(walk);
}

ExitCode write_simulation(const SimulationAnswer& answer, const std::string& stem, bool quiet, OutFolder& out,
                          Console& console) {
  if (!out.asked()) {
    if (answer.trace && !quiet) console.say("--out DIR keeps the trace as a file");
    return ExitCode::kAsExpected;
  }
  bool written = out.write(stem + ".simulation.json", json_simulation({answer}));
  if (answer.trace) written = out.write(stem + ".trace.json", to_json(*answer.trace)) && written;
  return written ? ExitCode::kAsExpected : ExitCode::kCannotWrite;
}

void WalkView::show(std::uint64_t walks, std::uint64_t steps) {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  if (quiet_ || (!live_ && seconds < next_seconds_)) return;
  const double speed = seconds > 0 ? static_cast<double>(steps) / seconds : 0.0;
  const std::string text =
      fmt::format("{}: {:.0f} s, {} walks, {} steps, {:.0f} steps/s", scenario_, seconds, walks, steps, speed);
  out_.write(live_ ? "\r\033[2K" + text : text + "\n");
  shown_ = live_;
  while (next_seconds_ <= seconds) next_seconds_ *= 2;
}

void WalkView::finish() {
  if (shown_) out_.write("\r\033[2K");
  shown_ = false;
}

}  // namespace mc
