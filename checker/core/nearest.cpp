#include "checker/core/nearest.hpp"

#include <algorithm>
#include <numeric>

namespace mc {
namespace {

/// A part of a dotted id: "raylet.R31.return_lease" has the part "R31".
bool has_part(std::string_view id, std::string_view part) {
  const std::size_t at = id.find(part);
  if (part.empty() || at == std::string_view::npos) return false;
  const bool begins = at == 0 || id[at - 1] == '.';
  const std::size_t end = at + part.size();
  return begins && (end == id.size() || id[end] == '.');
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  std::size_t best_distance = static_cast<std::size_t>(-1);
  for (const std::string_view candidate : candidates) {
    if (candidate == word) continue;  // It was refused, so that it is no help.
    const std::size_t near = std::max<std::size_t>(2, std::max(word.size(), candidate.size()) / 3);
    // Texts whose lengths are that far apart are no misspellings, and of a megabyte the distance would take minutes.
    const std::size_t longer = std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
    if (longer > near && !has_part(candidate, word)) continue;
    const std::size_t distance = has_part(candidate, word) ? 1 : edit_distance(word, candidate);
    if (distance <= near && distance < best_distance && distance < std::max<std::size_t>(word.size(), 2)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string nearest_hint(std::string_view word, const std::vector<std::string_view>& candidates,
                         std::string_view otherwise) {
  const std::string_view best = nearest(word, candidates);
  if (!best.empty()) return "did you mean \"" + std::string(best) + "\"?";
  std::string hint(otherwise);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    hint += i == 0 ? " " : ", ";
    hint += candidates[i];
  }
  return hint;
}

}  // namespace mc
