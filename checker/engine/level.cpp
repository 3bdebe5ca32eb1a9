#include "checker/engine/level.hpp"

#include <utility>

namespace mc {
namespace {

// Fills the frontier and its links from discoveries, and closes the level.
Frontier collect(Frontier next, std::vector<std::vector<Discovery>>& chunks, VisitedSet& visited, Links& links) {
  parallel_for(chunks.size(), [&](std::size_t chunk) {
    std::erase_if(chunks[chunk], [&](const Discovery& found) { return visited.open(found.handle).link != found.link; });
  });
  std::vector<std::size_t> starts;
  std::size_t total = 0;
  for (const std::vector<Discovery>& chunk : chunks) {
    starts.push_back(total);
    total += chunk.size();
  }
  std::vector<Link> level_links(total);
  next.records.resize(total);
  parallel_for(chunks.size(), [&](std::size_t chunk) {
    for (std::size_t i = 0; i < chunks[chunk].size(); ++i) {
      const OpenState state = visited.open(chunks[chunk][i].handle);
      next.records[starts[chunk] + i] = state.record;
      level_links[starts[chunk] + i] = state.link;
    }
    std::vector<Discovery>().swap(chunks[chunk]);
  });
  visited.close_level();
  if (total > 0) links.append_level(std::move(level_links));
  return next;
}

}  // namespace

Frontier next_level(const Frontier& level, std::vector<std::vector<Discovery>> chunks, VisitedSet& visited,
                    Links& links) {
  Frontier next;
  next.first = StateId{level.first.value + level.size()};
  next.depth = level.depth + 1;
  return collect(std::move(next), chunks, visited, links);
}

Frontier first_level(std::span<const std::vector<std::byte>> encodings, VisitedSet& visited, Links& links) {
  std::vector<std::vector<Discovery>> chunks(1);
  for (std::uint32_t i = 0; i < encodings.size(); ++i) {
    const Link link = Link::initial(i);
    const Insertion done = visited.insert(fingerprint(encodings[i]), encodings[i], link);
    if (done.kind == Insertion::Kind::kNew) chunks[0].push_back({link, done.handle});
  }
  return collect(Frontier{}, chunks, visited, links);
}

}  // namespace mc
