// Wraps any model as a model that checks what the model claims about itself, while a search explores it.
// It explores the same states; it costs many calls of the model for one. A failed check is a finding, not an abort:
// what the model said first is passed on, and the search goes on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/audit/finding.hpp"
#include "checker/audit/symmetry_checks.hpp"
#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
#include "checker/core/refinements.hpp"

namespace mc {

/// Collects findings from all threads and keeps, for each check, the one that comes first by (encoding of the state,
/// position of the action): the same one on any number of threads, as far as the model is deterministic at all.
template <Model M>
class AuditLog {
 public:
  /// Thread-safe.
  void add(AuditFinding<M> finding, AuditPlace place) {
    const std::lock_guard lock(mutex_);
    const auto known = first_.find(finding.check);
    if (known != first_.end() && known->second.first <= place) return;
    const auto check = finding.check;  // The finding is moved before its check would be looked at.
    first_.insert_or_assign(check, std::pair{std::move(place), std::move(finding)});
  }
  /// At most one finding per check, in the order of the checks. Thread-safe.
  [[nodiscard]] std::vector<AuditFinding<M>> findings() const {
    const std::lock_guard lock(mutex_);
    std::vector<AuditFinding<M>> all;
    for (const auto& [check, found] : first_) all.push_back(found.second);
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::map<AuditCheck, std::pair<AuditPlace, AuditFinding<M>>> first_;
};

/// Ends an audit: without an encoding, or a state from one, the search cannot go on. What was found is in the log.
struct AuditStopped {
  std::string why;
};

/// What is being handled, in words.
[[nodiscard]] inline std::string thrown_words() {
  try {
    throw;
  } catch (const std::exception& thrown) {
    return thrown.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

/// The model `M` under audit. Satisfies every refinement that `M` satisfies but Symmetric, Fair and Waiting,
/// so that a search explores every state. Copies share one log.
template <Model M>
class Audited {
 public:
  using State = typename M::State;
  using Action = typename M::Action;

  /// `properties`, which must outlive it, are asked whether they mind renaming.
  explicit Audited(M model, std::span<const Property<M>> properties = {})
      : model_(std::move(model)), properties_(properties) {}

  [[nodiscard]] const M& model() const { return model_; }
  /// What was found so far; at most one finding per check.
  [[nodiscard]] std::vector<AuditFinding<M>> findings() const { return log_->findings(); }

  [[nodiscard]] std::vector<State> initial_states() const {
    std::vector<State> states;
    try {
      states = model_.initial_states();
    } catch (...) {
      stop("initial_states", State{});
    }
    for (const State& state : states) watch("an initial state", state, [&] { check_encoding(state); });
    watch("the renamed initial states", states.empty() ? State{} : states.front(),
          [&] { check_symmetry([](const auto& checks) { checks.check_initial(); }); });
    return states;
  }

  /// No actions if the model throws.
  void enabled(const State& state, std::vector<Action>& actions) const {
    const State copy = state;
    const std::size_t held = actions.size();
    if (!watch("enabled", copy, [&] { model_.enabled(state, actions); }))
      actions.resize(std::min(held, actions.size()));
    if (!(copy == state)) found(AuditCheck::kEnabledReadsOnly, copy);
    const auto added = std::span<const Action>(actions).subspan(std::min(held, actions.size()));
    watch("the checks of a state", copy, [&] { check_enabled(copy, added); });
  }

  /// The state itself if the model throws.
  [[nodiscard]] State apply(const State& state, const Action& action) const {
    const State copy = state;
    State next = copy;
    if (!watch("apply", copy, action, [&] { next = model_.apply(state, action); })) return copy;
    if (!(copy == state)) found(AuditCheck::kApplyReadsOnly, copy, action);
    watch("apply for the second time", copy, action, [&] {
      if (!gives(copy, action, next)) found(AuditCheck::kApplyPure, copy, action);
    });
    return next;
  }
  [[nodiscard]] State apply(const State& state, const Action& action, RuleSet& fired) const requires Instrumented<M> {
    const State copy = state;
    State next = apply(state, action);
    RuleSet first;
    watch("apply with rules", copy, action, [&] {
      const bool same = model_.apply(copy, action, first) == next;
      RuleSet second;
      if (!same || !(model_.apply(copy, action, second) == next) || first != second) {
        found(AuditCheck::kRulesPure, copy, action);
      }
    });
    const RuleSet known = first & known_rules();
    if (known != first) found(AuditCheck::kRulesKnown, copy, action);
    fired |= known;  // the search would stop at a rule that this model does not have
    return next;
  }

  void encode(const State& state, ByteSink& out) const {
    try {
      model_.encode(state, out);
    } catch (...) {
      stop("encode", state);
    }
  }
  /// Requires a source from which nothing has been read.
  [[nodiscard]] State decode(ByteSource& in) const {
    const std::vector<std::byte> bytes = padded(in.unread());
    ByteSource source(bytes);
    try {
      return model_.decode(source);
    } catch (...) {
      stop("decode", State{});
    }
  }

  [[nodiscard]] bool is_environment(const Action& action) const requires Environmental<M> {
    bool answer = false;
    watch("is_environment", State{}, action, [&] { answer = model_.is_environment(action); });
    return answer;
  }
  [[nodiscard]] std::vector<std::string_view> rules() const requires Instrumented<M> { return model_.rules(); }
  [[nodiscard]] std::string name(const Action& action) const requires Printable<M> { return model_.name(action); }
  [[nodiscard]] std::string describe(const State& state, const Action& action) const requires Printable<M> {
    return model_.describe(state, action);
  }
  [[nodiscard]] std::vector<std::string> describe(const State& state) const requires Printable<M> {
    return model_.describe(state);
  }

 private:
  // Zeros behind an encoding, so that a decode that reads too far is found out instead of stopping the program.
  static constexpr std::size_t kPadding = 256;

  [[nodiscard]] static std::vector<std::byte> padded(std::span<const std::byte> bytes) {
    std::vector<std::byte> more(bytes.begin(), bytes.end());
    more.resize(more.size() + kPadding);
    return more;
  }
  [[nodiscard]] std::vector<std::byte> bytes_of(const State& state) const {
    ByteSink sink;
    model_.encode(state, sink);
    return {sink.view().begin(), sink.view().end()};
  }

  void found(AuditCheck check, const State& state) const {
    log_->add({check, state, std::nullopt, {}}, {bytes_of(state), 0});
  }
  void found(AuditCheck check, const State& state, const Action& action) const {
    log_->add({check, state, action, {}}, {bytes_of(state), position_of(state, action)});
  }
  [[nodiscard]] std::uint32_t position_of(const State& state, const Action& action) const {
    std::vector<Action> enabled;
    model_.enabled(state, enabled);
    std::uint32_t position = 1;  // 0 is the state alone
    while (position <= enabled.size() && !(enabled[position - 1] == action)) ++position;
    return position;
  }

  // The rules that have a name: one without is another instance's.
  [[nodiscard]] RuleSet known_rules() const requires Instrumented<M> {
    RuleSet known;
    const std::vector<std::string_view> rules = model_.rules();
    for (std::size_t rule = 0; rule < rules.size(); ++rule) known.set(rule, !rules[rule].empty());
    return known;
  }

  /// Does something with the model; false if it throws, which is a finding. An overflow is none: it is passed on.
  template <class Do>
  bool watch(const char* what, const State& state, const Do& something) const {
    return watch(what, state, std::optional<Action>{}, something);
  }
  template <class Do>
  bool watch(const char* what, const State& state, const std::optional<Action>& action, const Do& something) const {
    try {
      something();
      return true;
    } catch (const CapacityExceeded&) {
      throw;
    } catch (...) {
      note_thrown(what, state, action);
      return false;
    }
  }
  /// To be called while an exception is handled. The place is as exact as a model that throws allows.
  void note_thrown(const char* what, const State& state, const std::optional<Action>& action) const {
    const std::string thrown = std::string(what) + " throws: " + thrown_words();
    AuditPlace place;
    try {
      place.bytes = bytes_of(state);
      if (action) place.action = position_of(state, *action);
    } catch (...) {
    }
    log_->add({AuditCheck::kThrows, state, action, thrown}, std::move(place));
  }
  [[noreturn]] void stop(const char* what, const State& state) const {
    note_thrown(what, state, std::nullopt);
    throw AuditStopped{std::string(what) + " throws: " + thrown_words()};
  }

  // Everything that can be asked about one state; `enabled` is called once per state of a search.
  void check_enabled(const State& state, std::span<const Action> actions) const {
    check_encoding(state);
    std::vector<Action> again;
    model_.enabled(state, again);
    if (!std::equal(actions.begin(), actions.end(), again.begin(), again.end())) found(AuditCheck::kEnabledPure, state);

    std::vector<Action> appended = again;
    model_.enabled(state, appended);
    if (appended.size() != 2 * again.size() || !std::equal(again.begin(), again.end(), appended.begin())) {
      found(AuditCheck::kEnabledAppends, state);
    }
    for (std::size_t i = 0; i < actions.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (actions[i] == actions[j]) found(AuditCheck::kEnabledDistinct, state, actions[i]);
      }
      if constexpr (Environmental<M>) {
        const bool first = model_.is_environment(actions[i]);
        if (model_.is_environment(actions[i]) != first) found(AuditCheck::kOriginPure, state, actions[i]);
      }
    }
    check_siblings(state, actions);
    check_symmetry([&](const auto& checks) { checks.check(state, actions); });
  }

  // Hands the checks of symmetry to `use` if there is something to rename.
  template <class Use>
  void check_symmetry(const Use& use) const {
    if constexpr (Symmetric<M>) {
      if (model_.renamings() == 1) return;
      const auto note = [this](AuditCheck check, const State& state, const std::optional<Action>& action) {
        if (action) {
          found(check, state, *action);
        } else {
          found(check, state);
        }
      };
      use(SymmetryChecks(model_, properties_, note));
    }
  }

  // True if the model gives this state when it is asked once more.
  [[nodiscard]] bool gives(const State& state, const Action& action, const State& next) const {
    const std::optional<State> again = applied(state, action);
    return again && *again == next;
  }

  void check_encoding(const State& state) const {
    const State copy = state;
    const std::vector<std::byte> bytes = bytes_of(state);
    if (bytes_of(state) != bytes || !(copy == state)) found(AuditCheck::kEncodePure, state);

    const std::vector<std::byte> more = padded(bytes);
    ByteSource source(more);
    const State decoded = model_.decode(source);
    if (!(decoded == state) || source.consumed() != bytes.size()) {
      found(AuditCheck::kRoundTrip, state);
    } else if (bytes_of(decoded) != bytes) {
      found(AuditCheck::kEqualBytes, state);
    }
  }

  struct Near {
    Action action;
    State state;
    std::vector<std::byte> bytes;
    std::vector<Action> enabled;
  };

  // Compares the successors of a state with it and with one another, and what two actions give in either order: that is
  // where states come about that are equal and were made differently.
  void check_siblings(const State& state, std::span<const Action> actions) const {
    const std::vector<std::byte> bytes = bytes_of(state);
    std::vector<Near> near;
    for (const Action& action : actions) {
      std::optional<State> next = applied(state, action);
      if (!next) continue;
      check_encoding(*next);
      Near one{action, *next, bytes_of(*next), {}};
      model_.enabled(one.state, one.enabled);
      check_equality(state, action, {state, bytes}, {one.state, one.bytes});
      for (const Near& other : near) {
        check_equality(state, action, {one.state, one.bytes}, {other.state, other.bytes});
        check_orders(state, one, other);
      }
      near.push_back(std::move(one));
    }
  }
  void check_orders(const State& state, const Near& one, const Near& other) const {
    if (std::find(one.enabled.begin(), one.enabled.end(), other.action) == one.enabled.end()) return;
    if (std::find(other.enabled.begin(), other.enabled.end(), one.action) == other.enabled.end()) return;
    const std::optional<State> left = applied(one.state, other.action);
    const std::optional<State> right = applied(other.state, one.action);
    if (left && right) check_equality(state, one.action, {*left, bytes_of(*left)}, {*right, bytes_of(*right)});
  }
  using Spelled = std::pair<const State&, const std::vector<std::byte>&>;
  void check_equality(const State& state, const Action& action, const Spelled& a, const Spelled& b) const {
    if ((a.first == b.first) != (a.second == b.second)) found(AuditCheck::kEqualBytes, state, action);
  }
  // Nothing if a container overflows: the search meets the same overflow and reports it. Nor if the model throws.
  [[nodiscard]] std::optional<State> applied(const State& state, const Action& action) const {
    try {
      return model_.apply(state, action);
    } catch (const CapacityExceeded&) {
      return std::nullopt;
    } catch (...) {
      note_thrown("apply", state, action);
      return std::nullopt;
    }
  }

  M model_;
  std::span<const Property<M>> properties_;
  std::shared_ptr<AuditLog<M>> log_ = std::make_shared<AuditLog<M>>();
};

template <class M>
inline constexpr bool kWrapsModel<Audited<M>> = true;

}  // namespace mc
