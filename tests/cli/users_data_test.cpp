// The user's data: whatever lies where raymc works, and however it is called, not a byte of it changes.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <vector>

#include "tests/cli/run.hpp"

namespace {

using toy::Folder;
using toy::Ran;
namespace fs = std::filesystem;

/// What a file was before: anything but the time of a folder, in which raymc may put files of its own.
std::string facts_of(const fs::path& path) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) return "gone";
  std::ostringstream text;
  text << there.st_ino << " " << there.st_mode << " " << there.st_nlink * (S_ISDIR(there.st_mode) ? 0 : 1);
  if (S_ISDIR(there.st_mode)) return text.str();
  text << " " << there.st_size << " " << there.st_mtim.tv_sec << "." << there.st_mtim.tv_nsec << " ";
  if (S_ISLNK(there.st_mode)) text << fs::read_symlink(path).string();
  if (S_ISREG(there.st_mode)) text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// All that lies below the folder.
std::map<std::string, std::string> snapshot(const std::string& folder) {
  std::map<std::string, std::string> facts;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    facts[entry.path().string()] = facts_of(entry.path());
  return facts;
}

/// Runs the toy in the folder with these very arguments, no shell between; gives the code or 128 and the signal.
int run(const std::string& folder, const std::vector<std::string>& arguments) {
  const std::string program = fs::read_symlink("/proc/self/exe").string();
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<std::string> words{"cli_tests", "toy"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> raw;
    for (std::string& word : words) raw.push_back(word.data());
    raw.push_back(nullptr);
    for (FILE* stream : {stdout, stderr}) {
      if (std::freopen("/dev/null", "w", stream) == nullptr) ::_exit(98);
    }
    if (::chdir(folder.c_str()) == 0 && std::freopen("commands", "r", stdin) != nullptr)
      ::execv(program.c_str(), raw.data());
    ::_exit(99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void put(const fs::path& path, const std::string& text) {
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  std::ofstream(path, std::ios::binary) << text;
}

/// One way in which something of the user's lies about where a scenario's checkpoint would be: `at` is that place,
/// `outside` another folder of the user's.
struct Layout {
  const char* name;
  std::function<void(const fs::path& at, const fs::path& outside)> make;
};

const std::vector<Layout> kLayouts{
    {"nothing", [](const fs::path&, const fs::path&) {}},
    {"a folder with work in it", [](const fs::path& at, const fs::path&) { put(at / "thesis", "x"); }},
    {"only dotfiles", [](const fs::path& at, const fs::path&) { put(at / ".profile", "x"); }},
    {"deep folders", [](const fs::path& at, const fs::path&) { put(at / "a/b/c/d/e/f", "x"); }},
    {"an empty folder", [](const fs::path& at, const fs::path&) { fs::create_directories(at); }},
    {"empty folders inside", [](const fs::path& at, const fs::path&) { fs::create_directories(at / "a/b"); }},
    {"a file", [](const fs::path& at, const fs::path&) { put(at, "x"); }},
    {"the names of segments",
     [](const fs::path& at, const fs::path&) {
       put(at / "segment-000000.zst", "x");
       put(at / "segment-mine", "x");
     }},
    {"the names of a checkpoint",
     [](const fs::path& at, const fs::path&) {
       for (const char* name : {"manifest", "answer.json", "lock"}) put(at / name, "my own " + std::string(name));
     }},
    {"an empty lock and a letter",
     [](const fs::path& at, const fs::path&) {
       put(at / "lock", "");
       put(at / "letter", "x");
     }},
    {"a mark of the user's", [](const fs::path& at, const fs::path&) { put(at / ".raymc", "mine"); }},
    {"a mark that is a folder", [](const fs::path& at, const fs::path&) { put(at / ".raymc/x", "x"); }},
    {"a mark that leads elsewhere",
     [](const fs::path& at, const fs::path& outside) {
       fs::create_directories(at);
       put(outside / "marked", "raymc.folder 1\n+\"thesis\"\n");
       put(at / "thesis", "x");
       fs::create_symlink(outside / "marked", at / ".raymc");
     }},
    {"a mark with a second name",
     [](const fs::path& at, const fs::path& outside) {
       fs::create_directories(at);
       put(outside / "marked", "raymc.folder 1\n");
       fs::create_hard_link(outside / "marked", at / ".raymc");
     }},
    {"a link to a folder",
     [](const fs::path& at, const fs::path& outside) {
       put(outside / "lock", "x");
       fs::create_directory_symlink(outside, at);
     }},
    {"a link to nothing", [](const fs::path& at, const fs::path& outside) { fs::create_symlink(outside / "no", at); }},
    {"links for files",
     [](const fs::path& at, const fs::path& outside) {
       fs::create_directories(at);
       put(outside / "thesis", "");
       for (const char* name : {"manifest", "answer.json", "lock", "segment-000000.zst"})
         fs::create_symlink(outside / "thesis", at / name);
     }},
    {"second names for files",
     [](const fs::path& at, const fs::path& outside) {
       fs::create_directories(at);
       put(outside / "thesis", "");
       fs::create_hard_link(outside / "thesis", at / "lock");
     }},
    {"a pipe", [](const fs::path& at, const fs::path&) { ::mkfifo(at.c_str(), 0600); }},
    {"pipes for files",
     [](const fs::path& at, const fs::path&) {
       fs::create_directories(at);
       for (const char* name : {"manifest", "lock", ".raymc"}) ::mkfifo((at / name).c_str(), 0600);
     }},
    {"a checkpoint and a letter",
     [](const fs::path& at, const fs::path&) {
       put(at / "answer.json", "raymc.answer 1 0000000000000000\n{}");
       put(at / "letter", "x");
     }},
};

/// Names without ".toml": odd, long, dangerous in a shell, in a list, in a path.
std::vector<std::string> names() {
  std::vector<std::string> names{"mywork",
                                 "a b",
                                 " ",
                                 "  a",
                                 "new\nline",
                                 "a\n+\"thesis\"",
                                 "tab\t",
                                 "\r",
                                 "-dash",
                                 "--out",
                                 "-",
                                 "*",
                                 "?",
                                 "[a]",
                                 "$(x)",
                                 "`x`",
                                 "'",
                                 "\"",
                                 "\\",
                                 "é",
                                 "\xff\xfe",
                                 "..",
                                 ".",
                                 "...",
                                 ".hidden",
                                 "..hidden",
                                 "manifest",
                                 "lock",
                                 "answers",
                                 "segment-000000",
                                 "SUMMARY",
                                 "golden",
                                 ".raymc",
                                 "coverage",
                                 "found",
                                 "%41",
                                 "a%",
                                 "%00",
                                 "\x01\x7f",
                                 "~",
                                 "CON",
                                 "a.toml",
                                 "a.report",
                                 "\xe2\x80\xae"
                                 "a",
                                 "{}",
                                 "#",
                                 ";",
                                 "&",
                                 "|",
                                 "a\\n"};
  for (const std::size_t length : {100U, 200U, 230U, 240U, 249U}) names.push_back(std::string(length, 'n'));
  return names;
}

/// The names of files that raymc writes beside each other, each as a file of the user's.
void put_namesakes(const fs::path& folder, const std::string& name) {
  std::error_code failed;
  for (const char* end : {".report.json", ".run.json", ".trace.json", ".simulation.json"})
    put(folder / (name + end), "my");
  for (const char* file : {"SUMMARY.md", "SUMMARY.html", "golden.tsv", "coverage.tsv", "safeguards.tsv",
                           ".frontier.abcdef", ".SUMMARY.md.raymc-abcdef", "found/SUMMARY.md"})
    put(folder / file, "my own");
  put(folder / "answers" / (name + ".json"), "my own");
  put(folder / "found" / (name + ".trace.json"), "my own");
}

/// Every command that writes, with the folder at hand and other ones for all that it writes.
void attack(const std::string& folder, const std::string& scenario, std::vector<int>& codes) {
  const std::string path = "./" + scenario;
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"check", path, "--checkpoint", "."},
           {"check", path, "--checkpoint", ".", "--resume", "--checkpoint-every", "1ms", "--out", "."},
           {"release", path, "--checkpoint", ".", "--resume", "--out", "fresh"},
           {"release", path, "--out", "."},
           {"check", path, "--out", "found", "--disk", ".", "--frontier", "disk", "--store", "fingerprint"},
           {"simulate", path, "--walks", "2", "--out", "."},
           {"results", path, "--out", "."},
           {"safeguards", path, "--out", "."},
           {"check", path},
           {"explore", path}}) {
    codes.push_back(run(folder, arguments));
  }
}

