#include "specs/logs/messages.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "checker/core/plain.hpp"
#include "model/log/kind.hpp"
#include "model/log/told.hpp"
#include "model/log/wire.hpp"
#include "specs/logs/files.hpp"

namespace raymc {
namespace {

using nlohmann::json;

constexpr std::string_view kFormat = "raymc.wire";
constexpr int kVersion = 1;

std::string text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? mc::plain_line(found->get_ref<const std::string&>())
                                                     : std::string();
}

std::optional<std::int64_t> number_in(const json& object, const char* key) {
  const auto found = object.find(key);
  constexpr std::int64_t kMax = std::int64_t{1} << 53U;
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  const auto value = found->get<std::int64_t>();
  if (value < 0 || value > kMax) return std::nullopt;
  return value;
}

/// A key whose value is not of the sort that the format says; empty: there is none.
std::string misfit(const json& object) {
  for (const char* key : {"t", "at", "n", "of", "status"}) {
    if (object.contains(key) && !number_in(object, key)) return key;
  }
  for (const char* key : {"is", "call", "from", "to", "lease", "task", "attempt", "object", "how", "worker", "target",
                          "subscriber", "channels", "news"}) {
    if (object.contains(key) && !object[key].is_string()) return key;
  }
  return object.contains("lost") && !object["lost"].is_boolean() ? "lost" : "";
}

std::string in_quotes(std::string_view key) {
  return "\"" + std::string(key) + "\"";
}

/// The word among these, if a message may say it.
const ToldWord* find_word(std::span<const ToldWord> words, std::string_view word) {
  const auto found = std::ranges::find(words, word, &ToldWord::word);
  return found == words.end() || word.empty() ? nullptr : &*found;
}

/// What a line lacks, or has and should not; empty: it is as the table of what is told says.
std::string mistake_in_keys(const json& object, bool reply) {
  std::set<std::string_view> known{"t", "at", "n", "is", "call", "from", "to", "lost"};
  const std::string name = text_in(object, "call");
  const ToldCall* told = told_call(name);
  if (told == nullptr) return "the call " + in_quotes(name) + " is none that such a record tells of";
  const bool failed = number_in(object, "status").value_or(0) != 0;
  std::string wrong;
  const auto need = [&](std::string_view key) {
    known.insert(key);
    if (!text_in(object, std::string(key).c_str()).empty() || (reply && failed)) return;
    wrong = "a " + std::string(reply ? "reply" : "request") + " of " + name + " without its " + in_quotes(key);
  };
  const auto take = [&](const std::array<ToldKey, ToldCall::kMax>& keys) {
    for (const ToldKey& key : keys) {
      if (key.always && !key.key.empty()) need(key.key);
      known.insert(key.key);
    }
  };
  take(told->keys);
  if (reply) take(told->more);
  if (reply) known.insert({"of", "status"});
  const std::string how = text_in(object, "how");
  const ToldWord* word = find_word(told->asks, how);
  if (word == nullptr && reply) word = find_word(told->answers, how);
  if (word == nullptr && object.contains("how")) return "\"how\" is no result that a message of " + name + " has";
  if (reply && told->always_answers) need("how");
  known.insert("how");
  if (word != nullptr && !word->id.empty()) need(word->id);
  if (object.contains("lost") && object.contains("at")) return "a message that was lost was not passed on";
  if (!wrong.empty()) return wrong;
  for (const auto& [key, value] : object.items()) {
    if (!known.contains(key)) return "a message of " + name + " does not have a " + in_quotes(mc::plain_line(key, 40));
  }
  return {};
}

/// "raylet1:4711": the number after the colon.
std::string pid_in(const std::string& process) {
  const std::size_t colon = process.find(':');
  return colon == std::string::npos ? std::string() : process.substr(colon + 1);
}

const WireCall* call_named(std::string_view name) {
  const auto calls = wire_calls();
  const auto found = std::find_if(calls.begin(), calls.end(), [name](const WireCall& one) { return one.name == name; });
  return found == calls.end() ? nullptr : &*found;
}

bool says_dead(const SeenMessage& answer) {
  return std::find(answer.ids.begin(), answer.ids.end(), std::pair<std::string, std::string>("how", "dead")) !=
         answer.ids.end();
}

/// Nothing: the model has no such message.
std::optional<LogKind> kind_of(const SeenMessage& message, const std::string& sender) {
  if (message.is == "end") {
    if (sender.empty()) return std::nullopt;
    return sender == "worker" ? LogKind::kStrayEnded : LogKind::kProcessEnded;
  }
  if (message.is == "notice") return LogKind::kStrayNotice;
  const WireCall* call = call_named(message.call);
  const bool reply = message.is == "reply";
  if (message.failed) return std::nullopt;
  if (call == nullptr) {
    if (reply && (message.call == kProbeCall || message.call == kStoreCall)) return LogKind::kMessageReply;
    return reply && message.call == kSelfCheckCall && says_dead(message) ? std::optional(LogKind::kStrayReply)
                                                                         : std::nullopt;
  }
  if (call->is_strict(reply)) return reply ? LogKind::kMessageReply : LogKind::kMessageRequest;
  return reply ? LogKind::kStrayReply : LogKind::kStrayRequest;
}

/// Lease requests that their owner has given up, by number: it was told of an error and asks again with the same id
/// while the first request is on its way. Whatever answers the first one comes to nobody.
std::set<std::uint64_t> given_up(const std::vector<SeenMessage>& messages) {
  using Place = std::pair<std::pair<std::string, std::string>, std::vector<std::pair<std::string, std::string>>>;
  std::map<Place, std::uint64_t> waiting;
  std::set<std::uint64_t> over;
  for (const SeenMessage& message : messages) {
    const WireCall* call = call_named(message.call);
    if (call == nullptr || call->rpc != Rpc::kRequestWorkerLease) continue;
    if (message.is == "request") {
      const auto [place, first] = waiting.try_emplace({{message.from, message.to}, message.ids}, message.number);
      if (!first) over.insert(std::exchange(place->second, message.number));
    } else if (message.of) {
      std::erase_if(waiting, [&](const auto& one) { return one.second == *message.of; });
    }
  }
  return over;
}

/// What its caller is told when a call of an owner is lost on the wire, in the words of the line that Ray's own fault
/// injection writes. Nothing: the caller is no owner.
std::optional<mc::RecordLine> loss_of(const mc::RecordLine& message, const std::pair<std::string, std::string>& caller,
                                      const WireCall& call) {
  const bool by_worker = caller.first == "worker";
  // Owners alone make the strict calls; a worker that owns nothing pins its values, too.
  if (!call.strict && (call.rpc != Rpc::kPinObjectIds || by_worker)) return std::nullopt;
  mc::RecordLine line;
  line.t = message.t;
  line.stream = (by_worker ? "worker.calls:" : "owner.calls:") + caller.second;
  line.kind = log_kind_table()[static_cast<std::size_t>(LogKind::kCallFailed)].id;
  line.ids = {{"how", message.kind == "message.reply" || message.kind == "stray.reply" ? "reply" : "request"},
              {"call", std::string(call.name)}};
  line.file = message.file;
  line.line = message.line;
  return line;
}

/// Answers to probes, by number, after which the GCS counts anew: the probe before had none.
std::set<std::uint64_t> first_after_failure(const std::vector<SeenMessage>& messages) {
  std::map<std::string, bool> failed;  // the last probe of a raylet, by its process; true as long as it has no answer
  std::map<std::string, bool> again;
  std::set<std::uint64_t> found;
  for (const SeenMessage& message : messages) {
    if (message.call != kProbeCall) continue;
    if (message.is == "request") {
      again[message.to] = again[message.to] || failed[message.to];
      failed[message.to] = true;
    } else if (!message.failed && message.at) {
      failed[message.from] = false;
      if (std::exchange(again[message.from], false)) found.insert(message.number);
    }
  }
  return found;
}

/// Messages by their numbers, since clocks are coarse; an end, which has none, before the first message that was seen
/// after it.
void in_order(std::vector<SeenMessage>& messages) {
  std::vector<SeenMessage> ends;
  std::vector<SeenMessage> others;
  for (SeenMessage& message : messages) (message.is == "end" ? ends : others).push_back(std::move(message));
  std::ranges::stable_sort(ends, {}, &SeenMessage::t);
  std::ranges::stable_sort(others, {}, &SeenMessage::number);
  messages.clear();
  auto end = ends.begin();
  for (SeenMessage& message : others) {
    for (; end != ends.end() && end->t < message.t; ++end) messages.push_back(std::move(*end));
    messages.push_back(std::move(message));
  }
  std::move(end, ends.end(), std::back_inserter(messages));
}

}  // namespace

