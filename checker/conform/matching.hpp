// Holds the lines that one action writes against the next lines of a record: which of them it reads, and which real
// things stand at which places of the model then. Messages have no order among themselves but this: what the wire saw
// before a message was sent before that message is received.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/conform/record.hpp"
#include "checker/core/emission.hpp"

namespace mc {

/// Which real thing stands at each place, by sort; kNoId: none is known.
using Bindings = std::vector<std::vector<std::uint16_t>>;

/// How far a message has come.
enum class Fate : std::uint8_t { kUnsent, kSent, kReceived };

/// How far a record is read, and who is who.
struct Reading {
  std::vector<std::uint32_t> next;  ///< by stream: the first event that is not read
  std::vector<Fate> fates;          ///< by message
  std::size_t sent = 0;             ///< so many messages, the first ones that the wire saw, have all been sent
  Bindings places;
  std::size_t read = 0;
};

/// Nothing read; nobody known but those that are given: ids by place, by sort.
[[nodiscard]] Reading first_reading(const CompiledRecord& record, const LogVocabulary& words, const Bindings& known);

/// Adds the rules that a message is of.
void add_rules(const Emission& message, std::vector<std::uint16_t>& rules);

/// What a step reads.
struct Match {
  Reading reading;                        ///< after it
  std::int64_t first = 0;                 ///< time of the oldest event that is read
  std::vector<const Event*> events;       ///< in the order of the lines
  std::vector<std::uint16_t> rules;       ///< that wrote them
  std::vector<std::uint16_t> by_message;  ///< rules that sent or received messages, or ended processes
};

/// Matches the lines of steps with the events of a record.
class Matcher {
 public:
  /// `slack`: milliseconds by which a line may be older than one that is read before it; none: clocks are not looked
  /// at. `unordered`: streams that keep no time order with others.
  Matcher(const CompiledRecord& record, const LogVocabulary& words, std::optional<std::int64_t> slack,
          std::string_view unordered);

  /// Reads the lines, each the next of its stream, those of one stream in any order. `optional`: bit per optional line,
  /// in their order: whether it was written. Nothing if they are not what comes next.
  [[nodiscard]] std::optional<Match> match(const std::vector<Emission>& lines, const Reading& reading,
                                           std::uint32_t optional) const;

  /// Whether a message that is seen may be what a line of that sort says.
  [[nodiscard]] bool fits(const Emission& line, const Message& message, Bindings& places) const;

  /// Why the line is not the next of its stream; empty if it is. In words, with the names of the record.
  [[nodiscard]] std::string misfit(const Emission& line, const Reading& reading) const;

  /// The stream that the line would stand in.
  [[nodiscard]] std::optional<std::uint16_t> stream_of(const Emission& line, const Reading& reading) const;

  /// The line fits the event; what becomes known is added to `places`.
  [[nodiscard]] bool fits(const Emission& line, const Event& event, Bindings& places) const;

  /// The stream keeps no time order with others.
  [[nodiscard]] bool is_unordered(std::uint16_t stream) const { return unordered_[stream]; }

  [[nodiscard]] const CompiledRecord& record() const { return record_; }
  [[nodiscard]] const LogVocabulary& words() const { return words_; }

 private:
  [[nodiscard]] bool pass(const Emission& line, Match& found, std::int64_t& latest) const;
  [[nodiscard]] bool in_time(const Reading& reading, std::int64_t latest) const;

  const CompiledRecord& record_;
  const LogVocabulary& words_;
  std::optional<std::int64_t> slack_;
  std::vector<bool> unordered_;                                   // by stream
  std::vector<std::vector<std::vector<std::uint16_t>>> streams_;  // by kind's role, then process; see stream_of
  std::vector<std::string_view> roles_;
};

}  // namespace mc
