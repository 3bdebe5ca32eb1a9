// What came of each of many sessions that were conformed: the table conformed.tsv.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checker/cli/witnessed.hpp"

namespace mc {

/// What came of one session; the later, the worse.
enum class SessionVerdict : std::uint8_t { kExplained, kNotExplained, kGivenUp, kRefused };
[[nodiscard]] std::string_view name_of(SessionVerdict verdict);

/// One session, over all pieces that it was cut into.
struct ConformedSession {
  std::string name;
  SessionVerdict verdict = SessionVerdict::kExplained;  ///< of its worst piece
  std::size_t events = 0;
  std::size_t read = 0;
  std::string reason;             ///< the oldest unread line of the first piece that is not explained, or why it ended
  std::vector<Witnessed> pieces;  ///< those that are explained
  std::vector<std::string> broken;  ///< properties that do not hold along the witness, each once

  /// Notes what came of a piece.
  void add(SessionVerdict piece, const std::string& why);
  /// Notes a property that does not hold along the witness of a piece.
  void add_broken(std::string_view property);
};

/// session, verdict, events, read, reason, broken: properties that do not hold along the witness.
[[nodiscard]] std::string session_table(const std::string& program, const std::vector<ConformedSession>& sessions);

}  // namespace mc
