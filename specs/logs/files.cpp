#include "specs/logs/files.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>

namespace raymc {
namespace {

namespace fs = std::filesystem;

/// Cuts a stream of bytes into lines.
class Lines {
 public:
  explicit Lines(const LogFileReader& reader) : reader_(reader) {}

  /// False: a line is too long.
  [[nodiscard]] bool add(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      if (end == std::string_view::npos) {
        rest_.append(bytes);
        return rest_.size() <= kLogLineMax;
      }
      if (rest_.empty()) {
        say(bytes.substr(0, end), false);
      } else {
        rest_.append(bytes.substr(0, end));
        say(rest_, false);
        rest_.clear();
      }
      bytes.remove_prefix(end + 1);
    }
    return true;
  }

  void finish() {
    if (!rest_.empty()) say(rest_, true);
  }

 private:
  void say(std::string_view text, bool cut) {
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    reader_.line(++number_, text, cut);
  }

  const LogFileReader& reader_;
  std::string rest_;
  std::uint32_t number_ = 0;
};

mc::InputError endless(const std::string& path) {
  return mistake(path, 0, "a line of more than " + std::to_string(kLogLineMax >> 20U) + " MiB: this is no log of Ray");
}

std::optional<mc::InputError> read_file(const fs::path& path, const std::string& shown, const LogFileReader& reader) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return mistake(path.string(), 0, "cannot be read");
  const std::optional<LogFileName> name = log_file_named(path.filename().string());
  if (!name || !reader.begin(shown, *name)) return std::nullopt;
  Lines lines(reader);
  std::array<char, 1U << 16U> buffer{};
  while (in.read(buffer.data(), buffer.size()), in.gcount() > 0) {
    if (!lines.add({buffer.data(), static_cast<std::size_t>(in.gcount())})) return endless(shown);
  }
  if (in.bad()) return mistake(path.string(), 0, "cannot be read to its end");
  lines.finish();
  return std::nullopt;
}

/// `alone`: no other folder is read, so that its name says nothing.
std::optional<mc::InputError> read_folder(const fs::path& folder, bool alone, const LogFileReader& reader) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (fs::recursive_directory_iterator it(folder, failure), end; !failure && it != end; it.increment(failure)) {
    std::error_code odd;
    if (it->is_regular_file(odd) && !it->is_symlink(odd) && log_file_named(it->path().filename().string())) {
      files.push_back(it->path());
    }
  }
  if (failure) return mistake(folder.string(), 0, "cannot be read: " + failure.message());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const fs::path shown = alone ? file.lexically_relative(folder) : file;
    if (auto error = read_file(file, shown.string(), reader)) return error;
  }
  return std::nullopt;
}

/// libarchive, loaded when an archive is read: what it needs for formats that nobody asks for here takes more address
/// space than the rest of raymc, which every other command would pay.
class ArchiveLibrary {
 public:
  ArchiveLibrary() : library_(::dlopen(kName, RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr) return;
    const bool all = find(open, "archive_read_new") && find(close, "archive_read_free") &&
                     find(support_tar, "archive_read_support_format_tar") &&
                     find(support_zip, "archive_read_support_format_zip") &&
                     find(support_gzip, "archive_read_support_filter_gzip") &&
                     find(support_zstd, "archive_read_support_filter_zstd") && find(why, "archive_error_string") &&
                     find(open_file, "archive_read_open_filename") && find(next, "archive_read_next_header") &&
                     find(block, "archive_read_data_block") && find(path, "archive_entry_pathname") &&
                     find(type, "archive_entry_filetype");
    if (!all) library_ = nullptr;
  }
  /// Whether it was there. It stays loaded until the process ends.
  [[nodiscard]] bool loaded() const { return library_ != nullptr; }

  static constexpr const char* kName = "libarchive.so.13";
  decltype(&archive_read_new) open = nullptr;
  decltype(&archive_read_free) close = nullptr;
  decltype(&archive_read_support_format_tar) support_tar = nullptr;
  decltype(&archive_read_support_format_zip) support_zip = nullptr;
  decltype(&archive_read_support_filter_gzip) support_gzip = nullptr;
  decltype(&archive_read_support_filter_zstd) support_zstd = nullptr;
  decltype(&archive_error_string) why = nullptr;
  decltype(&archive_read_open_filename) open_file = nullptr;
  decltype(&archive_read_next_header) next = nullptr;
  decltype(&archive_read_data_block) block = nullptr;
  decltype(&archive_entry_pathname) path = nullptr;
  decltype(&archive_entry_filetype) type = nullptr;

