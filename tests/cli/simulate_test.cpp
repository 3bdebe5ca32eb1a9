// The command simulate: what it says, how it exits, and that its trace is as good as any other.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/run.hpp"

namespace {

using toy::Folder;
using toy::Ran;

TEST(Simulate, TellsAViolationAndTheCommandThatRepeatsIt) {
  const Folder folder;
  folder.write("one.toml", std::string(toy::kBroken) + "cells 6\n");
  const Ran ran = folder.run("simulate one.toml --walks 500 --seed 3 --out out");
  EXPECT_EQ(ran.exit_code, 10) << ran.err;
  toy::expect_golden("simulate.txt", ran.out);
  EXPECT_EQ(folder.run("replay out/one.trace.json").exit_code, 0);
  const std::size_t at = ran.out.find("  toy simulate ");
  ASSERT_NE(at, std::string::npos);
  const Ran again = folder.run(ran.out.substr(at + 6, ran.out.find('\n', at) - at - 6));
  EXPECT_EQ(again.exit_code, 10);
  EXPECT_NE(again.out.find("trace of 2 steps to a violation of M1.exclusive"), std::string::npos);
}

TEST(Simulate, ZeroWhenNothingIsFoundWithWordsThatClaimNoMore) {
  const Folder folder;
  folder.write("one.toml", toy::kHolds);
  const Ran ran = folder.run("simulate one.toml --walks 100 --depth 30 --quiet");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_NE(ran.out.find("nothing found: 100 walks of up to 30 steps broke nothing; a simulation proves nothing"),
            std::string::npos)
      << ran.out;
  EXPECT_EQ(ran.out.find("holds:"), std::string::npos);
}

TEST(Simulate, TheSameBytesOnAnyNumberOfThreads) {
  const Folder folder;
  folder.write("a.toml", std::string(toy::kQuiet) + "cells 8\n");
  folder.write("b.toml", toy::kHolds);
  for (const std::string format : {"text", "json"}) {
    const std::string command = "simulate a.toml b.toml --walks 900 --depth 40 --format " + format;
    const Ran one = folder.run(command + " --threads 1");
    EXPECT_EQ(one.exit_code, 10);
    for (const char* threads : {"2", "8"}) EXPECT_EQ(folder.run(command + " --threads " + threads).out, one.out);
  }
}

TEST(Simulate, JsonHoldsWhatTheTextSays) {
  const Folder folder;
  folder.write("one.toml", toy::kBroken);
  const auto json = nlohmann::json::parse(folder.run("simulate one.toml --format json --walks 300").out);
  EXPECT_EQ(json["format"], "raymc.simulation");
  const auto& answer = json["answers"][0];
  EXPECT_EQ(answer["violated"], "M1.exclusive");
  EXPECT_EQ(answer["trace"]["steps"].size(), 2U);
  EXPECT_EQ(answer["exit"], 10);
}

TEST(Simulate, TwentyWhenInterrupted) {
  const Folder folder;
  folder.write("one.toml", toy::kEndless);
  const Ran ran =
      folder.shell("\"$TOY\" toy simulate one.toml --walks 1000000000 --depth 1000 & sleep 1; kill -TERM $!; wait $!");
  EXPECT_EQ(ran.exit_code, 20) << ran.err;
  EXPECT_NE(ran.out.find("interrupted: "), std::string::npos) << ran.out;
}

}  // namespace
