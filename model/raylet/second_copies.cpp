// A second copy of a lease request that its raylet held already and did not recognise (#58265, #4765): only without the
// safeguards that look for it. Both copies stand in one Lease record, because they have one LeaseID.
#include "model/network.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/scheduler/scheduler.hpp"

namespace raymc {

void add_second_copy(Step& step, LeaseId id, bool answers) {
  Lease& lease = step.s.lease(id);
  if (lease.stage == LeaseStage::kInfeasible || lease.second != SecondCopy::kNone) return;
  lease.second = SecondCopy::kQueued;
  lease.second_answers = answers;
  step.s.raylet(lease.node).waiting.add(id, "lease requests waiting at a raylet");
  grant_pass(step, lease.node);
}

void promote_second_copy(Step& step, LeaseId id) {
  Lease& lease = step.s.lease(id);
  if (lease.second == SecondCopy::kNone) return;
  lease.stage = lease.second == SecondCopy::kQueued ? LeaseStage::kGrantWait : LeaseStage::kGrantWorker;
  lease.second = SecondCopy::kNone;
  lease.second_answers = false;
}

bool is_second_copy(const Lease& lease) {
  return lease.second == SecondCopy::kQueued && lease.stage != LeaseStage::kGrantWait;
}

}  // namespace raymc
