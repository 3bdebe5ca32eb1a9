// Where the time of a search over Ray's model goes: the parts of one step, each timed alone over states that the search
// itself visits, and the whole on one thread, with what two make of it. What the parts leave over is the store and the
// loop. Prints a table in Markdown; run by `./raymc bench profile`.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "checker/engine/search.hpp"
#include "model/encode.hpp"
#include "model/normalise.hpp"
#include "model/ray_model.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"

namespace {

using namespace raymc;

constexpr std::uint64_t kEvery = 997;  // of so many states one is looked at alone
constexpr int kRounds = 5;
constexpr std::uint64_t kWithoutSymmetryMax = 10'000'000;  // states, beyond which that would take too long

std::vector<State>& samples() {
  static std::vector<State> states;
  return states;
}

// A property of the search that serves as a window: never true, so that it is asked in every state.
bool sample(const RayModel& /*model*/, const State& state) {
  static std::uint64_t seen = 0;
  if (seen++ % kEvery == 0) samples().push_back(state);
  return false;
}

template <class T>
void keep(const T& value) {
  __asm__ volatile("" : : "g"(&value) : "memory");
}

/// Adds up how long each part takes. One state goes through all parts before the next does, as in a search, so that
/// what a part works on is where the part before has left it.
class Stopwatch {
 public:
  void begin() { last_ = now(); }
  /// What has passed since `begin` or the last `end` belongs to this part.
  void end(std::size_t part) {
    const double time = now();
    if (part >= nanoseconds_.size()) nanoseconds_.resize(part + 1);
    nanoseconds_[part] += time - last_;
    last_ = now();
  }
  [[nodiscard]] double of(std::size_t part) const { return nanoseconds_[part]; }

