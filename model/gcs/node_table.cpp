// The node table and the health check of the GCS: rows G1 to G8 and G14 of section 8.6.
// Abstraction: without the feature `posted_deaths` the last failed probe and G4 are one step. Ray posts G4, but what
// runs between them has the same effect before both: only the log tells, when the probes of two nodes fail together.
#include "model/gcs/gcs.hpp"
#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kNodeManager = "src/ray/gcs/gcs_node_manager.cc";
constexpr std::string_view kHealthCheck = "src/ray/gcs/gcs_health_check_manager.cc";

NodeRecord record(const View& view, NodeId node) {
  return view.s.gcs.nodes[node.value];
}

Notice node_notice(NoticeKind kind, NodeId node) {
  Notice notice;
  notice.kind = kind;
  notice.node = node;
  return notice;
}

Notice death_notice(const Gcs& gcs, NodeId node) {
  Notice notice = node_notice(NoticeKind::kNodeDead, node);
  notice.preempted = has_bit(gcs.preempted, node.value);
  return notice;
}

/// InferDeathInfo for a failed health check: preempted if the deadline of a preemption has passed. A farewell brings
/// its reason with it.
bool is_preemption(const Gcs& gcs, const Action& a) {
  if (a.call.rpc == Rpc::kUnregisterNode) return a.call.preemption;
  return has_bit(gcs.preemptions, a.node.value) && has_bit(gcs.past_deadline, a.node.value);
}

/// A registration of a node that has been declared dead is refused.
bool is_refused(const View& view, const Action& a) {
  const NodeRecord known = record(view, a.node);
  return view.config.has(Safeguard::kDeadNodeStaysDead) && (known == NodeRecord::kDying || known == NodeRecord::kDead);
}

/// A probe of the node is answered. The raylet's gRPC threads do that, whatever its event loop does.
bool answers_probes(const View& view, NodeId node) {
  const bool by_the_loop = view.config.has(Safeguard::kProbeRunsOnTheLoop);
  return view.s.raylet(node).alive && reaches_gcs(view.s, node) && !(by_the_loop && view.s.raylet(node).hung);
}

/// Ray publishes a death when it is written (pinned), or as soon as it is decided (#64702).
bool told_at_once(const Config& config) {
  return !config.has(Safeguard::kDeathIsWrittenFirst) || config.has(Safeguard::kDeathIsToldAtOnce);
}

constexpr Transition kNodeFailed{
    .row = Row::kG4,
    .id = "gcs.G4.node_failed",
    .doc = "the GCS takes the node out of its cache and starts to write its death",
    .source = {kNodeManager, "InternalOnNodeFailure"},
    .logs = says(LogKind::kNodeFailed),
    .component = Component::kGcs,
    .trigger = inside(),
    .effect =
        [](Step& step, const Action& a) {
          Gcs& gcs = step.s.gcs;
          gcs.nodes[a.node.value] = NodeRecord::kDying;
          gcs.failed_probes[a.node.value] = 0;
          gcs.dead_rows &= static_cast<std::uint8_t>(~bit(a.node.value));
          gcs.unwatched &= static_cast<std::uint8_t>(~bit(a.node.value));
          if (is_preemption(gcs, a)) gcs.preempted |= bit(a.node.value);
          if (!step.config.has(Safeguard::kDrainsArePersisted)) {
            gcs.preemptions &= static_cast<std::uint8_t>(~bit(a.node.value));
          }
          drivers_node_is_dead(step, a.node);
          if (told_at_once(step.config)) publish(step, death_notice(gcs, a.node));
        },
};

/// FailNode: no probe of the node is sent any more, and its death is posted.
bool death_is_posted(const View& view, NodeId node) {
  return view.config.on(Feature::kPostedDeaths) &&
         view.s.gcs.failed_probes[node.value] >= view.config.shape.health_check_failures;
}

