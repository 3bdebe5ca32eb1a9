// In which order `check` takes its scenarios, and what each is granted of a time budget.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "checker/cli/command_line.hpp"
#include "checker/cli/project.hpp"
#include "checker/cli/time_budget.hpp"
#include "checker/engine/liveness.hpp"

namespace mc {

/// One scenario by its position on the command line.
struct Item {
  std::size_t position = 0;
  Grant grant;
};

/// All scenarios in the order in which they are searched: that of the command line; under a budget the more important
/// ones first.
class Agenda {
 public:
  std::vector<Item> items;

  /// Makes the agenda of scenarios that wish for so much.
  Agenda(const std::vector<Wish>& wishes, const CommandLine& line);

  /// The command line with which this scenario is searched.
  [[nodiscard]] CommandLine line_for(const Item& item, const CommandLine& line) const;
  /// Why a scenario that is granted nothing is not run.
  [[nodiscard]] std::string refusal() const;
  /// True when the clock says that the budget is spent.
  [[nodiscard]] bool over() const;

 private:
  [[nodiscard]] std::chrono::milliseconds left() const;

  std::optional<std::chrono::milliseconds> budget_;
  std::string budget_text_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The agenda of these instances. What a whole search takes is what the scenario expects; promises need the whole.
template <Model M>
[[nodiscard]] Agenda agenda_of(const std::vector<Instance<M>>& instances, const CommandLine& line) {
  std::vector<Wish> wishes;
  for (const Instance<M>& instance : instances) {
    const bool promises = asks_for_graph(std::span<const Property<M>>(instance.properties));
    const std::optional<std::uint64_t> states = instance.expect ? instance.expect->states : std::nullopt;
    wishes.push_back({instance.importance, states, promises});
  }
  return {wishes, line};
}

}  // namespace mc
