#include "specs/logs/seen_tasks.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <utility>

#include "specs/logs/cast.hpp"

namespace raymc {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

std::string value_of(const Values& values, std::string_view key) {
  for (const auto& [name, value] : values) {
    if (name == key) return value;
  }
  return {};
}

int number_in(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The return value of a task has the task's name and then this; a redacted record has a dot between.
bool is_return_of(const std::string& object, const SeenTask& task) {
  constexpr std::string_view kFirst = "01000000";
  return object == task.id + std::string(kFirst) || object == task.id + "." + std::string(kFirst);
}

class Reader {
 public:
  explicit Reader(const mc::RecordFile& record) : record_(record) {}

  [[nodiscard]] SeenTasks read() {
    find_tasks();
    find_arguments();
    find_first_requests();
    find_lease_uses();
    find_keys();
    return std::move(seen_);
  }

 private:
  [[nodiscard]] SeenTask* task_named(const std::string& id) {
    const auto found =
        std::find_if(seen_.tasks.begin(), seen_.tasks.end(), [&](const SeenTask& task) { return task.id == id; });
    return found == seen_.tasks.end() ? nullptr : &*found;
  }

  void find_tasks() {
    std::map<std::string, int> retries;
    for (const auto& [name, values] : record_.facts) {
      if (name != "task") continue;
      const std::string id = value_of(values, "task");
      classes_.try_emplace(id, value_of(values, "function") + " {" + value_of(values, "resources") + "}");
      resources_.try_emplace(id, resources_in(value_of(values, "resources")));
      retries.try_emplace(id, number_in(value_of(values, "retries")));
    }
    for (const mc::RecordLine& line : record_.lines) {
      if (line.kind != "submit") continue;
      SeenTask task;
      task.id = value_of(line.ids, "task");
      if (task_named(task.id) != nullptr) continue;
      task.owner = line.stream.substr(line.stream.find(':') + 1);
      task.by_worker = line.stream.rfind("worker", 0) == 0;
      task.retries = retries[task.id];
      seen_.tasks.push_back(task);
    }
    // No clock says which of two drivers was first, and what a task submits comes after it.
    std::ranges::stable_sort(seen_.tasks, {}, [this](const SeenTask& task) {
      return std::pair(task.by_worker, task.by_worker ? 0 : home_place(record_, task.owner));
    });
  }

  /// In plasma are puts and large return values.
  void find_arguments() {
    for (const auto& [name, values] : record_.facts) {
      if (name == "plasma") seen_.in_plasma.insert(value_of(values, "object"));
      if (name != "argument") continue;
      if (SeenTask* task = task_named(value_of(values, "task"))) task->arguments.push_back(value_of(values, "object"));
    }
    for (const SeenTask& task : seen_.tasks) {
      for (const std::string& object : task.arguments) {
        if (seen_.maker_of(object, task) == seen_.tasks.end()) seen_.in_plasma.insert(object);
      }
    }
  }

  void find_first_requests() {
    std::map<std::string, SeenTask*> resolved;  // by stream, until the next line
    for (const mc::RecordLine& line : record_.lines) {
      if (line.stream.find(".io:") == std::string::npos) continue;
      SeenTask*& task = resolved[line.stream];
      if (line.kind == "request" && task != nullptr && task->asked.empty()) task->asked = value_of(line.ids, "node");
      task = line.kind == "resolved" ? task_named(value_of(line.ids, "task")) : nullptr;
    }
  }

  /// For which task each lease was asked: the request that follows a resolution is for that task's key, and the one
  /// that follows a redirection or a failure for the key of the request before.
  [[nodiscard]] std::map<std::string, std::string> tasks_of_leases() const {
    std::map<std::string, std::string> asked_for;
    std::map<std::string, const mc::RecordLine*> before;  // by stream
    for (const mc::RecordLine& line : record_.lines) {
      if (line.stream.find(".io:") == std::string::npos) continue;
      const mc::RecordLine* last = std::exchange(before[line.stream], &line);
      if (line.kind != "request" || last == nullptr) continue;
      std::string& task = asked_for[value_of(line.ids, "lease")];
      if (last->kind == "resolved") task = value_of(last->ids, "task");
      if (last->kind == "redirected" || last->kind == "request_failed") {
        const auto earlier = asked_for.find(value_of(last->ids, "lease"));
        if (earlier != asked_for.end()) task = earlier->second;
      }
    }
    return asked_for;
  }

  /// What is pushed to a worker without another grant runs under the same lease as what ran there before, and what is
  /// pushed first is of the key for which the lease was asked.
  void find_lease_uses() {
    std::map<std::string, std::string> asked_for = tasks_of_leases();
    std::map<std::pair<std::string, std::string>, std::string> latest;  // task, by stream and worker
    for (const mc::RecordLine& line : record_.lines) {
      std::string& before = latest[{line.stream, value_of(line.ids, "worker")}];
      if (line.kind == "granted") before = asked_for[value_of(line.ids, "lease")];
      if (line.kind != "push") continue;
      SeenTask* task = task_named(value_of(line.ids, "task"));
      SeenTask* other = task_named(std::exchange(before, value_of(line.ids, "task")));
      if (task == nullptr || other == nullptr || task == other) continue;
      if (task < other) std::swap(task, other);  // tasks stand in the order of their submission
      if (task->like.empty()) task->like = other->id;
    }
  }

  /// Tasks of one key are of one class, take the same arguments in plasma, and prefer the same node. What a task
  /// prefers is seen in the request that follows its resolution: who has none is taken for one like the others.
  void find_keys() {
    for (const bool asked : {true, false}) {
      for (SeenTask& task : seen_.tasks) {
        if (task.like.empty() && task.asked.empty() != asked) task.key = key_of(task);
      }
    }
    for (SeenTask& task : seen_.tasks) {
      if (!task.like.empty()) task.key = first_like(task).key;
    }
  }

  /// The first of those that ran under one lease after each other.
  const SeenTask& first_like(const SeenTask& task) {
    const SeenTask* first = &task;
    while (!first->like.empty()) first = task_named(first->like);
    return *first;
  }

  std::size_t key_of(const SeenTask& task) {
    std::string name = classes_[task.id] + " " + task.owner;
    for (const std::string& object : seen_.plasma_arguments_of(task)) name += " " + object;
    for (std::size_t k = 0; k < seen_.keys.size(); ++k) {
      if (seen_.keys[k].name == name && (task.asked.empty() || seen_.keys[k].node == task.asked)) return k;
    }
    const auto known = resources_.find(task.id);
    seen_.keys.push_back({name, known == resources_.end() ? resources_in("CPU: 1") : known->second, task.asked});
    return seen_.keys.size() - 1;
  }

  const mc::RecordFile& record_;
  std::map<std::string, std::string> classes_;  // by task
  std::map<std::string, Resources> resources_;  // by task
  SeenTasks seen_;
};

}  // namespace

std::vector<SeenTask>::const_iterator SeenTasks::maker_of(const std::string& object, const SeenTask& user) const {
  return std::find_if(tasks.begin(), tasks.end(),
                      [&](const SeenTask& task) { return task.owner == user.owner && is_return_of(object, task); });
}

std::vector<std::string> SeenTasks::plasma_arguments_of(const SeenTask& task) const {
  std::vector<std::string> found;
  for (const std::string& object : task.arguments) {
    if (in_plasma.contains(object)) found.push_back(object);
  }
  return found;
}

bool SeenTasks::returns_to_plasma(const SeenTask& task) const {
  return std::any_of(in_plasma.begin(), in_plasma.end(),
                     [&](const std::string& object) { return is_return_of(object, task); });
}

SeenTasks seen_tasks_of(const mc::RecordFile& record) {
  return Reader(record).read();
}

}  // namespace raymc
