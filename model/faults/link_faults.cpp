// The environment's faults of links and event loops: F1b, F5, F11, F12, F13 and F19 of section 9.
// A link is cut between two hosts, for every process on them: a partition knows no processes.
#include "model/network.hpp"
#include "model/owner/owner.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

bool may_strike(const View& view, NodeId node, Fault fault) {
  return view.s.budget[fault] > 0 && view.config.shape.nodes[node.value].may_crash;
}

/// The end of every process on a host whose connections stay open at the other end; what it had sent is lost.
void host_vanishes(Step& step, NodeId node) {
  step.s.links.silent |= bit(node.value);
  raylet_dies(step, node);
  const std::uint8_t end = step.config.first_worker(static_cast<std::uint8_t>(node.value + 1));
  for (std::uint8_t w = step.config.first_worker(node.value); w < end; ++w) {
    if (step.s.workers[w].process == ProcessState::kRunning) worker_dies(step, WorkerId{w});
  }
  for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
    if (step.config.shape.owners[o].node == node && step.s.owners[o].alive) owner_dies(step, OwnerId{o});
  }
  Calls kept;
  for (const Call& call : step.s.calls) {
    const NodeId client = client_host(step.config, call);
    if (client != node || !client.exists()) kept.add(call, "network: calls");
  }
  step.s.calls = kept;
}

constexpr Transition kRows[] = {
    {
        .row = Row::kF1b,
        .id = "fault.F1b.raylet_hang",
        .doc = "the raylet's event loop stops; its process, its connections and its workers live on",
        .source = {"src/ray/raylet/main.cc", "main"},
        .feature = Feature::kHangs,
        .origin = Origin::kEnvironment,
        .fault = Fault::kRayletHang,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              return may_strike(view, a.node, Fault::kRayletHang) && loop_runs(view.s, a.node);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kRayletHang];
              step.s.raylet(a.node).hung = true;
            },
    },
    {
        .row = Row::kF1bResume,
        .id = "fault.F1b.raylet_resumes",
        .doc = "the raylet's event loop goes on with what has piled up",
        .source = {"src/ray/raylet/main.cc", "main"},
        .feature = Feature::kHangs,
        .origin = Origin::kEnvironment,
        .fault = Fault::kRayletResume,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard = [](const View& view,
                    const Action& a) { return view.s.raylet(a.node).hung && view.s.budget[Fault::kRayletResume] > 0; },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kRayletResume];
              step.s.raylet(a.node).hung = false;
            },
    },
    {
        .row = Row::kF5,
        .id = "fault.F5.node_blackhole",
        .doc = "the node is lost with all its processes, and no connection to it is closed",
        .source = {"src/ray/rpc/grpc_client.h", "CallMethod"},
        .feature = Feature::kPartitions,
        .origin = Origin::kEnvironment,
        .fault = Fault::kNodeBlackhole,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              return may_strike(view, a.node, Fault::kNodeBlackhole) && view.s.raylet(a.node).alive;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kNodeBlackhole];
              host_vanishes(step, a.node);
            },
    },
    {
        .row = Row::kF11,
        .id = "fault.F11.partition_raylet_gcs",
        .doc = "the node and the GCS no longer reach each other",
        .source = {"src/ray/gcs_rpc_client/rpc_client.h", "GcsRpcClient"},
        .feature = Feature::kPartitions,
        .origin = Origin::kEnvironment,
        .fault = Fault::kGcsPartition,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              return may_strike(view, a.node, Fault::kGcsPartition) && view.s.raylet(a.node).alive &&
                     reaches_gcs(view.s, a.node);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kGcsPartition];
              step.s.links.gcs_cut |= bit(a.node.value);
            },
    },
    {
        .row = Row::kF12,
        .id = "fault.F12.partition_owner_node",
        .doc = "the owner's host and another one no longer reach each other",
        .source = {"src/ray/rpc/grpc_client.h", "CallMethod"},
        .feature = Feature::kPartitions,
        .origin = Origin::kEnvironment,
        .fault = Fault::kOwnerPartition,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kOwner),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              const NodeId home = view.config.shape.owners[base.owner.value].node;
              for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
                if (!view.s.raylets[n].alive || !hosts_reach(view.s, home, NodeId{n}) || home == NodeId{n}) continue;
                Action action = base;
                action.target = NodeId{n};
                out.push_back(action);
              }
            },
        .guard =
            [](const View& view, const Action& a) {
              return view.s.owner(a.owner).alive && may_strike(view, a.target, Fault::kOwnerPartition);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kOwnerPartition];
              const NodeId home = step.config.shape.owners[a.owner.value].node;
              step.s.links.cut[home.value] |= bit(a.target.value);
              step.s.links.cut[a.target.value] |= bit(home.value);
            },
    },
    {
        .row = Row::kF13,
        .id = "fault.F13.partition_raylets",
        .doc = "two nodes no longer reach each other; what one would pull from the other does not come",
        .source = {"src/ray/rpc/grpc_client.h", "CallMethod"},
        .feature = Feature::kPartitions,
        .origin = Origin::kEnvironment,
        .fault = Fault::kRayletPartition,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              for (std::uint8_t n = static_cast<std::uint8_t>(base.node.value + 1); n < view.config.nodes(); ++n) {
                if (!view.s.raylets[n].alive || !hosts_reach(view.s, base.node, NodeId{n})) continue;
                Action action = base;
                action.target = NodeId{n};
                out.push_back(action);
              }
            },
        .guard =
            [](const View& view, const Action& a) {
              const bool one = view.config.shape.nodes[a.target.value].may_crash;
              return view.s.raylet(a.node).alive && view.s.budget[Fault::kRayletPartition] > 0 &&
                     (one || view.config.shape.nodes[a.node.value].may_crash);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kRayletPartition];
              step.s.links.cut[a.node.value] |= bit(a.target.value);
              step.s.links.cut[a.target.value] |= bit(a.node.value);
            },
    },
    {
        .row = Row::kF19,
        .id = "fault.F19.duplicate_request",
        .doc = "the transport delivers a request a second time, at any later moment; nobody reads the second answer",
        .source = {"src/ray/rpc/retryable_grpc_client.h", "RetryableGrpcClient::CallMethod"},
        .feature = Feature::kDuplicates,
        .origin = Origin::kEnvironment,
        .fault = Fault::kDuplication,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kAnyCall),
        .guard =
            [](const View& view, const Action& a) {
              const bool resent = !is_plain(view.config, a.call.rpc) && a.call.rpc != Rpc::kPushTask;
              return view.s.budget[Fault::kDuplication] > 0 && a.call.stage == Stage::kRequest && resent &&
                     may_fail(view, a.call);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kDuplication];
              Call copy = a.call;
              copy.detached = true;
              copy.stray = true;
              step.s.calls.add(copy, "network: calls");
            },
    },
};

}  // namespace

std::span<const Transition> link_fault_rows() {
  return kRows;
}

}  // namespace raymc
