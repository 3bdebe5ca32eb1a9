// Checkpoints as files: a folder for each search, with a manifest and, for each time that something was saved, one
// segment of packed links. Segments are written once and never changed; the manifest is replaced as a whole when all
// that it names is on the disk. So a process that dies at any moment leaves the last good checkpoint behind.
//
// manifest       "raymc.checkpoint 1 CHECKSUM", and below it JSON: whose search it is, its ledger, its segments
// segment-N.zst  levels, each as two 64-bit numbers (states, bytes) and its links; one zstd frame
// answer.json    instead of both, once the search has ended: "raymc.answer 1 CHECKSUM", and below it what
//                answer_file.hpp says
// lock           held by the process that works here, and its id
// .raymc         the mark: these files are ours (owned_folder.hpp)
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "checker/core/result.hpp"
#include "checker/engine/keeper.hpp"
#include "checker/report/identity.hpp"
#include "checker/report/owned_folder.hpp"

namespace mc {

/// The folder of one search's checkpoints. Belongs to one thread.
class Checkpoint final : public SearchKeeper {
 public:
  /// `say` is told, in a sentence, what could not be written. A save is due when `interval` has gone by since the last.
  Checkpoint(std::filesystem::path folder, Identity identity, std::chrono::milliseconds interval,
             std::function<void(const std::string&)> say);
  ~Checkpoint() override;

  /// What can go wrong when a folder is opened.
  struct Refusal {
    enum class Kind { kUnwritable, kLocked, kInterrupted };
    Kind kind = Kind::kUnwritable;
    std::string message;
  };
  using Notice = std::function<void(const std::string&)>;
  /// How long `open` waits for another process to end.
  static constexpr std::chrono::seconds kLockWait{5};

  /// What stands in the way of keeping a checkpoint in this folder: files of somebody else. Changes nothing.
  [[nodiscard]] static std::optional<std::string> obstacle(const std::filesystem::path& folder);
  /// Removes the checkpoint or answer in the folder, and the folder if raymc made it. Leaves alone whatever else is
  /// there, a folder without the mark and one in which a process works.
  static void forget(const std::filesystem::path& folder);

  /// Makes the folder, keeps other processes out, and clears away what a process that died left half-written. Waits up
  /// to `kLockWait` for another process that works here, which may have been killed and not be gone yet, and says so to
  /// `notice`. Ends early when `cancel` becomes true. Gives what is wrong.
  [[nodiscard]] std::optional<Refusal> open(const std::atomic<bool>* cancel, const Notice& notice);
  /// True if there is something to go on with: a checkpoint or an answer.
  [[nodiscard]] bool has_checkpoint() const;
  [[nodiscard]] bool has_answer() const;
  /// The whole of what was saved, to go on from. An error names what is corrupt or foreign.
  [[nodiscard]] Result<SavedSearch> load();
  [[nodiscard]] Result<std::string> answer() const;
  /// Replaces the checkpoint by the answer of the search.
  void finish(const std::string& answer);

  [[nodiscard]] bool due() override;
  [[nodiscard]] std::size_t levels_kept() const override { return levels_kept_; }
  void save(const SavedSearch& search) noexcept override;

 private:
  struct Segment {
    std::string file;
    std::size_t levels = 0;
    std::uint64_t bytes = 0;  ///< before compression
    Fingerprint checksum = 0;
  };

  [[nodiscard]] std::optional<std::string> try_save(const SavedSearch& search);
  [[nodiscard]] std::string manifest_text(const SavedSearch& search, const std::vector<Segment>& segments) const;
  [[nodiscard]] InputError corrupt(const std::string& file, const std::string& why) const;
  [[nodiscard]] std::optional<InputError> read_segment(const Segment& segment, SavedSearch& search) const;
  [[nodiscard]] std::optional<Refusal> lock(const std::atomic<bool>* cancel, const Notice& notice);
  void remove_checkpoint();

  using Clock = std::chrono::steady_clock;
  std::filesystem::path folder_;
  OwnedFolder files_;
  Identity identity_;
  std::chrono::milliseconds interval_;
  std::function<void(const std::string&)> say_;
  int lock_ = -1;  ///< descriptor of the lock file that this process holds
  std::vector<Segment> segments_;
  std::size_t levels_kept_ = 0;
  Clock::time_point last_ = Clock::now();
};

}  // namespace mc
