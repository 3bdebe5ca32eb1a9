// The RAY_CHECKs of section 10.3 that the rows reach: none of them aborts a process.
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

constexpr Property kFamily[] = {
    {
        .id = "K1.submitter_checks",
        .kind = kInvariant,
        .claim =
            "no RAY_CHECK of the submitter fails: leases are not active twice, spillback keeps its rules, replies find "
            "their lease busy",
        .source = "protocol dossier, 10.3 (NormalTaskSubmitter)",
        .mutant = "spillback_rejects",
        .holds =
            [](const RayModel&, const State& s) {
              return none_failed<RayCheck::kWorkerNotActiveForKey, RayCheck::kRedirectOfSpillback,
                                 RayCheck::kRejectOfNonSpillback, RayCheck::kLeaseBusyAtReply>(s);
            },
    },
    {
        .id = "K2.task_manager_checks",
        .kind = kInvariant,
        .claim = "no RAY_CHECK of the task manager fails: an entry has the expected status and exists when it is "
                 "completed or retried",
        .source = "protocol dossier, 10.3 (TaskManager) and 11.1 C6",
        .mutant = "cancel_knows_reply_halves",
        .holds =
            [](const RayModel&, const State& s) {
              return none_failed<RayCheck::kStatusIsArgs, RayCheck::kEntryExists, RayCheck::kPendingAtRetry>(s);
            },
    },
    {
        .id = "K3.raylet_checks",
        .kind = kInvariant,
        .claim = "no RAY_CHECK of the raylet fails: no lease is granted twice, nothing is freed twice, an idle worker "
                 "has no "
                 "lease, and exits once",
        .source = "protocol dossier, 10.3 (LocalLeaseManager, LocalResourceManager, WorkerPool)",
        .mutant = "idle_worker_has_no_lease",
        .holds =
            [](const RayModel&, const State& s) {
              return none_failed<RayCheck::kLeaseNotGranted, RayCheck::kTaskNotInWork, RayCheck::kOtherLeaseHoldsPins,
                                 RayCheck::kAvailableWithinTotal, RayCheck::kExitIsPending,
                                 RayCheck::kIdleWorkerHasNoLease>(s);
            },
    },
    {
        .id = "K4.scheduler_checks",
        .kind = kInvariant,
        .claim = "no RAY_CHECK of the scheduler fails: the address of a chosen node is known",
        .source = "protocol dossier, 10.3 (ClusterLeaseManager, LocalLeaseManager)",
        .mutant = "choice_needs_live_record",
        .holds = [](const RayModel&, const State& s) { return none_failed<RayCheck::kSpillbackHasAddress>(s); },
    },
    {
        .id = "K5.gcs_checks",
        .kind = kInvariant,
        .claim = "no RAY_CHECK of the GCS fails: it holds one stream per raylet, and one head node alive",
        .source = "protocol dossier, 10.3 (RaySyncer, GcsNodeManager)",
        .mutant = "new_stream_replaces_old",
        .applies = kWithStreamsOrHeads,
        .holds = [](const RayModel&,
                    const State& s) { return none_failed<RayCheck::kOneStreamPerPeer, RayCheck::kOneHeadAlive>(s); },
    },
    {
        .id = "K10.self_check_reads_an_answer",
        .kind = kInvariant,
        .claim = "a raylet does not read the answer to its self-check when there is none",
        .source = "protocol dossier, 11.1 C15",
        .mutant = "check_alive_reads_status_first",
        .applies = kSelfChecksFail,
        .holds = [](const RayModel&, const State& s) { return none_failed<RayCheck::kSelfCheckHasAnswer>(s); },
    },
};

}  // namespace

std::span<const Property> ray_check_properties() {
  return kFamily;
}

}  // namespace raymc
