// A vector with a fixed capacity whose overflow is an error that the search reports with a trace.
// Used by every container of the state; there is no other way for a state to grow.
#pragma once

#include <boost/container/static_vector.hpp>
#include <cstddef>
#include <string>

#include "checker/core/model.hpp"

namespace raymc {

/// A static_vector of at most `Capacity` elements of type `T`; never allocates.
template <class T, std::size_t Capacity>
class Bounded : public boost::container::static_vector<T, Capacity> {
 public:
  using Base = boost::container::static_vector<T, Capacity>;
  using Base::Base;

  /// Appends; throws mc::CapacityExceeded naming `what` when the container is full.
  void add(const T& value, const char* what) {
    if (this->size() == Capacity) throw mc::CapacityExceeded(std::string(what) + ": " + std::to_string(Capacity));
    this->push_back(value);
  }
};

}  // namespace raymc
