// Known situations of the dossier, told step by step: the resource view between raylets and the streams that carry it.
#include <gtest/gtest.h>

#include "model/scheduler/view.hpp"
#include "tests/model/clusters.hpp"
#include "tests/model/story.hpp"

namespace raymc {
namespace {

using clusters::cluster;
using clusters::with;
using enum Fault;

/// n1 has taken its CPU and w1 for t1's request L1; the grant is not decided yet.
Story& reserve_first(Story& story) {
  return story.take("owner.O2.dependencies_resolved", "t1").take("raylet.R4.new_request", "choice local");
}

TEST(ViewStory, TrackedViewDeductsAndRefreshes) {
  Story story(clusters::expiring(clusters::tracked(cluster(2, 3))));
  EXPECT_EQ(story.raylet(1).view.rows[1], row_of(1));
  reserve_first(story).take("owner.O2.dependencies_resolved", "t2").take("raylet.R4.new_request", "choice n2");
  EXPECT_EQ(story.raylet(1).view.rows[1], row_of(0)) << "deducted at once";

  story.take("owner.O2.dependencies_resolved", "t3").take("raylet.R4.new_request", "choice local");
  EXPECT_EQ(story.raylet(1).waiting.size(), 1U);
  EXPECT_FALSE(story.can("raylet.R15.spill_waiting")) << "n1 sees no room at n2";

  // n2 never got the request; its row changes only when its own resources do.
  EXPECT_FALSE(story.can("scheduler.V1.sample_own_resources", "n2"));
  story.take("owner.S4.lease_redirected").take("raylet.R4.new_request", "choice local");
  story.take("scheduler.V1.sample_own_resources", "n2").take("gcs.V2.relay_resources", "n2");
  EXPECT_EQ(story.state().gcs.view.stored[1].cpus, row_of(0));
  story.take("raylet.R22.grant", "w2").take("owner.S3.lease_granted", "w2").take("worker.W3.accept_task", "w2");
  story.take("worker.W7.start_task").take("worker.W8.finish_task").take("scheduler.V3.learn_resources", "about n2");
  EXPECT_EQ(story.raylet(1).view.rows[1], row_of(0));

  story.take("owner.S14.push_answered", "lease expired").take("raylet.R31.return_lease", "n2");
  story.take("scheduler.V1.sample_own_resources", "n2").take("gcs.V2.relay_resources", "n2");
  story.take("scheduler.V3.learn_resources", "n1, about n2");
  EXPECT_EQ(story.raylet(1).view.rows[1], row_of(1)) << "the newer row overwrites what was deducted";
  EXPECT_TRUE(story.can("raylet.R15.spill_waiting", "choice n2"));
}

TEST(ViewStory, StaleRowsSendARequestInCircles) {
  Story story(clusters::tracked(cluster(2, 3)));
  reserve_first(story).take("owner.O2.dependencies_resolved", "t2").take("raylet.R4.new_request", "choice n2");
  story.take("owner.S4.lease_redirected").take("raylet.R4.new_request", "L3 driver -> n2: request, choice local");
  story.take("owner.O2.dependencies_resolved", "t3");
  const auto round = [&story] {
    story.take("scheduler.V4.reset_guess", "n1, about n2").take("raylet.R4.new_request", "n1: request, choice n2");
    story.take("owner.S4.lease_redirected").take("raylet.R4.new_request", "n2: request, choice reject");
    story.take("owner.S5.lease_rejected");
  };
  round();
  EXPECT_EQ(story.raylet(1).available + story.raylet(2).available, 0) << "no CPU is free, and neither has heard it";
  const State once = story.state();
  round();
  EXPECT_EQ(story.state(), once) << "for as long as both rows are late";
  story.take("scheduler.V1.sample_own_resources", "n2").take("gcs.V2.relay_resources", "n2");
  story.take("scheduler.V3.learn_resources", "n1, about n2").take("raylet.R4.new_request", "n1: request, choice local");
}

TEST(ViewStory, OlderRowReachesANewRayletThroughAnotherOne) {
  Story story(clusters::joins_late(clusters::tracked(with(cluster(3, 1), {kStreamBroken, kStreamBroken})), 2));
  reserve_first(story).take("scheduler.V1.sample_own_resources", "n1");
  story.take("scheduler.V6.stream_broken", "n1").take("gcs.V6.stream_removed", "n1");
  EXPECT_FALSE(story.state().gcs.view.stored[0].exists()) << "the GCS forgets the row of the stream's raylet";
  story.take("scheduler.V6.stream_broken", "n2").take("scheduler.V6.open_stream", "n2");
  story.take("gcs.V2.relay_resources", "n2");
  EXPECT_EQ(story.state().gcs.view.stored[0].cpus, row_of(1)) << "n2 sends what it has heard of n1, which is older";

  story.take("gcs.G1.register_node").take("raylet.G1.registered").take("gcs.R51.subscribe_and_refetch");
  story.take("scheduler.V5.node_is_alive", "NodeAlive n1 at n3").take("scheduler.V5.node_is_alive", "n2 at n3");
  story.take("scheduler.V6.open_stream", "n3").take("scheduler.V3.learn_resources", "n3, about n1");
  EXPECT_EQ(story.raylet(3).view.rows[0], row_of(1));

  story.take("scheduler.V6.open_stream", "n1").take("gcs.V2.relay_resources", "n1");
  story.take("scheduler.V3.learn_resources", "n2, about n1").take("scheduler.V3.learn_resources", "n3, about n1");
  EXPECT_EQ(story.raylet(2).view.rows[0], row_of(0)) << "n1 sends its last sample again";
  EXPECT_EQ(story.raylet(3).view.rows[0], row_of(0));
}

}  // namespace
}  // namespace raymc
