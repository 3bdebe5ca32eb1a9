#include "specs/logs/clocks.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "specs/logs/seen_lines.hpp"

namespace raymc {
namespace {

/// Lines and messages that are about the same thing have the same values; "self" is the process whose line it is. The
/// kind of a message is its call.
struct Mark {
  std::string_view kind;
  std::array<std::string_view, 2> ids;
};

/// In another process the second comes after the first, and without much delay.
struct Consequence {
  Mark first;
  Mark second;
};

constexpr Consequence kConsequences[] = {
    {{"request", {"lease", "node"}}, {"queue", {"lease", "self"}}},
    {{"grant", {"lease", "self"}}, {"granted", {"lease", "node"}}},
    {{"spill", {"lease", "self"}}, {"redirected", {"lease", "node"}}},
    {{"push", {"task", "worker"}}, {"accept", {"task", "self"}}},
    {{"accept", {"task", "self"}}, {"answered", {"task", "worker"}}},
    {{"ask_exit", {"worker"}}, {"exit_asked", {"self"}}},
    {{"node_registered", {"node"}}, {"registered_here", {"self"}}},
    {{"node_failed", {"node"}}, {"node_dead", {"node"}}},
    {{"node_failed", {"node"}}, {"owner_node_dead", {"node"}}},
    {{"owner_gone", {"owner"}}, {"owner_failed", {"owner"}}},
    {{"owner_failed", {"owner"}}, {"owner_dead", {"owner"}}},
    {{"sigterm", {"self"}}, {"unregister", {"node"}}},
    {{"unregister", {"node"}}, {"unregistered", {"self"}}},
    {{"drain_node", {"node"}}, {"drain_asked", {"self"}}},
    {{"request", {"lease", "node"}}, {"RequestWorkerLease", {"lease", "to_node"}}},
    {{"RequestWorkerLease", {"lease", "to_node"}}, {"queue", {"lease", "self"}}},
};

/// A line may be written a moment after what it tells, so that small contradictions mean nothing.
constexpr std::int64_t kContradiction = 50;
/// So late nothing of the above comes if clocks are right.
constexpr std::int64_t kLate = 5'000;
/// Of an hour: what time zones are apart.
constexpr std::int64_t kQuarter = 900'000;
constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

using Key = std::pair<std::string_view, std::string>;  // kind and values
struct Moment {
  std::string process;
  std::int64_t t = 0;
};

std::string_view kind_of(const mc::RecordLine& line) {
  if (line.kind != "message.request") return line.kind;
  for (const auto& [key, value] : line.ids) {
    if (key == "call") return value;
  }
  return line.kind;
}

std::string values_of(const Mark& mark, const mc::RecordLine& line) {
  std::string values;
  for (const std::string_view id : mark.ids) {
    if (!id.empty()) values += (id == "self" ? process_of(line) : value_of(line.ids, id)) + " ";
  }
  return values;
}

/// The least time from a line of one process to what follows from it in another one, by these two.
using Delays = std::map<std::pair<std::string, std::string>, std::int64_t>;

Delays delays_in(const std::vector<mc::RecordLine>& lines) {
  // A GCS that was started again registers nodes anew, and an owner that takes a worker for dead has its answer early.
  bool gcs_again = std::ranges::count(lines, "gcs_opens", &mc::RecordLine::kind) > 1;
  std::set<std::string> given_up;
  for (const mc::RecordLine& line : lines) {
    gcs_again = gcs_again || line.kind == "gcs_restarted";
    if (line.kind == "ask_cause") given_up.insert(value_of(line.ids, "task"));
  }
  const auto says_nothing = [&](const mc::RecordLine& line) {
    return (line.kind == "node_registered" && gcs_again) ||
           (line.kind == "answered" && given_up.contains(value_of(line.ids, "task")));
  };
  Delays delays;
  for (const Consequence& rule : kConsequences) {
    std::map<std::string, Moment> first;
    std::map<std::pair<std::string, std::string>, std::int64_t> second;  // by values and process
    for (const mc::RecordLine& line : lines) {
      const std::string_view kind = kind_of(line);
      if (says_nothing(line)) continue;
      if (kind == rule.first.kind) first.try_emplace(values_of(rule.first, line), Moment{process_of(line), line.t});
      if (kind == rule.second.kind) second.try_emplace({values_of(rule.second, line), process_of(line)}, line.t);
    }
    for (const auto& [place, t] : second) {
      const auto before = first.find(place.first);
      if (before == first.end() || before->second.process == place.second) continue;
      std::int64_t& delay = delays.try_emplace({before->second.process, place.second}, kNone).first->second;
      delay = std::min(delay, t - before->second.t);
    }
  }
  return delays;
}

/// By how much a clock is ahead, and how sure that is: less is surer.
struct Difference {
  std::int64_t ahead = 0;
  std::int64_t doubt = 0;
};

/// `at_least` and `at_most`: as the lines show; kNone: they do not. `others`: clocks that it may agree with. Nothing:
/// the lines contradict each other whatever the clock is.
std::optional<Difference> difference(std::int64_t at_least, std::int64_t at_most,
                                     const std::vector<std::int64_t>& others) {
  constexpr std::int64_t kOneWay = std::int64_t{1} << 40U;
  const bool two_ways = at_least != kNone && at_most != kNone;
  if (two_ways && at_most < at_least - kContradiction) return std::nullopt;
  const std::int64_t doubt = two_ways ? std::max<std::int64_t>(at_most - at_least, 0) : kOneWay;
  const std::int64_t shown = at_least == kNone ? at_most : at_least;
  // Most often a clock that is far off is in another time zone.
  std::vector<std::int64_t> likely = others;
  for (const std::int64_t other : others) {
    const std::int64_t quarters = (shown - other + (shown < other ? -kQuarter : kQuarter) / 2) / kQuarter;
    likely.push_back(other + quarters * kQuarter);
  }
  for (const std::int64_t other : likely) {
    const bool not_less = at_least == kNone ? other >= at_most - kLate : other >= at_least - kContradiction;
    const bool not_more = at_most == kNone ? other <= at_least + kLate : other <= at_most + kContradiction;
    if (not_less && not_more) return Difference{other, doubt};
  }
  return Difference{shown, doubt};
}

/// All clocks that can be compared with that of `root`, the surest comparisons first.
ClockErrors compared_with(const std::string& root, const Delays& delays) {
  struct Bounds {
    std::int64_t at_least = kNone;
    std::int64_t at_most = kNone;
    std::vector<std::int64_t> others;
  };
  ClockErrors known{{root, 0}};
  while (true) {
    std::map<std::string, Bounds> unknown;
    for (const auto& [pair, least] : delays) {
      const auto& [first, second] = pair;
      if (known.contains(first) == known.contains(second)) continue;
      Bounds& bounds = unknown[known.contains(first) ? second : first];
      const std::int64_t other = known.contains(first) ? known[first] : known[second];
      if (known.contains(first)) {
        bounds.at_most = std::min(bounds.at_most, other + least);
      } else {
        bounds.at_least = bounds.at_least == kNone ? other - least : std::max(bounds.at_least, other - least);
      }
      bounds.others.push_back(other);
    }
    std::optional<Difference> best;
    std::string whose;
    for (const auto& [process, bounds] : unknown) {
      const std::optional<Difference> found = difference(bounds.at_least, bounds.at_most, bounds.others);
      if (!found || (best && best->doubt <= found->doubt)) continue;
      best = found;
      whose = process;
    }
    if (!best) return known;
    known[whose] = best->ahead;
  }
}

}  // namespace

std::string process_of(const mc::RecordLine& line) {
  return line.stream.substr(line.stream.find(':') + 1);  // all of it if there is no colon
}

ClockErrors clock_errors(const std::vector<mc::RecordLine>& lines) {
  const Delays delays = delays_in(lines);
  ClockErrors errors;
  for (const auto& [pair, least] : delays) {
    if (errors.contains(pair.first)) continue;
    ClockErrors compared = compared_with(pair.first, delays);
    // Most are right: the clock that agrees with as many others as possible.
    std::int64_t right = 0;
    std::ptrdiff_t most = 0;
    for (const auto& [process, ahead] : compared) {
      const auto agree = std::ranges::count_if(
          compared, [&ahead = ahead](const auto& other) { return std::abs(other.second - ahead) <= kContradiction; });
      if (agree <= most) continue;
      most = agree;
      right = ahead;
    }
    for (const auto& [process, ahead] : compared) {
      errors[process] = std::abs(ahead - right) <= kContradiction ? 0 : ahead - right;
    }
  }
  std::erase_if(errors, [](const auto& one) { return one.second == 0; });
  return errors;
}

void set_right(std::vector<mc::RecordLine>& lines, const ClockErrors& errors) {
  for (mc::RecordLine& line : lines) {
    const auto error = errors.find(process_of(line));
    if (error == errors.end()) continue;
    line.t -= error->second;
    if (line.at) *line.at -= error->second;
  }
  std::ranges::stable_sort(lines, {}, &mc::RecordLine::t);
}

std::vector<std::string> notes_of(const ClockErrors& errors) {
  std::vector<std::string> notes;
  for (const auto& [process, error] : errors) {
    notes.push_back("the clock of " + process + " is " + std::to_string(std::abs(error) / 1'000) + "." +
                    std::to_string(std::abs(error) / 100 % 10) + " s " + (error > 0 ? "ahead of" : "behind") +
                    " the others, as what follows from what shows: its times were set right");
  }
  return notes;
}

std::vector<std::string> set_clocks(mc::RecordFile& record) {
  const ClockErrors errors = clock_errors(record.lines);
  if (errors.empty()) return {};
  if (record.end) {
    // It is when a driver left: that one whose own clock was nearest to it.
    std::map<std::string, std::int64_t> last;
    for (const mc::RecordLine& line : record.lines) {
      if (line.stream.starts_with("owner.")) last[process_of(line)] = line.t;
    }
    const auto apart = [&](const auto& one) { return std::abs(*record.end - one.second); };
    const auto leaver = std::ranges::min_element(last, {}, apart);
    const auto error = leaver == last.end() ? errors.end() : errors.find(leaver->first);
    if (error != errors.end()) *record.end -= error->second;
  }
  set_right(record.lines, errors);
  return notes_of(errors);
}

}  // namespace raymc
