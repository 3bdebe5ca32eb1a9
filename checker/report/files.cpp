#include "checker/report/files.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

#include "checker/core/plain.hpp"
#include "checker/report/signals.hpp"
#include "checker/store/nameless_file.hpp"

namespace mc {
namespace {

InputError unreadable(const std::filesystem::path& path, const std::string& message) {
  InputError error;
  error.file = path.string();
  error.message = message;
  return error;
}

/// Writes all bytes; gives 0 or the error number.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

std::string failure_of(const std::filesystem::path& path, int error) {
  return "cannot write " + path.string() + ": " + std::strerror(error);
}

/// Waits until the descriptor takes bytes; gives 0, or after an interrupt EINTR if it has not for half a second.
int wait_until_writable(int descriptor) {
  constexpr int kTickMilliseconds = 100;
  for (int ticks = 0; ticks < 5; ticks += interrupted() ? 1 : 0) {
    pollfd waited{descriptor, POLLOUT, 0};
    // What is wrong with the descriptor is told by the write.
    if (::poll(&waited, 1, kTickMilliseconds) > 0) return 0;
  }
  return EINTR;
}

constexpr std::string_view kRandom = "XXXXXX";  // what mkostemp replaces

std::string temporary_head(std::string_view target) {
  constexpr std::size_t kTargetMax = 200;  // of the 255 bytes that a name may have
  return "." + std::string(target.substr(0, kTargetMax)) + ".raymc-";
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// The permissions of the file that is there, or those of a new one.
mode_t mode_for(const std::filesystem::path& path) {
  constexpr mode_t kPermissions = 07777;
  struct stat there {};
  return ::lstat(path.c_str(), &there) == 0 && S_ISREG(there.st_mode) ? there.st_mode & kPermissions : 0644;
}

/// Makes a rename durable. Best effort: not every file system lets a directory be flushed.
void flush_directory(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  static_cast<void>(::fsync(descriptor));
  ::close(descriptor);
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return unreadable(path, "is a directory");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(path, std::string("cannot be read: ") + std::strerror(errno));
  std::string text;
  std::vector<char> buffer(65536);  // not on the stack, of which there may be as little
  int error = 0;
  while (text.size() <= bytes_max) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) error = errno;
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(descriptor);
  if (error != 0) return unreadable(path, std::string("cannot be read: ") + std::strerror(error));
  if (text.size() > bytes_max) return unreadable(path, "is larger than " + std::to_string(bytes_max >> 20U) + " MiB");
  return text;
}

std::string head_of(const std::filesystem::path& path, std::size_t bytes_max) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return {};
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return {};
  std::string head(bytes_max, '\0');
  const ssize_t count = ::read(descriptor, head.data(), head.size());
  ::close(descriptor);
  head.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return head;
}

bool is_temporary_of(std::string_view name, std::string_view target) {
  const std::string head = temporary_head(target);
  return name.size() == head.size() + kRandom.size() && name.starts_with(head);
}

std::optional<std::string> replace_file(const std::filesystem::path& path, std::string_view text) {
  const OrderlyEnd orderly;
  const std::filesystem::path directory = folder_of(path);
  std::string temporary = (directory / (temporary_head(path.filename().string()) + std::string(kRandom))).string();
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return failure_of(path, errno);
  int error = write_all(descriptor, text);
  if (error == 0 && ::fchmod(descriptor, mode_for(path)) != 0) error = errno;
  if (error == 0 && ::fsync(descriptor) != 0) error = errno;
  if (::close(descriptor) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return failure_of(path, error);
  }
  flush_directory(directory);
  return std::nullopt;
}

std::optional<std::string> write_file(const std::filesystem::path& path, std::string_view text) {
  std::error_code failed;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, failed))) {
    std::filesystem::create_directories(folder_of(path), failed);
    if (failed) return "cannot create " + folder_of(path).string() + ": " + failed.message();
    return replace_file(path, text);
  }
  const std::filesystem::path target = std::filesystem::canonical(path, failed);
  if (failed) return "cannot write " + path.string() + ": it is a symbolic link that leads nowhere";
  if (!std::filesystem::is_regular_file(target, failed))
    return "cannot write " + path.string() + ": it is no regular file, and only such a file is replaced";
  return replace_file(target, text);
}

std::optional<std::string> try_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return "cannot create " + folder.string() + ": " + failed.message();
  const int descriptor = nameless_file(folder);
  if (descriptor < 0) return "cannot write into " + folder.string() + ": " + std::strerror(errno);
  const int error = write_all(descriptor, std::string(4096, 'x'));
  ::close(descriptor);
  if (error != 0) return "cannot write into " + folder.string() + ": " + std::strerror(error);
  return std::nullopt;
}

std::optional<std::string> append_file(const std::filesystem::path& path, std::string_view text) {
  const OrderlyEnd orderly;
  // A pipe that nobody reads must not hold everything up.
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
  if (descriptor < 0) return failure_of(path, errno);
  int error = write_all(descriptor, text);
  if (::close(descriptor) != 0 && error == 0) error = errno;
  if (error != 0) return failure_of(path, error);
  return std::nullopt;
}

void Output::write(std::string_view text) {
  const std::string plain = plain_output(text, terminal_ ? Sequences::kStay : Sequences::kGone);
  // No more at once than what a pipe takes whole when it takes anything: so a write never waits for a reader.
  for (std::string_view rest = plain; error_ == 0 && !rest.empty();) {
    const std::string_view part = rest.substr(0, PIPE_BUF);
    error_ = wait_until_writable(descriptor_);
    if (error_ == 0) error_ = write_all(descriptor_, part);
    rest.remove_prefix(part.size());
  }
}

bool Output::interrupted() const {
  return error_ == EINTR;
}

std::string Output::failure() const {
  if (error_ == 0 || error_ == EPIPE) return {};
  if (interrupted()) return "interrupted while nobody read the report";
  return std::string("cannot write the report: ") + std::strerror(error_);
}

std::size_t Output::columns() const {
  winsize size{};
  return ::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

Output::Output(int descriptor) : descriptor_(descriptor), terminal_(::isatty(descriptor) == 1) {}

}  // namespace mc
