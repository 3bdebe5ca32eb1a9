// What rows of several components ask of the GCS: to declare a node dead, and to publish.
#pragma once

#include "model/transition.hpp"

namespace raymc {

/// Puts a notice into the mailbox of every live subscriber that it concerns; one that is not subscribed misses it
/// (G13).
void publish(Step& step, const Notice& notice);

/// The number of the subscriber that an action is bound to.
[[nodiscard]] constexpr std::uint8_t subscriber_of(const Action& a) {
  return a.owner.exists() ? subscriber(a.owner) : subscriber(a.node);
}

/// The subscriber exists, runs, and reacts to this notice in some way.
[[nodiscard]] bool concerns(const View& view, std::uint8_t index, const Notice& notice);

/// Where notices wait to be handled by their subscriber: its inbox if polls are modelled, else its mailbox.
template <class S>
[[nodiscard]] auto& news_of(const Config& config, S& s, std::uint8_t index) {
  return config.on(Feature::kPubsub) ? s.polls[index].inbox : s.gcs.mailboxes[index];
}

/// Sends a raylet's (`owner` is none) or an owner's subscription to the GCS.
void subscribe(Step& step, NodeId node, OwnerId owner);

/// A subscription has reached the GCS: the subscriber's record exists, and it polls (pubsub).
void subscription_arrives(Step& step, std::uint8_t index);

/// Answers the long poll of a subscriber whose mailbox is not empty, if it is open (pubsub).
void answer_poll(Step& step, std::uint8_t index);

/// The polls of all subscribers after the end of the GCS's process (pubsub).
void break_polls(Step& step);

/// A live node is no longer alive: out of the cache, and on its way to the table (G4).
void node_failed(Step& step, NodeId node);

/// jobs: the node has left the cache of live nodes; if it is the driver's, the job is about to be ended (G9).
void drivers_node_is_dead(Step& step, NodeId node);

/// second_head: `node` registers as the head, and another one has to be dead first.
[[nodiscard]] bool registration_is_held(const View& view, NodeId node);

/// The GCS records the node that `call` registers as alive, publishes it and answers (G1).
void record_node(Step& step, const Call& call);

/// A probe of `node` failed: counts it, and declares the node dead at the threshold (G3, G4), or posts that.
void probe_failed(Step& step, NodeId node);

/// A probe of the live raylet `node` may fail (F10): the GCS is up and holds it alive, and no death of it is posted.
[[nodiscard]] bool is_probed(const View& view, NodeId node);

/// The GCS's process ends (G15): memory and mailboxes are gone, the tables stay.
void gcs_dies(Step& step);

}  // namespace raymc
