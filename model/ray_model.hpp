// Ray's recovery protocol as a model for the checker: the rows of all components over the states of one scenario.
// Start reading at state.hpp and transition.hpp, then take one component's folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/core/emission.hpp"
#include "checker/core/model.hpp"
#include "model/config.hpp"
#include "model/state.hpp"
#include "model/transition.hpp"

namespace raymc {

class RenamingGroup;
class RowIndex;

/// A mc::Model, Environmental, Instrumented, Symmetric, Fair, Waiting, Logging, Printable and Depictable.
/// Immutable after construction; safe to share between threads.
class RayModel {
 public:
  using State = raymc::State;
  using Action = raymc::Action;

  explicit RayModel(Config config);

  [[nodiscard]] std::vector<State> initial_states() const;
  void enabled(const State& state, std::vector<Action>& actions) const;
  [[nodiscard]] State apply(const State& state, const Action& action) const;
  [[nodiscard]] State apply(const State& state, const Action& action, mc::RuleSet& fired) const;
  [[nodiscard]] State apply_logged(const State& state, const Action& action, mc::RuleSet& fired,
                                   std::vector<mc::Emission>& lines) const;
  void encode(const State& state, mc::ByteSink& out) const;
  [[nodiscard]] State decode(mc::ByteSource& in) const;

  [[nodiscard]] std::uint32_t renamings() const;
  [[nodiscard]] State renamed(const State& state, std::uint32_t number) const;
  [[nodiscard]] Action renamed(const Action& action, std::uint32_t number) const;
  [[nodiscard]] std::uint32_t canonicalize(const State& state, mc::ByteSink& out) const;

  [[nodiscard]] mc::LogVocabulary log_vocabulary() const;
  [[nodiscard]] std::vector<std::string_view> rules_that_write(std::uint8_t kind) const;
  [[nodiscard]] bool may_take_long(const State& state, const Action& action) const;
  [[nodiscard]] bool interchangeable(const State& state, std::uint8_t sort, std::uint8_t a, std::uint8_t b) const;

  [[nodiscard]] bool is_environment(const Action& action) const;
  [[nodiscard]] std::vector<std::string_view> rules() const;
  [[nodiscard]] std::uint32_t component(const Action& action) const;
  [[nodiscard]] std::vector<std::string> waits(const State& state) const;

  [[nodiscard]] std::string name(const Action& action) const;
  [[nodiscard]] std::string describe(const State& state, const Action& action) const;
  [[nodiscard]] std::vector<std::string> describe(const State& state) const;

  [[nodiscard]] std::vector<mc::Lane> lanes() const;
  [[nodiscard]] std::optional<std::size_t> lane_of(const State& state, const Action& action) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> bindings(const Action& action) const;
  [[nodiscard]] std::string handled(const Action& action) const;
  [[nodiscard]] mc::Scene scene(const State& state) const;

  [[nodiscard]] const Config& config() const { return config_; }

 private:
  [[nodiscard]] State apply(const State& state, const Action& action, mc::RuleSet& fired, LogBook* book) const;

  Config config_;
  std::shared_ptr<const RowIndex> index_;  ///< of the rows whose feature is on
  std::shared_ptr<const RenamingGroup> group_;
};

}  // namespace raymc
