// Whose turn each row is, and how far it reaches: what its footprint is made from (model/footprint.cpp). A row that is
// not in the table touches everything.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "model/row.hpp"

namespace raymc {

/// Whose turn a row is, and how far it reaches.
enum class Reach : std::uint8_t {
  kEverything,   ///< nobody has looked
  kOwner,        ///< an owner handles what came to it
  kOwnerLearns,  ///< an owner learns that a node is dead
  kIgnored,      ///< a notice is read and changes nothing
  kRaylet,       ///< a raylet handles what came to it, for one lease or worker
  kRayletKills,  ///< a raylet drops what belongs to owners that died
  kRayletDies,   ///< a raylet's process ends
  kWorker,       ///< a worker goes on
  kWorkerEnds,   ///< a worker's process ends
  kGcs,          ///< the GCS handles what came to it
  kRefetch,      ///< the GCS answers a subscriber with what it does not know yet
  kView,         ///< the resource view, anywhere
  kClient,       ///< the transport, on behalf of the caller of a call
};

constexpr std::array<Reach, kRowCount> reaches() {
  std::array<Reach, kRowCount> table{};
  const auto set = [&table](Reach reach, std::initializer_list<Row> rows) {
    for (const Row row : rows) table[static_cast<std::size_t>(row)] = reach;
  };
  using enum Row;
  set(Reach::kOwner, {kO1, kO2, kO2Waits, kO2Ready, kO4,  kO5,  kO7,  kO8,  kO9,  kO16, kS3,  kS4,  kS5, kS6,
                      kS7, kS8, kS14,     kS15,     kS16, kS18, kS19, kO22, kO17, kO18, kO19, kO21, kS10});
  set(Reach::kOwnerLearns, {kO24});
  set(Reach::kIgnored, {kR43});
  set(Reach::kRaylet,
      {kR1,          kR2,        kR2Ended, kR3,  kR4,  kR4Again,    kR14,  kR15, kR10, kR21, kR22,       kR23, kR28,
       kR29,         kR30,       kR31,     kR32, kR33, kR34,        kR34b, kR35, kR38, kV5,  kW1,        kR52, kR52Send,
       kR52Answered, kR52Failed, kR53,     kR36, kR37, kR37Ignored, kR48,  kR27, kR26, kR25, kR24Started});
  set(Reach::kRayletKills, {kR40, kR41});
  set(Reach::kRayletDies, {kF1, kR42, kR44, kR49});
  set(Reach::kWorker, {kW3, kW4, kW5, kW7, kW7Current, kW7Code, kW8, kW6});
  set(Reach::kWorkerEnds, {kW10, kW10Killed, kW11, kW12Exit, kW13, kW13Notice, kW12Stop});
  set(Reach::kGcs, {kG1, kG1Dead, kG2, kG3, kG5, kG6, kG7, kG8});
  set(Reach::kRefetch, {kR51Subscribe});
  set(Reach::kView, {kV1, kV2, kV3, kV4});
  set(Reach::kClient, {kN2, kReplyIgnored, kF7, kF9});
  return table;
}
inline constexpr std::array<Reach, kRowCount> kReaches = reaches();

[[nodiscard]] constexpr Reach reach_of(Row row) {
  return kReaches[static_cast<std::size_t>(row)];
}

}  // namespace raymc
