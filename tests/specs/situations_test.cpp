// Situations that a scenario states in words of its own: how phrases are read, what they are true of, and that the
// answer depends neither on threads nor on the names of interchangeable raylets.
#include "specs/situations.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "specs/scenario.hpp"
#include "specs/scenario_text.hpp"

namespace raymc {
namespace {

/// Three nodes, of which the last two are interchangeable, and one of them may crash.
std::string text_with(const std::string& check) {
  return "schema = 1\nquestion = \"Is it reached?\"\n[shape]\nnodes = 3\nmay_crash = [\"n2\", \"n3\"]\n"
         "[[shape.task]]\nid = \"t1\"\nmax_retries = 1\n[budget]\nraylet_crash = 1\n[check]\nproperties = "
         "[\"L1.task_ends\"]\n" +
         check;
}

std::string situation(const std::string& phrases) {
  return "[[check.reachable]]\nname = \"mine\"\nwhen = [" + phrases + "]\n";
}

mc::Result<Scenario> parsed(const std::string& check) {
  return parse_scenario(text_with(check), "s.toml", all_properties());
}

mc::Judgement judged(const std::string& phrases, unsigned threads, bool symmetry) {
  const Scenario scenario = parsed(situation(phrases)).value();
  const std::vector<Property> properties = situation_properties(scenario.config);
  mc::Options options;
  options.threads = threads;
  options.symmetry = symmetry;
  return mc::search(RayModel(scenario.config), std::span(properties), options).verdict.judgements.at(0);
}

std::string mistake(const std::string& check) {
  const mc::Result<Scenario> scenario = parsed(check);
  return scenario.ok() ? "" : scenario.error().text();
}

TEST(Situations, AreReachedOnAnyNumberOfThreadsWithSymmetryOrWithout) {
  for (const std::string phrases : {"\"task t1: FINISHED\", \"GCS: up\"", "\"raylet n2: dead\", \"task t1: FINISHED\"",
                                    "\"raylet n3: dead\"", "\"message: RequestWorkerLease\", \"raylet n2: dead\""}) {
    const mc::Judgement one = judged(phrases, 1, false);
    EXPECT_EQ(one.outcome, mc::Outcome::kHolds) << phrases;
    EXPECT_EQ(judged(phrases, 2, false), one);
    EXPECT_EQ(judged(phrases, 2, true), one) << "a raylet that is named is not exchanged for another";
  }
}

TEST(Situations, HoldInOneStateAtOnce) {
  EXPECT_EQ(judged("\"raylet n2: dead\"", 1, true).outcome, mc::Outcome::kHolds);
  EXPECT_EQ(judged("\"raylet n2: dead\", \"raylet n3: dead\"", 1, true).outcome, mc::Outcome::kUnreached)
      << "one raylet crashes at most";
}

TEST(Situations, SayWhichPartIsNeverTrue) {
  const Scenario scenario = parsed(situation("\"raylet n2: dead\", \"raylet n1: dead\"")).value();
  std::vector<Property> parts;
  for (const auto& [whole, part] : situation_parts(scenario.config)) {
    EXPECT_EQ(whole, "mine");
    parts.push_back(part);
  }
  const mc::Verdict verdict = mc::search(RayModel(scenario.config), std::span(parts), {}).verdict;
  ASSERT_EQ(verdict.judgements.size(), 2U);
  EXPECT_EQ(verdict.judgements[0].outcome, mc::Outcome::kHolds);
  EXPECT_EQ(verdict.judgements[1].outcome, mc::Outcome::kUnreached) << "n1 is never struck";
}

TEST(Situations, AreAmongThePropertiesThatAnExpectationNames) {
  const Scenario scenario =
      parsed(situation("\"task t1: FINISHED\"") + "[expect]\noutcome = \"unreached\"\nproperty = \"mine\"\n").value();
  EXPECT_EQ(scenario.properties, (std::vector<std::string>{"L1.task_ends", "mine"}));
}

TEST(Situations, MentionOnlyWhatTheScenarioHas) {
  EXPECT_EQ(mistake(situation("\"task t9: FINISHED\"")),
            "s.toml:15:9: no state of the scenario has a part \"task t9\"\n  hint: did you mean \"task t1\"?");
  EXPECT_EQ(mistake(situation("\"it is finished\"")),
            "s.toml:15:9: \"it is finished\" is no phrase about a part of a state\n  hint: write \"task t1: FINISHED\" "
            "or \"raylet n1: dead\", as `raymc explore` prints them");
  EXPECT_NE(mistake("[[check.reachable]]\nname = \"mine\"\nwhen = []\n").find("a situation has 1 to 8 phrases"),
            std::string::npos);
  EXPECT_NE(mistake("[[check.reachable]]\nname = \"L1.task_ends\"\nwhen = [\"GCS: up\"]\n").find("small letters"),
            std::string::npos);
  EXPECT_NE(mistake(situation("\"GCS: up\"") + situation("\"GCS: up\"")).find("two situations have the name \"mine\""),
            std::string::npos);
  EXPECT_NE(mistake("[[check.reachable]]\nname = \"mine\"\n").find("when"), std::string::npos);
}

TEST(Situations, ArePrintedAsTheyWereRead) {
  const toml::parse_result root = toml::parse(text_with(situation("\"GCS: down\", \"task t1: queued\"")));
  const std::string printed = scenario_text(root.table());
  const mc::Result<Scenario> again = parse_scenario(printed, "s.toml", all_properties());
  ASSERT_TRUE(again.ok()) << again.error().text() << printed;
  ASSERT_EQ(again.value().config.situations->size(), 1U);
  EXPECT_EQ(again.value().config.situations->front().claim, "in some state \"GCS: down\" and \"task t1: queued\"");
}

TEST(Phrases, AreTrueFromTheBeginningOfWhatAPartSays) {
  const Config config = parsed("").value().config;
  const RayModel model(config);
  State state = model.initial_states().front();
  state.raylets[0].dead_nodes = 2;
  const auto is_true = [&](const char* text) { return occurs(config, state, {*phrase_of(text)}); };
  EXPECT_FALSE(is_true("raylet n1: dead")) << "it knows of a dead one";
  for (const char* const text : {"raylet n1: knows dead {n2}", "raylet n1: available", "raylet n1: available 1, knows",
                                 "raylet: available 1", "worker w1 on n1: idle, running", "lease L1: at rest"}) {
    EXPECT_TRUE(is_true(text)) << text;
  }
  for (const char* const text : {"raylet n1: avail", "raylet n1: available 12", "raylet n1: at rest", "raylet: dead"}) {
    EXPECT_FALSE(is_true(text)) << text;
  }
}

TEST(Phrases, AreTakenApart) {
  const Phrase phrase = phrase_of("worker w1: leased L1,running").value();
  EXPECT_EQ(phrase.label, "worker w1");
  EXPECT_EQ(phrase.words, (std::vector<std::string>{"leased L1", "running"}));
  EXPECT_TRUE(has_label(phrase, "worker w1 on n1"));
  EXPECT_FALSE(has_label(phrase, "worker w12 on n1"));
  for (const char* const text : {"", ":", "task t1:", ": x", "task t1: a,,b"}) EXPECT_FALSE(phrase_of(text)) << text;
}

}  // namespace
}  // namespace raymc
