#include "checker/report/owned_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

#include "checker/core/assert.hpp"
#include "checker/report/files.hpp"
#include "checker/report/signals.hpp"
#include "checker/store/nameless_file.hpp"

namespace mc {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = ".raymc";
constexpr std::string_view kMagic = "raymc.folder 1\n";
constexpr std::string_view kMeaning =
    "# Files of raymc in this folder: it replaces and removes these, and no others.\n";
constexpr std::string_view kMade = "made\n";  // the folder, by raymc
constexpr std::size_t kMarkBytesMax = std::size_t{256} << 20U;

/// A name as the list holds it: in quotes, on one line, plain ASCII, whatever it is made of.
std::string listed(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "\"";
  for (const char byte : name) {
    const auto value = static_cast<unsigned char>(byte);
    if (value >= 0x20 && value < 0x7f && std::string_view("\"%#").find(byte) == std::string_view::npos) {
      text += byte;
    } else {
      text += {'%', kDigits[value >> 4U], kDigits[value & 0xfU]};
    }
  }
  return text + "\"";
}

/// The inverse; none if it is no such text.
std::optional<std::string> name_of(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return std::nullopt;
    if (text[i] != '%') {
      name += text[i];
      continue;
    }
    unsigned value = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const auto parsed = std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
    if (parsed.ptr != text.data() + i + 3) return std::nullopt;
    name += static_cast<char>(value);
    i += 2;
  }
  return name;
}

/// Whether a name on a list is that of a file below its folder, as raymc writes them: a list may come from a stranger.
bool leads_inside(const std::string& name) {
  const fs::path path(name);
  return path.is_relative() && path.has_filename() && path.lexically_normal() == path && *path.begin() != ".." &&
         path != "." && name.find('\0') == std::string::npos;
}

enum class There { kNothing, kFile, kFolder, kOther };

/// What has this path, symbolic links not followed; what cannot be looked at counts as something else.
There look_at(const fs::path& path) {
  std::error_code failed;
  switch (fs::symlink_status(path, failed).type()) {
    case fs::file_type::not_found: return There::kNothing;
    case fs::file_type::regular: return There::kFile;
    case fs::file_type::directory: return There::kFolder;
    default: return There::kOther;
  }
}

/// Whether the file lies in real folders all the way: no symbolic link leads out of `folder`.
There look_at_inside(fs::path folder, const fs::path& name) {
  for (const fs::path& part : name.parent_path()) {
    folder /= part;
    if (const There there = look_at(folder); there != There::kFolder) return there;
  }
  return look_at(folder / name.filename());
}

/// The first file that a folder without a mark holds, or why it cannot be listed.
std::optional<std::string> foreign_file(const fs::path& folder) {
  std::error_code failed;
  std::error_code unlisted;
  for (auto entry = fs::recursive_directory_iterator(folder, failed);
       !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    if (look_at(entry->path()) == There::kFolder && !fs::is_empty(entry->path(), unlisted)) continue;
    return entry->path().lexically_relative(folder).string();
  }
  if (failed) return "what cannot be listed (" + failed.message() + ")";
  return std::nullopt;
}

/// Writes all of it; gives 0 or the error number.
int write_whole(int descriptor, std::string_view text) {
  const ssize_t written = ::write(descriptor, text.data(), text.size());
  if (written < 0) return errno;
  return written == static_cast<ssize_t>(text.size()) ? 0 : ENOSPC;
}

}  // namespace

std::string OwnedFolder::refusal(const std::string& name, const std::string& why) const {
  return "cannot write " + (name.empty() ? folder_ : folder_ / name).string() + ": " + why;
}

