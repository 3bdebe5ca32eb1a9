#include "model/links.hpp"

#include "model/transition.hpp"

namespace raymc {

NodeId client_host(const Config& config, const Call& call) {
  switch (call.rpc) {
    case Rpc::kNotifyGcsRestart: return NodeId::none();
    case Rpc::kPollOwner:
    case Rpc::kReportWorkerFailure: return call.node;
    default: return call.owner.exists() ? config.shape.owners[call.owner.value].node : call.node;
  }
}

NodeId server_host(const Config& config, const Call& call) {
  switch (call.rpc) {
    case Rpc::kReportWorkerFailure:
    case Rpc::kMarkJobFinished:
    case Rpc::kRegisterNode:
    case Rpc::kUnregisterNode:
    case Rpc::kSubscribe: return NodeId::none();
    case Rpc::kPushTask: return config.node_of(call.worker);
    case Rpc::kPollOwner: return config.shape.owners[call.owner.value].node;
    default: return call.node;
  }
}

bool hosts_reach(const State& s, NodeId a, NodeId b) {
  if (a == b) return true;
  const bool silent = has_bit(s.links.silent, a.value) || has_bit(s.links.silent, b.value);
  return !silent && !has_bit(s.links.cut[a.value], b.value);
}

bool reaches_gcs(const State& s, NodeId node) {
  return !has_bit(s.links.silent, node.value) && !has_bit(s.links.gcs_cut, node.value);
}

bool link_is_up(const View& view, const Call& call) {
  if (!view.config.on(Feature::kPartitions)) return true;
  const NodeId client = client_host(view.config, call);
  const NodeId server = server_host(view.config, call);
  if (!client.exists()) return reaches_gcs(view.s, server);
  return server.exists() ? hosts_reach(view.s, client, server) : reaches_gcs(view.s, client);
}

bool loop_runs(const State& s, NodeId node) {
  return s.raylet(node).alive && !s.raylet(node).hung;
}

}  // namespace raymc
