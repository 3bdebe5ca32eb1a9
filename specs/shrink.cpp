#include "specs/shrink.hpp"

#include <algorithm>
#include <sstream>

#include "checker/core/assert.hpp"
#include "model/budget.hpp"
#include "model/ids.hpp"
#include "model/profile.hpp"
#include "specs/scenario_text.hpp"

namespace raymc {
namespace {

toml::table parsed(std::string_view text) {
  toml::parse_result result = toml::parse(text);
  MC_ASSERT(static_cast<bool>(result), "a scenario that was read is read again");
  return std::move(result).table();
}

/// Collects reductions of one scenario.
class Shrinker {
 public:
  explicit Shrinker(toml::table root) : root_(std::move(root)) {}

  std::vector<Reduction> run() {
    faults();
    entries("task", "id", 1);
    nodes();
    entries("owner", "name", 2);
    sizes();
    defaults("shape", {"nodes", "owner", "task"});
    task_defaults();
    names("", "features");
    safeguards();
    return std::move(found_);
  }

 private:
  toml::table& table_in(toml::table& root, std::string_view name) { return *root.get(name)->as_table(); }
  toml::table& shape_in(toml::table& root) { return table_in(root, "shape"); }

  void offer(std::string what, const toml::table& root) { found_.push_back({std::move(what), scenario_text(root)}); }

  void faults() {
    if (root_.get("budget") == nullptr) return;
    for (const FaultRow& fault : fault_table()) {
      toml::table root = root_;
      toml::table& budget = table_in(root, "budget");
      const std::int64_t count = budget[fault.key].value_or(std::int64_t{0});
      if (count <= 0) continue;
      if (count == 1) {
        budget.erase(fault.key);
      } else {
        budget.insert_or_assign(fault.key, count - 1);
      }
      offer("a fault " + std::string(fault.key), root);
    }
  }

  /// Each entry of a list of the shape, from the last down to the one with number `first`.
  void entries(std::string_view list, std::string_view name, std::size_t first) {
    const toml::array* all = shape_in(root_).get_as<toml::array>(list);
    if (all == nullptr || all->size() < 2) return;
    for (std::size_t i = all->size(); i >= first; --i) {
      toml::table root = root_;
      toml::array& array = *shape_in(root).get_as<toml::array>(list);
      const std::string id = (*array.get(i - 1)->as_table())[name].value_or(std::string());
      array.erase(array.begin() + static_cast<std::ptrdiff_t>(i - 1));
      offer(std::string(list) + " " + id, root);
    }
  }

  /// The head stays.
  void nodes() {
    const std::int64_t count = shape_in(root_)["nodes"].value_or(std::int64_t{1});
    for (std::int64_t node = count; node >= 2; --node) {
      toml::table root = root_;
      toml::table& shape = shape_in(root);
      shape.insert_or_assign("nodes", count - 1);
      bool possible = true;
      for (auto&& [key, value] : shape) {
        toml::array* array = value.as_array();
        if (array == nullptr) continue;
        const bool per_node = key.str().ends_with("_per_node") || key == "prestarted_workers" || key == "pin_budget";
        if (per_node && array->size() == static_cast<std::size_t>(count)) array->erase(array->begin() + (node - 1));
        if (key == "joins_late" || key == "may_crash") rename(*array, node);
        if (key != "owner" && key != "task") continue;
        for (toml::node& entry : *array) possible = rename(*entry.as_table(), node) && possible;
      }
      if (possible) offer("node n" + std::to_string(node), root);
    }
  }

  /// A node's name after node `gone` is gone; empty: it is the one.
  static std::string renamed(const std::string& name, std::int64_t gone) {
    const std::string prefix = "n";
    for (std::int64_t node = 1; node <= kNodesMax; ++node) {
      if (name != prefix + std::to_string(node)) continue;
      if (node == gone) return {};
      return prefix + std::to_string(node > gone ? node - 1 : node);
    }
    return name;
  }

  static void rename(toml::array& names, std::int64_t gone) {
    toml::array kept;
    for (const toml::node& entry : names) {
      const std::string name = renamed(entry.value_or(std::string()), gone);
      if (!name.empty()) kept.push_back(name);
    }
    names = kept;
  }

  /// False if the entry stands on the node that is gone.
  static bool rename(toml::table& entry, std::int64_t gone) {
    for (const std::string_view key : {"node", "affinity", "arguments_at", "locality"}) {
      const auto name = entry[key].value<std::string>();
      if (!name) continue;
      const std::string now = renamed(*name, gone);
      if (now.empty()) return false;
      entry.insert_or_assign(key, now);
    }
    return true;
  }

