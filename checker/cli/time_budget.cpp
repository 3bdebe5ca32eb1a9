#include "checker/cli/time_budget.hpp"

#include <algorithm>
#include <cstddef>

namespace mc {
namespace {

/// What is left while a budget is divided.
struct Rest {
  std::uint64_t states = 0;
  std::uint64_t importance = 0;  ///< of all that still wait
  /// The share of one of them. At least one state.
  [[nodiscard]] std::uint64_t share(const Wish& wish) const {
    return std::max<std::uint64_t>(states / importance * wish.importance, 1);
  }
};

constexpr std::uint64_t kStatesMax = 1'000'000'000'000'000;

/// Grants all that can have all they need, again and again.
void grant_wholes(std::span<const Wish> wishes, std::vector<char>& waits, std::vector<Grant>& grants, Rest& rest) {
  for (bool granted = true; granted;) {
    granted = false;
    for (std::size_t i = 0; i < wishes.size(); ++i) {
      if (waits[i] == 0 || !wishes[i].states || *wishes[i].states > rest.share(wishes[i])) continue;
      waits[i] = 0;
      grants[i] = {Grant::Kind::kWhole, *wishes[i].states};
      rest.states -= *wishes[i].states;
      rest.importance -= wishes[i].importance;
      granted = true;
    }
  }
}

/// The one that goes without next; the number of wishes if nobody has to.
std::size_t least_important_whole(std::span<const Wish> wishes, const std::vector<char>& waits) {
  std::size_t least = wishes.size();
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    if (waits[i] == 0 || !wishes[i].whole) continue;
    if (least == wishes.size() || wishes[i].importance <= wishes[least].importance) least = i;
  }
  return least;
}

}  // namespace

std::vector<Grant> divide(std::chrono::milliseconds budget, std::span<const Wish> wishes) {
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(budget.count() / 1000, 1));
  Rest rest{std::min(seconds, kStatesMax / kPlannedStatesPerSecond) * kPlannedStatesPerSecond, 0};
  for (const Wish& wish : wishes) rest.importance += wish.importance;
  std::vector<char> waits(wishes.size(), 1);
  std::vector<Grant> grants(wishes.size());
  grant_wholes(wishes, waits, grants, rest);
  for (std::size_t out = 0; (out = least_important_whole(wishes, waits)) < wishes.size();) {
    waits[out] = 0;
    grants[out] = {Grant::Kind::kNone, 0};
    rest.importance -= wishes[out].importance;
    grant_wholes(wishes, waits, grants, rest);
  }
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    if (waits[i] != 0) grants[i] = {Grant::Kind::kPart, rest.share(wishes[i])};
  }
  return grants;
}

}  // namespace mc
