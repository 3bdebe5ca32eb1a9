#include "tests/cli/run.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/places.hpp"

namespace toy {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

Folder::Folder() {
  std::string pattern = (fs::temp_directory_path() / "raymc cli XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
  fs::create_directories(fs::path(path_) / "scenarios" / "seed");
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, std::string_view text) const {
  const fs::path path = fs::path(path_) / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
  return path.string();
}

std::string Folder::read(const std::string& name) const {
  return slurp(fs::path(path_) / name);
}

bool Folder::has(const std::string& name) const {
  return fs::exists(fs::path(path_) / name);
}

Ran Folder::run(const std::string& arguments) const {
  return shell("exec \"$TOY\" toy " + arguments);
}

Ran Folder::shell(const std::string& command) const {
  const fs::path out = fs::path(path_) / ".stdout";
  const fs::path err = fs::path(path_) / ".stderr";
  write(".command", command);
  const std::string whole = "cd '" + path_ + "' && TOY='" + fs::read_symlink("/proc/self/exe").string() +
                            "' RAYMC_ROOT='" + path_ + "' sh ./.command >'" + out.string() + "' 2>'" + err.string() +
                            "' </dev/null";
  const int status = std::system(whole.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), slurp(out), slurp(err)};
}

std::string wait_for(const std::string& file) {
  return "while [ ! -s " + file + " ]; do kill -0 $! || { echo 'it ended before there was " + file +
         "' >&2; exit 99; }; sleep 0.01; done; ";
}

bool make_device(const std::string& path, unsigned minor) {
  return ::mknod(path.c_str(), S_IFCHR | 0666, makedev(1, minor)) == 0;
}

void expect_golden(const std::string& name, const std::string& text) {
  const fs::path path = fs::path(raymc::support::source_dir()) / "tests" / "cli" / "golden" / name;
  if (const char* approve = std::getenv("RAYMC_APPROVE"); approve != nullptr && *approve == '1') {
    std::ofstream(path, std::ios::binary) << text;
  }
  EXPECT_EQ(text, slurp(path)) << name << " differs; look at it, then approve it with RAYMC_APPROVE=1";
}

}  // namespace toy
