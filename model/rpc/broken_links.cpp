// What happens on links that are down: the keepalive of a connection ends its calls, and links come back.
// Abstraction: a cut is seen by a caller only through the end of its call, at any moment: at once when the network
// refuses, after the keepalive (300 s + 120 s) when it swallows. What a server holds for a caller that saw the end is
// answered to nobody.
#include <algorithm>

#include "model/network.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

/// A call whose caller waits for what travels on its connection.
bool travels(const Call& call) {
  return !call.detached &&
         (call.stage == Stage::kRequest || call.stage == Stage::kAtServer || call.stage == Stage::kReply);
}

bool share_a_connection(const Call& a, const Call& b) {
  return travels(a) && travels(b) && connection_of(a) == connection_of(b);
}

constexpr Transition kRows[] = {
    {
        .row = Row::kN5Keepalive,
        .id = "rpc.N5.keepalive",
        .doc = "a connection is found broken; all its calls end with UNAVAILABLE at their caller",
        .source = {"src/ray/common/grpc_util.h", "CreateDefaultChannelArguments"},
        .feature = Feature::kPartitions,
        .component = Component::kTransport,
        .trigger = each(Moment::kAnyCall),
        .guard =
            [](const View& view, const Action& a) {
              if (!travels(a.call) || link_is_up(view, a.call)) return false;
              if (!view.config.has(Safeguard::kKeepaliveEndsCalls)) return false;
              // One action for the whole connection: it is bound to the first call of it.
              const auto first = std::find_if(view.s.calls.begin(), view.s.calls.end(),
                                              [&a](const Call& call) { return share_a_connection(call, a.call); });
              return *first == a.call;
            },
        .effect =
            [](Step& step, const Action& a) {
              const Calls before = step.s.calls;
              for (const Call& call : before) {
                if (share_a_connection(call, a.call)) fail(step, take(step, call));
              }
            },
    },
    {
        .row = Row::kLinkHeals,
        .id = "rpc.link_heals",
        .doc = "two hosts reach each other again; calls to processes that died meanwhile are refused",
        .source = {"src/ray/rpc/retryable_grpc_client.cc", "CheckChannelStatus"},
        .feature = Feature::kPartitions,
        .component = Component::kTransport,
        .trigger = each(Moment::kNode),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              if (!view.config.shape.partitions_heal) return;
              if (has_bit(view.s.links.gcs_cut, base.node.value)) out.push_back(base);
              for (std::uint8_t n = base.node.value; n < view.config.nodes(); ++n) {
                if (!has_bit(view.s.links.cut[base.node.value], n)) continue;
                Action action = base;
                action.target = NodeId{n};
                out.push_back(action);
              }
            },
        .effect =
            [](Step& step, const Action& a) {
              Links& links = step.s.links;
              if (a.target.exists()) {
                links.cut[a.node.value] &= static_cast<std::uint8_t>(~bit(a.target.value));
                links.cut[a.target.value] &= static_cast<std::uint8_t>(~bit(a.node.value));
              } else {
                links.gcs_cut &= static_cast<std::uint8_t>(~bit(a.node.value));
              }
              fail_calls(step, [&step](const Call& call) { return !server_is_up(step.view(), call); });
            },
    },
};

}  // namespace

std::span<const Transition> broken_link_rows() {
  return kRows;
}

}  // namespace raymc
