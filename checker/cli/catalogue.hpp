// The commands list and explain: what has an id, what it means, where it comes from and where it is used.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checker/cli/console.hpp"
#include "checker/cli/project.hpp"
#include "checker/cli/witnesses.hpp"
#include "checker/core/verdict.hpp"

namespace mc {

/// A scenario as it is listed.
struct ScenarioSummary {
  std::string path;
  std::string question;
  std::string expected;               ///< outcome in words; "no expectation" if there is none
  std::vector<std::string> mentions;  ///< ids
};

/// The lines of `list KIND`; `kind` is one that the command line allows, "scenarios" included. Transitions have a
/// column of how real runs showed them, if there are witnesses: "seen N", "fits N" or "-".
[[nodiscard]] std::string list_text(std::string_view kind, const std::vector<CatalogueEntry>& catalogue,
                                    const std::vector<ScenarioSummary>& scenarios, const Witnesses& witnesses);

/// The same as an array in JSON with an entry on each line: what the catalogue says, without what runs showed.
[[nodiscard]] std::string list_json(std::string_view kind, const std::vector<CatalogueEntry>& catalogue,
                                    const std::vector<ScenarioSummary>& scenarios);

/// The text of `explain`; empty if no entry has this id.
[[nodiscard]] std::string explain_text(std::string_view id, const std::vector<CatalogueEntry>& catalogue,
                                       const std::vector<ScenarioSummary>& scenarios, const Witnesses& witnesses);

/// The ids of the safeguards: what --set takes.
[[nodiscard]] std::vector<std::string> setting_ids(const std::vector<CatalogueEntry>& catalogue);

/// Those of `mentions` that are faults and none of whose transitions fired: their budget bought nothing. A fault
/// without a transition in the catalogue is none.
[[nodiscard]] std::vector<std::string> never_possible(const std::vector<CatalogueEntry>& catalogue,
                                                      const std::vector<std::string>& mentions,
                                                      const std::vector<RuleCount>& coverage);

/// The source of the entry with this id, in words; empty if there is none.
[[nodiscard]] std::string source_of(std::string_view id, const std::vector<CatalogueEntry>& catalogue);

/// The word for a kind: "transition", "property", ...
[[nodiscard]] std::string_view to_string(EntryKind kind);

}  // namespace mc
