#include "model/row_index.hpp"

#include <algorithm>
#include <array>

#include "model/rows.hpp"

namespace raymc {
namespace {

// Rows of tasks that need one which is about to be submitted, resolved, answered or tried again.
constexpr std::array kOfMovingTasks{Row::kO1, Row::kO2, Row::kO5, Row::kO16, Row::kS16};

// Rows of workers that need one which starts, executes, is reserved, or is on its way out.
constexpr std::array kOfBusyWorkers{Row::kR22, Row::kR23,       Row::kR35, Row::kW1,     Row::kW7,
                                    Row::kW8,  Row::kW10Killed, Row::kW11, Row::kW12Exit};

template <std::size_t N>
bool among(const std::array<Row, N>& rows, Row row) {
  return std::find(rows.begin(), rows.end(), row) != rows.end();
}

}  // namespace

bool RowIndex::is_at_rest(const Task& task) {
  return task.place == TaskPlace::kNowhere || task.place == TaskPlace::kQueue || task.place == TaskPlace::kPushed ||
         task.place == TaskPlace::kWaitCause;
}

bool RowIndex::is_at_rest(const View& view, WorkerId id) {
  const Worker& worker = view.s.worker(id);
  return worker.process == ProcessState::kRunning && worker.registered && worker.execution == Execution::kNone &&
         worker.place != PoolPlace::kReserved && !worker.killed && !worker.stopped &&
         view.s.raylet(view.config.node_of(id)).alive;
}

bool can_fire(const Config& config, const Transition& row) {
  return config.on(row.feature) && (!row.fault || config.allows(*row.fault));
}

RowIndex::RowIndex(const Config& config) {
  for (const Transition* row : all_transitions()) {
    if (can_fire(config, *row)) add(*row);
  }
}

const RowIndex::Rows& RowIndex::of_call(const Call& call) const {
  const auto rpc = static_cast<std::size_t>(call.rpc);
  if (call.stage == Stage::kRequest) return requests_[rpc];
  return call.stage == Stage::kReply ? replies_[rpc] : errors_[rpc];
}

void RowIndex::add(const Transition& row) {
  const auto rpc = static_cast<std::size_t>(row.trigger.rpc);
  switch (row.trigger.moment) {
    case Moment::kRequest: requests_[rpc].push_back(&row); break;
    case Moment::kReply: replies_[rpc].push_back(&row); break;
    case Moment::kError: errors_[rpc].push_back(&row); break;
    case Moment::kAnswer:
      replies_[rpc].push_back(&row);
      errors_[rpc].push_back(&row);
      break;
    case Moment::kNotice: by_notice_[static_cast<std::size_t>(row.trigger.notice)].push_back(&row); break;
    default: by_moment_[static_cast<std::size_t>(row.trigger.moment)].push_back(&row); break;
  }
  if (row.trigger.moment == Moment::kTask && !among(kOfMovingTasks, row.row)) resting_tasks_.push_back(&row);
  if (row.trigger.moment == Moment::kWorker && !among(kOfBusyWorkers, row.row)) resting_workers_.push_back(&row);
}

}  // namespace raymc
