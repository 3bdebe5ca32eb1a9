// The scenario loader: what a right file means, and where exactly each kind of mistake is found.
#include "specs/scenario.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <ostream>

#include "specs/scenario_keys.hpp"

namespace raymc {
namespace {

const std::vector<Property> kProperties{
    {.id = "L1.task_ends"}, {.id = "D1.attempt_starts_once"}, {.id = "R3.resources_conserved"}};

// Line 1 to 8. Tests append lines, so their mistakes stand on line 9 and later.
constexpr std::string_view kSmallest = R"(schema = 1
question = "Does it end?"
[check]
properties = ["L1.task_ends"]
[shape]
nodes = 2
[[shape.task]]
id = "t1"
)";

mc::Result<Scenario> parse(std::string_view text) {
  return parse_scenario(std::string(text), "here/small.toml", kProperties);
}

std::string with(std::string_view appended) {
  return std::string(kSmallest) + std::string(appended);
}

/// The smallest scenario with one piece of text replaced.
std::string replaced(std::string_view from, std::string_view to) {
  std::string text(kSmallest);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Scenario, TheSmallestFileGetsEveryDefault) {
  const mc::Result<Scenario> result = parse(kSmallest);
  ASSERT_TRUE(result.ok()) << result.error().text();
  const Scenario& scenario = result.value();
  EXPECT_EQ(scenario.name, "small");
  EXPECT_EQ(scenario.question, "Does it end?");
  EXPECT_EQ(scenario.text, kSmallest);
  EXPECT_EQ(scenario.profile, "pinned");
  EXPECT_EQ(scenario.config.safeguards, SafeguardSet::pinned());
  EXPECT_EQ(scenario.config.budget, Budget{});
  EXPECT_FALSE(scenario.expect.has_value());
  EXPECT_FALSE(scenario.limits.depth_max.has_value());
  const Shape& shape = scenario.config.shape;
  ASSERT_EQ(shape.nodes.size(), 2U);
  EXPECT_EQ(shape.nodes[1].cpus, 1);
  EXPECT_EQ(shape.nodes[1].workers, 1);
  EXPECT_EQ(shape.nodes[1].prestarted, 1);
  EXPECT_FALSE(shape.nodes[1].joins_late);
  EXPECT_TRUE(shape.nodes[1].may_crash);
  ASSERT_EQ(shape.owners.size(), 1U);
  EXPECT_EQ(shape.owners[0].kind, OwnerKind::kDriver);
  EXPECT_EQ(shape.owners[0].node, NodeId{0});
  ASSERT_EQ(shape.tasks.size(), 1U);
  EXPECT_EQ(shape.tasks[0].name, "t1");
  EXPECT_EQ(shape.tasks[0].key, KeyId{0});
  EXPECT_EQ(shape.tasks[0].max_retries, 0);
  EXPECT_FALSE(shape.tasks[0].locality.exists());
  EXPECT_EQ(shape.key_cpus, (std::array<std::uint8_t, kKeysMax>{1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(shape.view, ResourceView::kFree);
  EXPECT_EQ(shape.submission, Submission::kAtStart);
  EXPECT_EQ(shape.delivery, Delivery::kFifo);
  EXPECT_FALSE(shape.lease_expiry);
  EXPECT_FALSE(shape.max_calls_one);
  EXPECT_EQ(shape.health_check_failures, 1);
}

constexpr std::string_view kFull = R"(schema = 1
question = "Everything at once"
[shape]
nodes = 3
cpus_per_node = [1, 2, 4]
workers_per_node = 2
prestarted_workers = [2, 1, 0]
joins_late = ["n3"]
may_crash = ["n2", "n3"]
resource_view = "tracked"
submission = "any_time"
delivery = "unordered"
max_calls_one = true
lease_expiry = true
health_check_failures = 5
key_cpus = [1, 4]
[[shape.owner]]
name = "d"
[[shape.owner]]
name = "parent"
kind = "worker"
node = "n2"
[[shape.task]]
id = "t1"
max_retries = 2
locality = "n2"
[[shape.task]]
id = "t2"
owner = "parent"
key = 2
[budget]
raylet_crash = 1
owner_crash = 3
[protocol]
profile = "hardened"
safeguards = { "retry_is_charged" = false, "lease_request_identity" = true }
[limits]
depth_max = 40
states_max = 1_000_000
[check]
properties = ["all"]
[expect]
outcome = "violated"
property = "D1.attempt_starts_once"
trace_length = 12
states = 18_432
transitions = 90_000
depth = 27
)";

TEST(Scenario, EveryKeyIsRead) {
  const mc::Result<Scenario> result = parse(kFull);
  ASSERT_TRUE(result.ok()) << result.error().text();
  const Scenario& scenario = result.value();
  const Shape& shape = scenario.config.shape;
  EXPECT_EQ(shape.nodes[2].cpus, 4);
  EXPECT_EQ(shape.nodes[2].workers, 2);
  EXPECT_EQ(shape.nodes[2].prestarted, 0);
  EXPECT_TRUE(shape.nodes[2].joins_late);
  EXPECT_FALSE(shape.nodes[0].may_crash);
  EXPECT_TRUE(shape.nodes[1].may_crash);
  EXPECT_EQ(shape.view, ResourceView::kTracked);
  EXPECT_EQ(shape.submission, Submission::kAnyTime);
  EXPECT_EQ(shape.delivery, Delivery::kUnordered);
  EXPECT_TRUE(shape.lease_expiry);
  EXPECT_TRUE(shape.max_calls_one);
  EXPECT_EQ(shape.health_check_failures, 5);
  EXPECT_EQ(shape.key_cpus[1], 4);
  EXPECT_EQ(shape.owners[1].kind, OwnerKind::kWorker);
  EXPECT_EQ(shape.owners[1].node, NodeId{1});
  EXPECT_EQ(shape.tasks[0].locality, NodeId{1});
  EXPECT_EQ(shape.tasks[0].max_retries, 2);
  EXPECT_EQ(shape.tasks[1].owner, OwnerId{1});
  EXPECT_EQ(shape.tasks[1].key, KeyId{1});
  EXPECT_EQ(scenario.config.budget[Fault::kRayletCrash], 1);
  EXPECT_EQ(scenario.config.budget[Fault::kOwnerCrash], 3);
  EXPECT_FALSE(scenario.config.has(Safeguard::kRetryIsCharged));
  EXPECT_TRUE(scenario.config.has(Safeguard::kGrantChecksWorker));
  EXPECT_EQ(scenario.limits.depth_max, 40U);
  EXPECT_TRUE(scenario.limits.depth_declared);
  EXPECT_TRUE(scenario.limits.states_declared);
  EXPECT_EQ(scenario.properties,
            (std::vector<std::string>{"L1.task_ends", "D1.attempt_starts_once", "R3.resources_conserved"}));
  const mc::Expectation expected{mc::Outcome::kViolated, "D1.attempt_starts_once", 12, 18432, 90000, 27};
  EXPECT_EQ(scenario.expect, expected);
}

TEST(Scenario, FactsSayInWordsWhatIsChecked) {
  const mc::Result<Scenario> result = parse(kFull);
  ASSERT_TRUE(result.ok()) << result.error().text();
  std::string text;
  for (const auto& [key, value] : facts_of(result.value())) text += key + ": " + value + "\n";
  EXPECT_EQ(
      text,
      "nodes: n1 (1 cpu, 2 workers, never struck), n2 (2 cpu, 2 workers, 1 prestarted), "
      "n3 (4 cpu, 2 workers, 0 prestarted, joins late)\n"
      "owners: d (driver on n1), parent (worker on n2)\n"
      "tasks: t1 (d, key 1, retries 2, near n2), t2 (parent, key 2, retries 0)\n"
      "setting: resource view tracked, submission any_time, delivery unordered, max calls one on, lease expiry on, "
      "health check failures 5, key cpus 1 and 4\n"
      "features: core, resource_view\n"
      "faults: raylet_crash 1, owner_crash 3\n"
      "bounds: depth at most 40, states at most 1000000\n"
      "profile: hardened, lease_request_identity on, retry_is_charged off\n");
}

/// One mistake, with the exact place and words of the error it must give.
struct Mistake {
  std::string name;
  std::string text;
  std::uint32_t line;
  std::uint32_t column;
  std::string message;
  std::string hint;
};

void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.name;
}

class ScenarioMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ScenarioMistake, IsFoundAtItsPlace) {
  const mc::Result<Scenario> result = parse(GetParam().text);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().file, "here/small.toml");
  EXPECT_EQ(result.error().line, GetParam().line);
  EXPECT_EQ(result.error().column, GetParam().column);
  EXPECT_EQ(result.error().message, GetParam().message);
  EXPECT_EQ(result.error().hint, GetParam().hint);
}

