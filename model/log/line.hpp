// What a row makes its process write to the debug log, as a part of the row: a kind of line, and the ids it names.
// Ids that the row's binding does not give are told by a function of model/log/ids.*.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "checker/core/emission.hpp"
#include "model/ids.hpp"
#include "model/log/kind.hpp"

namespace raymc {

struct Action;
struct View;

/// The ids of one line; those of the row's binding unless a function says otherwise. Ids that are none match any.
struct LogIds {
  TaskId task;
  LeaseId lease;
  NodeId node;
  NodeId target;
  WorkerId worker;
  ObjectId object;
  OwnerId owner;          ///< whose failure the line tells
  std::string_view how;   ///< one word: how a call failed, or how a task ended
  std::string_view call;  ///< the remote procedure
  NodeId at_node;         ///< whose log it is: a raylet,
  WorkerId at_worker;     ///< a worker,
  OwnerId at_owner;       ///< or an owner
};

/// What a function of model/log/ids.* sees: the state before and after the row's effect.
struct LogScene {
  const View& before;
  const View& after;
  const Action& binding;
};

/// One line of a row.
struct LogLine {
  LogKind kind = LogKind::kNone;
  /// Completes the ids; false: this time the row writes no such line. Null: the binding's ids.
  bool (*ids)(const LogScene& scene, LogIds& ids) = nullptr;
  bool optional = false;  ///< the row may also fire without it
};

/// The lines of a row, in any order; none: the row is silent.
struct Logs {
  static constexpr std::size_t kLinesMax = 3;
  std::array<LogLine, kLinesMax> lines{};

  [[nodiscard]] constexpr Logs with(LogLine line) const {
    Logs more = *this;
    for (LogLine& place : more.lines) {
      if (place.kind != LogKind::kNone) continue;
      place = line;
      break;
    }
    return more;
  }
  [[nodiscard]] constexpr bool silent() const { return lines[0].kind == LogKind::kNone; }
};

/// A row that always writes one line.
[[nodiscard]] constexpr Logs says(LogKind kind, bool (*ids)(const LogScene&, LogIds&) = nullptr) {
  return Logs{}.with({kind, ids, false});
}

/// A row that may write a line.
[[nodiscard]] constexpr Logs may_say(LogKind kind, bool (*ids)(const LogScene&, LogIds&) = nullptr) {
  return Logs{}.with({kind, ids, true});
}

}  // namespace raymc
