// A counterexample as a file: JSON, format "raymc.trace", version 4, described by specs/schema/trace.schema.json. It
// holds the whole scenario and everything that a person, a view or a replay needs, so that it can be shown without the
// model that gave it. Written by check, read by trace and replay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/core/causes.hpp"
#include "checker/core/fingerprint.hpp"
#include "checker/core/result.hpp"
#include "checker/core/scene.hpp"

namespace mc {

/// Pairs of a name and a value in words, in the order in which they are shown.
using Facts = std::vector<std::pair<std::string, std::string>>;

/// A rule that fired, with its source: a file and a symbol in it, each possibly empty.
struct FiredRule {
  std::string id;
  std::string file;
  std::string symbol;
  friend bool operator==(const FiredRule&, const FiredRule&) = default;
};

/// A component of the state, named by its position.
struct TraceComponent {
  std::string label;
  std::optional<std::size_t> lane;  ///< whose it is, if it is one process's
  friend bool operator==(const TraceComponent&, const TraceComponent&) = default;
};

/// One message from its sending to its end, named by its position. A message that is sent again is another message.
struct TraceMessage {
  std::string kind;
  std::string label;
  std::size_t from = 0;  ///< lane
  std::size_t to = 0;    ///< lane; the same as `from` if a process tells itself something, such as an error
  friend bool operator==(const TraceMessage&, const TraceMessage&) = default;
};

/// What happens to a message: first sent; then received, held or lost; a held one may be released.
enum class MessageEvent : std::uint8_t {
  kSent,
  kReceived,  ///< handled by its receiver
  kHeld,      ///< taken by its receiver, who will answer later
  kLost,      ///< it never comes
  kReleased,  ///< held no more: answered, or forgotten
};

struct MessageMark {
  std::size_t message = 0;
  MessageEvent event = MessageEvent::kSent;
  friend bool operator==(const MessageMark&, const MessageMark&) = default;
};

/// What happens to a process.
enum class ProcessEvent : std::uint8_t {
  kStarting,
  kStarted,
  kCrashed,   ///< ended by the environment
  kEnded,     ///< ended by the protocol
  kCleared,   ///< nothing is left of the ended process; the place is free for another
  kBelieved,  ///< another process, `by`, begins to believe it dead, rightly or not
  kTrusted,   ///< `by` believes it dead no more
};

struct ProcessMark {
  std::size_t lane = 0;
  ProcessEvent event = ProcessEvent::kStarted;
  std::optional<std::size_t> by;  ///< of kBelieved and kTrusted: lane
  friend bool operator==(const ProcessMark&, const ProcessMark&) = default;
};

/// A component's new text.
struct TraceChange {
  std::size_t component = 0;
  std::string text;
  friend bool operator==(const TraceChange&, const TraceChange&) = default;
};

struct TraceStep {
  std::string action;               ///< name, unique among the actions enabled in the state before
  std::string sentence;             ///< who did what to whom
  bool fault = false;               ///< done by the environment
  std::optional<std::size_t> lane;  ///< who acts, or whom a fault strikes
  std::vector<FiredRule> rules;
  Facts bindings;
  std::vector<MessageMark> messages;
  std::vector<ProcessMark> processes;
  std::vector<TraceChange> changes;  ///< by component
  Fingerprint after = 0;             ///< of the state after the step
  friend bool operator==(const TraceStep&, const TraceStep&) = default;
};

/// The state in which a path starts.
struct TraceStart {
  Fingerprint fingerprint = 0;
  std::vector<std::string> components;  ///< a text for each
  std::vector<Life> lives;              ///< one for each lane
  std::vector<MessageMark> messages;    ///< sent, and perhaps held, before the first step
  std::vector<ProcessMark> processes;   ///< who is believed dead by whom
  friend bool operator==(const TraceStart&, const TraceStart&) = default;
};

/// One step that was not taken.
struct OtherStep {
  std::string action;
  std::string sentence;
  friend bool operator==(const OtherStep&, const OtherStep&) = default;
};

/// The point of no return: the last state of the path from which the protocol alone can still avoid the violation.
struct Rescue {
  bool decided = false;              ///< found without reaching the bound
  std::optional<std::size_t> after;  ///< the last such state is the one after so many steps; none: there is none
  std::size_t states = 0;            ///< explored to find it
  std::size_t states_max = 0;        ///< the bound
  std::vector<OtherStep> steps;      ///< how it is avoided from there
  RescueEnd end = RescueEnd::kKept;
  friend bool operator==(const Rescue&, const Rescue&) = default;
};

/// How the protocol alone goes on from the end of a path that is a trap: one fair run.
struct Continuation {
  std::vector<OtherStep> steps;
  std::optional<std::size_t> loop;  ///< after so many of its steps stands the state from where it repeats
  bool rests = false;               ///< it ends where nothing is left to do; else it repeats, or was cut off
  friend bool operator==(const Continuation&, const Continuation&) = default;
};

struct TraceFile {
  static constexpr std::string_view kFormat = "raymc.trace";
  static constexpr int kVersion = 4;
  static constexpr std::string_view kPath = "path";  ///< kind of a trace that shows a path and no violation
  static constexpr std::size_t kBytesMax = 64U << 20U;
  static constexpr std::size_t kStepsMax = 1'000'000;
  static constexpr std::size_t kLanesMax = 1'000;
  static constexpr std::size_t kComponentsMax = 10'000;

