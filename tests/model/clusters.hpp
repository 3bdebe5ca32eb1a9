// Small clusters for the tests of the model: one builder, a few words that change what it built, and the list of
// clusters that together use every feature of a Shape, every fault and every safeguard.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>
#include <vector>

#include "model/config.hpp"

namespace raymc::clusters {

/// `nodes` raylets with one CPU and one worker each, a driver on n1, which does not fail, and `tasks` tasks of one key.
inline Config cluster(std::uint8_t nodes, std::uint8_t tasks, std::uint8_t max_retries = 1) {
  Config config;
  for (std::uint8_t n = 0; n < nodes; ++n) config.shape.nodes.push_back({.may_crash = n > 0});
  config.shape.owners.push_back({.name = "driver", .kind = OwnerKind::kDriver, .node = NodeId{0}});
  for (std::uint8_t t = 0; t < tasks; ++t) {
    config.shape.tasks.push_back({.name = "t" + std::to_string(t + 1), .max_retries = max_retries});
  }
  return config;
}

/// Each fault that is named may strike once, or as often as it is named.
inline Config with(Config config, std::initializer_list<Fault> faults) {
  for (const Fault fault : faults) ++config.budget[fault];
  return config;
}

/// All tasks prefer `node`, which holds their arguments.
inline Config preferring(Config config, NodeId node) {
  for (TaskShape& task : config.shape.tasks) task.locality = node;
  return config;
}

/// All tasks must run on `node`.
inline Config bound_to(Config config, NodeId node) {
  for (TaskShape& task : config.shape.tasks) task.affinity = node;
  return config;
}

inline Config last_node_joins_late(Config config) {
  config.shape.nodes.back().joins_late = true;
  return config;
}

/// All tasks belong to a worker on `node` that runs their parent.
inline Config nested(Config config, NodeId node = NodeId{0}) {
  config.shape.owners.push_back({.name = "parent", .kind = OwnerKind::kWorker, .node = node});
  for (TaskShape& task : config.shape.tasks) task.owner = OwnerId{1};
  return config;
}

inline Config head_may_fail(Config config) {
  config.shape.nodes[0].may_crash = true;
  return config;
}

/// The last task has a key of its own.
inline Config two_keys(Config config) {
  config.shape.tasks.back().key = KeyId{1};
  return config;
}

/// The first task submits the last one, which has a key of its own, and waits for it; another worker can run it.
inline Config parent(Config config) {
  config = two_keys(config);
  config.shape.owners.push_back({.name = "parent", .kind = OwnerKind::kTask, .runs = TaskId{0}});
  config.shape.tasks.back().owner = OwnerId{static_cast<std::uint8_t>(config.shape.owners.size() - 1)};
  for (NodeShape& node : config.shape.nodes) node.workers = node.prestarted = static_cast<std::uint8_t>(node.cpus + 1);
  return config;
}

/// The first task submits the second, which submits the third; the last belongs to the second attempt of the first.
/// Four owners, a key for each; three workers per node, so that nobody waits for a process.
inline Config nested_twice(Config config) {
  const auto owner = [&](const char* name, std::uint8_t runs, std::uint8_t attempt) {
    config.shape.owners.push_back({.name = name, .kind = OwnerKind::kTask, .runs = TaskId{runs}, .attempt = attempt});
  };
  owner("parent", 0, 0);
  owner("child", 1, 0);
  owner("again", 0, 1);
  for (std::uint8_t t = 0; t < config.shape.tasks.size(); ++t) {
    const std::uint8_t last = t + 1U == config.shape.tasks.size() && t > 2 ? 3 : std::min<std::uint8_t>(t, 2);
    config.shape.tasks[t].owner = OwnerId{last};
    config.shape.tasks[t].key = KeyId{last};
  }
  for (NodeShape& node : config.shape.nodes) node.workers = node.prestarted = 3;
  return config;
}

/// As many keys and CPUs as there is room for.
inline Config many_keys(Config config) {
  for (std::uint8_t t = 0; t < config.shape.tasks.size(); ++t)
    config.shape.tasks[t].key = KeyId{static_cast<std::uint8_t>(t % kKeysMax)};
  for (NodeShape& node : config.shape.nodes) node = {.cpus = kCpusMax, .workers = 4, .prestarted = 4};
  return config;
}

/// Tasks may block in ray.get, and each node has a worker to lend their CPU to.
inline Config blocking(Config config) {
  for (TaskShape& task : config.shape.tasks) task.blocks = true;
  for (NodeShape& node : config.shape.nodes) node.workers = node.prestarted = static_cast<std::uint8_t>(node.cpus + 1);
  return config;
}

inline Config tracked(Config config) {
  config.shape.view = ResourceView::kTracked;
  return config;
}

/// The node with this number is not registered at the start.
inline Config joins_late(Config config, std::uint8_t node) {
  config.shape.nodes[node].joins_late = true;
  return config;
}

/// The code of the task with this number never returns.
inline Config endless(Config config, std::uint8_t task) {
  config.shape.tasks[task].endless = true;
  return config;
}

inline Config any_time(Config config) {
  config.shape.submission = Submission::kAnyTime;
  return config;
}

inline Config unordered(Config config) {
  config.shape.delivery = Delivery::kUnordered;
  return config;
}

inline Config expiring(Config config) {
  config.shape.lease_expiry = true;
  return config;
}

/// A worker exits after one task.
inline Config one_task_per_worker(Config config) {
  config.shape.max_calls_one = true;
  return config;
}

/// Tasks take two CPUs, which only the last node has, and that node joins late.
inline Config big_node_joins_late(Config config) {
  config.shape.key_cpus = {2, 2};
  config.shape.nodes.back().cpus = 2;
  config.shape.nodes.back().joins_late = true;
  return config;
}

/// A worker exits after two tasks.
inline Config two_tasks_per_worker(Config config) {
  config.shape.max_calls = 2;
  return config;
}

/// Twice as many workers as CPUs, all idle at the start, so that some are asked to exit.
inline Config spare_workers(Config config) {
  for (NodeShape& node : config.shape.nodes) node.workers = node.prestarted = static_cast<std::uint8_t>(2 * node.cpus);
  return config;
}

/// Exceptions of the first task are retried.
inline Config retrying_exceptions(Config config) {
  config.shape.tasks.front().retry_exceptions = true;
  return config;
}

inline Config probes(Config config, std::uint8_t failures) {
  config.shape.health_check_failures = failures;
  return config;
}

inline Config featuring(Config config, std::initializer_list<Feature> features) {
  for (const Feature feature : features) config.features.add(feature);
  return config;
}

/// ray.cancel is called with force.
inline Config forcing(Config config) {
  config.shape.force_cancel = true;
  return config;
}

inline Config hardened(Config config) {
  config.safeguards = SafeguardSet::hardened();
  return config;
}

inline Config without(Config config, std::initializer_list<Safeguard> safeguards) {
  for (const Safeguard safeguard : safeguards) config.safeguards.set(safeguard, false);
  return config;
}

/// The argument of every task is in plasma on `node` at the start.
inline Config arguments_at(Config config, NodeId node) {
  for (TaskShape& task : config.shape.tasks) task.argument_at = node;
  return config;
}

/// The program keeps no reference of the arguments that it passes.
inline Config dropping(Config config) {
  for (TaskShape& task : config.shape.tasks) task.drops_argument = true;
  return config;
}

/// The arguments of granted leases may pin one object per node.
inline Config tight_memory(Config config) {
  for (NodeShape& node : config.shape.nodes) node.pin_budget = 1;
  return config;
}

/// The values of all tasks go there.
inline Config results(Config config, Result result) {
  for (TaskShape& task : config.shape.tasks) task.result = result;
  return config;
}

/// The last task has a key of its own, takes the value of the first and the handle of an actor.
inline Config dependent(Config config) {
  config = two_keys(config);
  config.shape.tasks.back().depends_on = TaskId{0};
  config.shape.tasks.back().actor_argument = true;
  return config;
}

/// Everything at once: three raylets, the last of which joins late, two owners, two keys, each fault once.
inline Config everything() {
  Config config = two_keys(head_may_fail(cluster(3, 4, 2)));
  config.shape.owners.push_back({.name = "parent", .kind = OwnerKind::kWorker, .node = NodeId{1}});
  config.shape.tasks.back().owner = OwnerId{1};
  config.shape.nodes[0].workers = 2;
  config.shape.nodes[2] = {.cpus = 2, .workers = 2, .prestarted = 1, .joins_late = true};
  config.budget.left.fill(1);
  return config;
}

/// Three small tasks and a large one share two CPUs; a worker exits after one task.
inline Config sharing_classes() {
  Config config = one_task_per_worker(two_keys(cluster(1, 4)));
  config.shape.nodes[0] = {.cpus = 2, .workers = 3, .prestarted = 3};
  config.shape.key_cpus = {1, 2};
  config.features.add(Feature::kFairShare);
  return config;
}

/// The first task is not tried again, and the others once after a kill for want of memory.
inline Config counting_memory_retries(Config config) {
  config.shape.tasks.front().max_retries = 0;
  config.shape.memory_retries = 1;
  return config;
}

/// Two workers per node that have to be started, one at a time; one failed start is forgiven.
inline Config starting_workers(Config config) {
  for (NodeShape& node : config.shape.nodes) node.cpus = node.workers = 2;
  for (NodeShape& node : config.shape.nodes) node.prestarted = 0;
  config.shape.startup_concurrency = 1;
  config.shape.start_retries = 1;
  return config;
}

/// The last node joins late as the head.
inline Config new_head(Config config) {
  config.shape.nodes.back().joins_late = config.shape.nodes.back().new_head = true;
  return config;
}

/// All workers have to be started.
inline Config unstarted(Config config) {
  for (NodeShape& node : config.shape.nodes) node.prestarted = 0;
  return config;
}

struct Cluster {
  std::string name;
  Config config;
};

inline void PrintTo(const Cluster& cluster, std::ostream* out) {
  *out << cluster.name;
}

/// Clusters that use every feature. Their state spaces range from hundreds of states to far too many.
inline std::vector<Cluster> all_features() {
  using enum Fault;
  std::vector<Cluster> all = {
      {"one_node", with(cluster(1, 1), {kWorkerCrash, kReplyLost})},
      {"spillback", with(cluster(2, 2), {kRayletCrash})},
      {"tracked_view", tracked(with(cluster(2, 3, 0), {kGcsCrash}))},
      {"view_late_join", joins_late(tracked(with(cluster(2, 2), {kRayletCrash})), 1)},
      {"view_streams_break", joins_late(tracked(with(cluster(3, 2), {kStreamBroken, kGcsCrash})), 2)},
      {"view_owner_joins_late", nested(joins_late(tracked(cluster(2, 1)), 1), NodeId{1})},
      {"any_time_two_keys", any_time(two_keys(with(cluster(1, 3), {kRequestLost})))},
      {"unordered", unordered(with(cluster(2, 2), {kEarlyError, kReplyLost}))},
      {"lease_expiry", expiring(with(cluster(2, 3, 0), {kWorkerCrash}))},
      {"max_calls_one", one_task_per_worker(with(cluster(2, 2), {kReplyLost}))},
      {"max_calls_two", two_tasks_per_worker(with(cluster(1, 3), {kReplyLost, kWorkerCrash}))},
      {"eight_tasks", with(cluster(2, 8), {kRayletCrash, kReplyLost})},
      {"eight_tasks_of_six_keys",
       featuring(unordered(many_keys(with(cluster(4, 8, 2), {kWorkerCrash, kCancel, kRayletCrash}))),
                 {Feature::kPoolOrder, Feature::kIdleExit})},
      {"eight_tasks_take_arguments",
       tight_memory(arguments_at(results(with(cluster(3, 8, 2), {kRayletCrash, kArgumentEvicted}), Result::kEither),
                                 NodeId{1}))},
      {"nested_twice", nested_twice(with(cluster(2, 3), {kWorkerCrash, kRayletCrash}))},
      {"nested_twice_and_again", any_time(nested_twice(with(cluster(2, 6), {kWorkerCrash, kReplyLost, kGcsCrash})))},
      {"late_join", big_node_joins_late(with(cluster(2, 1), {kRequestLost, kReplyLost}))},
      {"nested_owner", nested(with(cluster(2, 1), {kOwnerCrash, kGcsCrash}))},
      {"nested_owner_loses_raylet", nested(with(cluster(2, 2), {kRayletCrash, kReplyLost}), NodeId{1})},
      {"cancel", with(cluster(2, 2), {kCancel, kWorkerCrash})},
      {"cancel_far_away", preferring(with(cluster(2, 1), {kCancel, kRayletCrash, kRequestLost}), NodeId{1})},
      {"cancel_often", with(cluster(1, 1, 2), {kCancel, kCancel, kCancel, kReplyLost, kRequestLost, kEarlyError})},
      {"cancel_path", featuring(with(cluster(1, 2), {kCancel, kCancel, kEarlyError}), {Feature::kCancelPath})},
      {"cancel_path_hardened",
       hardened(featuring(with(cluster(2, 1), {kCancel, kRayletCrash, kReplyLost}), {Feature::kCancelPath}))},
      {"cancel_by_force", endless(forcing(with(cluster(1, 2), {kCancel, kWorkerCrash, kRequestLost})), 1)},
      {"lease_cancels", unordered(featuring(with(cluster(2, 2), {kEarlyError}), {Feature::kLeaseCancels}))},
      {"lease_cancels_hardened",
       hardened(unordered(featuring(with(cluster(2, 2), {kEarlyError}), {Feature::kLeaseCancels})))},
      {"false_death", probes(with(cluster(2, 1), {kFalseDeath, kFalseDeath, kSubscriberStall}), 2)},
      {"farewell", with(cluster(2, 1), {kRayletSigterm, kFalseDeath, kReplyLost})},
      {"worker_stops", with(cluster(1, 2), {kWorkerSigterm, kWorkerCrash})},
      {"head_dies", preferring(head_may_fail(with(cluster(2, 1), {kRayletCrash, kDriverPlasma})), NodeId{1})},
      {"driver_dies", with(cluster(2, 2), {kDriverCrash, kGcsUnreachable, kGcsCrash})},
      {"idle_exit", spare_workers(with(cluster(1, 2), {kNotIdle, kRequestLost, kWorkerCrash}))},
      {"drained", with(cluster(2, 2), {kDrainPreemption, kPreemptionKill, kDrainIdle})},
      {"drain_leaves_queue",
       without(head_may_fail(with(cluster(1, 2), {kDrainPreemption})), {Safeguard::kDrainReschedulesQueuedLeases})},
      {"fair_share", sharing_classes()},
      {"drained_tracked", tracked(with(cluster(2, 2), {kDrainPreemption, kGcsCrash}))},
      {"affinity", any_time(last_node_joins_late(bound_to(with(cluster(3, 2), {kDrainIdle}), NodeId{2})))},
      {"application_errors", retrying_exceptions(with(cluster(2, 2), {kTaskRaises, kTaskRaises, kCancel}))},
      {"graceful_exit", with(cluster(1, 2), {kUserExit, kWorkerSigterm, kWorkerCrash})},
      {"graceful_exit_of_owner", nested(with(cluster(2, 2), {kOwnerExit, kUserExit, kRayletCrash}), NodeId{1})},
      {"blocking", blocking(with(cluster(1, 2), {kWorkerCrash, kReplyLost}))},
      {"blocking_and_stopping", one_task_per_worker(blocking(with(cluster(2, 2), {kEarlyError, kOwnerCrash})))},
      {"blocking_and_exiting", blocking(with(cluster(1, 2), {kWorkerSigterm, kUserExit, kTaskRaises}))},
      {"blocking_tracked", tracked(blocking(with(cluster(2, 2), {kWorkerCrash})))},
      {"parent", parent(with(cluster(1, 2), {kWorkerCrash, kReplyLost}))},
      {"parent_far_away", any_time(preferring(parent(with(cluster(2, 3), {kRayletCrash, kEarlyError})), NodeId{1}))},
      {"parent_of_cancelled", parent(with(cluster(2, 2), {kCancel, kGcsCrash, kDriverCrash, kWorkerSigterm}))},
      {"arguments",
       tight_memory(preferring(two_keys(arguments_at(with(cluster(2, 2), {kArgumentEvicted, kRayletCrash}), NodeId{1})),
                               NodeId{0}))},
      {"arguments_spilled", dropping(two_keys(arguments_at(
                                with(cluster(2, 2), {kValueSpilled, kArgumentEvicted, kRayletCrash}), NodeId{1})))},
      {"results_spilled",
       dependent(results(with(cluster(2, 2), {kValueSpilled, kValueSpilled, kRayletCrash}), Result::kPlasma))},
      {"arguments_freed", nested(dropping(arguments_at(with(cluster(2, 2), {kOwnerCrash, kReplyLost}), NodeId{1})))},
      {"dependencies", dependent(with(cluster(1, 2), {kCancel, kActorFails, kWorkerCrash}))},
      {"results", dependent(results(with(cluster(2, 2), {kRayletCrash, kRequestLost}), Result::kPlasma))},
      {"results_either", results(with(cluster(2, 1, 2), {kRayletCrash, kPlasmaFull, kCancel}), Result::kEither)},
      {"store_full", preferring(results(with(cluster(2, 1), {kRayletCrash, kPlasmaFull}), Result::kEither), NodeId{1})},
      {"drained_on_old_measure", preferring(results(with(cluster(2, 1), {kDrainIdle}), Result::kPlasma), NodeId{1})},
      {"pins_and_exits", spare_workers(results(with(cluster(1, 2), {kArgumentEvicted, kNotIdle}), Result::kPlasma))},
      {"stuck_exits", one_task_per_worker(arguments_at(with(cluster(1, 2), {kStuckExit, kReplyLost}), NodeId{0}))},
      {"slow_store", with(cluster(2, 1), {kStoreStall, kRayletCrash, kGcsCrash})},
      {"in_memory_gcs",
       featuring(with(cluster(2, 1), {kGcsCrash, kReplyLost}), {Feature::kGcsRestart, Feature::kInMemoryGcs})},
      {"gcs_outage", with(cluster(2, 1), {kGcsCrash, kOwnerGivesUp, kSelfCheckFails})},
      {"pubsub", featuring(with(cluster(2, 1), {kPollReplyLost, kSubscriberStall, kGcsCrash}), {Feature::kPubsub})},
      {"pubsub_nested",
       featuring(nested(with(cluster(2, 1), {kOwnerCrash, kSubscriberStall, kGcsCrash})), {Feature::kPubsub})},
      {"memory_kills", with(cluster(1, 2), {kMemoryKill, kMemoryKill, kRequestLost})},
      {"memory_kills_counted", counting_memory_retries(with(cluster(1, 2), {kMemoryKill, kMemoryKill, kCancel}))},
      {"memory_kills_of_parent", parent(with(cluster(1, 2), {kMemoryKill, kWorkerCrash}))},
      {"devices", featuring(with(cluster(1, 2), {kReplyLost, kEarlyError}), {Feature::kDevices})},
      {"job", featuring(with(cluster(2, 1), {kDriverCrash, kGcsCrash, kReplyLost}), {Feature::kJobs})},
      {"job_late_join",
       featuring(unstarted(big_node_joins_late(with(cluster(2, 1), {kDriverCrash}))), {Feature::kJobs})},
      {"job_and_false_death", featuring(head_may_fail(with(cluster(2, 1), {kFalseDeath})), {Feature::kJobs})},
      {"starts", starting_workers(with(cluster(1, 2), {kStartFails, kStartFails, kRuntimeEnvFails}))},
      {"starts_and_cancels", starting_workers(with(cluster(2, 2), {kStartFails, kCancel, kReplyLost}))},
      {"second_head", new_head(head_may_fail(with(cluster(2, 1), {kReplyLost, kGcsCrash})))},
      {"pull_over_cut_link",
       preferring(arguments_at(with(cluster(2, 1), {kRayletPartition, kRequestLost}), NodeId{1}), NodeId{0})},
      {"port_reuse", starting_workers(with(cluster(1, 2), {kPortReuse, kWorkerCrash, kReplyLost}))},
      {"pool_order", unstarted(featuring(with(cluster(1, 2), {kWorkerCrash}), {Feature::kPoolOrder}))},
      {"prestart", unstarted(featuring(cluster(1, 2), {Feature::kPrestart, Feature::kIdleExit}))},
      {"orderly_kills", featuring(nested(with(cluster(2, 1), {kOwnerCrash})), {Feature::kOrderlyKills})},
      {"posted_deaths",
       featuring(probes(with(cluster(3, 2), {kRayletCrash, kRayletCrash, kRayletSigterm, kGcsCrash}), 2),
                 {Feature::kPostedDeaths})},
      {"everything", everything()},
      {"everything_hardened", hardened(everything())},
      {"everything_tracked_unordered",
       probes(expiring(any_time(tracked(unordered(one_task_per_worker(everything()))))), 2)},
      {"everything_old_returns", without(everything(), {Safeguard::kReturnByLeaseId, Safeguard::kPushIsSingleShot})},
  };
  // Each safeguard off by itself: what a mutant breaks must still be a sound state.
  for (const SafeguardRow& row : safeguard_table()) {
    if (!row.history.pinned) continue;
    const Config base = row.feature == Feature::kResourceView
                            ? joins_late(tracked(with(cluster(2, 2), {kStreamBroken, kRayletCrash})), 1)
                        : row.feature == Feature::kResults
                            ? dependent(results(with(cluster(2, 2), {kRayletCrash, kEarlyError}), Result::kPlasma))
                        : row.feature == Feature::kPubsub
                            ? with(cluster(2, 1), {kPollReplyLost, kRayletCrash, kGcsCrash})
                            : with(cluster(2, 2), {kEarlyError, kReplyLost, kWorkerCrash, kGcsCrash});
    const Config mutant = without(base, {row.safeguard});
    all.push_back({"without_" + std::string(row.id), unordered(mutant)});
  }
  return all;
}

}  // namespace raymc::clusters
