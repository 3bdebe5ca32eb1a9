#include "checker/cli/memory_plan.hpp"

#include <fmt/format.h>

namespace mc {
namespace {

std::string size_text(std::size_t bytes) {
  constexpr double kMiB = 1024.0 * 1024.0;
  const double mebibytes = static_cast<double>(bytes) / kMiB;
  return mebibytes < 2048 ? fmt::format("{:.0f} MiB", mebibytes) : fmt::format("{:.1f} GiB", mebibytes / 1024);
}

std::string frontier_text(const CommandLine& line, std::size_t limit) {
  if (line.store == StoreKind::kExact)
    return "the exact store keeps every state in memory, those of the frontier among them (--store fingerprint needs "
           "about 9 bytes for each, and its frontier can go to disk)";
  if (line.frontier == FrontierPlace::kMemory) return "the level that is explored stays in memory, as asked";
  const std::string where = "packed in a file in " + line.disk.string() +
                            ", and about 30 bytes in memory for each state of the level that is found";
  if (line.frontier == FrontierPlace::kDisk) return "the frontier stands " + where;
  return fmt::format("from the first level of more than {} on the frontier stands {}", size_text(limit / 8), where);
}

}  // namespace

std::string memory_plan(const CommandLine& line) {
  if (!line.limits.memory_max_bytes) return {};
  const std::size_t limit = *line.limits.memory_max_bytes;
  const std::string full = line.checkpoint ? "ends inconclusive, with a checkpoint in " + line.checkpoint->string() +
                                                 "; of a scenario with promises nothing is kept, it begins again"
                                           : "ends inconclusive, and without --checkpoint nothing is kept";
  return fmt::format(
      "memory: at most {} for the whole process; {}; tables grow while there is room, and when there is none the run "
      "{}",
      size_text(limit), frontier_text(line, limit), full);
}

}  // namespace mc
