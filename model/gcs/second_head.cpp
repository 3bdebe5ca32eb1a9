// A head node that registers while the GCS holds another head alive: row G18 of section 8.6. The old head is failed
// first, and the new one is written when that death is. HandleRegisterNode looks for heads that are alive, also for the
// one that is registering: a registration that arrives again fails its own node.
#include "model/gcs/gcs.hpp"
#include "model/network.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kNodeManager = "src/ray/gcs/gcs_node_manager.cc";

bool is_head(const View& view, NodeId node) {
  return node.value == 0 || view.config.shape.nodes[node.value].new_head;
}

/// A head in this state, or none.
NodeId head_that_is(const View& view, NodeRecord record) {
  for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
    if (is_head(view, NodeId{n}) && view.s.gcs.nodes[n] == record) return NodeId{n};
  }
  return NodeId::none();
}

/// The head that the registration of `node` fails first, or none.
NodeId head_to_fail(const View& view, NodeId node) {
  if (!view.config.has(Safeguard::kNewHeadFailsOldHead)) return NodeId::none();
  const NodeId alive = head_that_is(view, NodeRecord::kAlive);
  const bool itself = alive == node && view.config.has(Safeguard::kRegistrationSparesItself);
  return itself ? NodeId::none() : alive;
}

std::size_t live_heads(const View& view) {
  std::size_t count = 0;
  for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
    count += is_head(view, NodeId{n}) && view.s.gcs.nodes[n] == NodeRecord::kAlive ? 1 : 0;
  }
  return count;
}

constexpr Transition kRows[] = {
    {
        .row = Row::kG18,
        .id = "gcs.G18.new_head_fails_old_head",
        .doc = "a head registers while a head is alive in the cache; the GCS fails that one first",
        .source = {kNodeManager, "HandleRegisterNode"},
        .feature = Feature::kSecondHead,
        .component = Component::kGcs,
        .trigger = on_request(Rpc::kRegisterNode),
        .guard = [](const View& view, const Action& a) { return registration_is_held(view, a.node); },
        .effect =
            [](Step& step, const Action& a) {
              if (!step.ray_check_gcs(live_heads(step.view()) <= 1, RayCheck::kOneHeadAlive)) return;
              const NodeId old = head_to_fail(step.view(), a.node);
              if (old.exists()) node_failed(step, old);
              hold(step, take(step, a.call));
            },
    },
    {
        .row = Row::kG18Written,
        .id = "gcs.G18.new_head_is_written",
        .doc = "the old head's death is written, and then the new head; the GCS publishes it and answers",
        .source = {kNodeManager, "HandleRegisterNode"},
        .feature = Feature::kSecondHead,
        .component = Component::kGcs,
        .trigger = each(Moment::kAnyCall),
        .guard =
            [](const View& view, const Action& a) {
              const bool held = a.call.rpc == Rpc::kRegisterNode && a.call.stage == Stage::kAtServer;
              return held && view.s.gcs.up && !head_that_is(view, NodeRecord::kDying).exists();
            },
        .effect = [](Step& step, const Action& a) { record_node(step, a.call); },
    },
};

}  // namespace

std::span<const Transition> second_head_rows() {
  return kRows;
}

bool registration_is_held(const View& view, NodeId node) {
  if (!view.config.on(Feature::kSecondHead) || !is_head(view, node)) return false;
  const bool waits = view.config.has(Safeguard::kNewHeadWaitsForDeath);
  return head_to_fail(view, node).exists() || (waits && head_that_is(view, NodeRecord::kDying).exists());
}

}  // namespace raymc
