// Is there a behaviour of the model that writes what a record of a real run says? A depth-first search over (state,
// place in each stream, who is who), oldest event first, each combination once. Equal things may change their names.
// One thread; the same record gives the same answer.
#pragma once

#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "checker/conform/ambient.hpp"
#include "checker/conform/matching.hpp"
#include "checker/core/emission.hpp"
#include "checker/core/trace.hpp"

namespace mc {

enum class Explained : std::uint8_t { kYes, kNo, kGivenUp };

struct ExplainLimits {
  std::size_t nodes_max = 2'000'000;
  std::size_t bytes_max = std::size_t{1} << 30U;
  const std::atomic<bool>* cancel = nullptr;
};

template <Logging M>
struct Explanation {
  Explained verdict = Explained::kNo;
  std::string reason;                ///< of kGivenUp: which limit
  Trace<M> path;                     ///< the witness, or a longest prefix of one
  std::vector<ExplainedStep> steps;  ///< one for each action of the path
  Reading reading;                   ///< at its end
  bool all_read = false;             ///< only the way to a rest is missing
  std::size_t nodes = 0;
  std::size_t applied = 0;
};

template <Logging M>
class Explainer {
 public:
  using State = typename M::State;
  using Action = typename M::Action;

  /// `rests`: the record ends when everything has come to rest, so that the behaviour has to as well.
  /// `slack`: as far as clocks are taken to be apart when ambient lines are noted.
  Explainer(const M& model, const Matcher& matcher, Reading start, bool rests, std::int64_t slack, ExplainLimits limits)
      : model_(model), matcher_(matcher), start_(std::move(start)), rests_(rests), slack_(slack), limits_(limits) {
    for (const LogSort& sort : matcher.words().sorts) exchanged_.push_back(sort.exchanged);
  }

  [[nodiscard]] Explanation<M> run() {
    for (const State& initial : model_.initial_states()) {
      initial_ = initial;
      frames_.clear();
      if (visit(initial, start_) && search()) break;
      if (cut_) break;
    }
    return conclude();
  }

 private:
  /// Two places that change names before a step.
  struct Exchange {
    std::uint8_t sort = 0;
    std::uint8_t a = 0;
    std::uint8_t b = 0;
  };
  struct Choice {
    Action action;
    std::optional<Exchange> exchange;
    std::uint32_t optional = 0;
    std::uint8_t rank = 0;  ///< reads something; silent; the environment's
    std::int64_t first = 0;
  };
  struct Frame {
    State state;
    Reading reading;
    std::vector<Choice> choices;
    std::size_t next = 0;
  };
  struct Key {
    std::uint64_t low;
    std::uint64_t high;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return key.low; }
  };

  /// Pushes the node unless it was seen; true if it is new.
  bool visit(const State& state, const Reading& reading) {
    if (!seen_.insert(key_of(state, reading)).second) return false;
    frames_.push_back({state, reading, {}, 0});
    if (reading.read > best_read_) {
      best_read_ = reading.read;
      best_depth_ = frames_.size();
    }
    expand(frames_.back());
    return true;
  }

  bool search() {
    if (is_goal(frames_.back())) return found_ = true;
    while (!frames_.empty()) {
      if (over_limits()) return false;
      Frame& frame = frames_.back();
      if (frame.next == frame.choices.size()) {
        keep_best();
        frames_.pop_back();
        continue;
      }
      const Choice choice = frame.choices[frame.next++];
      RuleSet fired;
      lines_.clear();
      const State next = model_.apply_logged(frame.state, choice.action, fired, lines_);
      ++applied_;
      std::optional<Match> match = matcher_.match(lines_, exchanged(frame.reading, choice.exchange), choice.optional);
      if (!visit(next, match->reading)) continue;
      if (is_goal(frames_.back())) return found_ = true;
    }
    return false;
  }

  void expand(Frame& frame) {
    actions_.clear();
    model_.enabled(frame.state, actions_);
    const std::vector<Exchange> pairs = pairs_of(frame);
    for (const Action& action : actions_) offer(frame, action, pairs);
    std::stable_sort(frame.choices.begin(), frame.choices.end(), [](const Choice& a, const Choice& b) {
      return a.rank != b.rank ? a.rank < b.rank : a.rank == 0 && a.first < b.first;
    });
  }

