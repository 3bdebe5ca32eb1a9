#include "model/renaming.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace raymc {
namespace {

Renaming::Names identity() {
  Renaming::Names names{};
  std::iota(names.begin(), names.end(), std::uint8_t{0});
  return names;
}

Renaming::Names inverse(const Renaming::Names& names) {
  Renaming::Names back{};
  for (std::size_t i = 0; i < names.size(); ++i) back[names[i]] = static_cast<std::uint8_t>(i);
  return back;
}

/// The image of every set of raylets.
Renaming::Sets images(const Renaming::Names& names) {
  Renaming::Sets sets{};
  for (std::size_t set = 0; set < sets.size(); ++set) {
    for (std::uint8_t i = 0; i < kNodesMax; ++i) {
      if (has_bit(static_cast<std::uint8_t>(set), i)) sets[set] |= bit(names[i]);
    }
  }
  return sets;
}

/// Something in the shape names the raylet: an owner that lives there or a task that wants to be there.
bool is_named(const Shape& shape, NodeId node) {
  const bool hosts = std::any_of(shape.owners.begin(), shape.owners.end(), [node](const OwnerShape& owner) {
    return owner.kind != OwnerKind::kTask && owner.node == node;
  });
  return hosts || std::any_of(shape.tasks.begin(), shape.tasks.end(), [node](const TaskShape& task) {
           return task.affinity == node || task.locality == node || task.argument_at == node;
         });
}

/// Numbers tell raylets apart. The answer to a fetch of the node table lists nodes by number, and may hold two that are
/// news at once when a node joins, when a table is fetched again after two may have died, or when an owner that is born
/// with a task fetches it for the first time. And a link between any two raylets is cut in the name of the lower one.
bool numbers_matter(const Config& config) {
  if (config.allows(Fault::kRayletPartition)) return true;
  const auto late = [](const NodeShape& node) { return node.joins_late; };
  if (std::any_of(config.shape.nodes.begin(), config.shape.nodes.end(), late)) return true;
  const bool born = std::any_of(config.shape.owners.begin(), config.shape.owners.end(),
                                [](const OwnerShape& owner) { return owner.kind == OwnerKind::kTask; });
  if (born && config.on(Feature::kAffinity)) return true;  // every live node is news to it
  unsigned deaths = 0;
  for (const Fault fault : {Fault::kRayletCrash, Fault::kFalseDeath, Fault::kRayletSigterm, Fault::kNodeBlackhole,
                            Fault::kGcsPartition, Fault::kDrainPreemption, Fault::kDrainIdle, Fault::kRayletHang,
                            Fault::kGcsUnreachable, Fault::kSelfCheckFails}) {
    deaths += config.budget[fault];
  }
  // A detector that runs before it can be answered declares everybody dead without a fault.
  const bool many = deaths > 1 || !config.has(Safeguard::kDetectorStartsAfterService);
  return (born || config.on(Feature::kGcsRestart)) && many;
}

/// Every way to give the members of the classes one another's names.
std::vector<RenamingGroup::NodeNames> all_names(const std::vector<Class>& classes) {
  RenamingGroup::NodeNames names{};
  std::iota(names.begin(), names.end(), std::uint8_t{0});
  std::vector<RenamingGroup::NodeNames> all{names};
  for (const Class& members : classes) {
    std::vector<RenamingGroup::NodeNames> more;
    Class given = members;
    do {
      for (RenamingGroup::NodeNames known : all) {
        for (std::size_t i = 0; i < members.size(); ++i) known[members[i]] = given[i];
        more.push_back(known);
      }
    } while (std::next_permutation(given.begin(), given.end()));
    all = std::move(more);
  }
  return all;
}

}  // namespace

Renaming::Renaming(const Config& config, const std::array<std::uint8_t, kNodesMax>& nodes)
    : node(identity()), worker(identity()) {
  std::copy(nodes.begin(), nodes.end(), node.begin());
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    for (std::uint8_t slot = 0; slot < config.shape.nodes[n].workers; ++slot) {
      worker[config.first_worker(n) + slot] = static_cast<std::uint8_t>(config.first_worker(nodes[n]) + slot);
    }
  }
  node_at = inverse(node);
  worker_at = inverse(worker);
  node_set = images(node);
}

Call Renaming::of(Call call) const {
  call.node = of(call.node);
  call.worker = of(call.worker);
  call.granted = of(call.granted);
  call.redirect = of(call.redirect);
  return call;
}

Action Renaming::of(Action action) const {
  action.node = of(action.node);
  action.worker = of(action.worker);
  action.target = of(action.target);
  action.call = of(action.call);
  action.notice.node = of(action.notice.node);
  // A link has two ends and one name: the lower one first.
  const bool swapped = action.row == Row::kLinkHeals && action.target.exists() && action.target < action.node;
  if (swapped) std::swap(action.node, action.target);
  return action;
}

std::vector<Class> interchangeable(const Config& config) {
  const Shape& shape = config.shape;
  std::vector<Class> classes;
  for (std::uint8_t n = 1; n < config.nodes() && !numbers_matter(config); ++n) {  // the head keeps its name
    if (is_named(shape, NodeId{n})) continue;
    const auto same = std::find_if(classes.begin(), classes.end(),
                                   [&](const Class& known) { return shape.nodes[known.front()] == shape.nodes[n]; });
    if (same == classes.end()) {
      classes.push_back({n});
    } else {
      same->push_back(n);
    }
  }
  std::erase_if(classes, [](const Class& known) { return known.size() < 2; });
  return classes;
}

RenamingGroup::RenamingGroup(const Config& config) : classes_(interchangeable(config)) {
  for (const NodeNames& nodes : all_names(classes_)) {
    number_[code(nodes)] = static_cast<std::uint8_t>(renamings_.size());
    renamings_.emplace_back(config, nodes);
  }
}

}  // namespace raymc
