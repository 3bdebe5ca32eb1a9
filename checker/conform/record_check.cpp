#include "checker/conform/record_check.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace mc {
namespace {

constexpr std::uint32_t bit(std::uint8_t key) {
  return 1U << key;
}

class LineCheck {
 public:
  explicit LineCheck(const LogVocabulary& words) : words_(words), told_(words.kinds.size()) {}

  /// What is wrong with the line; nothing: it is sound.
  [[nodiscard]] std::optional<std::string> wrong(const RecordLine& line) {
    const auto kind = std::ranges::find(words_.kinds, line.kind, &LogLineKind::name);
    if (kind == words_.kinds.end()) return "the kind \"" + line.kind + "\" is not known";
    what_ = "a line of kind \"" + line.kind + "\"";
    std::uint32_t keys = 0;
    for (const auto& [key, value] : line.ids) {
      const std::optional<std::uint8_t> known = key_named(key);
      if (!known) return "the id \"" + key + "\" is not known";
      if ((keys & bit(*known)) != 0) return what_ + " names \"" + key + "\" twice";
      if (value.empty()) return what_ + " has an empty \"" + key + "\"";
      keys |= bit(*known);
    }
    if (line.at && kind->stream != RecordFile::kWire) return what_ + " is no message, and has \"at\"";
    const auto number = static_cast<std::uint8_t>(kind - words_.kinds.begin());
    if (auto misfit = misfit_of(line, number, keys)) return misfit;
    if (kind->presence == Presence::kAmbient) return std::nullopt;
    return of_another_reader(number, keys);
  }

  /// What is wrong with a message, or the end of a process, after those before it.
  [[nodiscard]] std::optional<std::string> out_of_order(const RecordLine& line, std::size_t number) {
    const auto kind = std::ranges::find(words_.kinds, line.kind, &LogLineKind::name);
    if (kind == words_.kinds.end() || kind->stream != RecordFile::kWire) return std::nullopt;
    for (const auto& [key, value] : line.ids) {
      const std::uint8_t known = key_named(key).value_or(0);
      if (words_.keys[known].side != Side::kFrom) continue;
      const std::pair who{words_.keys[known].sort, value};
      const auto ended = ended_.find(who);
      if (ended == ended_.end()) {
        if (kind->ends) ended_.emplace(who, number);
        continue;
      }
      const std::string process = std::string(words_.sorts[who.first].name) + " " + value;
      return (kind->ends ? process + " ends once more" : "a message of " + process) + " after its end in line " +
             std::to_string(ended->second) +
             ": what has ended sends nothing, and what is started again is another process";
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<std::uint8_t> key_named(std::string_view name) const {
    const auto found = std::ranges::find(words_.keys, name, &LogKey::name);
    if (found == words_.keys.end()) return std::nullopt;
    return static_cast<std::uint8_t>(found - words_.keys.begin());
  }

  [[nodiscard]] static std::string text_of(const RecordLine& line, std::string_view key) {
    for (const auto& [name, value] : line.ids) {
      if (name == key) return value;
    }
    return {};
  }

  /// Says which key is missing or too many, by the form that comes nearest.
  [[nodiscard]] std::optional<std::string> misfit_of(const RecordLine& line, std::uint8_t kind, std::uint32_t keys) {
    std::optional<std::string> nearest;
    int distance = 0;
    std::size_t like = 0;  // texts that the forms have in common with the line
    bool any = false;
    for (const LogForm& form : words_.forms) {
      if (form.kind != kind) continue;
      any = true;
      std::size_t said = 0;
      while (said < form.says.size()) {
        const auto& [key, text] = form.says[said];
        if (text_of(line, words_.keys[key].name) != text) break;
        ++said;
      }
      const std::uint32_t missing = form.required & ~keys;
      const std::uint32_t foreign = keys & ~form.allowed;
      const bool fits = said == form.says.size();
      if (fits && missing == 0 && foreign == 0) return std::nullopt;
      const int apart = std::popcount(missing) + std::popcount(foreign) + (fits ? 0 : 1);
      if (nearest && (said < like || (said == like && apart >= distance))) continue;
      like = said;
      distance = apart;
      nearest = fits ? said_of(missing, foreign, line, form) : unknown_text(line, form.says[said].first);
    }
    if (!any) return std::nullopt;  // the vocabulary does not say
    return nearest;
  }

  [[nodiscard]] std::string said_of(std::uint32_t missing, std::uint32_t foreign, const RecordLine& line,
                                    const LogForm& form) const {
    std::string what = what_;
    for (const auto& [key, text] : form.says) {
      if (text_of(line, words_.keys[key].name) == text) what += " (" + std::string(text) + ")";
    }
    if (missing != 0) return what + " does not say its \"" + first_of(missing) + "\"";
    return what + " names \"" + first_of(foreign) + "\", which such a line does not have";
  }

  [[nodiscard]] std::string unknown_text(const RecordLine& line, std::uint8_t key) const {
    const std::string name(words_.keys[key].name);
    if (text_of(line, name).empty()) return what_ + " does not say its \"" + name + "\"";
    return what_ + ": \"" + name + "\" is never \"" + text_of(line, name) + "\" there";
  }

  [[nodiscard]] std::string first_of(std::uint32_t keys) const {
    return std::string(words_.keys[static_cast<std::size_t>(std::countr_zero(keys))].name);
  }

  /// What lines of a kind may lack, older readers left out: all of one record have it, or none.
  [[nodiscard]] std::optional<std::string> of_another_reader(std::uint8_t kind, std::uint32_t keys) {
    const auto [first, fresh] = std::pair(told_[kind], !told_[kind]);
    if (fresh) told_[kind] = keys;
    if (fresh || *first == keys) return std::nullopt;
    const std::uint32_t one = *first ^ keys;
    for (const LogForm& form : words_.forms) {
      if (form.kind != kind || !form.says.empty() || (form.allowed & ~form.required & one) == 0) continue;
      return what_ + ((keys & one) != 0 ? " says its \"" : " does not say its \"") + first_of(one) +
             "\", and an earlier one of this record is otherwise: one reader wrote both";
    }
    return std::nullopt;
  }

  const LogVocabulary& words_;
  std::string what_;
  std::vector<std::optional<std::uint32_t>> told_;                     // by kind: the keys of its first line
  std::map<std::pair<std::uint8_t, std::string>, std::size_t> ended_;  // the line of its end, by process
};

}  // namespace

std::optional<InputError> mistake_in_lines(const RecordFile& record, const LogVocabulary& words,
                                           const std::string& file, LinesFrom from) {
  LineCheck check(words);
  constexpr std::size_t kHeader = 1;  // lines of a record file in front of its first event
  const auto number_of = [&](std::size_t i) {
    return from == LinesFrom::kLogs ? record.lines[i].line : static_cast<std::uint32_t>(i + 1 + kHeader);
  };
  const auto at = [&](std::size_t i, std::string message) {
    InputError error;
    error.file = from == LinesFrom::kLogs ? record.lines[i].file : file;
    error.line = number_of(i);
    error.message = std::move(message);
    return error;
  };
  std::vector<std::size_t> order(record.lines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (const std::size_t i : order) {
    if (auto wrong = check.wrong(record.lines[i])) return at(i, std::move(*wrong));
  }
  std::ranges::stable_sort(order, {}, [&record](std::size_t i) { return record.lines[i].t; });
  for (const std::size_t i : order) {
    if (auto wrong = check.out_of_order(record.lines[i], number_of(i))) return at(i, std::move(*wrong));
  }
  return std::nullopt;
}

}  // namespace mc
