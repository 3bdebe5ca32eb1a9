#include "checker/engine/level.hpp"

namespace mc {

Frontier next_level(const Frontier& level, std::vector<Findings>& findings, VisitedSet& visited, Links& links) {
  Frontier next;
  next.first = StateId{level.first.value + level.size()};
  next.depth = level.depth + 1;
  next.count = visited.close_level(findings, links);
  return next;
}

Frontier first_level(std::span<const std::vector<std::byte>> encodings, VisitedSet& visited, Links& links) {
  Seat& seat = visited.add_seat();
  std::vector<Findings> findings{{StateId{0}, StateId{1}, {}}};
  visited.begin_level();
  for (std::uint32_t i = 0; i < encodings.size(); ++i) {
    const std::vector<std::byte>& bytes = encodings[i];
    MC_ASSERT(bytes.size() <= kEncodingBytesMax, "an encoding must fit the store");
    const Candidate candidate{fingerprint(bytes), Link::initial(i), 0, static_cast<std::uint32_t>(bytes.size())};
    Insertion done;
    visited.insert(seat, bytes.data(), {&candidate, 1}, &done);
    if (done.kind == Insertion::Kind::kNew) findings[0].states.push_back(done.state);
  }
  Frontier first;
  first.count = visited.close_level(findings, links);
  return first;
}

}  // namespace mc
