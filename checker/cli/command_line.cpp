#include "checker/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "checker/cli/number_check.hpp"
#include "checker/cli/quantity.hpp"
#include "checker/core/nearest.hpp"
#include "checker/core/plain.hpp"

namespace mc {
namespace {

constexpr unsigned kThreadsMax = 256;
constexpr std::uint64_t kCountMax = 1'000'000'000'000;
constexpr std::array<std::string_view, 9> kListKinds{"findings",   "releases", "transitions", "properties", "scenarios",
                                                     "safeguards", "faults",   "features",    "keys"};

/// What CLI11 fills; texts that need more than CLI11 checks are read afterwards.
struct Raw {
  CommandLine line;
  std::string store = "exact";
  std::string symmetry;
  std::string format = "text";
  std::string time_max;
  std::string memory_max;
  std::string frontier = "auto";
  std::string disk;
  std::string checkpoint;
  std::string checkpoint_every;
  std::string compare;
  std::string out;
  std::vector<std::string> sets;
  std::uint32_t depth_max = 0;
  std::uint64_t states_max = 0;
  std::optional<std::uint64_t> only;
  std::optional<std::uint64_t> only_scenario;
};

/// What changes the question: profile and switches.
void add_question_options(CLI::App& command, const std::vector<Profile>& profiles, Raw& raw) {
  std::vector<std::string> names;
  std::string choices;
  for (const Profile& profile : profiles) {
    names.push_back(profile.name);
    choices += (choices.empty() ? "" : "|") + profile.name;
  }
  command.add_option("--profile", raw.line.profile, "which safeguards are on, instead of the scenario's own choice")
      ->check(CLI::IsMember(names).description(""))
      ->type_name(choices);
  command.add_option("--set", raw.sets, "switch one safeguard, against the scenario")
      ->type_name("SAFEGUARD=on|off")
      ->expected(1)
      ->take_all();
}

void add_search_options(CLI::App& command, const std::vector<Profile>& profiles, Raw& raw) {
  add_question_options(command, profiles, raw);
  command.add_option("--threads", raw.line.threads, "threads of the search; the answer is the same for any number")
      ->check(whole_number_check(1, kThreadsMax))
      ->type_name("N");
  command.add_option("--store", raw.store, "how visited states are kept: whole, or as 64-bit fingerprints")
      ->check(CLI::IsMember({"exact", "fingerprint"}).description(""))
      ->type_name("exact|fingerprint");
  command.add_option("--symmetry", raw.symmetry, "explore one of the states that differ only in interchangeable names")
      ->check(CLI::IsMember({"on", "off"}).description(""))
      ->type_name("on|off");
  command.add_option("--depth-max", raw.depth_max, "levels to explore")
      ->check(whole_number_check(1, 1'000'000))
      ->type_name("N");
  command.add_option("--states-max", raw.states_max, "states to explore")
      ->check(whole_number_check(1, kCountMax))
      ->type_name("N");
  command.add_option("--time-max", raw.time_max, "time for each scenario")
      ->check(not_empty_check())
      ->type_name("60s|5m|2h");
  command.add_option("--memory-max", raw.memory_max, "memory of the process")
      ->check(not_empty_check())
      ->type_name("8GiB|512MiB");
  command
      .add_option("--frontier", raw.frontier, "where the level that is explored stands; auto: on disk when it is large")
      ->check(CLI::IsMember({"auto", "memory", "disk"}).description(""))
      ->type_name("auto|memory|disk");
  command.add_option("--disk", raw.disk, "folder for what does not stay in memory; none: that of temporary files")
      ->type_name("DIR");
  command.add_flag("--quiet", raw.line.quiet, "nothing on stderr but mistakes");
}

void add_checkpoint_options(CLI::App& command, Raw& raw) {
  command.add_option("--checkpoint", raw.checkpoint, "keep each search in this folder, so that it can be gone on with")
      ->type_name("DIR");
  command
      .add_option("--checkpoint-every", raw.checkpoint_every,
                  "at the end of a level, when so much time has gone by (1m)")
      ->check(not_empty_check())
      ->type_name("60s");
  command.add_flag("--resume", raw.line.resume, "go on with what --checkpoint kept; without it, begin");
}

void add_check(CLI::App& app, const ProgramInfo& info, const std::vector<Profile>& profiles, Raw& raw) {
  CLI::App* check = app.add_subcommand("check", "explore scenarios and judge their properties");
  check->add_option("scenarios", raw.line.scenarios, "scenario files and folders; none: " + info.default_folder)
      ->type_name("SCENARIO|DIR");
  add_search_options(*check, profiles, raw);
  check->add_option("--format", raw.format, "what the report on stdout is written as")
      ->check(CLI::IsMember({"text", "json", "junit", "github"}).description(""))
      ->type_name("text|json|junit|github");
  check->add_option("--out", raw.out, "also write traces, reports and measurements as files into this folder")
      ->type_name("DIR");
  check
      ->add_option("--budget", raw.line.budget_text,
                   "time for all scenarios, divided by importance; says what it left out")
      ->check(not_empty_check())
      ->type_name("5m");
  check->add_flag("--keep-going", raw.line.keep_going,
                  "explore everything after a violation, too: a counterexample for every broken property");
  check->add_flag_callback(
      "--verbose", [&raw] { raw.line.detail = Detail::kFull; },
      "also states per level, rules that never fired, and phases in which faults struck");
  check->add_flag("--strict", raw.line.strict, "code 11 where a warning says that the verdict is vacuous in part");
  add_checkpoint_options(*check, raw);
  check->callback([&raw] { raw.line.command = Command::kCheck; });
  check->footer(
      "Examples:\n"
      "  " +
      info.name +
      " check\n"
      "  " +
      info.name + " check " + info.scenario_folder +
      "/ci --format github\n"
      "  " +
      info.name + " check mine.toml --threads 8 --store fingerprint --time-max 10m --out results-mine");
}

void add_simulate(CLI::App& app, const ProgramInfo& info, const std::vector<Profile>& profiles, Raw& raw) {
  CLI::App* simulate = app.add_subcommand("simulate", "random walks through what is too large to explore");
  simulate->add_option("scenarios", raw.line.scenarios, "scenario files and folders; none: " + info.default_folder)
      ->type_name("SCENARIO|DIR");
  WalkOptions& walk = raw.line.walk;
  simulate->add_option("--walks", walk.walks, "walks for each scenario (10000)")
      ->check(whole_number_check(1, kCountMax))
      ->type_name("N");
  simulate->add_option("--depth", walk.depth_max, "steps after which a walk is cut (200)")
      ->check(whole_number_check(1, 1'000'000))
      ->type_name("N");
  simulate->add_option("--seed", walk.seed, "what the walks follow from; the same seed gives the same report (1)")
      ->check(whole_number_check(0))
      ->type_name("N");
  simulate->add_option("--walk", raw.only, "only the walk with this number, as a report names it")
      ->check(whole_number_check(0, kCountMax - 1))
      ->type_name("N");
  add_question_options(*simulate, profiles, raw);
  simulate->add_option("--threads", raw.line.threads, "threads; the report is the same for any number")
      ->check(whole_number_check(1, kThreadsMax))
      ->type_name("N");
  simulate->add_option("--format", raw.format, "what the report on stdout is written as")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->type_name("text|json");
  simulate->add_option("--out", raw.out, "also write reports and traces as files into this folder")->type_name("DIR");
  simulate->add_flag("--quiet", raw.line.quiet, "nothing on stderr but mistakes");
  simulate->callback([&raw] { raw.line.command = Command::kSimulate; });
  simulate->footer(
      "A simulation finds violations and proves nothing: code 10 if a walk broke a property, 0 if none did.\n"
      "Example:\n  " +
      info.name + " simulate large.toml --walks 1000000 --seed 7");
}

void add_catalogue_commands(CLI::App& app, const ProgramInfo& info, Raw& raw) {
  CLI::App* list = app.add_subcommand("list", "list what there is");
  list->add_option("kind", raw.line.subject, "what to list")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>(kListKinds.begin(), kListKinds.end())).description(""))
      ->type_name("findings|transitions|properties|scenarios|safeguards|faults|features|keys");
  list->add_option("--format", raw.format, "a table, or JSON with an entry on each line")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->type_name("text|json");
  list->callback([&raw] { raw.line.command = Command::kList; });
  CLI::App* explain = app.add_subcommand("explain", "one id: its claim or rule, its source, where it is used");
  explain->add_option("id", raw.line.subject, "id of a transition, property, safeguard, fault, feature or scenario key")
      ->required()
      ->type_name("ID");
  explain->callback([&raw] { raw.line.command = Command::kExplain; });
  explain->footer("Example:\n  " + info.name + " explain shape.task.max_retries");
}