std::optional<mc::InputError> MessageReader::take(const std::string& file, std::uint32_t number, std::string_view text,
                                                  bool cut) {
  if (cut) return mistake(file, number, "the file ends within this line");
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return mistake(file, number, "this line is no JSON object");
  if (number == 1) {
    if (text_in(object, "format") != kFormat) return mistake(file, number, "this is no record of a wire");
    if (number_in(object, "version") != kVersion) {
      return mistake(file, number,
                     "records of a wire of another version than " + std::to_string(kVersion) + " are not read");
    }
    if (has_read()) return mistake(file, number, "there are two records of a wire: this and " + file_);
    file_ = file;
    return std::nullopt;
  }
  if (const std::string key = misfit(object); !key.empty()) {
    return mistake(file, number, "\"" + key + "\" is not of the sort that it has in such a record");
  }
  SeenMessage message;
  const std::optional<std::int64_t> t = number_in(object, "t");
  message.is = text_in(object, "is");
  const bool is_end = message.is == "end";
  if (!t || (!is_end && message.is != "request" && message.is != "reply")) {
    return mistake(file, number, "this is neither a message nor the end of a process");
  }
  message.t = *t;
  message.at = number_in(object, "at");
  message.number = static_cast<std::uint64_t>(number_in(object, "n").value_or(0));
  if (!is_end && !numbers_.insert(message.number).second) {
    return mistake(file, number, "two messages have the number " + std::to_string(message.number) + ", or none");
  }
  if (const auto request = number_in(object, "of")) message.of = static_cast<std::uint64_t>(*request);
  message.call = text_in(object, "call");
  message.from = pid_in(text_in(object, "from"));
  message.to = pid_in(text_in(object, "to"));
  if (message.from.empty() || (!is_end && (message.to.empty() || message.call.empty()))) {
    return mistake(file, number, "the line does not say what was sent, by whom and to whom");
  }
  if (message.at && *message.at < message.t) return mistake(file, number, "a message is passed on before it is seen");
  message.sender = text_in(object, "from");
  message.receiver = text_in(object, "to");
  if (is_end) {
    for (const auto& [key, value] : object.items()) {
      if (key != "t" && key != "is" && key != "from") {
        return mistake(file, number, "the end of a process does not have a " + in_quotes(mc::plain_line(key, 40)));
      }
    }
  } else if (std::string wrong = mistake_in_keys(object, message.is == "reply"); !wrong.empty()) {
    return mistake(file, number, std::move(wrong));
  }
  if (const auto lost = object.find("lost"); lost != object.end()) message.lost = lost->is_boolean() && *lost;
  message.failed = number_in(object, "status").value_or(0) != 0;
  for (const char* key : {"lease", "task", "how", "worker", "target"}) {
    if (std::string value = text_in(object, key); !value.empty()) message.ids.emplace_back(key, std::move(value));
  }
  message.subscriber = text_in(object, "subscriber");
  message.line = number;
  if (!add_news(text_in(object, "news"), message)) {
    return mistake(file, number, "\"news\" has a notice that the GCS does not send, or that does not say of whom");
  }
  messages_.push_back(std::move(message));
  return std::nullopt;
}

