// Everything that raymc claims about Ray, one family per file: the table of all properties.
// A property's id is never reused; its mutant is the safeguard whose loss it notices (tests/specs/mutants_test.cpp).
#pragma once

#include <span>
#include <vector>

#include "checker/core/property.hpp"
#include "model/ray_model.hpp"

namespace raymc {

using Property = mc::Property<RayModel>;

/// All properties, family by family, in the order in which they are reported.
[[nodiscard]] std::span<const Property> all_properties();

// The families; each file defines its own.
[[nodiscard]] std::span<const Property> lost_properties();
[[nodiscard]] std::span<const Property> duplicated_properties();
[[nodiscard]] std::span<const Property> lease_properties();
[[nodiscard]] std::span<const Property> resource_properties();
[[nodiscard]] std::span<const Property> membership_properties();
[[nodiscard]] std::span<const Property> pubsub_properties();
[[nodiscard]] std::span<const Property> ray_check_properties();
[[nodiscard]] std::span<const Property> worker_properties();
[[nodiscard]] std::span<const Property> draining_properties();
[[nodiscard]] std::span<const Property> view_properties();
[[nodiscard]] std::span<const Property> link_properties();
[[nodiscard]] std::span<const Property> cancellation_properties();
[[nodiscard]] std::span<const Property> object_properties();
[[nodiscard]] std::span<const Property> memory_properties();
[[nodiscard]] std::span<const Property> job_properties();
[[nodiscard]] std::span<const Property> recovery_properties();
[[nodiscard]] std::span<const Property> reachable_properties();

}  // namespace raymc
