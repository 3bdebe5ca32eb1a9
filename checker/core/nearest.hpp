// The known word that a misspelt one was probably meant to be. Used for hints in errors about files and flags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mc {

/// Smallest number of single-letter insertions, deletions and replacements that turn `a` into `b`. Cost: |a| * |b|.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate with the smallest edit distance, the earlier one among equals; empty if none is near enough (a third
/// of the longer word, at least two edits). A candidate that contains `word` between dots counts as near.
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

/// "did you mean \"x\"?" for the nearest candidate; otherwise the list of all of them, after `otherwise`.
[[nodiscard]] std::string nearest_hint(std::string_view word, const std::vector<std::string_view>& candidates,
                                       std::string_view otherwise);

}  // namespace mc
