// Answers that survive the process: one scenario under checkpoints, and where its files lie.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "checker/cli/answering.hpp"
#include "checker/report/answer_file.hpp"
#include "checker/report/checkpoint.hpp"

namespace mc {

/// Whose search a checkpoint is of: the scenario, all options that its answer depends on, and this very program.
/// Threads, time and memory are not among them: with those it may be gone on with in another way.
[[nodiscard]] Identity identity_of(const std::string& scenario_path, const std::string& scenario_text,
                                   const CommandLine& line, const Limits& limits, bool symmetry,
                                   const ProgramInfo& info);

/// What to say to somebody whose folder holds a checkpoint already.
[[nodiscard]] InputError not_asked_to_resume(const std::filesystem::path& folder);

/// The answer that a checkpoint's folder holds, if it is that of the same search.
[[nodiscard]] Result<Answered> kept_answer(const Checkpoint& checkpoint, const Identity& identity,
                                           const std::filesystem::path& folder);

/// Why a scenario was not searched, and what the program ends with.
struct Refused {
  ExitCode code = ExitCode::kBadInput;
  InputError error;
};

/// What stands in the way of keeping these scenarios under --checkpoint, seen before anything is searched: the folder
/// cannot be written, or what is in it belongs to somebody else.
[[nodiscard]] std::optional<Refused> checkpoint_obstacle(const CommandLine& line,
                                                         const std::vector<std::string>& stems);

/// Why a folder could not be opened, as a command says it.
[[nodiscard]] Refused refused(const Checkpoint::Refusal& refusal);

/// Searches one instance; under --checkpoint it is handed over from time to time, and with --resume it is taken up
/// where it stood. Refused if the folder cannot be used, or if what it holds is corrupt or of another search.
template <Printable M>
[[nodiscard]] std::variant<Answered, Refused> lasting_answer_of(const Instance<M>& instance, const CommandLine& line,
                                                                const ProgramInfo& info,
                                                                const std::vector<CatalogueEntry>& catalogue,
                                                                Console& console, const std::string& stem) {
  using enum ExitCode;
  if (!line.checkpoint) return answer_of(instance, line, info, catalogue, console).answered;
  const std::filesystem::path folder = *line.checkpoint / stem;
  const Identity identity = identity_of(instance.path, instance.text, line, limits_of(instance.limits, line.limits),
                                        use_symmetry(instance, line), info);
  Checkpoint checkpoint(folder, identity, line.checkpoint_every,
                        [&](const std::string& what) { console.say(instance.name + ": " + what); });
  const auto notice = [&](const std::string& what) {
    if (!line.quiet) console.say(instance.name + ": " + what);
  };
  if (const std::optional<Checkpoint::Refusal> wrong = checkpoint.open(console.cancel, notice)) return refused(*wrong);
  const bool kept = checkpoint.has_checkpoint() || checkpoint.has_answer();
  if (kept && !line.resume) return Refused{kBadInput, not_asked_to_resume(folder)};
  if (checkpoint.has_answer()) {
    Result<Answered> answered = kept_answer(checkpoint, identity, folder);
    if (!answered.ok()) return Refused{kBadInput, answered.error()};
    return std::move(answered.value());
  }
  if (asks_for_graph<M>(instance.properties) && !line.quiet)
    console.say(instance.name +
                ": promises are judged on every transition, which a checkpoint does not hold; killed, it "
                "begins again");
  std::optional<SavedSearch> saved;
  if (checkpoint.has_checkpoint()) {
    Result<SavedSearch> loaded = checkpoint.load();
    if (!loaded.ok()) return Refused{kBadInput, loaded.error()};
    saved = std::move(loaded.value());
    if (!line.quiet) console.say(instance.name + ": goes on at depth " + std::to_string(saved->levels.size() - 1));
  }
  Attempt attempt = answer_of(instance, line, info, catalogue, console, &checkpoint, saved ? &*saved : nullptr);
  if (!attempt.mismatch.empty()) {
    InputError error;
    error.file = folder.string();
    error.message = "is no checkpoint of this search: " + attempt.mismatch;
    return Refused{kBadInput, error};
  }
  if (!attempt.interrupted) {
    checkpoint.finish(to_json(AnswerFile{attempt.answered.answer, attempt.answered.measured, identity}));
  } else if (checkpoint.has_checkpoint() && !line.quiet) {
    console.say(instance.name + ": the checkpoint is in " + folder.string() + "; go on with --resume");
  }
  return std::move(attempt.answered);
}

}  // namespace mc
