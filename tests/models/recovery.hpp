// Task recovery: one owner with T tasks, M raylets with one worker slot each, a failure detector; a task is tried at
// most R + 1 times and at most C raylets crash. Messages form sets and overtake one another freely.
// A workload with state counts that other model checkers agree on; see tests/peers.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"

namespace mc::models {

class Recovery {
 public:
  struct Sizes {
    unsigned tasks = 1;                   ///< T, 1 to 4
    unsigned raylets = 1;                 ///< M, 1 to 4
    unsigned retries = 1;                 ///< R, 0 to 3
    unsigned crashes = 1;                 ///< C
    std::array<std::uint8_t, 4> fewer{};  ///< per task: by how much its retries are fewer than R
  };
  enum class Status : std::uint8_t { kPending, kLeasing, kRunning, kDone, kConsumed, kFailed };
  enum class Node : std::uint8_t { kUp, kDown, kNoticed, kKnown };

  static constexpr unsigned kAttemptsMax = 4;
  struct State {
    std::array<std::uint8_t, 16> mail{};  ///< per 4 * task + attempt: 0, or 1 + 5 * raylet + Message: what is in flight
    std::array<Status, 4> status{};       ///< per task
    std::array<std::uint8_t, 4> attempt{};  ///< per task
    std::array<std::uint8_t, 4> target{};   ///< per task: 0 for none, else raylet + 1
    std::array<Node, 4> node{};             ///< per raylet
    std::array<std::uint8_t, 4> slot{};     ///< per raylet: 0 free, else 1 + 2 * (task, attempt) + (1 if executing)
    friend bool operator==(const State&, const State&) = default;
  };
  enum Message : std::uint8_t { kRequest, kGrant, kPush, kFinished, kFailed };
  enum class Rule : std::uint8_t {
    kRequest,
    kGrantLease,
    kOwnerGrant,
    kStart,
    kFinish,
    kWorkerFail,
    kOwnerFinished,
    kOwnerFailed,
    kDropRequest,
    kDropPush,
    kCrash,
    kDetect,
    kOwnerLost,
    kConsume,
  };
  struct Action {
    Rule rule = Rule::kRequest;
    std::uint8_t index = 0;  ///< of a (task, attempt, raylet), a raylet, a task, or task * M + raylet: as the rule asks
    friend bool operator==(const Action&, const Action&) = default;
  };
  enum class Bug : std::uint8_t {
    kNone,
    kForgetsTheLost,  ///< the owner does not retry the tasks of a raylet that it learns to be lost
  };

  explicit Recovery(Sizes sizes, Bug bug = Bug::kNone) : sizes_(sizes), bug_(bug) {
    MC_ASSERT(sizes.tasks >= 1 && sizes.tasks <= 4 && sizes.raylets >= 1 && sizes.raylets <= 4 && sizes.retries <= 3,
              "recovery has 1 to 4 tasks, 1 to 4 raylets and 0 to 3 retries");
    for (unsigned t = 0; t < sizes.tasks; ++t) {
      MC_ASSERT(sizes.fewer[t] <= sizes.retries, "a task has no fewer retries than none");
      first_pair_[t + 1] = first_pair_[t] + attempts_of(t);
    }
    unsigned task = 0;
    for (unsigned key = 0; key < pairs() * sizes.raylets; ++key) {
      const unsigned raylet = key % sizes.raylets;
      const unsigned pair = key / sizes.raylets;
      while (pair >= first_pair_[task + 1]) ++task;
      places_[key] = {static_cast<std::uint8_t>(task), static_cast<std::uint8_t>(pair - first_pair_[task]),
                      static_cast<std::uint8_t>(raylet), static_cast<std::uint8_t>(1 + 2 * pair)};
    }
    mail_values_ = 5 * sizes.raylets + 1;
    for (unsigned t = 0; t < sizes.tasks; ++t) {
      views_count_[t] = 6 * attempts_of(t) * (sizes.raylets + 1);
      for (unsigned view = 0; view < views_count_[t]; ++view) {
        const unsigned rest = view / (sizes.raylets + 1);
        views_[t][view] = {static_cast<Status>(rest / attempts_of(t)), static_cast<std::uint8_t>(rest % attempts_of(t)),
                           static_cast<std::uint8_t>(view % (sizes.raylets + 1))};
      }
      std::uint32_t values = views_count_[t];
      for (unsigned attempt = 0; attempt < attempts_of(t); ++attempt) {
        mail_weights_[t][attempt] = values;
        values *= mail_values_;
      }
      task_bits_[t] = static_cast<std::uint8_t>(std::bit_width(values - 1));
    }
    raylet_values_ = 4 * (2 * pairs() + 1);
    std::uint32_t raylets_values = 1;
    for (unsigned m = 0; m < sizes.raylets; ++m) raylets_values *= raylet_values_;
    raylets_bits_ = static_cast<unsigned>(std::bit_width(raylets_values - 1));
  }

