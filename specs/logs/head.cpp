// How Ray's log lines begin.
#include <algorithm>

#include "specs/logs/session.hpp"

namespace raymc {
namespace {

/// A whole number of so many digits; -1 if there is none.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Days from 1970-01-01 (Howard Hinnant's days_from_civil).
std::int64_t days_of(int year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int era = (year >= 0 ? year : year - 399) / 400;
  const int of_era = year - era * 400;
  const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return std::int64_t{era} * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

}  // namespace

std::optional<LogHead> log_head(std::string_view line) {
  // [2026-11-29 06:43:08,886 D 30776 31204] (raylet) main.cc:279: message
  if (line.size() < 30 || line.front() != '[') return std::nullopt;
  const int year = digits(line, 1, 4);
  const int month = digits(line, 6, 2);
  const int day = digits(line, 9, 2);
  const int hour = digits(line, 12, 2);
  const int minute = digits(line, 15, 2);
  const int second = digits(line, 18, 2);
  const int milli = digits(line, 21, 3);
  if (std::min({year, month, day, hour, minute, second, milli}) < 0 || line[24] != ' ' || line[26] != ' ')
    return std::nullopt;
  LogHead head;
  head.t = (((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000 + milli;
  head.level = line[25];
  const std::size_t close = line.find(']', 27);
  if (close == std::string_view::npos || close > 60) return std::nullopt;
  head.pid = line.substr(27, line.find(' ', 27) - 27);
  std::string_view rest = line.substr(close + 1);
  if (rest.substr(0, 2) == " (") {
    const std::size_t end = rest.find(") ");
    if (end == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(end + 1);
  }
  if (rest.empty() || rest.front() != ' ') return std::nullopt;
  rest.remove_prefix(1);
  const std::size_t colon = rest.find(':');
  const std::size_t after = colon == std::string_view::npos ? colon : rest.find(": ", colon + 1);
  if (after == std::string_view::npos || after - colon > 8) return std::nullopt;
  head.file = rest.substr(0, colon);
  head.message = rest.substr(after + 2);
  return head;
}

}  // namespace raymc
