#include "specs/logs/scenario_of.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "model/budget.hpp"
#include "model/ids.hpp"
#include "model/shape.hpp"
#include "model/state.hpp"
#include "specs/logs/cast.hpp"
#include "specs/logs/clocks.hpp"
#include "specs/logs/demands.hpp"
#include "specs/logs/seen_faults.hpp"
#include "specs/logs/seen_lines.hpp"
#include "specs/logs/seen_tasks.hpp"

namespace raymc {
namespace {

struct SeenNode {
  std::string id;
  Resources resources;
  bool late = false;  ///< it registers after the first task was submitted
  int workers = 0;    ///< at a time, at most
  int idle = 0;       ///< workers that are there when the record begins
};

class Sketch {
 public:
  Sketch(const mc::RecordFile& record, const std::string& file) : record_(record), lines_(record), file_(file) {}

  [[nodiscard]] mc::Result<RecordedScenario> draw() {
    find_nodes();
    find_tasks();
    find_workers();
    if (can_go_on()) find_parents();
    if (can_go_on()) find_demands();
    if (can_go_on()) write();
    if (!wrong_.message.empty()) return wrong_;
    return out_;
  }

 private:
  [[nodiscard]] bool can_go_on() const { return wrong_.message.empty() && out_.no_room.empty(); }

  void refuse(std::string message, std::string hint = {}) {
    if (!wrong_.message.empty()) return;
    wrong_.file = file_;
    wrong_.message = std::move(message);
    wrong_.hint = std::move(hint);
  }

  /// It has to be cut, or is too large for the model.
  void limit(std::size_t there, std::string_view of_what, std::size_t room) {
    if (there <= room || !out_.no_room.empty()) return;
    out_.no_room =
        std::to_string(there) + " " + std::string(of_what) + ", and the model has room for " + std::to_string(room);
  }

  void find_nodes() {
    std::string head;
    for (const auto& [name, values] : record_.facts) {
      if (name != "resources") continue;
      const std::string resources = value_of(values, "resources");
      SeenNode node;
      node.id = value_of(values, "of");
      node.resources = resources_in(resources);
      const bool is_head = resources.find("__internal_head__") != std::string::npos;
      nodes_.insert(is_head ? nodes_.begin() : nodes_.end(), node);
    }
    bool submitted = false;
    std::set<std::string> submitters;  // processes
    std::set<std::string> known;
    std::map<std::string, bool> registered;  // for the first time after a task was submitted; a GCS that is restarted
                                             // registers all again, and its earlier log may be gone
    std::set<std::string> early;  // of which a driver had heard before it submitted anything: that is in its own log
    for (const mc::RecordLine& line : record_.lines) {
      const std::string node = value_of(line.ids, "node");
      if (line.kind == "submit") submitted = submitters.insert(process_of(line)).second || submitted;
      if (line.kind == "owner_node_alive" && !submitters.contains(process_of(line))) early.insert(node);
      if (line.kind == "owner_node_alive") known.insert(node);
      if (line.kind != "node_registered") continue;
      known.insert(node);
      registered.try_emplace(node, submitted);
    }
    for (SeenNode& node : nodes_) node.late = registered[node.id] && !early.contains(node.id);
    if (!nodes_.empty()) nodes_.front().late = false;
    const auto has_log = [this](const std::string& id) {
      return std::any_of(nodes_.begin(), nodes_.end(), [&id](const SeenNode& node) { return node.id == id; });
    };
    const auto missing = std::count_if(known.begin(), known.end(), [&](const auto& id) { return !has_log(id); });
    if (missing > 0) {
      out_.notes.push_back("there is no log of " + std::to_string(missing) +
                           " of the raylets that others name: what they did is not known; give the logs of all nodes");
    }
    if (nodes_.empty()) refuse("the record does not say which nodes there are", "give a scenario with --scenario");
    limit(nodes_.size(), "nodes", kNodesMax);
  }

