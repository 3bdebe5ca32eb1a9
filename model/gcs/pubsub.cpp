// The control channels of the GCS: rows G12, G13 and G19 of section 8.6.
// One subscriber's notices are handled in the order of publishing, each in a turn of its own (G12 fires with the row
// that handles the notice). Polls, acknowledgements and batches are in gcs/polls.cpp; without that feature they are
// left out: to the handler delivery is exactly once.
#include "model/gcs/gcs.hpp"
#include "model/log/ids.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr Transition kMissed{
    .row = Row::kG13,
    .id = "gcs.G13.notice_missed",
    .doc = "a notice is published while a process is not subscribed; that process never gets it",
    .source = {"src/ray/pubsub/publisher.cc", "Publisher::Publish"},
    .component = Component::kGcs,
    .trigger = inside(),
    .effect = [](Step&, const Action&) {},
};

/// With the proposed fix the next poll of a subscriber that was erased is rejected, and it subscribes again.
void subscribe_when_rejected(Step& step, NodeId node, OwnerId owner) {
  if (step.config.has(Safeguard::kUnknownSubscriberIsRejected)) subscribe(step, node, owner);
}

constexpr Transition kRows[] = {
    {
        .row = Row::kG12,
        .id = "gcs.G12.deliver_notice",
        .doc = "the oldest notice in a subscriber's mailbox reaches it",
        .source = {"src/ray/pubsub/subscriber.cc", "HandleLongPollingResponse"},
        .logs = says(LogKind::kNoticesHere, log_ids::at_raylet).with({LogKind::kNotices, log_ids::at_owner}),
        .component = Component::kGcs,
        .trigger = inside(),
        .effect =
            [](Step& step, const Action& a) {
              Mailbox& news = news_of(step.config, step.s, subscriber_of(a));
              // With polls modelled, duplicates are told apart by their numbers when a batch arrives.
              if (step.config.on(Feature::kPubsub) || step.config.has(Safeguard::kNoticesAreDeduplicated))
                news.erase(news.begin());
            },
    },
    kMissed,
    {
        .row = Row::kG19,
        .id = "gcs.G19.subscriber_erased",
        .doc = "the GCS erases a raylet's subscriptions because it has not polled for 300 s; the raylet is not told",
        .source = {"src/ray/pubsub/publisher.cc", "CheckDeadSubscribers"},
        .logs = says(LogKind::kRayletErased),
        .origin = Origin::kEnvironment,
        .fault = Fault::kSubscriberStall,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.raylet(a.node).alive && view.s.gcs.up && !view.config.on(Feature::kPubsub) &&
                     has_bit(view.s.gcs.subscribed, subscriber(a.node)) && view.s.budget[Fault::kSubscriberStall] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kSubscriberStall];
              step.s.gcs.subscribed &= static_cast<std::uint8_t>(~bit(subscriber(a.node)));
              step.s.gcs.mailboxes[subscriber(a.node)].clear();
              subscribe_when_rejected(step, a.node, OwnerId::none());
            },
    },
    {
        .row = Row::kG19Owner,
        .id = "gcs.G19.owner_erased",
        .doc = "the GCS erases an owner's subscriptions because it has not polled for 300 s; the owner is not told",
        .source = {"src/ray/pubsub/publisher.cc", "CheckDeadSubscribers"},
        .logs = says(LogKind::kSubscriberErased),
        .origin = Origin::kEnvironment,
        .fault = Fault::kSubscriberStall,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kOwner),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.owner(a.owner).alive && view.s.gcs.up && !view.config.on(Feature::kPubsub) &&
                     has_bit(view.s.gcs.subscribed, subscriber(a.owner)) && view.s.budget[Fault::kSubscriberStall] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kSubscriberStall];
              step.s.gcs.subscribed &= static_cast<std::uint8_t>(~bit(subscriber(a.owner)));
              step.s.gcs.mailboxes[subscriber(a.owner)].clear();
              subscribe_when_rejected(step, NodeId::none(), a.owner);
            },
    },
};

}  // namespace

std::span<const Transition> pubsub_rows() {
  return kRows;
}

bool concerns(const View& view, std::uint8_t index, const Notice& notice) {
  if (index < kNodesMax) {
    if (index >= view.config.nodes() || !view.s.raylets[index].alive) return false;
    const Raylet& raylet = view.s.raylets[index];
    switch (notice.kind) {
      case NoticeKind::kNodeAlive: return !has_bit(raylet.known_nodes, notice.node.value);
      case NoticeKind::kNodeDead: return !has_bit(raylet.dead_nodes, notice.node.value);
      case NoticeKind::kWorkerFailed: return !has_bit(raylet.failed_owners, notice.owner.value);
      case NoticeKind::kJobStarted: return raylet.job_unknown;
      case NoticeKind::kJobFinished: return !raylet.job_ended;
    }
  }
  const auto owner = static_cast<std::uint8_t>(index - kNodesMax);
  if (owner >= view.config.owners() || !view.s.owners[owner].alive) return false;
  if (notice.kind == NoticeKind::kNodeAlive) {
    return view.config.on(Feature::kAffinity) && !has_bit(view.s.owners[owner].known_nodes, notice.node.value);
  }
  return notice.kind == NoticeKind::kNodeDead && !has_bit(view.s.owners[owner].dead_nodes, notice.node.value);
}

void publish(Step& step, const Notice& notice) {
  for (std::uint8_t s = 0; s < kSubscribersMax; ++s) {
    if (!concerns(step.view(), s, notice)) continue;
    if (has_bit(step.s.gcs.subscribed, s)) {
      const auto owner = static_cast<std::uint8_t>(s - kNodesMax);
      note_message(step, notice, s < kNodesMax ? NodeId{s} : NodeId::none(),
                   s < kNodesMax ? OwnerId::none() : OwnerId{owner});
      step.s.gcs.mailboxes[s].add(notice, "mailbox of a subscriber");
      if (step.config.on(Feature::kPubsub)) answer_poll(step, s);
    } else {
      perform(step, kMissed, Action{});
    }
  }
}

}  // namespace raymc
