// A folder that raymc owns files in: the list of what it wrote, and what it leaves alone.
#include "checker/report/owned_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "checker/report/files.hpp"
#include "tests/cli/run.hpp"

namespace {

using mc::OwnedFolder;
using Kind = OwnedFolder::Kind;
namespace fs = std::filesystem;

bool always(const std::string&) {
  return true;
}

TEST(OwnedFolder, ListsWhatItWritesWhateverItIsCalled) {
  const toy::Folder folder;
  const fs::path path = fs::path(folder.path()) / "ours";
  const std::vector<std::string> names{"a", "b c",      "new\nline", "x\n+\"thesis\"", "\"",  "%41",
                                       "%", "\x7f\x01", "\xff",      "sub/a",          "..a", "...report.json"};
  OwnedFolder written(path);
  ASSERT_EQ(written.open(Kind::kExclusive), std::nullopt);
  for (const std::string& name : names) EXPECT_EQ(written.write(name, "x"), std::nullopt) << name;
  OwnedFolder again(path);
  ASSERT_EQ(again.open(Kind::kExclusive), std::nullopt);
  for (const std::string& name : names) EXPECT_EQ(again.write(name, "y"), std::nullopt) << name;
  folder.write("ours/thesis", "mine");
  folder.write("ours/A", "mine");
  for (const char* name : {"thesis", "A"}) EXPECT_NE(again.write(name, "z"), std::nullopt) << name;
  again.remove_all();
  EXPECT_EQ(folder.shell("ls -AR ours").out, "ours:\nA\nsub\nthesis\n\nours/sub:\n");
}

TEST(OwnedFolder, WhatWasRemovedIsNotOursAnyMore) {
  const toy::Folder folder;
  OwnedFolder ours(fs::path(folder.path()) / "ours");
  ASSERT_EQ(ours.open(Kind::kShared), std::nullopt);
  ASSERT_EQ(ours.write("a", "x"), std::nullopt);
  ours.remove(always);
  EXPECT_FALSE(folder.has("ours/a"));
  folder.write("ours/a", "mine");
  EXPECT_NE(ours.write("a", "y"), std::nullopt);
  OwnedFolder again(fs::path(folder.path()) / "ours");
  ASSERT_EQ(again.open(Kind::kShared), std::nullopt);
  EXPECT_NE(again.write("a", "y"), std::nullopt);
  again.remove_all();
  EXPECT_EQ(folder.read("ours/a"), "mine");
}

TEST(OwnedFolder, HalfALineOfTheListIsNoName) {
  const toy::Folder folder;
  const std::string head = "raymc.folder 1\n";
  const std::string whole = head + "+\"thesis.report.json\"\n";
  for (std::size_t length = head.size(); length < whole.size() - 1; ++length) {
    fs::remove_all(fs::path(folder.path()) / "ours");
    folder.write("ours/.raymc", whole.substr(0, length));
    OwnedFolder ours(fs::path(folder.path()) / "ours");
    ASSERT_EQ(ours.open(Kind::kExclusive), std::nullopt) << length;
    ASSERT_EQ(ours.write("a", "x"), std::nullopt) << length;
    folder.write("ours/thesis", "mine");
    OwnedFolder again(fs::path(folder.path()) / "ours");
    ASSERT_EQ(again.open(Kind::kExclusive), std::nullopt) << length;
    EXPECT_NE(again.write("thesis", "x"), std::nullopt) << length;
    EXPECT_EQ(again.write("a", "y"), std::nullopt) << length << ": its line is whole";
  }
}

TEST(OwnedFolder, AFileThatIsNoMarkIsTheUsers) {
  const toy::Folder folder;
  const fs::path path = fs::path(folder.path()) / "theirs";
  for (const char* text : {"", "raymc", "raymc.folder 1", "raymc.folder 2\n", "mine\n"}) {
    folder.write("theirs/.raymc", text);
    for (const Kind kind : {Kind::kShared, Kind::kExclusive}) {
      OwnedFolder ours(path);
      EXPECT_NE(ours.open(kind), std::nullopt) << text;
      EXPECT_FALSE(ours.open_marked()) << text;
    }
    EXPECT_EQ(folder.read("theirs/.raymc"), text);
  }
}

TEST(OwnedFolder, TwoWriteIntoOne) {
  const toy::Folder folder;
  OwnedFolder one(fs::path(folder.path()) / "ours");
  OwnedFolder other(fs::path(folder.path()) / "ours");
  ASSERT_EQ(one.open(Kind::kShared), std::nullopt);
  ASSERT_EQ(other.open(Kind::kShared), std::nullopt);
  EXPECT_EQ(one.write("a", "1"), std::nullopt);
  EXPECT_EQ(other.write("a", "2"), std::nullopt);
  EXPECT_EQ(folder.read("ours/a"), "2");
}

TEST(OwnedFolder, AListOfAStrangerLeadsNowhere) {
  const toy::Folder folder;
  folder.write("victim", "mine");
  folder.write("ours/sub/a", "raymc's");
  folder.write("ours/.raymc", "raymc.folder 1\nmade\n+\"../victim\"\n+\"sub/../../victim\"\n+\"./../victim\"\n+\"" +
                                  folder.path() + "/victim\"\n+\"..\"\n+\".\"\n+\"\"\n+\"sub/\"\n+\"sub/a\"\n");
  OwnedFolder ours(fs::path(folder.path()) / "ours");
  ASSERT_TRUE(ours.open_marked());
  ours.remove_all();
  EXPECT_EQ(folder.read("victim"), "mine");
  EXPECT_EQ(folder.shell("ls -A ours").out, "sub\n") << "what is inside goes";
  EXPECT_EQ(folder.shell("ls -A ours/sub").out, "");
}

TEST(OwnedFolder, ALinkBelowLeadsNowhere) {
  const toy::Folder folder;
  folder.write("outside/a", "mine");
  OwnedFolder ours(fs::path(folder.path()) / "ours");
  ASSERT_EQ(ours.open(Kind::kShared), std::nullopt);
  ASSERT_EQ(ours.write("sub/a", "x"), std::nullopt);
  ASSERT_EQ(folder.shell("rm -r ours/sub && ln -s ../outside ours/sub").exit_code, 0);
  EXPECT_NE(ours.write("sub/a", "y"), std::nullopt);
  ours.remove_all();
  EXPECT_EQ(folder.read("outside/a"), "mine");
  EXPECT_EQ(folder.shell("ls -A ours").out, "sub\n");
}

TEST(OwnedFolder, ALeftTemporaryFileGoesAndWhatResemblesItStays) {
  const toy::Folder folder;
  OwnedFolder ours(fs::path(folder.path()) / "ours");
  ASSERT_EQ(ours.open(Kind::kExclusive), std::nullopt);
  ASSERT_EQ(ours.write("a", "x"), std::nullopt);
  for (const char* name : {".a.raymc-x1Y2z3", ".b.raymc-x1Y2z3", ".a.raymc-x1Y2z34", ".a.x1Y2z3", "a.raymc-x1Y2z3"})
    folder.write(std::string("ours/") + name, "half");
  ours.remove_temporaries();
  EXPECT_EQ(folder.shell("ls -A ours").out,
            ".a.raymc-x1Y2z34\n.a.x1Y2z3\n.b.raymc-x1Y2z3\n.raymc\na\na.raymc-x1Y2z3\n");
}

TEST(WriteFile, ReplacesOnlyRegularFiles) {
  const toy::Folder folder;
  const fs::path base = folder.path();
  folder.write("file", "old");
  if (!toy::make_device(folder.path() + "/full", 7)) GTEST_SKIP() << "no right to make a device here";
  ASSERT_EQ(folder
                .shell("chmod 600 file; ln -s file link; ln -s nowhere dangling; ln -s full device; mkdir d; "
                       "ln -s d folder; mkfifo pipe; ln -s link twice")
                .exit_code,
            0);
  EXPECT_EQ(mc::write_file(base / "twice", "new"), std::nullopt);
  EXPECT_EQ(folder.read("file"), "new") << "what a link leads to is replaced";
  EXPECT_TRUE(fs::is_symlink(base / "twice") && fs::is_symlink(base / "link"));
  EXPECT_EQ(fs::status(base / "file").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  for (const char* name : {"dangling", "device", "full", "d", "folder", "pipe"}) {
    const std::optional<std::string> failure = mc::write_file(base / name, "x");
    ASSERT_TRUE(failure.has_value()) << name;
    EXPECT_NE(failure->find("cannot write "), std::string::npos) << *failure;
  }
  EXPECT_TRUE(fs::is_symlink(base / "dangling") && fs::is_symlink(base / "device") && fs::is_symlink(base / "folder"));
  EXPECT_FALSE(fs::exists(base / "nowhere"));
  EXPECT_TRUE(fs::is_character_file(base / "full"));
}

TEST(WriteFile, ExploreSavesInNoDevice) {
  const toy::Folder folder;
  folder.write("one.toml", toy::kBroken);
  if (!toy::make_device(folder.path() + "/full", 7)) GTEST_SKIP() << "no right to make a device here";
  ASSERT_EQ(folder.shell("mkfifo pipe; ln -s full link").exit_code, 0);
  for (const char* path : {"./full", "full", "pipe", "link", ".", "scenarios"}) {
    const toy::Ran ran = folder.shell("echo save " + std::string(path) + " | \"$TOY\" toy explore one.toml");
    EXPECT_EQ(ran.exit_code, 64) << path;
    EXPECT_NE(ran.err.find("toy: cannot write " + std::string(path) + ": it is no regular file"), std::string::npos)
        << ran.err;
  }
  EXPECT_EQ(folder.shell("test -c full && test -p pipe && test -L link").exit_code, 0);
}

}  // namespace