 private:
  template <class Function>
  [[nodiscard]] bool find(Function& function, const char* name) const {
    function = reinterpret_cast<Function>(::dlsym(library_, name));
    return function != nullptr;
  }

  void* library_;
};

std::optional<mc::InputError> read_archive(const fs::path& path, const LogFileReader& reader) {
  const ArchiveLibrary library;
  if (!library.loaded()) {
    return mistake(path.string(), 0,
                   std::string("is no folder, and archives cannot be read: ") + ArchiveLibrary::kName + " is missing",
                   "give the folder that holds raylet.out, or install libarchive");
  }
  const std::unique_ptr<archive, decltype(library.close)> opened(library.open(), library.close);
  // No more than these: others run programs, or read the files that they name.
  library.support_tar(opened.get());
  library.support_zip(opened.get());
  library.support_gzip(opened.get());
  library.support_zstd(opened.get());
  const auto damaged = [&] {
    const char* why = library.why(opened.get());
    return mistake(path.string(), 0,
                   std::string("is no archive that can be read: ") + (why == nullptr ? "unknown" : why),
                   "give the folder that holds raylet.out, or a .tar.gz, .tar.zst or .zip of it");
  };
  if (library.open_file(opened.get(), path.c_str(), 1U << 16U) != ARCHIVE_OK) return damaged();
  archive_entry* entry = nullptr;
  int status = ARCHIVE_OK;
  while ((status = library.next(opened.get(), &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN) {
    const char* inside = library.path(entry);
    const fs::path file = fs::path(inside == nullptr ? "" : inside).lexically_normal();
    const std::optional<LogFileName> name = log_file_named(file.filename().string());
    if (!name || library.type(entry) != AE_IFREG || !reader.begin(file.string(), *name)) continue;
    Lines lines(reader);
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    while ((status = library.block(opened.get(), &block, &size, &offset)) == ARCHIVE_OK) {
      if (!lines.add({static_cast<const char*>(block), size})) return endless(file.string());
    }
    if (status != ARCHIVE_EOF) return damaged();
    lines.finish();
  }
  if (status != ARCHIVE_EOF) return damaged();
  return std::nullopt;
}

}  // namespace

mc::InputError mistake(const std::string& file, std::uint32_t line, std::string message, std::string hint) {
  mc::InputError error;
  error.file = file;
  error.line = line;
  error.message = std::move(message);
  error.hint = std::move(hint);
  return error;
}

std::optional<LogFileName> log_file_named(std::string_view name) {
  const auto between = [&](std::string_view first, std::string_view last) {
    return name.size() >= first.size() + last.size() && name.substr(0, first.size()) == first &&
           name.substr(name.size() - last.size()) == last;
  };
  if (name == "messages.jsonl") return LogFileName{LogFileKind::kMessages, {}};
  if (between("gcs_server", ".out")) return LogFileName{LogFileKind::kGcs, {}};
  if (between("raylet", ".out")) return LogFileName{LogFileKind::kRaylet, {}};
  for (const auto& [prefix, kind] :
       {std::pair<std::string_view, LogFileKind>("python-core-driver-", LogFileKind::kDriver),
        std::pair<std::string_view, LogFileKind>("python-core-worker-", LogFileKind::kWorker)}) {
    if (!between(prefix, ".log")) continue;
    const std::string_view rest = name.substr(prefix.size());
    return LogFileName{kind, std::string(rest.substr(0, rest.find_first_of("_.")))};
  }
  return std::nullopt;
}

std::optional<mc::InputError> read_log_files(const std::vector<std::string>& paths, const LogFileReader& reader) {
  for (const std::string& path : paths) {
    std::error_code failure;
    const fs::file_status status = fs::status(path, failure);
    if (!fs::exists(status)) return mistake(path, 0, "does not exist");
    const auto error =
        fs::is_directory(status) ? read_folder(path, paths.size() == 1, reader) : read_archive(path, reader);
    if (error) return error;
  }
  return std::nullopt;
}

std::optional<std::filesystem::path> logs_of_session(const std::filesystem::path& folder) {
  std::error_code failed;
  const fs::path logs = folder / "logs";
  const bool recorded = fs::is_regular_file(folder / "session.json", failed) && fs::is_directory(logs, failed);
  return recorded ? std::optional(logs) : std::nullopt;
}

}  // namespace raymc