  void offer(Frame& frame, const Action& action, const std::vector<Exchange>& pairs) {
    RuleSet fired;
    lines_.clear();
    State next;
    try {
      next = model_.apply_logged(frame.state, action, fired, lines_);
    } catch (const CapacityExceeded& full) {
      overflow_ = full.what();
      return;
    }
    ++applied_;
    std::size_t optional = 0;
    for (const Emission& line : lines_) {
      optional += line.passing == Passing::kLine && line.presence == Presence::kOptional ? 1 : 0;
    }
    // Written lines first: what can be read is read.
    for (std::uint32_t written = 1U << optional; written-- > 0;) {
      offer(frame, {action, std::nullopt, written, 0, 0});
      for (const Exchange& pair : pairs) {
        if (model_.interchangeable(next, pair.sort, pair.a, pair.b)) continue;  // they may change names later
        offer(frame, {action, pair, written, 0, 0});
      }
    }
  }

  void offer(Frame& frame, Choice choice) {
    const std::optional<Match> match =
        matcher_.match(lines_, exchanged(frame.reading, choice.exchange), choice.optional);
    if (!match) return;
    choice.first = match->first;
    choice.rank = !match->events.empty() ? 0 : model_.is_environment(choice.action) ? 2 : 1;
    frame.choices.push_back(choice);
  }

  [[nodiscard]] std::vector<Exchange> pairs_of(const Frame& frame) const {
    std::vector<Exchange> pairs;
    for (std::uint8_t sort = 0; sort < exchanged_.size(); ++sort) {
      if (!exchanged_[sort]) continue;
      const std::vector<std::uint16_t>& places = frame.reading.places[sort];
      for (std::uint8_t a = 0; a < places.size(); ++a) {
        for (auto b = static_cast<std::uint8_t>(a + 1); b < places.size() && places[a] != Event::kNoId; ++b) {
          if (places[b] == Event::kNoId || !model_.interchangeable(frame.state, sort, a, b)) continue;
          pairs.push_back({sort, a, b});
        }
      }
    }
    return pairs;
  }

  [[nodiscard]] static Reading exchanged(Reading reading, const std::optional<Exchange>& pair) {
    if (pair) std::swap(reading.places[pair->sort][pair->a], reading.places[pair->sort][pair->b]);
    return reading;
  }

  [[nodiscard]] bool is_goal(const Frame& frame) {
    if (frame.reading.read < matcher_.record().events) return false;
    all_read_ = true;
    return !rests_ || is_at_rest(frame.state);
  }

  /// Nothing more has to be written: whatever would write a line may be long in coming.
  [[nodiscard]] bool is_at_rest(const State& state) {
    std::vector<Action> actions;
    model_.enabled(state, actions);
    std::vector<Emission> lines;
    for (const Action& action : actions) {
      if (model_.is_environment(action) || model_.may_take_long(state, action)) continue;
      RuleSet fired;
      lines.clear();
      try {
        static_cast<void>(model_.apply_logged(state, action, fired, lines));
      } catch (const CapacityExceeded&) {
        return false;
      }
      const auto required = [](const Emission& line) {
        return line.passing == Passing::kLine && line.presence == Presence::kRequired;
      };
      if (std::any_of(lines.begin(), lines.end(), required)) return false;
    }
    return true;
  }

  [[nodiscard]] Key key_of(const State& state, const Reading& reading) {
    ByteSink sink;
    model_.encode(state, sink);
    const auto view = sink.view();
    bytes_.assign(view.begin(), view.end());
    const auto add = [this](const auto& numbers) {
      const auto* from = reinterpret_cast<const std::byte*>(numbers.data());
      bytes_.insert(bytes_.end(), from, from + numbers.size() * sizeof(numbers[0]));
    };
    add(reading.next);
    add(reading.fates);
    for (const std::vector<std::uint16_t>& row : reading.places) add(row);
    const XXH128_hash_t hash = XXH3_128bits(bytes_.data(), bytes_.size());
    return {hash.low64, hash.high64};
  }

  [[nodiscard]] bool over_limits() {
    const std::size_t frame_bytes =
        sizeof(Frame) + start_.next.size() * sizeof(std::uint32_t) + start_.fates.size() + 512;
    if (limits_.cancel != nullptr && limits_.cancel->load()) cut_ = "interrupted";
    if (seen_.size() > limits_.nodes_max) cut_ = "more than " + std::to_string(limits_.nodes_max) + " nodes";
    if (seen_.size() * 48 + frames_.size() * frame_bytes > limits_.bytes_max) {
      cut_ = "more than " + std::to_string(limits_.bytes_max >> 20U) + " MiB";
    }
    return cut_.has_value();
  }

