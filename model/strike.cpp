#include "model/strike.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "model/describe_words.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

/// A phase of a victim; a victim may be in several at once.
struct Phase {
  std::string id;
  bool (*holds)(const View& view, const Action& action, std::uint8_t argument);
  std::uint8_t argument = 0;
};
using Phases = std::vector<Phase>;

bool some_lease(const View& view, NodeId node, LeaseStage stage) {
  return std::any_of(view.s.leases.begin(), view.s.leases.end(),
                     [&](const Lease& l) { return l.used && l.node == node && l.stage == stage; });
}

bool raylet_has(const View& view, const Action& a, std::uint8_t stage) {
  return some_lease(view, a.node, static_cast<LeaseStage>(stage));
}

Phases raylet_phases() {
  const auto stage = [](std::string id, LeaseStage s) {
    return Phase{std::move(id), raylet_has, static_cast<std::uint8_t>(s)};
  };
  return {
      {"at_rest",
       [](const View& view, const Action& a, std::uint8_t) {
         return std::none_of(view.s.leases.begin(), view.s.leases.end(), [&](const Lease& l) {
           return l.used && l.node == a.node && l.stage != LeaseStage::kNone;
         });
       }},
      stage("infeasible", LeaseStage::kInfeasible),
      stage("waiting", LeaseStage::kGrantWait),
      stage("granting", LeaseStage::kGrantWorker),
      stage("leased", LeaseStage::kLeased),
      {"shutting_down",
       [](const View& view, const Action& a, std::uint8_t) { return view.s.raylet(a.node).shutting_down; }},
  };
}

bool worker_is_in(const View& view, const Action& a, std::uint8_t place) {
  const Worker& worker = view.s.worker(a.worker);
  return worker.place == static_cast<PoolPlace>(place) && worker.execution == Execution::kNone;
}

bool worker_executes(const View& view, const Action& a, std::uint8_t execution) {
  return view.s.worker(a.worker).execution == static_cast<Execution>(execution);
}

Phases worker_phases() {
  const auto place = [](std::string id, PoolPlace p) {
    return Phase{std::move(id), worker_is_in, static_cast<std::uint8_t>(p)};
  };
  return {
      place("idle", PoolPlace::kIdle),
      place("reserved", PoolPlace::kReserved),
      place("leased", PoolPlace::kLeased),
      place("exiting", PoolPlace::kExiting),
      {"task_queued", worker_executes, static_cast<std::uint8_t>(Execution::kQueued)},
      {"task_running", worker_executes, static_cast<std::uint8_t>(Execution::kRunning)},
      {"disconnected",
       [](const View& view, const Action& a, std::uint8_t) { return !view.s.worker(a.worker).registered; }},
  };
}

constexpr TaskPlace kPlaces[] = {TaskPlace::kProgram,  TaskPlace::kResolver,   TaskPlace::kQueue,
                                 TaskPlace::kPushed,   TaskPlace::kReplyHalf2, TaskPlace::kWaitCause,
                                 TaskPlace::kRetryHeap};

std::string id_of_place(TaskPlace place) {
  std::string id = word(place);
  std::replace(id.begin(), id.end(), ' ', '_');
  return id;
}

/// The victim is an owner: one of its tasks is in the place.
Phases owner_phases() {
  Phases phases;
  for (const TaskPlace place : kPlaces) {
    phases.push_back({id_of_place(place),
                      [](const View& view, const Action& a, std::uint8_t p) {
                        for (std::uint8_t t = 0; t < view.config.tasks(); ++t) {
                          const bool own = view.config.shape.tasks[t].owner == a.owner;
                          if (own && view.s.tasks[t].place == static_cast<TaskPlace>(p)) return true;
                        }
                        return false;
                      },
                      static_cast<std::uint8_t>(place)});
  }
  phases.push_back({"all_ended", [](const View& view, const Action& a, std::uint8_t) {
                      for (std::uint8_t t = 0; t < view.config.tasks(); ++t) {
                        const TaskStatus status = view.s.tasks[t].status;
                        const bool ended = status == TaskStatus::kFinished || status == TaskStatus::kFailed;
                        if (view.config.shape.tasks[t].owner == a.owner && !ended) return false;
                      }
                      return true;
                    }});
  return phases;
}

Phases task_phases() {
  Phases phases;
  for (const TaskPlace place : kPlaces) {
    phases.push_back({id_of_place(place),
                      [](const View& view, const Action& a, std::uint8_t p) {
                        return view.s.task(a.task).place == static_cast<TaskPlace>(p);
                      },
                      static_cast<std::uint8_t>(place)});
  }
  return phases;
}

bool is_told(const State& s) {
  return std::all_of(s.gcs.mailboxes.begin(), s.gcs.mailboxes.end(), [](const Mailbox& m) { return m.empty(); });
}

bool has_unwritten_death(const State& s) {
  return std::find(s.gcs.nodes.begin(), s.gcs.nodes.end(), NodeRecord::kDying) != s.gcs.nodes.end();
}

Phases gcs_phases() {
  return {
      {"at_rest", [](const View& view, const Action&, std::uint8_t) { return is_told(view.s); }},
      {"unwritten_death", [](const View& view, const Action&, std::uint8_t) { return has_unwritten_death(view.s); }},
      {"undelivered_notice", [](const View& view, const Action&, std::uint8_t) { return !is_told(view.s); }},
  };
}

