#include "checker/cli/what_if.hpp"

#include "checker/report/trace_words.hpp"

namespace mc {

std::string scene_difference(const Scene& then, const Scene& now) {
  const auto text_of = [](const Scene& scene, const std::string& label) {
    const auto found = std::find_if(scene.lines.begin(), scene.lines.end(),
                                    [&](const SceneLine& line) { return line.label == label; });
    return found == scene.lines.end() ? std::string() : found->text;
  };
  const auto keys_of = [](const Scene& scene) {
    std::vector<std::string> keys;
    for (const Packet& packet : scene.packets) keys.push_back(packet.label);
    std::sort(keys.begin(), keys.end());
    return keys;
  };
  std::string text;
  for (const SceneLine& line : now.lines) {
    const std::string before = text_of(then, line.label);
    if (before != line.text) text += "    " + line.label + ": " + changed_words(before, line.text) + "\n";
  }
  std::vector<std::string> only_then;
  std::vector<std::string> only_now;
  const std::vector<std::string> old_keys = keys_of(then);
  const std::vector<std::string> new_keys = keys_of(now);
  std::set_difference(old_keys.begin(), old_keys.end(), new_keys.begin(), new_keys.end(),
                      std::back_inserter(only_then));
  std::set_difference(new_keys.begin(), new_keys.end(), old_keys.begin(), old_keys.end(), std::back_inserter(only_now));
  for (const std::string& key : only_then) text += "    no message " + key + "\n";
  for (const std::string& key : only_now) text += "    message " + key + "\n";
  return text.empty() ? "    in nothing that the state's description shows\n" : text;
}

}  // namespace mc
