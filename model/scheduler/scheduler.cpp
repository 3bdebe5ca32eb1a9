// ClusterLeaseManager and ClusterResourceScheduler: rows R5 to R8 and R10, and the choice behind them (section 4.3).
// Abstraction: scores of the hybrid policy are replaced by a free choice among the nodes that pass its filters, local
// first where Ray always takes local (ADR-0006).
#include "model/scheduler/scheduler.hpp"

#include <algorithm>

#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/raylet/drain.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/scheduler/view.hpp"

namespace raymc {
namespace {

constexpr std::string_view kFile = "src/ray/raylet/scheduling/cluster_lease_manager.cc";

/// The raylet `node` sees enough free CPUs at `other`; in the free view any node may look available.
bool looks_available(const View& view, NodeId node, NodeId other, KeyId key) {
  if (!view.config.tracked()) return true;
  return view.s.raylet(node).view.rows[other.value] >= row_of(view.config.cpus_of(key));
}

/// The node cache of `node` holds `other` alive.
bool has_live_record(const View& view, NodeId node, NodeId other) {
  const Raylet& raylet = view.s.raylet(node);
  return has_bit(raylet.known_nodes, other.value) && !has_bit(raylet.dead_nodes, other.value);
}

void append(const Action& base, Choice choice, NodeId target, std::vector<Action>& out) {
  Action action = base;
  action.choice = choice;
  action.target = target;
  out.push_back(action);
}

/// The request prefers the local node outright: it was spilled here, or locality chose this node.
bool prefers_local(const View& view, const Lease& lease) {
  return (lease.spilled && view.config.has(Safeguard::kSpillbackRejects)) ||
         view.config.locality_of(lease.key) == lease.node || lease.by_locality;
}

/// Appends the remote decisions: a rejection for a spilled request, a redirect to each candidate otherwise.
void append_remote(const View& view, const Action& base, bool only_available, std::vector<Action>& out) {
  const Lease& lease = view.s.lease(base.lease);
  for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
    const NodeId other{n};
    if (!eligible(view, base.node, other) || !view.config.feasible(other, lease.key)) continue;
    if (only_available && !looks_available(view, base.node, other, lease.key)) continue;
    if (lease.spilled && view.config.has(Safeguard::kSpillbackRejects)) {
      append(base, Choice::kReject, NodeId::none(), out);
      return;
    }
    append(base, Choice::kRedirect, other, out);
  }
}

/// In the free view a node that drains may or may not be known to: whether each remote choice could be ruled out by it.
bool may_avoid_all(const View& view, const Action& base) {
  const Lease& lease = view.s.lease(base.lease);
  for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
    if (!eligible(view, base.node, NodeId{n}) || !view.config.feasible(NodeId{n}, lease.key)) continue;
    if (!may_avoid(view, NodeId{n})) return false;
  }
  return true;
}

constexpr Transition kScheduleLocal{
    .row = Row::kR5,
    .id = "scheduler.R5.schedule_local",
    .doc = "the scheduler chooses the local node; the request joins its queue and is granted if it can be",
    .source = {kFile, "ScheduleOnNode"},
    .logs = says(LogKind::kLocal),
    .component = Component::kRaylet,
    .trigger = inside(),
    .effect =
        [](Step& step, const Action& a) {
          Lease& lease = step.s.lease(a.lease);
          if (all_local(step.view(), a.node, lease.arguments)) {
            lease.stage = LeaseStage::kGrantWait;
            step.s.raylet(a.node).waiting.add(a.lease, "lease requests waiting at a raylet");
          } else {
            lease.stage = LeaseStage::kWaitArgs;
          }
          grant_pass(step, a.node);
        },
};

constexpr Transition kRedirect{
    .row = Row::kR6,
    .id = "scheduler.R6.redirect",
    .doc = "the scheduler chooses another node; the owner is sent there",
    .source = {kFile, "ScheduleOnNode"},
    .logs = says(LogKind::kSpill),
    .component = Component::kRaylet,
    .trigger = inside(),
    .effect =
        [](Step& step, const Action& a) {
          Lease& lease = step.s.lease(a.lease);
          lease.stage = LeaseStage::kNone;
          lease_has_ended(step, a.lease);
          // Optimistic deduction: only if the row still shows room, and never below zero.
          const std::uint8_t cpus = step.config.cpus_of(lease.key);
          RowCpus& row = step.s.raylet(a.node).view.rows[a.target.value];
          if (step.config.tracked() && row >= row_of(cpus)) row = static_cast<RowCpus>(row - cpus);
          if (!step.ray_check(has_live_record(step.view(), a.node, a.target), RayCheck::kSpillbackHasAddress, a.node))
            return;
          answer_held(step, a.lease, [&](const Call& call) { answer_redirect(step, call, a.target); });
        },
};