/// "NodeDead:2c83 JobFinished": each notice is a message of its own.
bool MessageReader::add_news(std::string_view news, const SeenMessage& answer) {
  while (!news.empty()) {
    const std::string_view one = news.substr(0, news.find(' '));
    news.remove_prefix(std::min(news.size(), one.size() + 1));
    const std::size_t colon = std::min(one.find(':'), one.size());
    const ToldWord* word = find_word(told_notices(), one.substr(0, colon));
    const std::string_view about = one.substr(std::min(colon + 1, one.size()));
    if (word == nullptr || word->id.empty() != about.empty()) return false;
    SeenMessage notice = answer;
    notice.is = "notice";
    notice.ids = {{"how", std::string(word->word)}};
    if (!about.empty()) notice.ids.emplace_back(word->id, std::string(about));
    messages_.push_back(std::move(notice));
  }
  return true;
}

std::optional<mc::InputError> MessageReader::mistake_as_a_whole() {
  if (has_read() && !messages_.empty()) return mistake_in_order();
  if (!begun_.empty()) {
    return mistake(begun_, 0, "the record of a wire is empty: there is no message in it",
                   "take the file away to have the logs explained without it");
  }
  return std::nullopt;
}

/// What a process wrote on another connection may be read a moment after its end was noticed.
constexpr std::int64_t kReadLate = 20;