void add_maintenance(CLI::App& app, const ProgramInfo& info, const std::vector<Profile>& profiles, Raw& raw) {
  CLI::App* audit = app.add_subcommand("audit", "check what the model claims about itself, while exploring");
  audit->add_option("scenarios", raw.line.scenarios, "scenario files and folders; none: the default folder")
      ->type_name("SCENARIO|DIR");
  add_search_options(*audit, profiles, raw);
  RandomAuditLine& random = raw.line.random;
  audit->add_option("--random", random.count, "audit this many random scenarios instead, each in every way, briefly")
      ->check(whole_number_check(1, 1'000'000'000))
      ->type_name("N");
  audit->add_option("--seed", random.seed, "what the random scenarios follow from (1)")
      ->check(whole_number_check(0))
      ->type_name("N");
  audit->add_option("--only", raw.only_scenario, "only the random scenario with this number, as a report names it")
      ->check(whole_number_check(0))
      ->type_name("N");
  audit->add_option("--out", raw.out, "write the random scenarios into this folder instead of auditing them")
      ->type_name("DIR");
  audit->footer(
      "Code 70 if anything is found: the model is not what it claims to be.\n"
      "Example:\n  " +
      info.name + " audit --random 1000 --seed 7");
  audit->callback([&raw] { raw.line.command = Command::kAudit; });
  CLI::App* safeguards = app.add_subcommand("safeguards", "switch each safeguard off and see which property notices");
  safeguards
      ->add_option("scenarios", raw.line.scenarios, "scenario files and folders that hold; none: the default folder")
      ->type_name("SCENARIO|DIR");
  safeguards->add_option("--threads", raw.line.threads, "threads of each search")
      ->check(whole_number_check(1, kThreadsMax))
      ->type_name("N");
  safeguards->add_option("--out", raw.out, "write safeguards.tsv into this folder instead of stdout")->type_name("DIR");
  safeguards->add_flag("--quiet", raw.line.quiet, "nothing on stderr but mistakes");
  safeguards->callback([&raw] { raw.line.command = Command::kSafeguards; });
  CLI::App* release = app.add_subcommand("release", "the exhaustive suite, and the page that a release manager reads");
  release->add_option("scenarios", raw.line.scenarios, "scenario files and folders; none: the folder release")
      ->type_name("SCENARIO|DIR");
  add_search_options(*release, profiles, raw);
  add_checkpoint_options(*release, raw);
  release->add_option("--out", raw.out, "where verdicts, counts, coverage and the page go")
      ->required()
      ->type_name("DIR");
  release->add_option("--compare", raw.compare, "the folder of the last release: every difference is accounted for")
      ->type_name("DIR");
  release->callback([&raw] { raw.line.command = Command::kRelease; });
  // Maintenance of the repository: not shown, for it answers no question of a user.
  CLI::App* results = app.add_subcommand("results", "regenerate golden.tsv and coverage.tsv")->group("");
  results->add_option("scenarios", raw.line.scenarios)->type_name("SCENARIO|DIR");
  results->add_option("--threads", raw.line.threads)->check(whole_number_check(1, kThreadsMax));
  results->add_option("--out", raw.out)->required();
  results->add_flag("--quiet", raw.line.quiet);
  results->callback([&raw] { raw.line.command = Command::kResults; });
}

void add_conform(CLI::App& app, const ProgramInfo& info, const std::vector<Profile>& profiles, Raw& raw) {
  ConformLine& conform = raw.line.conform;
  CLI::App* command = app.add_subcommand("conform", "explain the debug logs of a real run by a behaviour of the model");
  command
      ->add_option("logs", raw.line.scenarios,
                   "a session's log folder, the folders of several nodes, an archive of them, a record, or a folder of "
                   "records")
      ->required()
      ->type_name("LOGS");
  command->add_option("--scenario", conform.scenario, "the question, instead of one that is drawn from the record")
      ->type_name("FILE");
  command
      ->add_option("--release", conform.release, "how the lines are worded, if the logs do not say which version ran")
      ->type_name("2.55");
  command->add_option("--record", conform.record, "keep what the logs say that matters, as JSON Lines")
      ->type_name("FILE");
  command->add_flag("--redact", conform.redact,
                    "rename ids and leave out texts, names and hosts, here and in --record");
  command->add_option("--write-scenario", conform.write_scenario, "keep the scenario, to check or to change it")
      ->type_name("FILE");
  command
      ->add_option(
          "--slack", conform.slack,
          "milliseconds by which the clocks of processes are apart: prunes the search and decides nothing; -1: unknown")
      ->check(CLI::Range(std::int64_t{-1}, std::int64_t{3'600'000}).description(""))
      ->type_name("MS");
  command->add_option("--nodes-max", conform.nodes_max, "nodes of the search before it is cut off")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}).description(""))
      ->type_name("N");
  command->add_option("--memory-max", raw.memory_max, "memory of the search before it is cut off (1GiB)")
      ->type_name("8GiB|512MiB");
  command->add_option("--out", raw.out, "also write the witness as a trace into this folder")->type_name("DIR");
  command->add_flag("--verbose", conform.verbose, "also list the texts that were looked for and not found");
  add_question_options(*command, profiles, raw);
  command->callback([&raw] { raw.line.command = Command::kConform; });
  command->footer("Examples:\n  " + info.name + " conform /tmp/ray/session_latest/logs\n  " + info.name +
                  " conform logs.tar.gz --record run.jsonl --redact\n  " + info.name +
                  " conform run.jsonl --write-scenario incident.toml --out found");
}

