#include "specs/logs/texts.hpp"

#include <algorithm>
#include <fstream>

#include "specs/toml_reader.hpp"

namespace raymc {
namespace {

/// A text that begins like another by fewer characters is not taken for it.
constexpr std::size_t kPrefixMin = 10;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

template <class Matches>
std::size_t length_of(std::string_view text, Matches matches) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), matches) - text.begin());
}

mc::InputError mistake(const std::string& file, std::uint32_t line, std::string message) {
  mc::InputError error;
  error.file = file;
  error.line = line;
  error.message = std::move(message);
  return error;
}

std::uint32_t line_of(const toml::node& node) {
  return static_cast<std::uint32_t>(node.source().begin.line);
}

std::optional<LogProcess> process_named(std::string_view name) {
  if (name == "owner") return LogProcess::kOwner;
  if (name == "worker") return LogProcess::kWorker;
  if (name == "raylet") return LogProcess::kRaylet;
  if (name == "gcs") return LogProcess::kGcs;
  return std::nullopt;
}

std::optional<LogKind> kind_named(std::string_view name) {
  for (const LogKindRow& row : log_kind_table()) {
    if (row.id == name && row.kind != LogKind::kNone) return row.kind;
  }
  return std::nullopt;
}

mc::Result<LogEntry> entry_of(const toml::table& table, bool is_fact, const std::string& file) {
  LogEntry entry;
  entry.line = static_cast<std::uint32_t>(table.source().begin.line);
  const auto wrong = [&](const std::string& message) { return mistake(file, entry.line, message); };
  for (const auto& [key, value] : table) {
    const std::optional<std::string> text = value.value<std::string>();
    if (!text) return mistake(file, line_of(value), "\"" + std::string(key.str()) + "\" is no text");
    if (key == "process") {
      const std::optional<LogProcess> process = process_named(*text);
      if (!process) return mistake(file, line_of(value), "\"" + *text + "\" is none of owner, worker, raylet, gcs");
      entry.process = *process;
    } else if (key == "file") {
      entry.file = *text;
    } else if (key == "text") {
      entry.text = *text;
    } else if (key == "how") {
      entry.how = *text;
    } else if (key == "fact" && is_fact) {
      entry.fact = *text;
    } else if (key == "kind" && !is_fact) {
      const std::optional<LogKind> kind = kind_named(*text);
      if (!kind) return mistake(file, line_of(value), "there is no kind of line \"" + *text + "\"");
      entry.kind = *kind;
    } else {
      return mistake(file, line_of(value), "unknown key \"" + std::string(key.str()) + "\"");
    }
  }
  if (entry.file.empty() || entry.text.empty()) return wrong("an entry needs \"file\" and \"text\"");
  if (entry.fact.empty() == (entry.kind == LogKind::kNone)) return wrong("an entry needs its kind or fact");
  mc::Result<LogText> pattern = LogText::parse(entry.text);
  if (!pattern.ok()) return wrong(pattern.error().message);
  entry.pattern = std::move(pattern.value());
  return entry;
}

}  // namespace

mc::Result<LogText> LogText::parse(std::string_view text) {
  LogText parsed;
  const auto wrong = [](const std::string& message) { return mistake("", 0, message); };
  while (true) {
    Piece piece;
    // A brace that is no part of a hole stands for itself: "{{*resources}}" is a hole between braces.
    std::size_t open = text.find('{');
    while (open != std::string_view::npos && open + 1 < text.size() && text[open + 1] == '{') ++open;
    piece.literal = std::string(text.substr(0, open));
    if (open == std::string_view::npos) {
      piece.last = true;
      if (parsed.pieces_.empty() || !piece.literal.empty()) parsed.pieces_.push_back(std::move(piece));
      return parsed;
    }
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) return wrong("a brace is not closed");
    piece.name = std::string(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
    if (!piece.name.empty() && piece.name.front() == '*') {
      piece.name.erase(0, 1);
    } else if (piece.name == "pid") {
      piece.hole = Hole::kDigits;
    } else if (piece.name == "how" || piece.name == "call") {
      piece.hole = Hole::kWord;
    } else {
      for (const std::string_view known : {"task", "lease", "node", "target", "worker", "owner", "object"}) {
        if (piece.name == known) piece.hole = Hole::kHex;
      }
      if (piece.hole != Hole::kHex)
        return wrong("there is no hole {" + piece.name + "}; did you mean {*" + piece.name + "}?");
    }
    // An id or a word ends by itself, but only at something that could not go on with it.
    const bool apart = parsed.pieces_.empty() || !piece.literal.empty() ||
                       (piece.hole == Hole::kAny && parsed.pieces_.back().hole != Hole::kAny);
    if (!apart) return wrong("two holes stand side by side");
    parsed.pieces_.push_back(std::move(piece));
  }
}

