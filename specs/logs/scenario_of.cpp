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
#include "model/state.hpp"

namespace raymc {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

std::string value_of(const Values& values, std::string_view key) {
  for (const auto& [name, value] : values) {
    if (name == key) return value;
  }
  return {};
}

/// The whole part of "2.5"; nothing if it is no number.
std::optional<int> number_in(std::string_view text) {
  int value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return value;
}

/// CPUs in "CPU: 1, memory: 2e+10"; none is 0.
int cpus_in(std::string_view resources) {
  constexpr std::string_view kCpu = "CPU: ";
  std::size_t at = resources.find(kCpu);
  while (at != std::string_view::npos && at > 0 && resources[at - 1] != ' ' && resources[at - 1] != '{') {
    at = resources.find(kCpu, at + 1);  // "GPU: 1" is none
  }
  return at == std::string_view::npos ? 0 : number_in(resources.substr(at + kCpu.size())).value_or(0);
}

struct SeenNode {
  std::string id;
  int cpus = 0;
  int workers = 0;  ///< at a time, at most
  int idle = 0;     ///< workers that are there when the record begins
};

struct SeenTask {
  std::string id;
  std::string owner;  ///< stream of the submission, without its role
  bool by_worker = false;
  int retries = 0;
  std::size_t key = 0;
};

struct SeenKey {
  std::string name;
  int cpus = 1;
  std::string node;          ///< that is asked for a lease first, if it is not the owner's
  bool takes_value = false;  ///< a raylet looks for an argument in plasma before it grants
};

class Sketch {
 public:
  Sketch(const mc::RecordFile& record, const std::string& file) : record_(record), file_(file) {}

  [[nodiscard]] mc::Result<RecordedScenario> draw() {
    find_nodes();
    find_tasks();
    find_workers();
    if (wrong_.message.empty()) find_preferences();
    if (wrong_.message.empty()) find_parents();
    if (wrong_.message.empty()) write();
    if (!wrong_.message.empty()) return wrong_;
    return out_;
  }

 private:
  void refuse(std::string message, std::string hint = {}) {
    if (!wrong_.message.empty()) return;
    wrong_.file = file_;
    wrong_.message = std::move(message);
    wrong_.hint = std::move(hint);
  }

  void find_nodes() {
    std::string head;
    for (const auto& [name, values] : record_.facts) {
      if (name != "resources") continue;
      const std::string resources = value_of(values, "resources");
      const SeenNode node{value_of(values, "of"), cpus_in(resources), 0, 0};
      const bool is_head = resources.find("__internal_head__") != std::string::npos;
      nodes_.insert(is_head ? nodes_.begin() : nodes_.end(), node);
    }
    if (nodes_.empty()) refuse("the record does not say which nodes there are", "give a scenario with --scenario");
    if (nodes_.size() > kNodesMax) {
      refuse(std::to_string(nodes_.size()) + " nodes, and the model has room for " + std::to_string(kNodesMax));
    }
  }

  void find_tasks() {
    std::map<std::string, std::string> keys;  // by task
    std::map<std::string, std::string> retries;
    for (const auto& [name, values] : record_.facts) {
      if (name != "task") continue;
      const std::string id = value_of(values, "task");
      keys.try_emplace(
          id, value_of(values, "function") + " {" + value_of(values, "resources") + "} " + value_of(values, "of"));
      retries.try_emplace(id, value_of(values, "retries"));
      resources_[id] = value_of(values, "resources");
    }
    for (const mc::RecordLine& line : record_.lines) {
      if (line.kind != "submit") continue;
      SeenTask task;
      task.id = value_of(line.ids, "task");
      const std::size_t colon = line.stream.find(':');
      task.owner = line.stream.substr(colon + 1);
      task.by_worker = line.stream.rfind("worker", 0) == 0;
      if (std::any_of(tasks_.begin(), tasks_.end(), [&](const SeenTask& other) { return other.id == task.id; }))
        continue;
      task.retries = number_in(retries[task.id]).value_or(0);
      if (task.retries < 0) task.retries = kRetriesMax;  // without end
      task.key = key_of(keys[task.id] + task.owner, task.id);
      tasks_.push_back(task);
    }
    if (tasks_.empty()) refuse("no task was submitted in this session");
    if (tasks_.size() > kTasksMax) {
      refuse(std::to_string(tasks_.size()) + " tasks, and the model has room for " + std::to_string(kTasksMax));
    }
    if (keys_.size() > kKeysMax) {
      refuse(std::to_string(keys_.size()) + " scheduling keys, and the model has room for " + std::to_string(kKeysMax));
    }
  }