Format format_of(std::string_view name) {
  if (name == "json") return Format::kJson;
  if (name == "junit") return Format::kJunit;
  return name == "github" ? Format::kGithub : Format::kText;
}

/// Reads the texts that CLI11 left as they are; gives the first mistake.
std::optional<std::string> finish(Raw& raw, const std::vector<std::string>& settings_known,
                                  const std::vector<Profile>& profiles) {
  CommandLine& line = raw.line;
  // What is wrong goes into a message, and what is right is plain as it stands.
  for (std::string* text : {&raw.time_max, &raw.memory_max, &raw.checkpoint_every, &line.budget_text, &line.trace.with,
                            &line.trace.without}) {
    *text = plain_line(*text, kMessageBytesMax);
  }
  for (std::string& set : raw.sets) set = plain_line(set, kMessageBytesMax);
  line.store = *store_kind(raw.store);
  if (!raw.symmetry.empty()) line.symmetry = raw.symmetry == "on";
  line.format = format_of(raw.format);
  line.walk.only = raw.only;
  if (raw.only_scenario) {
    line.random.first = *raw.only_scenario;
    line.random.count = 1;
  }
  if (line.random.count > 0 && !line.scenarios.empty()) return "audit takes scenarios or --random, not both";
  if (raw.depth_max > 0) line.limits.depth_max = raw.depth_max;
  if (raw.states_max > 0) line.limits.states_max = raw.states_max;
  if (!raw.out.empty()) line.out = raw.out;
  if (line.command == Command::kAudit && line.out && line.random.count == 0) return "--out needs --random or --only";
  if (!raw.time_max.empty()) {
    line.limits.time_max = parse_duration(raw.time_max);
    if (!line.limits.time_max)
      return "--time-max: \"" + raw.time_max + "\" is no duration such as 500ms, 60s, 5m or 2h";
  }
  line.frontier = raw.frontier == "disk"     ? FrontierPlace::kDisk
                  : raw.frontier == "memory" ? FrontierPlace::kMemory
                                             : FrontierPlace::kAuto;
  std::error_code none;
  line.disk_asked = !raw.disk.empty();
  line.disk = raw.disk.empty() ? std::filesystem::temp_directory_path(none) : std::filesystem::path(raw.disk);
  if (line.frontier == FrontierPlace::kDisk && line.store == StoreKind::kExact)
    return "--frontier disk needs --store fingerprint: the exact store keeps every state in memory";
  if (!raw.compare.empty()) line.compare = raw.compare;
  if (!raw.checkpoint.empty()) line.checkpoint = raw.checkpoint;
  if (line.resume && !line.checkpoint) return "--resume needs --checkpoint";
  if (line.checkpoint && !line.budget_text.empty()) return "--checkpoint and --budget exclude each other";
  if (!raw.checkpoint_every.empty()) {
    const std::optional<std::chrono::milliseconds> every = parse_duration(raw.checkpoint_every);
    if (!every) return "--checkpoint-every: \"" + raw.checkpoint_every + "\" is no duration such as 60s or 5m";
    line.checkpoint_every = *every;
  }
  if (!line.budget_text.empty()) {
    line.budget = parse_duration(line.budget_text);
    if (!line.budget) return "--budget: \"" + line.budget_text + "\" is no duration such as 60s, 5m or 2h";
  }
  if (!raw.memory_max.empty()) {
    line.limits.memory_max_bytes = parse_size(raw.memory_max);
    if (!line.limits.memory_max_bytes)
      return "--memory-max: \"" + raw.memory_max + "\" is no size such as 512MiB or 8GiB";
  }
  if (const std::string mistake = trace_mistake(line.trace, settings_known); !mistake.empty()) return mistake;
  for (const Profile& profile : profiles) {
    if (profile.name == line.profile) line.settings = profile.settings;
  }
  const std::vector<std::string_view> known(settings_known.begin(), settings_known.end());
  for (const std::string& set : raw.sets) {
    const std::size_t equals = set.find('=');
    const std::string id = set.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : set.substr(equals + 1);
    if (value != "on" && value != "off") return "--set: \"" + set + "\" is not SAFEGUARD=on or SAFEGUARD=off";
    if (std::find(known.begin(), known.end(), id) == known.end()) {
      return "--set: unknown safeguard \"" + id + "\"\n  hint: " + nearest_hint(id, known, "safeguards are");
    }
    line.sets.push_back(set);
    line.settings.emplace_back(id, value == "on");
  }
  return std::nullopt;
}

