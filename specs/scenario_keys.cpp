#include "specs/scenario_keys.hpp"

#include "checker/core/assert.hpp"
#include "model/budget.hpp"
#include "model/feature.hpp"
#include "model/ids.hpp"
#include "model/profile.hpp"
#include "model/shape.hpp"
#include "model/state.hpp"

namespace raymc {
namespace {

constexpr std::int64_t kDepthMax = 1'000'000;
constexpr std::int64_t kStatesMax = 1'000'000'000'000;

void add_shape(std::vector<ScenarioKey>& keys) {
  using enum KeyType;
  keys.insert(
      keys.end(),
      {
          {"shape", "nodes", kInteger, true, "", "raylets; n1 is the head", 1, kNodesMax},
          {"shape", "cpus_per_node", kIntegers, false, "1", "CPUs of a node, for all or one by one", 0, kCpusMax},
          {"shape", "workers_per_node", kIntegers, false, "1", "worker slots of a node, for all or one by one", 1,
           kWorkersMax},
          {"shape", "prestarted_workers", kIntegers, false, "workers_per_node", "workers that are idle at the start", 0,
           kWorkersMax},
          {"shape", "pin_budget", kIntegers, false, "0", "objects that granted leases may pin at a node; 0: any number",
           0, 7},
          {"shape", "joins_late", kNames, false, "[]", "nodes that are not registered at the start"},
          {"shape", "new_head", kText, false, "none", "a node that joins late as the head, in the place of n1"},
          {"shape", "may_crash", kNames, false, "every node", "nodes that a fault may strike"},
          {"shape",
           "resource_view",
           kChoice,
           false,
           "free",
           "how the scheduler sees other nodes",
           0,
           0,
           {"free", "tracked"}},
          {"shape",
           "submission",
           kChoice,
           false,
           "at_start",
           "when tasks are submitted",
           0,
           0,
           {"at_start", "any_time"}},
          {"shape",
           "delivery",
           kChoice,
           false,
           "fifo",
           "order of messages between two processes",
           0,
           0,
           {"fifo", "unordered"}},
          {"shape", "max_calls_one", kBoolean, false, "false", "a worker exits after one task"},
          {"shape", "max_calls", kInteger, false, "0",
           "a worker exits after so many tasks; 0: after any number, or after one with max_calls_one", 0, kMaxCallsMax},
          {"shape", "lease_expiry", kBoolean, false, "false", "a lease may expire while it is used"},
          {"shape", "partitions_heal", kBoolean, false, "true", "a link that was cut is up again some day"},
          {"shape", "faulty_calls", kNames, false, "every call", "calls that faults of single calls may strike"},
          {"shape", "force_cancel", kBoolean, false, "false", "ray.cancel is called with force; needs cancel_path"},
          {"shape", "startup_concurrency", kInteger, false, "0",
           "worker processes that may start at a time on a node; 0: as many as slots, 17: as it has CPUs (as Ray)", 0,
           kStartsAsCpus},
          {"shape", "idle_workers_kept", kInteger, false, "17",
           "num_workers_soft_limit: idle workers that a raylet keeps; 17: as many as it has free CPUs (as Ray)", 0,
           kIdleWorkersAsCpus},
          {"shape", "start_retries", kInteger, false, "5",
           "failed starts of worker processes after which a lease request is tried again", 0, 5},
          {"shape", "memory_retries", kInteger, false, "7",
           "task_oom_retries, of tasks that may be retried; 7: without end (as Ray)", 0, kMemoryRetriesUnlimited},
          {"shape",
           "memory_policy",
           kChoice,
           false,
           "by_time",
           "whose task fails at once if its worker is killed for want of memory; by_owner: the owner's last one, which "
           "is "
           "the default of a profile before ray-2.56",
           0,
           0,
           {"by_time", "by_owner"}},
          {"shape", "health_check_failures", kInteger, false, "1", "failed probes in a row that declare a node dead", 1,
           7},
          {"shape", "key_cpus", kIntegers, false, "1", "CPUs that one lease of each key takes", 0, kCpusMax},
          {"shape", "owner", kTables, false, "one driver on n1",
           "core workers that submit tasks; the first is a driver, whose job may end"},
          {"shape", "task", kTables, true, "", "tasks, in the order of submission"},
          {"shape.owner", "name", kText, true, "", "unique name of the owner"},
          {"shape.owner",
           "kind",
           kChoice,
           false,
           "driver",
           "a driver, a worker in a nested ray.get, or a task",
           0,
           0,
           {"driver", "worker", "task"}},
          {"shape.owner", "node", kText, false, "n1", "where the owner runs"},
          {"shape.owner", "runs", kText, false, "of kind \"task\" only", "the task of which an attempt is the owner"},
          {"shape.owner", "attempt", kInteger, false, "1", "of kind \"task\": the attempt of it that is the owner", 1,
           Task::kAttemptMax},
          {"shape.owner", "gets_one_by_one", kBoolean, false, "false",
           "of kind \"task\": it waits for each of its tasks by itself, not for all at once"},
          {"shape.task", "id", kText, true, "", "unique name of the task"},
          {"shape.task", "owner", kText, false, "the first owner", "who submits the task"},
          {"shape.task", "key", kInteger, false, "1", "scheduling key; tasks of one key may share leases", 1, kKeysMax},
          {"shape.task", "max_retries", kInteger, false, "0", "how often the task may be tried again", 0, kRetriesMax},
          {"shape.task", "affinity", kText, false, "none", "the only node that may run the task"},
          {"shape.task", "retry_exceptions", kBoolean, false, "false", "an exception that the task raises is retried"},
          {"shape.task", "blocks", kBoolean, false, "false", "its code may block once in ray.get"},
          {"shape.task", "arguments_at", kText, false, "none",
           "the node whose store holds an argument of the task's key"},
          {"shape.task", "depends_on", kText, false, "none", "an earlier task of the same owner whose value it takes"},
          {"shape.task", "actor_argument", kBoolean, false, "false",
           "it takes the handle of an actor being registered"},
          {"shape.task", "drops_argument", kBoolean, false, "false", "the program keeps no reference of its arguments"},
          {"shape.task",
           "result",
           kChoice,
           false,
           "inline",
           "where its value goes",
           0,
           0,
           {"inline", "plasma", "either"}},
          {"shape.task", "locality", kText, false, "none", "the node that the lease policy prefers"},
          {"shape.task", "endless", kBoolean, false, "false", "the task's code never returns"},
      });
}

std::vector<std::string_view> profile_names() {
  std::vector<std::string_view> names;
  for (const Profile& profile : profile_table()) names.push_back(profile.name);
  return names;
}

std::vector<ScenarioKey> build() {
  using enum KeyType;
  std::vector<ScenarioKey> keys{
      {"", "schema", kInteger, true, "", "version of this format", 1, 1},
      {"", "question", kText, true, "", "what the scenario asks, in words"},
      {"", "importance", kInteger, false, "1", "its share of `--budget`, against those of other scenarios", 1, 100},
      {"", "features", kNames, false, "[]", "groups of rows that are on; a fault in the budget switches its own on"},
      {"", "threads", kNames, false, "[]", "Ray's issues and pull requests in which the story is told"},
      {"", "shape", kTable, true, "", "the cluster and its work"},
      {"", "budget", kTable, false, "no faults", "faults that the environment may inject"},
      {"", "protocol", kTable, false, "as pinned", "which safeguards of Ray are on"},
      {"", "limits", kTable, false, "no bounds", "bounds on the search, part of the question"},
      {"", "check", kTable, false, "the default properties", "what is claimed"},
      {"", "finding", kTable, false, "not judged", "what the violation says about Ray"},
      {"", "expect", kTable, false, "every property holds", "the answer that tests compare with"},
  };
  add_shape(keys);
  for (const FaultRow& fault : fault_table()) {
    keys.push_back({"budget", fault.key, kInteger, false, "0", fault.meaning, 0, Budget::kCountMax});
  }
  keys.insert(
      keys.end(),
      {
          {"protocol", "profile", kChoice, false, "pinned",
           "which Ray: as pinned, that with every proposed fix, or a release", 0, 0, profile_names()},
          {"protocol", "safeguards", kTable, false, "{}", "single safeguards: id = true or false"},
          {"limits", "depth_max", kInteger, false, "no bound", "levels", 1, kDepthMax},
          {"limits", "states_max", kInteger, false, "no bound", "distinct states", 1, kStatesMax},
          {"check", "properties", kNames, false, "[\"default\"]",
           "ids of properties; \"default\": each that applies and is judged on states; \"all\": also on runs; \"L*\": "
           "a "
           "family, of which those that apply; \"-L*\": without it"},
          {"check", "reachable", kTables, false, "none",
           "situations that some state must be in: a name, and phrases that are all true of it"},
          {"check.reachable", "name", kText, true, "", "its name in reports, in small letters"},
          {"check.reachable", "when", kNames, true, "",
           "phrases about parts of one state as `explore` prints them: \"task t1: FINISHED\", \"worker w1: running "
           "t1\", "
           "\"raylet n2: dead\", \"message: PushTask L1\"; after the colon, what the part says between commas, each "
           "from its beginning"},
          {"check", "symmetry", kBoolean, false, "true",
           "of states that differ only in the names of interchangeable raylets, explore one"},
          {"finding",
           "status",
           kChoice,
           true,
           "",
           "how it stands: in Ray as pinned, there under a condition, with a change that is not merged, by the source "
           "and "
           "not as compiled, or in doubt",
           0,
           0,
           {"pinned", "conditional", "patched", "source_only", "doubtful"}},
          {"finding",
           "likelihood",
           kChoice,
           true,
           "",
           "what brings it about: an ordinary program, one fault at any moment, one within milliseconds, or a rare "
           "order",
           0,
           0,
           {"ordinary", "one_fault", "narrow", "unlikely"}},
          {"finding", "needs", kText, true, "", "what it takes, in words"},
          {"expect",
           "outcome",
           kChoice,
           true,
           "",
           "the verdict",
           0,
           0,
           {"holds", "holds within bounds", "violated", "unreached", "inconclusive"}},
          {"expect", "property", kText, false, "not compared", "the property that is violated or unreached"},
          {"expect", "trace_length", kInteger, false, "not compared", "steps of the counterexample", 0, kDepthMax},
          {"expect", "held_by", kNames, false, "[]",
           "safeguards with which every property holds, which is looked at too"},
          {"expect", "states", kInteger, false, "not compared", "distinct states", 1, kStatesMax},
          {"expect", "transitions", kInteger, false, "not compared", "transitions", 0, kStatesMax},
          {"expect", "depth", kInteger, false, "not compared", "greatest distance from the initial states", 0,
           kDepthMax},
      });
  return keys;
}

}  // namespace

std::string ScenarioKey::path() const {
  return table.empty() ? std::string(name) : std::string(table) + "." + std::string(name);
}

std::string ScenarioKey::type_text() const {
  const std::string range = std::to_string(min) + " to " + std::to_string(max);
  switch (type) {
    case KeyType::kInteger: return min == max ? "integer " + std::to_string(min) : "integer " + range;
    case KeyType::kIntegers: return "integer or array of integers, " + range;
    case KeyType::kBoolean: return "true or false";
    case KeyType::kText: return "text";
    case KeyType::kNames: return "array of texts";
    case KeyType::kTable: return "table";
    case KeyType::kTables: return "array of tables";
    case KeyType::kChoice: break;
  }
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
    text += '"' + std::string(choices[i]) + '"';
  }
  return text;
}

std::span<const ScenarioKey> scenario_keys() {
  static const std::vector<ScenarioKey> keys = build();
  return keys;
}

const ScenarioKey& scenario_key(std::string_view table, std::string_view name) {
  for (const ScenarioKey& key : scenario_keys()) {
    if (key.table == table && key.name == name) return key;
  }
  MC_ASSERT(false, "every key that the loader reads has a row");
}

std::vector<std::string_view> keys_of_table(std::string_view table) {
  std::vector<std::string_view> names;
  for (const ScenarioKey& key : scenario_keys()) {
    if (key.table == table) names.push_back(key.name);
  }
  return names;
}

}  // namespace raymc
