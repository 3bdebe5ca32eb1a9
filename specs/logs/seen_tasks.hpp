// What a record says of the tasks: who submitted them, what they take, and which of them may share leases.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "checker/conform/record.hpp"
#include "specs/logs/demands.hpp"

namespace raymc {

struct SeenTask {
  std::string id;
  std::string owner;  ///< the process that submits it
  bool by_worker = false;
  int retries = 0;  ///< below 0: without end
  std::size_t key = 0;
  std::vector<std::string> arguments;  ///< objects that it takes
  std::string asked;                   ///< the node of the lease request that followed its resolution
  std::string like;  ///< an earlier task with the same key, as a lease that both used or asked for shows
};

struct SeenKey {
  std::string name;
  Resources resources;
  std::string node;  ///< that is asked for a lease first
};

struct SeenTasks {
  std::vector<SeenTask> tasks;  ///< in the order of their submission, driver by driver
  std::vector<SeenKey> keys;
  std::set<std::string> in_plasma;  ///< objects

  /// The task of the same owner that returns the object; end: a ray.put made it, or somebody else did.
  [[nodiscard]] std::vector<SeenTask>::const_iterator maker_of(const std::string& object, const SeenTask& user) const;
  [[nodiscard]] std::vector<std::string> plasma_arguments_of(const SeenTask& task) const;
  [[nodiscard]] bool returns_to_plasma(const SeenTask& task) const;
};

[[nodiscard]] SeenTasks seen_tasks_of(const mc::RecordFile& record);

}  // namespace raymc
