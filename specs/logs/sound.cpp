#include "specs/logs/sound.hpp"

#include <algorithm>

#include "model/log/book.hpp"
#include "specs/logs/facts.hpp"
#include "specs/logs/files.hpp"

namespace raymc {

std::optional<mc::InputError> mistake_in(const mc::RecordFile& record, const std::string& file, mc::LinesFrom from,
                                         const std::string& release, const std::vector<LogTable>& tables) {
  const std::uint32_t header = from == mc::LinesFrom::kRecordFile ? 1 : 0;
  const auto has_table = [&tables](const std::string& name) {
    return std::ranges::any_of(tables, [&name](const LogTable& table) { return table.release() == name; });
  };
  std::string known;
  for (const LogTable& table : tables) known += (known.empty() ? "" : ", ") + table.release();
  if (!release.empty() && !has_table(release)) {
    return mistake("", 0, "there is no table of log texts for Ray " + release, "there are tables for " + known);
  }
  if (!has_table(record.release)) {
    return mistake(file, header, "\"release\" is \"" + record.release + "\", of which there is no table of log texts",
                   "there are tables for " + known);
  }
  if (!release.empty() && release != record.release) {
    return mistake(file, header, "this is a record of Ray " + record.release + ", not of " + release);
  }
  if (const auto wrong = mistake_in_facts(record)) return mistake(file, header, *wrong);
  return mc::mistake_in_lines(record, log_words(), file, from);
}

}  // namespace raymc
