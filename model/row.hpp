// The rows of the dossier that are modelled, in its order, then the faults. A row keeps its number for ever; the
// position in this list is only the index under which coverage is counted.
#pragma once

#include <cstdint>

namespace raymc {

enum class Row : std::uint8_t {
  // 8.1 owner: task manager
  kO1, kO2, kO4, kO5, kO8, kO9, kO12, kO15, kO16, kO17, kO18, kO19, kO21, kO22, kO24,
  // 8.2 owner: submitter
  kS2, kS3, kS4, kS5, kS6, kS8, kS9, kS10, kS11, kS12, kS13, kS14, kS15, kS16, kS17, kS18, kS19,
  // 8.3 raylet
  kR1, kR2, kR3, kR4, kR5, kR6, kR7, kR8, kR10, kR14, kR15, kR16, kR20, kR21, kR22, kR23, kR28, kR29, kR30, kR31, kR32,
  kR33, kR34, kR34b, kR35, kR38, kR40, kR41, kR42, kR43, kR44, kR48, kR49, kR51, kR51Subscribe, kR52, kR53, kR54, kR55,
  // 8.4 worker
  kW1, kW3, kW5, kW7, kW8, kW10, kW10Killed, kW11, kW11Owner, kW11Driver, kW12, kW12Exit, kW13, kW15,
  // 8.5 resource view
  kV1, kV2, kV3, kV5,
  // 8.6 GCS
  kG1, kG1Registered, kG2, kG3, kG4, kG5, kG6, kG7, kG8, kG12, kG13, kG14, kG15, kG16, kG19, kG19Owner,
  // 8.7 transport
  kN1, kN2, kN3, kN4, kN5, kN6, kReplyIgnored,
  // section 9: faults that are not rows of section 8
  kF1, kF3, kF4, kF7, kF8, kF9, kF10,
};
inline constexpr std::uint8_t kRowCount = static_cast<std::uint8_t>(Row::kF10) + 1;

}  // namespace raymc
