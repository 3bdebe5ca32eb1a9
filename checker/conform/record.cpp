#include "checker/conform/record.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>

#include "checker/core/plain.hpp"
#include "checker/report/json_text.hpp"

namespace mc {
namespace {

using nlohmann::ordered_json;

ordered_json header_of(const RecordFile& record) {
  ordered_json header;
  header["format"] = RecordFile::kFormat;
  header["version"] = RecordFile::kVersion;
  header["release"] = record.release;
  header["redacted"] = record.redacted;
  if (record.end) header["end"] = *record.end;
  if (record.wired) header["wired"] = true;
  ordered_json facts = ordered_json::array();
  for (const auto& [name, values] : record.facts) {
    ordered_json fact;
    fact["fact"] = name;
    for (const auto& [key, value] : values) fact[key] = value;
    facts.push_back(std::move(fact));
  }
  header["facts"] = std::move(facts);
  return header;
}

ordered_json object_of(const RecordLine& line) {
  ordered_json object;
  object["t"] = line.t;
  if (line.at) object["at"] = *line.at;
  object["stream"] = line.stream;
  object["kind"] = line.kind;
  ordered_json ids = ordered_json::object();
  for (const auto& [key, value] : line.ids) ids[key] = value;
  object["ids"] = std::move(ids);
  object["file"] = line.file;
  object["line"] = line.line;
  if (!line.text.empty()) object["text"] = line.text;
  return object;
}

InputError mistake(const std::string& file, std::size_t line, const std::string& message) {
  InputError error;
  error.file = file;
  error.line = static_cast<std::uint32_t>(line);
  error.message = message;
  return error;
}

/// Thrown inside the parser only.
struct Mistake {
  std::string message;
};

const ordered_json& member(const ordered_json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) throw Mistake{std::string("the key \"") + key + "\" is missing"};
  return *found;
}

std::string text_of(const ordered_json& object, const char* key) {
  const ordered_json& value = member(object, key);
  if (!value.is_string()) throw Mistake{std::string("\"") + key + "\" is no text"};
  return plain_line(value.get_ref<const std::string&>());
}

/// Times, and numbers of lines.
std::int64_t number_of(const ordered_json& object, const char* key) {
  const ordered_json& value = member(object, key);
  constexpr std::int64_t kMax = std::int64_t{1} << 53U;  // what every reader of JSON keeps exactly
  if (!value.is_number_integer()) throw Mistake{std::string("\"") + key + "\" is no whole number"};
  const bool fits = value.is_number_unsigned()
                        ? value.get<std::uint64_t>() <= std::uint64_t{kMax}
                        : value.get<std::int64_t>() >= -kMax && value.get<std::int64_t>() <= kMax;
  if (!fits) throw Mistake{std::string("\"") + key + "\" is too large"};
  return value.get<std::int64_t>();
}

void only(const ordered_json& object, std::initializer_list<std::string_view> keys) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      throw Mistake{"unknown key \"" + plain_line(key, 40) + "\""};
  }
}

void read_header(const ordered_json& object, RecordFile& record) {
  only(object, {"format", "version", "release", "redacted", "end", "wired", "facts"});
  if (text_of(object, "format") != RecordFile::kFormat) throw Mistake{"this is no record of a run"};
  if (number_of(object, "version") != RecordFile::kVersion) {
    throw Mistake{"records of version " + std::to_string(number_of(object, "version")) +
                  " are not read, only those of " + std::to_string(RecordFile::kVersion)};
  }
  record.release = text_of(object, "release");
  if (!member(object, "redacted").is_boolean()) throw Mistake{"\"redacted\" is neither true nor false"};
  record.redacted = object["redacted"].get<bool>();
  if (object.contains("end")) record.end = number_of(object, "end");
  if (object.contains("wired")) {
    if (!object["wired"].is_boolean()) throw Mistake{"\"wired\" is neither true nor false"};
    record.wired = object["wired"].get<bool>();
  }
  if (!member(object, "facts").is_array()) throw Mistake{"\"facts\" is no list"};
  for (const ordered_json& fact : object["facts"]) {
    if (!fact.is_object()) throw Mistake{"a fact is no object"};
    std::vector<std::pair<std::string, std::string>> values;
    for (const auto& [key, value] : fact.items()) {
      if (!value.is_string()) throw Mistake{"a value of a fact is no text"};
      if (key != "fact") values.emplace_back(plain_line(key), plain_line(value.get_ref<const std::string&>()));
    }
    record.facts.emplace_back(text_of(fact, "fact"), std::move(values));
  }
}

