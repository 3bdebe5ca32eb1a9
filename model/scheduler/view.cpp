// The resource view between raylets: rows V1 to V5 of section 8.5. Only in the tracked view, but for V5.
// Abstraction: messages about one node overwrite each other while they wait (coalescing), also those that are on the
// wire already; negative availability is sent as 0.
#include "model/scheduler/view.hpp"

#include <utility>

#include "model/links.hpp"
#include "model/log/ids.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kSyncer = "src/ray/ray_syncer/ray_syncer.cc";
constexpr std::string_view kNodeManager = "src/ray/raylet/node_manager.cc";

void append_about(const Action& base, std::uint8_t about, std::vector<Action>& out) {
  Action action = base;
  action.target = NodeId{about};
  out.push_back(action);
}

bool newer(const Config& config, const ViewRow& row, const ViewRow& held) {
  return !held.exists() || !config.streams_may_break() || row.version > held.version;
}

bool has_exact_row(const RayletView& view, std::uint8_t node) {
  return view.rows[node] == 0 || !view.stored[node].exists() || view.rows[node] == view.stored[node].cpus;
}

/// A draining flag, once seen, stays.
void apply_row(Raylet& raylet, NodeId about, const ViewRow& row) {
  raylet.view.rows[about.value] = row.cpus;
  if (row.drains) raylet.draining_nodes |= bit(about.value);
}

/// The GCS takes one row from the raylet `from`: stores it and relays it, unless what it holds is as new.
void relay(Step& step, NodeId from, NodeId about, const ViewRow& row) {
  GcsView& gcs = step.s.gcs.view;
  ViewRow& held = gcs.stored[about.value];
  if (!newer(step.config, row, held)) return;
  const bool announcement = !held.exists();
  held = row;
  for (std::uint8_t n = 0; n < step.config.nodes(); ++n) {
    if (n != from.value && n != about.value) push_to_raylet(step.config, step.s, NodeId{n}, about);
  }
  // The broadcast of a node's capacity once went to that node, too; the one of its usage never did.
  const bool told = announcement && gcs.streams[about.value] == Stream::kOpen;
  if (told && !step.config.has(Safeguard::kOwnRowIsLocal)) gcs.down[about.value][about.value] = row;
}