/// Makes the layout, attacks it, and compares everything of the user's with what it was.
void expect_untouched(const Layout& layout, const std::string& name, bool namesakes, std::vector<int>& codes) {
  const Folder folder;
  const fs::path work = fs::path(folder.path()) / "work";
  const fs::path outside = fs::path(folder.path()) / "outside";
  fs::create_directories(outside);
  std::error_code failed;
  // "." and "..": the folder itself and the one above are what must stay as they are.
  if (name != "." && name != ".." && fs::symlink_status(work / name, failed).type() == fs::file_type::not_found) {
    fs::create_directories(work);
    layout.make(work / name, outside);
  }
  put(work / "letter to a friend", "x");
  put(work / ".profile", "x");
  put(work / "segment-000001.zst", "x");
  put(work / (name + ".toml"), std::string(toy::kBroken));
  put(work / "commands", "1\nsave letter\nsave ../null\nsave ../outside\nquit\n");
  static_cast<void>(toy::make_device(folder.path() + "/null", 3));
  if (namesakes) put_namesakes(work, name);
  const auto before = snapshot(folder.path());
  attack(work.string(), name + ".toml", codes);
  const auto after = snapshot(folder.path());
  for (const auto& [path, facts] : before) {
    const auto now = after.find(path);
    EXPECT_EQ(now == after.end() ? "gone" : now->second, facts)
        << path << "\nlayout: " << layout.name << ", name: " << name;
  }
}

