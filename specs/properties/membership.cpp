// Deaths are detected and told: invariants 9 and 10 of section 10.2, and L3 as far as a search for safety can see it.
#include <algorithm>
#include <optional>
#include <string>

#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/premises.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

/// The nodes that a subscriber holds dead; all nodes for one that does not run.
std::uint8_t known_dead(const RayModel& model, const State& s, std::uint8_t index) {
  if (index < kNodesMax)
    return index < model.config().nodes() && s.raylets[index].alive ? s.raylets[index].dead_nodes : 0xff;
  const Owner& owner = s.owners[index - kNodesMax];
  return owner.alive ? owner.dead_nodes : 0xff;
}

/// The first subscriber that runs and, as `believes` says, holds the node dead or does not.
std::optional<std::uint8_t> first_subscriber(const RayModel& model, const State& s, NodeId node, bool believes) {
  for (std::uint8_t index = 0; index < kSubscribersMax; ++index) {
    const std::uint8_t known = known_dead(model, s, index);
    const bool runs = known != 0xff;
    if (runs && has_bit(known, node.value) == believes) return index;
  }
  return std::nullopt;
}

std::string subscriber_label(const RayModel& model, std::uint8_t index) {
  return index < kNodesMax ? label_of(model, NodeId{index})
                           : label_of(model, OwnerId{static_cast<std::uint8_t>(index - kNodesMax)});
}

/// Who holds the node dead, and what the node and the GCS say of that.
std::string held_dead_words(const RayModel& model, const State& s, NodeId node) {
  return line_of(model, s, subscriber_label(model, *first_subscriber(model, s, node, true))) + "; " +
         lines_of(model, s, node) + "; " + line_of(model, s, "GCS");
}

/// A death whose write hangs is known to the GCS, too.
bool gcs_knows_dead(const State& s, NodeId node) {
  return s.gcs.nodes[node.value] == NodeRecord::kDead || s.gcs.nodes[node.value] == NodeRecord::kDying;
}

/// A fault that makes a probe of a live raylet fail has struck.
bool some_probe_may_have_failed(const Config& config, const State& s) {
  for (const Fault fault : {Fault::kFalseDeath, Fault::kRayletHang, Fault::kNodeBlackhole, Fault::kGcsPartition}) {
    if (s.budget[fault] < config.budget[fault]) return true;
  }
  return false;
}

/// A head in a scenario in which another one registers, as it does from the first step on: the GCS fails the head that
/// is there for the one that comes (G18).
bool may_be_replaced(const Config& config, NodeId node) {
  const std::vector<NodeShape>& nodes = config.shape.nodes;
  const bool is_head = node.value == 0 || nodes[node.value].new_head;
  const NodeShape* self = &nodes[node.value];
  return is_head && std::any_of(nodes.begin(), nodes.end(),
                                [self](const NodeShape& other) { return other.new_head && &other != self; });
}

