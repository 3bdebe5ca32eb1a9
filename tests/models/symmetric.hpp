// Symmetry for models whose renamings are few: the representative is the least of all renamed encodings, found by
// trying every renaming. The dumb twin of any cleverer way.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "checker/core/model.hpp"

namespace mc::models {

/// All orders of the numbers below `count`, the ascending one first.
inline std::vector<std::vector<std::uint8_t>> all_orders(std::size_t count) {
  std::vector<std::uint8_t> order(count);
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  std::vector<std::vector<std::uint8_t>> orders;
  do {
    orders.push_back(order);
  } while (std::next_permutation(order.begin(), order.end()));
  return orders;
}

/// Writes the least encoding of what the renamings of `model` make of `state`; returns how many encodings there are.
template <class M>
std::uint32_t least_of_orbit(const M& model, const typename M::State& state, ByteSink& out) {
  std::set<std::string> orbit;
  for (std::uint32_t number = 0; number < model.renamings(); ++number) {
    ByteSink sink;
    model.encode(model.renamed(state, number), sink);
    orbit.emplace(reinterpret_cast<const char*>(sink.view().data()), sink.view().size());
  }
  out.append(std::as_bytes(std::span(*orbit.begin())));
  return static_cast<std::uint32_t>(orbit.size());
}

}  // namespace mc::models
