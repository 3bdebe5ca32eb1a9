// Long polls of the GCS's channels: rows G12 and G19 in full (feature pubsub).
// A poll carries the number of the last notice that its subscriber has processed; the GCS then forgets the notices up
// to that one and answers with the rest, at once or when there is one. A record that has seen no poll for 300 s goes
// with the next sweep. Abstraction: a batch is everything in the mailbox; the answers without notices, by which the GCS
// releases an old poll, are left out, because the subscriber only polls again.
#include <algorithm>

#include "model/gcs/gcs.hpp"
#include "model/network.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kPublisher = "src/ray/pubsub/publisher.cc";
constexpr std::string_view kSubscriber = "src/ray/pubsub/subscriber.cc";

const Poll& poll_of(const View& view, const Action& a) {
  return view.s.polls[subscriber_of(a)];
}

/// Takes `count` notices off the front of the mailbox.
void forget_notices(Step& step, std::uint8_t index, std::uint8_t count) {
  Mailbox& mailbox = step.s.gcs.mailboxes[index];
  mailbox.erase(mailbox.begin(), mailbox.begin() + count);
  step.s.polls[index].acked = static_cast<std::uint8_t>(step.s.polls[index].acked + count);
}

/// The answer has left the wire, one way or the other. A publisher that does not wait forgot its notices on sending;
/// nobody could see the mailbox meanwhile.
void end_answer(Step& step, std::uint8_t index) {
  Poll& poll = step.s.polls[index];
  if (!step.config.has(Safeguard::kPublisherWaitsForAck)) forget_notices(step, index, poll.batch);
  poll.batch = 0;
  poll.stage = PollStage::kRequest;
}

/// What the subscriber takes out of a batch: notices with new numbers that tell it something.
void take_batch(Step& step, std::uint8_t index) {
  Poll& poll = step.s.polls[index];
  const Mailbox& mailbox = step.s.gcs.mailboxes[index];
  for (std::uint8_t i = 0; i < poll.batch; ++i) {
    const auto number = static_cast<std::uint8_t>(poll.acked + i + 1);
    if (number <= poll.processed && step.config.has(Safeguard::kNoticesAreDeduplicated)) continue;
    poll.processed = std::max(poll.processed, number);
    const bool waits = std::find(poll.inbox.begin(), poll.inbox.end(), mailbox[i]) != poll.inbox.end();
    if (!waits && concerns(step.view(), index, mailbox[i])) poll.inbox.add(mailbox[i], "inbox of a subscriber");
  }
}

constexpr Transition kRejected{
    .row = Row::kG12Rejected,
    .id = "gcs.G12.poll_rejected",
    .doc =
        "the GCS rejects the poll of a subscriber that it has no record of; the subscriber subscribes again (not in "
        "Ray)",
    .source = {kPublisher, "Publisher::ConnectToSubscriber"},
    .feature = Feature::kPubsub,
    .component = Component::kGcs,
    .trigger = inside(),
    .guard =
        [](const View& view, const Action& a) {
          return poll_of(view, a).record == SubscriberRecord::kNone &&
                 view.config.has(Safeguard::kUnknownSubscriberIsRejected);
        },
    .effect =
        [](Step& step, const Action& a) {
          step.s.polls[subscriber_of(a)].stage = PollStage::kNone;
          // One command batch is in flight at a time; a subscription that is on its way already does it.
          const bool on_its_way = std::any_of(step.s.calls.begin(), step.s.calls.end(), [&a](const Call& call) {
            return call.rpc == Rpc::kSubscribe && !call.detached && call.owner == a.owner && call.node == a.node;
          });
          if (!on_its_way) subscribe(step, a.node, a.owner);
        },
};