  void find_tasks() {
    seen_ = seen_tasks_of(record_);
    const std::size_t tasks = seen_.tasks.size();
    if (tasks == 0) refuse("no task was submitted in this session");
    limit(tasks, "tasks that are under way one after the other without a rest between them", kTasksMax);
    limit(seen_.keys.size(), "scheduling keys", kKeysMax);
  }

  void find_demands() {
    std::vector<Resources> nodes;
    std::vector<Resources> keys;
    for (const SeenNode& node : nodes_) nodes.push_back(node.resources);
    for (const SeenKey& key : seen_.keys) keys.push_back(key.resources);
    std::string why;
    const std::optional<Demands> demands = demands_of(nodes, keys, why);
    if (!demands) return refuse(why);
    demands_ = *demands;
    out_.notes.insert(out_.notes.end(), demands_.notes.begin(), demands_.notes.end());
  }

  void find_workers() {
    std::map<std::string, std::set<std::string>> alive;  // by node
    for (const auto& [name, values] : record_.facts) {
      if (name == "idle") alive[value_of(values, "node")].insert(value_of(values, "worker"));
    }
    for (SeenNode& node : nodes_) node.workers = node.idle = static_cast<int>(alive[node.id].size());
    const bool may_be_left_behind = count("call_failed") > 0;  // and lives on when its raylet has disconnected it
    for (const mc::RecordLine& line : record_.lines) {
      const std::size_t colon = line.stream.find(':');
      if (colon == std::string::npos) continue;
      const std::string process = line.stream.substr(colon + 1);
      if (line.kind == "start") alive[process].insert(value_of(line.ids, "worker"));
      if (line.kind == "disconnect" && !may_be_left_behind) alive[process].erase(value_of(line.ids, "worker"));
      for (SeenNode& node : nodes_) {
        if (node.id == process) node.workers = std::max(node.workers, static_cast<int>(alive[process].size()));
      }
    }
    // A place is free again only when everybody has forgotten the worker that stood there.
    int total = 0;
    for (SeenNode& node : nodes_) total += node.workers = std::max(node.workers + 1, 1);
    for (std::size_t n = 0; total > kWorkersMax && n < nodes_.size(); ++n) {
      if (nodes_[n].workers <= std::max(nodes_[n].idle, 1)) continue;
      --nodes_[n].workers;
      --total;
    }
    limit(static_cast<std::size_t>(total), "worker processes at a time", kWorkersMax);
  }

  /// Which task runs in the worker that submits tasks, and which drivers there are.
  void find_parents() {
    owners_ = cast_of(record_).drivers;
    parents_.assign(owners_.size(), {});
    attempts_.assign(owners_.size(), 1);
    for (const SeenTask& task : seen_.tasks) {
      if (std::find(owners_.begin(), owners_.end(), task.owner) != owners_.end()) continue;
      owners_.push_back(task.owner);
      std::string parent;
      int attempt = 1;
      if (task.by_worker) {
        std::map<std::string, int> retries;
        for (const mc::RecordLine& line : record_.lines) {
          if (line.kind == "submit" && value_of(line.ids, "task") == task.id) break;
          if (line.kind == "retry") ++retries[value_of(line.ids, "task")];
          if (line.kind != "execute" || line.stream != "worker.main:" + task.owner) continue;
          parent = value_of(line.ids, "task");
          attempt = 1 + retries[parent];
        }
        if (parent.empty()) refuse("a worker submits tasks while it runs none that is known");
        if (attempt > Task::kAttemptMax) refuse("a worker submits tasks in a late attempt of its task");
      }
      parents_.push_back(parent);
      attempts_.push_back(attempt);
    }
    limit(owners_.size(), "owners of tasks", kOwnersMax);
    if (!parents_.empty() && !parents_.front().empty()) refuse("the driver submits no task");
  }

  [[nodiscard]] int count(std::string_view kind, std::string_view how = {}) const { return lines_.count(kind, how); }

