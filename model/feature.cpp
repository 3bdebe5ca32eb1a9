#include "model/feature.hpp"

#include <array>

namespace raymc {
namespace {

using enum Feature;

constexpr FeatureRow kRows[] = {
    {kCore, "core", "tasks, leases, workers, nodes, their death and its detection; always on"},
    {kCancellation, "cancellation", "ray.cancel by the owner's program"},
    {kResourceView, "resource_view", "a stale copy of every node's resources at each raylet"},
    {kGcsRestart, "gcs_restart", "a GCS with persistent tables that crashes and comes back"},
    {kHangs, "hangs", "event loops that stop while their process lives"},
    {kPartitions, "partitions", "links that are cut or swallow what is sent"},
    {kDuplicates, "duplicates", "requests that the transport delivers twice"},
    {kDrain, "drain", "draining and preemption of nodes"},
    {kAffinity, "affinity", "tasks that must run on one node"},
    {kFairShare, "fair_share", "classes of leases that are capped or skipped"},
    {kArguments, "arguments", "arguments in plasma: pulled, pinned, evicted"},
    {kResults, "results", "values in plasma: pinned, located, lost and made again"},
    {kBlocking, "blocking", "workers that block in ray.get and lend their CPU"},
    {kNestedTasks, "nested_tasks", "tasks that submit tasks and wait for them"},
    {kIdleExit, "idle_exit", "idle workers that are asked to exit"},
    {kGracefulExit, "graceful_exit", "processes that finish their work before they exit"},
    {kApplicationErrors, "application_errors", "tasks whose code raises"},
    {kCancelPath, "cancel_path", "the way of a cancellation from raylet to worker and into its executor, step by step"},
    {kPubsub, "pubsub", "polls, acknowledgements and the sweep of the GCS's channels"},
    {kInMemoryGcs, "in_memory_gcs", "a GCS without persistence: a restart knows nothing"},
    {kLeaseCancels, "lease_cancels", "how often one lease request is cancelled"},
    {kMemoryPressure, "memory_pressure", "workers that are killed for want of memory, and retries of their own"},
    {kJobs, "jobs", "the driver's job: its end, and what ends with it"},
    {kWorkerStarts, "worker_starts", "worker processes and runtime environments that fail to start"},
    {kSecondHead, "second_head", "a head node that takes the place of another"},
    {kPortReuse, "port_reuse", "worker processes that get the port of a dead one"},
    {kPoolOrder, "pool_order", "requests that get worker processes in the order in which they asked for one"},
    {kPrestart, "prestart", "worker processes that a raylet starts before a request asks for them"},
    {kOrderlyKills, "orderly_kills", "workers that leave in order when their raylet kills them, which is a SIGTERM"},
    {kPostedDeaths, "posted_deaths", "the turn of the GCS's loop between a node's last failed probe and its death"},
    {kDevices, "devices", "leases that name devices, such as GPUs, which a task must be told"},
};
static_assert(std::size(kRows) == kFeatureCount);

constexpr std::array<FeatureRow, kFeatureCount> by_feature() {
  std::array<FeatureRow, kFeatureCount> table{};
  for (const FeatureRow& row : kRows) table[static_cast<std::size_t>(row.feature)] = row;
  return table;
}
constexpr std::array<FeatureRow, kFeatureCount> kTable = by_feature();

}  // namespace

std::span<const FeatureRow> feature_table() {
  return kTable;
}

std::optional<Feature> find_feature(std::string_view id) {
  for (const FeatureRow& row : kTable) {
    if (row.id == id) return row.feature;
  }
  return std::nullopt;
}

std::string_view id_of(Feature feature) {
  return kTable[static_cast<std::size_t>(feature)].id;
}

}  // namespace raymc
