// What a search hands over so that another process can go on with it, and to whom. Used by the search, which fills it
// between levels, and by the reports, which make files of it.
//
// A checkpoint holds the way and not the states: how each state was first reached. Whoever goes on does those steps
// again, one for each state, and has what the first process had, in either store and on any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/core/fingerprint.hpp"
#include "checker/core/verdict.hpp"

namespace mc {

/// One finished level: how each of its states was first reached, in the order of their ranks. Packed by `pack_links`.
struct SavedLevel {
  std::uint64_t states = 0;
  std::vector<std::uint8_t> links;
  friend bool operator==(const SavedLevel&, const SavedLevel&) = default;
};

/// What a ledger knows; see Ledger.
struct SavedLedger {
  Verdict verdict;
  std::vector<std::optional<std::uint64_t>> first_states;  ///< per property
  friend bool operator==(const SavedLedger&, const SavedLedger&) = default;
};

/// A search between two levels: all levels up to the one that is expanded next, which the ledger does not count yet.
struct SavedSearch {
  SavedLedger ledger;
  std::size_t first_level = 0;  ///< levels before it were handed over earlier
  std::vector<SavedLevel> levels;
  Fingerprint digest = 0;  ///< of the states of the last level, in their order
};

/// Keeps what is handed over. Called by the coordinating thread alone, between levels.
class SearchKeeper {
 public:
  SearchKeeper() = default;
  SearchKeeper(const SearchKeeper&) = delete;
  SearchKeeper& operator=(const SearchKeeper&) = delete;
  virtual ~SearchKeeper() = default;

  /// True when it is time to hand over what there is.
  [[nodiscard]] virtual bool due() = 0;
  /// How many levels are kept: `save` is given those behind them.
  [[nodiscard]] virtual std::size_t levels_kept() const = 0;
  /// Never throws. What cannot be kept now is given again the next time; the search goes on.
  virtual void save(const SavedSearch& search) noexcept = 0;
};

}  // namespace mc
