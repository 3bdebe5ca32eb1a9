#include "checker/store/address_space.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace mc {
namespace {

std::size_t soft_limit(__rlimit_resource resource) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kNoLimit;
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace

AddressSpace address_space() {
  const std::size_t all = soft_limit(RLIMIT_AS);
  const std::size_t data = soft_limit(RLIMIT_DATA);
  if (all == kNoLimit && data == kNoLimit) return {};
  // In pages: size, resident, shared, text, library, data and stack.
  unsigned long size = 0;
  unsigned long written = 0;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "r"), &std::fclose);
  if (file) static_cast<void>(std::fscanf(file.get(), "%lu %*u %*u %*u %*u %lu", &size, &written));
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const auto left = [&](std::size_t limit, std::size_t pages) {
    return limit == kNoLimit ? kNoLimit : limit - std::min(limit, pages * page);
  };
  const AddressSpace in_all{all, left(all, size), "address space (ulimit -v)"};
  const AddressSpace in_data{data, left(data, written), "data (ulimit -d)"};
  return in_all.left <= in_data.left ? in_all : in_data;
}

std::string words(const AddressSpace& space) {
  return "the limit of " + std::to_string(space.limit >> 20U) + " MiB on " + space.name;
}

}  // namespace mc
