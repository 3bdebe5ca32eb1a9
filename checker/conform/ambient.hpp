// Ambient lines and messages: they are written and sent for other reasons, too, so that they hold up nothing. A witness
// notes them where they stand. A line is noted at a step only if the step can stand where the line stands: between the
// lines that the steps before it and after it read, by the clocks, and between those of its own thread. A step that
// reads nothing is moved as far as it makes no difference, swap by swap.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "checker/conform/matching.hpp"
#include "checker/core/emission.hpp"
#include "checker/core/trace.hpp"

namespace mc {

/// How one step reads the record.
struct ExplainedStep {
  std::vector<const Event*> events;
  std::vector<std::uint16_t> rules;       ///< that wrote them
  std::vector<std::uint16_t> by_message;  ///< that sent or received messages among them
};

template <Logging M>
class AmbientLines {
 public:
  using State = typename M::State;
  using Action = typename M::Action;

  /// `slack`: milliseconds by which clocks may be apart.
  AmbientLines(const M& model, const Matcher& matcher, std::int64_t slack)
      : model_(model), matcher_(matcher), slack_(slack) {}

  /// The next step of the witness: what it writes, and how far the record is read before it and after it.
  void add(const std::vector<Emission>& lines, const Reading& before, const Reading& after) {
    Step step{{}, before.next, after.next, after.places};
    for (const Emission& line : lines) {
      if (line.presence == Presence::kAmbient) step.lines.push_back(line);
    }
    steps_.push_back(std::move(step));
  }

