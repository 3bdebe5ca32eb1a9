#include "checker/engine/memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "checker/store/address_space.hpp"

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

std::size_t available_on_machine() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/meminfo", "r"), &std::fclose);
  std::array<char, 128> line{};
  unsigned long long kib = 0;
  while (file && std::fgets(line.data(), static_cast<int>(line.size()), file.get()) != nullptr) {
    if (std::sscanf(line.data(), "MemAvailable: %llu", &kib) == 1) return static_cast<std::size_t>(kib) * 1024;
  }
  return kNoLimit;
}

}  // namespace

std::size_t available_bytes(const MemoryGroups& groups) {
  return std::min({available_on_machine(), groups.room().left, address_space().left});
}

std::string shortage_words(const MemoryGroups& groups) {
  // A limit of which half is left is not what is lacking.
  const auto lacking = [](std::size_t limit, std::size_t left) { return limit != kNoLimit && left <= limit / 2; };
  const AddressSpace space = address_space();
  if (lacking(space.limit, space.left)) return "out of memory: " + words(space) + " leaves no room";
  const CgroupRoom group = groups.room();
  if (!lacking(group.limit, group.left)) return "out of memory";
  return "out of memory: the limit of " + std::to_string(group.limit >> 20U) +
         " MiB on the control group's memory leaves no room";
}

std::size_t peak_resident_bytes() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

}  // namespace mc
