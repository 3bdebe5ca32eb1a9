// What a grant pass does with a whole scheduling class: row R18 of section 8.3.
#include <algorithm>

#include "model/network.hpp"
#include "model/raylet/drain.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/scheduler/scheduler.hpp"

namespace raymc {
namespace {

constexpr std::string_view kManager = "src/ray/raylet/scheduling/local_lease_manager.cc";

/// No node that this raylet may choose can ever run requests of `key`. In the free view it may have heard of a drain.
bool infeasible_everywhere(const View& view, NodeId node, KeyId key) {
  if (takes_work(view, node)) return false;  // what is queued here is feasible here
  const NodeId target = view.config.affinity_of(key);
  for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
    const bool chosen = !target.exists() || target == NodeId{n};
    if (chosen && eligible(view, node, NodeId{n}) && view.config.feasible(NodeId{n}, key) &&
        !may_avoid(view, NodeId{n})) {
      return false;
    }
  }
  return true;
}

/// The oldest waiting request of its class at `node`.
bool first_of_its_class(const View& view, NodeId node, LeaseId id) {
  for (const LeaseId other : view.s.raylet(node).waiting) {
    if (view.s.lease(other).key == view.s.lease(id).key) return other == id;
  }
  return false;
}

/// Takes `id` out of the local queue, and answers it unless that was forgotten (#52295).
void drop(Step& step, LeaseId id) {
  Lease& lease = step.s.lease(id);
  if (lease.stage == LeaseStage::kGrantWorker) free_resources(step, lease.node, lease.key);
  auto& waiting = step.s.raylet(lease.node).waiting;
  waiting.erase(std::remove(waiting.begin(), waiting.end(), id), waiting.end());
  lease.stage = LeaseStage::kNone;
  answer_held(step, id, [&](const Call& call) {
    if (step.config.has(Safeguard::kDroppedRequestIsAnswered)) answer(step, call, Reply::kUnschedulable);
  });
}

constexpr Transition kRows[] = {
    {
        .row = Row::kR18,
        .id = "raylet.R18.class_became_infeasible",
        .doc = "the pass finds that no node can run the class any more; all its queued requests are answered "
               "unschedulable",
        .source = {kManager, "GrantScheduledLeasesToWorkers"},
        .feature = Feature::kDrain,
        .component = Component::kRaylet,
        .trigger = each(Moment::kLease),
        .guard =
            [](const View& view, const Action& a) {
              const Lease& lease = view.s.lease(a.lease);
              return lease.stage == LeaseStage::kGrantWait && first_of_its_class(view, a.node, a.lease) &&
                     infeasible_everywhere(view, a.node, lease.key);
            },
        .effect =
            [](Step& step, const Action& a) {
              const KeyId key = step.s.lease(a.lease).key;
              for (std::uint8_t l = 0; l < kLeasesMax; ++l) {
                const Lease& lease = step.s.leases[l];
                const bool in_class = lease.used && lease.node == a.node && lease.key == key;
                const bool local = lease.stage == LeaseStage::kGrantWait || lease.stage == LeaseStage::kGrantWorker;
                if (in_class && local) drop(step, LeaseId{l});
              }
            },
    },
};

}  // namespace

std::span<const Transition> class_rows() {
  return kRows;
}

}  // namespace raymc
