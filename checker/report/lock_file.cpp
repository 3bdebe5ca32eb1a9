#include "checker/report/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "checker/report/files.hpp"

namespace mc {

LockFile::~LockFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

LockFile::Taken LockFile::failed(const std::string& why) {
  failure_ = why;
  return Taken::kFailed;
}

LockFile::Taken LockFile::try_take() {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
  if (descriptor_ < 0) return failed(errno == ELOOP ? "it is a symbolic link" : std::strerror(errno));
  struct stat opened {};
  if (::fstat(descriptor_, &opened) != 0) return failed(std::strerror(errno));
  // What has a second name is somebody's file, and the id must not be written into it.
  if (!S_ISREG(opened.st_mode) || opened.st_nlink > 1) return failed("it is no lock of raymc");
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK || errno == EINTR ? Taken::kHeldByAnother : failed(std::strerror(errno));
  // The holder before may have removed the file: then this lock is nobody's, and the next attempt makes a new one.
  struct stat named {};
  if (::lstat(path_.c_str(), &named) != 0 || named.st_ino != opened.st_ino || named.st_dev != opened.st_dev)
    return Taken::kHeldByAnother;
  const std::string id = std::to_string(::getpid()) + "\n";
  // On a full disk those who wait do not learn who holds it; that is all.
  if (::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, id.data(), id.size(), 0) < 0) failure_ = "";
  return Taken::kYes;
}

std::string LockFile::holder() const {
  constexpr std::size_t kDigitsMax = 20;
  const std::string text = head_of(path_, kDigitsMax);
  const std::string id = text.substr(0, text.find('\n'));
  const bool number = !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
  return number ? "process " + id : "another process";
}

int LockFile::release() {
  return std::exchange(descriptor_, -1);
}

}  // namespace mc
