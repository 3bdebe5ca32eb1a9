// Resources are conserved and come back: invariants 3 and 13 of section 10.2.
#include "specs/properties/catalogue.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

constexpr Property kFamily[] = {
    {
        .id = "I3.resources_conserved",
        .kind = kInvariant,
        .claim = "at each live raylet the free CPUs and those of its granted requests add up to the node's total",
        .source = "protocol dossier, 10.2 invariant 3",
        .mutant = "disconnect_frees_resources",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_raylet(model, s, [&](NodeId node, const Raylet& raylet) {
                std::size_t cpus = raylet.available;
                for (const Lease& lease : s.leases) {
                  const bool allocated =
                      lease.used && lease.node == node &&
                      (lease.stage == LeaseStage::kGrantWorker || lease.stage == LeaseStage::kLeased);
                  if (allocated) cpus += model.config().cpus_of(lease.key);
                }
                return cpus == model.config().total_cpus(node);
              });
            },
    },
    {
        .id = "I13.resources_return",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, every live raylet has all of its CPUs free again",
        .source = "protocol dossier, 10.2 invariant 13",
        .mutant = "disconnect_frees_resources",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_raylet(model, s, [&](NodeId node, const Raylet& raylet) {
                return raylet.available == model.config().total_cpus(node);
              });
            },
    },
};

}  // namespace

std::span<const Property> resource_properties() {
  return kFamily;
}

}  // namespace raymc
