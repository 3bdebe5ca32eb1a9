// The record of a wire between Ray's processes, messages.jsonl: what tests/ray/wire wrote beside Ray's own logs, line
// by line (tests/ray/README.md, "The record of a wire").
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/conform/record.hpp"
#include "checker/core/result.hpp"

namespace raymc {

/// A message, or the end of a process, in the words of the file.
struct SeenMessage {
  std::int64_t t = 0;
  std::optional<std::int64_t> at;   ///< when it was passed on
  std::uint64_t number = 0;         ///< in the order in which the wire saw them
  std::optional<std::uint64_t> of;  ///< of a reply: the number of its request; older records do not say
  std::string is;                   ///< "request", "reply" or "end"; "notice": inside a reply
  std::string call;
  std::string from;    ///< number of the process
  std::string sender;  ///< with its role: "raylet1:4711"
  std::string to;
  std::string receiver;
  bool failed = false;  ///< a reply that is an error
  bool lost = false;    ///< it was not passed on, and its caller was told so
  std::vector<std::pair<std::string, std::string>> ids;
  std::string subscriber;  ///< of a subscription or a poll: the id under which the GCS knows who sends it
  std::uint32_t line = 0;
};

/// Reads the file as it comes.
class MessageReader {
 public:
  /// A file begins, in which there may be nothing.
  void begin(const std::string& file) { begun_ = file; }

  /// The next line. An error: it is no line of such a file. `cut`: the file ends within it.
  [[nodiscard]] std::optional<mc::InputError> take(const std::string& file, std::uint32_t number, std::string_view text,
                                                   bool cut);

  /// When everything is read: a record without messages, or a process that sends something after its end.
  [[nodiscard]] std::optional<mc::InputError> mistake_as_a_whole();

  [[nodiscard]] bool has_read() const { return !file_.empty(); }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] std::vector<SeenMessage>& messages() { return messages_; }

 private:
  /// False: it is no such list.
  [[nodiscard]] bool add_news(std::string_view news, const SeenMessage& answer);
  [[nodiscard]] std::optional<mc::InputError> mistake_in_order();

  std::string begun_;  // a file whose head may be still to come
  std::string file_;
  std::set<std::uint64_t> numbers_;
  std::vector<SeenMessage> messages_;
};

/// Messages of Ray's processes that have no log.
struct Strangers {
  std::set<std::string> processes;  ///< with their roles
  std::size_t messages = 0;
  bool any_known = false;  ///< some process has a log
};

/// `pids`: of the processes that have one.
[[nodiscard]] Strangers strangers_in(const std::vector<SeenMessage>& messages, const std::set<std::string>& pids);

/// Whose a process is by its number: the key that names it as a sender, without "from_", and its id; the GCS has
/// neither. Nothing: the process is none of the model's.
using ProcessOf = std::function<std::optional<std::pair<std::string, std::string>>(const std::string& pid)>;

/// The messages that the model has words for, as lines of a record, in the order in which the wire saw them.
[[nodiscard]] std::vector<mc::RecordLine> lines_of(std::vector<SeenMessage> messages, const std::string& file,
                                                   const ProcessOf& process_of);

}  // namespace raymc
