// The table of all rows: every component's rows in one place, by index.
#pragma once

#include <span>

#include "model/transition.hpp"

namespace raymc {

/// Every row, ordered by `Row`.
[[nodiscard]] std::span<const Transition* const> all_transitions();

[[nodiscard]] const Transition& transition_of(Row row);

// The rows of each component; each folder defines its own.
[[nodiscard]] std::span<const Transition> task_manager_rows();
[[nodiscard]] std::span<const Transition> cancel_rows();
[[nodiscard]] std::span<const Transition> submitter_rows();
[[nodiscard]] std::span<const Transition> scheduler_rows();
[[nodiscard]] std::span<const Transition> view_rows();
[[nodiscard]] std::span<const Transition> view_stream_rows();
[[nodiscard]] std::span<const Transition> lease_request_rows();
[[nodiscard]] std::span<const Transition> grant_rows();
[[nodiscard]] std::span<const Transition> return_rows();
[[nodiscard]] std::span<const Transition> blocking_rows();
[[nodiscard]] std::span<const Transition> notice_rows();
[[nodiscard]] std::span<const Transition> lifetime_rows();
[[nodiscard]] std::span<const Transition> executor_rows();
[[nodiscard]] std::span<const Transition> cancel_path_rows();
[[nodiscard]] std::span<const Transition> process_rows();
[[nodiscard]] std::span<const Transition> ray_get_rows();
[[nodiscard]] std::span<const Transition> node_table_rows();
[[nodiscard]] std::span<const Transition> pubsub_rows();
[[nodiscard]] std::span<const Transition> restart_rows();
[[nodiscard]] std::span<const Transition> poll_rows();
[[nodiscard]] std::span<const Transition> memory_rows();
[[nodiscard]] std::span<const Transition> retry_rows();
[[nodiscard]] std::span<const Transition> idle_exit_rows();
[[nodiscard]] std::span<const Transition> promise_rows();
[[nodiscard]] std::span<const Transition> preemption_rows();
[[nodiscard]] std::span<const Transition> drain_rows();
[[nodiscard]] std::span<const Transition> gcs_drain_rows();
[[nodiscard]] std::span<const Transition> drain_fault_rows();
[[nodiscard]] std::span<const Transition> class_rows();
[[nodiscard]] std::span<const Transition> affinity_rows();
[[nodiscard]] std::span<const Transition> broken_link_rows();
[[nodiscard]] std::span<const Transition> link_fault_rows();
[[nodiscard]] std::span<const Transition> graceful_exit_rows();
[[nodiscard]] std::span<const Transition> value_rows();
[[nodiscard]] std::span<const Transition> pin_rows();
[[nodiscard]] std::span<const Transition> recovery_rows();
[[nodiscard]] std::span<const Transition> argument_rows();
[[nodiscard]] std::span<const Transition> resolver_rows();
[[nodiscard]] std::span<const Transition> memory_kill_rows();
[[nodiscard]] std::span<const Transition> memory_retry_rows();
[[nodiscard]] std::span<const Transition> job_rows();
[[nodiscard]] std::span<const Transition> gcs_job_rows();
[[nodiscard]] std::span<const Transition> worker_start_rows();
[[nodiscard]] std::span<const Transition> second_head_rows();
[[nodiscard]] std::span<const Transition> port_reuse_rows();
[[nodiscard]] std::span<const Transition> fault_rows();

}  // namespace raymc