std::optional<std::string> OwnedFolder::obstacle(Kind kind) const {
  const There there = look_at(folder_);
  if (there == There::kNothing) return std::nullopt;
  std::error_code failed;
  if (kind == Kind::kExclusive && there != There::kFolder)
    return refusal("", fs::is_symlink(folder_, failed) ? "it is a symbolic link" : "it is no folder");
  if (!fs::is_directory(folder_, failed)) return refusal("", "it is no folder");
  if (look_at(folder_ / kMark) != There::kNothing) return OwnedFolder(folder_).read_mark();
  if (kind == Kind::kShared) return std::nullopt;
  const std::optional<std::string> foreign = foreign_file(folder_);
  if (!foreign) return std::nullopt;
  // Another process may have made the mark meanwhile, and its first files.
  if (look_at(folder_ / kMark) != There::kNothing) return OwnedFolder(folder_).read_mark();
  return refusal("", "it holds " + *foreign + ", which raymc did not write\n  hint: choose another folder");
}

std::optional<std::string> OwnedFolder::open(Kind kind) {
  const OrderlyEnd orderly;
  if (std::optional<std::string> wrong = obstacle(kind)) return wrong;
  std::error_code failed;
  const fs::path parent = folder_.has_parent_path() ? folder_.parent_path() : fs::path(".");
  fs::create_directories(parent, failed);
  if (failed) return "cannot create " + folder_.string() + ": " + failed.message();
  made_ = ::mkdir(folder_.c_str(), 0777) == 0;
  if (!made_ && errno != EEXIST) return "cannot create " + folder_.string() + ": " + std::strerror(errno);
  if (look_at(folder_ / kMark) != There::kNothing) {
    std::optional<std::string> wrong = read_mark();
    return wrong ? wrong : try_folder(folder_);
  }
  if (std::optional<std::string> wrong = make_mark()) return wrong;
  return read_mark();
}

bool OwnedFolder::open_marked() {
  const bool marked = look_at(folder_) == There::kFolder && look_at(folder_ / kMark) == There::kFile;
  return marked && !read_mark();
}

std::optional<std::string> OwnedFolder::make_mark() {
  const std::string head = std::string(kMagic) + std::string(kMeaning) + (made_ ? std::string(kMade) : "");
  const fs::path path = folder_ / kMark;
  // Written before it has a name: so no process that dies leaves half a mark, which would be nobody's.
  int descriptor = nameless_file(folder_);
  if (descriptor < 0) return refusal(kMark, std::strerror(errno));
  int error = write_whole(descriptor, head);
  if (error == 0 && ::fchmod(descriptor, 0644) != 0) error = errno;
  const std::string self = "/proc/self/fd/" + std::to_string(descriptor);
  const bool named = error == 0 && ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0;
  ::close(descriptor);
  if (error == 0 && !named && look_at(path) == There::kNothing) {
    // Not every file system gives a name later.
    descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    error = descriptor < 0 ? errno : write_whole(descriptor, head);
    if (descriptor >= 0) ::close(descriptor);
  }
  if (error == 0 || error == EEXIST) return std::nullopt;
  return refusal(kMark, std::strerror(error));
}

std::optional<std::string> OwnedFolder::read_mark() {
  struct stat there {};
  if (::lstat((folder_ / kMark).c_str(), &there) != 0) return refusal(kMark, std::strerror(errno));
  // A second name would be somebody's file that grows.
  if (!S_ISREG(there.st_mode) || there.st_nlink != 1) return refusal(kMark, "it is not the mark of raymc");
  const Result<std::string> text = read_file(folder_ / kMark, kMarkBytesMax);
  if (!text.ok()) return refusal(kMark, text.error().message);
  if (!text.value().starts_with(kMagic)) return refusal(kMark, "it is not the mark of raymc");
  parse(text.value());
  return std::nullopt;
}

void OwnedFolder::parse(std::string_view text) {
  ours_.clear();
  torn_ = !text.ends_with('\n');
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line == kMade.substr(0, kMade.size() - 1)) made_ = true;
    if (line.empty() || (line.front() != '+' && line.front() != '-')) continue;
    const std::optional<std::string> name = name_of(line.substr(1));
    if (!name || !leads_inside(*name)) continue;
    if (line.front() == '+') {
      ours_.insert(*name);
    } else {
      ours_.erase(*name);
    }
  }
}

