// What a raylet does with news from the GCS: rows R40 to R43 of section 8.3.
#include "model/log/ids.hpp"
#include "model/owner/nested.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kFile = "src/ray/raylet/node_manager.cc";

bool about_itself(const Action& a) {
  return a.node.exists() && a.notice.node == a.node;
}

/// Forgets what queued work and leased workers there are for owners that live on `dead`: cancel first, then kill.
void drop_owners_of(Step& step, NodeId node, NodeId dead) {
  for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
    if (home_of(step.view(), OwnerId{o}) != dead) continue;
    cancel_work_of(step, node, OwnerId{o});
    kill_workers_of(step, node, OwnerId{o});
  }
}

constexpr Transition kRows[] = {
    {
        .row = Row::kR40,
        .id = "raylet.R40.owner_failed",
        .doc =
            "the raylet learns that an owner died; it cancels its queued requests and kills the workers leased to it",
        .source = {kFile, "HandleUnexpectedWorkerFailure"},
        .logs = says(LogKind::kOwnerDead, log_ids::failed_owner),
        .component = Component::kRaylet,
        .trigger = on_notice(NoticeKind::kWorkerFailed),
        .effect =
            [](Step& step, const Action& a) {
              step.s.raylet(a.node).failed_owners |= bit(a.notice.owner.value);
              cancel_work_of(step, a.node, a.notice.owner);
              kill_workers_of(step, a.node, a.notice.owner);
            },
    },
    {
        .row = Row::kR41,
        .id = "raylet.R41.node_is_dead",
        .doc = "the raylet learns that a node died; it cancels requests from there and kills workers leased to owners "
               "there",
        .source = {kFile, "NodeRemoved"},
        .logs = says(LogKind::kNodeDead, log_ids::notice_node),
        .component = Component::kRaylet,
        .trigger = on_notice(NoticeKind::kNodeDead),
        .guard = [](const View&, const Action& a) { return a.node.exists() && !about_itself(a); },
        .effect =
            [](Step& step, const Action& a) {
              Raylet& raylet = step.s.raylet(a.node);
              raylet.dead_nodes |= bit(a.notice.node.value);
              raylet.view.rows[a.notice.node.value] = 0;
              raylet.draining_nodes &= static_cast<std::uint8_t>(~bit(a.notice.node.value));
              drop_owners_of(step, a.node, a.notice.node);
            },
    },
    {
        .row = Row::kR42,
        .id = "raylet.R42.told_of_own_death",
        .doc = "the raylet is told that it was declared dead and aborts",
        .source = {kFile, "NodeRemoved"},
        .logs = says(LogKind::kNodeDead, log_ids::notice_node).with({LogKind::kOwnDeath}),
        .component = Component::kRaylet,
        .trigger = on_notice(NoticeKind::kNodeDead),
        .guard =
            [](const View& view, const Action& a) {
              return about_itself(a) && !view.s.raylet(a.node).shutting_down &&
                     view.config.has(Safeguard::kFenceDeadNode);
            },
        .effect = [](Step& step, const Action& a) { raylet_dies(step, a.node); },
    },
    {
        .row = Row::kR43,
        .id = "raylet.R43.own_death_while_shutting_down",
        .doc = "the raylet is told of its own death while it shuts down and ignores it",
        .source = {kFile, "NodeRemoved"},
        .logs = says(LogKind::kNodeDead, log_ids::notice_node).with({LogKind::kOwnDeath}),
        .component = Component::kRaylet,
        .trigger = on_notice(NoticeKind::kNodeDead),
        .guard =
            [](const View& view, const Action& a) {
              return about_itself(a) &&
                     (view.s.raylet(a.node).shutting_down || !view.config.has(Safeguard::kFenceDeadNode));
            },
        .effect = [](Step&, const Action&) {},
    },
};

}  // namespace

std::span<const Transition> notice_rows() {
  return kRows;
}

}  // namespace raymc
