// Answers of a release, the table that `release --compare` reads and that a checkpoint keeps: parsed; what is accepted
// is written again, compared with itself, and goes into every report and table.
#include <span>

#include "checker/cli/results.hpp"
#include "checker/core/plain.hpp"
#include "checker/report/answer_file.hpp"
#include "checker/report/ci_formats.hpp"
#include "checker/report/compare.hpp"
#include "checker/report/json.hpp"
#include "checker/report/release.hpp"
#include "checker/report/summary.hpp"
#include "checker/report/text.hpp"
#include "tests/cli/toy.hpp"
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mc::Result<mc::AnswerFile> parsed = mc::parse_answer(mc::fuzz::text_of(data, size), "fuzz.json");
  if (!parsed.ok()) {
    mc::fuzz::expect_plain(mc::plain_message(parsed.error().text()));
    return 0;
  }
  const mc::AnswerFile& file = parsed.value();
  const std::string written = mc::to_json(file);
  const mc::Result<mc::AnswerFile> again = mc::parse_answer(written, "again.json");
  MC_ASSERT(again.ok() && mc::to_json(again.value()) == written, "what is written is read as it was");
  const std::span<const mc::Answer> one(&file.answer, 1);
  mc::ReleasePage page;
  page.answers = {file};
  page.differences = mc::differences(std::span(&again.value(), 1), page.answers);
  MC_ASSERT(page.differences->empty(), "nothing differs from itself");
  const mc::ProgramInfo info = toy::Project{}.info();
  for (const std::string& text :
       {written, mc::json_report(one), mc::json_run(file.answer, file.measured), mc::junit_report(one),
        mc::github_report(file.answer), mc::text_report(file.answer, mc::Colour::kOff, mc::Detail::kFull),
        mc::markdown_summary(one, {}), mc::golden_table(one, info), mc::coverage_table(one, info),
        mc::release_markdown(page), mc::release_html(page)}) {
    mc::fuzz::expect_plain(text);
  }
  return 0;
}
