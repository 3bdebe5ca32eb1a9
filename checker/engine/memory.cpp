#include "checker/engine/memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <memory>

namespace mc {

std::size_t resident_bytes() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "r"), &std::fclose);
  if (!file) return 0;
  unsigned long size_pages = 0;
  unsigned long resident_pages = 0;
  if (std::fscanf(file.get(), "%lu %lu", &size_pages, &resident_pages) != 2) return 0;
  return static_cast<std::size_t>(resident_pages) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

namespace {

/// The number that one of the system's small files holds, or the greatest one.
std::size_t number_in(const char* path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "r"), &std::fclose);
  unsigned long long number = 0;
  if (!file || std::fscanf(file.get(), "%llu", &number) != 1) return std::numeric_limits<std::size_t>::max();
  return static_cast<std::size_t>(number);
}

std::size_t available_on_machine() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/meminfo", "r"), &std::fclose);
  std::array<char, 128> line{};
  unsigned long long kib = 0;
  while (file && std::fgets(line.data(), static_cast<int>(line.size()), file.get()) != nullptr) {
    if (std::sscanf(line.data(), "MemAvailable: %llu", &kib) == 1) return static_cast<std::size_t>(kib) * 1024;
  }
  return std::numeric_limits<std::size_t>::max();
}

}  // namespace

std::size_t available_bytes() {
  // A container's own bound, if this process is in one.
  const std::size_t bound = number_in("/sys/fs/cgroup/memory.max");
  const std::size_t used = number_in("/sys/fs/cgroup/memory.current");
  const std::size_t in_container =
      bound == std::numeric_limits<std::size_t>::max() ? bound : bound - std::min(bound, used);
  return std::min(available_on_machine(), in_container);
}

std::size_t peak_resident_bytes() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

}  // namespace mc
