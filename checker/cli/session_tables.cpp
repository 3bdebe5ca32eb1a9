#include "checker/cli/session_tables.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "checker/core/plain.hpp"

namespace mc {

std::string_view name_of(SessionVerdict verdict) {
  constexpr std::array<std::string_view, 4> kNames{"explained", "not explained", "cut off", "refused"};
  return kNames[static_cast<std::size_t>(verdict)];
}

void ConformedSession::add(SessionVerdict piece, const std::string& why) {
  if (reason.empty()) reason = why;
  verdict = std::max(verdict, piece);
}

void ConformedSession::add_broken(std::string_view property) {
  if (std::find(broken.begin(), broken.end(), property) == broken.end()) broken.emplace_back(property);
}

std::string session_table(const std::string& program, const std::vector<ConformedSession>& sessions) {
  std::string text = "# written by: " + program + " conform SESSIONS --out DIR; " + std::to_string(sessions.size()) +
                     " sessions\nsession\tverdict\tevents\tread\treason\tbroken\n";
  for (const ConformedSession& one : sessions) {
    std::string broken;
    for (const std::string& property : one.broken) broken += (broken.empty() ? "" : " ") + property;
    text += one.name + "\t" + std::string(name_of(one.verdict)) + "\t" + std::to_string(one.events) + "\t" +
            std::to_string(one.read) + "\t" + plain_line(one.reason) + "\t" + broken + "\n";
  }
  return text;
}

}  // namespace mc
