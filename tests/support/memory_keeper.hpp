// A keeper without files: what a search hands over stays in memory.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>

#include "checker/engine/keeper.hpp"

namespace mc::support {

/// Is handed every level up to a number of them.
class MemoryKeeper final : public SearchKeeper {
 public:
  explicit MemoryKeeper(std::size_t levels_max = 1'000'000) : levels_max_(levels_max) {}
  [[nodiscard]] bool due() override { return true; }
  [[nodiscard]] std::size_t levels_kept() const override { return kept_.levels.size(); }
  void save(const SavedSearch& search) noexcept override {
    EXPECT_EQ(search.first_level, kept_.levels.size());
    if (kept_.levels.size() >= levels_max_) return;
    kept_.ledger = search.ledger;
    kept_.digest = search.digest;
    for (const SavedLevel& level : search.levels) kept_.levels.push_back(level);
    ++saves_;
  }
  [[nodiscard]] const SavedSearch& kept() const { return kept_; }
  [[nodiscard]] int saves() const { return saves_; }

 private:
  std::size_t levels_max_;
  SavedSearch kept_;
  int saves_ = 0;
};

}  // namespace mc::support
