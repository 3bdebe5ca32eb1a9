// What a project has to know so that records of its system can be conformed (checker/cli/conforming.hpp).
#pragma once

#include <concepts>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "checker/cli/project.hpp"
#include "checker/conform/matching.hpp"
#include "checker/conform/record.hpp"
#include "checker/conform/record_check.hpp"
#include "checker/core/emission.hpp"
#include "checker/core/result.hpp"

namespace mc {

/// What a project makes of logs: a record, and what else is to be said.
struct ReadLogs {
  RecordFile record;
  std::string source;               ///< "12 files, 2,391 lines"
  std::vector<std::string> unseen;  ///< texts that were looked for and that no line was
  std::vector<std::string> notes;
};

/// A question made from a record.
struct DrawnScenario {
  std::string text;
  std::vector<std::string> notes;
  std::string no_room;  ///< then there is no text: of what the record has more than the model holds
};

/// A wider scenario: one thing more, or one setting the other way.
struct Relaxation {
  std::string what;
  std::string text;
  Settings settings;
};

/// A project whose system can be recorded.
template <class P>
concept RecordingProject = Project<P> && Logging<typename P::Model> &&
    requires(const P project, const std::vector<std::string> paths, const std::string text, const RecordFile record,
             const std::filesystem::path root, const CompiledRecord compiled, const typename P::Model model,
             RecordFile& read) {
  { project.read_logs(paths, text, root) } -> std::same_as<Result<ReadLogs>>;
  /// The logs of a session that lies in a folder of several; nothing: it is none.
  { project.logs_of_session(root) } -> std::same_as<std::optional<std::filesystem::path>>;
  /// What is wrong with a record, by itself or with the release that the user says.
  { project.mistake_in(record, text, LinesFrom{}, text, root) } -> std::same_as<std::optional<InputError>>;
  /// Mends what a reader of logs mends as well, and says it.
  { project.set_clocks(read) } -> std::same_as<std::vector<std::string>>;
  { project.redacted(record) } -> std::same_as<RecordFile>;
  { project.drawn(record, text) } -> std::same_as<Result<DrawnScenario>>;
  { project.relaxations(text) } -> std::same_as<std::vector<Relaxation>>;
  /// The record, cut where nothing is under way if it is too long for one question.
  { project.pieces(record) } -> std::same_as<std::vector<RecordFile>>;
  { project.process_sorts() } -> std::same_as<ProcessSorts>;
  /// Who stands where at the start, by sort.
  { project.known(record, compiled, model) } -> std::same_as<Bindings>;
  /// A stream whose events have no order with others.
  { project.unordered_stream() } -> std::same_as<std::string_view>;
};

}  // namespace mc