 private:
  static double now() {
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
  double last_ = 0;
  std::vector<double> nanoseconds_;
};

enum Part : std::size_t {
  kDecode,
  kGuards,
  kProperties,
  kCopy,
  kApply,
  kNormalise,
  kEncode,
  kCanonicalise,
  kHash,
  kParts
};

struct Sizes {
  std::uint64_t bytes = 0;
  std::uint64_t actions = 0;
};

/// One round over all samples.
Stopwatch round_of(const RayModel& model, const std::vector<Property>& properties, bool symmetry, Sizes& sizes) {
  const mc::Canonicalizer<RayModel> canonical(model, symmetry);
  Stopwatch watch;
  std::vector<Action> actions;
  std::vector<State> next;
  mc::ByteSink encoded;
  mc::ByteSink stored;
  for (const State& sampled : samples()) {
    encoded.clear();
    model.encode(sampled, encoded);
    sizes.bytes += encoded.size();
    mc::ByteSource source(encoded.view());
    watch.begin();
    const State state = model.decode(source);
    watch.end(kDecode);
    actions.clear();
    model.enabled(state, actions);
    watch.end(kGuards);
    for (const Property& property : properties) {
      // What is to be reached is reached early on, and not asked any more.
      if (property.kind != mc::PropertyKind::kReachable) keep(property.holds(model, state));
    }
    watch.end(kProperties);
    next.assign(actions.size(), state);
    watch.end(kCopy);
    sizes.actions += actions.size();
    for (std::size_t i = 0; i < actions.size(); ++i) next[i] = model.apply(state, actions[i]);
    watch.end(kApply);
    for (State& one : next) normalise(model.config(), one);
    watch.end(kNormalise);
    encoded.clear();
    for (const State& one : next) model.encode(one, encoded);
    watch.end(kEncode);
    stored.clear();
    for (const State& one : next) canonical.encode(one, stored);
    watch.end(kCanonicalise);
    const std::size_t length = encoded.size() / std::max<std::size_t>(1, next.size());
    for (std::size_t i = 0; i < next.size(); ++i) keep(mc::fingerprint(encoded.view().subspan(i * length, length)));
    watch.end(kHash);
  }
  return watch;
}

struct Line {
  std::string name;
  double per_state = 0;  // ns
};

/// Medians of kRounds rounds, in nanoseconds per state.
std::vector<Line> lines_of(const RayModel& model, const std::vector<Property>& properties, bool symmetry,
                           Sizes& sizes) {
  std::vector<std::vector<double>> rounds(kParts);
  for (int round = 0; round < kRounds; ++round) {
    sizes = {};
    const Stopwatch watch = round_of(model, properties, symmetry, sizes);
    for (std::size_t part = 0; part < kParts; ++part) {
      rounds[part].push_back(watch.of(part) / static_cast<double>(samples().size()));
    }
  }
  const auto median = [&](Part part) {
    std::sort(rounds[part].begin(), rounds[part].end());
    return rounds[part][kRounds / 2];
  };
  const double copy = median(kCopy);
  const double normal = median(kNormalise);
  const double encode = median(kEncode);
  const double canonical = symmetry ? median(kCanonicalise) : encode;
  return {{"decoding", median(kDecode)},
          {"guards: what is enabled", median(kGuards)},
          {"properties", median(kProperties)},
          {"copying", copy},
          {"effects", median(kApply) - copy - normal},
          {"normalising", normal},
          {"encoding", encode},
          {"canonicalising: what symmetry adds", canonical - encode},
          {"hashing", median(kHash)}};
}

std::vector<Property> chosen(const Scenario& scenario) {
  std::vector<Property> properties;
  for (const Property& property : all_properties()) {
    if (std::ranges::find(scenario.properties, property.id) != scenario.properties.end()) {
      properties.push_back(property);
    }
  }
  return properties;
}

/// Returns the number of distinct states.
std::uint64_t profile(const Scenario& scenario, bool symmetry) {
  const RayModel model(scenario.config);
  const std::vector<Property> properties = chosen(scenario);
  mc::Options options;
  options.threads = 1;
  options.symmetry = symmetry;
  options.limits = scenario.limits;
  const mc::Report<RayModel> report = mc::search(model, properties, options);
  options.threads = 2;
  const mc::Report<RayModel> on_two = mc::search(model, properties, options);
  options.threads = 1;
  std::vector<Property> window = properties;
  window.push_back({.id = "sample", .kind = mc::PropertyKind::kReachable, .claim = "", .holds = sample});
  samples().clear();
  static_cast<void>(mc::search(model, window, options));
  Sizes sizes;
  const std::vector<Line> lines = lines_of(model, properties, report.symmetry.used, sizes);
  const auto explored = static_cast<double>(report.representatives);
  const auto sampled = static_cast<double>(samples().size());
  const double whole = report.seconds * 1e9 / explored;
  std::printf("\n## %s, symmetry %s\n\n", scenario.name.c_str(), report.symmetry.used ? "on" : "off");
  std::printf("%.0f states explored (%llu distinct) on one thread in %.2f s: %.0f explored/s, %.0f distinct/s. ",
              explored, static_cast<unsigned long long>(report.verdict.states), report.seconds,
              explored / report.seconds, static_cast<double>(report.verdict.states) / report.seconds);
  std::printf("On two threads in %.2f s: %.0f explored/s, %.0f distinct/s. ", on_two.seconds, explored / on_two.seconds,
              static_cast<double>(report.verdict.states) / on_two.seconds);
  std::printf("Encodings: %.1f bytes on average; %.2f transitions per state.\n\n",
              static_cast<double>(sizes.bytes) / sampled, static_cast<double>(sizes.actions) / sampled);
  std::printf("| part | ns per state | share |\n|---|---|---|\n");
  double rest = whole;
  for (const Line& line : lines) {
    std::printf("| %s | %.0f | %.1f %% |\n", line.name.c_str(), line.per_state, 100 * line.per_state / whole);
    rest -= line.per_state;
  }
  std::printf("| probing, store, loop (the rest) | %.0f | %.1f %% |\n| whole | %.0f | 100 %% |\n", rest,
              100 * rest / whole, whole);
  return report.verdict.states;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const mc::Result<Scenario> scenario = load_scenario(argv[i], raymc::all_properties());
    if (!scenario.ok()) {
      std::fprintf(stderr, "%s\n", scenario.error().message.c_str());
      return 65;
    }
    if (profile(scenario.value(), true) <= kWithoutSymmetryMax) profile(scenario.value(), false);
  }
  return 0;
}
