#include "specs/properties/catalogue.hpp"

namespace raymc {

std::span<const Property> all_properties() {
  static const std::vector<Property> kAll = [] {
    std::vector<Property> all;
    for (const auto family : {
             lost_properties(),
             duplicated_properties(),
             lease_properties(),
             resource_properties(),
             membership_properties(),
             pubsub_properties(),
             ray_check_properties(),
             worker_properties(),
             draining_properties(),
             view_properties(),
             link_properties(),
             cancellation_properties(),
             object_properties(),
             memory_properties(),
             job_properties(),
             recovery_properties(),
             reachable_properties(),
         }) {
      all.insert(all.end(), family.begin(), family.end());
    }
    return all;
  }();
  return kAll;
}

}  // namespace raymc