/// The victim is a call: which, and in which stage.
Phases call_phases() {
  Phases phases;
  for (std::uint8_t rpc = 0; rpc < kRpcCount; ++rpc) {
    for (const Stage stage : {Stage::kRequest, Stage::kAtServer, Stage::kReply}) {
      phases.push_back({word(static_cast<Rpc>(rpc)) + "_" + word(stage),
                        [](const View&, const Action& a, std::uint8_t both) {
                          return both ==
                                 (static_cast<unsigned>(a.call.rpc) << 3U | static_cast<unsigned>(a.call.stage));
                        },
                        static_cast<std::uint8_t>(rpc << 3U | static_cast<unsigned>(stage))});
    }
  }
  return phases;
}

const Phases& phases_of(Moment moment) {
  static const Phases kNone;
  static const Phases kRaylet = raylet_phases();
  static const Phases kWorker = worker_phases();
  static const Phases kOwner = owner_phases();
  static const Phases kTask = task_phases();
  static const Phases kGcs = gcs_phases();
  static const Phases kCall = call_phases();
  switch (moment) {
    case Moment::kNode: return kRaylet;
    case Moment::kWorker: return kWorker;
    case Moment::kOwner: return kOwner;
    case Moment::kTask: return kTask;
    case Moment::kGlobal: return kGcs;
    case Moment::kAnyCall: return kCall;
    default: return kNone;
  }
}

/// A server may keep the request for a while before it answers, or for ever.
bool may_be_held(std::string_view phase) {
  constexpr std::string_view kHeld[] = {"RequestWorkerLease_held", "PushTask_held", "CancelLocalTask_held",
                                        "UnregisterNode_held", "PubsubLongPolling_held"};
  return std::find(std::begin(kHeld), std::end(kHeld), phase) != std::end(kHeld);
}

/// The row is about the phase at all: a cancellation is a row of its own for nearly every place of a task, and a lost
/// request is no reply.
bool concerns(Row row, std::string_view phase) {
  switch (row) {
    case Row::kO17: return phase == "queued";
    case Row::kO18: return phase == "pushed";
    case Row::kO19: return phase == "waiting_for_cause";
    case Row::kO20:
    case Row::kO3Failed: return phase == "waiting_for_arguments";
    case Row::kO21:
      return phase == "in_the_resolver" || phase == "in_the_retry_heap" || phase == "reply_half_done" ||
             phase == "resolution_failed";
    case Row::kO23: return phase == "reply_half_done";
    case Row::kW8Raises:
    case Row::kW9:
    case Row::kW12Interrupt: return phase == "task_running";
    case Row::kW2Fails:
    case Row::kW2Registered:
    case Row::kW4Port:
    case Row::kR26: return phase == "disconnected";  // a process that starts has no connection yet
    case Row::kW16Ignore: return phase == "exiting";
    case Row::kF7: return phase.ends_with("_request");
    case Row::kF8: return phase.ends_with("_reply");
    case Row::kF9: return phase.ends_with("_request") || may_be_held(phase);
    case Row::kF19:
      return phase.ends_with("_request") && phase != "PushTask_request" && phase != "CancelTask_request" &&
             phase != "RayletNotifyGCSRestart_request";
    default: return true;
  }
}

// Phases in which the life of its victim keeps a fault away.
constexpr NoStrike kImpossible[] = {
    {Row::kR39, "disconnected", "the raylet picks among the workers that are registered with it"},
    {Row::kW12, "task_queued", "a graceful stop lets a task that was accepted end first"},
    {Row::kW12, "task_running", "a graceful stop lets a task that was accepted end first"},
    {Row::kW12Begin, "task_running", "user code that runs is ended by another row"},
    {Row::kW12Stuck, "task_running", "user code that runs ends before the executor stops"},
    {Row::kR48, "shutting_down", "a second SIGTERM changes nothing in a shutdown that has begun"},
    {Row::kF8, "PubsubLongPolling_reply", "the answer and its use are one step; without an answer the poll stays held"},
    {Row::kF14Kill, "waiting", "a raylet that has accepted a drain has nothing in its local queue"},
    {Row::kF14Kill, "granting", "a raylet that has accepted a drain has nothing in its local queue"},
};

bool is_impossible(Row row, std::string_view phase) {
  return !concerns(row, phase) || std::any_of(std::begin(kImpossible), std::end(kImpossible),
                                              [&](const NoStrike& no) { return no.row == row && no.phase == phase; });
}

/// A strike that can happen, with what tells that it does.
struct Possible {
  const Phase* phase;
  std::size_t rule;
};

struct Table {
  std::vector<Strike> strikes;
  std::array<std::vector<Possible>, kRowCount> of_row;

  Table() {
    for (const Transition* row : all_transitions()) {
      if (row->origin != Origin::kEnvironment) continue;
      for (const Phase& phase : phases_of(row->trigger.moment)) {
        if (is_impossible(row->row, phase.id)) continue;
        of_row[static_cast<std::size_t>(row->row)].push_back({&phase, kRowCount + strikes.size()});
        strikes.push_back({row->row, std::string(row->id) + "@" + phase.id});
      }
    }
  }
};

const Table& table() {
  static const Table kTable;
  return kTable;
}

}  // namespace

std::span<const Strike> all_strikes() {
  return table().strikes;
}

std::span<const NoStrike> impossible_strikes() {
  return kImpossible;
}

void note_strikes(const View& view, const Action& action, mc::RuleSet& fired) {
  for (const Possible& strike : table().of_row[static_cast<std::size_t>(action.row)]) {
    if (strike.phase->holds(view, action, strike.phase->argument)) fired.set(strike.rule);
  }
}

}  // namespace raymc
