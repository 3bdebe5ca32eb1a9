// Logs as they come: read, refused with a clear message, and made anonymous.
#include "specs/logs/session.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "specs/logs/not_modelled.hpp"
#include "specs/logs/scenario_of.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

namespace fs = std::filesystem;

const std::string kTask = "c8ef45ccd0112571ffffffffffffffffffffffff01000000";
const std::string kDriver = "01000000ffffffffffffffffffffffffffffffffffffffffffffffff";
const std::string kNode = "26d1e2e4f9c97e69a94c75d1f2f57b56808246ecb8058ccc428a46f0";
const std::string kLease = "0000000001000000ffffffffffffffffffffffffffffffffffffffffffffffff";

/// A folder of logs that is gone at the end.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("raymc_logs_" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
    write("gcs_server.out",
          line("I", "gcs_server_main.cc:98", "Ray cluster metadata ray_version=2.55.1 ray_commit=237c2455"));
    write("raylet.out", line("I", "main.cc:279", "Setting cluster ID to: c8c066027710") +
                            line("D", "main.cc:594",
                                 "Starting raylet with static resource configuration: {node:10.1.2.3: 1, CPU: 1, "
                                 "node:__internal_head__: 1}") +
                            line("I", "main.cc:685", "Setting node ID node_id=" + kNode) +
                            line("D", "cluster_lease_manager.cc:52", "Queuing and scheduling lease " + kLease));
    write(driver(),
          line("D", "core_worker.cc:2024",
               "Submitting normal task Type=NORMAL_TASK, Language=PYTHON, Resources: {CPU: 1, }, "
               "function_descriptor={type=PythonFunctionDescriptor, module_name=secret_module, class_name=, "
               "function_name=secret_function, function_hash=c1}, task_id=" +
                   kTask +
                   ", task_name=secret_name, job_id=01000000, num_args=4, num_returns=1, max_retries=1, depth=1, "
                   "attempt_number=0") +
              line("D", "task_manager.cc:244", "Adding pending task " + kTask + " with 1 retries, 0 oom retries") +
              line("D", "normal_task_submitter.cc:334",
                   "Requesting lease " + kLease + " from raylet " + kNode + " for once"));
  }
  ~Folder() { fs::remove_all(path_); }

  [[nodiscard]] static std::string driver() { return "python-core-driver-" + kDriver + "_30776.log"; }
  [[nodiscard]] static std::string line(const std::string& level, const std::string& place, const std::string& text) {
    return "[2026-11-29 06:43:08,886 " + level + " 30776 31204] (secret_host) " + place + ": " + text + "\n";
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  void add(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::app) << text;
  }
  void remove(const std::string& name) const { fs::remove(path_ / name); }
  [[nodiscard]] mc::Result<ReadSession> read(const std::string& release = {}) const {
    return read_session({path_.string()}, tables(), release);
  }
  [[nodiscard]] std::string refused(const std::string& release = {}) const {
    const mc::Result<ReadSession> read_ = read(release);
    return read_.ok() ? "" : read_.error().text();
  }
  [[nodiscard]] const fs::path& path() const { return path_; }
  static const std::vector<LogTable>& tables() {
    static const std::vector<LogTable> kTables =
        load_log_tables(std::filesystem::path(support::source_dir()) / "specs/ray_logs").value();
    return kTables;
  }

 private:
  fs::path path_;
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Session, ASoundFolderIsRead) {
  const Folder folder;
  const mc::Result<ReadSession> read = folder.read();
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read.value().record.release, "2.55");
  ASSERT_EQ(read.value().record.lines.size(), 3U);
  EXPECT_EQ(read.value().record.lines[0].kind, "submit");
  EXPECT_EQ(read.value().record.lines[2].stream, "raylet:" + kNode);
}

