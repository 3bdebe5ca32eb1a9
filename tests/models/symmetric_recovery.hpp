// The recovery workload with its symmetries: tasks are interchangeable, and so are raylets. A type of its own, because
// the workload's published counts are of searches without symmetry.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "tests/models/recovery.hpp"
#include "tests/models/symmetric.hpp"

namespace mc::models {

class SymmetricRecovery : public Recovery {
 public:
  explicit SymmetricRecovery(Sizes sizes, Bug bug = Bug::kNone)
      : Recovery(sizes, bug), tasks_(all_orders(sizes.tasks)), raylets_(all_orders(sizes.raylets)) {}

  [[nodiscard]] std::uint32_t renamings() const { return static_cast<std::uint32_t>(tasks_.size() * raylets_.size()); }

  [[nodiscard]] State renamed(const State& state, std::uint32_t number) const {
    State other = state;
    for (std::uint8_t t = 0; t < sizes().tasks; ++t) {
      other.status[task(number, t)] = state.status[t];
      other.attempt[task(number, t)] = state.attempt[t];
      const std::uint8_t target = state.target[t];
      other.target[task(number, t)] = target == 0 ? target : static_cast<std::uint8_t>(raylet(number, target - 1U) + 1);
    }
    for (std::uint8_t m = 0; m < sizes().raylets; ++m) {
      other.node[raylet(number, m)] = state.node[m];
      other.slot[raylet(number, m)] = slot(number, state.slot[m]);
    }
    for (std::uint8_t t = 0; t < sizes().tasks; ++t) {
      for (unsigned attempt = 0; attempt < kAttemptsMax; ++attempt) {
        const unsigned mail = state.mail[kAttemptsMax * t + attempt];
        other.mail[kAttemptsMax * task(number, t) + attempt] =
            static_cast<std::uint8_t>(mail == 0 ? 0 : 1 + 5 * raylet(number, (mail - 1) / 5) + (mail - 1) % 5);
      }
    }
    return other;
  }

  [[nodiscard]] Action renamed(const Action& action, std::uint32_t number) const {
    const auto with = [&](unsigned index) { return Action{action.rule, static_cast<std::uint8_t>(index)}; };
    switch (action.rule) {
      case Rule::kRequest:
        return with(task(number, action.index / sizes().raylets) * sizes().raylets +
                    raylet(number, action.index % sizes().raylets));
      case Rule::kConsume: return with(task(number, action.index));
      case Rule::kFinish:
      case Rule::kWorkerFail:
      case Rule::kCrash:
      case Rule::kDetect:
      case Rule::kOwnerLost: return with(raylet(number, action.index));
      default: return with(key(number, action.index));
    }
  }

  std::uint32_t canonicalize(const State& state, ByteSink& out) const { return least_of_orbit(*this, state, out); }

 private:
  [[nodiscard]] unsigned task(std::uint32_t number, unsigned t) const { return tasks_[number / raylets_.size()][t]; }
  [[nodiscard]] unsigned raylet(std::uint32_t number, unsigned m) const {
    return raylets_[number % raylets_.size()][m];
  }
  // 0, or 1 + 2 * (task, attempt) + (1 if executing)
  [[nodiscard]] std::uint8_t slot(std::uint32_t number, unsigned slot) const {
    if (slot == 0) return 0;
    const unsigned attempts = sizes().retries + 1;
    const unsigned pair = (slot - 1) / 2;
    const unsigned renamed_pair = task(number, pair / attempts) * attempts + pair % attempts;
    return static_cast<std::uint8_t>(1 + 2 * renamed_pair + (slot - 1) % 2);
  }
  // of (task, attempt, raylet)
  [[nodiscard]] unsigned key(std::uint32_t number, unsigned key) const {
    const unsigned attempts = sizes().retries + 1;
    const unsigned pair = key / sizes().raylets;
    const unsigned renamed_pair = task(number, pair / attempts) * attempts + pair % attempts;
    return renamed_pair * sizes().raylets + raylet(number, key % sizes().raylets);
  }

  std::vector<std::vector<std::uint8_t>> tasks_;
  std::vector<std::vector<std::uint8_t>> raylets_;
};

}  // namespace mc::models