bool is_being_written(const View& view, const Action& a) {
  return view.s.gcs.up && record(view, a.node) == NodeRecord::kDying && !has_bit(view.s.gcs.hung_writes, a.node.value);
}

constexpr Transition kRows[] = {
    {
        .row = Row::kG1,
        .id = "gcs.G1.register_node",
        .doc = "the GCS records a node as alive, starts to probe it and publishes it",
        .source = {kNodeManager, "HandleRegisterNode"},
        .logs = says(LogKind::kNodeRegistered),
        .component = Component::kGcs,
        .trigger = on_request(Rpc::kRegisterNode),
        .guard = [](const View& view,
                    const Action& a) { return !is_refused(view, a) && !registration_is_held(view, a.node); },
        .effect = [](Step& step, const Action& a) { record_node(step, a.call); },
    },
    {
        .row = Row::kG1Dead,
        .id = "gcs.G1.registration_of_dead_node",
        .doc = "a late registration of a node that was declared dead changes nothing (not in Ray)",
        .source = {kNodeManager, "HandleRegisterNode"},
        .component = Component::kGcs,
        .trigger = on_request(Rpc::kRegisterNode),
        .guard = is_refused,
        .effect = [](Step& step, const Action& a) { answer(step, take(step, a.call), Reply::kOk); },
    },
    {
        .row = Row::kG2,
        .id = "gcs.G2.probe_succeeded",
        .doc = "a probe of the node succeeds after failed ones; the count starts again",
        .source = {kHealthCheck, "StartHealthCheck"},
        .component = Component::kGcs,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              return is_probed(view, a.node) && answers_probes(view, a.node) &&
                     view.s.gcs.failed_probes[a.node.value] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              note_probe(step, a.node);
              step.s.gcs.failed_probes[a.node.value] = 0;
            },
    },
    {
        .row = Row::kG3,
        .id = "gcs.G3.probe_failed",
        .doc = "a probe of the dead raylet fails",
        .source = {kHealthCheck, "FailNode"},
        .logs = says(LogKind::kProbeFailed),
        .component = Component::kGcs,
        .trigger = each(Moment::kNode),
        .guard = [](const View& view,
                    const Action& a) { return is_probed(view, a.node) && !answers_probes(view, a.node); },
        .effect = [](Step& step, const Action& a) { probe_failed(step, a.node); },
    },
    kNodeFailed,
    {
        .row = Row::kG4Posted,
        .id = "gcs.G4.posted_death",
        .doc = "the GCS comes to the posted death of a node whose probes have failed",
        .source = {"src/ray/gcs/gcs_server.cc", "InitGcsHealthCheckManager"},
        .feature = Feature::kPostedDeaths,
        .component = Component::kGcs,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.gcs.up && record(view, a.node) == NodeRecord::kAlive && death_is_posted(view, a.node);
            },
        .effect = [](Step& step, const Action& a) { node_failed(step, a.node); },
    },
    {
        .row = Row::kG5,
        .id = "gcs.G5.node_death_written",
        .doc = "the node's death is written; the GCS publishes it",
        .source = {kNodeManager, "InternalOnNodeFailure"},
        .component = Component::kGcs,
        .trigger = each(Moment::kNode),
        .guard = is_being_written,
        .effect =
            [](Step& step, const Action& a) {
              step.s.gcs.nodes[a.node.value] = NodeRecord::kDead;
              step.s.gcs.preemptions &= static_cast<std::uint8_t>(~bit(a.node.value));
              if (!told_at_once(step.config)) publish(step, death_notice(step.s.gcs, a.node));
            },
    },
    {
        .row = Row::kG5Stall,
        .id = "gcs.G5.write_hangs",
        .doc = "the store does not answer the write of the node's death; it would take until the GCS ends",
        .source = {"src/ray/gcs/gcs_table_storage.cc", "GcsTable::Put"},
        .origin = Origin::kEnvironment,
        .fault = Fault::kStoreStall,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard = [](const View& view,
                    const Action& a) { return is_being_written(view, a) && view.s.budget[Fault::kStoreStall] > 0; },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kStoreStall];
              note_hung_write(step, a.node);
              step.s.gcs.hung_writes |= bit(a.node.value);
            },
    },
    {
        .row = Row::kG6,
        .id = "gcs.G6.unregister_node",
        .doc = "a live node says farewell; the GCS answers at once and writes the death",
        .source = {kNodeManager, "HandleUnregisterNode"},
        .logs = says(LogKind::kUnregister),
        .component = Component::kGcs,
        .trigger = on_request(Rpc::kUnregisterNode),
        .guard = [](const View& view, const Action& a) { return record(view, a.node) == NodeRecord::kAlive; },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              perform(step, kNodeFailed, a);
              answer(step, call, Reply::kOk);
            },
    },
    {
        .row = Row::kG7,
        .id = "gcs.G7.unregister_dead_node",
        .doc = "a node that is not alive in the cache says farewell; the GCS never answers",
        .source = {kNodeManager, "HandleUnregisterNode"},
        .logs = says(LogKind::kUnregisterDead),
        .component = Component::kGcs,
        .trigger = on_request(Rpc::kUnregisterNode),
        .guard = [](const View& view, const Action& a) { return record(view, a.node) != NodeRecord::kAlive; },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              if (step.config.has(Safeguard::kUnregisterIsAnswered)) {
                answer(step, call, Reply::kOk);
              } else {
                hold(step, call);
              }
            },
    },
    {
        .row = Row::kG8,
        .id = "gcs.G8.owner_failure_reported",
        .doc = "the GCS records that an owner died, publishes it and answers",
        .source = {"src/ray/gcs/gcs_worker_manager.cc", "HandleReportWorkerFailure"},
        .logs = says(LogKind::kOwnerFailed, log_ids::failed_owner),
        .component = Component::kGcs,
        .trigger = on_request(Rpc::kReportWorkerFailure),
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              step.s.gcs.failed_owners |= bit(call.owner.value);
              Notice notice;
              notice.kind = NoticeKind::kWorkerFailed;
              notice.owner = call.owner;
              publish(step, notice);
              answer(step, call, Reply::kOk);
            },
    },
    {
        .row = Row::kG14,
        .id = "gcs.G14.check_alive",
        .doc = "the GCS tells a raylet whether it holds it alive",
        .source = {kNodeManager, "HandleCheckAlive"},
        .component = Component::kGcs,
        .trigger = inside(),
    },
};

}  // namespace

std::span<const Transition> node_table_rows() {
  return kRows;
}

bool is_probed(const View& view, NodeId node) {
  return view.s.gcs.up && record(view, node) == NodeRecord::kAlive && !has_bit(view.s.gcs.unwatched, node.value) &&
         !death_is_posted(view, node);
}

void record_node(Step& step, const Call& registration) {
  const Call call = take(step, registration);
  NodeRecord& known = step.s.gcs.nodes[call.node.value];
  if (known == NodeRecord::kDying || known == NodeRecord::kDead) step.s.gcs.dead_rows |= bit(call.node.value);
  known = NodeRecord::kAlive;
  step.s.gcs.unwatched &= static_cast<std::uint8_t>(~bit(call.node.value));
  publish(step, node_notice(NoticeKind::kNodeAlive, call.node));
  answer(step, call, Reply::kOk);
}

void node_failed(Step& step, NodeId node) {
  Action binding;
  binding.node = node;
  perform(step, kNodeFailed, binding);
}

void probe_failed(Step& step, NodeId node) {
  std::uint8_t& failed = step.s.gcs.failed_probes[node.value];
  if (++failed < step.config.shape.health_check_failures || death_is_posted(step.view(), node)) return;
  node_failed(step, node);
}

}  // namespace raymc
