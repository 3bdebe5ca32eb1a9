// A record held against the model, as the command conform does it, for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "checker/conform/explainer.hpp"
#include "checker/conform/record.hpp"
#include "model/ray_model.hpp"

namespace raymc::test {

/// What comes of one record.
struct Conformed {
  mc::Explained verdict = mc::Explained::kNo;
  std::string reason;
  std::string scenario;            ///< that was drawn
  std::vector<std::string> notes;  ///< about the clocks
  std::size_t read = 0;
  std::size_t events = 0;
  std::size_t nodes = 0;
  std::size_t steps = 0;
  std::vector<std::size_t> turns;  ///< of each line of the record, the step that reads it; none: kNoTurn
  static constexpr std::size_t kNoTurn = SIZE_MAX;
};

using Flips = std::vector<std::pair<Safeguard, bool>>;

/// Draws the scenario from the record, switches safeguards and searches. A record from which none can be drawn is
/// a failure of the test that asks.
[[nodiscard]] Conformed conform(const mc::RecordFile& record, const Flips& flips = {}, std::size_t nodes_max = 200'000);

/// The records that are kept in the tree, in the order of their names.
[[nodiscard]] std::vector<std::filesystem::path> kept_records();

/// Reads one; a mistake in it is a failure.
[[nodiscard]] mc::RecordFile read_record(const std::filesystem::path& path);

}  // namespace raymc::test