  /// Adds what the steps write beside what they were found to read.
  void note(const Trace<M>& path, std::vector<ExplainedStep>& told) {
    find_times(told);
    const CompiledRecord& record = matcher_.record();
    for (const EventStream& stream : record.streams) noted_.emplace_back(stream.ambient.size());
    sent_.resize(record.strays.size());
    received_.resize(record.strays.size());
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].lines.empty()) continue;
      const Range range = range_of(path, told, i);
      for (const Emission& line : steps_[i].lines) {
        if (line.passing == Passing::kLine) {
          note_line(line, i, range, told[i]);
        } else {
          note_message(line, i, range, told[i]);
        }
      }
    }
  }

 private:
  struct Step {
    std::vector<Emission> lines;
    std::vector<std::uint32_t> before;  ///< by stream: the events that are read
    std::vector<std::uint32_t> after;
    Bindings places;
  };
  /// The places in the witness that a step may have, the first and the last.
  struct Range {
    std::size_t first = 0;
    std::size_t last = 0;
  };

  /// For each step the latest moment that those before it show, and the earliest that those after it show.
  void find_times(const std::vector<ExplainedStep>& told) {
    const CompiledRecord& record = matcher_.record();
    const auto lies_in = [](const auto& all, const Event* event) {
      return std::find_if(all.begin(), all.end(), [event](const Message& one) { return &one.event == event; });
    };
    not_before_.assign(told.size() + 1, std::numeric_limits<std::int64_t>::min());
    not_after_.assign(told.size() + 1, std::numeric_limits<std::int64_t>::max());
    std::vector<std::int64_t> latest(told.size(), std::numeric_limits<std::int64_t>::min());
    std::vector<std::int64_t> earliest(told.size(), std::numeric_limits<std::int64_t>::max());
    for (std::size_t i = 0; i < told.size(); ++i) {
      for (const Event* event : told[i].events) {
        const auto message = lies_in(record.messages, event);
        if (message != record.messages.end()) {
          earliest[i] = std::min(earliest[i], message->at);  // nothing is sent or received long after that
          continue;
        }
        if (matcher_.is_unordered(event->stream)) continue;
        latest[i] = std::max(latest[i], event->t);
        earliest[i] = std::min(earliest[i], event->t);
      }
    }
    for (std::size_t i = 0; i < told.size(); ++i) not_before_[i + 1] = std::max(not_before_[i], latest[i]);
    for (std::size_t i = told.size(); i-- > 0;) not_after_[i] = std::min(not_after_[i + 1], earliest[i]);
  }

  /// How far a step that reads nothing may be moved: it changes its place with its neighbour as long as both can be
  /// taken in the other order, and lead to the same state.
  [[nodiscard]] Range range_of(const Trace<M>& path, const std::vector<ExplainedStep>& told, std::size_t i) const {
    Range range{i, i};
    if (!told[i].events.empty()) return range;
    const Action& action = path.actions[i];
    State after = path.states[i + 1];  // of the step, at its new place
    for (std::size_t j = i; j-- > 0;) {
      std::optional<State> moved = after_taking(path.states[j], action);
      if (!moved || after_taking(*moved, path.actions[j]) != after) break;
      after = std::move(*moved);
      range.first = j;
    }
    State before = path.states[i];  // the state without the step
    for (std::size_t j = i + 1; j < path.actions.size(); ++j) {
      std::optional<State> without = after_taking(before, path.actions[j]);
      if (!without || after_taking(*without, action) != path.states[j + 1]) break;
      before = std::move(*without);
      range.last = j;
    }
    return range;
  }

  /// Nothing: the action is not possible.
  [[nodiscard]] std::optional<State> after_taking(const State& state, const Action& action) const {
    std::vector<Action> actions;
    model_.enabled(state, actions);
    if (std::find(actions.begin(), actions.end(), action) == actions.end()) return std::nullopt;
    try {
      return model_.apply(state, action);
    } catch (const CapacityExceeded&) {
      return std::nullopt;
    }
  }

  [[nodiscard]] bool in_time(std::int64_t t, const Range& range) const {
    const std::int64_t from = not_before_[range.first];
    const std::int64_t to = not_after_[range.last + 1];
    return (from == std::numeric_limits<std::int64_t>::min() || t >= from - slack_) &&
           (to == std::numeric_limits<std::int64_t>::max() || t <= to + slack_);
  }

  void note_line(const Emission& line, std::size_t i, const Range& range, ExplainedStep& told) {
    Reading reading;
    reading.places = steps_[i].places;
    const std::optional<std::uint16_t> stream = matcher_.stream_of(line, reading);
    if (!stream) return;
    const auto& events = matcher_.record().streams[*stream].ambient;
    for (std::size_t e = 0; e < events.size(); ++e) {
      const auto& [read_before, event] = events[e];
      const bool in_place =
          read_before >= steps_[range.first].before[*stream] && read_before <= steps_[range.last].after[*stream];
      Bindings places = steps_[i].places;
      if (noted_[*stream][e] || !in_place || !in_time(event.t, range) || !matcher_.fits(line, event, places)) continue;
      told.events.push_back(&event);
      told.rules.push_back(line.rule);
      noted_[*stream][e] = true;
      return;
    }
  }

  void note_message(const Emission& line, std::size_t i, const Range& range, ExplainedStep& told) {
    const std::vector<Message>& strays = matcher_.record().strays;
    const bool receives = line.passing == Passing::kReceived;
    std::vector<bool>& noted = receives ? received_ : sent_;
    for (std::size_t m = 0; m < strays.size(); ++m) {
      Bindings places = steps_[i].places;
      const bool possible = !noted[m] && !(receives && strays[m].lost);
      const std::int64_t t = receives ? strays[m].at : strays[m].event.t;
      if (!possible || !in_time(t, range) || !matcher_.fits(line, strays[m], places)) continue;
      told.events.push_back(&strays[m].event);
      add_rules(line, told.by_message);
      noted[m] = true;
      return;
    }
  }

  const M& model_;
  const Matcher& matcher_;
  const std::int64_t slack_;
  std::vector<Step> steps_;
  std::vector<std::int64_t> not_before_;  // of each step: what those before it show
  std::vector<std::int64_t> not_after_;   // of each step: what it and those after it show
  std::vector<std::vector<bool>> noted_;  // by stream: the ambient events that a step of the witness writes
  std::vector<bool> sent_;                // by stray message
  std::vector<bool> received_;
};

}  // namespace mc
