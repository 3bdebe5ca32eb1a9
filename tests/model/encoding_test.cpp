// What the search relies on, looked at in every reachable state of small clusters and on random walks through large
// ones: encodings, canonical form, purity, names, coverage, and that every message finds one row.
#include <gtest/gtest.h>

#include <algorithm>
#include <bitset>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/links.hpp"
#include "model/network.hpp"
#include "model/normalise.hpp"
#include "model/owner/owner.hpp"
#include "model/raylet/drain.hpp"
#include "model/rows.hpp"
#include "tests/model/clusters.hpp"
#include "tests/model/reachable.hpp"
#include "tests/support/sanitized.hpp"

namespace raymc {
namespace {

constexpr std::size_t kScale = mc::support::kSanitized ? 10 : 1;
constexpr std::size_t kEncodingMax = 400;  // bytes; the store takes more, but memory is what limits a search

/// What one test has seen, to be reported.
struct Seen {
  std::size_t states = 0;
  std::size_t longest = 0;
  std::size_t bytes = 0;
  mc::RuleSet fired;
};

void check_encoding(const RayModel& model, const State& state, Seen& seen) {
  mc::ByteSink sink;
  model.encode(state, sink);
  mc::ByteSource source(sink.view());
  const State decoded = model.decode(source);
  EXPECT_TRUE(decoded == state) << "decode is the inverse of encode";
  EXPECT_TRUE(source.exhausted()) << "decode reads every field";
  EXPECT_LE(sink.view().size(), kEncodingMax);
  ++seen.states;
  seen.bytes += sink.view().size();
  seen.longest = std::max(seen.longest, sink.view().size());
}

void check_canonical(const RayModel& model, const State& state) {
  State again = state;
  normalise(model.config(), again);
  EXPECT_TRUE(again == state) << "a reachable state is in canonical form";
}

void check_actions(const RayModel& model, const State& state, const std::vector<Action>& actions, Seen& seen) {
  std::vector<Action> twice = actions;
  model.enabled(state, twice);
  EXPECT_TRUE(std::equal(actions.begin(), actions.end(), twice.begin() + static_cast<std::ptrdiff_t>(actions.size()),
                         twice.end()))
      << "enabled appends, and answers the same again";
  std::set<std::string> names;
  for (const Action& action : actions) {
    const std::string name = model.name(action);
    EXPECT_TRUE(names.insert(name).second) << "two actions are called " << name;
    EXPECT_TRUE(name.starts_with(transition_of(action.row).id)) << name;
    const State before = state;
    mc::RuleSet fired;
    try {
      const State next = model.apply(state, action, fired);
      EXPECT_TRUE(next == model.apply(state, action)) << name << " has one effect";
    } catch (const mc::CapacityExceeded&) {
      EXPECT_THROW(static_cast<void>(model.apply(state, action)), mc::CapacityExceeded) << name;
    }
    EXPECT_TRUE(before == state) << name << " leaves the state it is taken in alone";
    EXPECT_TRUE(fired[static_cast<std::size_t>(action.row)]) << name << " counts its own row";
    seen.fired |= fired;
  }
}

/// The message waits on purpose: its owner's loop is between two halves of a reply, its worker runs another task, its
/// link is down or its raylet's loop has stopped, its raylet has to schedule what a drain left first, or (with a
/// proposed fix) its owner waits for news of a node's death.
bool may_wait(const View& view, const Call& call) {
  if (!link_is_up(view, call)) return true;
  const NodeId host = call.stage == Stage::kRequest ? server_host(view.config, call) : client_host(view.config, call);
  if (host.exists() && view.s.raylet(host).hung) return true;
  if (call.stage == Stage::kRequest && call.rpc == Rpc::kPollOwner) return !loop_is_free(view, call.owner);
  if (call.stage == Stage::kRequest) {
    return call.rpc == Rpc::kPushTask && view.s.worker(call.worker).execution != Execution::kNone;
  }
  if (call.rpc == Rpc::kUnregisterNode) return drain_is_under_way(view, call.node);
  const bool failed_query = call.rpc == Rpc::kGetWorkerFailureCause && call.stage == Stage::kFailed;
  if (failed_query && !node_death_is_decided(view, call.owner, call.node)) return true;
  return call.owner.exists() && !loop_is_free(view, call.owner);
}

// Guards of the rows of one message exclude each other and leave nothing out.
void check_messages(const RayModel& model, const State& state, const std::vector<Action>& actions) {
  const View view{model.config(), state};
  for (std::size_t i = 0; i < state.calls.size(); ++i) {
    const Call& call = state.calls[i];
    if (call.stage == Stage::kAtServer || call.stage == Stage::kResend) continue;
    if (call.stage != Stage::kFailed && !deliverable(view, i)) continue;
    std::set<Row> rows;
    for (const Action& action : actions) {
      if (action.call == call && !model.is_environment(action)) rows.insert(action.row);
    }
    // A push that reaches an executor while it stops comes before or after its last look at the queue.
    if (rows.count(Row::kW5) == 1) rows.erase(Row::kW6Late);
    const bool handled = rows.size() == 1 || (rows.empty() && may_wait(view, call));
    std::string text = "rows:";
    for (const Row row : rows) text += " " + std::string(transition_of(row).id);
    EXPECT_TRUE(handled) << testing::PrintToString(model.describe(state)) << "\ncall " << i << " " << text;
  }
}

// A call is held only by a server that works on it, and only for a caller that waits.
void check_held_calls(const RayModel& model, const State& state) {
  for (const Call& call : state.calls) {
    EXPECT_TRUE(!call.detached || call.stage == Stage::kRequest) << testing::PrintToString(model.describe(state));
    if (call.stage != Stage::kAtServer) continue;
    bool worked_on = call.rpc == Rpc::kUnregisterNode;  // G7 never answers
    worked_on |= call.rpc == Rpc::kPollOwner;           // it is answered when the object goes out of scope
    worked_on |= call.rpc == Rpc::kRegisterNode && model.config().on(Feature::kSecondHead);  // G18: behind a write
    if (call.rpc == Rpc::kRequestWorkerLease) {
      const LeaseStage stage = state.lease(call.lease).stage;
      const bool second_copy = state.lease(call.lease).second != SecondCopy::kNone;
      worked_on = second_copy || (stage != LeaseStage::kNone && stage != LeaseStage::kLeased);
      worked_on |= state.raylet(call.node).job_ended;  // R27 never answers
    } else if (call.rpc == Rpc::kPushTask) {
      const Worker& worker = state.worker(call.worker);
      worked_on = worker.execution != Execution::kNone && worker.task == call.task && worker.attempt == call.attempt;
    }
    worked_on |= call.rpc == Rpc::kCancelLocalTask && model.config().on(Feature::kCancelPath);
    EXPECT_TRUE(worked_on) << testing::PrintToString(model.describe(state));
  }
}

/// Looks at a state from all sides; false once something is wrong, so that a test does not repeat itself for ever.
bool check_state(const RayModel& model, const State& state, const std::vector<Action>& actions, Seen& seen) {
  if (testing::Test::HasFailure()) return false;
  check_encoding(model, state, seen);
  check_canonical(model, state);
  check_actions(model, state, actions, seen);
  check_messages(model, state, actions);
  check_held_calls(model, state);
  return true;
}

/// Records the rows of an action unless it overflows the state.
void try_to_apply(const RayModel& model, const State& state, const Action& action, mc::RuleSet& fired) {
  try {
    static_cast<void>(model.apply(state, action, fired));
  } catch (const mc::CapacityExceeded&) {
  }
}

class ReachableTest : public testing::TestWithParam<clusters::Cluster> {};

TEST_P(ReachableTest, StatesAreSound) {
  const RayModel model(GetParam().config);
  Seen seen;
  const auto visit = [&](const State& state, const std::vector<Action>& actions) {
    check_state(model, state, actions, seen);
  };
  const bool complete = visit_all(model, 6000 / kScale, visit);
  walk(model, 20260503, 60 / kScale, 150, visit);
  RecordProperty("complete", complete ? "yes" : "no");
  RecordProperty("states", static_cast<int>(seen.states));
  RecordProperty("bytes_longest", static_cast<int>(seen.longest));
  RecordProperty("bytes_mean", static_cast<int>(seen.bytes / seen.states));
  std::printf("%s: %zu states%s, %zu bytes on average, at most %zu\n", GetParam().name.c_str(), seen.states,
              complete ? " (complete)" : "", seen.bytes / seen.states, seen.longest);
}

// A row that no cluster can fire is dead, or the list of clusters has a hole.
TEST(Rows, AllFireSomewhere) {
  mc::RuleSet fired;
  for (const clusters::Cluster& cluster : clusters::all_features()) {
    const RayModel model(cluster.config);
    visit_all(model, 2000, [&](const State& state, const std::vector<Action>& actions) {
      for (const Action& action : actions) try_to_apply(model, state, action, fired);
    });
    walk(model, 7, 400, 200, [&](const State& state, const std::vector<Action>& actions) {
      for (const Action& action : actions) try_to_apply(model, state, action, fired);
    });
  }
  for (const Transition* row : all_transitions()) EXPECT_TRUE(fired[static_cast<std::size_t>(row->row)]) << row->id;
}

INSTANTIATE_TEST_SUITE_P(Features, ReachableTest, testing::ValuesIn(clusters::all_features()),
                         [](const auto& cluster) { return cluster.param.name; });

}  // namespace
}  // namespace raymc
