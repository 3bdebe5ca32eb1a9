// Task recovery: one owner with T tasks, M raylets with one worker slot each, a failure detector; a task is tried at
// most R + 1 times and at most C raylets crash. Messages form sets and overtake one another freely.
// A workload with state counts that other model checkers agree on; see tests/peers.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"

namespace mc::models {

class Recovery {
 public:
  struct Sizes {
    unsigned tasks = 1;    ///< T, 1 to 4
    unsigned raylets = 1;  ///< M, 1 to 4
    unsigned retries = 1;  ///< R, 0 to 3
    unsigned crashes = 1;  ///< C
  };
  enum class Status : std::uint8_t { kPending, kLeasing, kRunning, kDone, kConsumed, kFailed };
  enum class Node : std::uint8_t { kUp, kDown, kNoticed, kKnown };
  /// A set of (task, attempt, raylet), one bit each.
  using Messages = std::uint64_t;

  struct State {
    std::array<Messages, 5> messages{};     ///< by Message
    std::array<Status, 4> status{};         ///< per task
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
    const unsigned attempts = sizes.retries + 1;
    keys_ = sizes.tasks * attempts * sizes.raylets;
    for (unsigned key = 0; key < keys_; ++key) {
      const unsigned raylet = key % sizes.raylets;
      const unsigned pair = key / sizes.raylets;
      places_[key] = {static_cast<std::uint8_t>(pair / attempts), static_cast<std::uint8_t>(pair % attempts),
                      static_cast<std::uint8_t>(raylet), static_cast<std::uint8_t>(1 + 2 * pair)};
      to_raylet_[raylet] |= Messages{1} << key;
    }
    for (unsigned view = 0; view < 6 * attempts * (sizes.raylets + 1); ++view) {
      const unsigned rest = view / (sizes.raylets + 1);
      views_[view] = {static_cast<Status>(rest / attempts), static_cast<std::uint8_t>(rest % attempts),
                      static_cast<std::uint8_t>(view % (sizes.raylets + 1))};
      view_bits_ = static_cast<unsigned>(std::bit_width(view));
    }
    mail_bits_ = static_cast<unsigned>(std::bit_width(5 * sizes.raylets));
    slot_bits_ = static_cast<unsigned>(std::bit_width(2 * sizes.tasks * attempts));
  }

  [[nodiscard]] const Sizes& sizes() const { return sizes_; }
  [[nodiscard]] std::vector<State> initial_states() const { return {State{}}; }
  [[nodiscard]] bool is_environment(const Action& action) const {
    return action.rule == Rule::kCrash || action.rule == Rule::kWorkerFail;
  }

  void enabled(const State& state, std::vector<Action>& actions) const {
    Messages to_free = 0;
    Messages to_gone = 0;
    unsigned crashed = 0;
    for (unsigned m = 0; m < sizes_.raylets; ++m) {
      if (state.node[m] != Node::kUp) {
        to_gone |= to_raylet_[m];
        ++crashed;
      } else if (state.slot[m] == 0) {
        to_free |= to_raylet_[m];
      }
    }
    enabled_tasks(state, actions);
    add(actions, Rule::kGrantLease, state.messages[kRequest] & to_free);
    add(actions, Rule::kOwnerGrant, state.messages[kGrant]);
    for (Messages left = state.messages[kPush]; left != 0; left &= left - 1) {
      const auto key = static_cast<std::uint8_t>(std::countr_zero(left));
      if (state.slot[places_[key].raylet] == places_[key].leased) actions.push_back({Rule::kStart, key});
    }
    add(actions, Rule::kOwnerFinished, state.messages[kFinished]);
    add(actions, Rule::kOwnerFailed, state.messages[kFailed]);
    add(actions, Rule::kDropRequest, state.messages[kRequest] & to_gone);
    add(actions, Rule::kDropPush, state.messages[kPush] & to_gone);
    enabled_raylets(state, crashed, actions);
  }

