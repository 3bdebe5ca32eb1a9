// The transport: rows N1 to N6 of section 8.7. N1, N5 and N6 run inside the sending and failing of calls
// (model/network.cpp); this file holds the queue of requests to send again.
// Abstraction: the error of a broken connection and the queueing for a resend are one step, because nothing can
// observe the time between them.
#include "model/rpc/retry.hpp"

#include <algorithm>

#include "model/network.hpp"
#include "model/owner/owner.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kClient = "src/ray/rpc/retryable_grpc_client.cc";

bool queued_for(const Call& call, OwnerId owner, NodeId node) {
  return call.stage == Stage::kResend && call.owner == owner && call.node == node && !is_for_gcs(call) &&
         call.rpc != Rpc::kNotifyGcsRestart;
}

bool something_is_queued(const View& view, OwnerId owner, NodeId node) {
  return std::any_of(view.s.calls.begin(), view.s.calls.end(),
                     [&](const Call& call) { return queued_for(call, owner, node); });
}

constexpr Transition kDisconnected{
    .row = Row::kN4,
    .id = "rpc.N4.client_destroyed",
    .doc = "the client object is destroyed and every queued request fails with DISCONNECTED",
    .source = {kClient, "~RetryableGrpcClient"},
    .logs = says(LogKind::kReturnFailed),
    .component = Component::kTransport,
    .trigger = inside(),
    .guard =
        [](const View& view, const Action& a) {
          return something_is_queued(view, a.owner, a.node) && view.config.has(Safeguard::kQueuedRequestsFail);
        },
    .effect =
        [](Step& step, const Action& a) {
          Calls queued;
          for (const Call& call : step.s.calls) {
            if (queued_for(call, a.owner, a.node)) queued.add(call, "network: calls");
          }
          for (const Call& call : queued) post_error(step, take(step, call));
        },
};

constexpr Transition kServerUnavailable{
    .row = Row::kN3,
    .id = "rpc.N3.server_unavailable",
    .doc = "the channel is down and the caller holds the node dead; it drops the client",
    .source = {"src/ray/raylet_rpc_client/raylet_client_pool.cc", "GetDefaultUnavailableTimeoutCallback"},
    .logs = says(LogKind::kRayletUnavailable),
    .component = Component::kTransport,
    .trigger = inside(),
    .guard =
        [](const View& view, const Action& a) {
          return view.config.has(Safeguard::kUnavailableHook) && kDisconnected.guard(view, a);
        },
    .effect = [](Step& step, const Action& a) { perform(step, kDisconnected, a); },
};

/// Rows that mark a moment of the transport which model/network.cpp carries out.
constexpr Transition inside_network(Row row, std::string_view id, std::string_view doc, Source source) {
  return {.row = row, .id = id, .doc = doc, .source = source, .component = Component::kTransport, .trigger = inside()};
}

constexpr Transition kRows[] = {
    inside_network(Row::kN1, "rpc.N1.queue_for_resend",
                   "a retryable call fails with UNAVAILABLE and is queued to be sent again", {kClient, "Retry"}),
    {
        .row = Row::kN2,
        .id = "rpc.N2.resend",
        .doc = "the channel is ready again; everything queued for the server is sent again, in queue order",
        .source = {kClient, "CheckChannelStatus"},
        .component = Component::kTransport,
        .trigger = each(Moment::kAnyCall),
        .guard =
            [](const View& view, const Action& a) {
              if (a.call.stage != Stage::kResend || !server_is_up(view, a.call) || !link_is_up(view, a.call))
                return false;
              // One action for the whole queue: it is bound to the oldest request of it.
              const auto first = std::find_if(view.s.calls.begin(), view.s.calls.end(), [&a](const Call& call) {
                return channel_of(call) == channel_of(a.call);
              });
              return *first == a.call;
            },
        .effect =
            [](Step& step, const Action& a) {
              Calls queued;
              for (const Call& call : step.s.calls) {
                if (channel_of(call) == channel_of(a.call)) queued.add(call, "network: calls");
              }
              for (const Call& call : queued) {
                Call again = take(step, call);
                again.stage = Stage::kRequest;
                note_message(step, again);
                step.s.calls.add(again, "network: calls");
              }
            },
    },
    kServerUnavailable,
    kDisconnected,
    inside_network(Row::kN5, "rpc.N5.error_without_client",
                   "a request that outlived its client object fails; the error goes straight to the caller",
                   {"src/ray/rpc/retryable_grpc_client.h", "RetryableGrpcClient::CallMethod"}),
    inside_network(Row::kN6, "rpc.N6.call_to_dead_server", "a new call to a process that is gone fails",
                   {"src/ray/raylet_rpc_client/raylet_client_pool.cc", "GetOrConnectByAddress"}),
    {
        .row = Row::kReplyIgnored,
        .id = "rpc.reply_ignored",
        .doc = "a reply that its caller only logs arrives",
        .source = {"src/ray/rpc/client_call.h", "OnReplyReceived"},
        .component = Component::kTransport,
        .trigger = each(Moment::kAnyCall),
        .guard =
            [](const View&, const Action& a) {
              return a.call.stage == Stage::kReply && ignorable_reply(a.call) && a.call.rpc != Rpc::kCancelWorkerLease;
            },
        .effect = [](Step& step, const Action& a) { take(step, a.call); },
    },
};

}  // namespace

std::span<const Transition> retry_rows() {
  return kRows;
}

void destroy_client(Step& step, OwnerId owner, NodeId node) {
  Action binding;
  binding.owner = owner;
  binding.node = node;
  perform_if(step, kDisconnected, binding);
}

void drop_unavailable_client(Step& step, OwnerId owner, NodeId node) {
  Action binding;
  binding.owner = owner;
  binding.node = node;
  perform_if(step, kServerUnavailable, binding);
}

}  // namespace raymc
