#include "specs/scenario_shape.hpp"

#include <algorithm>
#include <numeric>

#include "checker/core/nearest.hpp"
#include "model/describe_words.hpp"
#include "model/message.hpp"

namespace raymc {
namespace {

/// "n2" as a node of a cluster of `count` nodes.
std::optional<NodeId> read_node(Diagnosis& diagnosis, const PlacedText& text, std::size_t count) {
  for (std::uint8_t i = 0; i < count; ++i) {
    if (text.text == NodeId{i}.name()) return NodeId{i};
  }
  const std::string last = NodeId{static_cast<std::uint8_t>(count - 1)}.name();
  diagnosis.fail(text.place, "there is no node \"" + text.text + "\"", count == 1 ? "use n1" : "use n1 to " + last);
  return std::nullopt;
}

/// Names are shown in traces and used as parts of action names.
void check_name(Diagnosis& diagnosis, const PlacedText& name) {
  constexpr std::size_t kLengthMax = 16;
  const bool plain = std::all_of(name.text.begin(), name.text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (!plain || name.text.size() > kLengthMax) {
    diagnosis.fail(name.place, "\"" + name.text + "\" is not a name",
                   "use at most 16 letters, digits, \"_\" and \"-\"");
  }
}

std::uint8_t small(std::int64_t value) {
  return static_cast<std::uint8_t>(value);
}

void read_nodes(Diagnosis& diagnosis, const TomlReader& reader, Shape& shape) {
  const auto count = static_cast<std::size_t>(reader.integer("nodes"));
  const std::vector<std::int64_t> ones(count, 1);
  const std::vector<std::int64_t> cpus = reader.integers("cpus_per_node", count, ones);
  const std::vector<std::int64_t> workers = reader.integers("workers_per_node", count, ones);
  const std::vector<std::int64_t> prestarted = reader.integers("prestarted_workers", count, workers);
  const std::vector<std::int64_t> pins = reader.integers("pin_budget", count, std::vector<std::int64_t>(count, 0));
  for (std::size_t i = 0; i < count; ++i) {
    shape.nodes.push_back({.cpus = small(cpus[i]),
                           .workers = small(workers[i]),
                           .prestarted = small(prestarted[i]),
                           .pin_budget = small(pins[i])});
    if (prestarted[i] > workers[i]) {
      diagnosis.fail(reader.place_of("prestarted_workers"),
                     NodeId{small(static_cast<std::int64_t>(i))}.name() + " has " + std::to_string(prestarted[i]) +
                         " prestarted workers but " + std::to_string(workers[i]) + " worker slots",
                     "raise workers_per_node");
    }
  }
  const std::int64_t total = std::accumulate(workers.begin(), workers.end(), std::int64_t{0});
  if (total > kWorkersMax) {
    diagnosis.fail(reader.place_of("workers_per_node"),
                   std::to_string(total) + " workers in all, more than " + std::to_string(kWorkersMax));
  }
  for (const PlacedText& name : reader.names("joins_late")) {
    const std::optional<NodeId> node = read_node(diagnosis, name, count);
    if (!node) continue;
    if (node->value == 0) diagnosis.fail(name.place, "n1 is the head and cannot join late");
    shape.nodes[node->value].joins_late = true;
  }
  if (const std::optional<PlacedText> name = reader.optional_text("new_head")) {
    const NodeId node = read_node(diagnosis, *name, count).value_or(NodeId::none());
    if (node.exists() && !shape.nodes[node.value].joins_late) {
      diagnosis.fail(name->place, "new_head \"" + name->text + "\" does not join late", "name it in joins_late");
    }
    if (node.exists()) shape.nodes[node.value].new_head = true;
  }
  if (!reader.has("may_crash")) return;
  for (NodeShape& node : shape.nodes) node.may_crash = false;
  for (const PlacedText& name : reader.names("may_crash")) {
    if (const std::optional<NodeId> node = read_node(diagnosis, name, count)) shape.nodes[node->value].may_crash = true;
  }
}

/// What kind "task" asks of an owner; its parent task is looked up when all tasks are known.
void check_parent_keys(Diagnosis& diagnosis, const TomlReader& owner, OwnerKind kind) {
  if (kind != OwnerKind::kTask) {
    if (owner.has("gets_one_by_one")) {
      diagnosis.fail(owner.place_of("gets_one_by_one"), "only an owner of kind \"task\" gets values of its tasks");
    }
    if (owner.has("runs")) diagnosis.fail(owner.place_of("runs"), "only an owner of kind \"task\" runs a task");
    if (owner.has("attempt")) {
      diagnosis.fail(owner.place_of("attempt"), "only an owner of kind \"task\" is an attempt of a task");
    }
    return;
  }
  if (!owner.has("runs")) {
    diagnosis.fail(owner.place_of("kind"), "an owner of kind \"task\" names its parent task", "add runs = \"t1\"");
  }
  if (owner.has("node")) {
    diagnosis.fail(owner.place_of("node"), "an owner of kind \"task\" lives where its parent task runs", "remove node");
  }
}

void read_owners(Diagnosis& diagnosis, const TomlReader& reader, Shape& shape) {
  for (const toml::table* table : reader.tables("owner", kOwnersMax)) {
    const TomlReader owner(diagnosis, *table, "shape.owner");
    const PlacedText name = owner.text("name");
    check_name(diagnosis, name);
    const auto kind = static_cast<OwnerKind>(owner.choice("kind"));
    const PlacedText where = owner.text("node");
    const NodeId node = read_node(diagnosis, where, shape.nodes.size()).value_or(NodeId{0});
    if (shape.nodes[node.value].joins_late && kind == OwnerKind::kDriver) {
      diagnosis.fail(where.place, "owner \"" + name.text + "\" runs on " + node.name() + ", which joins late");
    }
    check_parent_keys(diagnosis, owner, kind);
    const bool first = shape.owners.empty();
    if (first && kind != OwnerKind::kDriver) {
      diagnosis.fail(owner.place_of("kind"), "the first owner must be a driver",
                     "put an owner of kind \"driver\" first");
    }
    for (const OwnerShape& other : shape.owners) {
      if (other.name == name.text) diagnosis.fail(name.place, "owner \"" + name.text + "\" stands twice");
    }
    shape.owners.push_back({.name = name.text, .kind = kind, .node = node});
    shape.owners.back().gets_one_by_one = owner.boolean("gets_one_by_one");
    shape.owners.back().attempt = small(owner.integer("attempt") - 1);
  }
  if (shape.owners.empty()) shape.owners.push_back({.name = "driver"});
}

OwnerId read_owner_name(Diagnosis& diagnosis, const TomlReader& task, const Shape& shape) {
  const std::optional<PlacedText> name = task.optional_text("owner");
  if (!name) return OwnerId{0};
  std::vector<std::string_view> known;
  for (const OwnerShape& owner : shape.owners) {
    if (owner.name == name->text) return OwnerId{static_cast<std::uint8_t>(known.size())};
    known.push_back(owner.name);
  }
  diagnosis.fail(name->place, "there is no owner \"" + name->text + "\"",
                 mc::nearest_hint(name->text, known, "owners are"));
  return OwnerId{0};
}

/// Gives each owner of kind "task" its parent task.
void read_parents(Diagnosis& diagnosis, const TomlReader& reader, Shape& shape) {
  std::uint8_t index = 0;
  for (const toml::table* table : reader.tables("owner", kOwnersMax)) {
    const OwnerId self{index};
    OwnerShape& owner = shape.owners[index++];
    const std::optional<PlacedText> name = TomlReader(diagnosis, *table, "shape.owner").optional_text("runs");
    if (!name || owner.kind != OwnerKind::kTask) continue;
    std::vector<std::string_view> known;
    for (const TaskShape& task : shape.tasks) {
      if (task.name == name->text) owner.runs = TaskId{static_cast<std::uint8_t>(known.size())};
      known.push_back(task.name);
    }
    if (!owner.runs.exists()) {
      diagnosis.fail(name->place, "there is no task \"" + name->text + "\"",
                     mc::nearest_hint(name->text, known, "tasks are"));
      continue;
    }
    const bool taken = std::any_of(
        shape.owners.begin(), shape.owners.begin() + self.value,
        [&](const OwnerShape& other) { return other.runs == owner.runs && other.attempt == owner.attempt; });
    if (taken) {
      diagnosis.fail(name->place, "task \"" + name->text + "\" is the parent task of two owners",
                     "give them different attempts of it");
    }
    if (shape.tasks[owner.runs.value].owner >= self) {
      diagnosis.fail(name->place, "a parent task belongs to an owner that stands before the one that it makes",
                     "name the owners from the driver on down");
    }
  }
}

/// Tasks of one key share leases, so their owner and their locality must be one.
void check_against_earlier(Diagnosis& diagnosis, const TomlReader& reader, const TaskShape& task, const Shape& shape) {
  const std::string key = std::to_string(task.key.value + 1);
  for (const TaskShape& other : shape.tasks) {
    if (other.name == task.name) {
      diagnosis.fail(reader.place_of("id"), "task \"" + task.name + "\" stands twice");
    }
    if (other.key != task.key) continue;
    const std::string both = "tasks \"" + other.name + "\" and \"" + task.name + "\" have key " + key;
    if (other.owner != task.owner) {
      diagnosis.fail(reader.place_of(reader.has("owner") ? "owner" : "id"), both + " but different owners",
                     "give them different keys");
    }
    if (other.affinity != task.affinity) {
      diagnosis.fail(reader.place_of(reader.has("affinity") ? "affinity" : "id"), both + " but different affinities",
                     "give them different keys");
    }
    const auto made_in_plasma = [&](const TaskShape& one) {
      const bool may_be = one.depends_on.exists() && shape.tasks[one.depends_on.value].result != Result::kInline;
      return may_be ? one.depends_on : TaskId::none();
    };
    if (other.argument_at != task.argument_at || made_in_plasma(other) != made_in_plasma(task)) {
      diagnosis.fail(reader.place_of("id"), both + " but different arguments in plasma", "give them different keys");
    }
    if (other.locality != task.locality) {
      diagnosis.fail(reader.place_of(reader.has("locality") ? "locality" : "id"), both + " but different localities",
                     "give them different keys");
    }
  }
}

void read_arguments(Diagnosis& diagnosis, const TomlReader& entry, const Shape& shape, TaskShape& task) {
  if (const std::optional<PlacedText> node = entry.optional_text("arguments_at")) {
    task.argument_at = read_node(diagnosis, *node, shape.nodes.size()).value_or(NodeId::none());
    if (task.argument_at.exists() && shape.nodes[task.argument_at.value].joins_late) {
      diagnosis.fail(node->place, "arguments_at \"" + node->text + "\" is a node that joins late",
                     "choose a node that is there at the start");
    }
  }
  if (const std::optional<PlacedText> name = entry.optional_text("depends_on")) {
    std::vector<std::string_view> known;
    std::string of_another;
    for (std::size_t i = 0; i < shape.tasks.size(); ++i) {
      const TaskShape& other = shape.tasks[i];
      if (other.owner == task.owner) known.push_back(other.name);
      if (other.name != name->text) continue;
      if (other.owner == task.owner) task.depends_on = TaskId{static_cast<std::uint8_t>(i)};
      if (other.owner != task.owner) of_another = shape.owners[other.owner.value].name;
    }
    if (!task.depends_on.exists()) {
      diagnosis.fail(name->place, "there is no earlier task \"" + name->text + "\" of the same owner",
                     !of_another.empty() ? "\"" + name->text + "\" belongs to \"" + of_another + "\""
                     : known.empty()     ? "a task depends on one that stands before it"
                                         : mc::nearest_hint(name->text, known, "earlier tasks are"));
    }
  }
  task.actor_argument = entry.boolean("actor_argument");
  task.drops_argument = entry.boolean("drops_argument");
  task.result = static_cast<Result>(entry.choice("result"));
}

void read_tasks(Diagnosis& diagnosis, const TomlReader& reader, Shape& shape) {
  for (const toml::table* table : reader.tables("task", kTasksMax)) {
    const TomlReader entry(diagnosis, *table, "shape.task");
    const PlacedText name = entry.text("id");
    check_name(diagnosis, name);
    TaskShape task;
    task.name = name.text;
    task.owner = read_owner_name(diagnosis, entry, shape);
    task.key = KeyId{small(entry.integer("key") - 1)};
    task.max_retries = small(entry.integer("max_retries"));
    if (const std::optional<PlacedText> affinity = entry.optional_text("affinity")) {
      task.affinity = read_node(diagnosis, *affinity, shape.nodes.size()).value_or(NodeId::none());
    }
    task.endless = entry.boolean("endless");
    task.retry_exceptions = entry.boolean("retry_exceptions");
    task.blocks = entry.boolean("blocks");
    read_arguments(diagnosis, entry, shape, task);
    if (const std::optional<PlacedText> locality = entry.optional_text("locality")) {
      task.locality = read_node(diagnosis, *locality, shape.nodes.size()).value_or(NodeId::none());
      // An owner has no row of a node that has not registered, so that its data cannot be there.
      if (task.locality.exists() && shape.nodes[task.locality.value].joins_late) {
        diagnosis.fail(locality->place, "locality \"" + locality->text + "\" is a node that joins late",
                       "choose a node that is there at the start");
      }
    }
    check_against_earlier(diagnosis, entry, task, shape);
    shape.tasks.push_back(task);
  }
}

/// A program can name only a node that has registered.
void check_affinities(Diagnosis& diagnosis, const TomlReader& reader, const Shape& shape) {
  for (const TaskShape& task : shape.tasks) {
    if (!task.affinity.exists() || !shape.nodes[task.affinity.value].joins_late) continue;
    if (shape.submission == Submission::kAnyTime) continue;
    diagnosis.fail(reader.place_of("task"),
                   "task \"" + task.name + "\" names " + task.affinity.name() + ", which joins late",
                   "set submission = \"any_time\"");
  }
}

/// The calls that no fault of a single call strikes: all but the named ones.
std::uint32_t read_spared_calls(Diagnosis& diagnosis, const TomlReader& reader) {
  if (!reader.has("faulty_calls")) return 0;
  std::vector<std::string> words;
  for (std::uint8_t r = 0; r < kRpcCount; ++r) words.push_back(word(static_cast<Rpc>(r)));
  const std::vector<std::string_view> known(words.begin(), words.end());
  std::uint32_t faulty = 0;
  for (const PlacedText& name : reader.names("faulty_calls")) {
    const auto found = std::find(words.begin(), words.end(), name.text);
    if (found == words.end()) {
      diagnosis.fail(name.place, "there is no call \"" + name.text + "\"",
                     mc::nearest_hint(name.text, known, "calls are"));
    } else {
      faulty |= 1U << static_cast<unsigned>(found - words.begin());
    }
  }
  return ((1U << kRpcCount) - 1U) & ~faulty;
}

}  // namespace

std::size_t keys_shown(const Shape& shape) {
  std::size_t keys = 2;
  for (const TaskShape& task : shape.tasks) keys = std::max(keys, std::size_t{task.key.value} + 1);
  return keys;
}

Shape read_shape(Diagnosis& diagnosis, const toml::table& table) {
  const TomlReader reader(diagnosis, table, "shape");
  Shape shape;
  read_nodes(diagnosis, reader, shape);
  read_owners(diagnosis, reader, shape);
  read_tasks(diagnosis, reader, shape);
  read_parents(diagnosis, reader, shape);
  const std::size_t keys = keys_shown(shape);
  const std::vector<std::int64_t> cpus = reader.integers("key_cpus", keys, std::vector<std::int64_t>(keys, 1));
  for (std::size_t i = 0; i < keys; ++i) shape.key_cpus[i] = small(cpus[i]);
  shape.view = static_cast<ResourceView>(reader.choice("resource_view"));
  shape.submission = static_cast<Submission>(reader.choice("submission"));
  check_affinities(diagnosis, reader, shape);
  shape.delivery = static_cast<Delivery>(reader.choice("delivery"));
  shape.max_calls_one = reader.boolean("max_calls_one");
  shape.max_calls = small(reader.integer("max_calls"));
  shape.lease_expiry = reader.boolean("lease_expiry");
  shape.partitions_heal = reader.boolean("partitions_heal");
  shape.spared_calls = read_spared_calls(diagnosis, reader);
  shape.memory_policy = static_cast<MemoryPolicy>(reader.choice("memory_policy"));
  shape.force_cancel = reader.boolean("force_cancel");
  shape.startup_concurrency = small(reader.integer("startup_concurrency"));
  shape.idle_workers_kept = small(reader.integer("idle_workers_kept"));
  shape.start_retries = small(reader.integer("start_retries"));
  shape.memory_retries = small(reader.integer("memory_retries"));
  shape.health_check_failures = small(reader.integer("health_check_failures"));
  return shape;
}

}  // namespace raymc
