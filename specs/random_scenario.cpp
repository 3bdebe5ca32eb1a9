#include "specs/random_scenario.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <set>
#include <utility>

#include "checker/core/random.hpp"
#include "model/budget.hpp"
#include "model/describe_words.hpp"
#include "model/feature.hpp"
#include "model/ids.hpp"
#include "model/message.hpp"
#include "model/profile.hpp"
#include "model/safeguards.hpp"
#include "specs/scenario_keys.hpp"
#include "specs/scenario_text.hpp"
#include "specs/selection.hpp"

namespace raymc {
namespace {

using Names = std::vector<std::string>;

/// Draws one scenario. A key that is drawn by name is "settled": the plain draws from the table leave it alone.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t number, std::span<const Property> known)
      : random_(seed, number), known_(known) {
    root_ = plain("", 8, {"check", "finding"});
    root_.insert("question", "scenario " + std::to_string(number) + " of seed " + std::to_string(seed));
  }

  toml::table run() {
    if (one_in(8)) root_.insert("threads", toml::array{"#" + std::to_string(10'000 + below(60'000))});
    if (one_in(2)) put(root_, "features", features());
    root_.insert("shape", shape());
    put(root_, "budget", budget());
    put(root_, "protocol", protocol());
    if (one_in(8)) put(root_, "limits", plain("limits", 1, {}));
    root_.insert("check", check());
    if (one_in(12)) root_.insert("expect", expect());
    put(root_, "finding", finding());
    if (one_in(8)) root_["check"].as_table()->insert("reachable", toml::array{situation()});
    return std::move(root_);
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool one_in(std::uint64_t count) { return below(count) == 0; }
  const std::string& one_of(const Names& names) { return names[below(names.size())]; }
  /// A position, each as often as its weight says.
  std::size_t weighed(std::initializer_list<std::uint64_t> weights) {
    std::uint64_t sum = 0;
    for (const std::uint64_t weight : weights) sum += weight;
    std::uint64_t drawn = below(sum);
    std::size_t position = 0;
    for (const std::uint64_t weight : weights) {
      if (drawn < weight) break;
      drawn -= weight;
      ++position;
    }
    return position;
  }
  /// Up to `most` of the names, none twice.
  toml::array some_of(Names names, std::size_t most) {
    toml::array chosen;
    const std::size_t count = std::min<std::size_t>(1 + below(most), names.size());
    for (std::size_t i = 0; i < count; ++i) {
      std::swap(names[i], names[i + below(names.size() - i)]);
      chosen.push_back(names[i]);
    }
    return chosen;
  }
  template <class Value>
  static void put(toml::table& table, std::string_view key, Value value) {
    if (!value.empty()) table.insert(key, std::move(value));
  }

  /// Mostly among the smallest values, sometimes any.
  std::int64_t integer(const ScenarioKey& key) {
    const auto range = static_cast<std::uint64_t>(key.max - key.min) + 1;
    const std::uint64_t span = range > 1000 ? 60U << (2 * below(4))
                               : one_in(4)  ? range
                                            : std::min<std::uint64_t>(range, 2);
    return key.min + static_cast<std::int64_t>(below(span));
  }
  /// Draws, with one chance in `odds` each, the keys of a table that name nothing of the scenario.
  toml::table plain(std::string_view path, std::uint64_t odds, const std::set<std::string_view>& settled) {
    toml::table table;
    for (const ScenarioKey& key : scenario_keys()) {
      if (key.table != path || settled.contains(key.name) || !(key.required || one_in(odds))) continue;
      if (key.type == KeyType::kInteger) table.insert(key.name, integer(key));
      if (key.type == KeyType::kBoolean) table.insert(key.name, one_in(2));
      if (key.type == KeyType::kChoice) table.insert(key.name, key.choices[below(key.choices.size())]);
    }
    return table;
  }

  toml::array features() {
    Names names;
    for (const FeatureRow& row : feature_table()) names.emplace_back(row.id);
    return some_of(names, 3);
  }
  toml::array safeguards() {
    Names names;
    for (const SafeguardRow& row : safeguard_table()) names.emplace_back(row.id);
    return some_of(names, 3);
  }

