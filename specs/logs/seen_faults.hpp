// Which faults a record shows, and how often.
#pragma once

#include <map>

#include "checker/conform/record.hpp"
#include "model/budget.hpp"
#include "specs/logs/seen_tasks.hpp"

namespace raymc {

/// Those that struck at least once.
[[nodiscard]] std::map<Fault, int> seen_faults(const mc::RecordFile& record, const SeenTasks& tasks);

/// After so many failed probes the GCS declares a raylet dead.
[[nodiscard]] int health_failures(const mc::RecordFile& record);

}  // namespace raymc
