// Logs of a session: "==> NAME <==" begins a file of it, as `tail` writes several; without any, the bytes are an
// archive. What is accepted is written as a record, with and without names.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "specs/logs/session.hpp"
#include "specs/logs/texts.hpp"
#include "tests/fuzz/scratch.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/places.hpp"

namespace {

const std::filesystem::path& folder() {
  static const mc::fuzz::ScratchFolder kFolder;
  return kFolder.path();
}

const std::vector<raymc::LogTable>& tables() {
  static const std::vector<raymc::LogTable> kTables =
      raymc::load_log_tables(std::filesystem::path(raymc::support::source_dir()) / "specs/ray_logs").value();
  return kTables;
}

void write(const std::string& name, std::string_view text) {
  std::FILE* const file = std::fopen((folder() / name).c_str(), "wb");
  if (file == nullptr) return;
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
}

/// The files of the input; false: it has none.
bool write_files(std::string_view text) {
  constexpr std::string_view kBegin = "==> ";
  constexpr std::string_view kEnd = " <==\n";
  bool any = false;
  while (text.substr(0, kBegin.size()) == kBegin) {
    const std::size_t end = text.find(kEnd);
    if (end == std::string_view::npos) break;
    const std::string name = std::filesystem::path(text.substr(kBegin.size(), end - kBegin.size())).filename().string();
    text.remove_prefix(end + kEnd.size());
    const std::size_t next = std::min(text.find("\n==> "), text.size());
    const bool is_name = !name.empty() && name.find('\0') == std::string::npos && name != "." && name != "..";
    if (is_name) write(name, text.substr(0, next));
    text.remove_prefix(std::min(next + 1, text.size()));
    any = any || is_name;
  }
  return any;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto& entry : std::filesystem::directory_iterator(folder())) std::filesystem::remove(entry.path());
  const std::string text = mc::fuzz::text_of(data, size);
  std::string path = folder().string();
  if (!write_files(text)) {
    write("logs.tar.gz", text);
    path += "/logs.tar.gz";
  }
  const mc::Result<raymc::ReadSession> read = raymc::read_session({path}, tables(), "2.55");
  if (!read.ok()) {
    mc::fuzz::expect_plain(mc::plain_message(read.error().text()));
    return 0;
  }
  mc::fuzz::expect_plain(mc::to_json_lines(read.value().record));
  mc::fuzz::expect_plain(mc::to_json_lines(raymc::redacted(read.value().record)));
  return 0;
}