  std::string scenario;                                ///< name
  std::string scenario_path;                           ///< as the report shows it
  std::string question;                                ///< of the scenario
  std::string scenario_text;                           ///< the whole file
  std::vector<std::pair<std::string, bool>> settings;  ///< what the command line switched on or off on top of it
  Facts facts;                                         ///< shape, faults, bounds, profile, version, revision
  std::string property;               ///< id of what is violated; empty if nothing is, or a container overflowed
  std::string kind;                   ///< the word of the property's kind; "overflow" if a container overflowed; kPath
  std::string claim;                  ///< in words; what overflowed, if something did
  std::vector<std::string> culprits;  ///< on what the property breaks at the end, with values; perhaps nothing
  std::string overflowing;            ///< name of the action that overflowed a container in the last state, or empty
  std::vector<Lane> lanes;            ///< empty if the model cannot be drawn as processes
  std::vector<TraceComponent> components;
  std::vector<TraceMessage> messages;
  TraceStart start;
  std::vector<TraceStep> steps;
  std::optional<std::size_t> loop;           ///< of a lasso: after so many steps stands the state from where it repeats
  std::optional<Continuation> continuation;  ///< of a trap
  /// What waits for what at the end, the continuation's if there is one, or all the way round the loop; not told of an
  /// invariant.
  std::vector<std::string> waits;
  std::vector<ChainLink> chain;  ///< the steps that the end depends on, in order; empty if it was not asked
  std::optional<Rescue> rescue;  ///< none if it was not asked
  friend bool operator==(const TraceFile&, const TraceFile&) = default;
};

/// The words of the file format.
[[nodiscard]] std::string_view to_string(Life life);
[[nodiscard]] std::string_view to_string(MessageEvent event);
[[nodiscard]] std::string_view to_string(ProcessEvent event);
[[nodiscard]] std::string_view to_string(LinkReason reason);
[[nodiscard]] std::string_view to_string(RescueEnd end);

/// The file's text. The same trace gives the same bytes.
[[nodiscard]] std::string to_json(const TraceFile& trace);

/// Reads a file's text strictly: an unknown format or version, an unknown or missing key, a wrong type, an index out of
/// range, a message that is received before it is sent, a truncated text and a text longer than kBytesMax are errors.
/// `file` is used in errors only.
[[nodiscard]] Result<TraceFile> parse_trace(std::string_view text, const std::string& file);

/// The texts of all components after `count` steps. Cost: all steps before.
[[nodiscard]] std::vector<std::string> components_after(const TraceFile& trace, std::size_t count);

}  // namespace mc