TEST(UsersData, NotAByteChangesInTwoHundredHostilePlaces) {
  std::vector<int> codes;
  int places = 0;
  const std::vector<std::string> all = names();
  for (std::size_t i = 0; i < all.size(); ++i) {
    // Every name with three layouts, with files of the user's under raymc's own names and without.
    for (std::size_t k = 0; k < 3; ++k, ++places)
      expect_untouched(kLayouts[(i + 7 * k) % kLayouts.size()], all[i], (i + k) % 2 == 0, codes);
  }
  for (const Layout& layout : kLayouts) {
    for (const bool namesakes : {true, false}) {
      expect_untouched(layout, "mywork", namesakes, codes);
      ++places;
    }
  }
  EXPECT_GE(places, 200);
  int useful = 0;
  for (const int code : codes) {
    EXPECT_TRUE(code == 0 || code == 10 || code == 11 || code == 20 || code == 64 || code == 65 || code == 74) << code;
    useful += code == 0 || code == 10 ? 1 : 0;
  }
  EXPECT_GE(useful, static_cast<int>(codes.size()) / 4) << "not everything may be refused";
}

TEST(UsersData, TheReleaseThatDeletedAFolder) {
  const Folder folder;
  folder.write("mywork.toml", toy::kHolds);
  folder.write("mywork/thesis", "years of it");
  const Ran ran = folder.run("release mywork.toml --checkpoint . --out out");
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "toy: cannot write ./mywork: it holds thesis, which raymc did not write\n  hint: choose another folder\n");
  EXPECT_EQ(folder.read("mywork/thesis"), "years of it");
  EXPECT_EQ(folder.shell("ls -A mywork").out, "thesis\n");
}