std::optional<std::string> OwnedFolder::add_lines(const std::string& lines) {
  const fs::path path = folder_ / kMark;
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return refusal(kMark, std::strerror(errno));
  const std::string text = (torn_ ? "\n" : "") + lines;
  int error = write_whole(descriptor, text);
  torn_ = error != 0;
  if (error == 0 && ::fdatasync(descriptor) != 0) error = errno;
  ::close(descriptor);
  if (error != 0) return refusal(kMark, std::strerror(error));
  return std::nullopt;
}

std::optional<std::string> OwnedFolder::blocked(const std::string& name) {
  const fs::path relative(name);
  MC_ASSERT(relative.is_relative() && relative.has_filename(), "a name lies below its folder");
  fs::path folder = folder_;
  for (const fs::path& part : relative.parent_path()) {
    MC_ASSERT(part != "..", "a name lies below its folder");
    folder /= part;
    const There there = look_at(folder);
    if (there == There::kNothing) return std::nullopt;
    if (there != There::kFolder) return refusal(relative.parent_path().string(), "it is no folder");
  }
  const There there = look_at(folder / relative.filename());
  if (there == There::kNothing) return std::nullopt;
  if (there != There::kFile) return refusal(name, "it is no regular file");
  if (ours_.contains(name)) return std::nullopt;
  // Another process may have written it since.
  const bool marked = look_at(folder_ / kMark) != There::kNothing;
  if (std::optional<std::string> wrong = marked ? read_mark() : std::nullopt) return wrong;
  if (ours_.contains(name)) return std::nullopt;
  return refusal(name,
                 "it is there already, and raymc did not write it\n  hint: move it away, or choose another folder");
}

std::optional<std::string> OwnedFolder::claim(const std::string& name) {
  if (std::optional<std::string> wrong = blocked(name)) return wrong;
  if (ours_.contains(name)) return std::nullopt;
  if (std::optional<std::string> wrong = add_lines("+" + listed(name) + "\n")) return wrong;
  ours_.insert(name);
  return std::nullopt;
}

std::optional<std::string> OwnedFolder::write(const std::string& name, std::string_view text) {
  const OrderlyEnd orderly;
  if (std::optional<std::string> wrong = claim(name)) return wrong;
  const fs::path path = folder_ / name;
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  if (failed) return "cannot create " + path.parent_path().string() + ": " + failed.message();
  std::optional<std::string> failure = replace_file(path, text);
  // What somebody puts here later is not ours.
  if (failure && look_at(path) == There::kNothing) remove([&](const std::string& other) { return other == name; });
  return failure;
}

void OwnedFolder::remove(const std::function<bool(const std::string& name)>& which) {
  const OrderlyEnd orderly;
  remove_temporaries();
  std::string lines;
  std::error_code failed;
  for (auto name = ours_.begin(); name != ours_.end();) {
    const bool gone =
        which(*name) && (look_at_inside(folder_, *name) != There::kFile || fs::remove(folder_ / *name, failed));
    if (gone) lines += "-" + listed(*name) + "\n";
    name = gone ? ours_.erase(name) : std::next(name);
  }
  // At worst the list names what is not there.
  if (!lines.empty()) static_cast<void>(add_lines(lines));
}

void OwnedFolder::remove_temporaries() {
  std::error_code failed;
  std::set<fs::path> folders;
  for (const std::string& name : ours_) folders.insert((folder_ / name).parent_path());
  for (const fs::path& folder : folders) {
    if (look_at_inside(folder_, folder.lexically_relative(folder_)) != There::kFolder) continue;
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
      const std::string found = entry.path().filename().string();
      const bool ours = std::any_of(ours_.begin(), ours_.end(), [&](const std::string& name) {
        return (folder_ / name).parent_path() == folder && is_temporary_of(found, fs::path(name).filename().string());
      });
      if (ours && look_at(entry.path()) == There::kFile) fs::remove(entry.path(), failed);
    }
  }
}

void OwnedFolder::remove_all() {
  remove([](const std::string&) { return true; });
  std::error_code failed;
  if (!ours_.empty()) return;
  fs::remove(folder_ / kMark, failed);
  if (made_) ::rmdir(folder_.c_str());
}

}  // namespace mc
