#include "specs/properties/applies.hpp"

namespace raymc {
namespace {

using enum Fault;

/// Faults without which every node stands, but for those of a GCS that forgets and of a second head.
constexpr auto kKillNodes =
    has_a_fault<kRayletCrash, kFalseDeath, kRayletSigterm, kGcsUnreachable, kDrainPreemption, kPreemptionKill,
                kDrainIdle, kRayletHang, kNodeBlackhole, kGcsPartition, kSelfCheckFails>;

bool has_parent_tasks(const Config& config) {
  return std::ranges::any_of(config.shape.owners,
                             [](const OwnerShape& owner) { return owner.kind == OwnerKind::kTask; });
}

/// What costs a task an attempt, which its retries pay for; nothing if the budget has a fault that may end a task
/// whatever its retries are.
std::optional<std::uint32_t> attempts_lost(const Config& config) {
  std::uint32_t lost = 0;
  for (const FaultRow& row : fault_table()) {
    if (!config.allows(row.fault)) continue;
    switch (row.fault) {
      case kWorkerCrash:
      case kRayletCrash:
      case kRequestLost:
      case kReplyLost:
      case kEarlyError: lost += config.budget[row.fault]; break;
      case kGcsCrash:
      case kDuplication: break;
      default: return std::nullopt;
    }
  }
  return lost;
}

/// Some node that no fault strikes can run the task.
bool has_safe_node(const Config& config, const TaskShape& task) {
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    const NodeShape& node = config.shape.nodes[n];
    const bool stays = !node.may_crash || !config.allows(kRayletCrash);
    const bool allowed = !task.affinity.exists() || task.affinity == NodeId{n};
    if (stays && allowed && config.feasible(NodeId{n}, task.key)) return true;
  }
  return false;
}

}  // namespace

bool a_node_may_die(const RayModel& model) {
  const bool forgotten = model.config().on(Feature::kInMemoryGcs) && model.config().allows(kGcsCrash);
  return kKillNodes(model) || forgotten || model.config().on(Feature::kSecondHead);
}

bool an_owner_may_die(const RayModel& model) {
  const bool parents = has_parent_tasks(model.config()) &&
                       has_a_fault<kWorkerCrash, kWorkerSigterm, kMemoryKill, kUserExit, kCancel, kEarlyError>(model);
  // A node whose death ends an owner.
  const bool hosts = std::ranges::any_of(model.config().shape.owners, [&](const OwnerShape& owner) {
    return owner.kind == OwnerKind::kTask || model.config().shape.nodes[owner.node.value].may_crash;
  });
  const bool forgets = model.config().on(Feature::kInMemoryGcs) || model.config().on(Feature::kSecondHead);
  return parents || (hosts && a_node_may_die(model)) || forgets || has_a_fault<kSubscriberStall>(model) ||
         has_a_fault<kOwnerCrash, kDriverCrash, kOwnerDropped, kOwnerExit, kDriverPlasma, kOwnerGivesUp>(model);
}

bool nothing_is_stuck(const RayModel& model) {
  return !has_a_fault<kStuckExit, kStoreStall>(model);
}

bool a_death_may_be_written(const RayModel& model) {
  return a_node_may_die(model) && !model.config().allows(kStoreStall);
}

bool every_task_should_finish(const RayModel& model) {
  const Config& config = model.config();
  const std::optional<std::uint32_t> lost = attempts_lost(config);
  const bool forgets = config.on(Feature::kInMemoryGcs) || config.on(Feature::kSecondHead);
  if (!lost || forgets || config.on(Feature::kArguments)) return false;
  for (const OwnerShape& owner : config.shape.owners) {
    if (owner.kind == OwnerKind::kDriver && config.shape.nodes[owner.node.value].may_crash &&
        config.allows(kRayletCrash)) {
      return false;
    }
  }
  return std::ranges::all_of(config.shape.tasks, [&](const TaskShape& task) {
    return task.max_retries >= *lost && has_safe_node(config, task);
  });
}

bool tasks_keep_their_cpus(const RayModel& model) {
  const Config& config = model.config();
  return !config.allows(kEarlyError) && !config.on(Feature::kBlocking) && !config.shape.force_cancel;
}

bool a_task_may_be_retried(const RayModel& model) {
  const auto retried = [](const TaskShape& task) { return task.max_retries > 0; };
  return model.config().budget != Budget{} && std::ranges::any_of(model.config().shape.tasks, retried);
}

bool a_request_may_be_infeasible(const RayModel& model) {
  const Config& config = model.config();
  if (config.registers_late()) return true;
  return std::ranges::any_of(config.shape.tasks, [&](const TaskShape& task) {
    for (std::uint8_t n = 0; n < config.nodes(); ++n) {
      if (!config.feasible(NodeId{n}, task.key)) return true;
    }
    return false;
  });
}

}  // namespace raymc
