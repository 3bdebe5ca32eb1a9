// What a grant pass does with a whole scheduling class: rows R17 and R18 of section 8.3.
// Abstractions: classes are examined in the order of their keys (Ray: of a hash table); a class at its cap is passed
// over in the pass that a handler runs, and may be granted, or spilled, at any later moment (Ray: after a growing
// delay).
#include <algorithm>

#include "model/network.hpp"
#include "model/objects/objects.hpp"
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
  if (lease.stage == LeaseStage::kGrantWorker) {
    close_account(step, lease.node, id);
    free_resources(step, lease.node, lease.key);
  }
  auto& waiting = step.s.raylet(lease.node).waiting;
  waiting.erase(std::remove(waiting.begin(), waiting.end(), id), waiting.end());
  lease.stage = LeaseStage::kNone;
  answer_held(step, id, [&](const Call& call) {
    if (step.config.has(Safeguard::kDroppedRequestIsAnswered)) answer(step, call, Reply::kUnschedulable);
  });
}

/// The class holds the lease in its table of granted ones. A worker that was returned as exiting holds its place there
/// until it disconnects; which class that is, is not kept.
std::size_t granted_leases(const View& view, NodeId node, KeyId key) {
  std::size_t count = 0;
  for (const Lease& lease : view.s.leases) {
    const bool granted = lease.stage == LeaseStage::kGrantWorker || lease.stage == LeaseStage::kLeased;
    count += lease.used && lease.node == node && lease.key == key && granted ? 1 : 0;
  }
  const std::uint8_t end = view.config.first_worker(static_cast<std::uint8_t>(node.value + 1));
  for (std::uint8_t w = view.config.first_worker(node.value); w < end; ++w) {
    count += view.s.workers[w].place == PoolPlace::kExiting ? 1 : 0;
  }
  return count;
}

/// Requests of `key` in the table of those to grant: they wait for resources or for a worker.
std::size_t requests_to_grant(const View& view, NodeId node, KeyId key) {
  return static_cast<std::size_t>(std::count_if(view.s.leases.begin(), view.s.leases.end(), [&](const Lease& lease) {
    const bool to_grant = lease.stage == LeaseStage::kGrantWait || lease.stage == LeaseStage::kGrantWorker;
    return lease.used && lease.node == node && lease.key == key && to_grant;
  }));
}

/// The class has more than the average of the classes that ask, and they ask for more CPUs than the node has. Classes
/// that take no CPU are not looked at.
bool over_fair_share(const View& view, NodeId node, KeyId key) {
  std::size_t asked = 0;
  std::size_t classes = 0;
  std::size_t granted = 0;
  for (std::uint8_t k = 0; k < view.config.keys(); ++k) {
    if (view.config.cpus_of(KeyId{k}) == 0) continue;
    const std::size_t requests = requests_to_grant(view, node, KeyId{k});
    asked += requests * view.config.cpus_of(KeyId{k});
    classes += requests > 0 ? 1 : 0;
    granted += granted_leases(view, node, KeyId{k});
  }
  return asked > view.config.total_cpus(node) && granted_leases(view, node, key) > granted / classes;
}

/// The oldest waiting request of `key` whose arguments can be pinned, if its resources are free, or none.
LeaseId next_of_class(const View& view, NodeId node, KeyId key) {
  for (const LeaseId id : view.s.raylet(node).waiting) {
    const Lease& lease = view.s.lease(id);
    if (lease.key != key || !all_local(view, node, lease.arguments) || !may_pin(view, node, lease.arguments)) continue;
    return available_at(view, node, key) ? id : LeaseId::none();
  }
  return LeaseId::none();
}

constexpr Transition kPassedOver{
    .row = Row::kR17,
    .id = "raylet.R17.class_is_passed_over",
    .doc = "the class of the request has its fair share or is at its cap; the pass goes on to the next class",
    .source = {kManager, "GrantScheduledLeasesToWorkers"},
    .logs = says(LogKind::kHitCap),
    .feature = Feature::kFairShare,
    .component = Component::kRaylet,
    .trigger = inside(),
    .guard =
        [](const View& view, const Action& a) {
          const KeyId key = view.s.lease(a.lease).key;
          return at_cap(view, a.node, key) || over_fair_share(view, a.node, key);
        },
    .effect = [](Step&, const Action&) {},
};

/// Grants what the class may have now; its share was looked at before.
void grant_class(Step& step, NodeId node, KeyId key) {
  Action binding;
  binding.node = node;
  for (;;) {
    binding.lease = next_of_class(step.view(), node, key);
    if (!binding.lease.exists()) return;
    if (at_cap(step.view(), node, key)) {
      perform_if(step, kPassedOver, binding);
      return;
    }
    perform(step, transition_of(Row::kR14), binding);
  }
}

constexpr Transition kRows[] = {
    kPassedOver,
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
              for (std::uint8_t l = 0; l < step.config.room().leases; ++l) {
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

void class_pass(Step& step, NodeId node) {
  if (!takes_work(step.view(), node)) return;
  for (std::uint8_t k = 0; k < step.config.keys(); ++k) {
    Action binding;
    binding.node = node;
    binding.lease = next_of_class(step.view(), node, KeyId{k});
    if (binding.lease.exists() && !perform_if(step, kPassedOver, binding)) grant_class(step, node, KeyId{k});
  }
}

std::array<bool, kKeysMax> skipped_classes(const View& view, NodeId node) {
  std::array<bool, kKeysMax> skipped{};
  if (!view.config.on(Feature::kFairShare)) return skipped;
  for (std::uint8_t k = 0; k < view.config.keys(); ++k) {
    skipped[k] = view.config.cpus_of(KeyId{k}) > 0 && requests_to_grant(view, node, KeyId{k}) > 0 &&
                 over_fair_share(view, node, KeyId{k});
  }
  return skipped;
}

bool at_cap(const View& view, NodeId node, KeyId key) {
  // MaxGrantedLeasesPerSchedulingClass: rounded to the nearest; none without CPUs.
  const std::size_t total = view.config.total_cpus(node);
  const std::size_t cpus = view.config.cpus_of(key);
  if (!view.config.on(Feature::kFairShare) || total == 0 || cpus == 0) return false;
  return granted_leases(view, node, key) >= (2 * total + cpus) / (2 * cpus);
}

}  // namespace raymc