  /// After so many tasks workers exit by themselves; 0: none does. Of several functions the one that may run longest.
  [[nodiscard]] int max_calls() const {
    std::map<std::string, int> ran;  // by worker
    int most = 0;
    for (const mc::RecordLine& line : record_.lines) {
      if (line.kind != "done") continue;
      const int calls = ++ran[line.stream];
      if (value_of(line.ids, "how") == "IntentionalSystemExit") most = std::max(most, calls);
    }
    return std::min<int>(most, kMaxCallsMax);
  }

  [[nodiscard]] std::ptrdiff_t drivers() const { return std::count(parents_.begin(), parents_.end(), std::string()); }

  void write() {
    const std::map<Fault, int> faults = seen_faults(record_, seen_);
    raises_ = faults.contains(Fault::kTaskRaises);
    say_budget(faults);
    std::set<std::string> features{"blocking", "idle_exit", "orderly_kills", "pool_order", "posted_deaths", "prestart"};
    if (count("owner_gone") > 0 || (drivers() > 1 && count("job_finished_here") > 0)) features.insert("jobs");
    if (lines_.gcs_forgets()) features.insert({"gcs_restart", "in_memory_gcs"});
    if (count("hit_cap") > 0) features.insert("fair_share");
    const bool tombstones = count("cancel_request") > 0 && lines_.leaves_tombstones();
    if (tombstones) features.insert("lease_cancels");
    if (!seen_.in_plasma.empty() || count("pin_copy") > 0) features.insert("results");
    std::string& text = out_.text;
    text = "schema = 1\nquestion = \"Could the protocol have done what the record of " + file_name() +
           " says?\"\nfeatures = [";
    for (const std::string& feature : features) text += (feature == *features.begin() ? "\"" : ", \"") + feature + "\"";
    text += "]\n\n[shape]\nnodes = " + std::to_string(nodes_.size()) + "\n";
    text += list("cpus_per_node", [this](const SeenNode& node) { return cpus_of(node); });
    text += list("workers_per_node", [](const SeenNode& node) { return node.workers; });
    text += list("prestarted_workers", [](const SeenNode& node) { return node.idle; });
    write_late_nodes();
    write_settings();
    text += "startup_concurrency = " + std::to_string(demands_.starts) + "\n";
    text += "submission = \"any_time\"\ndelivery = \"unordered\"\nlease_expiry = true\n";
    text += "health_check_failures = " + std::to_string(health_failures(record_)) + "\n";
    if (const int calls = max_calls()) {
      text += calls == 1 ? std::string("max_calls_one = true\n") : "max_calls = " + std::to_string(calls) + "\n";
    }
    text += "key_cpus = [";
    for (std::size_t k = 0; k < std::max<std::size_t>(2, seen_.keys.size()); ++k) {
      text += (k == 0 ? "" : ", ") + std::to_string(k < seen_.keys.size() ? demands_.keys[k] : 1);
    }
    text += "]\n";
    write_owners();
    write_tasks();
    text += "\n[budget]\n";
    for (const auto& [fault, times] : faults) {
      text += std::string(key_of(fault)) + " = " + std::to_string(allowed(times)) +
              "  # seen: " + std::to_string(times) + "\n";
    }
    text += "\n[protocol]\nprofile = \"pinned\"\n";
    if (tombstones) text += "safeguards = { cancelled_requests_are_tombstoned = true }\n";
    text += "\n[check]\nproperties = [\"all\"]\n";
  }

  /// One fault more than was seen: what was under way at the end may have met one that nobody tells of.
  [[nodiscard]] static int allowed(int seen) { return std::min<int>(seen + 1, Budget::kCountMax); }

  void say_budget(const std::map<Fault, int>& faults) {
    std::string kinds;
    for (const auto& [fault, times] : faults) {
      kinds += (kinds.empty() ? "" : ", ") + std::string(key_of(fault)) + " " + std::to_string(allowed(times)) +
               " (seen: " + std::to_string(times) + ")";
    }
    if (kinds.empty()) return;
    out_.notes.push_back(
        "the scenario allows one fault more of each kind than the record shows, because one may have "
        "left no line: " +
        kinds);
  }

