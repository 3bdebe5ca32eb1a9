// The streams that carry the resource view between raylets and GCS: row V6 of section 8.5, the view at the start and at
// the end of a process, and its normal form.
// Abstraction: a raylet connects and the GCS takes the new stream in one step; what the raylet sends before is not
// handled. A raylet notices a break when it connects again: until then it only keeps its samples, noticed or not.
#include <algorithm>
#include <utility>

#include "model/rows.hpp"
#include "model/scheduler/view.hpp"

namespace raymc {
namespace {

constexpr std::string_view kSyncer = "src/ray/ray_syncer/ray_syncer.cc";
constexpr std::string_view kReactor = "src/ray/ray_syncer/ray_syncer_bidi_reactor_base.h";

Stream stream_of(const View& view, NodeId node) {
  return view.s.gcs.view.streams[node.value];
}

/// The list of nodes that the raylet asked for has been handled: nothing of it waits in the mailbox.
bool nodes_are_listed(const View& view, NodeId node) {
  const Mailbox& mailbox = view.s.gcs.mailboxes[subscriber(node)];
  return std::none_of(mailbox.begin(), mailbox.end(),
                      [](const Notice& notice) { return notice.kind == NoticeKind::kNodeAlive; });
}

/// What is on its way on a stream is lost.
void clear_stream(State& s, NodeId node) {
  s.gcs.view.up[node.value] = {};
  s.gcs.view.down[node.value] = {};
}

void forget_rows_of(State& s, NodeId node) {
  s.gcs.view.stored[node.value] = {};
}

constexpr Transition kRows[] = {
    {
        .row = Row::kV6Broken,
        .id = "scheduler.V6.stream_broken",
        .doc = "the stream between a raylet and the GCS breaks with what is on its way; the GCS has not noticed yet",
        .source = {kReactor, "OnReadDone"},
        .feature = Feature::kResourceView,
        .origin = Origin::kEnvironment,
        .fault = Fault::kStreamBroken,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              return stream_of(view, a.node) == Stream::kOpen && view.s.budget[Fault::kStreamBroken] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kStreamBroken];
              step.s.gcs.view.streams[a.node.value] = Stream::kHalfOpen;
              clear_stream(step.s, a.node);
            },
    },
    {
        .row = Row::kV6Removed,
        .id = "gcs.V6.stream_removed",
        .doc = "the GCS notices that a raylet's stream is broken and forgets the row of that raylet",
        .source = {"src/ray/ray_syncer/node_state.cc", "RemoveNode"},
        .feature = Feature::kResourceView,
        .component = Component::kGcs,
        .trigger = each(Moment::kNode),
        .guard = [](const View& view, const Action& a) { return stream_of(view, a.node) == Stream::kHalfOpen; },
        .effect =
            [](Step& step, const Action& a) {
              const bool alive = step.s.raylet(a.node).alive;
              step.s.gcs.view.streams[a.node.value] = alive ? Stream::kLost : Stream::kUnopened;
              forget_rows_of(step.s, a.node);
            },
    },
    {
        .row = Row::kV6Open,
        .id = "scheduler.V6.open_stream",
        .doc = "the raylet opens a stream to the GCS, again after a break; each sends the other every row it holds",
        .source = {kSyncer, "Connect"},
        .feature = Feature::kResourceView,
        .component = Component::kRaylet,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              if (!view.s.raylet(a.node).alive || !view.s.gcs.up) return false;
              switch (stream_of(view, a.node)) {
                case Stream::kListing: return nodes_are_listed(view, a.node);
                case Stream::kHalfOpen:
                case Stream::kLost: return view.config.has(Safeguard::kBrokenStreamIsReopened);
                case Stream::kUnopened:
                case Stream::kOpen: return false;
              }
              return false;
            },
        .effect = [](Step& step, const Action& a) { open_stream(step, a.node); },
    },
};

/// Every row about `about` that is held or on its way, anywhere.
template <class Each>
void for_each_row(State& s, std::uint8_t about, Each each) {
  each(s.gcs.view.stored[about]);
  for (std::uint8_t n = 0; n < kNodesMax; ++n) {
    each(s.raylets[n].view.stored[about]);
    each(s.gcs.view.up[n][about]);
    each(s.gcs.view.down[n][about]);
  }
}

/// Versions are only compared, so that their order is all there is to keep.
void number_versions(State& s, std::uint8_t about) {
  std::uint32_t used = 0;
  for_each_row(s, about, [&](const ViewRow& row) { used |= row.exists() ? 1U << row.version : 0U; });
  std::array<std::uint8_t, 32> rank{};
  std::uint8_t next = 0;
  for (std::uint8_t version = 0; version < rank.size(); ++version) {
    rank[version] = next;
    if (((used >> version) & 1U) != 0) ++next;
  }
  for_each_row(s, about, [&](ViewRow& row) { row.version = row.exists() ? rank[row.version] : std::uint8_t{0}; });
}