TEST(UsersData, AScenarioCalledLikeTheFolderAboveIsRefused) {
  const Folder folder;
  folder.write("a/...toml", toy::kHolds);
  folder.write("kept/mine", "x");
  for (const char* command : {"check", "release --out out"}) {
    const Ran ran = folder.run(std::string(command) + " a/...toml --checkpoint kept");
    EXPECT_EQ(ran.exit_code, 65);
    EXPECT_EQ(ran.err,
              "toy: a scenario file whose name without .toml is \"..\" cannot name a checkpoint's folder\n  hint: "
              "rename the file\n");
  }
  EXPECT_EQ(folder.run("check a/...toml").exit_code, 0) << "without a checkpoint it is a name like any other";
  EXPECT_EQ(folder.shell("ls -A kept").out, "mine\n");
}

TEST(UsersData, WhatIsPutIntoACheckpointStays) {
  const Folder folder;
  folder.write("one.toml", toy::kHolds);
  ASSERT_EQ(folder.run("check one.toml --checkpoint kept").exit_code, 0);
  for (const char* name : {"notes", ".notes", "segment-000000.zst", "segment-x", ".manifest.backup", "sub/answer.json"})
    folder.write(std::string("kept/one/") + name, "x");
  EXPECT_EQ(folder.run("check one.toml --checkpoint kept --resume").exit_code, 0);
  EXPECT_EQ(folder.run("release one.toml --checkpoint kept --resume --out out").exit_code, 0);
  EXPECT_EQ(
      folder.shell("ls -A kept/one kept/one/sub").out,
      "kept/one:\n.manifest.backup\n.notes\nnotes\nsegment-000000.zst\nsegment-x\nsub\n\nkept/one/sub:\nanswer.json\n");
}

TEST(UsersData, AFolderThatTheUserMadeIsNotRemoved) {
  const Folder folder;
  folder.write("one.toml", toy::kHolds);
  ASSERT_EQ(folder.shell("mkdir -p kept/one").exit_code, 0);
  EXPECT_EQ(folder.run("release one.toml --checkpoint kept --out out").exit_code, 0);
  EXPECT_EQ(folder.shell("ls -A kept kept/one").out, "kept:\none\n\nkept/one:\n");
}

TEST(UsersData, FilesUnderOutThatRaymcDidNotWriteAreSeenBeforeTheSearch) {
  const Folder folder;
  folder.write("one.toml", toy::kEndless);
  folder.write("out/one.trace.json", "mine");
  const Ran ran = folder.run("check one.toml --out out");
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "toy: cannot write out/one.trace.json: it is there already, and raymc did not write it\n  hint: move it "
            "away, or choose another folder\n");
  EXPECT_EQ(folder.read("out/one.trace.json"), "mine");
  EXPECT_EQ(folder.shell("ls -A out").out, "one.trace.json\n");
}

TEST(UsersData, OneOutFolderTakesManyRunsBesideFilesOfOthers) {
  const Folder folder;
  folder.write("a.toml", toy::kBroken);
  folder.write("b.toml", toy::kHolds);
  folder.write("out/notes.txt", "mine");
  EXPECT_EQ(folder.run("check a.toml --out out").exit_code, 10);
  EXPECT_EQ(folder.run("check a.toml b.toml --out out").exit_code, 10);
  EXPECT_EQ(
      folder.shell("for i in 1 2 3 4; do \"$TOY\" toy check a.toml b.toml --out out & done; wait").err.find("cannot"),
      std::string::npos);
  EXPECT_EQ(folder.run("release b.toml --out out").exit_code, 0);
  EXPECT_EQ(folder.read("out/notes.txt"), "mine");
}

TEST(UsersData, WithoutAMarkNothingInAnOutFolderIsReplaced) {
  const Folder folder;
  folder.write("a.toml", toy::kBroken);
  ASSERT_EQ(folder.run("check a.toml --out out").exit_code, 10);
  ASSERT_EQ(folder.shell("rm out/.raymc").exit_code, 0);
  const std::string before = folder.read("out/a.trace.json");
  EXPECT_EQ(folder.run("check a.toml --out out").exit_code, 74) << "a report that somebody keeps looks like ours";
  EXPECT_EQ(folder.read("out/a.trace.json"), before);
}

}  // namespace
