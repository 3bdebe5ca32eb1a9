// The list of a folder that raymc owns files in (".raymc"). Whatever it says, everything on it is removed, and nothing
// of the user's is: neither beside the folder nor in it.
#include <cstdlib>
#include <fstream>

#include "checker/report/owned_folder.hpp"
#include "tests/fuzz/scratch.hpp"
#include "tests/fuzz/target.hpp"

namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// A folder of this process, in which something lies that is nobody's but the user's.
const fs::path& base() {
  static const mc::fuzz::ScratchFolder kFolder;
  static const bool kFilled = (write(kFolder.path() / "victim", "mine"), true);
  static_cast<void>(kFilled);
  return kFolder.path();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fs::path folder = base() / "ours";
  fs::create_directories(folder / "sub");
  const std::string list = mc::fuzz::text_of(data, size);
  write(folder / ".raymc", "raymc.folder 1\n+\"a\"\n+\"sub/b\"\n" + list);
  for (const char* name : {"a", "sub/b"}) write(folder / name, "ours");
  mc::OwnedFolder owned(folder);
  if (owned.open_marked()) {
    if (const auto wrong = owned.blocked("a")) mc::fuzz::expect_plain(mc::plain_message(*wrong));
    owned.remove_temporaries();
    owned.remove_all();
  }
  MC_ASSERT(fs::exists(base() / "victim"), "a list does not lead outside");
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return 0;
}
