// One level of the search: explore its states on all threads, then turn what was found into the next level.
// The barrier between the two is what makes the answer independent of threads.
#pragma once

#include <tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "checker/engine/expand.hpp"
#include "checker/engine/frontier_disk.hpp"
#include "checker/engine/monitor.hpp"
#include "checker/store/frontier.hpp"
#include "checker/store/parallel.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// The expanders of all threads, made when a thread first works.
template <Model M>
using Expanders = tbb::enumerable_thread_specific<Expander<M>>;

/// What exploring a level gave: findings and graph of each run of ranks, in their order.
struct Explored {
  Tally tally;
  std::vector<Findings> findings;
  std::vector<GraphChunk> graph;  ///< empty chunks if no graph is logged
};

/// Chunks are small enough to share a level out evenly and large enough that a chunk costs little. Their size has no
/// influence on the answer.
[[nodiscard]] constexpr std::uint64_t chunk_size(std::uint64_t states, unsigned threads) {
  return std::clamp<std::uint64_t>(states / (std::uint64_t{threads} * 16), 16, 1024);
}

/// Explores a level on the threads of the current arena. The result is meaningless if the monitor interrupts.
template <Model M>
Explored explore_level(const LevelTask& task, Expanders<M>& expanders, const Tally& empty, unsigned threads,
                       Monitor& monitor) {
  for (Expander<M>& expander : expanders) expander.begin_level();
  const std::uint64_t states = task.frontier.size();
  const std::uint64_t size = chunk_size(states, threads);
  const std::size_t chunks = (states + size - 1) / size;
  Explored explored{empty, std::vector<Findings>(chunks), std::vector<GraphChunk>(chunks)};
  // Here on the coordinating thread, which might not get a chunk of its own.
  if (monitor.poll()) return explored;
  parallel_for(chunks, [&](std::size_t chunk) {
    if (monitor.poll()) return;
    Expander<M>& expander = expanders.local();
    const std::uint64_t taken = expander.tally().taken;
    const std::uint64_t begin = chunk * size;
    const std::uint64_t end = std::min(begin + size, states);
    expander.explore(task, begin, end, explored.findings[chunk], explored.graph[chunk]);
    monitor.advance(end - begin, expander.tally().taken - taken, explored.findings[chunk].states.size());
  });
  for (const Expander<M>& expander : expanders) explored.tally.merge(expander.tally());
  return explored;
}

/// How the states of a level are made again from the level before it and their links.
template <Model M>
[[nodiscard]] FrontierDisk::Remake remaker(Expanders<M>& expanders, const Links& links) {
  return [&](const Frontier& from, const SpilledLevel& states, const Frontier& level, std::uint64_t begin,
             std::uint64_t end, std::vector<std::byte>& made) {
    std::vector<Link> steps;
    links.for_each(StateId{level.first.value + begin}, end - begin, [&](Link link) { steps.push_back(link); });
    const std::vector<char> nothing;
    expanders.local().remake(LevelTask{from, nothing, nothing, true, false, &states}, steps, made);
  };
}

/// The next level: closes the present one in the visited set, by which the states that were found get their rank.
[[nodiscard]] Frontier next_level(const Frontier& level, std::vector<Findings>& findings, VisitedSet& visited,
                                  Links& links);

/// Level 0, from the encodings of the initial states; a repeated state counts once.
[[nodiscard]] Frontier first_level(std::span<const std::vector<std::byte>> encodings, VisitedSet& visited,
                                   Links& links);

}  // namespace mc