  toml::table shape() {
    static const std::set<std::string_view> kSettled{"nodes", "submission"};
    nodes_ = 1 + weighed({4, 6, 6, 1});
    for (std::size_t i = 0; i < nodes_; ++i) early_.push_back(name('n', i));
    toml::table shape = plain("shape", 5, kSettled);
    shape.insert("nodes", static_cast<std::int64_t>(nodes_));
    if (one_in(4)) join_late(shape);
    if (one_in(6)) shape.insert("may_crash", some_of(all_nodes(), nodes_));
    if (one_in(6)) shape.insert("faulty_calls", calls());
    any_time_ = one_in(5);
    if (any_time_) shape.insert("submission", "any_time");
    tracked_ = shape["resource_view"].value_or(std::string()) == "tracked";
    sizes(shape);
    owners(shape);
    const std::size_t keys = tasks(shape);
    if (one_in(6)) integers(shape, "key_cpus", std::vector<std::int64_t>(keys, kCpusMax));
    return shape;
  }

  static std::string name(char letter, std::size_t position) { return letter + std::to_string(position + 1); }
  [[nodiscard]] Names all_nodes() const {
    Names nodes;
    for (std::size_t i = 0; i < nodes_; ++i) nodes.push_back(name('n', i));
    return nodes;
  }

  void join_late(toml::table& shape) {
    if (nodes_ == 1) return;
    Names others = all_nodes();
    others.erase(others.begin());
    toml::array late = some_of(others, others.size());
    Names names;
    for (const toml::node& node : late) names.push_back(node.value_or(std::string()));
    std::erase_if(early_, [&](const std::string& node) { return std::ranges::find(names, node) != names.end(); });
    if (one_in(3)) shape.insert("new_head", one_of(names));
    shape.insert("joins_late", std::move(late));
  }

  toml::array calls() {
    Names names;
    for (std::uint8_t r = 0; r < kRpcCount; ++r) names.push_back(word(static_cast<Rpc>(r)));
    return some_of(names, 3);
  }

  /// One value for all entries, which keeps nodes interchangeable, or one for each. `most` are their greatest values.
  std::vector<std::int64_t> integers(toml::table& shape, std::string_view key, const std::vector<std::int64_t>& most) {
    const ScenarioKey& row = scenario_key("shape", key);
    std::vector<std::int64_t> values;
    for (const std::int64_t limit : most) values.push_back(std::min(limit, integer(row)));
    if (one_in(2)) {
      values.assign(most.size(), std::ranges::min(values));
      shape.insert(key, values.front());
      return values;
    }
    toml::array array;
    for (const std::int64_t value : values) array.push_back(value);
    shape.insert(key, std::move(array));
    return values;
  }
  void sizes(toml::table& shape) {
    const auto each = [this](std::int64_t value) { return std::vector<std::int64_t>(nodes_, value); };
    std::vector<std::int64_t> workers = each(1);
    const auto share = static_cast<std::int64_t>(kWorkersMax / nodes_);
    if (one_in(3)) workers = integers(shape, "workers_per_node", each(share));
    if (one_in(4)) integers(shape, "prestarted_workers", workers);
    if (one_in(4)) integers(shape, "cpus_per_node", each(kCpusMax));
    if (one_in(6)) integers(shape, "pin_budget", each(kObjectsMax));
  }

  [[nodiscard]] bool knows_one_job() const {
    const toml::array* features = root_["features"].as_array();
    return features != nullptr &&
           std::ranges::any_of(*features, [](const toml::node& one) { return one.value_or(std::string()) == "jobs"; });
  }
  void owners(toml::table& shape) {
    owners_ = {"driver"};
    parent_ = worker_owner_ = two_drivers_ = false;
    large_ = one_in(10);
    if (!one_in(3)) return;
    toml::table driver{{"name", "driver"}, {"kind", "driver"}, {"node", one_of(early_)}};
    toml::array list{std::move(driver)};
    if (one_in(2)) {
      parent_ = one_in(2);
      two_drivers_ = !parent_ && !knows_one_job() && one_in(3);
      worker_owner_ = !parent_ && !two_drivers_;
      toml::table other{{"name", "o2"}, {"kind", parent_ ? "task" : worker_owner_ ? "worker" : "driver"}};
      if (parent_) {
        other.insert("runs", "t1");
        if (one_in(4)) other.insert("gets_one_by_one", one_in(2));
      } else {
        other.insert("node", one_of(worker_owner_ ? all_nodes() : early_));
      }
      owners_.emplace_back("o2");
      list.push_back(std::move(other));
      if (large_) more_owners(list);
    }
    shape.insert("owner", std::move(list));
  }

