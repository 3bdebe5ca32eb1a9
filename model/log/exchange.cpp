#include "model/log/exchange.hpp"

#include <utility>

#include "model/normalise.hpp"

namespace raymc {
namespace {

/// Says `b` for `a` and `a` for `b`.
template <char Prefix>
class Exchange {
 public:
  Exchange(Id<Prefix> a, Id<Prefix> b) : a_(a), b_(b) {}

  void operator()(Id<Prefix>& id) const {
    if (id == a_) {
      id = b_;
    } else if (id == b_) {
      id = a_;
    }
  }

 private:
  Id<Prefix> a_;
  Id<Prefix> b_;
};

void exchange_workers(State& s, WorkerId a, WorkerId b) {
  const Exchange swapped(a, b);
  std::swap(s.worker(a), s.worker(b));
  for (Worker& worker : s.workers) swapped(worker.port_of);
  for (Lease& lease : s.leases) {
    swapped(lease.owner_worker);
    swapped(lease.worker);
  }
  for (Owner& owner : s.owners) swapped(owner.worker);
  for (Call& call : s.calls) {
    swapped(call.worker);
    swapped(call.granted);
  }
}

void exchange_leases(State& s, LeaseId a, LeaseId b) {
  const Exchange swapped(a, b);
  std::swap(s.lease(a), s.lease(b));
  for (Worker& worker : s.workers) swapped(worker.lease);
  for (Call& call : s.calls) swapped(call.lease);
  for (Raylet& raylet : s.raylets) {
    for (LeaseId& lease : raylet.waiting) swapped(lease);
    for (LeaseId& lease : raylet.pops) swapped(lease);
    const bool has_a = ((raylet.accounts >> a.value) & 1U) != 0;
    const bool has_b = ((raylet.accounts >> b.value) & 1U) != 0;
    if (has_a != has_b) raylet.accounts ^= static_cast<std::uint16_t>((1U << a.value) | (1U << b.value));
  }
}

}  // namespace

bool interchangeable(const Config& config, const State& state, LogSort sort, std::uint8_t a, std::uint8_t b) {
  State other = state;
  if (sort == LogSort::kWorker) {
    if (state.workers[a] == Worker{} || !(state.workers[a] == state.workers[b])) return false;
    if (config.node_of(WorkerId{a}) != config.node_of(WorkerId{b})) return false;
    exchange_workers(other, WorkerId{a}, WorkerId{b});
  } else if (sort == LogSort::kLease) {
    if (!state.leases[a].used || !(state.leases[a] == state.leases[b])) return false;
    exchange_leases(other, LeaseId{a}, LeaseId{b});
  } else {
    return false;
  }
  normalise(config, other);
  return other == state;
}

}  // namespace raymc