RecordLine read_line(const ordered_json& object) {
  only(object, {"t", "at", "stream", "kind", "ids", "file", "line", "text"});
  RecordLine line;
  line.t = number_of(object, "t");
  if (object.contains("at")) line.at = number_of(object, "at");
  line.stream = text_of(object, "stream");
  line.kind = text_of(object, "kind");
  const ordered_json& ids = member(object, "ids");
  if (!ids.is_object()) throw Mistake{"\"ids\" is no object"};
  for (const auto& [key, value] : ids.items()) {
    if (!value.is_string()) throw Mistake{"the id \"" + key + "\" is no text"};
    line.ids.emplace_back(plain_line(key), plain_line(value.get_ref<const std::string&>()));
  }
  line.file = text_of(object, "file");
  const std::int64_t number = number_of(object, "line");
  if (number < 0 || number > 0xFFFFFFFFLL) throw Mistake{"\"line\" is no number of a line"};
  line.line = static_cast<std::uint32_t>(number);
  if (object.contains("text")) line.text = text_of(object, "text");
  return line;
}

/// Gives texts numbers, in the order in which they come.
class Interned {
 public:
  explicit Interned(std::vector<std::string>& names) : names_(names) {}
  std::uint16_t operator()(const std::string& name) {
    const auto [place, fresh] = numbers_.try_emplace(name, static_cast<std::uint16_t>(names_.size()));
    if (fresh) names_.push_back(name);
    return place->second;
  }

 private:
  std::vector<std::string>& names_;
  std::unordered_map<std::string, std::uint16_t> numbers_;
};

constexpr std::size_t kIdsMax = Event::kNoId - 1;

std::optional<std::uint16_t> place_in(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - names.begin());
}

/// Compiles line by line.
class Compiler {
 public:
  Compiler(const LogVocabulary& words, const ProcessSorts& sorts, CompiledRecord& out)
      : words_(words), sorts_(sorts), out_(out), texts_(out.texts) {
    out.ids.resize(words.sorts.size());
    for (std::vector<std::string>& names : out.ids) ids_.emplace_back(names);
    introduced_.resize(words.sorts.size());
  }

  void take(const RecordLine& line, std::uint32_t number) {
    const std::uint8_t kind = kind_of(line);
    const LogLineKind& row = words_.kinds[kind];
    Event event;
    event.t = line.t;
    event.line = number;
    event.kind = kind;
    for (const auto& [key, value] : line.ids) event.names.push_back(name_of(key, value));
    if (row.stream == RecordFile::kWire) return take_message(line, row, std::move(event));
    event.stream = stream_of(line.stream, row);
    if (row.introduces != LogLineKind::kNoKey) event.again = !introduce(event, row.introduces);
    EventStream& stream = out_.streams[event.stream];
    if (row.presence == Presence::kAmbient) {
      stream.ambient.emplace_back(static_cast<std::uint32_t>(stream.events.size()), std::move(event));
    } else {
      stream.events.push_back(std::move(event));
      ++out_.events;
    }
  }

 private:
  void take_message(const RecordLine& line, const LogLineKind& row, Event event) {
    if (line.stream != RecordFile::kWire) {
      throw Mistake{"a line of kind \"" + std::string(row.name) + "\" in the stream \"" + line.stream + "\""};
    }
    if (line.at && *line.at < line.t) throw Mistake{"a message is passed on before it is seen"};
    const bool ambient = row.presence == Presence::kAmbient;
    (ambient ? out_.strays : out_.messages).push_back({std::move(event), line.at.value_or(line.t), !line.at});
    if (!ambient) ++out_.events;
  }

  [[nodiscard]] std::uint8_t kind_of(const RecordLine& line) const {
    for (std::size_t i = 0; i < words_.kinds.size(); ++i) {
      if (words_.kinds[i].name == line.kind) return static_cast<std::uint8_t>(i);
    }
    throw Mistake{"the kind \"" + line.kind + "\" is not known"};
  }

  std::uint16_t stream_of(const std::string& name, const LogLineKind& kind) {
    const auto [place, fresh] = streams_.try_emplace(name, static_cast<std::uint16_t>(out_.streams.size()));
    if (fresh) add_stream(name);
    const std::string_view role = out_.streams[place->second].role;
    // "worker.io" writes what "owner.io" writes, for a worker may own tasks.
    const auto thread = [](std::string_view text) { return text.substr(std::min(text.find('.'), text.size())); };
    if (role != kind.stream && (thread(role).empty() || thread(role) != thread(kind.stream))) {
      throw Mistake{"a line of kind \"" + std::string(kind.name) + "\" in the stream \"" + name + "\""};
    }
    return place->second;
  }

  void add_stream(const std::string& name) {
    if (out_.streams.size() >= kIdsMax) throw Mistake{"more than " + std::to_string(kIdsMax) + " streams"};
    EventStream stream;
    stream.name = name;
    const std::string before = name.substr(0, name.find(':'));
    bool known = false;
    for (const auto& [role, sort] : sorts_) {
      if (role != before) continue;
      known = true;
      stream.role = role;
      stream.sort = sort;
    }
    if (!known) throw Mistake{"the stream \"" + name + "\" is not known"};
    if (stream.sort != LogKey::kText) {
      if (before.size() == name.size()) throw Mistake{"the stream \"" + name + "\" does not name its process"};
      stream.process = ids_[stream.sort](name.substr(before.size() + 1));
    }
    out_.streams.push_back(std::move(stream));
  }

