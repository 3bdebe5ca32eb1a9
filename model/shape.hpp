// What a scenario fixes before the first step: nodes, CPUs, worker slots, owners and tasks, and how much of the
// scheduler is represented. Constant during a search; never part of a state.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/ids.hpp"

namespace raymc {

/// Who owns tasks. An owner on a node that joins late submits its tasks after the node has registered.
enum class OwnerKind : std::uint8_t {
  kDriver,
  kWorker,  ///< a worker that is blocked in a nested `ray.get` from the start (it holds no CPU; ADR-0004)
  kTask,    ///< the worker that runs an attempt of a task of the scenario
};

/// How the scheduler sees other nodes.
enum class ResourceView : std::uint8_t {
  kFree,     ///< any node not known dead may be chosen; nothing is stored; sound for safety
  kTracked,  ///< a stale copy of every row, with optimistic deduction and refresh (section 4.1)
};

/// When the owner's program submits its tasks.
enum class Submission : std::uint8_t {
  kAtStart,  ///< all tasks are submitted in the initial state, in order
  kAnyTime,  ///< one after another, at any moment of the run
};

/// Which messages of one ordered pair of processes may be handled next.
enum class Delivery : std::uint8_t {
  kFifo,       ///< only the oldest (Ray's normal case; section 6.1)
  kUnordered,  ///< any (injected event-loop delays; section 6.3)
};

/// Where the return value of a task goes.
enum class Result : std::uint8_t {
  kInline,  ///< into the reply: it is small
  kPlasma,  ///< into the store of the executor's node
  kEither,  ///< each execution decides
};

struct NodeShape {
  std::uint8_t cpus = 1;     ///< 0 to kCpusMax
  std::uint8_t workers = 1;  ///< worker process slots, 1 or more; as many as `prestarted` are idle at the start
  std::uint8_t prestarted = 1;
  bool joins_late = false;  ///< not registered with the GCS at the start
  bool new_head = false;    ///< joins late as the cluster's head, in the place of n1
  bool may_crash = true;    ///< faults F1, F10 and R48 may strike this node

  std::uint8_t pin_budget = 0;  ///< objects that the arguments of granted leases may pin (0: any number)
  friend bool operator==(const NodeShape&, const NodeShape&) = default;
};

struct OwnerShape {
  std::string name;
  OwnerKind kind = OwnerKind::kDriver;
  NodeId node{0};                ///< not of kTask
  TaskId runs = TaskId::none();  ///< of kTask: the parent task
  std::uint8_t attempt = 0;      ///< of kTask: the attempt of it that submits the owner's tasks
  bool gets_one_by_one = false;  ///< of kTask: it waits for each child by itself, not for all in one ray.get
};

/// maximum_startup_concurrency: as many worker processes of a node start at a time as it has CPUs.
inline constexpr std::uint8_t kStartsAsCpus = kWorkersMax + 1;

/// num_workers_soft_limit: a raylet keeps as many idle workers as it has free CPUs.
inline constexpr std::uint8_t kIdleWorkersAsCpus = kWorkersMax + 1;

/// Which worker a raylet kills for want of memory, and whether its task may run again.
enum class MemoryPolicy : std::uint8_t {
  kByTime,   ///< a task that may be retried is retried
  kByOwner,  ///< ... unless its owner has no other worker on the node: the last one is killed for good
};

/// task_oom_retries: without end.
inline constexpr std::uint8_t kMemoryRetriesUnlimited = 7;

struct TaskShape {
  std::string name;
  OwnerId owner{0};
  KeyId key{0};
  std::uint8_t max_retries = 0;      ///< 0 to kRetriesMax
  NodeId affinity = NodeId::none();  ///< hard NodeAffinity: the only node that may run the task
  bool retry_exceptions = false;     ///< an exception that its code raises is retried
  bool blocks = false;               ///< its code may block once in ray.get, on something that comes by itself
  NodeId locality = NodeId::none();  ///< the lease policy's choice while the owner believes it alive (section 2.2)
  bool endless = false;              ///< its code never returns

  NodeId argument_at = NodeId::none();  ///< the primary copy of its key's argument in plasma at the start, or none
  TaskId depends_on = TaskId::none();   ///< an earlier task of the same owner whose return value it takes
  bool actor_argument = false;          ///< an argument holds the handle of an actor that is being registered
  bool drops_argument = false;          ///< the program keeps no reference of the arguments once they are passed
  Result result = Result::kInline;      ///< where its return value goes
  friend bool operator==(const TaskShape&, const TaskShape&) = default;
};

struct Shape {
  std::vector<NodeShape> nodes;    ///< 1 to kNodesMax
  std::vector<OwnerShape> owners;  ///< 1 to kOwnersMax; the first is the driver
  std::vector<TaskShape> tasks;    ///< 1 to kTasksMax; tasks of one key have one owner and one locality
  std::array<std::uint8_t, kKeysMax> key_cpus{1, 1, 1, 1, 1, 1};  ///< CPUs that one lease of a key takes
  ResourceView view = ResourceView::kFree;
  Submission submission = Submission::kAtStart;
  Delivery delivery = Delivery::kFifo;
  bool max_calls_one = false;            ///< a worker exits after one task (max_calls = 1, the default of GPU tasks)
  std::uint8_t max_calls = 0;            ///< ... after so many (0: it does not); tasks are of one function
  bool lease_expiry = false;             ///< a lease may expire while it is used (S12 with a queue that is not empty)
  bool partitions_heal = true;           ///< a link that was cut is up again some day; otherwise never
  std::uint32_t spared_calls = 0;        ///< bit per Rpc that faults F7 to F9 and F19 leave alone
  std::uint8_t startup_concurrency = 0;  ///< worker processes of a node that start at a time (0: as many as slots)
  std::uint8_t idle_workers_kept = kIdleWorkersAsCpus;    ///< num_workers_soft_limit
  std::uint8_t start_retries = 5;                         ///< pop_worker_max_retries
  std::uint8_t memory_retries = kMemoryRetriesUnlimited;  ///< task_oom_retries, of tasks with max_retries above 0
  MemoryPolicy memory_policy = MemoryPolicy::kByTime;
  bool force_cancel = false;  ///< ray.cancel kills the worker that runs the task (force = True)
  /// How many tasks a worker runs before it exits; 0: any number.
  [[nodiscard]] std::uint8_t tasks_per_worker() const { return max_calls_one ? std::uint8_t{1} : max_calls; }
  std::uint8_t health_check_failures = 1;  ///< consecutive failed probes that declare a node dead (Ray: 5), 1 to 7
};

}  // namespace raymc