constexpr Property kFamily[] = {
    {
        .id = "M1.dead_raylet_is_known",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, the GCS and every live raylet and owner know of each dead raylet",
        .source = "protocol dossier, 10.4 L3",
        .mutant = "resubscribe_refetches_nodes",
        .applies = kDeathIsWritten,
        .premise = premises::a_raylet_is_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_raylet(
                  model, s,
                  [&](NodeId id, const Raylet& raylet) {
                    // A node that died before it was registered is nobody's concern.
                    if (raylet.alive || s.gcs.nodes[id.value] == NodeRecord::kUnknown) return true;
                    return gcs_knows_dead(s, id) && !first_subscriber(model, s, id, false).has_value();
                  },
                  [&](NodeId id, const Raylet&) {
                    const std::string who =
                        gcs_knows_dead(s, id) ? subscriber_label(model, *first_subscriber(model, s, id, false)) : "GCS";
                    return label_of(model, id) + " is dead; not known to " + line_of(model, s, who);
                  });
            },
    },
    {
        .id = "M2.declared_dead_is_dead",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, no raylet's loop runs that the GCS has declared dead",
        .source = "protocol dossier, 3.8 and 9 F10",
        .mutant = "fence_dead_node",
        .applies = kNodeMayDie,
        .premise = premises::a_node_is_recorded_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_raylet(
                  model, s,
                  [&](NodeId node, const Raylet& raylet) {
                    return raylet.hung || s.gcs.nodes[node.value] == NodeRecord::kAlive;
                  },
                  [&](NodeId node, const Raylet&) {
                    return lines_of(model, s, node) + "; " + line_of(model, s, "GCS");
                  });
            },
    },
    {
        .id = "M3.shutdown_ends",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, no raylet whose loop runs is still shutting down",
        .source = "protocol dossier, 11.1 C5",
        .mutant = "fence_dead_node",
        .applies = kNodeMayDie,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_raylet(
                  model, s, [](NodeId, const Raylet& raylet) { return raylet.hung || !raylet.shutting_down; });
            },
    },
    {
        .id = "M4.farewell_is_answered",
        .kind = kInvariant,
        .claim = "the GCS does not hold a raylet's UnregisterNode without ever answering it",
        .source = "protocol dossier, 11.1 C5",
        .mutant = "unregister_is_answered",
        .applies = kNodeMayDie,
        .premise = premises::a_raylet_shuts_down,
        .holds =
            [](const RayModel& model, const State& s) {
              return no_call(model, s, [](const Call& call) {
                return call.rpc == Rpc::kUnregisterNode && call.stage == Stage::kAtServer;
              });
            },
    },
    {
        .id = "I9.known_death_is_written",
        .kind = kInvariant,
        .claim =
            "a node that any subscriber holds dead is dead in the GCS's table, so that it cannot come back; where a "
            "death is told at once, until a GCS crashes: dead, or being written as dead",
        .source = "protocol dossier, 10.2 invariant 9 and 5.1; #64702",
        .mutant = "death_is_written_first",
        .applies = kNodeMayDie,
        .premise = premises::somebody_holds_a_node_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              const bool at_once = model.config().has(Safeguard::kDeathIsToldAtOnce);
              const bool crashed = s.budget[Fault::kGcsCrash] < model.config().budget[Fault::kGcsCrash];
              return every_raylet(
                  model, s,
                  [&](NodeId id, const Raylet&) {
                    const NodeRecord record = s.gcs.nodes[id.value];
                    if (record == NodeRecord::kDead || (at_once && (crashed || record == NodeRecord::kDying)))
                      return true;
                    return !first_subscriber(model, s, id, true);
                  },
                  [&](NodeId id, const Raylet&) { return held_dead_words(model, s, id); });
            },
    },
    {
        .id = "I10.notice_is_delivered_once",
        .kind = kInvariant,
        .claim = "a node's death waits in a mailbox at most once, and only for a subscriber that does not know it",
        .source = "protocol dossier, 10.2 invariant 10",
        .mutant = "notices_are_deduplicated",
        .applies = kNodeMayDie,
        .premise = premises::a_notice_of_death_waits,
        .holds =
            [](const RayModel& model, const State& s) {
              for (std::uint8_t index = 0; index < kSubscribersMax; ++index) {
                const Mailbox& mailbox =
                    model.config().on(Feature::kPubsub) ? s.polls[index].inbox : s.gcs.mailboxes[index];
                for (const Notice& notice : mailbox) {
                  if (notice.kind != NoticeKind::kNodeDead) continue;
                  const auto times = std::count(mailbox.begin(), mailbox.end(), notice);
                  if (!has_bit(known_dead(model, s, index), notice.node.value) && times == 1) continue;
                  return never(true, [&] {
                    const std::string who = subscriber_label(model, index);
                    return notice_text(model.config(), notice) + " waits " + counted_words(times, "time") + " for " +
                           line_of(model, s, who);
                  });
                }
              }
              return true;
            },
    },
    {
        .id = "M5.no_orphan_worker",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, no worker process outlives its raylet",
        .source = "#20706, #20777",
        .mutant = "workers_watch_raylet",
        .applies = kNodeMayDie,
        .premise = premises::a_raylet_is_dead,
        .holds = no_worker_is_orphaned,
    },
    {
        .id = "M6.live_raylet_is_not_declared_dead",
        .kind = kInvariant,
        .claim =
            "as long as no probe of a live raylet has failed, the GCS does not declare a raylet dead that lives and "
            "does not shut down, unless another new head takes its place",
        .source = "protocol dossier, 5.2; known bugs, 49",
        .mutant = "detector_starts_after_service",
        .holds =
            [](const RayModel& model, const State& s) {
              if (some_probe_may_have_failed(model.config(), s)) return true;
              return every_live_raylet(
                  model, s,
                  [&](NodeId node, const Raylet& raylet) {
                    const NodeRecord record = s.gcs.nodes[node.value];
                    return raylet.shutting_down || (record != NodeRecord::kDying && record != NodeRecord::kDead) ||
                           may_be_replaced(model.config(), node);
                  },
                  [&](NodeId node, const Raylet&) {
                    return lines_of(model, s, node) + "; " + line_of(model, s, "GCS");
                  });
            },
    },
    {
        .id = "M8.one_head_is_alive",
        .kind = kInvariant,
        .claim = "the GCS holds one head node alive at most",
        .source = "protocol dossier, 8.6 G18; #54791",
        .mutant = "new_head_fails_old_head",
        .applies = kWithSecondHead,
        .holds =
            [](const RayModel& model, const State& s) {
              const auto is_alive_head = [&](std::uint8_t n) {
                return (n == 0 || model.config().shape.nodes[n].new_head) && s.gcs.nodes[n] == NodeRecord::kAlive;
              };
              std::size_t heads = 0;
              for (std::uint8_t n = 0; n < model.config().nodes(); ++n) heads += is_alive_head(n) ? 1 : 0;
              return never(heads > 1, [&] {
                std::string text = "the GCS holds " + std::to_string(heads) + " heads alive:";
                for (std::uint8_t n = 0; n < model.config().nodes(); ++n) {
                  if (is_alive_head(n)) text += " " + NodeId{n}.name();
                }
                return text;
              });
            },
    },
    {
        .id = "M7.raylet_held_dead_is_dead",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, no raylet's loop runs that a live raylet or owner holds dead",
        .source = "protocol dossier, 9 F10; known bugs, 10 and 5(a) #64702",
        .mutant = "resubscribe_reports_deaths",
        .applies = kNodeMayDie,
        .premise = premises::somebody_holds_a_node_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_raylet(
                  model, s,
                  [&](NodeId node, const Raylet& raylet) {
                    return raylet.hung || !first_subscriber(model, s, node, true);
                  },
                  [&](NodeId node, const Raylet&) { return held_dead_words(model, s, node); });
            },
    },
};

}  // namespace

std::span<const Property> membership_properties() {
  return kFamily;
}

}  // namespace raymc
