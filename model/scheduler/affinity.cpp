// Hard NodeAffinity: row R9 of section 8.3 and the choice behind it (NodeAffinitySchedulingPolicy). Ray takes the
// target while it is feasible, also when it has to wait there, and fails the request in every other case.
#include "model/network.hpp"
#include "model/raylet/drain.hpp"
#include "model/rows.hpp"
#include "model/scheduler/scheduler.hpp"

namespace raymc {
namespace {

constexpr Transition kRows[] = {
    {
        .row = Row::kR9,
        .id = "scheduler.R9.fail_hard_affinity",
        .doc = "the only node that may run the request is not to be had; the request is answered unschedulable",
        .source = {"src/ray/raylet/scheduling/cluster_lease_manager.cc", "ScheduleAndGrantLeases"},
        .logs = says(LogKind::kInfeasible),
        .feature = Feature::kAffinity,
        .component = Component::kRaylet,
        .trigger = inside(),
        .effect =
            [](Step& step, const Action& a) {
              step.s.lease(a.lease).stage = LeaseStage::kNone;
              answer_held(step, a.lease, [&](const Call& call) { answer(step, call, Reply::kUnschedulable); });
            },
    },
};

Action with(const Action& base, Choice choice, NodeId target) {
  Action action = base;
  action.choice = choice;
  action.target = target;
  return action;
}

}  // namespace

std::span<const Transition> affinity_rows() {
  return kRows;
}

void affinity_decisions(const View& view, const Action& base, std::vector<Action>& out) {
  const Lease& lease = view.s.lease(base.lease);
  const NodeId target = view.config.affinity_of(lease.key);
  const bool fits = view.config.feasible(target, lease.key);
  if (target == base.node && fits && takes_work(view, target)) {
    out.push_back(with(base, Choice::kLocal, NodeId::none()));
    return;
  }
  const bool elsewhere = fits && eligible(view, base.node, target);
  if (elsewhere && lease.spilled) out.push_back(with(base, Choice::kReject, NodeId::none()));
  if (elsewhere && !lease.spilled) out.push_back(with(base, Choice::kRedirect, target));
  if (elsewhere && !may_avoid(view, target)) return;
  const bool unheard_of = target != base.node && !has_bit(view.s.raylet(base.node).known_nodes, target.value);
  const bool waits = unheard_of && view.config.has(Safeguard::kUnknownAffinityTargetWaits);
  out.push_back(with(base, waits ? Choice::kInfeasible : Choice::kUnschedulable, NodeId::none()));
}

}  // namespace raymc