constexpr Transition kRows[] = {
    {
        .row = Row::kG12Poll,
        .id = "gcs.G12.poll",
        .doc = "a long poll reaches the GCS, acknowledges what was processed, and is answered or held",
        .source = {kPublisher, "Publisher::ConnectToSubscriber"},
        .feature = Feature::kPubsub,
        .component = Component::kGcs,
        .trigger = each(Moment::kPoller),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.gcs.up && !view.s.gcs.new_cluster && poll_of(view, a).stage == PollStage::kRequest;
            },
        .effect =
            [](Step& step, const Action& a) {
              const std::uint8_t index = subscriber_of(a);
              Poll& poll = step.s.polls[index];
              if (perform_if(step, kRejected, a)) return;
              poll.record = SubscriberRecord::kActive;
              if (step.config.has(Safeguard::kPublisherWaitsForAck) && poll.processed > poll.acked) {
                const auto known = static_cast<std::size_t>(poll.processed - poll.acked);
                forget_notices(step, index,
                               static_cast<std::uint8_t>(std::min(known, step.s.gcs.mailboxes[index].size())));
              }
              poll.stage = PollStage::kOpen;
              answer_poll(step, index);
            },
    },
    {
        .row = Row::kG12Answered,
        .id = "gcs.G12.poll_answered",
        .doc = "the answer to a long poll reaches its subscriber, which queues what is new and polls again",
        .source = {kSubscriber, "HandleLongPollingResponse"},
        .feature = Feature::kPubsub,
        .component = Component::kTransport,
        .trigger = each(Moment::kPoller),
        .guard = [](const View& view, const Action& a) { return poll_of(view, a).stage == PollStage::kReply; },
        .effect =
            [](Step& step, const Action& a) {
              take_batch(step, subscriber_of(a));
              end_answer(step, subscriber_of(a));
            },
    },
    kRejected,
    {
        .row = Row::kG12Lost,
        .id = "fault.F8.poll_reply_lost",
        .doc = "the answer to a long poll never reaches its subscriber, which sends the same poll again",
        .source = {"src/ray/rpc/rpc_chaos.cc", "GetRpcFailure"},
        .feature = Feature::kPubsub,
        .origin = Origin::kEnvironment,
        .fault = Fault::kPollReplyLost,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kPoller),
        .guard =
            [](const View& view, const Action& a) {
              return poll_of(view, a).stage == PollStage::kReply && view.s.budget[Fault::kPollReplyLost] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kPollReplyLost];
              end_answer(step, subscriber_of(a));
            },
    },
    {
        .row = Row::kG19Stall,
        .id = "gcs.G19.subscriber_stalls",
        .doc = "a subscriber does not poll for 300 s although it lives; its record counts as inactive",
        .source = {kPublisher, "IsActive"},
        .feature = Feature::kPubsub,
        .origin = Origin::kEnvironment,
        .fault = Fault::kSubscriberStall,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kPoller),
        .guard =
            [](const View& view, const Action& a) {
              const Poll& poll = poll_of(view, a);
              return view.s.gcs.up && poll.record == SubscriberRecord::kActive && poll.stage != PollStage::kReply &&
                     view.s.budget[Fault::kSubscriberStall] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kSubscriberStall];
              Poll& poll = step.s.polls[subscriber_of(a)];
              poll.record = SubscriberRecord::kInactive;
              // A poll that was open has been released with an empty answer; the next one comes after the stall.
              poll.stage = PollStage::kRequest;
            },
    },
    {
        .row = Row::kG19Sweep,
        .id = "gcs.G19.sweep",
        .doc = "the GCS erases an inactive record with its subscriptions and mailbox; the subscriber is not told",
        .source = {kPublisher, "CheckDeadSubscribers"},
        .feature = Feature::kPubsub,
        .component = Component::kGcs,
        .trigger = each(Moment::kPoller),
        .guard =
            [](const View& view, const Action& a) {
              const SubscriberRecord record = poll_of(view, a).record;
              return view.s.gcs.up && (record == SubscriberRecord::kInactive || record == SubscriberRecord::kRenewed);
            },
        .effect =
            [](Step& step, const Action& a) {
              const std::uint8_t index = subscriber_of(a);
              Poll& poll = step.s.polls[index];
              step.s.ghost.fresh_swept |= poll.record == SubscriberRecord::kRenewed;
              poll.record = SubscriberRecord::kNone;
              poll.acked = poll.processed;  // later notices have later numbers
              step.s.gcs.subscribed &= static_cast<std::uint8_t>(~bit(index));
              step.s.gcs.mailboxes[index].clear();
            },
    },
};

}  // namespace

std::span<const Transition> poll_rows() {
  return kRows;
}

void subscription_arrives(Step& step, std::uint8_t index) {
  if (!step.config.on(Feature::kPubsub)) return;
  Poll& poll = step.s.polls[index];
  if (poll.stage == PollStage::kNone) poll.stage = PollStage::kRequest;
  if (poll.record == SubscriberRecord::kNone) poll.record = SubscriberRecord::kActive;
  if (poll.record != SubscriberRecord::kInactive) return;
  poll.record =
      step.config.has(Safeguard::kRegistrationIsActivity) ? SubscriberRecord::kActive : SubscriberRecord::kRenewed;
}

void answer_poll(Step& step, std::uint8_t index) {
  Poll& poll = step.s.polls[index];
  const Mailbox& mailbox = step.s.gcs.mailboxes[index];
  if (poll.stage != PollStage::kOpen || mailbox.empty()) return;
  poll.stage = PollStage::kReply;
  poll.batch = static_cast<std::uint8_t>(mailbox.size());
}

void break_polls(Step& step) {
  for (Poll& poll : step.s.polls) {
    if (poll.stage != PollStage::kNone) poll.stage = PollStage::kRequest;
    poll.record = SubscriberRecord::kNone;
    poll.batch = 0;
    poll.acked = 0;
    if (step.config.has(Safeguard::kPublisherIdTellsRestart)) poll.processed = 0;
  }
}

}  // namespace raymc
