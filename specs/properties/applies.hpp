// When a property applies: conditions on a scenario's features, faults and shape, each with its words. The properties
// name them, `[check]` asks them (specs/selection.hpp), `explain` prints the words.
//
// A condition is necessary for the property to be broken at all, and it leaves out what a scenario itself asks for: a
// task without retries that its worker's crash fails is no lost task. tests/specs/selection_test.cpp runs the
// properties that apply over the scenarios of ci/.
#pragma once

#include <algorithm>

#include "checker/core/property.hpp"
#include "model/ray_model.hpp"

namespace raymc {

using Applies = mc::Applies<RayModel>;

/// All of these features are on.
template <Feature... kFeatures>
bool has_features(const RayModel& model) {
  return (model.config().on(kFeatures) && ...);
}

/// One of these features is on.
template <Feature... kFeatures>
bool has_a_feature(const RayModel& model) {
  return (model.config().on(kFeatures) || ...);
}

/// The budget has one of these faults.
template <Fault... kFaults>
bool has_a_fault(const RayModel& model) {
  return (model.config().allows(kFaults) || ...);
}

/// A raylet may end, or be taken for dead.
bool a_node_may_die(const RayModel& model);
/// An owner of tasks may end, or be taken for dead, while others go on.
bool an_owner_may_die(const RayModel& model);
/// No fault makes a worker hang in its exit or a write of the GCS hang, so that what waits for them waits for ever.
bool nothing_is_stuck(const RayModel& model);
/// A raylet may die, and its death is written.
bool a_death_may_be_written(const RayModel& model);
/// Every task can run, whatever happens, and has a retry left for each fault that may cost it an attempt.
bool every_task_should_finish(const RayModel& model);

/// Nothing takes a task's CPUs away while it runs: no early error (R33), no forced cancellation (R52) and no worker
/// that blocks and goes on (R37).
bool tasks_keep_their_cpus(const RayModel& model);
/// A task has a retry, and there is a fault that may cost it an attempt.
bool a_task_may_be_retried(const RayModel& model);
/// A node that is not there yet or is too small for a task may be all that a raylet knows of.
bool a_request_may_be_infeasible(const RayModel& model);

inline constexpr Applies kNodeMayDie{"scenarios in which a raylet may end or be taken for dead", a_node_may_die};
inline constexpr Applies kOwnerMayDie{"scenarios in which an owner of tasks may end or be taken for dead",
                                      an_owner_may_die};
inline constexpr Applies kTasksShouldFinish{
    "scenarios in which every task has a node that no fault strikes and a retry for each crash of the budget, and "
    "nothing is cancelled, raises or ends an owner",
    every_task_should_finish};
inline constexpr Applies kNothingIsStuck{"scenarios without the faults stuck_exit and store_stall", nothing_is_stuck};
inline constexpr Applies kDeathIsWritten{
    "scenarios in which a raylet may end or be taken for dead, without the fault store_stall", a_death_may_be_written};
inline constexpr Applies kSeveralNodes{"scenarios of two nodes or more",
                                       [](const RayModel& model) { return model.config().nodes() > 1; }};
inline constexpr Applies kWithRestarts{"feature gcs_restart", has_features<Feature::kGcsRestart>};
inline constexpr Applies kWithDrain{"feature drain", has_features<Feature::kDrain>};
inline constexpr Applies kWithCancellation{"feature cancellation", has_features<Feature::kCancellation>};
inline constexpr Applies kWithCancelPath{"features cancellation and cancel_path",
                                         has_features<Feature::kCancellation, Feature::kCancelPath>};
inline constexpr Applies kWithLeaseCancels{"feature lease_cancels", has_features<Feature::kLeaseCancels>};
/// In Ray as it is, an unblocked worker goes on at once, by design (#12963): then more CPUs may be in use than there
/// are.
inline constexpr Applies kUnblockedWorkersWait{
    "feature blocking with the safeguard unblock_waits_for_cpu", [](const RayModel& model) {
      return model.config().on(Feature::kBlocking) && model.config().has(Safeguard::kUnblockWaitsForCpu);
    }};
inline constexpr Applies kWithArguments{"feature arguments", has_features<Feature::kArguments>};
inline constexpr Applies kWithResults{"feature results", has_features<Feature::kResults>};
inline constexpr Applies kWithMemoryPressure{"feature memory_pressure", has_features<Feature::kMemoryPressure>};
inline constexpr Applies kWithDevices{"feature devices", has_features<Feature::kDevices>};
inline constexpr Applies kWithJobs{"feature jobs", has_features<Feature::kJobs>};
inline constexpr Applies kWithPubsub{"feature pubsub", has_features<Feature::kPubsub>};
inline constexpr Applies kWithWorkerStarts{"feature worker_starts", has_features<Feature::kWorkerStarts>};
inline constexpr Applies kWithPortReuse{"feature port_reuse", has_features<Feature::kPortReuse>};
inline constexpr Applies kWithSecondHead{"feature second_head", has_features<Feature::kSecondHead>};
inline constexpr Applies kWithExits{"feature idle_exit or graceful_exit, without the fault stuck_exit",
                                    [](const RayModel& model) {
                                      return has_a_feature<Feature::kIdleExit, Feature::kGracefulExit>(model) &&
                                             !model.config().allows(Fault::kStuckExit);
                                    }};
inline constexpr Applies kWithDrainAndArguments{"features drain and arguments",
                                                has_features<Feature::kDrain, Feature::kArguments>};
inline constexpr Applies kWithStreamsOrHeads{
    "feature resource_view, gcs_restart or second_head",
    has_a_feature<Feature::kResourceView, Feature::kGcsRestart, Feature::kSecondHead>};
inline constexpr Applies kOwnersExit{"fault owner_exit", has_a_fault<Fault::kOwnerExit>};
inline constexpr Applies kRayletsHang{"fault raylet_hang", has_a_fault<Fault::kRayletHang>};
inline constexpr Applies kSelfChecksFail{"fault self_check_timeout", has_a_fault<Fault::kSelfCheckFails>};
inline constexpr Applies kNodesFallSilent{"fault node_blackhole or partition_owner_node",
                                          has_a_fault<Fault::kNodeBlackhole, Fault::kOwnerPartition>};
inline constexpr Applies kCallsMayFail{
    "fault request_lost, reply_lost, early_error or partition_owner_node",
    has_a_fault<Fault::kRequestLost, Fault::kReplyLost, Fault::kEarlyError, Fault::kOwnerPartition>};
inline constexpr Applies kTasksKeepTheirCpus{
    "scenarios without early errors, forced cancellation and workers that block", tasks_keep_their_cpus};
inline constexpr Applies kTasksRetry{"scenarios with faults and with a task that has a retry", a_task_may_be_retried};
inline constexpr Applies kNodesDiffer{"scenarios in which some node is too small for a task, or a node joins late",
                                      a_request_may_be_infeasible};
inline constexpr Applies kWithTrackedView{"scenarios with the tracked view",
                                          [](const RayModel& model) { return model.config().tracked(); }};

}  // namespace raymc
