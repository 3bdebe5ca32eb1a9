// Drives the model through one schedule, action by action, by the names that a person reads in a trace.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/ray_model.hpp"

namespace raymc {

/// One run of one cluster. A step that is not possible, or not named exactly, throws and lists what is enabled.
class Story {
 public:
  explicit Story(Config config) : model_(std::move(config)), state_(model_.initial_states().front()) {}

  /// Takes the one enabled action of row `id` whose name contains `fragment`. The place is the caller's; Clang 14 has
  /// no std::source_location.
  Story& take(std::string_view id, std::string_view fragment = "", const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) {
    const std::vector<Action> found = matching(id, fragment);
    if (found.size() != 1)
      throw std::runtime_error(complaint(id, fragment, found.size(), std::string(file) + ":" + std::to_string(line)));
    fired_.reset();
    state_ = model_.apply(state_, found.front(), fired_);
    return *this;
  }

  /// An action of row `id` whose name contains `fragment` is enabled.
  [[nodiscard]] bool can(std::string_view id, std::string_view fragment = "") const {
    return !matching(id, fragment).empty();
  }

  /// Row `id` took part in the last step.
  [[nodiscard]] bool fired(std::string_view id) const {
    const std::vector<std::string_view> rules = model_.rules();
    const auto found = std::find(rules.begin(), rules.end(), id);
    if (found == rules.end()) throw std::runtime_error("no row has the id " + std::string(id));
    return fired_[static_cast<std::size_t>(found - rules.begin())];
  }

  /// No protocol action is enabled.
  [[nodiscard]] bool at_rest() const {
    const std::vector<Action> actions = enabled();
    return std::all_of(actions.begin(), actions.end(), [this](const Action& a) { return model_.is_environment(a); });
  }

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const Task& task(int number) const { return state_.tasks.at(index(number)); }
  [[nodiscard]] const Lease& lease(int number) const { return state_.leases.at(index(number)); }
  [[nodiscard]] const Worker& worker(int number) const { return state_.workers.at(index(number)); }
  [[nodiscard]] const Raylet& raylet(int number) const { return state_.raylets.at(index(number)); }
  [[nodiscard]] NodeRecord record(int number) const { return state_.gcs.nodes.at(index(number)); }
  [[nodiscard]] const Mailbox& mailbox(NodeId node) const { return state_.gcs.mailboxes.at(subscriber(node)); }
  [[nodiscard]] const Mailbox& mailbox(OwnerId owner) const { return state_.gcs.mailboxes.at(subscriber(owner)); }
  [[nodiscard]] std::size_t calls(Rpc rpc, Stage stage) const {
    return static_cast<std::size_t>(std::count_if(state_.calls.begin(), state_.calls.end(), [&](const Call& call) {
      return call.rpc == rpc && call.stage == stage;
    }));
  }

 private:
  /// Stories number things as names do: t1, L1, w1, n1 come first.
  static std::size_t index(int number) { return static_cast<std::size_t>(number - 1); }

  [[nodiscard]] std::vector<Action> enabled() const {
    std::vector<Action> actions;
    model_.enabled(state_, actions);
    return actions;
  }

  [[nodiscard]] std::vector<Action> matching(std::string_view id, std::string_view fragment) const {
    std::vector<Action> actions = enabled();
    std::erase_if(actions, [&](const Action& action) {
      const std::string name = model_.name(action);
      return !name.starts_with(std::string(id) + "(") || name.find(fragment) == std::string::npos;
    });
    return actions;
  }

  [[nodiscard]] std::string complaint(std::string_view id, std::string_view fragment, std::size_t found,
                                      const std::string& where) const {
    std::string text = where + ": ";
    text += std::to_string(found) + " enabled actions match " + std::string(id) + " \"" + std::string(fragment) + "\"";
    text += "\nenabled:";
    for (const Action& action : enabled()) text += "\n  " + model_.name(action);
    text += "\nstate:";
    for (const std::string& line : model_.describe(state_)) text += "\n  " + line;
    return text;
  }

  RayModel model_;
  State state_;
  mc::RuleSet fired_;
};

}  // namespace raymc
