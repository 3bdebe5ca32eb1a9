#include "specs/logs/demands.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "model/ids.hpp"
#include "model/shape.hpp"

namespace raymc {
namespace {

constexpr int kOne = 10'000;
constexpr std::string_view kCpu = "CPU";

int amount_of(const Resources& resources, const std::string& name) {
  const auto found = resources.find(name);
  return found == resources.end() ? 0 : found->second;
}

int cpus_of(const Resources& resources) {
  return amount_of(resources, std::string(kCpu));
}

/// The node has what the key asks for beside CPUs.
bool may_run(const Resources& node, const Resources& key) {
  return std::all_of(key.begin(), key.end(), [&](const auto& asked) {
    return asked.first == kCpu || amount_of(node, asked.first) >= asked.second;
  });
}

}  // namespace

Resources resources_in(std::string_view text) {
  Resources resources;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(", "));
    text.remove_prefix(std::min(text.size(), item.size() + 2));
    const std::size_t colon = item.rfind(": ");
    if (colon == std::string_view::npos) continue;
    const double amount = std::strtod(std::string(item.substr(colon + 2)).c_str(), nullptr);
    if (!(amount > 0) || amount > 100'000) continue;  // memory is counted in bytes and has no place here
    resources[std::string(item.substr(0, colon))] = static_cast<int>(std::lround(amount * kOne));
  }
  return resources;
}

std::optional<Demands> demands_of(const std::vector<Resources>& nodes, const std::vector<Resources>& keys,
                                  std::string& why) {
  Demands demands;
  int unit = kOne;
  for (const Resources& key : keys) {
    if (cpus_of(key) % kOne == kOne / 2) unit = kOne / 2;
  }
  for (const Resources& node : nodes) {
    const int cpus = cpus_of(node) / unit;
    demands.nodes.push_back(std::min<int>(cpus, kCpusMax));
    if (cpus > kCpusMax) {
      demands.notes.push_back("a node of " + std::to_string(cpus_of(node) / kOne) + " CPUs is taken for a smaller one");
    }
  }
  // As many processes start at a time as the node has CPUs, which are counted in halves here.
  int most = 1;
  for (const Resources& node : nodes) most = std::max(most, cpus_of(node) / kOne);
  demands.starts = unit == kOne ? int{kStartsAsCpus} : most;
  for (const Resources& key : keys) demands.keys.push_back((cpus_of(key) + unit - 1) / unit);
  for (std::size_t k = 0; k < keys.size(); ++k) {
    int least = demands.keys[k];
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      if (!may_run(nodes[n], keys[k])) least = std::max(least, demands.nodes[n] + 1);
    }
    if (least == demands.keys[k]) continue;
    demands.keys[k] = least;
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      if (may_run(nodes[n], keys[k])) demands.nodes[n] = std::max(demands.nodes[n], least);
    }
    demands.notes.emplace_back("a resource that only some nodes have is taken for more CPUs than the others have");
  }
  const bool fits = std::all_of(demands.keys.begin(), demands.keys.end(), [](int cpus) { return cpus <= kCpusMax; });
  if (fits) return demands;
  why = "tasks and nodes of more CPUs than the model has room for (" + std::to_string(int{kCpusMax}) + ")";
  return std::nullopt;
}

}  // namespace raymc
