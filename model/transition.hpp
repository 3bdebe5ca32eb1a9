// What a row of the dossier is: an id, its source in Ray, what triggers it, the bindings it may have, a guard and an
// effect. Rows are constants in their component's folder; model/rows.* collects them. An action is a row with its
// binding: the only thing that leads from one state to the next.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "checker/core/model.hpp"
#include "model/config.hpp"
#include "model/log/line.hpp"
#include "model/row.hpp"
#include "model/source.hpp"
#include "model/state.hpp"

namespace raymc {

/// Who takes a step: the protocol, or the environment out of its budget.
enum class Origin : std::uint8_t { kProtocol, kEnvironment };

/// Whose event loop runs a row.
enum class Component : std::uint8_t {
  kOwner,        ///< an event of the owner's loop
  kOwnerReply,   ///< the second half of the reply that the owner's loop is handling
  kUserProgram,  ///< the owner's other threads
  kRaylet,
  kWorker,
  kGcs,
  kTransport,
  kEnvironment,
};

/// What offers a row its first binding.
enum class Moment : std::uint8_t {
  kRequest,  ///< a request that its server may handle next
  kReply,    ///< a reply that its caller may handle next
  kError,    ///< an error posted to the caller
  kAnswer,   ///< either of the two
  kNotice,   ///< the oldest notice in a mailbox
  kAnyCall,  ///< every call whose caller still waits
  kTask,     ///< each task
  kOwner,    ///< each owner
  kNode,     ///< each raylet
  kWorker,   ///< each worker slot that is in use
  kLease,    ///< each lease id that is in use
  kObject,   ///< each object of the scenario
  kGlobal,   ///< once
  kPoller,   ///< each raylet and each owner of the shape
  kInside,   ///< runs inside another row's turn of the loop
};

struct Trigger {
  Moment moment = Moment::kGlobal;
  Rpc rpc = Rpc::kRequestWorkerLease;         ///< of kRequest, kReply, kError and kAnswer
  NoticeKind notice = NoticeKind::kNodeDead;  ///< of kNotice
};

/// How a scheduler decides about one request (section 4.3).
enum class Choice : std::uint8_t {
  kNone,
  kLocal,
  kRedirect,
  kReject,
  kUnschedulable,  ///< no node can serve a request with hard affinity
  kInfeasible,
};

/// A row with the ids it is applied to. Ids that the row does not use are none.
struct Action {
  Row row{};
  NodeId node;
  OwnerId owner;
  WorkerId worker;
  LeaseId lease;
  TaskId task;
  ObjectId object;
  NodeId target;  ///< of Choice::kRedirect
  Choice choice = Choice::kNone;
  bool expired = false;  ///< the lease expires before it is used again, or the value before it is asked for again
  Call call;             ///< the call that is handled, failed or lost
  Notice notice;         ///< the notice that is handled
  friend constexpr bool operator==(const Action&, const Action&) = default;
};

/// What a guard sees.
struct View {
  const Config& config;
  const State& s;
};

class LogBook;

/// What an effect works on: the state under construction, and the record of the rows that took part.
class Step {
 public:
  Step(const Config& the_config, State& state, mc::RuleSet& fired_rows)
      : config(the_config), s(state), fired(fired_rows) {}

  const Config& config;
  State& s;
  mc::RuleSet& fired;

  [[nodiscard]] View view() const { return {config, s}; }
  void fire(Row row) { fired.set(static_cast<std::size_t>(row)); }
  LogBook* book = nullptr;  ///< where the rows' log lines are noted; none: they are not asked
  OwnerId aborting_owner;   ///< the process that a failed RAY_CHECK ends when the effect is done
  NodeId aborting_raylet;
  bool aborting_gcs = false;

