// Each property has teeth: with the safeguard that it names switched off it breaks in a small cluster, and with that
// safeguard on it holds in the same cluster. This is what keeps a property from being true of everything.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "specs/properties/catalogue.hpp"

namespace raymc {
namespace {

/// A cluster of `nodes` raylets with one CPU and one worker each and a driver on n1, whose node does not fail.
Config cluster(std::uint8_t nodes, std::uint8_t tasks, std::uint8_t max_retries) {
  Config config;
  for (std::uint8_t n = 0; n < nodes; ++n) config.shape.nodes.push_back({.may_crash = n > 0});
  config.shape.owners.push_back({.name = "driver", .kind = OwnerKind::kDriver, .node = NodeId{0}});
  for (std::uint8_t t = 0; t < tasks; ++t) {
    config.shape.tasks.push_back({.name = "t" + std::to_string(t + 1), .max_retries = max_retries});
  }
  return config;
}

/// The same, with all tasks owned by a worker on n1 that may crash.
Config nested(std::uint8_t nodes, std::uint8_t tasks) {
  Config config = cluster(nodes, tasks, 1);
  config.shape.owners.push_back({.name = "parent", .kind = OwnerKind::kWorker, .node = NodeId{0}});
  for (TaskShape& task : config.shape.tasks) task.owner = OwnerId{1};
  config.budget[Fault::kOwnerCrash] = 1;
  return config;
}

Config with(Config config, std::initializer_list<Fault> faults) {
  for (const Fault fault : faults) ++config.budget[fault];
  return config;
}

Config preferring(Config config, NodeId node) {
  for (TaskShape& task : config.shape.tasks) task.locality = node;
  return config;
}

Config head_may_fail(Config config) {
  config.shape.nodes[0].may_crash = true;
  return config;
}

/// The second task has a key of its own, and tasks are submitted at any time.
Config two_keys(Config config) {
  config.shape.tasks[1].key = KeyId{1};
  config.shape.submission = Submission::kAnyTime;
  return config;
}

/// No task is tried again after a kill for want of memory.
Config limited_memory_retries(Config config) {
  config.shape.memory_retries = 0;
  return config;
}

/// The first task of the key, whose spec is that of its leases, is not tried again.
Config first_may_not_retry(Config config) {
  config.shape.tasks.front().max_retries = 0;
  return config;
}

/// Workers have to be started, and a failed start is not tried again.
Config no_worker_ready(Config config) {
  for (NodeShape& node : config.shape.nodes) node.prestarted = 0;
  config.shape.start_retries = 0;
  return config;
}

/// The last node joins late as the head.
Config new_head(Config config) {
  config.shape.nodes.back().joins_late = config.shape.nodes.back().new_head = true;
  return config;
}

/// Two CPUs and two workers, of which one has to be started.
Config one_worker_ready(Config config) {
  for (NodeShape& node : config.shape.nodes) node.cpus = node.workers = 2;
  return config;
}

Config two_cpus(Config config) {
  for (NodeShape& node : config.shape.nodes) node.cpus = node.workers = node.prestarted = 2;
  return config;
}

Config two_workers(Config config) {
  for (NodeShape& node : config.shape.nodes) node.workers = node.prestarted = 2;
  return config;
}

Config feature(Feature feature, Config config) {
  config.features.add(feature);
  return config;
}

Config tracked(Config config) {
  config.shape.view = ResourceView::kTracked;
  return config;
}

Config joins_late(Config config, std::uint8_t node) {
  config.shape.nodes[node].joins_late = true;
  return config;
}

Config endless(Config config, std::uint8_t task) {
  config.shape.tasks[task].endless = true;
  return config;
}

/// Also these safeguards are on.
Config having(Config config, std::initializer_list<Safeguard> safeguards) {
  for (const Safeguard safeguard : safeguards) config.safeguards.set(safeguard, true);
  return config;
}

/// Faults of single calls strike this one only.
Config only_striking(Config config, Rpc rpc) {
  config.shape.spared_calls = ((1U << kRpcCount) - 1U) & ~(1U << static_cast<unsigned>(rpc));
  return config;
}

/// Tasks may block in ray.get, and each node has a worker to lend their CPU to.
Config blocking(Config config) {
  for (TaskShape& task : config.shape.tasks) task.blocks = true;
  for (NodeShape& node : config.shape.nodes) node.workers = node.prestarted = 2;
  return config;
}

/// The code of this task never returns; it has a key of its own.
Config actor(Config config, std::uint8_t task) {
  config.shape.tasks[task].key = KeyId{1};
  return endless(config, task);
}

Config unordered(Config config) {
  config.shape.delivery = Delivery::kUnordered;
  return config;
}

/// Two worker slots for one CPU, a task of the driver and one of a worker that may crash.
Config two_owners_share_a_cpu() {
  Config config = nested(1, 2);
  config.shape.nodes[0].workers = config.shape.nodes[0].prestarted = 2;
  config.shape.tasks[1].owner = OwnerId{0};
  config.shape.tasks[1].key = KeyId{1};
  return config;
}

/// The argument of every task is in plasma on `node` at the start.
Config arguments_at(Config config, NodeId node) {
  for (TaskShape& task : config.shape.tasks) task.argument_at = node;
  return config;
}

Config in_plasma(Config config) {
  for (TaskShape& task : config.shape.tasks) task.result = Result::kPlasma;
  return config;
}

/// The second task has a key of its own and takes the value of the first.
Config dependent(Config config) {
  config.shape.tasks[1].key = KeyId{1};
  config.shape.tasks[1].depends_on = TaskId{0};
  return config;
}

Config one_task_per_worker(Config config) {
  config.shape.max_calls_one = true;
  return config;
}

struct Mutant {
  std::string property;
  Config config;
};

void PrintTo(const Mutant& mutant, std::ostream* out) {
  *out << mutant.property;
}

std::vector<Mutant> mutants() {
  using enum Fault;
  return {
      {"L1.task_ends", preferring(with(cluster(2, 1, 1), {kRayletCrash}), NodeId{1})},
      {"L1.task_finishes", with(cluster(1, 1, 1), {kWorkerCrash})},
      {"L1.entry_is_held", with(cluster(1, 1, 1), {kWorkerCrash})},
      {"L1.driver_is_not_refused_again", preferring(head_may_fail(with(cluster(2, 2, 1), {kRayletCrash})), NodeId{1})},
      {"D1.attempt_starts_once", with(cluster(1, 1, 1), {kReplyLost})},
      {"D2.executions_within_budget", with(cluster(1, 1, 1), {kReplyLost, kReplyLost})},
      {"D3.ends_once", with(cluster(1, 1, 1), {kCancel})},
      {"I7.draining_raylet_takes_no_work", preferring(with(cluster(2, 1, 1), {kDrainIdle}), NodeId{1})},
      {"D5.preemption_is_not_charged",
       preferring(with(cluster(2, 1, 1), {kDrainPreemption, kPreemptionKill}), NodeId{1})},
      {"L5.drained_raylet_terminates", preferring(with(cluster(2, 1, 1), {kDrainPreemption, kWorkerCrash}), NodeId{1})},
      {"D7.memory_kill_is_not_charged", with(cluster(1, 1, 1), {kMemoryKill})},
      {"D8.memory_retries_within_budget", limited_memory_retries(with(cluster(1, 1, 1), {kMemoryKill}))},
      {"D9.memory_retry_is_not_forfeited", first_may_not_retry(with(cluster(1, 2, 1), {kMemoryKill}))},
      {"I15.task_is_told_its_devices", feature(Feature::kDevices, with(cluster(1, 1, 1), {kReplyLost}))},
      {"J1.job_of_dead_driver_ends",
       feature(Feature::kJobs, head_may_fail(with(cluster(1, 1, 0), {kRayletCrash, kGcsCrash})))},
      {"J2.workers_of_ended_job_exit", feature(Feature::kJobs, with(cluster(1, 1, 0), {kDriverCrash, kGcsCrash}))},
      {"I16.failed_starts_are_bounded", no_worker_ready(with(cluster(1, 1, 0), {kStartFails}))},
      {"M8.one_head_is_alive", new_head(cluster(2, 1, 0))},
      {"I17.task_reaches_its_worker", one_worker_ready(with(cluster(1, 2, 1), {kPortReuse, kWorkerCrash}))},
      {"D4.no_retry_without_budget", with(cluster(1, 1, 0), {kReplyLost})},
      {"I8.attempts_and_retries_balance", with(cluster(1, 1, 1), {kReplyLost})},
      {"I1.submitted_task_is_in_one_place", with(cluster(1, 1, 1), {kWorkerCrash})},
      {"I2.request_is_queued_once", with(cluster(1, 2, 1), {kEarlyError})},
      {"I4.worker_has_one_lease", with(two_cpus(cluster(1, 1, 1)), {kReplyLost})},
      {"I4.pooled_worker_is_registered", with(two_cpus(cluster(1, 2, 1)), {kWorkerCrash})},
      {"I5.one_push_per_lease", with(two_keys(cluster(1, 3, 1)), {kReplyLost})},
      {"I6.request_is_not_forgotten", cluster(2, 2, 1)},
      {"I7.no_work_for_dead_owner", nested(2, 2)},
      {"I7.dead_owners_workers_are_killed", nested(2, 1)},
      {"I11.queued_task_is_pending", head_may_fail(with(cluster(2, 1, 1), {kRayletCrash}))},
      {"I12.no_leaked_lease", nested(2, 1)},
      {"I3.resources_conserved", with(cluster(1, 1, 1), {kWorkerCrash})},
      {"I3.cpus_in_use_within_total", blocking(cluster(1, 2, 1))},
      {"I13.resources_return", with(cluster(1, 1, 1), {kWorkerCrash})},
      {"M1.dead_raylet_is_known", with(cluster(2, 1, 1), {kRayletCrash, kGcsCrash})},
      {"M2.declared_dead_is_dead", with(cluster(2, 1, 1), {kFalseDeath})},
      {"M3.shutdown_ends", with(cluster(2, 1, 1), {kRayletSigterm, kFalseDeath})},
      {"M4.farewell_is_answered", with(cluster(2, 1, 1), {kRayletSigterm, kReplyLost})},
      {"I9.known_death_is_written", with(cluster(2, 1, 1), {kRayletCrash, kGcsCrash})},
      {"I10.notice_is_delivered_once", with(cluster(2, 1, 1), {kRayletCrash})},
      {"K1.submitter_checks", cluster(3, 3, 1)},
      {"K2.task_manager_checks", with(cluster(1, 1, 1), {kCancel})},
      {"D6.ended_task_does_not_run", with(cluster(1, 1, 1), {kCancel, kWorkerCrash})},
      {"I12.no_unneeded_request", actor(cluster(1, 3, 0), 1)},
      {"I12.request_is_cancelled_once", feature(Feature::kLeaseCancels, unordered(cluster(1, 2, 0)))},
      {"I3.running_tasks_fit", two_owners_share_a_cpu()},
      {"M5.no_orphan_worker", with(cluster(2, 1, 1), {kRayletCrash})},
      {"A1.cancel_is_not_missed", feature(Feature::kCancelPath, with(cluster(1, 1, 0), {kCancel}))},
      {"K3.raylet_checks", cluster(1, 1, 1)},
      {"I14.pins_are_for_leases", arguments_at(nested(1, 1), NodeId{0})},
      {"I14.no_leaked_lease_or_pin",
       one_task_per_worker(arguments_at(with(cluster(1, 1, 0), {kStuckExit}), NodeId{0}))},
      {"B1.value_is_where_its_owner_believes",
       preferring(in_plasma(with(cluster(2, 1, 1), {kRayletCrash})), NodeId{1})},
      {"B3.idle_drain_keeps_values", having(preferring(in_plasma(with(cluster(2, 1, 1), {kDrainIdle})), NodeId{1}),
                                            {Safeguard::kDrainCountsUnpinnedValues})},
      {"B2.value_is_kept", in_plasma(with(cluster(1, 1, 1), {kRequestLost}))},
      {"K9.reference_counter_checks", dependent(with(cluster(1, 2, 0), {kCancel}))},
      {"K4.scheduler_checks", joins_late(tracked(cluster(2, 2, 0)), 1)},
      {"K5.gcs_checks", with(tracked(cluster(1, 1, 0)), {kStreamBroken})},
      {"I14.views_converge", tracked(cluster(2, 2, 0))},
      {"L7.no_starvation_with_free_resources", endless(tracked(cluster(2, 3, 0)), 1)},
      {"L1.dead_node_is_not_waited_for",
       having(preferring(with(cluster(2, 1, 1), {kNodeBlackhole}), NodeId{1}), {Safeguard::kLivenessAtCreation})},
      {"L1.hung_raylet_is_not_waited_for", having(preferring(with(cluster(2, 1, 1), {kRayletHang}), NodeId{1}),
                                                  {Safeguard::kNodeDeathFailsCalls, Safeguard::kLivenessAtCreation})},
      {"L1.silent_node_is_not_waited_for", preferring(with(cluster(2, 1, 1), {kNodeBlackhole}), NodeId{1})},
      {"L1.queued_call_to_dead_node_fails", with(cluster(3, 2, 1), {kRayletCrash})},
      {"L1.live_owner_is_not_refused_again", with(nested(1, 1), {kOwnerDropped})},
      {"L1.dead_local_raylet_is_not_asked_again", head_may_fail(with(cluster(2, 1, 0), {kRayletCrash}))},
      {"E1.node_died_means_node_died",
       only_striking(with(cluster(1, 1, 1), {kWorkerCrash, kRequestLost}), Rpc::kGetWorkerFailureCause)},
      {"L1.exiting_owner_abandons_no_task", with(nested(1, 1), {kOwnerExit})},
      {"P1.dropped_worker_exits", with(two_workers(cluster(1, 1, 1)), {kNotIdle})},
      {"M6.live_raylet_is_not_declared_dead", with(cluster(2, 1, 1), {kGcsCrash})},
      {"M7.raylet_held_dead_is_dead",
       having(with(cluster(2, 1, 1), {kFalseDeath, kGcsCrash}), {Safeguard::kDeathIsToldAtOnce})},
      {"K10.self_check_reads_an_answer", with(cluster(2, 1, 0), {kGcsCrash, kSelfCheckFails})},
      {"P3.subscriber_is_subscribed", feature(Feature::kPubsub, with(cluster(2, 1, 0), {kSubscriberStall}))},
      {"P4.sweep_spares_new_subscription",
       feature(Feature::kPubsub, with(cluster(2, 1, 0), {kSubscriberStall, kGcsCrash}))},
      {"L1.every_task_ends", preferring(with(cluster(2, 1, 1), {kRayletCrash}), NodeId{1})},
      {"L1.every_task_can_end", preferring(with(cluster(2, 1, 1), {kRayletCrash}), NodeId{1})},
      {"L2.every_request_is_answered", with(cluster(1, 2, 1), {kWorkerCrash})},
      {"L3.every_death_becomes_known", with(cluster(2, 1, 1), {kRayletCrash, kGcsCrash})},
      {"L3.swept_subscriber_hears_of_deaths",
       feature(Feature::kPubsub, with(cluster(2, 1, 0), {kSubscriberStall, kGcsCrash, kRayletCrash}))},
      {"L2.unneeded_request_goes", actor(cluster(1, 3, 0), 1)},
      {"L4.orphaned_worker_exits", with(cluster(2, 1, 1), {kRayletCrash})},
      {"L4.dead_owner_loses_its_leases", nested(2, 1)},
      {"L5.leaving_raylet_is_gone_at_last", with(cluster(2, 1, 1), {kRayletSigterm, kFalseDeath})},
      {"L6.capacity_returns", with(cluster(1, 1, 1), {kWorkerCrash})},
      {"L6.capacity_can_return", with(cluster(1, 1, 1), {kWorkerCrash})},
      {"A2.cancel_is_not_lost", feature(Feature::kCancelPath, with(cluster(1, 1, 0), {kCancel}))},
      {"P5.no_process_is_left_behind", with(cluster(1, 1, 1), {kRequestLost})},
      {"P2.no_worker_is_forgotten", feature(Feature::kIdleExit, with(two_workers(cluster(1, 1, 1)), {kRequestLost}))},
  };
}

const Property& property(const std::string& id) {
  const auto all = all_properties();
  return *std::find_if(all.begin(), all.end(), [&](const Property& p) { return p.id == id; });
}

class MutantTest : public testing::TestWithParam<Mutant> {};

TEST_P(MutantTest, IsKilledByTheProperty) {
  Config config = GetParam().config;
  const Property& claim = property(GetParam().property);
  const auto safeguard = find_safeguard(claim.mutant);
  ASSERT_TRUE(safeguard.has_value()) << "the mutant of " << claim.id << " is a safeguard";

  // C1 breaks the resource properties in the pinned profile; here only the named safeguard may differ.
  config.safeguards.set(Safeguard::kGrantChecksWorker, true);
  config.safeguards.set(*safeguard, true);
  const mc::Verdict on = mc::check(RayModel(config), std::span(&claim, 1));
  EXPECT_EQ(on.outcome, mc::Outcome::kHolds) << claim.id << " with " << claim.mutant << " on: " << on.reason;

  config.safeguards.set(*safeguard, false);
  const mc::Verdict off = mc::check(RayModel(config), std::span(&claim, 1));
  EXPECT_EQ(off.outcome, mc::Outcome::kViolated) << claim.id << " with " << claim.mutant << " off: " << off.reason;
}

std::string test_name(const testing::TestParamInfo<Mutant>& info) {
  std::string name = info.param.property;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Properties, MutantTest, testing::ValuesIn(mutants()), test_name);

TEST(Mutants, EveryPropertyButTheReachableOnesNamesOneThatIsTested) {
  const std::vector<Mutant> tested = mutants();
  for (const Property& claim : all_properties()) {
    if (claim.kind == mc::PropertyKind::kReachable) {
      EXPECT_TRUE(claim.mutant.empty()) << claim.id;
      continue;
    }
    EXPECT_TRUE(std::any_of(tested.begin(), tested.end(), [&](const Mutant& m) { return m.property == claim.id; }))
        << claim.id;
  }
}

}  // namespace
}  // namespace raymc
