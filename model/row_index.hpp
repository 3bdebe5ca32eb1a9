// The rows that can fire under a config, by what triggers them, so that a state asks only the rows that its content can
// trigger.
#pragma once

#include <array>
#include <vector>

#include "model/transition.hpp"

namespace raymc {

/// The row's feature is on, and its fault is in the budget.
[[nodiscard]] bool can_fire(const Config& config, const Transition& row);

class RowIndex {
 public:
  using Rows = std::vector<const Transition*>;

  explicit RowIndex(const Config& config);

  /// Rows that may handle `call` in its stage: as a request, as a reply, or as an error.
  [[nodiscard]] const Rows& of_call(const Call& call) const;
  [[nodiscard]] const Rows& of_notice(NoticeKind kind) const { return by_notice_[static_cast<std::size_t>(kind)]; }
  /// Rows of Moment::kTask and kWorker; without those that nothing at rest can trigger.
  [[nodiscard]] const Rows& of_task(const Task& task) const {
    return is_at_rest(task) ? resting_tasks_ : rows(Moment::kTask);
  }
  [[nodiscard]] const Rows& of_worker(const View& view, WorkerId worker) const {
    return is_at_rest(view, worker) ? resting_workers_ : rows(Moment::kWorker);
  }
  [[nodiscard]] const Rows& rows(Moment moment) const { return by_moment_[static_cast<std::size_t>(moment)]; }

 private:
  void add(const Transition& row);
  [[nodiscard]] static bool is_at_rest(const Task& task);
  [[nodiscard]] static bool is_at_rest(const View& view, WorkerId worker);

  using ByRpc = std::array<Rows, kRpcCount>;
  ByRpc requests_;
  ByRpc replies_;
  ByRpc errors_;
  std::array<Rows, kNoticeKindCount> by_notice_;
  Rows resting_tasks_;
  Rows resting_workers_;
  std::array<Rows, static_cast<std::size_t>(Moment::kInside) + 1> by_moment_;
};

}  // namespace raymc