  /// What the leases of a key are about. A first request that goes to another raylet than the owner's: an argument is
  /// there, or the program wants that node.
  void find_preferences() {
    std::map<std::string, std::size_t> latest;      // key of the latest resolved task, by stream
    std::map<std::string, std::string> redirected;  // lease, by stream, until the request that follows
    std::map<std::string, std::size_t> asked_for;   // key, by lease
    for (const mc::RecordLine& line : record_.lines) {
      if (line.kind == "redirected") redirected[line.stream] = value_of(line.ids, "lease");
      if (line.kind == "resolved") {
        for (const SeenTask& task : tasks_) {
          if (task.id == value_of(line.ids, "task")) latest[line.stream] = task.key;
        }
      }
      const auto asked = asked_for.find(value_of(line.ids, "lease"));
      if (line.kind == "local" && asked != asked_for.end() && value_of(line.ids, "how") == "args") {
        keys_[asked->second].takes_value = true;
      }
      if (line.kind != "request") continue;
      const std::string node = value_of(line.ids, "node");
      if (const std::string earlier = std::exchange(redirected[line.stream], {}); !earlier.empty()) {
        if (asked_for.contains(earlier)) asked_for[value_of(line.ids, "lease")] = asked_for[earlier];
        continue;
      }
      const auto key = latest.find(line.stream);
      if (key != latest.end()) asked_for[value_of(line.ids, "lease")] = key->second;
      const std::string home = home_of(line.stream.substr(line.stream.find(':') + 1));
      if (key != latest.end() && !home.empty() && node != home) keys_[key->second].node = node;
    }
  }

  /// The node of an owner; empty: the record does not say.
  [[nodiscard]] std::string home_of(const std::string& owner) const {
    for (const auto& [name, values] : record_.facts) {
      if (name == "home" && value_of(values, "worker") == owner) return value_of(values, "node");
    }
    return {};
  }

  std::size_t key_of(const std::string& name, const std::string& task) {
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      if (keys_[k].name == name) return k;
    }
    const auto known = resources_.find(task);
    const int cpus = known == resources_.end() ? 1 : cpus_in(known->second);
    keys_.push_back({name, cpus, {}, false});
    return keys_.size() - 1;
  }