/// No option and no file is an empty text: that comes from a variable of a script that is not set, and must neither be
/// ignored nor mean the folder at hand.
void refuse_empty_texts(CLI::App& app) {
  const CLI::Validator not_empty([](const std::string& text) { return text.empty() ? "is an empty text" : ""; }, "");
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    for (CLI::Option* option : command->get_options()) {
      if (option->get_items_expected_max() > 0) option->check(not_empty);
    }
  }
}

/// What was probably meant by an argument that no command takes.
std::string hint_for(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> known;
  const CLI::App* command = nullptr;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!sub->get_group().empty()) known.push_back(sub->get_name());
    if (!arguments.empty() && sub->get_name() == arguments.front()) command = sub;
  }
  std::string unknown = arguments.empty() ? "" : arguments.front();
  if (command != nullptr) {
    known.clear();
    for (const CLI::Option* option : command->get_options()) known.push_back("--" + option->get_single_name());
    for (const std::string& argument : arguments) {
      const std::string flag = argument.substr(0, argument.find('='));
      if (flag.starts_with("--") && std::find(known.begin(), known.end(), flag) == known.end()) unknown = flag;
    }
  }
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const std::string_view best = nearest(unknown, candidates);
  return best.empty() || best == unknown ? "" : "  hint: did you mean \"" + std::string(best) + "\"?\n";
}

}  // namespace

