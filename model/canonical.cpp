#include "model/canonical.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "model/encode.hpp"

namespace raymc {
namespace {

/// What is seen of a raylet without looking at a name that may change. Equal for raylets that nothing tells apart;
/// raylets of equal colour may still differ, for a colour need not hold everything.
using Colour = std::uint64_t;

/// Packs small numbers into a colour.
class Palette {
 public:
  void add(std::uint64_t value, unsigned width) {
    colour_ |= value << used_;
    used_ += width;
  }
  void add(bool value) { add(value ? 1U : 0U, 1); }
  [[nodiscard]] Colour colour() const { return colour_; }

 private:
  Colour colour_ = 0;
  unsigned used_ = 0;
};

/// Leases keep their names, so that which leases a raylet was asked for tells it apart best.
Colour colour_of(const Config& config, const State& s, NodeId node) {
  const std::uint8_t n = node.value;
  const Raylet& raylet = s.raylets[n];
  Palette seen;
  std::uint64_t leases = 0;
  for (std::uint8_t l = 0; l < config.room().leases; ++l) {
    if (s.leases[l].used && s.leases[l].node == node) leases |= std::uint64_t{1} << l;
  }
  seen.add(leases, kLeasesMax);
  seen.add(static_cast<std::uint64_t>(s.gcs.nodes[n]), 2);
  seen.add(s.gcs.mailboxes[n].size(), 3);
  seen.add(raylet.alive);
  seen.add(raylet.shutting_down);
  seen.add(raylet.hung);
  seen.add(static_cast<std::uint64_t>(raylet.drain), 2);
  seen.add(static_cast<std::uint8_t>(raylet.available) & 15U, 4);
  for (std::uint8_t o = 0; o < config.owners(); ++o) seen.add(has_bit(s.owners[o].dead_nodes, n));
  const std::uint8_t first = config.first_worker(n);
  for (std::uint8_t slot = 0; slot < std::min<std::uint8_t>(2, config.shape.nodes[n].workers); ++slot) {
    const Worker& worker = s.workers[first + slot];
    seen.add(static_cast<std::uint64_t>(worker.process), 2);
    seen.add(static_cast<std::uint64_t>(worker.place), 3);
    seen.add(static_cast<std::uint64_t>(worker.execution), 3);
  }
  return seen.colour();
}

/// The raylets of all classes in the order of their colours, and where that order leaves a choice.
class Order {
 public:
  Order(const Config& config, const std::vector<Class>& classes, const State& s) : classes_(classes) {
    std::uint8_t begin = 0;
    for (const Class& known : classes) {
      std::uint8_t end = begin;
      for (const std::uint8_t node : known) insert(begin, end++, node, colour_of(config, s, NodeId{node}));
      find_ties(begin, end);
      begin = end;
    }
  }

  /// The names that the raylets get: those of their class, in this order.
  [[nodiscard]] RenamingGroup::NodeNames names() const {
    RenamingGroup::NodeNames names{0, 1, 2, 3};
    std::size_t i = 0;
    for (const Class& known : classes_) {
      for (const std::uint8_t name : known) names[nodes_[i++]] = name;
    }
    return names;
  }

  /// Goes on to the next order that the colours allow; false when all were seen.
  bool advance() {
    for (std::uint8_t t = 0; t < ties_count_; ++t) {
      if (std::next_permutation(nodes_.begin() + ties_[t].first, nodes_.begin() + ties_[t].second)) return true;
    }
    return false;
  }

 private:
  // Stable, so that the members of a tie ascend.
  void insert(std::uint8_t begin, std::uint8_t end, std::uint8_t node, Colour colour) {
    std::uint8_t place = end;
    for (; place > begin && colours_[place - 1U] > colour; --place) {
      nodes_[place] = nodes_[place - 1U];
      colours_[place] = colours_[place - 1U];
    }
    nodes_[place] = node;
    colours_[place] = colour;
  }

  void find_ties(std::uint8_t begin, std::uint8_t end) {
    for (std::uint8_t from = begin; from < end;) {
      std::uint8_t to = from;
      while (to < end && colours_[to] == colours_[from]) ++to;
      if (to - from > 1) ties_[ties_count_++] = {from, to};
      from = to;
    }
  }

  const std::vector<Class>& classes_;
  std::array<std::uint8_t, kNodesMax> nodes_{};                          // class after class
  std::array<Colour, kNodesMax> colours_{};                              // of these
  std::array<std::pair<std::uint8_t, std::uint8_t>, kNodesMax> ties_{};  // from, to
  std::uint8_t ties_count_ = 0;
};

/// Any order of encodings will do, as long as it is one.
int compare(std::span<const std::byte> a, std::span<const std::byte> b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return std::memcmp(a.data(), b.data(), a.size());
}

}  // namespace

std::uint32_t canonicalize(const Config& config, const RenamingGroup& group, const State& state, mc::ByteSink& out) {
  const auto write = [&](const Renaming& renaming, Packed& to) {
    if (&renaming == &group[0]) {
      encode(config, state, to);
    } else {
      encode_renamed(config, state, renaming, to);
    }
  };
  Order order(config, group.classes(), state);
  Packed least;
  write(group.with(order.names()), least);
  // As many orders give the least encoding as there are renamings that leave the state as it is.
  std::uint32_t times = 1;
  while (order.advance()) {
    Packed next;
    write(group.with(order.names()), next);
    const int difference = compare(next.view(), least.view());
    if (difference == 0) ++times;
    if (difference >= 0) continue;
    least = next;
    times = 1;
  }
  out.append(least.view());
  return group.size() / times;
}

}  // namespace raymc
