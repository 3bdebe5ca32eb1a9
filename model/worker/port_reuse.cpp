// A new worker process gets the port of one that is dead: row W4 of section 8.4. A push that was meant for the dead one
// arrives at the new one. Abstraction: only pushes are told apart here; of the dead workers whose address somebody
// still holds, the first one's port is taken.
#include "model/network.hpp"
#include "model/rows.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

/// A worker of `node` that is dead and still mentioned, whose port nobody has taken; or none.
WorkerId with_free_port(const View& view, NodeId node) {
  const std::uint8_t end = view.config.first_worker(static_cast<std::uint8_t>(node.value + 1));
  for (std::uint8_t w = view.config.first_worker(node.value); w < end; ++w) {
    if (view.s.workers[w].process == ProcessState::kDead && !heir_of(view, WorkerId{w}).exists()) return WorkerId{w};
  }
  return WorkerId::none();
}

bool reaches_another(const View& view, const Action& a) {
  return view.s.worker(a.worker).process == ProcessState::kDead && heir_of(view, a.worker).exists();
}

constexpr Transition kRows[] = {
    {
        .row = Row::kW4Port,
        .id = "worker.W4.port_is_reused",
        .doc = "a worker process that starts gets the port of a worker that is dead",
        .source = {"src/ray/raylet/worker_pool.cc", "GetNextFreePort"},
        .feature = Feature::kPortReuse,
        .origin = Origin::kEnvironment,
        .fault = Fault::kPortReuse,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              return worker.process == ProcessState::kStarting && !worker.port_of.exists() &&
                     with_free_port(view, a.node).exists() && view.s.budget[Fault::kPortReuse] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kPortReuse];
              step.s.worker(a.worker).port_of = with_free_port(step.view(), a.node);
            },
    },
    {
        .row = Row::kW4,
        .id = "worker.W4.wrong_recipient",
        .doc = "a push arrives at a process that has got the port of the worker it was meant for",
        .source = {"src/ray/core_worker/core_worker.h", "HandleWrongRecipient"},
        .feature = Feature::kPortReuse,
        .component = Component::kWorker,
        .trigger = on_request(Rpc::kPushTask),
        .guard =
            [](const View& view, const Action& a) {
              if (!reaches_another(view, a)) return false;
              const Worker& heir = view.s.worker(heir_of(view, a.worker));
              return view.config.has(Safeguard::kWrongRecipientRefuses) ||
                     (!heir.stopped && heir.execution == Execution::kNone);
            },
        .effect =
            [](Step& step, const Action& a) {
              Call call = take(step, a.call);
              if (step.config.has(Safeguard::kWrongRecipientRefuses)) {
                fail(step, call);
                return;
              }
              call.worker = heir_of(step.view(), a.worker);
              step.s.ghost.wrong_recipient = true;
              Worker& heir = step.s.worker(call.worker);
              heir.execution = Execution::kQueued;
              heir.task = a.task;
              heir.attempt = call.attempt;
              hold(step, call);
            },
    },
};

}  // namespace

std::span<const Transition> port_reuse_rows() {
  return kRows;
}

WorkerId heir_of(const View& view, WorkerId dead) {
  for (std::uint8_t w = 0; w < view.config.workers() && view.config.on(Feature::kPortReuse); ++w) {
    const Worker& worker = view.s.workers[w];
    if (worker.port_of == dead && worker.process == ProcessState::kRunning) return WorkerId{w};
  }
  return WorkerId::none();
}

}  // namespace raymc
