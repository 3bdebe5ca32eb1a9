#include "checker/cli/persistence.hpp"

#include <fmt/format.h>

#include <span>

#include "checker/report/files.hpp"

namespace mc {
namespace {

std::string checksum(std::string_view text) {
  return fmt::format("{:016x}", fingerprint(std::as_bytes(std::span(text))));
}

/// A checksum of the program that runs: another build may judge another way without saying so.
std::string build() {
  constexpr std::size_t kBytesMax = std::size_t{1} << 30U;
  static const std::string sum = [] {
    const Result<std::string> program = read_file("/proc/self/exe", kBytesMax);
    return program.ok() ? checksum(program.value()) : "unknown";
  }();
  return sum;
}

template <class Number>
std::string bound(const std::optional<Number>& limit, bool declared) {
  return limit ? std::to_string(*limit) + (declared ? " (declared)" : "") : "none";
}

}  // namespace

Identity identity_of(const std::string& scenario_path, const std::string& scenario_text, const CommandLine& line,
                     const Limits& limits, bool symmetry, const ProgramInfo& info) {
  std::string switches;
  for (const auto& [id, on] : line.settings) switches += id + (on ? "=on " : "=off ");
  return {{"program", info.name + " " + info.version},
          {info.revision_label + " revision", info.revision},
          {"build", build()},
          {"scenario", scenario_path},
          {"scenario text", checksum(scenario_text)},
          {"safeguards", switches.empty() ? "the scenario's own" : switches},
          {"store", std::string(to_string(line.store))},
          {"symmetry", symmetry ? "on" : "off"},
          {"after a violation", line.keep_going ? "goes on" : "stops"},
          {"depth_max", bound(limits.depth_max, limits.depth_declared)},
          {"states_max", bound(limits.states_max, limits.states_declared)}};
}

std::optional<Refused> checkpoint_obstacle(const CommandLine& line, const std::vector<std::string>& stems) {
  if (!line.checkpoint) return std::nullopt;
  for (const std::string& stem : stems) {
    if (!stem.empty() && stem != "." && stem != "..") continue;
    Refused refused;
    refused.error.message =
        "a scenario file whose name without .toml is \"" + stem + "\" cannot name a checkpoint's folder";
    refused.error.hint = "rename the file";
    return refused;
  }
  std::optional<std::string> wrong = try_folder(*line.checkpoint);
  for (std::size_t i = 0; i < stems.size() && !wrong; ++i) wrong = Checkpoint::obstacle(*line.checkpoint / stems[i]);
  if (!wrong) return std::nullopt;
  return refused({Checkpoint::Refusal::Kind::kUnwritable, *wrong});
}

Refused refused(const Checkpoint::Refusal& refusal) {
  Refused refused;
  switch (refusal.kind) {
    case Checkpoint::Refusal::Kind::kUnwritable: refused.code = ExitCode::kCannotWrite; break;
    case Checkpoint::Refusal::Kind::kLocked: refused.code = ExitCode::kBadInput; break;
    case Checkpoint::Refusal::Kind::kInterrupted: refused.code = ExitCode::kInconclusive; break;
  }
  refused.error.message = refusal.message;
  return refused;
}

InputError not_asked_to_resume(const std::filesystem::path& folder) {
  InputError error;
  error.file = folder.string();
  error.message = "holds a checkpoint";
  error.hint = "go on with it by --resume, or remove the folder";
  return error;
}

Result<Answered> kept_answer(const Checkpoint& checkpoint, const Identity& identity,
                             const std::filesystem::path& folder) {
  const Result<std::string> text = checkpoint.answer();
  if (!text.ok()) return text.error();
  Result<AnswerFile> file = parse_answer(text.value(), (folder / "answer.json").string());
  if (!file.ok()) return file.error();
  if (const std::string other = difference(file.value().identity, identity); !other.empty()) {
    InputError error;
    error.file = (folder / "answer.json").string();
    error.message = "is of another search: " + other;
    error.hint = "remove the folder to begin again";
    return error;
  }
  return Answered{std::move(file.value().answer), std::move(file.value().measured)};
}

}  // namespace mc
