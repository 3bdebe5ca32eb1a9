// A GCS with persistent tables that crashes and comes back: rows G15 and G16 of section 8.6, and what its subscribers
// do then (R51). The refetched node table is delivered through the new subscription's mailbox, in front of later news.
#include <algorithm>

#include "model/gcs/gcs.hpp"
#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/owner/nested.hpp"
#include "model/rows.hpp"
#include "model/scheduler/view.hpp"

namespace raymc {
namespace {

constexpr std::string_view kNodeManager = "src/ray/raylet/node_manager.cc";
constexpr std::string_view kServer = "src/ray/gcs/gcs_server.cc";

/// Delivers what was refetched. Only changes become notices: what is on its way already would be no change.
void add_news(Mailbox& mailbox, const Notice& notice) {
  if (std::find(mailbox.begin(), mailbox.end(), notice) == mailbox.end())
    mailbox.add(notice, "mailbox of a subscriber");
}

/// The nodes that were announced to a subscriber; an owner counts them only where it asks single nodes by name.
std::uint8_t known_alive(const Step& step, const Call& call) {
  if (!call.owner.exists()) return step.s.raylet(call.node).known_nodes;
  return step.config.on(Feature::kAffinity) ? step.s.owner(call.owner).known_nodes : std::uint8_t{0xff};
}

/// The restarted GCS can be reached: it tells the raylets of its table, and whoever notices by itself.
void announce_restart(Step& step) {
  for (std::uint8_t n = 0; n < step.config.nodes(); ++n) {
    if (step.s.gcs.nodes[n] != NodeRecord::kAlive || !step.s.raylets[n].alive) continue;
    if (!step.config.has(Safeguard::kRestartIsAnnounced)) continue;
    Call call;
    call.rpc = Rpc::kNotifyGcsRestart;
    call.node = NodeId{n};
    send(step, call);
  }
  if (!step.config.has(Safeguard::kOwnersNoticeRestart)) return;
  for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
    if (step.s.owners[o].alive) subscribe(step, NodeId::none(), OwnerId{o});
  }
}

/// A subscriber that knows of deaths that the table does not have says so: the GCS fails those nodes.
void report_deaths(Step& step, std::uint8_t known_dead) {
  for (std::uint8_t n = 0; n < step.config.nodes(); ++n) {
    if (has_bit(known_dead, n) && step.s.gcs.nodes[n] == NodeRecord::kAlive) node_failed(step, NodeId{n});
  }
}

/// The answer to the fetch that follows a subscription, as far as it is news to the subscriber.
void refetch(Step& step, const Call& call, std::uint8_t index) {
  const bool raylet = !call.owner.exists();
  const Gcs& gcs = step.s.gcs;
  Mailbox& news = news_of(step.config, step.s, index);
  const std::uint8_t known_dead = raylet ? step.s.raylet(call.node).dead_nodes : step.s.owner(call.owner).dead_nodes;
  const std::uint8_t known_failed = raylet ? step.s.raylet(call.node).failed_owners : std::uint8_t{0xff};
  const std::uint8_t announced = known_alive(step, call);
  // The list is that of the cache, to which a death belongs before it is written. Where it is told only then, whoever
  // subscribed in between hears of it; where it is told at once, the list is all that they hear.
  const bool lists_dying = step.config.has(Safeguard::kDeathIsToldAtOnce);
  for (std::uint8_t n = 0; n < step.config.nodes() && step.config.has(Safeguard::kResubscribeRefetchesNodes); ++n) {
    if (gcs.nodes[n] == NodeRecord::kAlive && !has_bit(announced, n)) {
      add_news(news, {NoticeKind::kNodeAlive, NodeId{n}, OwnerId::none()});
    }
    const bool dying = lists_dying && gcs.nodes[n] == NodeRecord::kDying;
    const bool dead_row = dying || gcs.nodes[n] == NodeRecord::kDead || has_bit(gcs.dead_rows, n);
    if (dead_row && !has_bit(known_dead, n)) {
      add_news(news, {NoticeKind::kNodeDead, NodeId{n}, OwnerId::none(), has_bit(gcs.preempted, n)});
    }
  }
  for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
    // A driver's death is in the job table too, which is refetched; a worker's failure is not (C4).
    const bool job =
        step.config.shape.owners[o].kind == OwnerKind::kDriver && !step.config.tells_end_of_job(OwnerId{o});
    const bool refetched = job || step.config.has(Safeguard::kRefetchWorkerFailures);
    if (!refetched || !has_bit(gcs.failed_owners, o) || has_bit(known_failed, o)) continue;
    add_news(news, {NoticeKind::kWorkerFailed, NodeId::none(), OwnerId{o}});
  }
  if (!raylet || !step.config.on(Feature::kJobs)) return;
  // Every row of the job table is handled as a notice; one that is known already changes nothing.
  Notice job;
  job.kind = gcs.job == JobRecord::kFinished ? NoticeKind::kJobFinished : NoticeKind::kJobStarted;
  if (concerns(step.view(), index, job)) add_news(news, job);
}