/// A row that says what its receiver has heard last would only reset a guess, which V4 does at any moment, too.
void forget_repetitions(const Config& config, State& s) {
  const auto same = [](const ViewRow& a, const ViewRow& b) { return a.cpus == b.cpus && a.drains == b.drains; };
  const auto repeats = [&](const ViewRow& row, const ViewRow& held) { return row.exists() && same(row, held); };
  GcsView& gcs = s.gcs.view;
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    RayletView& view = s.raylets[n].view;
    const ViewRow& sent = gcs.up[n][n].exists() ? gcs.up[n][n] : gcs.stored[n];
    if (same(sent, own_row(s.raylets[n]))) view.sample_due = false;
    if (repeats(gcs.up[n][n], gcs.stored[n])) gcs.up[n][n] = {};
    for (std::uint8_t m = 0; m < config.nodes(); ++m) {
      if (m != n && repeats(gcs.down[n][m], view.stored[m])) gcs.down[n][m] = {};
    }
  }
}

}  // namespace

std::span<const Transition> view_stream_rows() {
  return kRows;
}

void first_views(const Config& config, State& s) {
  if (!config.tracked()) return;
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    if (!config.has(Safeguard::kOwnRowIsLocal)) s.raylets[n].view.rows[n] = row_of(config.total_cpus(NodeId{n}));
    if (config.shape.nodes[n].joins_late) continue;
    const ViewRow row{.cpus = row_of(config.total_cpus(NodeId{n}))};
    s.gcs.view.streams[n] = Stream::kOpen;
    s.gcs.view.stored[n] = row;
    for (std::uint8_t m = 0; m < config.nodes(); ++m) {
      if (config.shape.nodes[m].joins_late) continue;
      s.raylets[m].view.stored[n] = row;
      if (m != n) s.raylets[m].view.rows[n] = row.cpus;
    }
  }
}

void open_stream(Step& step, NodeId node) {
  State& s = step.s;
  Stream& stream = s.gcs.view.streams[node.value];
  const bool replaced = step.config.has(Safeguard::kNewStreamReplacesOld);
  if (!step.ray_check_gcs(stream != Stream::kHalfOpen || replaced, RayCheck::kOneStreamPerPeer)) return;
  // A new raylet has never sent a sample; its first one is due whatever has changed.
  if (stream != Stream::kHalfOpen && stream != Stream::kLost) s.raylet(node).view.sample_due = true;
  stream = Stream::kOpen;
  for (std::uint8_t n = 0; n < step.config.nodes(); ++n) {
    push_to_gcs(s, node, NodeId{n});
    if (n != node.value) push_to_raylet(step.config, s, node, NodeId{n});
  }
}

void listing_nodes(Step& step, NodeId node) {
  Stream& stream = step.s.gcs.view.streams[node.value];
  if (step.config.tracked() && stream == Stream::kUnopened) stream = Stream::kListing;
}

void raylet_leaves_view(Step& step, NodeId node) {
  if (!step.config.tracked()) return;
  Stream& stream = step.s.gcs.view.streams[node.value];
  clear_stream(step.s, node);
  const bool held = stream == Stream::kOpen || stream == Stream::kHalfOpen;
  // Who opens a stream later may be told of the dead node until the GCS notices. Nobody else can tell when it does.
  if (held && step.config.streams_may_open()) {
    stream = Stream::kHalfOpen;
  } else {
    stream = Stream::kUnopened;
    forget_rows_of(step.s, node);
  }
}

void gcs_leaves_view(Step& step) {
  GcsView& view = step.s.gcs.view;
  view.stored = {};
  view.up = {};
  view.down = {};
  for (std::uint8_t n = 0; n < step.config.nodes(); ++n) {
    Stream& stream = view.streams[n];
    const bool opened = stream == Stream::kOpen || stream == Stream::kHalfOpen || stream == Stream::kLost;
    stream = opened && step.s.raylets[n].alive ? Stream::kLost : Stream::kUnopened;
  }
}

void normalise_view(const Config& config, State& s) {
  if (!config.tracked()) return;
  if (config.has(Safeguard::kGuessedRowsAreReset) && !config.streams_may_break()) forget_repetitions(config, s);
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    RayletView& view = s.raylets[n].view;
    for (std::uint8_t m = 0; m < config.nodes(); ++m) {
      // Ray keeps the row of a node that is known dead, or makes it again (V3); no choice reads it.
      const bool dead = has_bit(s.raylets[n].dead_nodes, m) && config.has(Safeguard::kChoiceNeedsLiveRecord);
      if (dead) view.rows[m] = 0;
      if (dead) s.raylets[n].draining_nodes &= static_cast<std::uint8_t>(~bit(m));
      if (dead && !config.streams_may_break()) {
        view.stored[m] = {};
        s.gcs.view.down[n][m] = {};
      }
    }
    // Only a stream that is opened again sends the raylet's own last sample once more.
    if (!config.streams_may_break()) view.stored[n] = {};
  }
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    if (config.streams_may_break()) {
      number_versions(s, n);
    } else {
      for_each_row(s, n, [](ViewRow& row) { row.version = 0; });
    }
  }
}

}  // namespace raymc