TEST(Session, TheLinesOfAGcsComeBeforeThoseOfTheNextOne) {
  const Folder folder;
  const std::string probe = Folder::line("W", "gcs_health_check_manager.cc:205",
                                         "Health check failed for node " + kNode + ", remaining checks 2, status 14");
  const std::string loads = Folder::line("I", "gcs_init_data.cc:41", "Finished loading node table data, size = 1");
  const auto later = [](std::string text) { return text.replace(text.find("06:43:08"), 8, "06:43:09"); };
  folder.add("gcs_server.out", probe);
  folder.write("gcs_server.1.out", later(loads));
  const auto order = [&folder] {
    std::string kinds;
    const mc::Result<ReadSession> read = folder.read();
    for (const mc::RecordLine& line : read.value().record.lines) {
      if (line.stream == "gcs") kinds += line.kind + " ";
    }
    return kinds;
  };
  EXPECT_EQ(order(), "probe_failed gcs_loads ");
  folder.write("gcs_server.1.out", later(probe));
  folder.write("gcs_server.2.out", loads);
  folder.remove("gcs_server.out");
  folder.write("gcs_server.out", later(Folder::line("I", "gcs_server_main.cc:98",
                                                    "Ray cluster metadata ray_version=2.55.1 ray_commit=1")));
  EXPECT_EQ(order(), "gcs_loads probe_failed ");
}

mc::RecordLine line_of(const std::string& kind, const std::string& key, const std::string& id) {
  mc::RecordLine line;
  line.stream = kind == "owner_failed" || kind == "subscriber_erased" ? "gcs" : "raylet:n1";
  line.kind = kind;
  line.ids = {{key, id}};
  return line;
}

std::size_t left_of(std::vector<mc::RecordLine> lines, const std::string& kind) {
  leave_out_what_is_not_modelled(lines);
  return static_cast<std::size_t>(std::ranges::count(lines, kind, &mc::RecordLine::kind));
}

TEST(Session, APopThatWaitedForItsProcessIsNoStepOfTheModel) {
  const auto cancel = line_of("cancel_queued", "lease", "l1");
  const auto popped = line_of("popped_for_cancelled", "lease", "l1");
  const auto start = line_of("start", "worker", "w1");
  const auto announced = line_of("announced", "worker", "w1");
  EXPECT_EQ(left_of({start, cancel, announced, popped}, "popped_for_cancelled"), 0U);
  EXPECT_EQ(left_of({start, announced, cancel, popped}, "popped_for_cancelled"), 1U);
}

TEST(Session, AnOwnerThatHasEndedIsNotForgottenByTheGcsOnceMore) {
  const auto erased = line_of("subscriber_erased", "owner", "d1");
  EXPECT_EQ(left_of({line_of("owner_failed", "owner", "d1"), erased}, "subscriber_erased"), 0U);
  EXPECT_EQ(left_of({line_of("owner_failed", "owner", "d2"), erased}, "subscriber_erased"), 1U);
}

TEST(Session, ARayletWithoutALogIsSaidToBeMissing) {
  const Folder folder;
  const auto notes = [&folder] {
    std::string all;
    const mc::Result<ReadSession> session = folder.read();
    const mc::Result<RecordedScenario> drawn = scenario_of(session.value().record, "record");
    for (const std::string& note : drawn.value().notes) all += note + "\n";
    return all;
  };
  EXPECT_FALSE(says(notes(), "there is no log of"));
  folder.add("gcs_server.out", Folder::line("I", "gcs_node_manager.cc:90",
                                            "Registering new node. node_id=" + std::string(56, 'e') + " node_name=x"));
  EXPECT_TRUE(says(notes(), "there is no log of 1 of the raylets that others name")) << notes();
}

TEST(Session, AFolderThatCannotBeReadIsSaid) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  const Folder folder;
  fs::create_directories(folder.path() / "n2");
  fs::permissions(folder.path() / "n2", fs::perms::none);
  EXPECT_TRUE(says(folder.refused(), "cannot be read"));
  fs::permissions(folder.path() / "n2", fs::perms::owner_all);
}

TEST(Session, AnEmptyFolderIsRefused) {
  const Folder folder;
  for (const std::string& name : {std::string("gcs_server.out"), std::string("raylet.out"), Folder::driver()})
    folder.remove(name);
  EXPECT_NE(folder.refused(), "");
  EXPECT_TRUE(says(folder.refused("2.55"), "there is no log of Ray here"));
}

TEST(Session, LogsWithoutADriverOrARayletAreRefused) {
  const Folder folder;
  folder.remove(Folder::driver());
  EXPECT_TRUE(says(folder.refused(), "no log of a driver"));
}

