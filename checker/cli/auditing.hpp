// The command audit: is the model what it claims to be, wherever a search goes?
#pragma once

#include <string>

#include "checker/audit/audit.hpp"
#include "checker/cli/answering.hpp"

namespace mc {

/// Searches one instance under audit and writes what was found. A finding is a bug of the model; without one, a search
/// that ended early (other than at a declared bound) is inconclusive.
template <Printable M>
[[nodiscard]] ExitCode audit_instance(const Instance<M>& instance, const CommandLine& line, Console& console) {
  ProgressView view(console.err, instance.name);
  Options options = options_of(instance, line, console, view);
  options.notice = [&](const std::string& what) { console.say(instance.name + ": " + what); };
  const AuditReport<M> report = audit(instance.model, options, instance.properties);
  view.finish();
  std::string text = "audit of " + instance.name + " (" + instance.path + "): ";
  text += report.findings.empty() ? "nothing found" : std::to_string(report.findings.size()) + " found";
  text += "; " + std::to_string(report.verdict.states) + " states, " + std::to_string(report.verdict.transitions) +
          " transitions, depth " + std::to_string(report.verdict.depth) + "\n";
  if (!report.verdict.reason.empty()) text += "  the search ended early: " + report.verdict.reason + "\n";
  for (const AuditFinding<M>& finding : report.findings) {
    text += "  " + std::string(to_string(finding.check)) + " failed: " + std::string(claim(finding.check)) + "\n";
    if (!finding.thrown.empty()) text += "    " + finding.thrown + "\n";
    if (finding.action) text += "    at " + instance.model.name(*finding.action) + "\n";
    for (const std::string& part : instance.model.describe(finding.state)) text += "    in " + part + "\n";
  }
  console.out.write(text);
  if (!report.findings.empty()) return ExitCode::kInternal;
  return report.verdict.outcome == Outcome::kInconclusive ? ExitCode::kInconclusive : ExitCode::kAsExpected;
}

}  // namespace mc
