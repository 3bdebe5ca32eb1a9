// Words for why a path ends where it does: how one step hangs on another, and how a violation could have been avoided.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mc {

/// Why one step must stand before another.
enum class LinkReason : std::uint8_t {
  kEnables,   ///< without the earlier, the later cannot happen
  kPrevents,  ///< after the later, the earlier cannot happen
  kOrder,     ///< either order is possible, and they lead to different states
};

/// A step of the causal chain. Steps are numbered from 1, as a person sees them.
struct ChainLink {
  std::size_t step = 0;
  std::size_t before = 0;  ///< the first later step of the chain that it must precede; 0 for the end of the chain
  LinkReason reason = LinkReason::kEnables;
  friend bool operator==(const ChainLink&, const ChainLink&) = default;
};

/// How a violation is avoided.
enum class RescueEnd : std::uint8_t {
  kKept,      ///< the protocol comes to rest and the claim still holds
  kGoesOn,    ///< the protocol goes on without end and the claim holds all the time
  kPromised,  ///< what was promised comes true
};

}  // namespace mc