  [[nodiscard]] const Sizes& sizes() const { return sizes_; }
  [[nodiscard]] unsigned attempts_of(unsigned task) const { return sizes_.retries - sizes_.fewer[task] + 1; }
  /// The task and the attempt for which a slot with this value is leased.
  [[nodiscard]] std::pair<unsigned, unsigned> in_slot(unsigned slot) const {
    const Place& place = places_[(slot - 1) / 2 * sizes_.raylets];
    return {place.task, place.attempt};
  }
  [[nodiscard]] std::vector<State> initial_states() const { return {State{}}; }
  [[nodiscard]] bool is_environment(const Action& action) const {
    return action.rule == Rule::kCrash || action.rule == Rule::kWorkerFail;
  }

  void enabled(const State& state, std::vector<Action>& actions) const {
    unsigned crashed = 0;
    for (unsigned m = 0; m < sizes_.raylets; ++m) crashed += state.node[m] != Node::kUp ? 1 : 0;
    enabled_tasks(state, actions);
    for (unsigned t = 0; t < sizes_.tasks; ++t) {
      for (unsigned attempt = 0; attempt <= state.attempt[t]; ++attempt) {
        const unsigned number = state.mail[kAttemptsMax * t + attempt];
        if (number != 0) enabled_message(state, (number - 1) % 5, key_of(t, attempt, (number - 1) / 5), actions);
      }
    }
    enabled_raylets(state, crashed, actions);
  }

  [[nodiscard]] State apply(const State& state, const Action& action) const {
    State next = state;
    switch (action.rule) {
      case Rule::kRequest: request(next, action.index); break;
      case Rule::kGrantLease:
        take(next, action.index);
        next.slot[places_[action.index].raylet] = places_[action.index].leased;
        send(next, kGrant, action.index);
        break;
      case Rule::kOwnerGrant:
        take(next, action.index);
        if (current(next, action.index, Status::kLeasing)) {
          next.status[places_[action.index].task] = Status::kRunning;
          send(next, kPush, action.index);
        }
        break;
      case Rule::kStart:
        take(next, action.index);
        ++next.slot[places_[action.index].raylet];
        break;
      case Rule::kFinish: leave_slot(next, action.index, kFinished); break;
      case Rule::kWorkerFail: leave_slot(next, action.index, kFailed); break;
      case Rule::kOwnerFinished:
        take(next, action.index);
        if (current(next, action.index, Status::kRunning)) next.status[places_[action.index].task] = Status::kDone;
        break;
      case Rule::kOwnerFailed:
        take(next, action.index);
        if (current(next, action.index, Status::kRunning)) retry(next, places_[action.index].task);
        break;
      case Rule::kDropRequest: take(next, action.index); break;
      case Rule::kDropPush: take(next, action.index); break;
      case Rule::kCrash:
        next.node[action.index] = Node::kDown;
        next.slot[action.index] = 0;
        break;
      case Rule::kDetect: next.node[action.index] = Node::kNoticed; break;
      case Rule::kOwnerLost: lose(next, action.index); break;
      case Rule::kConsume:
        next.status[action.index] = Status::kConsumed;
        next.target[action.index] = 0;
        break;
    }
    return next;
  }

  // Numbers are packed by multiplication, since bits would waste a part of each.
  void encode(const State& state, ByteSink& out) const {
    for (unsigned t = 0; t < sizes_.tasks; ++t) {
      std::uint32_t value =
          (static_cast<std::uint32_t>(state.status[t]) * attempts_of(t) + state.attempt[t]) * (sizes_.raylets + 1) +
          state.target[t];
      for (unsigned attempt = 0; attempt < attempts_of(t); ++attempt) {
        value += state.mail[kAttemptsMax * t + attempt] * mail_weights_[t][attempt];
      }
      out.bits(value, task_bits_[t]);
    }
    std::uint32_t raylets = 0;
    for (unsigned m = sizes_.raylets; m > 0; --m) {
      raylets = raylets * raylet_values_ + 4U * state.slot[m - 1] + static_cast<std::uint32_t>(state.node[m - 1]);
    }
    out.bits(raylets, raylets_bits_);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State state;
    for (unsigned t = 0; t < sizes_.tasks; ++t) {
      const std::uint32_t value = in.bits(task_bits_[t]);
      const View& view = views_[t][value % views_count_[t]];
      state.status[t] = view.status;
      state.attempt[t] = view.attempt;
      state.target[t] = view.target;
      std::uint32_t rest = value / views_count_[t];
      for (unsigned attempt = 0; attempt < attempts_of(t); ++attempt, rest /= mail_values_) {
        state.mail[kAttemptsMax * t + attempt] = static_cast<std::uint8_t>(rest % mail_values_);
      }
    }
    std::uint32_t rest = in.bits(raylets_bits_);
    for (unsigned m = 0; m < sizes_.raylets; ++m, rest /= raylet_values_) {
      const std::uint32_t value = rest % raylet_values_;
      state.node[m] = static_cast<Node>(value % 4);
      state.slot[m] = static_cast<std::uint8_t>(value / 4);
    }
    return state;
  }

