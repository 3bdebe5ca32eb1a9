// What the autoscaler and the cloud do to nodes: faults F14 and F15 of section 9.
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kAutoscaler = "src/ray/gcs/gcs_autoscaler_state_manager.cc";

bool may_be_drained(const View& view, const Action& a, Fault fault) {
  return view.s.budget[fault] > 0 && view.s.gcs.up && view.s.gcs.nodes[a.node.value] == NodeRecord::kAlive &&
         view.config.shape.nodes[a.node.value].may_crash;
}

void drain(Step& step, const Action& a, bool preemption) {
  Action binding = a;
  binding.call.rpc = Rpc::kDrainRaylet;
  binding.call.node = a.node;
  binding.call.preemption = preemption;
  perform(step, transition_of(Row::kG10), binding);
}

constexpr Transition kRows[] = {
    {
        .row = Row::kF14,
        .id = "fault.F14.preemption_is_announced",
        .doc = "the autoscaler drains a node that will be preempted",
        .source = {kAutoscaler, "HandleDrainNode"},
        .logs = says(LogKind::kDrainNode),
        .feature = Feature::kDrain,
        .origin = Origin::kEnvironment,
        .fault = Fault::kDrainPreemption,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard = [](const View& view, const Action& a) { return may_be_drained(view, a, Fault::kDrainPreemption); },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kDrainPreemption];
              drain(step, a, true);
            },
    },
    {
        .row = Row::kF14Kill,
        .id = "fault.F14.killed_at_the_deadline",
        .doc = "the deadline of the preemption has passed and the node is taken away with everything on it",
        .source = {"", "SIGKILL"},
        .feature = Feature::kDrain,
        .origin = Origin::kEnvironment,
        .fault = Fault::kPreemptionKill,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              // The deadline is long after the announcement, which the autoscaler repeats until it is acknowledged.
              return view.s.budget[Fault::kPreemptionKill] > 0 && view.s.raylet(a.node).alive &&
                     has_bit(view.s.gcs.acknowledged, a.node.value);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kPreemptionKill];
              step.s.gcs.past_deadline |= bit(a.node.value);
              step.s.gcs.acknowledged &= static_cast<std::uint8_t>(~bit(a.node.value));
              raylet_dies(step, a.node);
            },
    },
    {
        .row = Row::kF15,
        .id = "fault.F15.idle_node_is_drained",
        .doc = "the autoscaler drains a node that it believes idle",
        .source = {kAutoscaler, "HandleDrainNode"},
        .logs = says(LogKind::kDrainNode),
        .feature = Feature::kDrain,
        .origin = Origin::kEnvironment,
        .fault = Fault::kDrainIdle,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard = [](const View& view, const Action& a) { return may_be_drained(view, a, Fault::kDrainIdle); },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kDrainIdle];
              drain(step, a, false);
            },
    },
};

}  // namespace

std::span<const Transition> drain_fault_rows() {
  return kRows;
}

}  // namespace raymc
