// A file that one process holds at a time, with its id inside for those who wait. The kernel lets go of it when the
// process ends, however it ends.
#pragma once

#include <filesystem>
#include <string>

namespace mc {

/// One attempt to hold the file. Belongs to one thread.
class LockFile {
 public:
  enum class Taken { kYes, kHeldByAnother, kFailed };

  explicit LockFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  /// Makes the file if needed. Never waits. A symbolic link, a file with a second name and what is no regular file are
  /// failures.
  [[nodiscard]] Taken try_take();
  /// Why it failed.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  /// The process that holds it, in words: "process 4711", or "another process" if it has not said who it is.
  [[nodiscard]] std::string holder() const;
  /// The descriptor, which the caller closes to let go. Requires that it was taken.
  [[nodiscard]] int release();

 private:
  [[nodiscard]] Taken failed(const std::string& why);

  std::filesystem::path path_;
  std::string failure_;
  int descriptor_ = -1;
};

}  // namespace mc