constexpr Transition kCrash{
    .row = Row::kG15,
    .id = "gcs.G15.crash",
    .doc = "the GCS crashes; its tables survive if they are persistent, its memory and the mailboxes do not",
    .source = {"", "SIGKILL"},
    .feature = Feature::kGcsRestart,
    .origin = Origin::kEnvironment,
    .fault = Fault::kGcsCrash,
    .component = Component::kEnvironment,
    .trigger = each(Moment::kGlobal),
    .guard = [](const View& view, const Action&) { return view.s.gcs.up && view.s.budget[Fault::kGcsCrash] > 0; },
    .effect =
        [](Step& step, const Action&) {
          --step.s.budget[Fault::kGcsCrash];
          gcs_dies(step);
        },
};

/// Today's GCS probes the raylets, and only a probe that fails counts. The detector of old counted the heartbeats that
/// did not come, also while the service to which they go was not open yet.
constexpr Transition kSilenceCounted{
    .row = Row::kG16Missed,
    .id = "gcs.G16.silence_counted",
    .doc = "the failure detector runs before the GCS can be reached; a raylet's silence counts as a failure",
    .source = {kServer, "InitGcsHealthCheckManager"},
    .feature = Feature::kGcsRestart,
    .component = Component::kGcs,
    .trigger = each(Moment::kNode),
    .guard = [](const View& view,
                const Action& a) { return view.s.gcs.opening && view.s.gcs.nodes[a.node.value] == NodeRecord::kAlive; },
    .effect = [](Step& step, const Action& a) { probe_failed(step, a.node); },
};