  /// A RAY_CHECK of section 10.3: when `holds` is false, the process aborts. Returns `holds`.
  bool ray_check(bool holds, RayCheck check, OwnerId owner) {
    if (!holds) aborting_owner = owner;
    return note(holds, check);
  }
  bool ray_check(bool holds, RayCheck check, NodeId raylet) {
    if (!holds) aborting_raylet = raylet;
    return note(holds, check);
  }
  /// What C++ leaves undefined and Ray's binaries survive: it is noted, and no process ends.
  bool survived_check(bool holds, RayCheck check) { return note(holds, check); }
  bool ray_check_gcs(bool holds, RayCheck check) {
    if (!holds) aborting_gcs = true;
    return note(holds, check);
  }

 private:
  bool note(bool holds, RayCheck check) {
    if (!holds && s.ghost.aborted == RayCheck::kNone) s.ghost.aborted = check;
    return holds;
  }
};

/// One row of the dossier, or one fault. `effect` never tests `guard` again.
struct Transition {
  Row row;
  std::string_view id;   ///< "raylet.R31.return_lease"; the number is the dossier's
  std::string_view doc;  ///< one sentence in words
  Source source;
  Logs logs{};                       ///< what its process writes to the debug log
  Feature feature = Feature::kCore;  ///< asked only when this is on
  Origin origin = Origin::kProtocol;
  std::optional<Fault> fault = std::nullopt;  ///< what an environment row spends
  Component component = Component::kOwner;
  Trigger trigger;
  /// Appends the bindings that extend `base`; null: `base` alone.
  void (*bindings)(const View& view, const Action& base, std::vector<Action>& out) = nullptr;
  bool (*guard)(const View& view, const Action& binding) = nullptr;
  void (*effect)(Step& step, const Action& binding) = nullptr;
};

/// Applies a row, and notes what it writes to the log (model/log/book.cpp).
void perform_noted(Step& step, const Transition& transition, const Action& binding);

/// Notes that the row which is performed sends a request or a reply (model/log/book.cpp), ...
void note_message(Step& step, const Call& call);
/// ... that its server is gone (N6).
void note_message_in_vain(Step& step, const Call& call);
/// ... that it sends a notice to a raylet or an owner.
void note_message(Step& step, const Notice& notice, NodeId raylet, OwnerId owner);
/// ... that a raylet has answered a probe.
void note_probe(Step& step, NodeId raylet);
/// ... that the GCS has told a raylet that it is dead (G14).
void note_self_check(Step& step, NodeId raylet);
/// ... that the GCS's store does not answer the write of a node's death.
void note_hung_write(Step& step, NodeId node);

/// ... that it ends a process: a raylet, an owner or a worker.
void note_end(Step& step, NodeId raylet);
void note_end(Step& step, OwnerId owner);
void note_end(Step& step, WorkerId worker);

/// Applies a row whose guard holds, and records that it fired.
inline void perform(Step& step, const Transition& transition, const Action& binding) {
  step.fire(transition.row);
  if (step.book != nullptr) {
    perform_noted(step, transition, binding);
  } else {
    transition.effect(step, binding);
  }
}

/// Applies the row if its guard holds; true if it did.
inline bool perform_if(Step& step, const Transition& transition, const Action& binding) {
  if (!transition.guard(step.view(), binding)) return false;
  perform(step, transition, binding);
  return true;
}

[[nodiscard]] constexpr Trigger on_request(Rpc rpc) {
  return {Moment::kRequest, rpc, {}};
}
[[nodiscard]] constexpr Trigger on_reply(Rpc rpc) {
  return {Moment::kReply, rpc, {}};
}
[[nodiscard]] constexpr Trigger on_error(Rpc rpc) {
  return {Moment::kError, rpc, {}};
}
[[nodiscard]] constexpr Trigger on_answer(Rpc rpc) {
  return {Moment::kAnswer, rpc, {}};
}
[[nodiscard]] constexpr Trigger on_notice(NoticeKind kind) {
  return {Moment::kNotice, {}, kind};
}
[[nodiscard]] constexpr Trigger each(Moment moment) {
  return {moment, {}, {}};
}
[[nodiscard]] constexpr Trigger inside() {
  return {Moment::kInside, {}, {}};
}

}  // namespace raymc
