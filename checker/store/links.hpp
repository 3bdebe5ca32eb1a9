// The links of the finished levels, packed: along a level neither the parent nor, within one parent, the action ever
// goes back, so that most links take one byte. From them a path is found without exploring anything again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "checker/store/link.hpp"
#include "checker/store/region.hpp"

namespace mc {

/// Links in ascending order, packed: for each the distance to the parent before it and the action, in three and five
/// bits, with more bytes behind where that is not enough.
class PackedLinks {
 public:
  PackedLinks() = default;
  /// Links of which no parent comes before `first_parent`.
  explicit PackedLinks(StateId first_parent) : first_parent_(first_parent), last_parent_(first_parent) {}

  void add(Link link);
  [[nodiscard]] StateId first_parent() const { return first_parent_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  StateId first_parent_;
  StateId last_parent_;
  std::uint64_t count_ = 0;
  std::vector<std::uint8_t> bytes_;
};

/// The links of all states of the finished levels, by state id. Not thread-safe; grows only between levels.
class Links {
 public:
  /// Appends one level: its links in rank order, in any number of parts.
  void append_level(const std::vector<PackedLinks>& parts);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t first_level_size() const { return firsts_.size() > 1 ? firsts_[1] : size_; }
  [[nodiscard]] std::size_t levels() const { return firsts_.size(); }

  /// Id of the first state of a level; requires `level < levels()`.
  [[nodiscard]] StateId first_of(std::size_t level) const { return {firsts_[level]}; }
  /// The links of `count` states from `first` on, in order; they must be finished. Cost: linear.
  void for_each(StateId first, std::uint64_t count, const std::function<void(Link)>& body) const;

  /// The level in which `id` lies; requires `id.value < size()`. Cost: logarithmic in the number of levels.
  [[nodiscard]] std::size_t level_of(StateId id) const;
  /// Requires `id.value < size()`. Cost: linear in the part of its level that the state lies in.
  [[nodiscard]] Link operator[](StateId id) const;

 private:
  struct Part {
    std::uint64_t first = 0;  // id of its first state
    std::uint64_t offset = 0;
    StateId first_parent;
  };
  Region bytes_;
  std::uint64_t used_ = 0;  // of bytes_
  std::vector<Part> parts_;
  std::vector<std::uint64_t> firsts_;  // id of the first state of each level; no level is empty
  std::uint64_t size_ = 0;
};

}  // namespace mc
