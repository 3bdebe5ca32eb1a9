#include "specs/logs/seen_faults.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "specs/logs/seen_lines.hpp"

namespace raymc {
namespace {

/// Values that tasks take and that a raylet wrote to its disk.
int arguments_spilled(const mc::RecordFile& record, const SeenTasks& tasks) {
  std::set<std::string> taken;
  for (const SeenTask& task : tasks.tasks) taken.insert(task.arguments.begin(), task.arguments.end());
  return static_cast<int>(std::ranges::count_if(record.lines, [&](const mc::RecordLine& line) {
    return line.kind == "spilled" && taken.contains(value_of(line.ids, "object"));
  }));
}

/// Drivers that ended, as a wire saw, and nobody was there to hear of it: their raylet had ended.
int drivers_that_followed(const mc::RecordFile& record) {
  int followed = 0;
  for (const mc::RecordLine& line : record.lines) {
    const std::string driver = line.kind == "process.ended" ? value_of(line.ids, "from_owner") : "";
    if (driver.empty()) continue;
    const auto ended = [&](const mc::RecordLine& other) {
      return other.kind == "process.ended" && value_of(other.ids, "from_node") == home_of(record, driver);
    };
    if (!home_of(record, driver).empty() && std::ranges::any_of(record.lines, ended)) ++followed;
  }
  return followed;
}

}  // namespace

int health_failures(const mc::RecordFile& record) {
  return std::clamp(number_in(fact_of(record, "health_check", "failures")).value_or(5), 1, 7);
}

std::map<Fault, int> seen_faults(const mc::RecordFile& record, const SeenTasks& tasks) {
  std::map<Fault, int> seen;
  const SeenLines lines(record);
  const auto count = [&lines](std::string_view kind, std::string_view how = {}) { return lines.count(kind, how); };
  const auto budget = [&seen](Fault fault, int times) {
    if (times > 0) seen[fault] = times;
  };
  const int followed = drivers_that_followed(record);
  const int sigterms = count("sigterm");
  const int left_in_order = count("unregister") > 0 ? count("unregister") : sigterms;
  budget(Fault::kRayletSigterm, sigterms);
  // A GCS that is gone declares nobody dead.
  const int ended = std::max(count("node_failed"), lines.ends_seen("from_node") - lines.false_deaths());
  budget(Fault::kRayletCrash, std::max(ended - left_in_order, 0));
  budget(Fault::kFalseDeath, std::max(lines.false_deaths() * health_failures(record), lines.probes_failed_for_now()));
  budget(Fault::kRequestLost, count("call_failed", "request") + lines.never_passed_on("message.request"));
  budget(Fault::kReplyLost, count("call_failed", "reply") + lines.never_passed_on("message.reply"));
  budget(Fault::kEarlyError, std::max(count("call_failed", "early"), lines.requests_given_up()));
  budget(Fault::kDuplication, lines.repeated_requests());
  budget(Fault::kDriverCrash, std::max(count("owner_gone"), lines.ends_seen("from_owner") - followed));
  budget(Fault::kDriverPlasma, followed);
  budget(Fault::kWorkerSigterm, lines.exits_of_themselves());
  budget(Fault::kUserExit, count("done", "UnexpectedSystemExit"));
  const int failed_starts = lines.starts_that_failed();
  budget(Fault::kStartFails, failed_starts);
  int crashes = -failed_starts;
  for (const mc::RecordLine& line : record.lines)
    crashes += line.kind == "disconnect" && value_of(line.ids, "how") == "false" ? 1 : 0;
  // A worker may also be gone without its raylet's notice: with it, or so late that nobody reads it.
  if (crashes == 0 && count("ask_cause") > 0) crashes = 1;
  budget(Fault::kWorkerCrash, crashes);
  // One line for several workers that are killed in one turn.
  if (count("killed_for_memory") > 0) budget(Fault::kMemoryKill, std::max(crashes, count("killed_for_memory")));
  budget(Fault::kCancel, count("cancel_task"));
  const int raised = count("retry") - count("cause") - count("cause_unknown");
  if (raised > 0) budget(Fault::kTaskRaises, raised);
  budget(Fault::kDrainPreemption, count("drain_node"));
  if (count("drain_node") > 0) {
    budget(Fault::kDrainIdle, count("drain_node"));
    budget(Fault::kPreemptionKill, 1);
  }
  budget(Fault::kGcsCrash, lines.gcs_forgets() ? count("gcs_opens") - 1 : count("gcs_restarted"));
  budget(Fault::kValueSpilled, arguments_spilled(record, tasks));
  budget(Fault::kStoreStall, lines.hung_writes());
  budget(Fault::kSubscriberStall, count("subscriber_erased") + count("raylet_erased"));
  budget(Fault::kNotIdle, count("exit_ignored") + count("exit_asked", "0"));
  return seen;
}

}  // namespace raymc
