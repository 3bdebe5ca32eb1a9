#include "checker/cli/releasing.hpp"

#include <algorithm>

#include "checker/cli/results.hpp"
#include "checker/engine/workers.hpp"
#include "checker/report/files.hpp"

namespace mc {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAnswerBytesMax = std::size_t{256} << 20U;

}  // namespace

Result<std::vector<AnswerFile>> answers_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  const fs::path answers = folder / "answers";
  if (!fs::is_directory(answers, failed)) {
    InputError error;
    error.file = answers.string();
    error.message = "is no folder with the answers of a release";
    return error;
  }
  for (const auto& entry : fs::directory_iterator(answers, failed)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<AnswerFile> found;
  for (const fs::path& file : files) {
    const Result<std::string> text = read_file(file, kAnswerBytesMax);
    if (!text.ok()) return text.error();
    Result<AnswerFile> answer = parse_answer(text.value(), file.string());
    if (!answer.ok()) return answer.error();
    found.push_back(std::move(answer.value()));
  }
  return found;
}

Facts environment_of(const CommandLine& line, const ProgramInfo& info) {
  const unsigned threads = threads_possible(threads_wanted(line.threads));
  Facts facts{{"program", info.name + " " + info.version},
              {info.revision_label + " revision", info.revision},
              {"threads", std::to_string(threads)},
              {"store", std::string(to_string(line.store))}};
  for (const std::string& change : line.overrides()) facts.emplace_back("override", change);
  for (const auto& fact : machine_facts()) facts.push_back(fact);
  return facts;
}

bool write_release(const ReleasePage& page, const std::vector<std::string>& stems, const ProgramInfo& info,
                   OutFolder& out) {
  bool written = true;
  const auto write = [&](const std::string& name, const std::string& text) {
    written = out.write(name, text) && written;
  };
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < page.answers.size(); ++i) {
    write("answers/" + stems[i] + ".json", to_json(page.answers[i]));
    answers.push_back(page.answers[i].answer);
  }
  write("golden.tsv", golden_table(answers, info));
  write("coverage.tsv", coverage_table(answers, info));
  write("SUMMARY.md", release_markdown(page));
  write("SUMMARY.html", release_html(page));
  return written;
}

}  // namespace mc