  /// The way to the node that reads most is on the stack until the first node on it or after it is left.
  void keep_best() {
    if (best_depth_ == 0) return;
    best_ = choices_taken(best_depth_);
    best_depth_ = 0;
  }

  /// The choices that lead to the node at a depth of the stack, from 1.
  [[nodiscard]] std::vector<Choice> choices_taken(std::size_t depth) const {
    std::vector<Choice> taken;
    for (std::size_t i = 0; i + 1 < depth; ++i) taken.push_back(frames_[i].choices[frames_[i].next - 1]);
    return taken;
  }

  [[nodiscard]] Explanation<M> conclude() {
    Explanation<M> answer;
    answer.verdict = found_ ? Explained::kYes : cut_ || overflow_ ? Explained::kGivenUp : Explained::kNo;
    if (!found_ && cut_) answer.reason = *cut_;
    if (!found_ && !cut_ && overflow_) answer.reason = "the model has room for no more " + *overflow_;
    answer.all_read = all_read_;
    answer.nodes = seen_.size();
    answer.applied = applied_;
    keep_best();
    retrace(found_ ? choices_taken(frames_.size()) : best_, answer);
    return answer;
  }

  /// Takes the choices again and notes what each reads.
  void retrace(const std::vector<Choice>& taken, Explanation<M>& answer) {
    answer.path.states.push_back(initial_);
    answer.reading = start_;
    AmbientLines<M> ambient(model_, matcher_, slack_);
    for (const Choice& choice : taken) {
      RuleSet fired;
      lines_.clear();
      State next = model_.apply_logged(answer.path.states.back(), choice.action, fired, lines_);
      std::optional<Match> match = matcher_.match(lines_, exchanged(answer.reading, choice.exchange), choice.optional);
      ambient.add(lines_, answer.reading, match->reading);
      answer.reading = std::move(match->reading);
      answer.steps.push_back({std::move(match->events), std::move(match->rules), std::move(match->by_message)});
      answer.path.actions.push_back(choice.action);
      answer.path.states.push_back(std::move(next));
    }
    ambient.note(answer.path, answer.steps);
  }

  const M& model_;
  const Matcher& matcher_;
  const Reading start_;
  const bool rests_;
  const std::int64_t slack_;
  const ExplainLimits limits_;
  std::vector<bool> exchanged_;  // by sort
  State initial_{};
  std::vector<Frame> frames_;
  std::unordered_set<Key, KeyHash> seen_;
  std::vector<Action> actions_;
  std::vector<Emission> lines_;
  std::vector<std::byte> bytes_;
  std::vector<Choice> best_;
  std::size_t best_read_ = 0;
  std::size_t best_depth_ = 0;  // of the node that reads most, while it is on the stack; 0: it was left
  std::size_t applied_ = 0;
  bool found_ = false;
  bool all_read_ = false;
  std::optional<std::string> cut_;
  std::optional<std::string> overflow_;
};

/// What is known of a record beside its lines.
struct RecordCircumstances {
  Bindings known;                     ///< who stands where at the start
  bool rests = false;                 ///< it ends when everything has come to rest
  std::optional<std::int64_t> slack;  ///< milliseconds by which clocks are apart; none: they are not looked at
  std::string_view unordered;         ///< the thread whose lines have no order with others
};

/// Searches twice if need be: clocks prune the first search, and a record that it does not explain is searched again
/// without them, so that they never decide. Each search has the limits to itself.
template <Logging M>
[[nodiscard]] Explanation<M> explain(const M& model, const LogVocabulary& words, const CompiledRecord& record,
                                     const RecordCircumstances& circumstances, const ExplainLimits& limits) {
  const Reading start = first_reading(record, words, circumstances.known);
  if (circumstances.slack) {
    const Matcher matcher(record, words, circumstances.slack, circumstances.unordered);
    Explanation<M> answer =
        Explainer<M>(model, matcher, start, circumstances.rests, *circumstances.slack, limits).run();
    if (answer.verdict == Explained::kYes) return answer;
  }
  const Matcher matcher(record, words, std::nullopt, circumstances.unordered);
  return Explainer<M>(model, matcher, start, circumstances.rests, circumstances.slack.value_or(0), limits).run();
}

}  // namespace mc
