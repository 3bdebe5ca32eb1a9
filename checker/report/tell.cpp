#include "checker/report/tell.hpp"

namespace mc {

FiredRule rule_of(std::string_view id, const std::string& source) {
  const std::size_t colon = source.find(": ");
  if (colon == std::string::npos) return {std::string(id), "", source};
  return {std::string(id), source.substr(0, colon), source.substr(colon + 2)};
}

Scene scene_of_lines(const std::vector<std::string>& lines) {
  Scene scene;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) {
      scene.lines.push_back({line, std::nullopt, "present"});
    } else {
      scene.lines.push_back({line.substr(0, colon), std::nullopt, line.substr(colon + 2)});
    }
  }
  return scene;
}

std::size_t SceneTeller::number_of(const SceneLine& line) {
  for (std::size_t i = 0; i < told_.components.size(); ++i) {
    if (told_.components[i].label == line.label) return i;
  }
  told_.components.push_back({line.label, line.lane});
  texts_.emplace_back();
  return told_.components.size() - 1;
}

void SceneTeller::begin(const Scene& scene) {
  for (const SceneLine& line : scene.lines) texts_[number_of(line)] = line.text;
  told_.start.components = texts_;
  staging_.begin(scene, told_.start);
}

void SceneTeller::advance(const Scene& scene, const StageStep& stage, TraceStep step) {
  std::vector<std::string> now(texts_.size());
  for (const SceneLine& line : scene.lines) {
    const std::size_t number = number_of(line);
    if (number >= now.size()) now.resize(number + 1);
    now[number] = line.text;
  }
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i] != texts_[i]) step.changes.push_back({i, now[i]});
  }
  texts_ = std::move(now);
  staging_.advance(scene, stage, step);
  told_.steps.push_back(std::move(step));
}

void SceneTeller::finish() {
  told_.start.components.resize(told_.components.size());
  told_.messages = staging_.messages();
}

}  // namespace mc