  /// What the configuration of the cluster says, or shows.
  void write_settings() {
    if (count("no_room") > 0) out_.text += list("pin_budget", [](const SeenNode&) { return 1; });
    if (const std::optional<int> kept = number_in(fact_of(record_, "idle_workers", "kept")); kept && *kept >= 0) {
      out_.text += "idle_workers_kept = " + std::to_string(std::min<int>(*kept, kWorkersMax)) + "\n";
    }
    // Older releases have no other policy.
    if (count("killed_for_memory") > 0 && record_.release == "2.55") out_.text += "memory_policy = \"by_owner\"\n";
    if (const std::optional<int> retries = number_in(fact_of(record_, "memory_retries", "left"));
        retries && *retries >= 0) {
      out_.text += "memory_retries = " + std::to_string(std::min(*retries, kMemoryRetriesUnlimited - 1)) + "\n";
    }
  }

  [[nodiscard]] int cpus_of(const SeenNode& node) const {
    return demands_.nodes[static_cast<std::size_t>(&node - nodes_.data())];
  }

  void write_late_nodes() {
    std::string late;
    for (const SeenNode& node : nodes_) {
      if (node.late) late += (late.empty() ? "\"" : ", \"") + node_name(node.id) + "\"";
    }
    if (!late.empty()) out_.text += "joins_late = [" + late + "]\n";
  }

  template <class Value>
  [[nodiscard]] std::string list(const std::string& key, Value value) const {
    std::string text = key + " = [";
    for (const SeenNode& node : nodes_) text += (&node == nodes_.data() ? "" : ", ") + std::to_string(value(node));
    return text + "]\n";
  }

  void write_owners() {
    for (std::size_t o = 0; o < owners_.size(); ++o) {
      out_.text += "\n[[shape.owner]]\nname = \"" + owner_name(o) + "\"\n";
      if (!parents_[o].empty()) {
        out_.text += "kind = \"task\"\nruns = \"" + task_name(parents_[o]) + "\"\ngets_one_by_one = true\n";
        if (attempts_[o] > 1) out_.text += "attempt = " + std::to_string(attempts_[o]) + "\n";
        continue;
      }
      const std::string home = node_name(home_of(record_, owners_[o]));
      if (!home.empty()) out_.text += "node = \"" + home + "\"\n";
    }
  }

  void write_tasks() {
    for (const SeenTask& task : seen_.tasks) {
      out_.text += "\n[[shape.task]]\nid = \"" + task_name(task.id) + "\"\n";
      if (owners_.size() > 1) {
        const auto owner = std::find(owners_.begin(), owners_.end(), task.owner);
        out_.text += "owner = \"" + owner_name(static_cast<std::size_t>(owner - owners_.begin())) + "\"\n";
      }
      out_.text += "key = " + std::to_string(task.key + 1) + "\n";
      const int retries = task.retries < 0 ? kRetriesMax : task.retries;  // without end
      out_.text += "max_retries = " + std::to_string(std::min<int>(retries, kRetriesMax)) + "\n";
      if (task.retries > kRetriesMax) {
        out_.notes.push_back(task_name(task.id) + " may be retried " + std::to_string(task.retries) +
                             " times, in the model " + std::to_string(kRetriesMax));
      }
      write_arguments(task);
      write_preference(task);
      if (raises_) out_.text += "retry_exceptions = true\n";
      if (seen_.returns_to_plasma(task)) out_.text += "result = \"plasma\"\n";
    }
  }