  [[nodiscard]] State apply(const State& state, const Action& action) const {
    State next = state;
    switch (action.rule) {
      case Rule::kRequest: request(next, action.index); break;
      case Rule::kGrantLease:
        take(next, kRequest, action.index);
        next.slot[places_[action.index].raylet] = places_[action.index].leased;
        send(next, kGrant, action.index);
        break;
      case Rule::kOwnerGrant:
        take(next, kGrant, action.index);
        if (current(next, action.index, Status::kLeasing)) {
          next.status[places_[action.index].task] = Status::kRunning;
          send(next, kPush, action.index);
        }
        break;
      case Rule::kStart:
        take(next, kPush, action.index);
        ++next.slot[places_[action.index].raylet];
        break;
      case Rule::kFinish: leave_slot(next, action.index, kFinished); break;
      case Rule::kWorkerFail: leave_slot(next, action.index, kFailed); break;
      case Rule::kOwnerFinished:
        take(next, kFinished, action.index);
        if (current(next, action.index, Status::kRunning)) next.status[places_[action.index].task] = Status::kDone;
        break;
      case Rule::kOwnerFailed:
        take(next, kFailed, action.index);
        if (current(next, action.index, Status::kRunning)) retry(next, places_[action.index].task);
        break;
      case Rule::kDropRequest: take(next, kRequest, action.index); break;
      case Rule::kDropPush: take(next, kPush, action.index); break;
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

  // Of the messages about one attempt of a task at most one is in flight: each is sent when the one before is taken. So
  // an attempt has one number, 0 for none or else raylet and kind.
  void encode(const State& state, ByteSink& out) const {
    const std::array<std::uint32_t, 4> numbers = mail_of(state);
    for (unsigned t = 0; t < sizes_.tasks; ++t) {
      const std::uint32_t view =
          (static_cast<std::uint32_t>(state.status[t]) * (sizes_.retries + 1) + state.attempt[t]) *
              (sizes_.raylets + 1) +
          state.target[t];
      out.bits(view | numbers[t] << view_bits_, view_bits_ + mail_bits_ * (sizes_.retries + 1));
    }
    for (unsigned m = 0; m < sizes_.raylets; ++m) {
      out.bits(static_cast<std::uint32_t>(state.node[m]) | static_cast<std::uint32_t>(state.slot[m]) << 2U,
               2 + slot_bits_);
    }
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State state;
    for (unsigned t = 0; t < sizes_.tasks; ++t) {
      const View& view = views_[in.bits(view_bits_)];
      state.status[t] = view.status;
      state.attempt[t] = view.attempt;
      state.target[t] = view.target;
      for (unsigned attempt = 0; attempt <= sizes_.retries; ++attempt) {
        const unsigned number = in.bits(mail_bits_);
        if (number == 0) continue;
        send(state, static_cast<Message>((number - 1) % 5), key_of(t, attempt, (number - 1) / 5));
      }
    }
    for (unsigned m = 0; m < sizes_.raylets; ++m) {
      state.node[m] = static_cast<Node>(in.bits(2));
      state.slot[m] = static_cast<std::uint8_t>(in.bits(slot_bits_));
    }
    return state;
  }

 private:
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

  /// Per task the numbers of its attempts, mail_bits_ each.
  [[nodiscard]] std::array<std::uint32_t, 4> mail_of(const State& state) const {
    std::array<std::uint32_t, 4> numbers{};
    for (unsigned kind = 0; kind < 5; ++kind) {
      for (Messages left = state.messages[kind]; left != 0; left &= left - 1) {
        const Place& place = places_[static_cast<unsigned>(std::countr_zero(left))];
        const std::uint32_t free = ((1U << mail_bits_) - 1) << (place.attempt * mail_bits_);
        MC_ASSERT((numbers[place.task] & free) == 0, "at most one message about an attempt is in flight");
        numbers[place.task] |= (1 + place.raylet * 5U + kind) << (place.attempt * mail_bits_);
      }
    }
    return numbers;
  }
  static void add(std::vector<Action>& actions, Rule rule, Messages keys) {
    for (; keys != 0; keys &= keys - 1) actions.push_back({rule, static_cast<std::uint8_t>(std::countr_zero(keys))});
  }
  static void take(State& state, Message kind, unsigned key) { state.messages[kind] &= ~(Messages{1} << key); }
  static void send(State& state, Message kind, unsigned key) { state.messages[kind] |= Messages{1} << key; }

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
    return (task * (sizes_.retries + 1) + attempt) * sizes_.raylets + raylet;
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
    if (state.attempt[task] < sizes_.retries) {
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
  unsigned keys_ = 0;  // (task, attempt, raylet)
  std::array<Place, 64> places_{};
  std::array<Messages, 4> to_raylet_{};
  std::array<View, 128> views_{};
  unsigned view_bits_ = 0;  // of what the owner knows of a task
  unsigned mail_bits_ = 0;  // of what is in flight about an attempt
  unsigned slot_bits_ = 0;
};

/// A slot that is not free belongs to a raylet that is up, for an attempt not above the task's.
inline bool slots_are_live(const Recovery& model, const Recovery::State& s) {
  const unsigned attempts = model.sizes().retries + 1;
  for (unsigned m = 0; m < model.sizes().raylets; ++m) {
    if (s.slot[m] == 0) continue;
    const unsigned pair = (s.slot[m] - 1U) / 2;
    if (s.node[m] != Recovery::Node::kUp || pair % attempts > s.attempt[pair / attempts]) return false;
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
