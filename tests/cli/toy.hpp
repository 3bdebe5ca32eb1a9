// A small project for tests of the command line: nodes that take a lock, a fence that keeps a crashed holder out, and
// switches that make a model misbehave. Its scenarios are lines "key value".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checker/cli/project.hpp"

namespace toy {

/// What a scenario of the toy says.
struct Config {
  bool fence = true;
  int crashes = 1;
  int cells = 0;              ///< independent cells that the environment flips: 2^cells times the states
  int capacity = 9;           ///< crashes that fit before a container overflows
  bool broken = false;        ///< `apply` throws: a bug in the model
  std::string verb = "take";  ///< name of the action that takes the lock: another word is another revision
};

enum class Phase : std::uint8_t { kIdle, kHolding, kCrashed };

struct State {
  Phase nodes[2] = {Phase::kIdle, Phase::kIdle};
  std::uint8_t crashes = 0;
  std::uint32_t cells = 0;
  bool operator==(const State&) const = default;
};

struct Action {
  enum class Kind : std::uint8_t { kTake, kRelease, kCrash, kFlip } kind = Kind::kTake;
  std::uint8_t index = 0;
  bool operator==(const Action&) const = default;
};

class Lock {
 public:
  using State = toy::State;
  using Action = toy::Action;

  explicit Lock(Config config) : config_(std::move(config)) {}

  [[nodiscard]] std::vector<State> initial_states() const { return {State{}}; }
  void enabled(const State& state, std::vector<Action>& actions) const;
  [[nodiscard]] State apply(const State& state, const Action& action) const;
  [[nodiscard]] State apply(const State& state, const Action& action, mc::RuleSet& fired) const;
  void encode(const State& state, mc::ByteSink& out) const;
  [[nodiscard]] State decode(mc::ByteSource& in) const;
  [[nodiscard]] bool is_environment(const Action& action) const;
  [[nodiscard]] std::vector<std::string_view> rules() const;
  [[nodiscard]] std::string name(const Action& action) const;
  [[nodiscard]] std::string describe(const State& state, const Action& action) const;
  [[nodiscard]] std::vector<std::string> describe(const State& state) const;

 private:
  Config config_;
};

/// The project over the lock: safeguard "fence", fault "crash", properties M1 to M4.
struct Project {
  using Model = Lock;
  [[nodiscard]] mc::ProgramInfo info() const;
  [[nodiscard]] std::vector<mc::CatalogueEntry> catalogue() const;
  [[nodiscard]] std::vector<mc::Profile> profiles() const {
    return {{"fenced", {{"fence", true}}}, {"bare", {{"fence", false}}}};
  }
  [[nodiscard]] std::vector<mc::Reduction> reductions(const std::string& text) const;
  [[nodiscard]] std::string restated(const std::string& text, const std::string& property,
                                     std::optional<std::uint32_t> length, const mc::Settings& settings,
                                     const std::string& comment) const;
  /// Number 5 has a model that throws, number 9 is refused, and so is every sixteenth one after them.
  [[nodiscard]] std::string random_scenario(std::uint64_t seed, std::uint64_t number) const;
  [[nodiscard]] mc::Result<mc::Instance<Lock>> parse(const std::string& text, const std::string& path,
                                                     const mc::Settings& settings) const;
};

}  // namespace toy
