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
  };
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
               // Faults of a nested owner need one; faults that follow another fault need that one.
               if (fault == Fault::kOwnerCrash) {
                 c.shape.owners.push_back({.name = "parent", .kind = OwnerKind::kWorker, .node = NodeId{1}});
                 for (TaskShape& task : c.shape.tasks) task.owner = OwnerId{1};
               }
               if (fault == Fault::kGcsUnreachable) c.budget[Fault::kGcsCrash] = 1;
               if (fault == Fault::kDriverPlasma) {
                 c.shape.nodes[0].may_crash = true;
                 c.budget[Fault::kRayletCrash] = 1;
               }
             }},
            reference);
  }
  return 0;
}
