// What each feature and each fault costs: distinct states of one base scenario with one thing changed at a time.
// Prints the table of model/README.md as tab-separated values; run by `./raymc costs`.
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "model/ray_model.hpp"

namespace {

using namespace raymc;

/// Two raylets with one CPU and one worker each, two tasks of one key with one retry, a driver on n1, no fault.
Config base() {
  Config config;
  config.shape.nodes = {{.may_crash = false}, {}};
  config.shape.owners = {{.name = "driver", .kind = OwnerKind::kDriver, .node = NodeId{0}}};
  config.shape.tasks = {{.name = "t1", .max_retries = 1}, {.name = "t2", .max_retries = 1}};
  return config;
}

void for_each_task(Config& config, const std::function<void(TaskShape&)>& change) {
  for (TaskShape& task : config.shape.tasks) change(task);
}

struct Change {
  std::string name;
  std::function<void(Config&)> apply;
};

std::vector<Change> features() {
  return {
      {"base", [](Config&) {}},
      {"one task", [](Config& c) { c.shape.tasks.pop_back(); }},
      {"three tasks", [](Config& c) { c.shape.tasks.push_back({.name = "t3", .max_retries = 1}); }},
      {"one raylet", [](Config& c) { c.shape.nodes.pop_back(); }},
      {"three raylets", [](Config& c) { c.shape.nodes.push_back({}); }},
      {"two CPUs and workers per raylet",
       [](Config& c) {
         for (NodeShape& node : c.shape.nodes)
           node = {.cpus = 2, .workers = 2, .prestarted = 2, .may_crash = node.may_crash};
       }},
      {"no worker prestarted",
       [](Config& c) {
         for (NodeShape& node : c.shape.nodes) node.prestarted = 0;
       }},
      {"two keys", [](Config& c) { c.shape.tasks[1].key = KeyId{1}; }},
      {"a nested owner with a key of its own",
       [](Config& c) {
         c.shape.owners.push_back({.name = "parent", .kind = OwnerKind::kWorker, .node = NodeId{1}});
         c.shape.tasks[1].key = KeyId{1};
         c.shape.tasks[1].owner = OwnerId{1};
       }},
      {"submission at any time", [](Config& c) { c.shape.submission = Submission::kAnyTime; }},
      {"unordered delivery", [](Config& c) { c.shape.delivery = Delivery::kUnordered; }},
      {"tracked resource view", [](Config& c) { c.shape.view = ResourceView::kTracked; }},
      {"lease expiry", [](Config& c) { c.shape.lease_expiry = true; }},
      {"n2 joins late", [](Config& c) { c.shape.nodes[1].joins_late = true; }},
      {"n2 joins late as the head", [](Config& c) { c.shape.nodes[1].joins_late = c.shape.nodes[1].new_head = true; }},
      {"tasks bound to n2", [](Config& c) { for_each_task(c, [](TaskShape& t) { t.affinity = NodeId{1}; }); }},
      {"tasks that block in ray.get", [](Config& c) { for_each_task(c, [](TaskShape& t) { t.blocks = true; }); }},
      {"an argument in plasma", [](Config& c) { for_each_task(c, [](TaskShape& t) { t.argument_at = NodeId{1}; }); }},
      {"values in plasma", [](Config& c) { for_each_task(c, [](TaskShape& t) { t.result = Result::kPlasma; }); }},
      {"feature pubsub", [](Config& c) { c.features.add(Feature::kPubsub); }},
      {"feature idle_exit", [](Config& c) { c.features.add(Feature::kIdleExit); }},
      {"feature lease_cancels", [](Config& c) { c.features.add(Feature::kLeaseCancels); }},
      {"feature devices", [](Config& c) { c.features.add(Feature::kDevices); }},
      {"feature jobs", [](Config& c) { c.features.add(Feature::kJobs); }},
      {"feature pool_order", [](Config& c) { c.features.add(Feature::kPoolOrder); }},
      {"feature prestart", [](Config& c) { c.features.add(Feature::kPrestart); }},
      {"feature orderly_kills", [](Config& c) { c.features.add(Feature::kOrderlyKills); }},
      {"feature posted_deaths", [](Config& c) { c.features.add(Feature::kPostedDeaths); }},
  };
}

void nest(Config& c) {
  c.shape.owners.push_back({.name = "parent", .kind = OwnerKind::kWorker, .node = NodeId{1}});
  for_each_task(c, [](TaskShape& t) { t.owner = OwnerId{1}; });
}

void start_workers(Config& c) {
  for (NodeShape& node : c.shape.nodes) node.workers = 2;
  for (NodeShape& node : c.shape.nodes) node.prestarted = 0;
}

/// What a fault needs so that it can strike: a victim, or another fault before it.
void prepare(Config& c, Fault fault) {
  switch (fault) {
    case Fault::kOwnerCrash:
    case Fault::kOwnerExit:
    case Fault::kOwnerDropped: nest(c); break;
    case Fault::kGcsUnreachable:
    case Fault::kOwnerGivesUp:
    case Fault::kSelfCheckFails: c.budget[Fault::kGcsCrash] = 1; break;
    case Fault::kDriverPlasma:
      c.shape.nodes[0].may_crash = true;
      c.budget[Fault::kRayletCrash] = 1;
      break;
    case Fault::kStoreStall: c.budget[Fault::kRayletCrash] = 1; break;
    case Fault::kPollReplyLost:
      c.features.add(Feature::kPubsub);
      c.budget[Fault::kRayletCrash] = 1;
      break;
    case Fault::kPreemptionKill: c.budget[Fault::kDrainPreemption] = 1; break;
    case Fault::kRayletResume: c.budget[Fault::kRayletHang] = 1; break;
    case Fault::kStreamBroken: c.shape.view = ResourceView::kTracked; break;
    case Fault::kArgumentEvicted:
    case Fault::kValueSpilled:
    case Fault::kRayletPartition: for_each_task(c, [](TaskShape& t) { t.argument_at = NodeId{1}; }); break;
    case Fault::kActorFails: for_each_task(c, [](TaskShape& t) { t.actor_argument = true; }); break;
    case Fault::kPlasmaFull: for_each_task(c, [](TaskShape& t) { t.result = Result::kEither; }); break;
    case Fault::kStuckExit: c.shape.max_calls_one = true; break;
    case Fault::kStartFails:
    case Fault::kRuntimeEnvFails: start_workers(c); break;
    case Fault::kPortReuse:
      for (NodeShape& node : c.shape.nodes) node = {.cpus = 2, .workers = 2, .may_crash = node.may_crash};
      c.budget[Fault::kWorkerCrash] = 1;
      break;
    default: break;
  }
}

std::uint64_t measure(const std::string& name, const Change& change, std::uint64_t reference) {
  Config config = base();
  // The known leak of C1 is no cost; with its fix every fault can be explored to the end.
  config.safeguards = SafeguardSet::hardened();
  change.apply(config);
  const mc::Verdict verdict = mc::check(RayModel(config), {});
  const double factor = reference > 0 ? static_cast<double>(verdict.states) / static_cast<double>(reference) : 1.0;
  std::printf("%s\t%llu\t%llu\t%u\t%.1f\n", name.c_str(), static_cast<unsigned long long>(verdict.states),
              static_cast<unsigned long long>(verdict.transitions), verdict.depth, factor);
  return verdict.states;
}

}  // namespace

int main() {
  std::printf(
      "# Regenerate with: ./raymc costs\n# hardened profile, no bounds; the base scenario is in "
      "tests/bench/state_costs.cpp\n");
  std::printf("change\tstates\ttransitions\tdepth\tfactor\n");
  std::uint64_t reference = 0;
  for (const Change& change : features()) {
    const std::uint64_t states = measure(change.name, change, reference);
    if (reference == 0) reference = states;
  }
  for (std::uint8_t f = 0; f < kFaultCount; ++f) {
    const Fault fault{f};
    const std::string name = "fault " + std::string(key_of(fault));
    measure(name,
            {name,
             [fault](Config& c) {
               c.budget[fault] = 1;
               prepare(c, fault);
             }},
            reference);
  }
  return 0;
}
