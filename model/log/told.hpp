// What the record of a wire tells of each call (tests/ray/wire/told.py writes it): which keys a request and its reply
// have, what a reply may say, and between whom it goes. Whatever reads such lines asks here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "checker/core/emission.hpp"

namespace raymc {

/// What a message says in "how", and the id that comes with it.
struct ToldWord {
  std::string_view word;  ///< "granted"; empty: no more words
  std::string_view id;    ///< "worker"
};

/// A key that is told, or may be.
struct ToldKey {
  std::string_view key;  ///< empty: no more keys
  bool always = true;
};

/// Who sends a request, and who serves it. The GCS has no id.
enum class ToldEnds : std::uint8_t { kOwnerToRaylet, kOwnerToWorker, kAny };

/// One call.
struct ToldCall {
  static constexpr std::size_t kMax = 4;
  std::string_view call;
  ToldEnds ends = ToldEnds::kAny;
  std::array<ToldKey, kMax> keys{};      ///< of the request; its reply repeats them
  std::array<ToldKey, kMax> more{};      ///< of the reply alone
  std::array<ToldWord, kMax> asks{};     ///< "how" of the request, which may be missing
  std::array<ToldWord, kMax> answers{};  ///< "how" of the reply
  bool always_answers = false;           ///< a reply that is no error has its "how"
};

[[nodiscard]] std::span<const ToldCall> told_calls();
[[nodiscard]] const ToldCall* told_call(std::string_view name);

/// What a notice inside the GCS's answer to a poll says, and whom it is about.
[[nodiscard]] std::span<const ToldWord> told_notices();

/// The forms of all kinds of lines, by the table of kinds; of messages by the calls.
[[nodiscard]] std::vector<mc::LogForm> log_forms();

}  // namespace raymc