  void find_workers() {
    std::map<std::string, std::set<std::string>> alive;  // by node
    for (const auto& [name, values] : record_.facts) {
      if (name == "idle") alive[value_of(values, "node")].insert(value_of(values, "worker"));
    }
    for (SeenNode& node : nodes_) node.workers = node.idle = static_cast<int>(alive[node.id].size());
    for (const mc::RecordLine& line : record_.lines) {
      const std::size_t colon = line.stream.find(':');
      if (colon == std::string::npos) continue;
      const std::string process = line.stream.substr(colon + 1);
      if (line.kind == "start") alive[process].insert(value_of(line.ids, "worker"));
      if (line.kind == "disconnect") alive[process].erase(value_of(line.ids, "worker"));
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
    if (total > kWorkersMax) {
      refuse(std::to_string(total) + " worker processes at a time, and the model has room for " +
             std::to_string(kWorkersMax));
    }
  }

  /// Which task runs in the worker that submits tasks, and which drivers there are.
  void find_parents() {
    for (const SeenTask& task : tasks_) {
      if (std::find(owners_.begin(), owners_.end(), task.owner) != owners_.end()) continue;
      owners_.push_back(task.owner);
      std::string parent;
      if (task.by_worker) {
        for (const mc::RecordLine& line : record_.lines) {
          if (line.kind == "submit" && value_of(line.ids, "task") == task.id) break;
          if (line.kind == "execute" && line.stream == "worker.main:" + task.owner) parent = value_of(line.ids, "task");
        }
        if (parent.empty()) refuse("a worker submits tasks while it runs none that is known");
      }
      parents_.push_back(parent);
    }
    if (owners_.size() > kOwnersMax) {
      refuse(std::to_string(owners_.size()) + " owners of tasks, and the model has room for " +
             std::to_string(kOwnersMax));
    }
    if (!parents_.empty() && !parents_.front().empty()) refuse("the driver submits no task");
  }

  [[nodiscard]] int count(std::string_view kind, std::string_view how = {}) const {
    return static_cast<int>(std::count_if(record_.lines.begin(), record_.lines.end(), [&](const mc::RecordLine& line) {
      return line.kind == kind && (how.empty() || value_of(line.ids, "how") == how);
    }));
  }

  void budget(Fault fault, int seen) {
    if (seen == 0) return;
    budgets_[std::string(key_of_fault(fault))] = std::min<int>(seen + 1, Budget::kCountMax);
  }
  static std::string_view key_of_fault(Fault fault) { return raymc::key_of(fault); }

  void find_faults() {
    const int sigterms = count("sigterm");
    const int left_in_order = count("unregister") > 0 ? count("unregister") : sigterms;
    budget(Fault::kRayletSigterm, sigterms);
    budget(Fault::kRayletCrash, count("node_failed") > left_in_order ? count("node_failed") - left_in_order : 0);
    budget(Fault::kFalseDeath, count("own_death") * health_failures());
    budget(Fault::kRequestLost, count("call_failed", "request"));
    budget(Fault::kReplyLost, count("call_failed", "reply"));
    budget(Fault::kEarlyError, count("call_failed", "early"));
    budget(Fault::kDriverCrash, count("owner_gone"));
    budget(Fault::kUserExit, count("done", "UnexpectedSystemExit"));
    int crashes = 0;
    for (const mc::RecordLine& line : record_.lines)
      crashes += line.kind == "disconnect" && value_of(line.ids, "how") == "false" ? 1 : 0;
    // A worker may also be gone without its raylet's notice: with it, or so late that nobody reads it.
    if (crashes == 0 && count("ask_cause") > 0) crashes = 1;
    budget(Fault::kWorkerCrash, crashes);
    budget(Fault::kCancel, count("cancel_task"));
    const int raised = count("retry") - count("cause") - count("cause_unknown");
    if (raised > 0) budget(Fault::kTaskRaises, raised);
    budget(Fault::kDrainPreemption, count("drain_node"));
    if (count("drain_node") > 0) {
      budget(Fault::kDrainIdle, count("drain_node"));
      budget(Fault::kPreemptionKill, 1);
    }
    budget(Fault::kGcsCrash, count("gcs_restarted"));
    budget(Fault::kNotIdle, count("exit_ignored"));
  }

  [[nodiscard]] int health_failures() const {
    for (const auto& [name, values] : record_.facts) {
      if (name == "health_check") return std::clamp(number_in(value_of(values, "failures")).value_or(5), 1, 7);
    }
    return 5;
  }

  void write() {
    find_faults();
    std::set<std::string> features{"blocking", "idle_exit", "orderly_kills", "pool_order", "prestart"};
    if (count("owner_gone") > 0) features.insert("jobs");
    if (in_plasma() || count("pin_copy") > 0) features.insert("results");
    std::string& text = out_.text;
    text = "schema = 1\nquestion = \"Could the protocol have done what the record of " + file_name() +
           " says?\"\nfeatures = [";
    for (const std::string& feature : features) text += (feature == *features.begin() ? "\"" : ", \"") + feature + "\"";
    text += "]\n\n[shape]\nnodes = " + std::to_string(nodes_.size()) + "\n";
    text += list("cpus_per_node", [](const SeenNode& node) { return std::min<int>(node.cpus, kCpusMax); });
    text += list("workers_per_node", [](const SeenNode& node) { return node.workers; });
    text += list("prestarted_workers", [](const SeenNode& node) { return node.idle; });
    text += "submission = \"any_time\"\ndelivery = \"unordered\"\nlease_expiry = true\n";
    text += "health_check_failures = " + std::to_string(health_failures()) + "\n";
    if (count("done", "IntentionalSystemExit") > 0) text += "max_calls_one = true\n";
    text += "key_cpus = [";
    for (std::size_t k = 0; k < kKeysMax; ++k) {
      const int cpus = k < keys_.size() ? std::min<int>(keys_[k].cpus, kCpusMax) : 1;
      text += (k == 0 ? "" : ", ") + std::to_string(cpus);
    }
    text += "]\n";
    write_owners();
    write_tasks();
    text += "\n[budget]\n";
    for (const auto& [key, value] : budgets_) text += key + " = " + std::to_string(value) + "\n";
    text += "\n[protocol]\nprofile = \"pinned\"\n\n[check]\nproperties = [\"all\"]\n";
    for (const SeenNode& node : nodes_) {
      if (node.cpus > kCpusMax) {
        out_.notes.push_back("a node of " + std::to_string(node.cpus) + " CPUs is taken for one of " +
                             std::to_string(kCpusMax));
      }
    }
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
        out_.text += "kind = \"task\"\nruns = \"" + task_name(parents_[o]) + "\"\n";
        continue;
      }
      const std::string home = node_name(home_of(owners_[o]));
      if (!home.empty()) out_.text += "node = \"" + home + "\"\n";
    }
  }

  void write_tasks() {
    for (const SeenTask& task : tasks_) {
      out_.text += "\n[[shape.task]]\nid = \"" + task_name(task.id) + "\"\n";
      if (owners_.size() > 1) {
        const auto owner = std::find(owners_.begin(), owners_.end(), task.owner);
        out_.text += "owner = \"" + owner_name(static_cast<std::size_t>(owner - owners_.begin())) + "\"\n";
      }
      out_.text += "key = " + std::to_string(task.key + 1) + "\n";
      out_.text += "max_retries = " + std::to_string(std::min<int>(task.retries, kRetriesMax)) + "\n";
      if (task.retries > kRetriesMax) {
        out_.notes.push_back(task_name(task.id) + " may be retried " + std::to_string(task.retries) +
                             " times, in the model " + std::to_string(kRetriesMax));
      }
      write_argument(task);
      if (budgets_.count("task_raises") > 0) out_.text += "retry_exceptions = true\n";
      if (in_plasma()) out_.text += "result = \"either\"\n";
    }
  }

  /// Values go to plasma.
  [[nodiscard]] bool in_plasma() const {
    return count("recover") > 0 ||
           std::any_of(keys_.begin(), keys_.end(), [](const SeenKey& key) { return key.takes_value; });
  }

  void write_argument(const SeenTask& task) {
    const SeenKey& key = keys_[task.key];
    if (!key.takes_value) {
      const std::string preferred = node_name(key.node);
      if (!preferred.empty()) out_.text += "locality = \"" + preferred + "\"\n";
      return;
    }
    const auto maker = std::find_if(tasks_.begin(), tasks_.end(), [&](const SeenTask& other) {
      return other.owner == task.owner && other.key != task.key;
    });
    if (maker != tasks_.end() && maker < find_task(task.id)) {
      out_.text += "depends_on = \"" + task_name(maker->id) + "\"\n";
    } else {
      const std::string place = node_name(key.node.empty() ? home_of(task.owner) : key.node);
      out_.text += "arguments_at = \"" + (place.empty() ? "n1" : place) + "\"\n";
    }
    out_.notes.push_back(task_name(task.id) + " takes a value in plasma; which one, the logs do not say");
  }

  [[nodiscard]] std::vector<SeenTask>::const_iterator find_task(const std::string& id) const {
    return std::find_if(tasks_.begin(), tasks_.end(), [&](const SeenTask& task) { return task.id == id; });
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
    for (std::size_t t = 0; t < tasks_.size(); ++t) {
      if (tasks_[t].id == id) return "t" + std::to_string(t + 1);
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
  const std::string& file_;
  std::vector<SeenNode> nodes_;
  std::vector<SeenTask> tasks_;
  std::vector<SeenKey> keys_;
  std::map<std::string, std::string> resources_;  // by task
  std::vector<std::string> owners_;
  std::vector<std::string> parents_;  // tasks, by owner; empty: a driver
  std::map<std::string, int> budgets_;
  mc::InputError wrong_;
  RecordedScenario out_;
};

}  // namespace

mc::Result<RecordedScenario> scenario_of(const mc::RecordFile& record, const std::string& file) {
  return Sketch(record, file).draw();
}

}  // namespace raymc