  Event::Name name_of(const std::string& key, const std::string& value) {
    for (std::size_t i = 0; i < words_.keys.size(); ++i) {
      if (words_.keys[i].name != key) continue;
      const std::uint8_t sort = words_.keys[i].sort;
      const std::size_t known = sort == LogKey::kText ? out_.texts.size() : out_.ids[sort].size();
      if (known >= kIdsMax) throw Mistake{"more than " + std::to_string(kIdsMax) + " ids of one sort"};
      return {static_cast<std::uint8_t>(i), sort == LogKey::kText ? texts_(value) : ids_[sort](value)};
    }
    throw Mistake{"the id \"" + key + "\" is not known"};
  }

  bool introduce(const Event& event, std::uint8_t key) {
    for (const Event::Name& name : event.names) {
      if (name.key == key) return introduced_[words_.keys[key].sort].insert(name.id).second;
    }
    return true;
  }

  const LogVocabulary& words_;
  const ProcessSorts& sorts_;
  CompiledRecord& out_;
  Interned texts_;
  std::vector<Interned> ids_;
  std::vector<std::unordered_set<std::uint16_t>> introduced_;
  std::unordered_map<std::string, std::uint16_t> streams_;
};

/// What is seen after the end of its receiver comes to nobody, wherever it was passed on.
void mark_unheard(CompiledRecord& record, const LogVocabulary& words) {
  using Place = std::pair<std::int64_t, std::uint32_t>;
  std::map<std::pair<std::uint8_t, std::uint16_t>, Place> ends;
  const auto for_ends_of = [&words](const Message& message, Side side, const auto& act) {
    for (const Event::Name& name : message.event.names) {
      if (words.keys[name.key].side == side) act(std::pair{words.keys[name.key].sort, name.id});
    }
  };
  for (const auto* messages : {&record.messages, &record.strays}) {
    for (const Message& message : *messages) {
      if (!words.kinds[message.event.kind].ends) continue;
      for_ends_of(message, Side::kFrom, [&](const auto& process) {
        ends[process] = {message.event.t, message.event.line};
      });
    }
  }
  for (auto* messages : {&record.messages, &record.strays}) {
    for (Message& message : *messages) {
      for_ends_of(message, Side::kTo, [&](const auto& process) {
        const auto end = ends.find(process);
        if (end != ends.end() && end->second < Place{message.event.t, message.event.line}) message.lost = true;
      });
    }
  }
}

}  // namespace

std::string to_json_lines(const RecordFile& record) {
  std::string text = json_text(header_of(record), -1) + "\n";
  for (const RecordLine& line : record.lines) text += json_text(object_of(line), -1) + "\n";
  return text;
}

bool is_record_file(const std::filesystem::path& path) {
  if (path.extension() != ".jsonl") return false;
  std::ifstream in(path, std::ios::binary);
  std::string begin(64, '\0');
  in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return begin.find(RecordFile::kFormat) != std::string::npos;
}

Result<RecordFile> parse_record(std::string_view text, const std::string& file) {
  RecordFile record;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return mistake(file, number, "the last line is cut off");
    const ordered_json object = ordered_json::parse(text.substr(0, end), nullptr, false);
    text.remove_prefix(end + 1);
    if (!object.is_object()) return mistake(file, number, "this line is no JSON object");
    try {
      if (number == 1) {
        read_header(object, record);
      } else {
        record.lines.push_back(read_line(object));
      }
    } catch (const Mistake& wrong) {
      return mistake(file, number, wrong.message);
    }
  }
  if (number == 0) return mistake(file, 0, "the file is empty");
  return record;
}

std::optional<std::uint16_t> CompiledRecord::find(std::uint8_t sort, std::string_view id) const {
  return place_in(ids[sort], id);
}

std::optional<std::uint16_t> CompiledRecord::find_text(std::string_view text) const {
  return place_in(texts, text);
}

Result<CompiledRecord> compile(const RecordFile& record, const LogVocabulary& words, const ProcessSorts& sorts,
                               const std::string& file) {
  CompiledRecord out;
  out.wired = record.wired;
  Compiler compiler(words, sorts, out);
  for (std::size_t i = 0; i < record.lines.size(); ++i) {
    try {
      compiler.take(record.lines[i], static_cast<std::uint32_t>(i));
    } catch (const Mistake& wrong) {
      return mistake(file, i + 2, wrong.message);  // the first line of a record file is its header
    }
  }
  mark_unheard(out, words);
  const auto earlier = [](const Message& a, const Message& b) { return a.event.t < b.event.t; };
  std::stable_sort(out.messages.begin(), out.messages.end(), earlier);
  if (!out.messages.empty() && !out.wired) return mistake(file, 1, "there are messages, and no word of a wire");
  return out;
}

}  // namespace mc