TEST(Session, AnotherReleaseIsRefused) {
  const Folder folder;
  folder.write("gcs_server.out",
               Folder::line("I", "gcs_server_main.cc:98", "Ray cluster metadata ray_version=2.49.2 ray_commit=1"));
  EXPECT_TRUE(says(folder.refused(), "logs of Ray 2.49.2"));
  EXPECT_TRUE(says(folder.refused("2.55"), "not of 2.55"));
  EXPECT_TRUE(says(folder.refused("1.0"), "no table of log texts for Ray 1.0"));
}

TEST(Session, LogsThatAreNotAtDebugLevelAreRefused) {
  const Folder folder;
  folder.write("raylet.out", Folder::line("I", "main.cc:279", "Setting cluster ID to: c8c066027710"));
  folder.write(Folder::driver(), Folder::line("I", "a.cc:1", "x"));
  EXPECT_TRUE(says(folder.refused(), "RAY_BACKEND_LOG_LEVEL=debug"));
}

TEST(Session, FilesOfTwoSessionsAreRefused) {
  const Folder folder;
  folder.write("raylet.1.out",
               Folder::line("I", "main.cc:279", "Setting cluster ID to: ffff66027710") +
                   Folder::line("I", "main.cc:685",
                                "Setting node ID node_id=a4deebd57a87fc9f0f6d5cade876202cac4367dfe90780de018c861d"));
  EXPECT_TRUE(says(folder.refused(), "2 clusters"));
}

TEST(Session, TwoLogsOfOneProcessAreRefused) {
  const Folder folder;
  folder.write(
      "python-core-driver-" + kDriver + "_111.log",
      Folder::line("D", "task_manager.cc:244", "Adding pending task " + kTask + " with 1 retries, 0 oom retries"));
  EXPECT_TRUE(says(folder.refused(), "the same process"));
}

TEST(Session, ACopyOfALogIsRefused) {
  const Folder folder;
  fs::create_directories(folder.path() / "copies");
  const fs::path gcs = folder.path() / "copies/gcs_server.out";
  fs::copy_file(folder.path() / "gcs_server.out", gcs);
  EXPECT_TRUE(says(folder.refused(), "copies/gcs_server.out and gcs_server.out are logs of the same GCS") ||
              says(folder.refused(), "copies/gcs_server.out are logs of the same GCS"))
      << folder.refused();
  fs::remove(gcs);
  fs::copy_file(folder.path() / "raylet.out", folder.path() / "copies/raylet.out");
  EXPECT_TRUE(says(folder.refused(), "copies/raylet.out are logs of the same process")) << folder.refused();
  // Of two folders the names say which is which.
  fs::remove_all(folder.path() / "copies");
  const fs::path other = folder.path().string() + ".copy";
  fs::copy(folder.path(), other);
  const auto read = read_session({folder.path().string(), other.string()}, Folder::tables(), "");
  fs::remove_all(other);
  ASSERT_FALSE(read.ok());
  EXPECT_TRUE(says(read.error().text(), other.string() + "/")) << read.error().text();
}

const std::string kWireHead = R"({"format": "raymc.wire", "version": 1, "t": 5})"
                              "\n";

TEST(Session, ARecordOfAWireHasMessagesOfTheProcessesThatHaveLogs) {
  const Folder folder;
  folder.write("messages.jsonl", "");
  EXPECT_TRUE(says(folder.refused(), "messages.jsonl: the record of a wire is empty")) << folder.refused();
  const auto request = [](const std::string& from) {
    return R"({"t": 9, "n": 1, "is": "request", "call": "ReportWorkerFailure", "from": ")" + from +
           R"(", "to": "gcs1:777"})"
           "\n";
  };
  folder.write("messages.jsonl", kWireHead + request("raylet1:776"));
  EXPECT_TRUE(says(folder.refused(), "no process of this record of a wire has a log here")) << folder.refused();
  folder.write("messages.jsonl", kWireHead + request("raylet1:30776"));
  const mc::Result<ReadSession> read = folder.read();
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(std::ranges::count(read.value().notes, std::string("1 messages of 1 processes that have no log here are "
                                                               "left out: gcs1:777")),
            1);
}