std::string name_of(const testing::TestParamInfo<Mistake>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Keys, ScenarioMistake,
    testing::Values(
        Mistake{"UnknownAtTheTop", replaced("schema = 1\n", "colour = 1\nschema = 1\n"), 1, 1, "unknown key \"colour\"",
                "known keys are schema, question, importance, features, threads, shape, budget, protocol, limits, "
                "check, finding, expect"},
        Mistake{"UnknownInShape", replaced("nodes = 2", "nodes = 2\nnode = 3"), 7, 1, "unknown key \"node\" in [shape]",
                "did you mean \"nodes\"?"},
        Mistake{"UnknownInTask", with("max_retry = 1\n"), 9, 1, "unknown key \"max_retry\" in [shape.task]",
                "did you mean \"max_retries\"?"},
        Mistake{"UnknownFault", with("[budget]\nraylet_crush = 1\n"), 10, 1, "unknown key \"raylet_crush\" in [budget]",
                "did you mean \"raylet_crash\"?"},
        Mistake{"UnknownInCheck", replaced("[check]", "[check]\nworkers = 2"), 4, 1,
                "unknown key \"workers\" in [check]", "known keys are properties, reachable, symmetry"},
        Mistake{"AKeyThatIsGone", replaced("[check]", "[check]\nreduction = \"on\""), 4, 1,
                "unknown key \"reduction\" in [check]", "known keys are properties, reachable, symmetry"},
        Mistake{"UnknownSafeguard", with("[protocol]\nsafeguards = { fence_dead_nodes = false }\n"), 10, 16,
                "unknown safeguard \"fence_dead_nodes\"", "did you mean \"fence_dead_node\"?"},
        Mistake{"UnknownProperty", replaced("L1.task_ends", "L1.task_end"), 4, 15, "unknown property \"L1.task_end\"",
                "did you mean \"L1.task_ends\"?"},
        Mistake{"FirstUnknownKeyOfATableWins", with("zzzz = 1\naaaa = 1\n"), 9, 1,
                "unknown key \"zzzz\" in [shape.task]",
                "known keys are id, owner, key, max_retries, affinity, retry_exceptions, blocks, arguments_at, "
                "depends_on, actor_argument, drops_argument, result, locality, endless"},
        Mistake{"MissingSchema", replaced("schema = 1\n", ""), 1, 1, "missing key \"schema\"",
                "schema is version of this format (integer 1)"},
        Mistake{"MissingShape", "schema = 1\nquestion = \"?\"\n[check]\nproperties = [\"all\"]\n", 1, 1,
                "missing key \"shape\"", "shape is the cluster and its work (table)"},
        Mistake{"MissingNodes", replaced("nodes = 2\n", ""), 5, 1, "missing key \"nodes\" in [shape]",
                "nodes is raylets; n1 is the head (integer 1 to 4)"},
        Mistake{"MissingTaskId", replaced("id = \"t1\"", "key = 1"), 7, 1, "missing key \"id\" in [shape.task]",
                "id is unique name of the task (text)"},
        Mistake{"MissingOutcome", with("[expect]\nstates = 1\n"), 9, 1, "missing key \"outcome\" in [expect]",
                "outcome is the verdict (\"holds\", \"holds within bounds\", \"violated\", \"unreached\" or "
                "\"inconclusive\")"},
        Mistake{"NoTask", replaced("[[shape.task]]\nid = \"t1\"\n", ""), 5, 1, "missing key \"task\" in [shape]",
                "task is tasks, in the order of submission (array of tables)"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Types, ScenarioMistake,
    testing::Values(Mistake{"TextForInteger", replaced("nodes = 2", "nodes = \"2\""), 6, 9,
                            "shape.nodes must be integer 1 to 4, not a text", ""},
                    Mistake{"FloatForInteger", replaced("nodes = 2", "nodes = 2.0"), 6, 9,
                            "shape.nodes must be integer 1 to 4, not a float", ""},
                    Mistake{"IntegerForText", replaced("\"Does it end?\"", "3"), 2, 12,
                            "question must be text, not an integer", ""},
                    Mistake{"EmptyText", replaced("\"Does it end?\"", "\"\""), 2, 12, "question must not be empty", ""},
                    Mistake{"IntegerForBoolean", replaced("nodes = 2", "nodes = 2\nlease_expiry = 1"), 7, 16,
                            "shape.lease_expiry must be true or false, not an integer", ""},
                    Mistake{"IntegerForChoice", replaced("nodes = 2", "nodes = 2\ndelivery = 1"), 7, 12,
                            "shape.delivery must be \"fifo\" or \"unordered\", not an integer", ""},
                    Mistake{"BooleanForIntegers", replaced("nodes = 2", "nodes = 2\ncpus_per_node = true"), 7, 17,
                            "shape.cpus_per_node must be integer or array of integers, 0 to 4, not a boolean", ""},
                    Mistake{"TextForNames", replaced("[\"L1.task_ends\"]", "\"L1.task_ends\""), 4, 14,
                            "check.properties must be array of texts, not a text", ""},
                    Mistake{"IntegerAmongNames", replaced("[\"L1.task_ends\"]", "[\"L1.task_ends\", 7]"), 4, 31,
                            "an entry of check.properties must be a text, not an integer", ""},
                    Mistake{"TableForTables", replaced("[[shape.task]]", "[shape.task]"), 7, 1,
                            "shape.task must be an array of tables, not a table", "write [[shape.task]]"},
                    Mistake{"IntegerAmongTables",
                            "schema = 1\nquestion = \"?\"\ncheck = {properties = [\"all\"]}\n"
                            "shape = {nodes = 1, task = [1]}\n",
                            4, 29, "an entry of shape.task must be a table, not an integer", ""},
                    Mistake{"EmptyTables",
                            "schema = 1\nquestion = \"?\"\ncheck = {properties = [\"all\"]}\n"
                            "shape = {nodes = 1, task = []}\n",
                            4, 28, "shape.task must not be empty", ""},
                    Mistake{"IntegerForTable", replaced("schema = 1\n", "budget = 1\nschema = 1\n"), 1, 10,
                            "budget must be table, not an integer", ""},
                    Mistake{"IntegerForSafeguard", with("[protocol]\nsafeguards = { fence_dead_node = 0 }\n"), 10, 34,
                            "safeguard fence_dead_node must be true or false", ""}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Ranges, ScenarioMistake,
    testing::Values(Mistake{"SchemaOfTheFuture", replaced("schema = 1", "schema = 2"), 1, 10,
                            "schema = 2 is out of range", "use 1"},
                    Mistake{"TooManyNodes", replaced("nodes = 2", "nodes = 5"), 6, 9, "shape.nodes = 5 is out of range",
                            "use 1 to 4"},
                    Mistake{"NoNodes", replaced("nodes = 2", "nodes = 0"), 6, 9, "shape.nodes = 0 is out of range",
                            "use 1 to 4"},
                    Mistake{"TooManyCpus", replaced("nodes = 2", "nodes = 2\ncpus_per_node = [1, 5]"), 7, 21,
                            "shape.cpus_per_node = 5 is out of range", "use 0 to 4"},
                    Mistake{"TooManyRetries", with("max_retries = 3\n"), 9, 15,
                            "shape.task.max_retries = 3 is out of range", "use 0 to 2"},
                    Mistake{"TooManyFaults", with("[budget]\nreply_lost = 4\n"), 10, 14,
                            "budget.reply_lost = 4 is out of range", "use 0 to 3"},
                    Mistake{"NegativeFaults", with("[budget]\nreply_lost = -1\n"), 10, 14,
                            "budget.reply_lost = -1 is out of range", "use 0 to 3"},
                    Mistake{"HealthCheckFailures", replaced("nodes = 2", "nodes = 2\nhealth_check_failures = 8"), 7, 25,
                            "shape.health_check_failures = 8 is out of range", "use 1 to 7"},
                    Mistake{"NoDepth", with("[limits]\ndepth_max = 0\n"), 10, 13,
                            "limits.depth_max = 0 is out of range", "use 1 to 1000000"},
                    Mistake{"NotAChoice", replaced("nodes = 2", "nodes = 2\ndelivery = \"fofi\""), 7, 12,
                            "shape.delivery = \"fofi\" is not a choice", "did you mean \"fifo\"?"},
                    Mistake{"NotAProfile", with("[protocol]\nprofile = \"upstream\"\n"), 10, 11,
                            "protocol.profile = \"upstream\" is not a choice",
                            "choices are pinned, hardened, ray-2.55, ray-2.56, ray-2.57, ray-2.58, ray-2.59, ray-2.60"},
                    Mistake{"WrongLength", replaced("nodes = 2", "nodes = 2\ncpus_per_node = [1, 1, 1]"), 7, 17,
                            "shape.cpus_per_node has 3 entries, not 2", "give one integer for all, or an array of 2"}),
    name_of);

std::string owners(std::string_view text) {
  return with("[[shape.owner]]\n" + std::string(text));
}

INSTANTIATE_TEST_SUITE_P(
    Contradictions, ScenarioMistake,
    testing::Values(
        Mistake{"TwoOwnersOfOneKey",
                owners("name = \"d\"\n[[shape.owner]]\nname = \"p\"\nkind = \"worker\"\n"
                       "[[shape.task]]\nid = \"t2\"\nowner = \"p\"\n"),
                16, 9, "tasks \"t1\" and \"t2\" have key 1 but different owners", "give them different keys"},
        Mistake{"TwoLocalitiesOfOneKey", with("[[shape.task]]\nid = \"t2\"\nlocality = \"n2\"\n"), 11, 12,
                "tasks \"t1\" and \"t2\" have key 1 but different localities", "give them different keys"},
        Mistake{"TwoAffinitiesOfOneKey", with("[[shape.task]]\nid = \"t2\"\naffinity = \"n2\"\n"), 11, 12,
                "tasks \"t1\" and \"t2\" have key 1 but different affinities", "give them different keys"},
        Mistake{"AffinityJoinsLate", replaced("nodes = 2", "nodes = 2\njoins_late = [\"n2\"]") + "affinity = \"n2\"\n",
                8, 1, "task \"t1\" names n2, which joins late", "set submission = \"any_time\""},
        Mistake{"LocalityJoinsLate", replaced("nodes = 2", "nodes = 2\njoins_late = [\"n2\"]") + "locality = \"n2\"\n",
                10, 12, "locality \"n2\" is a node that joins late", "choose a node that is there at the start"},
        Mistake{"DriverFaultWithNestedOwner",
                owners("name = \"d\"\n[[shape.owner]]\nname = \"p\"\nkind = \"worker\"\n[budget]\ndriver_crash = 1\n"),
                15, 16, "budget.driver_crash ends the driver, and with it a nested owner that would live on",
                "ask the two questions in two scenarios"},
        Mistake{"TaskTwice", with("[[shape.task]]\nid = \"t1\"\n"), 10, 6, "task \"t1\" stands twice", ""},
        Mistake{"TooManyTasks",
                with("[[shape.task]]\nid = \"t2\"\n[[shape.task]]\nid = \"t3\"\n[[shape.task]]\nid = \"t4\"\n"
                     "[[shape.task]]\nid = \"t5\"\n[[shape.task]]\nid = \"t6\"\n[[shape.task]]\nid = \"t7\"\n"
                     "[[shape.task]]\nid = \"t8\"\n[[shape.task]]\nid = \"t9\"\n"),
                7, 1, "9 tasks, more than 8", ""},
        Mistake{"NotAName", replaced("\"t1\"", "\"t 1\""), 8, 6, "\"t 1\" is not a name",
                "use at most 16 letters, digits, \"_\" and \"-\""},
        Mistake{"UnknownOwner", with("owner = \"drive\"\n"), 9, 9, "there is no owner \"drive\"",
                "did you mean \"driver\"?"},
        Mistake{"OwnerOnAMissingNode", owners("name = \"d\"\nnode = \"n3\"\n"), 11, 8, "there is no node \"n3\"",
                "use n1 to n2"},
        Mistake{"OwnerOnALateNode",
                replaced("nodes = 2", "nodes = 2\njoins_late = [\"n2\"]") +
                    "[[shape.owner]]\nname = \"d\"\nnode = \"n2\"\n",
                12, 8, "owner \"d\" runs on n2, which joins late", ""},
        Mistake{"DriverMissing", owners("name = \"p\"\nkind = \"worker\"\n"), 11, 8, "the first owner must be a driver",
                "put an owner of kind \"driver\" first"},
        Mistake{"OwnerTwice", owners("name = \"d\"\n[[shape.owner]]\nname = \"d\"\nkind = \"worker\"\n"), 12, 8,
                "owner \"d\" stands twice", ""},
        Mistake{"TooManyOwners",
                owners("name = \"d\"\n[[shape.owner]]\nname = \"p\"\nkind = \"worker\"\n"
                       "[[shape.owner]]\nname = \"q\"\nkind = \"worker\"\n[[shape.owner]]\nname = \"r\"\n"
                       "[[shape.owner]]\nname = \"s\"\n"),
                9, 1, "5 owners, more than 4", ""},
        Mistake{"ParentTaskOfTwo",
                owners("name = \"d\"\n[[shape.owner]]\nname = \"p\"\nkind = \"task\"\nruns = \"t1\"\n"
                       "[[shape.owner]]\nname = \"q\"\nkind = \"task\"\nruns = \"t1\"\n"),
                18, 8, "task \"t1\" is the parent task of two owners", "give them different attempts of it"},
        Mistake{"ParentTaskOfItself",
                owners("name = \"d\"\n[[shape.owner]]\nname = \"p\"\nkind = \"task\"\nruns = \"t2\"\n"
                       "[[shape.task]]\nid = \"t2\"\nkey = 2\nowner = \"p\"\n"),
                14, 8, "a parent task belongs to an owner that stands before the one that it makes",
                "name the owners from the driver on down"},
        Mistake{"DriverIsAnAttempt", owners("name = \"d\"\nattempt = 2\n"), 11, 11,
                "only an owner of kind \"task\" is an attempt of a task", ""},
        Mistake{"StreamsOfTheFreeView", with("[budget]\nstream_broken = 1\n"), 10, 17,
                "budget.stream_broken breaks streams that carry no view", "set shape.resource_view to \"tracked\""},
        Mistake{"LocalityOnAMissingNode", with("locality = \"n9\"\n"), 9, 12, "there is no node \"n9\"",
                "use n1 to n2"},
        Mistake{"LateNodeIsMissing", replaced("nodes = 2", "nodes = 2\njoins_late = [\"n3\"]"), 7, 15,
                "there is no node \"n3\"", "use n1 to n2"},
        Mistake{"HeadJoinsLate", replaced("nodes = 2", "nodes = 2\njoins_late = [\"n1\"]"), 7, 15,
                "n1 is the head and cannot join late", ""},
        Mistake{"NodeTwice", replaced("nodes = 2", "nodes = 2\nmay_crash = [\"n2\", \"n2\"]"), 7, 20,
                "\"n2\" stands twice in shape.may_crash", ""},
        Mistake{"TooManyWorkers", replaced("nodes = 2", "nodes = 2\nworkers_per_node = 9"), 7, 20,
                "18 workers in all, more than 16", ""},
        Mistake{"MorePrestartedThanSlots", replaced("nodes = 2", "nodes = 2\nprestarted_workers = [1, 2]"), 7, 22,
                "n2 has 2 prestarted workers but 1 worker slots", "raise workers_per_node"},
        Mistake{"NoProperty", replaced("[\"L1.task_ends\"]", "[]"), 4, 14, "check.properties must not be empty",
                "leave it out for the default"},
        Mistake{"PropertyTwice", replaced("[\"L1.task_ends\"]", "[\"L1.task_ends\", \"L1.task_ends\"]"), 4, 31,
                "\"L1.task_ends\" stands twice in check.properties", ""}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Expectations, ScenarioMistake,
    testing::Values(Mistake{"PropertyIsNotChecked",
                            with("[expect]\noutcome = \"violated\"\nproperty = \"R3.resources_conserved\"\n"), 11, 12,
                            "expect.property \"R3.resources_conserved\" is not in check.properties",
                            "checked properties are L1.task_ends"},
                    Mistake{"PropertyOfAHoldingScenario",
                            with("[expect]\noutcome = \"holds\"\nproperty = \"L1.task_ends\"\n"), 11, 12,
                            "expect.property has no meaning when the outcome is \"holds\"", ""},
                    Mistake{"TraceOfAHoldingScenario", with("[expect]\noutcome = \"holds\"\ntrace_length = 3\n"), 11,
                            16, "expect.trace_length has no meaning when the outcome is \"holds\"", ""},
                    Mistake{"BoundsThatAreNotDeclared", with("[expect]\noutcome = \"holds within bounds\"\n"), 10, 11,
                            "\"holds within bounds\" is expected but no bound is declared", "declare one in [limits]"},
                    Mistake{"NotAnOutcome", with("[expect]\noutcome = \"hold\"\n"), 10, 11,
                            "expect.outcome = \"hold\" is not a choice", "did you mean \"holds\"?"}),
    name_of);

TEST(Scenario, SyntaxErrorsHaveAPlace) {
  const mc::Result<Scenario> result = parse("schema = 1\nquestion = \"open\nx\n");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().line, 2U);
  EXPECT_EQ(result.error().column, 17U);
  EXPECT_FALSE(result.error().message.empty());
}

TEST(Scenario, AKeyThatStandsTwiceIsASyntaxError) {
  const mc::Result<Scenario> result = parse("schema = 1\nschema = 1\n");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().line, 2U);
}

TEST(Scenario, ALeaseMayNeedMoreCpusThanAnyNodeHas) {
  EXPECT_TRUE(parse(replaced("nodes = 2", "nodes = 2\nkey_cpus = [4, 4]")).ok());
}

TEST(Scenario, AFileThatIsNotThereIsAnErrorOfTheWholeFile) {
  const mc::Result<Scenario> result = load_scenario("/nonexistent/x.toml", kProperties);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().text(), "/nonexistent/x.toml: cannot be read: No such file or directory");
}

TEST(Scenario, ADirectoryIsNotAScenario) {
  const mc::Result<Scenario> result = load_scenario(testing::TempDir(), kProperties);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().line, 0U);
}