 private:
  [[nodiscard]] unsigned pairs() const { return first_pair_[sizes_.tasks]; }

  struct Place {
    std::uint8_t task = 0;
    std::uint8_t attempt = 0;
    std::uint8_t raylet = 0;
    std::uint8_t leased = 0;  // the value of a slot that is leased for (task, attempt)
  };

  struct View {
    Status status = Status::kPending;
    std::uint8_t attempt = 0;
    std::uint8_t target = 0;
  };

  // Of the messages about one attempt at most one is in flight: each is sent when the one before is taken.
  void take(State& state, unsigned key) const { state.mail[mail_at(key)] = 0; }
  void send(State& state, Message kind, unsigned key) const {
    std::uint8_t& mail = state.mail[mail_at(key)];
    MC_ASSERT(mail == 0, "at most one message about an attempt is in flight");
    mail = static_cast<std::uint8_t>(1 + places_[key].raylet * 5U + kind);
  }
  [[nodiscard]] unsigned mail_at(unsigned key) const { return kAttemptsMax * places_[key].task + places_[key].attempt; }

  void enabled_message(const State& state, unsigned kind, unsigned key, std::vector<Action>& actions) const {
    const auto add = [&](Rule rule) { actions.push_back({rule, static_cast<std::uint8_t>(key)}); };
    const unsigned raylet = places_[key].raylet;
    switch (static_cast<Message>(kind)) {
      case kRequest:
        if (state.node[raylet] != Node::kUp) return add(Rule::kDropRequest);
        if (state.slot[raylet] == 0) add(Rule::kGrantLease);
        return;
      case kGrant: return add(Rule::kOwnerGrant);
      case kPush:
        if (state.node[raylet] != Node::kUp) return add(Rule::kDropPush);
        if (state.slot[raylet] == places_[key].leased) add(Rule::kStart);
        return;
      case kFinished: return add(Rule::kOwnerFinished);
      case kFailed: return add(Rule::kOwnerFailed);
    }
  }
  void enabled_tasks(const State& state, std::vector<Action>& actions) const {
    for (unsigned t = 0; t < sizes_.tasks; ++t) {
      if (state.status[t] == Status::kPending) {
        for (unsigned m = 0; m < sizes_.raylets; ++m) {
          if (state.node[m] == Node::kKnown) continue;
          actions.push_back({Rule::kRequest, static_cast<std::uint8_t>(t * sizes_.raylets + m)});
        }
      } else if (state.status[t] == Status::kDone && state.node[state.target[t] - 1U] == Node::kUp) {
        actions.push_back({Rule::kConsume, static_cast<std::uint8_t>(t)});
      }
    }
  }
  void enabled_raylets(const State& state, unsigned crashed, std::vector<Action>& actions) const {
    for (std::uint8_t m = 0; m < sizes_.raylets; ++m) {
      switch (state.node[m]) {
        case Node::kUp:
          if (is_executing(state.slot[m])) {
            actions.push_back({Rule::kFinish, m});
            actions.push_back({Rule::kWorkerFail, m});
          }
          if (crashed < sizes_.crashes) actions.push_back({Rule::kCrash, m});
          break;
        case Node::kDown: actions.push_back({Rule::kDetect, m}); break;
        case Node::kNoticed: actions.push_back({Rule::kOwnerLost, m}); break;
        case Node::kKnown: break;
      }
    }
  }

