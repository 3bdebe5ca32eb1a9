#include "model/budget.hpp"

namespace raymc {
namespace {

using enum Fault;

constexpr FaultRow kRows[] = {
    {kRayletCrash, "raylet_crash", "raylets, with their nodes, that may crash", Feature::kCore},
    {kWorkerCrash, "worker_crash", "workers that may crash", Feature::kCore},
    {kOwnerCrash, "owner_crash", "owners that are workers and may crash", Feature::kCore},
    {kDriverCrash, "driver_crash", "drivers that may crash", Feature::kCore},
    {kGcsCrash, "gcs_crash", "crashes of the GCS, each with its restart", Feature::kGcsRestart},
    {kRequestLost, "request_lost", "requests that may be lost", Feature::kCore},
    {kReplyLost, "reply_lost", "replies that may be lost", Feature::kCore},
    {kEarlyError, "early_error", "calls whose sender may see an error before the handler has run", Feature::kCore},
    {kFalseDeath, "false_death", "health checks of a live raylet that may fail", Feature::kCore},
    {kRayletSigterm, "raylet_sigterm", "raylets that may be told to terminate", Feature::kCore},
    {kWorkerSigterm, "worker_sigterm", "workers that may be told to terminate", Feature::kCore},
    {kCancel, "cancel", "tasks that the owner's program may cancel", Feature::kCancellation},
    {kSubscriberStall, "subscriber_stall", "subscribers that may stop polling for 300 s", Feature::kCore},
    {kGcsUnreachable, "gcs_unreachable", "processes that may give up after 60 s without the GCS", Feature::kGcsRestart},
    {kNotIdle, "not_idle", "exits of idle workers that an object reference may stop", Feature::kIdleExit},
    {kDrainPreemption, "drain_preemption", "drains of nodes that will be preempted", Feature::kDrain},
    {kPreemptionKill, "preemption_kill", "preempted nodes that may be killed at their deadline", Feature::kDrain},
    {kDrainIdle, "drain_idle", "drains of nodes that look idle", Feature::kDrain},
    {kStreamBroken, "stream_broken", "streams between a raylet and the GCS that may break", Feature::kResourceView},
    {kRayletHang, "raylet_hang", "raylets whose event loop may stop", Feature::kHangs},
    {kRayletResume, "raylet_resume", "raylets whose stopped event loop may go on", Feature::kHangs},
    {kNodeBlackhole, "node_blackhole", "nodes that may vanish without closing a connection", Feature::kPartitions},
    {kGcsPartition, "partition_raylet_gcs", "links between a node and the GCS that may be cut", Feature::kPartitions},
    {kOwnerPartition, "partition_owner_node", "links between an owner's node and another one that may be cut",
     Feature::kPartitions},
    {kRayletPartition, "partition_raylets", "links between two nodes that may be cut", Feature::kPartitions},
    {kDuplication, "duplicate_request", "requests that the transport may deliver twice", Feature::kDuplicates},
    {kOwnerDropped, "owner_disconnected", "live worker owners whose raylet may close their connection", Feature::kCore},
    {kTaskRaises, "task_raises", "executions whose code may raise an exception", Feature::kApplicationErrors},
    {kUserExit, "user_exit", "executions whose code may end its worker's process", Feature::kGracefulExit},
    {kOwnerExit, "owner_exit", "owners that are workers and may exit gracefully", Feature::kGracefulExit},
    {kArgumentEvicted, "argument_evicted", "copies in plasma that may be evicted", Feature::kArguments},
    {kStuckExit, "stuck_exit", "workers that may hang in their graceful exit", Feature::kArguments},
    {kActorFails, "actor_fails", "registrations of actors in arguments that may fail", Feature::kArguments},
    {kPlasmaFull, "plasma_full", "values for which the owner's store may have no room", Feature::kResults},
    {kStoreStall, "store_stall", "writes of a node's death that may hang until the GCS ends", Feature::kCore},
    {kPollReplyLost, "poll_reply_lost", "answers to a long poll that may be lost", Feature::kPubsub},
    {kOwnerGivesUp, "owner_gcs_unreachable", "owners that may give up after 60 s without the GCS",
     Feature::kGcsRestart},
    {kMemoryKill, "memory_kill", "workers that their raylet may kill for want of memory", Feature::kMemoryPressure},
    {kStartFails, "start_fails", "worker processes that may never register", Feature::kWorkerStarts},
    {kRuntimeEnvFails, "runtime_env_fails", "lease requests whose runtime environment may fail",
     Feature::kWorkerStarts},
    {kPortReuse, "port_reuse", "worker processes that may get the port of a dead one", Feature::kPortReuse},
    {kSelfCheckFails, "self_check_timeout", "self-checks of a raylet that may end without an answer after 30 s",
     Feature::kGcsRestart},
    {kDriverPlasma, "driver_plasma", "drivers that may touch plasma after their raylet died", Feature::kCore},
    {kValueSpilled, "value_spilled", "primary copies in plasma that may be spilled to disk", Feature::kArguments},
};
static_assert(std::size(kRows) == kFaultCount);

constexpr std::array<FaultRow, kFaultCount> by_fault() {
  std::array<FaultRow, kFaultCount> table{};
  for (const FaultRow& row : kRows) table[static_cast<std::size_t>(row.fault)] = row;
  return table;
}
constexpr std::array<FaultRow, kFaultCount> kTable = by_fault();

}  // namespace

std::span<const FaultRow> fault_table() {
  return kTable;
}

std::string_view key_of(Fault fault) {
  return kTable[static_cast<std::size_t>(fault)].key;
}

}  // namespace raymc
