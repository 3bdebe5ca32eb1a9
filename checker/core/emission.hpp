// What an action of a model makes the processes of a real system write to their logs and send each other, in terms that
// know no protocol: a line or a message has a kind and stands in a stream; it names things, each of a sort ("worker")
// and at a place of the model ("the third"). checker/conform holds such lines against the lines of a real run.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/core/model.hpp"

namespace mc {

/// Whether a line must be there when its rule fires.
enum class Presence : std::uint8_t {
  kRequired,  ///< the rule never fires without it
  kOptional,  ///< the rule may fire without it: the line is cut off or limited in rate
  kAmbient,   ///< the line is written for other reasons, too; it is noted where it fits and holds up nothing
};

/// Whether something is a line of a log, or passes between processes where somebody watches the wires.
enum class Passing : std::uint8_t {
  kLine,      ///< a line of a log
  kSent,      ///< a message leaves its sender
  kReceived,  ///< it comes to its receiver; needs a message that was seen
  kEnded,     ///< a process ends, which those that it talks to notice
};

/// Names of one sort of thing that the model and the log have both.
struct LogSort {
  std::string_view name;    ///< "worker"
  std::uint8_t places = 0;  ///< how many of them the model has room for
  /// Places that the model fills in an order of its own: the search tries whether two of them changed their names.
  bool exchanged = false;
};

/// Of a message: the key names its sender, or its receiver.
enum class Side : std::uint8_t { kNone, kFrom, kTo };

/// A key of a line: "worker" or "target". Without a sort its value is a text that both sides spell alike.
struct LogKey {
  static constexpr std::uint8_t kText = 255;
  std::string_view name;
  std::uint8_t sort = kText;
  Side side = Side::kNone;
};

/// One kind of line.
struct LogLineKind {
  static constexpr std::uint8_t kNoKey = 255;
  std::string_view name;             ///< "lease_granted"
  std::string_view stream;           ///< "raylet"; the part of a stream's name before the colon
  std::uint8_t introduces = kNoKey;  ///< the key whose thing is new with this line
  /// kAmbient, of a message: it is sent and received at other times, too.
  Presence presence = Presence::kRequired;
  bool ends = false;  ///< no message: the process of its sender's key has ended
};

/// Which keys a line of a kind has. A kind may have several forms, told apart by texts: by the call of a message.
struct LogForm {
  std::uint8_t kind = 0;
  std::vector<std::pair<std::uint8_t, std::string_view>> says;  ///< keys and their texts
  std::uint32_t required = 0;                                   ///< bit per key
  std::uint32_t allowed = 0;                                    ///< these and others that a line may lack
};

/// Everything that a record's texts are compared with, by position.
struct LogVocabulary {
  std::vector<LogSort> sorts;
  std::vector<LogKey> keys;
  std::vector<LogLineKind> kinds;
  std::vector<LogForm> forms;  ///< of all kinds
};

/// A thing named in a line: a place of the model, or a text.
struct LoggedName {
  static constexpr std::uint8_t kNowhere = 255;
  std::uint8_t key = 0;
  std::uint8_t place = kNowhere;
  std::string_view text;  ///< of keys without a sort; of static lifetime
};

/// A line that an action writes. Names that the model does not tell are left out.
struct Emission {
  static constexpr std::size_t kNamesMax = 9;
  std::uint8_t kind = 0;
  Passing passing = Passing::kLine;
  std::uint8_t process_sort = LogKey::kText;  ///< whose log it is: a sort and a place of it; none: there is one only
  std::uint8_t process = 0;
  std::string_view stream;  ///< instead of the kind's own, if not empty
  Presence presence = Presence::kRequired;
  std::uint16_t rule = 0;  ///< of the model's rules, the one that writes it
  /// Of a message: the rules inside whose effect that one sends it.
  static constexpr std::size_t kOuterMax = 4;
  std::uint8_t outer_count = 0;
  std::array<std::uint16_t, kOuterMax> outer{};
  std::uint8_t names_count = 0;
  std::array<LoggedName, kNamesMax> names{};
};

/// Refinement: says what each action writes to the logs.
template <class M>
concept Logging = Instrumented<M> && Environmental<M> &&
    requires(const M model, const typename M::State state, const typename M::Action action, RuleSet& fired,
             std::vector<Emission>& lines) {
  { model.log_vocabulary() } -> std::same_as<LogVocabulary>;
  /// As `apply`; appends the lines in the order of the rules that write them.
  { model.apply_logged(state, action, fired, lines) } -> std::same_as<typename M::State>;
  /// The action, although enabled, may be long in coming: a timer, the user's code, the start of a process.
  { model.may_take_long(state, action) } -> std::same_as<bool>;
  /// The ids of the rules that may write lines of a kind.
  { model.rules_that_write(std::uint8_t{}) } -> std::same_as<std::vector<std::string_view>>;
  /// Places `a` and `b` of a sort may change their names: the state stays the same if both change everywhere.
  { model.interchangeable(state, std::uint8_t{}, std::uint8_t{}, std::uint8_t{}) } -> std::same_as<bool>;
};

}  // namespace mc
