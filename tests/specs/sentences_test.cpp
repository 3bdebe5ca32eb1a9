// What the sentence of a step claims is what the step changed, on random walks through shipped scenarios.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "model/describe.hpp"
#include "model/rows.hpp"
#include "specs/scenario.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

namespace fs = std::filesystem;

/// A claim in a sentence, and whether the two states bear it out.
struct Claim {
  const char* words;
  bool (*is_true)(const RayModel& model, const State& before, const State& after);
};

bool some_worker_became(const State& before, const State& after, const auto& is) {
  for (std::size_t w = 0; w < after.workers.size(); ++w) {
    if (is(after.workers[w]) && !is(before.workers[w])) return true;
  }
  return false;
}

std::size_t calls_of(const State& s, Rpc rpc) {
  return static_cast<std::size_t>(std::ranges::count(s.calls, rpc, &Call::rpc));
}

bool is_allocated(const Lease& lease) {
  return lease.used && (lease.stage == LeaseStage::kGrantWorker || lease.stage == LeaseStage::kLeased);
}

bool resources_came_free(const RayModel& model, const State& before, const State& after) {
  for (std::uint8_t n = 0; n < model.config().nodes(); ++n) {
    int cpus = after.raylets[n].available - before.raylets[n].available;
    for (std::size_t l = 0; l < after.leases.size(); ++l) {
      const Lease& lease = after.leases[l];
      if (lease.node == NodeId{n} && is_allocated(lease) && !is_allocated(before.leases[l]))
        cpus += model.config().cpus_of(lease.key);
    }
    if (cpus > 0) return true;
  }
  return false;
}

bool nothing_came_free(const RayModel& model, const State& before, const State& after) {
  return !resources_came_free(model, before, after);
}

bool a_worker_is_idle_now(const RayModel&, const State& before, const State& after) {
  return some_worker_became(before, after, [](const Worker& worker) { return worker.place == PoolPlace::kIdle; });
}

constexpr Claim kClaims[] = {
    {" and a worker is asked for",
     [](const RayModel&, const State& before, const State& after) {
       return calls_of(after, Rpc::kRequestWorkerLease) > calls_of(before, Rpc::kRequestWorkerLease);
     }},
    {"no other worker is asked for",
     [](const RayModel&, const State& before, const State& after) {
       return calls_of(after, Rpc::kRequestWorkerLease) == calls_of(before, Rpc::kRequestWorkerLease);
     }},
    {"worker goes back to the pool [", a_worker_is_idle_now},
    {"its resources are free", resources_came_free},
    {"frees its resources", resources_came_free},
    {"nothing is freed", nothing_came_free},
    {"no resources come free", nothing_came_free},
    {"kills leased workers",
     [](const RayModel&, const State& before, const State& after) {
       return some_worker_became(before, after, [](const Worker& worker) { return worker.killed; });
     }},
    {"it cancels queued requests",
     [](const RayModel&, const State& before, const State& after) {
       for (std::size_t l = 0; l < after.leases.size(); ++l) {
         if (before.leases[l].stage != LeaseStage::kNone && after.leases[l].stage == LeaseStage::kNone) return true;
       }
       return false;
     }},
    {"and answers the owner",
     [](const RayModel&, const State& before, const State& after) {
       const auto answers = [](const State& s) {
         return std::ranges::count_if(s.calls, [](const Call& call) {
           return call.rpc == Rpc::kRequestWorkerLease && call.stage == Stage::kReply;
         });
       };
       return answers(after) > answers(before);
     }},
};

TEST(Sentences, ClaimNothingThatTheStepDidNotDo) {
  std::map<std::string, std::size_t> met;
  const fs::path folder = fs::path(raymc::support::source_dir()) / "specs/scenarios";
  std::mt19937_64 random(7);
  for (const std::string part : {"defects", "ci/pinned", "ci/weakened", "variants"}) {
    for (const auto& entry : fs::directory_iterator(folder / part)) {
      if (entry.path().extension() != ".toml") continue;
      const RayModel model(load_scenario(entry.path(), all_properties()).value().config);
      for (int walk = 0; walk < 6; ++walk) {
        State state = model.initial_states().front();
        for (int step = 0; step < 50; ++step) {
          std::vector<Action> actions;
          model.enabled(state, actions);
          if (actions.empty()) break;
          const Action action = actions[random() % actions.size()];
          State next;
          try {
            next = model.apply(state, action);
          } catch (const mc::CapacityExceeded&) {
            break;
          }
          const std::string sentence = model.describe(state, action);
          for (const Claim& claim : kClaims) {
            if (sentence.find(claim.words) == std::string::npos) continue;
            ++met[claim.words];
            EXPECT_TRUE(claim.is_true(model, state, next)) << entry.path().filename() << ": " << sentence;
          }
          state = std::move(next);
        }
      }
    }
  }
  for (const Claim& claim : kClaims) EXPECT_GT(met[claim.words], 0U) << "no walk meets \"" << claim.words << "\"";
}

}  // namespace
}  // namespace raymc