  /// Owners that are born with a task of one before them: another attempt of a parent, or a child that is a parent. The
  /// first tasks belong to the owners in their order.
  void more_owners(toml::array& list) {
    std::vector<std::int64_t> attempts(kOwnersMax, 0);  // of each task, that owners are
    attempts[0] = parent_ ? 1 : 0;
    const std::size_t count = 3 + below(kOwnersMax - 2);
    while (owners_.size() < count) {
      const std::size_t parent = below(owners_.size());
      const std::string id = "o" + std::to_string(owners_.size() + 1);
      toml::table other{{"name", id}, {"kind", "task"}, {"runs", name('t', parent)}};
      const std::int64_t attempt = ++attempts[parent];
      if (attempt > 1) other.insert("attempt", attempt);
      owners_.push_back(id);
      list.push_back(std::move(other));
    }
    parent_ = true;
  }

  /// What tasks of one scheduling key have in common.
  struct Key {
    std::string owner;
    std::string affinity;
    std::string locality;
    std::string arguments_at;
    std::optional<std::string>
        made_in_plasma;  // the task whose value they take by reference; none yet, or "" for no task
  };

  /// So many entries the list of their CPUs has: two at least.
  std::size_t tasks(toml::table& shape) {
    static const std::set<std::string_view> kSettled{"id", "owner", "key", "affinity", "locality", "arguments_at"};
    std::vector<Key> keys(kKeysMax);
    for (std::size_t k = 0; k < keys.size(); ++k) {
      // The first task is the driver's; each further owner has a key and a task, as its own children may be owners.
      keys[k].owner = k < owners_.size() ? owners_[k] : owners_[0];
      if (one_in(6)) keys[k].affinity = one_of(any_time_ ? all_nodes() : early_);
      if (one_in(6)) keys[k].locality = one_of(early_);
      if (one_in(5)) keys[k].arguments_at = one_of(early_);
    }
    toml::array list;
    std::size_t shown = 2;
    const std::size_t few = std::max(owners_.size(), 1 + weighed({5, 6, 2, 1}));
    const std::size_t count = large_ && one_in(2) ? 5 + below(kTasksMax - 4) : few;
    for (std::size_t t = 0; t < count; ++t) {
      const std::size_t k = t < owners_.size() ? t : below(large_ ? std::size_t{kKeysMax} : std::size_t{4});
      shown = std::max(shown, k + 1);
      toml::table task = plain("shape.task", 8, kSettled);
      task.insert("id", name('t', t));
      if (k > 0) task.insert("key", static_cast<std::int64_t>(k) + 1);
      if (keys[k].owner != owners_[0] || one_in(8)) task.insert("owner", keys[k].owner);
      put(task, "affinity", keys[k].affinity);
      put(task, "locality", keys[k].locality);
      put(task, "arguments_at", keys[k].arguments_at);
      depend(list, keys[k], task);
      list.push_back(std::move(task));
    }
    shape.insert("task", std::move(list));
    return shown;
  }

  /// Lets the task take the value of an earlier one of its owner, if its key allows that.
  void depend(const toml::array& earlier, Key& key, toml::table& task) {
    std::string chosen;
    std::string by_reference;
    if (one_in(4) || key.made_in_plasma.value_or("") != "") {
      for (const toml::node& node : earlier) {
        const toml::table& other = *node.as_table();
        const std::string id = other["id"].value_or(std::string());
        const std::string made = other["result"].value_or(std::string("inline")) == "inline" ? "" : id;
        if (other["owner"].value_or(owners_[0]) != key.owner) continue;
        if (key.made_in_plasma && *key.made_in_plasma != made) continue;
        if (!chosen.empty() && one_in(2)) continue;
        chosen = id;
        by_reference = made;
      }
    }
    key.made_in_plasma = by_reference;
    put(task, "depends_on", chosen);
  }

  [[nodiscard]] bool refused(Fault fault) const {
    using enum Fault;
    const auto among = [&](std::initializer_list<Fault> faults) {
      return std::ranges::find(faults, fault) != faults.end();
    };
    if (fault == kStreamBroken) return !tracked_;
    const bool by_worker =
        worker_owner_ && among({kDriverCrash, kDriverPlasma, kOwnerGivesUp, kNodeBlackhole, kGcsPartition});
    return by_worker ||
           (parent_ && among({kRayletHang, kNodeBlackhole, kGcsPartition, kOwnerPartition, kOwnerDropped}));
  }
  toml::table budget() {
    Names names;
    for (const FaultRow& row : fault_table()) {
      const bool ends_the_job = row.feature == Feature::kJobs;
      if (!refused(row.fault) && !(two_drivers_ && ends_the_job)) names.emplace_back(row.key);
    }
    toml::table budget;
    if (one_in(6)) return budget;
    for (const toml::node& fault : some_of(names, 3)) {
      const std::int64_t count = one_in(6) ? 1 + static_cast<std::int64_t>(below(Budget::kCountMax)) : 1;
      budget.insert(fault.value_or(std::string()), count);
    }
    return budget;
  }