  static bool is_executing(unsigned slot) { return slot != 0 && slot % 2 == 0; }
  [[nodiscard]] unsigned key_of(unsigned task, unsigned attempt, unsigned raylet) const {
    return (first_pair_[task] + attempt) * sizes_.raylets + raylet;
  }
  [[nodiscard]] bool current(const State& state, unsigned key, Status status) const {
    const Place& place = places_[key];
    return state.status[place.task] == status && state.attempt[place.task] == place.attempt &&
           state.target[place.task] == place.raylet + 1;
  }
  void request(State& state, unsigned index) const {
    const unsigned task = index / sizes_.raylets;
    const unsigned raylet = index % sizes_.raylets;
    state.status[task] = Status::kLeasing;
    state.target[task] = static_cast<std::uint8_t>(raylet + 1);
    send(state, kRequest, key_of(task, state.attempt[task], raylet));
  }
  void leave_slot(State& state, unsigned raylet, Message report) const {
    const unsigned pair = (state.slot[raylet] - 1U) / 2;
    state.slot[raylet] = 0;
    send(state, report, pair * sizes_.raylets + raylet);
  }
  void retry(State& state, unsigned task) const {
    state.target[task] = 0;
    if (state.attempt[task] + 1U < attempts_of(task)) {
      ++state.attempt[task];
      state.status[task] = Status::kPending;
    } else {
      state.status[task] = Status::kFailed;
    }
  }
  void lose(State& state, unsigned raylet) const {
    state.node[raylet] = Node::kKnown;
    if (bug_ == Bug::kForgetsTheLost) return;
    for (unsigned t = 0; t < sizes_.tasks; ++t) {
      if (state.target[t] == raylet + 1) retry(state, t);
    }
  }

  Sizes sizes_;
  Bug bug_;
  std::array<Place, 64> places_{};                // per (task, attempt, raylet)
  std::array<unsigned, 5> first_pair_{};          // of each task, and the number of pairs of a task and an attempt
  std::array<std::array<View, 128>, 4> views_{};  // per task: what the owner knows of it
  std::array<std::uint32_t, 4> views_count_{};
  std::uint32_t mail_values_ = 0;
  std::array<std::array<std::uint32_t, kAttemptsMax>, 4> mail_weights_{};
  std::uint32_t raylet_values_ = 0;
  std::array<std::uint8_t, 4> task_bits_{};
  unsigned raylets_bits_ = 0;
};

/// A slot that is not free belongs to a raylet that is up, for an attempt not above the task's.
inline bool slots_are_live(const Recovery& model, const Recovery::State& s) {
  for (unsigned m = 0; m < model.sizes().raylets; ++m) {
    if (s.slot[m] == 0) continue;
    const auto [task, attempt] = model.in_slot(s.slot[m]);
    if (s.node[m] != Recovery::Node::kUp || attempt > s.attempt[task]) return false;
  }
  return true;
}

/// A task has a target exactly when it is leasing, running or done, and a target is never known to be lost.
inline bool targets_are_live(const Recovery& model, const Recovery::State& s) {
  for (unsigned t = 0; t < model.sizes().tasks; ++t) {
    const bool bound = s.status[t] == Recovery::Status::kLeasing || s.status[t] == Recovery::Status::kRunning ||
                       s.status[t] == Recovery::Status::kDone;
    if (bound != (s.target[t] != 0)) return false;
    if (bound && s.node[s.target[t] - 1U] == Recovery::Node::kKnown) return false;
  }
  return true;
}

/// No two slots hold the same (task, attempt).
inline bool slots_are_distinct(const Recovery& model, const Recovery::State& s) {
  for (unsigned m = 0; m < model.sizes().raylets; ++m) {
    for (unsigned n = 0; n < m; ++n) {
      if (s.slot[m] != 0 && s.slot[n] != 0 && (s.slot[m] - 1) / 2 == (s.slot[n] - 1) / 2) return false;
    }
  }
  return true;
}

inline constexpr std::array<Property<Recovery>, 3> kRecoveryProperties{{
    {.id = "recovery.slots_live",
     .kind = PropertyKind::kInvariant,
     .claim = "a slot in use belongs to a raylet that is up, for an attempt not above the task's",
     .source = "",
     .mutant = "",
     .holds = slots_are_live},
    {.id = "recovery.targets_live",
     .kind = PropertyKind::kInvariant,
     .claim = "a task has a target exactly when it is leasing, running or done, never one known to be lost",
     .source = "",
     .mutant = "kForgetsTheLost",
     .holds = targets_are_live},
    {.id = "recovery.slots_distinct",
     .kind = PropertyKind::kInvariant,
     .claim = "no two slots hold the same attempt of a task",
     .source = "",
     .mutant = "",
     .holds = slots_are_distinct},
}};

}  // namespace mc::models