  /// The model's tasks take one return value and one put: those in plasma first, then the latest.
  void write_arguments(const SeenTask& task) {
    auto taken = seen_.tasks.cend();
    bool large = false;
    std::size_t values = 0;
    bool put = false;
    for (const std::string& object : task.arguments) {
      const auto maker = seen_.maker_of(object, task);
      if (maker == seen_.tasks.end()) {
        put = true;
        continue;
      }
      ++values;
      const bool is_large = seen_.in_plasma.contains(object);
      if (taken != seen_.tasks.cend() && std::pair(is_large, maker) < std::pair(large, taken)) continue;
      taken = maker;
      large = is_large;
    }
    if (taken != seen_.tasks.cend()) out_.text += "depends_on = \"" + task_name(taken->id) + "\"\n";
    if (put) {
      const std::string home = node_name(home_of(record_, task.owner));
      out_.text += "arguments_at = \"" + (home.empty() ? "n1" : home) + "\"\n";
    }
    if (values > 1) {
      out_.notes.push_back(task_name(task.id) + " takes " + std::to_string(values) +
                           " return values, in the model one");
    }
  }

  [[nodiscard]] bool was_pushed(const SeenTask& task) const {
    return std::any_of(record_.lines.begin(), record_.lines.end(), [&task](const mc::RecordLine& line) {
      return line.kind == "push" && value_of(line.ids, "task") == task.id;
    });
  }

  /// The node that is asked first, if it is not what the owner does by itself: to ask its own raylet, or the one that
  /// has the argument.
  void write_preference(const SeenTask& task) {
    const SeenKey& key = seen_.keys[task.key];
    const std::string home = home_of(record_, task.owner);
    const bool refused = count("canceled", "SCHEDULING_CANCELLED_UNSCHEDULABLE") > 0;
    if (refused && key.node == home && nodes_.size() == 2 && nodes_.back().late && !was_pushed(task)) {
      // It insists on a node that nobody it could ask had heard of.
      out_.text += "affinity = \"" + node_name(nodes_.back().id) + "\"\n";
      return;
    }
    if (key.node.empty() || home.empty() || (key.node == home && seen_.plasma_arguments_of(task).empty())) return;
    const auto node =
        std::find_if(nodes_.begin(), nodes_.end(), [&](const SeenNode& one) { return one.id == key.node; });
    if (node == nodes_.end() || node->late) return;
    // Only a task that insists on its node is refused for want of one.
    const bool insists = key.node != home && refused;
    if (insists) out_.text += "affinity = \"" + node_name(key.node) + "\"\n";
    if (!insists) out_.text += "locality = \"" + node_name(key.node) + "\"\n";
  }

  [[nodiscard]] std::string owner_name(std::size_t owner) const {
    return parents_[owner].empty() ? "driver" + std::to_string(owner + 1) : "parent" + std::to_string(owner + 1);
  }
  [[nodiscard]] std::string node_name(const std::string& id) const {
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      if (nodes_[n].id == id) return "n" + std::to_string(n + 1);
    }
    return {};
  }
  [[nodiscard]] std::string task_name(const std::string& id) const {
    for (std::size_t t = 0; t < seen_.tasks.size(); ++t) {
      if (seen_.tasks[t].id == id) return "t" + std::to_string(t + 1);
    }
    return "none";
  }
  /// The last part of the path, without anything that TOML would not take.
  [[nodiscard]] std::string file_name() const {
    std::string name;
    for (const char c : file_.substr(file_.find_last_of('/') + 1)) {
      if (c >= ' ' && c != '"' && c != '\\' && c < 127) name += c;
    }
    return name;
  }

  const mc::RecordFile& record_;
  const SeenLines lines_;
  const std::string& file_;
  std::vector<SeenNode> nodes_;
  SeenTasks seen_;
  Demands demands_;
  std::vector<std::string> owners_;
  std::vector<std::string> parents_;  // tasks, by owner; empty: a driver
  std::vector<int> attempts_;         // of these
  bool raises_ = false;               // some task
  mc::InputError wrong_;
  RecordedScenario out_;
};

}  // namespace

mc::Result<RecordedScenario> scenario_of(const mc::RecordFile& record, const std::string& file) {
  return Sketch(record, file).draw();
}

}  // namespace raymc
