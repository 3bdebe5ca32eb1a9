// A GCS without persistence: row G17 of section 8.6, and how raylets then end (R44). Feature in_memory_gcs.
// Every process of the model has met the first GCS, so the next one, with its new cluster id, answers all of them with
// an authentication error. Abstraction: calls that wait to be sent again get that error at once; what their callers do
// about it is over with the raylet's end, which the same answer to its self-check brings about.
#include <algorithm>

#include "model/gcs/gcs.hpp"
#include "model/links.hpp"
#include "model/network.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr Transition kRows[] = {
    {
        .row = Row::kG17,
        .id = "gcs.G17.restart_with_nothing",
        .doc = "a GCS without persistence restarts with empty tables and a new cluster id",
        .source = {"src/ray/gcs/gcs_server.cc", "GetOrGenerateClusterId"},
        .feature = Feature::kInMemoryGcs,
        .component = Component::kGcs,
        .trigger = each(Moment::kGlobal),
        .guard = [](const View& view, const Action&) { return !view.s.gcs.up; },
        .effect =
            [](Step& step, const Action&) {
              step.s.gcs = Gcs{};
              step.s.gcs.new_cluster = true;
              auto& calls = step.s.calls;
              calls.erase(
                  std::remove_if(calls.begin(), calls.end(),
                                 [&step](const Call& call) { return is_for_gcs(call) && call.stage != Stage::kReply; }),
                  calls.end());
            },
    },
    {
        .row = Row::kR44Cluster,
        .id = "raylet.R44.unauthenticated",
        .doc = "the raylet's self-check is answered with an authentication error, and it aborts",
        .source = {"src/ray/raylet/node_manager.cc", "RegisterGcs"},
        .feature = Feature::kInMemoryGcs,
        .component = Component::kRaylet,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              return loop_runs(view.s, a.node) && reaches_gcs(view.s, a.node) && view.s.gcs.up &&
                     view.s.gcs.new_cluster && view.config.has(Safeguard::kFenceDeadNode);
            },
        .effect = [](Step& step, const Action& a) { raylet_dies(step, a.node); },
    },
};

}  // namespace

std::span<const Transition> memory_rows() {
  return kRows;
}

}  // namespace raymc