  /// One less of each number of the shape and of each retry.
  void sizes() {
    for (const ScenarioKey& key : scenario_keys()) {
      if (key.table != "shape" || key.type != KeyType::kIntegers) continue;
      const toml::node* node = shape_in(root_).get(key.name);
      if (node == nullptr) continue;
      const std::size_t count = node->is_array() ? node->as_array()->size() : 1;
      for (std::size_t i = 0; i < count; ++i) {
        toml::table root = root_;
        toml::node& now = *shape_in(root).get(key.name);
        toml::node& number = now.is_array() ? *now.as_array()->get(i) : now;
        auto* integer = number.as_integer();
        if (integer == nullptr || integer->get() <= key.min) continue;
        integer->get() -= 1;
        const std::string where = now.is_array() ? " of number " + std::to_string(i + 1) : "";
        offer("one of " + std::string(key.name) + where, root);
      }
    }
    const toml::array& tasks = *shape_in(root_).get_as<toml::array>("task");
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      toml::table root = root_;
      toml::table& task = *shape_in(root).get_as<toml::array>("task")->get(i)->as_table();
      const std::int64_t retries = task["max_retries"].value_or(std::int64_t{0});
      if (retries <= 0) continue;
      if (retries == 1) {
        task.erase("max_retries");
      } else {
        task.insert_or_assign("max_retries", retries - 1);
      }
      offer("a retry of task " + task["id"].value_or(std::string()), root);
    }
  }

  /// Each key of a table that may be absent, but for those named.
  void defaults(std::string_view table, const std::vector<std::string_view>& but) {
    for (const ScenarioKey& key : scenario_keys()) {
      const bool spared = std::find(but.begin(), but.end(), key.name) != but.end();
      if (key.table != table || key.required || spared || table_in(root_, table).get(key.name) == nullptr) continue;
      toml::table root = root_;
      table_in(root, table).erase(key.name);
      offer(key.path() + ", which is then " + std::string(key.fallback), root);
    }
  }

  void task_defaults() {
    const toml::array& tasks = *shape_in(root_).get_as<toml::array>("task");
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      for (const ScenarioKey& key : scenario_keys()) {
        if (key.table != "shape.task" || key.required || key.name == "max_retries") continue;
        toml::table root = root_;
        toml::table& task = *shape_in(root).get_as<toml::array>("task")->get(i)->as_table();
        if (task.erase(key.name) == 0) continue;
        offer(std::string(key.name) + " of task " + task["id"].value_or(std::string()), root);
      }
    }
  }

  void names(std::string_view table, std::string_view list) {
    const toml::table& from = table.empty() ? root_ : table_in(root_, table);
    const toml::array* all = from.get_as<toml::array>(list);
    for (std::size_t i = 0; all != nullptr && i < all->size(); ++i) {
      toml::table root = root_;
      toml::array& array = *(table.empty() ? root : table_in(root, table)).get_as<toml::array>(list);
      const std::string name = array.get(i)->value_or(std::string());
      array.erase(array.begin() + static_cast<std::ptrdiff_t>(i));
      if (array.empty()) (table.empty() ? root : table_in(root, table)).erase(list);
      offer("feature " + name, root);
    }
  }

  /// Each safeguard that stands against the profile.
  void safeguards() {
    const toml::table* set = root_["protocol"]["safeguards"].as_table();
    if (set == nullptr) return;
    for (const auto& [key, value] : *set) {
      toml::table root = root_;
      root["protocol"]["safeguards"].as_table()->erase(key);
      if (root["protocol"]["safeguards"].as_table()->empty()) table_in(root, "protocol").erase("safeguards");
      offer("the switch of " + std::string(key.str()), root);
    }
  }

  toml::table root_;
  std::vector<Reduction> found_;
};

}  // namespace

std::vector<Reduction> reductions_of(std::string_view text) {
  return Shrinker(parsed(text)).run();
}

std::string restated(std::string_view text, std::string_view property, std::optional<std::uint32_t> trace_length,
                     const std::vector<std::pair<std::string, bool>>& safeguards, const std::string& comment) {
  toml::table root = parsed(text);
  root.erase("finding");  // it was said of another violation, or of other safeguards
  if (!safeguards.empty()) {
    if (root.get("protocol") == nullptr) root.insert("protocol", toml::table{});
    toml::table& protocol = *root.get("protocol")->as_table();
    for (const auto& [id, on] : safeguards) {
      if (protocol.get("safeguards") == nullptr) protocol.insert("safeguards", toml::table{});
      toml::table& single = *protocol.get("safeguards")->as_table();
      if (const Profile* profile = find_profile(id)) {
        protocol.insert_or_assign("profile", id);
        for (const SafeguardRow& row : safeguard_table()) {
          if (!profile->leaves(row.safeguard)) single.erase(row.id);
        }
      } else {
        single.insert_or_assign(id, on);
      }
    }
  }
  root.insert_or_assign("check", toml::table{{"properties", toml::array{std::string(property)}}});
  toml::table expect{{"outcome", "violated"}, {"property", std::string(property)}};
  if (trace_length) expect.insert("trace_length", static_cast<std::int64_t>(*trace_length));
  root.insert_or_assign("expect", expect);
  std::string head;
  std::istringstream lines(comment);
  for (std::string line; std::getline(lines, line);) head += line.empty() ? "#\n" : "# " + line + "\n";
  return head + scenario_text(root);
}

}  // namespace raymc