constexpr Transition kRows[] = {
    {
        .row = Row::kV1,
        .id = "scheduler.V1.sample_own_resources",
        .doc = "the raylet samples its own resources and sends them to the GCS",
        .source = {"src/ray/raylet/scheduling/local_resource_manager.cc", "CreateSyncMessage"},
        .feature = Feature::kResourceView,
        .component = Component::kRaylet,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              const Stream stream = view.s.gcs.view.streams[a.node.value];
              const bool reporting = stream != Stream::kUnopened && stream != Stream::kListing;
              return view.s.raylet(a.node).view.sample_due && reporting && reaches_gcs(view.s, a.node);
            },
        .effect =
            [](Step& step, const Action& a) {
              Raylet& raylet = step.s.raylet(a.node);
              raylet.view.sample_due = false;
              ViewRow& own = raylet.view.stored[a.node.value];
              const std::uint8_t version = own.version;
              own = own_row(raylet);
              own.version = static_cast<std::uint8_t>(version + 1);
              push_to_gcs(step.s, a.node, a.node);
            },
    },
    {
        .row = Row::kV2,
        .id = "gcs.V2.relay_resources",
        .doc = "the GCS stores the rows that a raylet has sent, if they are news, and relays them to the other raylets",
        .source = {kSyncer, "BroadcastMessage"},
        .feature = Feature::kResourceView,
        .component = Component::kGcs,
        .trigger = each(Moment::kNode),
        .guard = [](const View& view, const Action& a) { return view.s.gcs.view.up[a.node.value] != ViewRows{}; },
        .effect =
            [](Step& step, const Action& a) {
              ViewRows rows{};
              std::swap(rows, step.s.gcs.view.up[a.node.value]);
              for (std::uint8_t n = 0; n < step.config.nodes(); ++n) {
                if (rows[n].exists()) relay(step, a.node, NodeId{n}, rows[n]);
              }
            },
    },
    {
        .row = Row::kV3,
        .id = "scheduler.V3.learn_resources",
        .doc = "the raylet overwrites its row of another node with a newer one",
        .source = {kNodeManager, "UpdateResourceUsage"},
        .feature = Feature::kResourceView,
        .component = Component::kRaylet,
        .trigger = each(Moment::kNode),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
                if (reaches_gcs(view.s, base.node) && view.s.gcs.view.down[base.node.value][n].exists())
                  append_about(base, n, out);
              }
            },
        .effect =
            [](Step& step, const Action& a) {
              Raylet& raylet = step.s.raylet(a.node);
              ViewRow row{};
              std::swap(row, step.s.gcs.view.down[a.node.value][a.target.value]);
              const bool known = has_bit(raylet.known_nodes, a.target.value);
              if (a.target != a.node) raylet.view.stored[a.target.value] = row;
              // The row is created if it is missing, whatever the raylet knows of the node (SetNodeLabels).
              if (known || step.config.has(Safeguard::kEarlyRowsAreKept)) apply_row(raylet, a.target, row);
            },
    },
    {
        .row = Row::kV4,
        .id = "scheduler.V4.reset_guess",
        .doc = "3 s after the raylet changed a row by itself, the row is what was received last again",
        .source = {"src/ray/raylet/scheduling/cluster_resource_manager.cc", "ClusterResourceManager"},
        .feature = Feature::kResourceView,
        .component = Component::kRaylet,
        .trigger = each(Moment::kNode),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              const RayletView& seen = view.s.raylet(base.node).view;
              for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
                if (n != base.node.value && !has_exact_row(seen, n)) append_about(base, n, out);
              }
            },
        .guard = [](const View& view, const Action&) { return view.config.has(Safeguard::kGuessedRowsAreReset); },
        .effect =
            [](Step& step, const Action& a) {
              RayletView& view = step.s.raylet(a.node).view;
              view.rows[a.target.value] = view.stored[a.target.value].cpus;
            },
    },
    {
        .row = Row::kV5,
        .id = "scheduler.V5.node_is_alive",
        .doc = "the raylet learns of a new node, which may be chosen from now on if there is a row of it",
        .source = {kNodeManager, "NodeAdded"},
        .logs = says(LogKind::kNodeAdded, log_ids::new_node),
        .component = Component::kRaylet,
        .trigger = on_notice(NoticeKind::kNodeAlive),
        .guard = [](const View&, const Action& a) { return a.node.exists(); },
        .effect =
            [](Step& step, const Action& a) {
              Raylet& raylet = step.s.raylet(a.node);
              const std::uint8_t node = a.notice.node.value;
              if (has_bit(raylet.dead_nodes, node)) return;  // ALIVE after DEAD is dropped
              raylet.known_nodes |= bit(node);
              // What was heard of the node before is applied now, once more.
              const ViewRow& heard = raylet.view.stored[node];
              if (heard.exists() && step.config.has(Safeguard::kEarlyRowsAreKept))
                apply_row(raylet, a.notice.node, heard);
            },
    },
};

}  // namespace

std::span<const Transition> view_rows() {
  return kRows;
}

ViewRow own_row(const Raylet& raylet) {
  return {.cpus = row_of(raylet.available), .drains = raylet.drain != Drain::kNone};
}

void resources_changed(Step& step, NodeId node) {
  if (!step.config.tracked()) return;
  Raylet& raylet = step.s.raylet(node);
  raylet.view.sample_due = true;
  if (!step.config.has(Safeguard::kOwnRowIsLocal)) raylet.view.rows[node.value] = row_of(raylet.available);
}

void push_to_gcs(State& s, NodeId node, NodeId about) {
  if (s.gcs.view.streams[node.value] != Stream::kOpen) return;
  s.gcs.view.up[node.value][about.value] = s.raylet(node).view.stored[about.value];
}

void push_to_raylet(const Config& config, State& s, NodeId node, NodeId about) {
  const ViewRow& row = s.gcs.view.stored[about.value];
  if (s.gcs.view.streams[node.value] != Stream::kOpen || !row.exists()) return;
  ViewRow& waiting = s.gcs.view.down[node.value][about.value];
  if (newer(config, row, waiting) && newer(config, row, s.raylet(node).view.stored[about.value])) waiting = row;
}

}  // namespace raymc