TEST(Scenario, AFileWithoutEndIsRefused) {
  const mc::Result<Scenario> result = load_scenario("/dev/zero", kProperties);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "is larger than 1 MiB; a scenario is a page of text");
}

TEST(Scenario, AFileIsReadByteForByte) {
  const std::string path = testing::TempDir() + "raymc_scenario_test.toml";
  std::ofstream(path) << kSmallest;
  const mc::Result<Scenario> result = load_scenario(path, kProperties);
  ASSERT_TRUE(result.ok()) << result.error().text();
  EXPECT_EQ(result.value().text, kSmallest);
  EXPECT_EQ(result.value().name, "raymc_scenario_test");
}

TEST(ScenarioKeys, EveryRowHasAMeaningAndADefaultOrIsRequired) {
  for (const ScenarioKey& key : scenario_keys()) {
    EXPECT_FALSE(key.meaning.empty()) << key.path();
    EXPECT_NE(key.required, !key.fallback.empty()) << key.path();
    EXPECT_LE(key.min, key.max) << key.path();
  }
}

// Whatever bytes stand in the file, the answer is a scenario or an error with a place: never a crash.
TEST(Scenario, TruncatedFilesAreErrorsOrScenarios) {
  for (std::size_t length = 0; length < kFull.size(); ++length) {
    const mc::Result<Scenario> result = parse(kFull.substr(0, length));
    EXPECT_TRUE(result.ok() || result.error().line >= 1U) << length;
  }
}

}  // namespace
}  // namespace raymc
