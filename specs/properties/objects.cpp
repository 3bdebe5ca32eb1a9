// Values in plasma are where their owners believe them to be, and the pins of arguments belong to leases.
#include <algorithm>

#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/premises.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

/// `holds(object)` for each object of a live owner.
bool every_owned_object(const RayModel& model, const State& s, const auto& holds) {
  for (std::uint8_t v = 0; v < kObjectsMax; ++v) {
    const ObjectId id{v};
    if (!model.config().has_object(id) || !s.owner(model.config().owner_of(id)).alive) continue;
    if (holds(id, s.objects[v])) continue;
    note(model, s, id, s.objects[v], ItsLine{});
    return false;
  }
  return true;
}

/// `holds(lease id, lease)` for each lease whose pins and class entry a live raylet still accounts for.
bool every_account(const RayModel& model, const State& s, const auto& holds) {
  return every_live_raylet(model, s, [&](NodeId, const Raylet& raylet) {
    for (std::uint8_t l = 0; l < kLeasesMax; ++l) {
      if (((raylet.accounts >> l) & 1U) == 0 || holds(LeaseId{l}, s.leases[l])) continue;
      note(model, s, LeaseId{l}, s.leases[l], ItsLine{});
      return false;
    }
    return true;
  });
}

constexpr Property kFamily[] = {
    {
        .id = "I14.pins_are_for_leases",
        .kind = kInvariant,
        .claim =
            "pins of arguments and class entries at a live raylet belong to a lease that it has granted, or to the "
            "returned lease of a worker that is still connected",
        .source = "protocol dossier, 11.1 C2",
        .mutant = "killed_worker_releases_lease",
        .applies = kWithArguments,
        .premise = premises::a_lease_has_pins,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_account(model, s, [&](LeaseId id, const Lease& lease) {
                if (lease.stage == LeaseStage::kGrantWorker || lease.stage == LeaseStage::kLeased) return true;
                return std::any_of(s.workers.begin(), s.workers.end(), [id](const Worker& worker) {
                  return worker.registered && worker.place == PoolPlace::kExiting && worker.lease == id;
                });
              });
            },
    },
    {
        .id = "I14.no_leaked_lease_or_pin",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, every lease, pin and class entry at a live raylet has a live owner that "
                 "holds the lease and a live worker",
        .source = "known bugs, 5 (a): #64627, #65835, #62093, #65938",
        .mutant = "exiting_return_releases_pins",
        .applies = kWithArguments,
        .holds =
            [](const RayModel& model, const State& s) {
              const auto is_held = [&](LeaseId, const Lease& lease) {
                return lease.stage == LeaseStage::kLeased && lease.at_owner != OwnerLease::kNone &&
                       s.owner(model.config().owner_of(lease.key)).alive &&
                       s.worker(lease.worker).process == ProcessState::kRunning;
              };
              const bool leases_are_held = every_lease(model, s, [&](LeaseId id, const Lease& lease) {
                return lease.stage != LeaseStage::kLeased || is_held(id, lease);
              });
              return leases_are_held && every_account(model, s, is_held);
            },
    },
    {
        .id = "B1.value_is_where_its_owner_believes",
        .kind = kInvariant,
        .claim =
            "a value in plasma that its live owner believes at a node is in that node's store or on its disk while the "
            "node lives, and the owner does not know that node dead",
        .source = "known bugs, 11, 27 and 29",
        .mutant = "reply_location_is_checked",
        .applies = kWithArguments,
        .premise = premises::a_value_is_in_plasma,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_owned_object(model, s, [&](ObjectId id, const Object& object) {
                if (object.value != Value::kInPlasma || !object.pinned_at.exists()) return true;
                if (has_bit(s.owner(model.config().owner_of(id)).dead_nodes, object.pinned_at.value)) return false;
                return !s.raylet(object.pinned_at).alive ||
                       has_bit(object.copies | object.spilled, object.pinned_at.value);
              });
            },
    },
    {
        .id = "B3.idle_drain_keeps_values",
        .kind = kInvariant,
        .claim = "a raylet that ends because it was idle has the primary copy of no value that its owner still needs",
        .source = "known bugs, 39: #64415",
        .mutant = "drain_reads_store_now",
        .applies = kWithDrainAndArguments,
        .premise = premises::a_raylet_drains,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_owned_object(model, s, [&](ObjectId, const Object& object) {
                return object.out_of_scope() || every_live_raylet(model, s, [&](NodeId node, const Raylet& raylet) {
                         const bool ends = raylet.drain == Drain::kIdle && raylet.shutting_down;
                         return !ends || ((object.pinned >> node.value) & 1U) == 0;
                       });
              });
            },
    },
    {
        .id = "B2.value_is_kept",
        .kind = kQuiescent,
        .claim =
            "when nothing is left to do, the value or error of every ended task of a live owner is with the owner or "
            "in a live node's store or on its disk",
        .source = "known bugs, 11, 27 and 69",
        .mutant = "transient_error_is_not_death",
        .applies = kWithResults,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_owned_object(model, s, [&](ObjectId id, const Object& object) {
                if (is_put(id) || object.out_of_scope()) return true;
                const TaskStatus status = s.task(TaskId{id.value}).status;
                if (status != TaskStatus::kFinished && status != TaskStatus::kFailed) return true;
                const bool kept = (object.copies | object.spilled) != 0;
                return object.value == Value::kInline || (object.value == Value::kInPlasma && kept);
              });
            },
    },
    {
        .id = "K9.reference_counter_checks",
        .kind = kInvariant,
        .claim = "no RAY_CHECK of the reference counter fails: a submitted reference is given back once",
        .source = "known bugs, 26",
        .mutant = "cancel_withdraws_resolution",
        .applies = kWithArguments,
        .holds = [](const RayModel&, const State& s) { return none_failed<RayCheck::kSubmittedRefHeld>(s); },
    },
};

}  // namespace

std::span<const Property> object_properties() {
  return kFamily;
}

}  // namespace raymc
