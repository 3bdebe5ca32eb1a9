// A counterexample as a file: JSON, format "raymc.trace", version 2. It holds the whole scenario and, for each step,
// everything that a person or a replay needs, so that it can be read without the model that gave it.
// Written by check, read by trace and replay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/core/fingerprint.hpp"
#include "checker/core/result.hpp"

namespace mc {

/// Pairs of a name and a value in words, in the order in which they are shown.
using Facts = std::vector<std::pair<std::string, std::string>>;

/// A rule that fired, with its source in words; the source may be empty.
struct FiredRule {
  std::string id;
  std::string source;
  friend bool operator==(const FiredRule&, const FiredRule&) = default;
};

struct TraceStep {
  std::string action;    ///< name, unique among the actions enabled in the state before
  std::string sentence;  ///< who did what to whom
  bool fault = false;    ///< done by the environment
  std::vector<FiredRule> rules;
  std::vector<std::string> changes;  ///< one line per component
  Fingerprint after = 0;             ///< of the state after the step
  friend bool operator==(const TraceStep&, const TraceStep&) = default;
};

struct TraceFile {
  static constexpr std::string_view kFormat = "raymc.trace";
  static constexpr int kVersion = 2;
  static constexpr std::size_t kBytesMax = 64U << 20U;
  static constexpr std::size_t kStepsMax = 1'000'000;

  std::string scenario;                                ///< name
  std::string scenario_path;                           ///< as the report shows it
  std::string scenario_text;                           ///< the whole file
  std::vector<std::pair<std::string, bool>> settings;  ///< what the command line switched on or off on top of it
  Facts facts;
  std::string property;              ///< id of what is violated; empty if a container overflowed
  std::string kind;                  ///< the word of the property's kind; "overflow" if a container overflowed
  std::string claim;                 ///< in words; what overflowed, if something did
  std::string overflowing;           ///< name of the action that overflowed a container in the last state, or empty
  std::vector<std::string> initial;  ///< the first state in words
  Fingerprint start = 0;             ///< of the first state
  std::vector<TraceStep> steps;
  std::optional<std::size_t> loop;  ///< of a lasso: after so many steps stands the state from where it repeats
  std::vector<std::string> waits;   ///< of liveness: what waits for what at the end, or all the way round the loop
  friend bool operator==(const TraceFile&, const TraceFile&) = default;
};

/// The file's text. The same trace gives the same bytes.
[[nodiscard]] std::string to_json(const TraceFile& trace);

/// Reads a file's text strictly: an unknown format or version, an unknown or missing key, a wrong type, a truncated
/// text and a text longer than kBytesMax are errors. `file` is used in errors only.
[[nodiscard]] Result<TraceFile> parse_trace(std::string_view text, const std::string& file);

}  // namespace mc