constexpr Transition kRows[] = {
    kCrash,
    {
        .row = Row::kG16,
        .id = "gcs.G16.restart",
        .doc = "the GCS restarts from its tables and tells the raylets",
        .source = {kServer, "DoStart"},
        .logs = says(LogKind::kGcsLoads),
        .feature = Feature::kGcsRestart,
        .component = Component::kGcs,
        .trigger = each(Moment::kGlobal),
        .guard =
            [](const View& view, const Action&) {
              return !view.s.gcs.up && !view.s.gcs.opening && !view.config.on(Feature::kInMemoryGcs);
            },
        .effect =
            [](Step& step, const Action&) {
              Gcs& gcs = step.s.gcs;
              for (std::uint8_t n = 0; n < step.config.nodes(); ++n) {
                const bool watched = step.config.has(Safeguard::kRestartWatchesLoadedNodes);
                if (!watched && gcs.nodes[n] == NodeRecord::kAlive) gcs.unwatched |= bit(n);
              }
              for (std::uint8_t n = 0; n < step.config.nodes(); ++n) {
                const bool ends = step.config.has(Safeguard::kRestartEndsJobsOfDeadNodes);
                if (ends && gcs.nodes[n] == NodeRecord::kDead) drivers_node_is_dead(step, NodeId{n});
              }
              gcs.opening = !step.config.has(Safeguard::kDetectorStartsAfterService);
              if (gcs.opening) return;
              gcs.up = true;
              announce_restart(step);
            },
    },
    {
        .row = Row::kG16Open,
        .id = "gcs.G16.service_opens",
        .doc = "the restarted GCS can be reached and tells the raylets",
        .source = {kServer, "DoStart"},
        .logs = says(LogKind::kGcsOpens),
        .feature = Feature::kGcsRestart,
        .component = Component::kGcs,
        .trigger = each(Moment::kGlobal),
        .guard = [](const View& view, const Action&) { return view.s.gcs.opening; },
        .effect =
            [](Step& step, const Action&) {
              step.s.gcs.opening = false;
              step.s.gcs.up = true;
              announce_restart(step);
            },
    },
    kSilenceCounted,
    {
        .row = Row::kR51,
        .id = "raylet.R51.gcs_restarted",
        .doc = "the raylet hears of the restart, subscribes again and tells its local owners, which do the same",
        .source = {kNodeManager, "HandleNotifyGCSRestart"},
        .logs = says(LogKind::kGcsRestarted),
        .feature = Feature::kGcsRestart,
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kNotifyGcsRestart),
        .effect =
            [](Step& step, const Action& a) {
              answer(step, take(step, a.call), Reply::kOk);
              subscribe(step, a.node, OwnerId::none());
              for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
                const Owner& owner = step.s.owners[o];
                if (!owner.registered || home_of(step.view(), OwnerId{o}) != a.node) continue;
                if (step.config.on(Feature::kPubsub)) {
                  Call call;
                  call.rpc = Rpc::kNotifyOwnerRestart;
                  call.node = a.node;
                  call.owner = OwnerId{o};
                  send(step, call);
                } else if (owner.alive) {
                  subscribe(step, NodeId::none(), OwnerId{o});
                }
              }
            },
    },
    {
        .row = Row::kR51Owner,
        .id = "raylet.R51.owner_subscribes_again",
        .doc = "a local owner hears of the restart from its raylet, which tells it once, and subscribes again",
        .source = {"src/ray/core_worker/core_worker.cc", "HandleRayletNotifyGCSRestart"},
        .feature = Feature::kPubsub,
        .component = Component::kOwner,
        .trigger = on_request(Rpc::kNotifyOwnerRestart),
        .effect =
            [](Step& step, const Action& a) {
              answer(step, take(step, a.call), Reply::kOk);
              subscribe(step, NodeId::none(), a.owner);
            },
    },
    {
        .row = Row::kG1Registered,
        .id = "raylet.G1.registered",
        .doc = "the raylet's registration is answered; it subscribes to the GCS and fetches the node table",
        .source = {kNodeManager, "RegisterGcs"},
        .logs = says(LogKind::kRegisteredHere),
        .component = Component::kRaylet,
        .trigger = on_reply(Rpc::kRegisterNode),
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              subscribe(step, a.node, OwnerId::none());
              if (step.config.tracked() && !step.config.has(Safeguard::kStreamOpensAfterNodeList))
                open_stream(step, a.node);
            },
    },
    {
        .row = Row::kR51Subscribe,
        .id = "gcs.R51.subscribe_and_refetch",
        .doc = "the GCS takes the new subscription; the subscriber refetches the node table, but no worker failures",
        .source = {"src/ray/gcs_rpc_client/accessor.cc", "NodeInfoAccessor::AsyncResubscribe"},
        .logs = says(LogKind::kNodesFetched, log_ids::subscribing_owner),
        .component = Component::kGcs,
        .trigger = on_request(Rpc::kSubscribe),
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              if (call.detached) return;
              const bool raylet = !call.owner.exists();
              const std::uint8_t index = raylet ? subscriber(call.node) : subscriber(call.owner);
              step.s.gcs.subscribed |= bit(index);
              subscription_arrives(step, index);
              if (raylet) listing_nodes(step, call.node);
              if (step.config.has(Safeguard::kResubscribeReportsDeaths))
                report_deaths(step, raylet ? step.s.raylet(call.node).dead_nodes : step.s.owner(call.owner).dead_nodes);
              refetch(step, call, index);
              answer(step, call, Reply::kOk);
            },
    },
};

}  // namespace

std::span<const Transition> restart_rows() {
  return kRows;
}

void subscribe(Step& step, NodeId node, OwnerId owner) {
  Call call;
  call.rpc = Rpc::kSubscribe;
  call.node = node;
  call.owner = owner;
  send(step, call);
}

void gcs_dies(Step& step) {
  Gcs& gcs = step.s.gcs;
  gcs.up = false;
  gcs.subscribed = 0;
  gcs.failed_probes = {};
  gcs_leaves_view(step);
  gcs.hung_writes = 0;
  if (gcs.job == JobRecord::kEnding) gcs.job = JobRecord::kRunning;  // the table does not say so yet
  gcs.unwatched = 0;
  gcs.dead_rows = 0;  // the table has one row for a node
  for (Mailbox& mailbox : gcs.mailboxes) mailbox.clear();
  break_polls(step);
  // A death that was not written yet is lost with the cache.
  for (std::uint8_t n = 0; n < kNodesMax; ++n) {
    if (gcs.nodes[n] != NodeRecord::kDying) continue;
    gcs.nodes[n] = NodeRecord::kAlive;
    gcs.preempted &= static_cast<std::uint8_t>(~bit(n));
  }
  if (!step.config.has(Safeguard::kDrainsArePersisted)) gcs.preemptions = 0;
  orphan_calls(step, [](const Call& call) { return from_gcs(call.rpc); });
  fail_calls(step, is_for_gcs);
}

}  // namespace raymc