std::vector<std::string> CommandLine::overrides() const {
  std::vector<std::string> texts;
  if (!profile.empty()) texts.push_back("--profile " + profile);
  for (const std::string& set : sets) texts.push_back("--set " + set);
  if (limits.depth_max) texts.push_back("--depth-max " + std::to_string(*limits.depth_max));
  if (limits.states_max) {
    // Only a time budget declares a bound on the command line.
    const std::string option = limits.states_declared ? "--budget " + budget_text + ": states-max " : "--states-max ";
    texts.push_back(option + std::to_string(*limits.states_max));
  }
  return texts;
}

ParsedCommandLine parse_command_line(const ProgramInfo& info, const std::vector<std::string>& arguments,
                                     const std::vector<std::string>& settings_known,
                                     const std::vector<Profile>& profiles) {
  Raw raw;
  CLI::App app(
      "Tries every interleaving of a protocol with a fault at every point, and proves a scenario or shows the "
      "shortest schedule that breaks it.",
      info.name);
  app.set_version_flag("--version",
                       info.name + " " + info.version + " (" + info.revision_label + " " + info.revision + ")");
  app.require_subcommand(1);
  add_check(app, info, profiles, raw);
  add_simulate(app, info, profiles, raw);
  add_trace_commands(app, info, raw.line);
  for (const char* command : {"graph", "explore"}) add_question_options(*app.get_subcommand(command), profiles, raw);
  add_conform(app, info, profiles, raw);
  add_maintenance(app, info, profiles, raw);
  add_catalogue_commands(app, info, raw);
  app.footer(exit_codes_text() +
             "\n"
             "Examples:\n  " +
             info.name + " check\n  " + info.name + " explain shape.nodes\n  " + info.name + " check --help");
  refuse_empty_texts(app);
  ParsedCommandLine parsed;
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    const std::vector<CLI::App*> chosen = app.get_subcommands();
    parsed.out = (chosen.empty() ? app.help() : chosen.front()->help(info.name)) + "\n";
    return parsed;
  } catch (const CLI::CallForVersion& version) {
    parsed.out = std::string(version.what()) + "\n";
    return parsed;
  } catch (const CLI::ParseError& mistake) {
    const bool no_command = app.get_subcommands().empty() && !arguments.empty() && !arguments.front().starts_with("-");
    const std::string what =
        no_command ? "there is no command \"" + arguments.front() + "\"" : std::string(mistake.what());
    parsed.err =
        info.name + ": " + plain_message(what) + "\n" + hint_for(app, arguments) + "  try: " + info.name + " --help\n";
    parsed.exit_code = ExitCode::kUsage;
    return parsed;
  }
  if (const std::optional<std::string> mistake = finish(raw, settings_known, profiles)) {
    parsed.err = info.name + ": " + plain_message(*mistake) + "\n";
    parsed.exit_code = ExitCode::kUsage;
    return parsed;
  }
  parsed.line = std::move(raw.line);
  return parsed;
}

}  // namespace mc
