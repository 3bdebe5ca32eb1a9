#include "model/rows.hpp"

#include <array>

#include "checker/core/assert.hpp"

namespace raymc {
namespace {

using Table = std::array<const Transition*, kRowCount>;

Table collect() {
  Table table{};
  // One family per line, so that a new one is a new line.
  // clang-format off
  for (const auto rows : {
           task_manager_rows(),
           cancel_rows(),
           submitter_rows(),
           scheduler_rows(),
           view_rows(),
           view_stream_rows(),
           lease_request_rows(),
           grant_rows(),
           return_rows(),
           blocking_rows(),
           notice_rows(),
           lifetime_rows(),
           executor_rows(),
           cancel_path_rows(),
           process_rows(),
           ray_get_rows(),
           node_table_rows(),
           pubsub_rows(),
           restart_rows(),
           poll_rows(),
           memory_rows(),
           retry_rows(),
           idle_exit_rows(),
           promise_rows(),
           broken_link_rows(),
           link_fault_rows(),
           graceful_exit_rows(),
           fault_rows(),
           preemption_rows(),
           drain_rows(),
           gcs_drain_rows(),
           drain_fault_rows(),
           class_rows(),
           affinity_rows(),
           value_rows(),
           pin_rows(),
           recovery_rows(),
           argument_rows(),
           resolver_rows(),
           memory_kill_rows(),
           port_reuse_rows(),
           second_head_rows(),
           worker_start_rows(),
           job_rows(),
           gcs_job_rows(),
           memory_retry_rows(),
       }) {
    // clang-format on
    for (const Transition& transition : rows) {
      const Transition*& place = table[static_cast<std::size_t>(transition.row)];
      MC_ASSERT(place == nullptr, "every row is defined once");
      place = &transition;
    }
  }
  for (const Transition* transition : table) MC_ASSERT(transition != nullptr, "every row is defined");
  return table;
}

const Table& table() {
  static const Table kTable = collect();
  return kTable;
}

}  // namespace

std::span<const Transition* const> all_transitions() {
  return table();
}

const Transition& transition_of(Row row) {
  return *table()[static_cast<std::size_t>(row)];
}

}  // namespace raymc
