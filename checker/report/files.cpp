#include "checker/report/files.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

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
  std::array<char, 65536> buffer{};
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

std::optional<std::string> write_file(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return "cannot create " + directory.string() + ": " + failed.message();
  std::string temporary = (directory / ("." + path.filename().string() + ".XXXXXX")).string();
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return failure_of(path, errno);
  int error = write_all(descriptor, text);
  if (error == 0 && ::fchmod(descriptor, 0644) != 0) error = errno;
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

std::optional<std::string> append_file(const std::filesystem::path& path, std::string_view text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return failure_of(path, errno);
  int error = write_all(descriptor, text);
  if (::close(descriptor) != 0 && error == 0) error = errno;
  if (error != 0) return failure_of(path, error);
  return std::nullopt;
}

void Output::write(std::string_view text) {
  if (error_ == 0) error_ = write_all(descriptor_, text);
}

std::string Output::failure() const {
  if (error_ == 0 || error_ == EPIPE) return {};
  return std::string("cannot write the report: ") + std::strerror(error_);
}

std::size_t Output::columns() const {
  winsize size{};
  return ::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool Output::is_terminal() const {
  return ::isatty(descriptor_) == 1;
}

}  // namespace mc
