// The rows of the features that are on, by what triggers them, so that a state asks only the rows that its content can
// trigger.
#pragma once

#include <array>
#include <vector>

#include "model/transition.hpp"

namespace raymc {

class RowIndex {
 public:
  using Rows = std::vector<const Transition*>;

  explicit RowIndex(const Config& config);

  /// Rows that may handle `call` in its stage: as a request, as a reply, or as an error.
  [[nodiscard]] const Rows& of_call(const Call& call) const;
  [[nodiscard]] const Rows& of_notice(NoticeKind kind) const { return by_notice_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] const Rows& rows(Moment moment) const { return by_moment_[static_cast<std::size_t>(moment)]; }

 private:
  void add(const Transition& row);

  using ByRpc = std::array<Rows, kRpcCount>;
  ByRpc requests_;
  ByRpc replies_;
  ByRpc errors_;
  std::array<Rows, kNoticeKindCount> by_notice_;
  std::array<Rows, static_cast<std::size_t>(Moment::kInside) + 1> by_moment_;
};

}  // namespace raymc
