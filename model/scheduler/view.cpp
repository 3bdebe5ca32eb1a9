// The resource view between raylets: rows V1 to V3 and V5 of section 8.5. Only in the tracked view.
// Abstraction: messages about one node overwrite each other (coalescing); negative availability does not occur here.
#include "model/rows.hpp"
#include "model/scheduler/scheduler.hpp"

namespace raymc {
namespace {

constexpr std::string_view kSyncer = "src/ray/ray_syncer/ray_syncer.cc";

constexpr Transition kRows[] = {
    {
        .row = Row::kV1,
        .id = "scheduler.V1.sample_own_resources",
        .doc = "the raylet samples its own resources and sends them to the GCS",
        .source = {"src/ray/raylet/scheduling/local_resource_manager.cc", "CreateSyncMessage"},
        .feature = Feature::kResourceView,
        .component = Component::kRaylet,
        .trigger = each(Moment::kNode),
        .guard = [](const View& view, const Action& a) { return view.s.raylet(a.node).view_dirty && view.s.gcs.up; },
        .effect =
            [](Step& step, const Action& a) {
              Raylet& raylet = step.s.raylet(a.node);
              raylet.view_dirty = false;
              step.s.gcs.in_flight[a.node.value] = static_cast<std::uint8_t>(raylet.available + 1);
              if (raylet.drain != Drain::kNone) step.s.gcs.in_flight_drains |= bit(a.node.value);
            },
    },
    {
        .row = Row::kV2,
        .id = "gcs.V2.relay_resources",
        .doc = "the GCS stores a raylet's resources and relays them to the other raylets",
        .source = {kSyncer, "BroadcastMessage"},
        .feature = Feature::kResourceView,
        .component = Component::kGcs,
        .trigger = each(Moment::kNode),
        .guard = [](const View& view, const Action& a) { return view.s.gcs.in_flight[a.node.value] != 0; },
        .effect =
            [](Step& step, const Action& a) {
              Gcs& gcs = step.s.gcs;
              gcs.reported[a.node.value] = static_cast<std::uint8_t>(gcs.in_flight[a.node.value] - 1);
              gcs.in_flight[a.node.value] = 0;
              gcs.reported_drains |= gcs.in_flight_drains & bit(a.node.value);
              gcs.in_flight_drains &= static_cast<std::uint8_t>(~bit(a.node.value));
              for (std::uint8_t n = 0; n < step.config.nodes(); ++n) {
                Raylet& other = step.s.raylets[n];
                if (n != a.node.value && other.alive) other.unread_views |= bit(a.node.value);
              }
            },
    },
    {
        .row = Row::kV3,
        .id = "scheduler.V3.learn_resources",
        .doc = "the raylet overwrites its row of another node with a newer one",
        .source = {"src/ray/raylet/node_manager.cc", "UpdateResourceUsage"},
        .feature = Feature::kResourceView,
        .component = Component::kRaylet,
        .trigger = each(Moment::kNode),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
                if (!has_bit(view.s.raylet(base.node).unread_views, n)) continue;
                Action action = base;
                action.target = NodeId{n};
                out.push_back(action);
              }
            },
        .effect =
            [](Step& step, const Action& a) {
              Raylet& raylet = step.s.raylet(a.node);
              raylet.unread_views &= static_cast<std::uint8_t>(~bit(a.target.value));
              raylet.view[a.target.value] = step.s.gcs.reported[a.target.value];
              raylet.draining_nodes |= step.s.gcs.reported_drains & bit(a.target.value);  // once set, it stays
            },
    },
    {
        .row = Row::kV5,
        .id = "scheduler.V5.node_is_alive",
        .doc = "the raylet learns of a new node, which may be chosen from now on",
        .source = {"src/ray/raylet/node_manager.cc", "NodeAdded"},
        .component = Component::kRaylet,
        .trigger = on_notice(NoticeKind::kNodeAlive),
        .guard = [](const View&, const Action& a) { return a.node.exists(); },
        .effect =
            [](Step& step, const Action& a) {
              Raylet& raylet = step.s.raylet(a.node);
              if (has_bit(raylet.dead_nodes, a.notice.node.value)) return;  // ALIVE after DEAD is dropped
              raylet.known_nodes |= bit(a.notice.node.value);
              if (step.config.tracked()) raylet.view[a.notice.node.value] = step.config.total_cpus(a.notice.node);
            },
    },
};

}  // namespace

std::span<const Transition> view_rows() {
  return kRows;
}

}  // namespace raymc