  toml::table protocol() {
    toml::table protocol;
    if (one_in(3)) protocol = plain("protocol", 1, {});
    if (!one_in(2)) return protocol;
    toml::table set;
    for (const toml::node& id : safeguards()) set.insert(id.value_or(std::string()), one_in(2));
    protocol.insert("safeguards", std::move(set));
    return protocol;
  }

  toml::table check() {
    toml::table check = plain("check", 8, {"properties"});
    toml::array properties;
    if (one_in(8)) {
      properties.push_back(one_in(2) ? "all" : "default");
      for (const Property& property : known_) {
        if (is_default(property) && property.applies.to == nullptr) checked_.emplace_back(property.id);
      }
    } else {
      Names ids;
      for (const Property& property : known_) ids.emplace_back(property.id);
      properties = some_of(ids, 4);
      for (const toml::node& id : properties) checked_.push_back(id.value_or(std::string()));
    }
    check.insert("properties", std::move(properties));
    return check;
  }

  /// A situation that some state may be in.
  toml::table situation() {
    Names phrases{"raylet n1: dead", "GCS: down", "message: RequestWorkerLease", "worker w1: running, leased"};
    const std::string task = root_["shape"]["task"][0]["id"].value_or(std::string());
    for (const char* const words : {": FINISHED", ": FAILED", ": queued"}) phrases.push_back("task " + task + words);
    return toml::table{{"name", "situation"}, {"when", some_of(phrases, 3)}};
  }

  /// An answer that some scenario could have; nobody says that this one has it.
  toml::table expect() {
    toml::table expect = plain("expect", 2, {"outcome", "property", "trace_length", "held_by"});
    const std::size_t outcome = weighed({3, 1, 3, 3, 1});
    const bool violated = outcome == 2;
    const bool unbounded = root_.get("limits") == nullptr;
    expect.insert("outcome", scenario_key("expect", "outcome").choices[outcome == 1 && unbounded ? 0 : outcome]);
    if (violated || outcome == 3) expect.insert("property", one_of(checked_));
    if (violated) expect.insert("trace_length", static_cast<std::int64_t>(below(40)));
    if (violated) expect.insert("held_by", safeguards());
    return expect;
  }

  /// What a violation could say about Ray, where no safeguard is off that Ray has; empty elsewhere.
  toml::table finding() {
    const toml::table* answer = root_["expect"].as_table();
    if (answer == nullptr || (*answer)["outcome"].value_or(std::string_view()) != "violated") return {};
    const Profile& profile = *find_profile(root_["protocol"]["profile"].value_or(std::string_view("pinned")));
    bool patched = profile.hardened;
    if (const toml::table* single = root_["protocol"]["safeguards"].as_table()) {
      for (const auto& [id, on] : *single) {
        const bool has = profile.ray().has(*find_safeguard(id.str()));
        if (has && !on.value_or(true)) return {};
        patched = patched || (!has && on.value_or(false));
      }
    }
    toml::table finding = plain("finding", 1, {"status"});
    Names known;
    for (const std::string_view choice : scenario_key("finding", "status").choices) {
      if (patched || choice != "patched") known.emplace_back(choice);
    }
    finding.insert("status", one_of(known));
    finding.insert("needs", "a fault");
    return finding;
  }

  mc::Random random_;
  std::span<const Property> known_;
  toml::table root_;
  std::size_t nodes_ = 1;
  Names early_;  // nodes that are there at the start
  Names owners_;
  bool any_time_ = false;
  bool tracked_ = false;
  bool parent_ = false;        // an owner of kind "task"
  bool large_ = false;         // more than most scenarios have: tasks, keys and owners
  bool worker_owner_ = false;  // an owner of kind "worker"
  bool two_drivers_ = false;
  Names checked_;  // properties that are checked, whatever applies
};

}  // namespace

std::string random_scenario(std::uint64_t seed, std::uint64_t number, std::span<const Property> known) {
  return scenario_text(Draw(seed, number, known).run());
}

}  // namespace raymc