bool LogText::begins(std::string_view message) const {
  const std::string& first = pieces_.front().literal;
  return first.size() >= kPrefixMin && message.substr(0, first.size()) == first;
}

bool LogText::read(std::string_view message, Found& found) const {
  found.clear();
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (message.substr(0, piece.literal.size()) != piece.literal) return false;
    message.remove_prefix(piece.literal.size());
    if (piece.last) return message.empty();
    std::size_t length = message.size();
    switch (piece.hole) {
      case Hole::kHex:
        length = length_of(message, is_hex);
        if (length < 8) return false;
        break;
      case Hole::kDigits: length = length_of(message, is_digit); break;
      case Hole::kWord: length = length_of(message, is_word); break;
      case Hole::kAny:
        if (i + 1 < pieces_.size()) length = message.find(pieces_[i + 1].literal);
        if (length == std::string_view::npos) return false;
        break;
    }
    if (length == 0 && piece.hole != Hole::kAny) return false;
    if (!piece.name.empty()) found.emplace_back(piece.name, message.substr(0, length));
    message.remove_prefix(length);
  }
  return message.empty();
}

std::vector<std::string_view> LogText::parts() const {
  std::vector<std::string_view> parts;
  for (const Piece& piece : pieces_) parts.emplace_back(piece.literal);
  return parts;
}

mc::Result<LogTable> LogTable::load(const std::filesystem::path& path) {
  const std::string file = path.string();
  std::ifstream in(path);
  if (!in) return mistake(file, 0, "cannot be read");
  toml::parse_result parsed = toml::parse(in, file);
  if (!parsed) {
    return mistake(file, static_cast<std::uint32_t>(parsed.error().source().begin.line),
                   std::string(parsed.error().description()));
  }
  const toml::table root = std::move(parsed).table();
  LogTable table;
  table.release_ = root["release"].value_or(std::string());
  if (const toml::array* versions = root["versions"].as_array()) {
    for (const toml::node& version : *versions) table.versions_.push_back(version.value_or(std::string()));
  }
  if (table.release_.empty() || table.versions_.empty())
    return mistake(file, 0, "\"release\" or \"versions\" is missing");
  for (const auto& [key, is_fact] : {std::pair("line", false), std::pair("fact", true)}) {
    const toml::array* entries = root[key].as_array();
    if (entries == nullptr) return mistake(file, 0, "there is no [[" + std::string(key) + "]]");
    for (const toml::node& node : *entries) {
      if (!node.is_table()) return mistake(file, line_of(node), "an entry is no table");
      mc::Result<LogEntry> entry = entry_of(*node.as_table(), is_fact, file);
      if (!entry.ok()) return entry.error();
      table.by_file_[entry.value().file].push_back(table.entries_.size());
      table.entries_.push_back(std::move(entry.value()));
    }
  }
  return table;
}

bool LogTable::covers(std::string_view version) const {
  return std::any_of(versions_.begin(), versions_.end(), [&](const std::string& prefix) {
    return version.substr(0, prefix.size()) == prefix || std::string(version) + "." == prefix;
  });
}

LogTable::Reading LogTable::read(LogProcess process, std::string_view file, std::string_view message) const {
  Reading reading;
  const auto candidates = by_file_.find(std::string(file));
  if (candidates == by_file_.end()) return reading;
  for (const std::size_t index : candidates->second) {
    const LogEntry& entry = entries_[index];
    // A worker may own tasks, too.
    const bool its_own =
        entry.process == process || (entry.process == LogProcess::kOwner && process == LogProcess::kWorker);
    if (!its_own) continue;
    if (entry.pattern.read(message, reading.found)) {
      reading.entry = &entry;
      reading.changed = nullptr;
      return reading;
    }
    if (entry.pattern.begins(message)) reading.changed = &entry;
  }
  return reading;
}

mc::Result<std::vector<LogTable>> load_log_tables(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".toml") paths.push_back(entry.path());
  }
  if (failure || paths.empty()) return mistake(folder.string(), 0, "there are no tables of log texts here");
  std::sort(paths.begin(), paths.end());
  std::vector<LogTable> tables;
  for (const std::filesystem::path& path : paths) {
    mc::Result<LogTable> table = LogTable::load(path);
    if (!table.ok()) return table.error();
    tables.push_back(std::move(table.value()));
  }
  return tables;
}

}  // namespace raymc
