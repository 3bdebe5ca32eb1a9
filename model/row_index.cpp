#include "model/row_index.hpp"

#include "model/rows.hpp"

namespace raymc {

RowIndex::RowIndex(const Config& config) {
  for (const Transition* row : all_transitions()) {
    if (config.on(row->feature)) add(*row);
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
}

}  // namespace raymc