constexpr Transition kReject{
    .row = Row::kR7,
    .id = "scheduler.R7.reject",
    .doc = "the scheduler would send a spilled request elsewhere; it is rejected",
    .source = {kFile, "ScheduleOnNode"},
    .component = Component::kRaylet,
    .trigger = inside(),
    .effect =
        [](Step& step, const Action& a) {
          step.s.lease(a.lease).stage = LeaseStage::kNone;
          lease_has_ended(step, a.lease);
          answer_held(step, a.lease, [&](const Call& call) { answer(step, call, Reply::kRejected); });
        },
};

constexpr Transition kInfeasible{
    .row = Row::kR8,
    .id = "scheduler.R8.infeasible",
    .doc = "no node can ever run the request; it waits among the infeasible ones",
    .source = {kFile, "ScheduleAndGrantLeases"},
    .logs = says(LogKind::kInfeasible),
    .component = Component::kRaylet,
    .trigger = inside(),
    .effect = [](Step& step, const Action& a) { step.s.lease(a.lease).stage = LeaseStage::kInfeasible; },
};

constexpr Transition kRows[] = {
    kScheduleLocal,
    kRedirect,
    kReject,
    kInfeasible,
    {
        .row = Row::kR10,
        .id = "scheduler.R10.feasible_again",
        .doc = "a node that can run an infeasible request is known now; the request is scheduled again",
        .source = {kFile, "TryScheduleInfeasibleLease"},
        .logs = says(LogKind::kFeasible),
        .component = Component::kRaylet,
        .trigger = each(Moment::kLease),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              if (view.s.lease(base.lease).stage == LeaseStage::kInfeasible) decisions(view, base, out);
            },
        .guard = [](const View&, const Action& a) { return a.choice != Choice::kInfeasible; },
        .effect = [](Step& step, const Action& a) { carry_out(step, a); },
    },
};

}  // namespace

std::span<const Transition> scheduler_rows() {
  return kRows;
}

bool available_at(const View& view, NodeId node, KeyId key) {
  return view.s.raylet(node).available >= view.config.cpus_of(key);
}

bool may_avoid(const View& view, NodeId other) {
  return !view.config.tracked() && view.s.raylet(other).drain != Drain::kNone;
}

bool eligible(const View& view, NodeId node, NodeId other) {
  if (other == node || has_bit(view.s.raylet(node).draining_nodes, other.value)) return false;
  if (!view.config.tracked()) return has_live_record(view, node, other);
  const bool unasked = !view.config.has(Safeguard::kChoiceNeedsLiveRecord);
  return view.s.raylet(node).view.rows[other.value] != 0 && (unasked || has_live_record(view, node, other));
}

bool looks_available_here(const View& view, NodeId node, KeyId key) {
  if (!view.config.tracked() || view.config.has(Safeguard::kOwnRowIsLocal)) return available_at(view, node, key);
  return view.s.raylet(node).view.rows[node.value] >= row_of(view.config.cpus_of(key));
}

void decisions(const View& view, const Action& base, std::vector<Action>& out) {
  const Lease& lease = view.s.lease(base.lease);
  const NodeId node = base.node;
  if (view.config.affinity_of(lease.key).exists()) {
    affinity_decisions(view, base, out);
    return;
  }
  const bool local_feasible = takes_work(view, node) && view.config.feasible(node, lease.key);
  const std::size_t before = out.size();
  if (local_feasible && looks_available_here(view, node, lease.key)) {
    append(base, Choice::kLocal, NodeId::none(), out);
    // From half use on the hybrid policy may prefer an emptier node, unless the local node is preferred outright.
    const int total = view.config.total_cpus(node);
    const bool half_used = total > 0 && 2 * view.s.raylet(node).available <= total;
    if (half_used && !prefers_local(view, lease)) append_remote(view, base, true, out);
    return;
  }
  append_remote(view, base, true, out);
  const bool some_available = out.size() > before;
  if (some_available && view.config.tracked()) return;
  if (local_feasible) append(base, Choice::kLocal, NodeId::none(), out);
  if (some_available) return;
  if (!local_feasible || !prefers_local(view, lease)) append_remote(view, base, false, out);
  if (out.size() == before || (!local_feasible && may_avoid_all(view, base))) {
    append(base, Choice::kInfeasible, NodeId::none(), out);
  }
}

void spill_decisions(const View& view, const Action& base, std::vector<Action>& out) {
  if (view.config.affinity_of(view.s.lease(base.lease).key).exists()) return;  // its target is here
  append_remote(view, base, true, out);
}

void carry_out(Step& step, const Action& a) {
  switch (a.choice) {
    case Choice::kLocal: perform(step, kScheduleLocal, a); break;
    case Choice::kRedirect: perform(step, kRedirect, a); break;
    case Choice::kReject: perform(step, kReject, a); break;
    case Choice::kUnschedulable: perform(step, transition_of(Row::kR9), a); break;
    case Choice::kInfeasible: perform(step, kInfeasible, a); break;
    case Choice::kNone: MC_ASSERT(false, "a scheduling row carries a decision");
  }
}

}  // namespace raymc
