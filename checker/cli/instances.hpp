// From arguments to instances: finds the scenario files, reads them, and asks the project to make models of them.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "checker/cli/catalogue.hpp"
#include "checker/cli/console.hpp"
#include "checker/cli/project.hpp"
#include "checker/cli/scenarios.hpp"
#include "checker/core/plain.hpp"

namespace mc {

/// Everything of an instance that is shown and that a scenario or a file system named.
template <Model M>
void make_plain(Instance<M>& instance) {
  for (std::string* text : {&instance.name, &instance.path, &instance.question}) *text = plain_line(*text);
  for (auto& [name, value] : instance.facts) value = plain_line(value);
}

/// The instance of one scenario file.
template <Project P>
[[nodiscard]] Result<Instance<typename P::Model>> load_instance(const P& project, const std::filesystem::path& file,
                                                                const Settings& settings, const Console& console) {
  const Result<std::string> text = read_file(file, kScenarioBytesMax);
  if (!text.ok()) return text.error();
  Result<Instance<typename P::Model>> instance = project.parse(text.value(), file.string(), settings);
  if (instance.ok()) {
    instance.value().path = shown_path(file, console.root);
    make_plain(instance.value());
  }
  return instance;
}

/// All instances that the arguments mean. Every file is read before anything is searched, and every mistake is said;
/// empty if there was one.
template <Project P>
[[nodiscard]] std::vector<Instance<typename P::Model>> load_instances(const P& project,
                                                                      const std::vector<std::filesystem::path>& files,
                                                                      const Settings& settings, Console& console) {
  std::vector<Instance<typename P::Model>> instances;
  bool failed = false;
  for (const std::filesystem::path& file : files) {
    Result<Instance<typename P::Model>> instance = load_instance(project, file, settings, console);
    if (instance.ok()) {
      instances.push_back(std::move(instance.value()));
    } else {
      static_cast<void>(console.bad_input(instance.error()));
      failed = true;
    }
  }
  if (failed) instances.clear();
  return instances;
}

/// All scenarios below the project's scenario folder; those with a mistake are said and left out.
template <Project P>
[[nodiscard]] std::vector<ScenarioSummary> all_scenarios(const P& project, Console& console) {
  const std::filesystem::path folder = console.root / project.info().scenario_folder;
  std::vector<ScenarioSummary> summaries;
  const Result<std::vector<std::filesystem::path>> files = scenario_files({folder.string()}, project.info());
  if (!files.ok()) return summaries;
  for (const std::filesystem::path& file : files.value()) {
    const Result<Instance<typename P::Model>> loaded = load_instance(project, file, {}, console);
    if (!loaded.ok()) {
      static_cast<void>(console.bad_input(loaded.error()));
      continue;
    }
    const Instance<typename P::Model>& instance = loaded.value();
    const std::string expected = instance.expect ? std::string(to_string(instance.expect->outcome)) : "no expectation";
    summaries.push_back({instance.path, instance.question, expected, instance.mentions});
  }
  return summaries;
}

}  // namespace mc