TEST(Session, AWorkerWithoutALogIsSaidToBeMissing) {
  const Folder folder;
  folder.add(Folder::driver(),
             Folder::line("D", "normal_task_submitter.cc:540",
                          "Pushing task " + kTask + " to worker " + std::string(56, 'e') + " of raylet " + kNode));
  const mc::Result<ReadSession> read = folder.read();
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_TRUE(std::ranges::any_of(read.value().notes, [](const std::string& note) {
    return says(note, "there is no log of 1 of the workers to which tasks were pushed");
  }));
}

TEST(Session, AChangedFormatIsRefused) {
  const Folder folder;
  folder.add(Folder::driver(), Folder::line("D", "task_manager.cc:244", "Completing task " + kTask + " for good"));
  EXPECT_TRUE(says(folder.refused(), "goes on otherwise"));
}

TEST(Session, ACutLineIsRefusedIfItMatters) {
  const Folder folder;
  folder.add(Folder::driver(), "[2026-11-29 06:43:08,886 D 30776 31204] task_manager.cc:244: Completing task c8ef");
  EXPECT_TRUE(says(folder.refused(), "ends within this line"));
}

TEST(Session, ABinaryFileIsRefused) {
  const Folder folder;
  folder.write("raylet.out", std::string("\x7f"
                                         "ELF\0\0\n\1\2\3\n",
                                         11));
  EXPECT_TRUE(says(folder.refused(), "no line of this file is one of Ray's logs"));
}

TEST(Session, AnArchiveIsReadAsItsFolderIs) {
  const Folder folder;
  const std::string archive = folder.path().string() + ".tar.gz";
  ASSERT_EQ(std::system(("tar -czf " + archive + " -C " + folder.path().string() + " .").c_str()), 0);
  const mc::Result<ReadSession> read = read_session({archive}, Folder::tables(), "");
  fs::remove(archive);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(mc::to_json_lines(read.value().record), mc::to_json_lines(folder.read().value().record));
}

TEST(Session, AListThatNamesFilesOfTheMachineIsNoArchive) {
  const Folder folder;
  const std::string list = folder.path().string() + ".mtree";
  std::ofstream(list) << "#mtree\nlogs/raylet.out type=file size=100 contents="
                      << (folder.path() / "raylet.out").string() << "\n";
  const mc::Result<ReadSession> read = read_session({list}, Folder::tables(), "");
  fs::remove(list);
  ASSERT_FALSE(read.ok());
  EXPECT_TRUE(says(read.error().text(), "is no archive that can be read")) << read.error().text();
}

TEST(Session, ADamagedArchiveIsRefused) {
  const fs::path path = fs::temp_directory_path() / ("raymc_damaged_" + std::to_string(::getpid()) + ".tar.gz");
  std::ofstream(path) << "this is no archive";
  const mc::Result<ReadSession> read =
      read_session({path.string()},
                   load_log_tables(std::filesystem::path(support::source_dir()) / "specs/ray_logs").value(), "2.55");
  fs::remove(path);
  ASSERT_FALSE(read.ok());
  EXPECT_TRUE(says(read.error().text(), "archive")) << read.error().text();
}

TEST(Session, ARedactedRecordTellsNothing) {
  const Folder folder;
  const mc::Result<ReadSession> read = folder.read();
  ASSERT_TRUE(read.ok());
  const std::string text = mc::to_json_lines(redacted(read.value().record));
  for (const char* secret : {"secret", "10.1.2.3", "raymc_logs", "30776", "c8ef45cc", "26d1e2e4"}) {
    EXPECT_FALSE(says(text, secret)) << secret << " in " << text;
  }
  const mc::Result<mc::RecordFile> again = mc::parse_record(text, "record");
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(scenario_of(again.value(), "record").ok());
}

TEST(Session, AHeadIsTakenApart) {
  const auto head = log_head("[2026-11-29 06:43:08,886 D 30776 31204] (raylet) main.cc:279: Setting it: on");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->file, "main.cc");
  EXPECT_EQ(head->message, "Setting it: on");
  EXPECT_EQ(head->level, 'D');
  EXPECT_EQ(head->t % 1000, 886);
  EXPECT_FALSE(log_head("[2026-11-29 06:43:08,886 D 30776"));
  EXPECT_FALSE(log_head(std::string_view("\0\1\2", 3)));
  EXPECT_FALSE(log_head(""));
}

}  // namespace
}  // namespace raymc
