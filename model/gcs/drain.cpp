// Draining at the GCS: rows G10 and G11 of section 8.6. What the GCS notes of an accepted drain decides only which
// reason it gives for a death that its health check finds (InferDeathInfo), so only preemptions are kept.
#include "model/network.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kAutoscaler = "src/ray/gcs/gcs_autoscaler_state_manager.cc";

constexpr Transition kRows[] = {
    {
        .row = Row::kG10,
        .id = "gcs.G10.drain_node",
        .doc = "the GCS passes the autoscaler's drain of a live node on to its raylet",
        .source = {kAutoscaler, "HandleDrainNode"},
        .logs = says(LogKind::kDrainNode),
        .feature = Feature::kDrain,
        .component = Component::kGcs,
        .trigger = inside(),
        .effect = [](Step& step, const Action& a) { send(step, a.call); },
    },
    {
        .row = Row::kG11,
        .id = "gcs.G11.drain_accepted",
        .doc = "the raylet has accepted the drain; the GCS notes it, in place of an earlier one, if the node is alive",
        .source = {"src/ray/gcs/gcs_node_manager.cc", "SetNodeDraining"},
        .logs = says(LogKind::kDrainAccepted),
        .feature = Feature::kDrain,
        .component = Component::kGcs,
        .trigger = on_reply(Rpc::kDrainRaylet),
        .guard = [](const View&, const Action& a) { return a.call.reply == Reply::kOk; },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              Gcs& gcs = step.s.gcs;
              if (gcs.nodes[a.node.value] != NodeRecord::kAlive) return;
              if (call.preemption) {
                gcs.preemptions |= bit(a.node.value);
                gcs.acknowledged |= bit(a.node.value);
              } else if (!step.config.has(Safeguard::kIdleDrainKeepsPreemption)) {
                gcs.preemptions &= static_cast<std::uint8_t>(~bit(a.node.value));
              }
            },
    },
};

}  // namespace

std::span<const Transition> gcs_drain_rows() {
  return kRows;
}

}  // namespace raymc
