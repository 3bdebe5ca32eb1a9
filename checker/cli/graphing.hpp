// The command graph: every state of a small scenario and every action between them, for Graphviz.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "checker/cli/project.hpp"
#include "checker/core/run.hpp"
#include "checker/report/tell.hpp"
#include "checker/report/trace_views.hpp"

namespace mc {

inline constexpr std::size_t kGraphStatesMax = 200;

/// The graph in Graphviz's language, states numbered in the order of a breadth-first search; none if there are more
/// than `states_max` states. Broken claims are red, faults are dashed, states at rest have a double line.
template <Printable M>
[[nodiscard]] std::optional<std::string> state_graph_dot(const Instance<M>& instance, std::size_t states_max) {
  const M& model = instance.model;
  std::vector<typename M::State> states;
  std::unordered_map<std::string, std::size_t> numbers;
  const auto number_of = [&](const typename M::State& state) {
    ByteSink sink;
    model.encode(state, sink);
    std::string key(reinterpret_cast<const char*>(sink.view().data()), sink.view().size());
    const auto [found, fresh] = numbers.emplace(std::move(key), states.size());
    if (fresh) states.push_back(state);
    return found->second;
  };
  std::string edges;
  std::size_t initial = 0;
  for (const typename M::State& state : model.initial_states()) initial = std::max(initial, number_of(state) + 1);
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states.size() > states_max) return std::nullopt;
    std::vector<typename M::Action> enabled;
    model.enabled(states[i], enabled);
    for (const typename M::Action& action : enabled) {
      std::string to = "full";
      try {
        to = "s" + std::to_string(number_of(model.apply(states[i], action)));
      } catch (const CapacityExceeded&) {
        edges += "  full [label=\"a container overflows\", shape=octagon];\n";
      }
      const std::string look = is_fault(model, action) ? ", style=dashed, color=orange" : "";
      edges += "  s" + std::to_string(i) + " -> " + to + " [label=" + dot_quoted(model.name(action)) +
               ", tooltip=" + dot_quoted(model.describe(states[i], action)) + look + "];\n";
    }
  }
  std::string text = "digraph states {\n  label=" + dot_quoted(instance.name + ": " + instance.question + "\n") +
                     ";\n  labelloc=t;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n"
                     "  edge [fontname=\"sans-serif\", fontsize=8];\n";
  for (std::size_t i = 0; i < states.size(); ++i) {
    std::string label = i < initial ? "start\n" : std::to_string(i) + "\n";
    std::string look;
    const bool rest = protocol_actions(model, states[i]).empty();
    if (rest) look += ", peripheries=2";
    for (const Property<M>& property : instance.properties) {
      const bool judged =
          property.kind == PropertyKind::kInvariant || (property.kind == PropertyKind::kQuiescent && rest);
      if (!judged || property.holds(model, states[i])) continue;
      label += "not " + std::string(property.id) + "\n";
      if (look.find("red") == std::string::npos) look += ", color=red, fontcolor=red";
    }
    std::string tooltip;
    for (const std::string& line : model.describe(states[i])) tooltip += line + "\n";
    text +=
        "  s" + std::to_string(i) + " [label=" + dot_quoted(label) + ", tooltip=" + dot_quoted(tooltip) + look + "];\n";
  }
  return text + edges + "}\n";
}

}  // namespace mc
