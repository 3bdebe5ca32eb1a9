// What broken links and stopped event loops must not do: candidates C8, C9 and C10 and the errors of single calls.
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/premises.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

/// The node whose worker or raylet serves this call of an owner; none for calls of others, and to the GCS.
NodeId asked_by_owner(const RayModel& model, const Call& call) {
  switch (call.rpc) {
    case Rpc::kRequestWorkerLease:
    case Rpc::kReturnWorkerLease:
    case Rpc::kCancelWorkerLease:
    case Rpc::kGetWorkerFailureCause:
    case Rpc::kCancelLocalTask: return call.node;
    case Rpc::kPushTask: return model.config().node_of(call.worker);
    default: return NodeId::none();
  }
}

constexpr Property kFamily[] = {
    {
        .id = "L1.dead_node_is_not_waited_for",
        .kind = kInvariant,
        .claim = "an owner that holds a node dead waits for no task that it pushed there",
        .source = "protocol dossier, 11.1 C9",
        .mutant = "node_death_fails_calls",
        .applies = kNodesFallSilent,
        .premise = premises::an_owner_holds_a_node_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              return no_call(model, s, [&](const Call& call) {
                if (call.rpc != Rpc::kPushTask || call.detached) return false;
                const NodeId node = model.config().node_of(call.worker);
                const bool waits = call.stage == Stage::kRequest || call.stage == Stage::kAtServer;
                return waits && has_bit(s.owner(call.owner).dead_nodes, node.value);
              });
            },
    },
    {
        .id = "L1.hung_raylet_is_not_waited_for",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, no owner waits for a lease of a raylet whose event loop has stopped",
        .source = "protocol dossier, 11.1 C10",
        .mutant = "probe_runs_on_the_loop",
        .applies = kRayletsHang,
        .premise = premises::a_raylet_hangs,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_lease(
                  model, s,
                  [&](LeaseId, const Lease& lease) {
                    return lease.at_owner != OwnerLease::kPending || !s.raylet(lease.node).hung;
                  },
                  [&](LeaseId id, const Lease& lease) { return lines_of(model, s, id, lease.node); });
            },
    },
    {
        .id = "L1.silent_node_is_not_waited_for",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, no owner waits for a push to a node that vanished",
        .source = "protocol dossier, 11.2 (keepalive)",
        .mutant = "keepalive_ends_calls",
        .applies = kNodesFallSilent,
        .premise = premises::a_node_is_silent,
        .holds =
            [](const RayModel& model, const State& s) {
              return no_call(model, s, [&](const Call& call) {
                const NodeId node = asked_by_owner(model, call);
                return call.rpc == Rpc::kPushTask && !call.detached && has_bit(s.links.silent, node.value);
              });
            },
    },
    {
        .id = "L1.queued_call_to_dead_node_fails",
        .kind = kInvariant,
        .claim = "no call to a node that its owner holds dead waits in the queue of those to be sent again",
        .source = "protocol dossier, 8.7 N3; #63405",
        .mutant = "unavailable_hook_drops_client",
        .applies = kNodeMayDie,
        .premise = premises::an_owner_holds_a_node_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              return no_call(model, s, [&](const Call& call) {
                const NodeId node = asked_by_owner(model, call);
                return call.stage == Stage::kResend && node.exists() &&
                       has_bit(s.owner(call.owner).dead_nodes, node.value);
              });
            },
    },
    {
        .id = "L1.live_owner_is_not_refused_again",
        .kind = kInvariant,
        .claim = "a worker that lives on a live node and asks again because it was refused is not refused again",
        .source = "protocol dossier, 11.1 C8 (variant)",
        .mutant = "refusal_ends_key",
        .applies = kOwnerMayDie,
        .premise = premises::a_raylet_holds_an_owner_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_owner(
                  model, s,
                  [&](OwnerId id, const Owner& owner) {
                    if (model.config().shape.owners[id.value].kind == OwnerKind::kDriver || !owner.alive) return true;
                    const NodeId home = home_of({model.config(), s}, id);
                    const bool lives = s.raylet(home).alive && s.gcs.nodes[home.value] == NodeRecord::kAlive;
                    return !lives || !has_bit(s.ghost.refused_again, id.value);
                  },
                  [&](OwnerId id, const Owner&) { return lines_of(model, s, id) + ", refused again"; });
            },
    },
    {
        .id = "L1.dead_local_raylet_is_not_asked_again",
        .kind = kInvariant,
        .claim = "a driver that learned from a failed request that its raylet is dead does not send the next one there",
        .source = "protocol dossier, 11.2; #20859",
        .mutant = "local_death_ends_queue",
        .applies = kNodeMayDie,
        .premise = premises::a_raylet_is_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              return none_of<OwnerId>(model, s, s.ghost.asked_dead_raylet, "asked its dead local raylet again");
            },
    },
    {
        .id = "E1.node_died_means_node_died",
        .kind = kInvariant,
        .claim =
            "the query for the cause of a worker's failure fails, which the owner takes for the death of the node, "
            "only if the node is dead or the owner holds it dead",
        .source = "known bugs, 5(a): #54970",
        .mutant = "cause_query_is_retried",
        .applies = kCallsMayFail,
        .premise = premises::a_cause_is_asked_for,
        .holds =
            [](const RayModel& model, const State& s) {
              return no_call(model, s, [&](const Call& call) {
                return call.rpc == Rpc::kGetWorkerFailureCause && call.stage == Stage::kFailed &&
                       s.raylet(call.node).alive && !has_bit(s.owner(call.owner).dead_nodes, call.node.value);
              });
            },
    },
};

}  // namespace

std::span<const Property> link_properties() {
  return kFamily;
}

}  // namespace raymc