std::optional<mc::InputError> MessageReader::mistake_in_order() {
  for (SeenMessage& end : messages_) {
    if (end.is != "end") continue;
    const std::int64_t noticed = end.t;
    for (const SeenMessage& message : messages_) {
      if (&message == &end || message.from != end.from || message.t <= noticed) continue;
      if (message.is == "end" || message.t > noticed + kReadLate) {
        return mistake(file_, message.line,
                       (message.is == "end" ? "another end of " : "a message of ") + message.sender +
                           " after its end in line " + std::to_string(end.line) +
                           ": what has ended sends nothing, and what is started again is another process");
      }
      end.t = std::max(end.t, message.t);
    }
  }
  return std::nullopt;
}

Strangers strangers_in(const std::vector<SeenMessage>& messages, const std::set<std::string>& pids) {
  Strangers found;
  for (const SeenMessage& message : messages) {
    bool strange = false;
    for (const auto& [pid, process] : {std::pair(message.from, message.sender), {message.to, message.receiver}}) {
      const bool of_ray = !process.starts_with("other");
      found.any_known = found.any_known || pids.contains(pid);
      if (pid.empty() || !of_ray || pids.contains(pid)) continue;
      strange = true;
      found.processes.insert(process);
    }
    if (strange && message.is != "end") ++found.messages;
  }
  return found;
}

std::vector<mc::RecordLine> lines_of(std::vector<SeenMessage> messages, const std::string& file,
                                     const ProcessOf& process_of) {
  in_order(messages);
  std::vector<mc::RecordLine> lines;
  std::int64_t latest = 0;
  std::set<std::string> ended;
  const std::set<std::uint64_t> unheard = given_up(messages);
  const std::set<std::uint64_t> counts_anew = first_after_failure(messages);
  for (const SeenMessage& message : messages) {
    if (message.call == kProbeCall && !counts_anew.contains(message.number)) continue;
    if (message.is == "end") ended.insert(message.from);
    if (message.of && message.is == "reply" && unheard.contains(*message.of)) continue;
    if (message.is == "reply" && ended.contains(message.to)) continue;  // the model has no calls of dead callers
    auto sender = process_of(message.from);
    const auto receiver = message.is == "end" ? sender : process_of(message.to);
    // An answer of the GCS's store matters where it never comes; the store is no process of the model.
    if (message.call == kStoreCall) {
      if (message.is != "reply" || message.at || !receiver) continue;
      sender = receiver;
    }
    if (!sender || !receiver) continue;
    const std::optional<LogKind> kind = kind_of(message, sender->first);
    if (!kind) continue;
    const LogKindRow& row = log_kind_table()[static_cast<std::size_t>(*kind)];
    mc::RecordLine line;
    line.t = latest = std::max(latest, message.t);
    if (message.at) line.at = std::max(*message.at, line.t);
    line.stream = mc::RecordFile::kWire;
    line.kind = row.id;
    if (row.has(LogId::kCall)) line.ids.emplace_back("call", message.call);
    if (!sender->first.empty()) line.ids.emplace_back("from_" + sender->first, sender->second);
    if (message.is != "end" && !receiver->first.empty())
      line.ids.emplace_back("to_" + receiver->first, receiver->second);
    for (const auto& [key, value] : message.ids) {
      for (std::uint8_t id = 0; id < kLogIdCount; ++id) {
        if (row.has(LogId{id}) && name_of(LogId{id}) == key) line.ids.emplace_back(key, value);
      }
    }
    line.file = file;
    line.line = message.line;
    lines.push_back(std::move(line));
    // A call to a process that has ended fails by itself, whatever the wire does with it.
    const bool is_loss = message.lost && !ended.contains(message.to);
    const WireCall* call = is_loss ? call_named(message.call) : nullptr;
    if (call == nullptr) continue;
    if (auto told = loss_of(lines.back(), message.is == "reply" ? *receiver : *sender, *call)) {
      lines.push_back(std::move(*told));
    }
  }
  return lines;
}

}  // namespace raymc
