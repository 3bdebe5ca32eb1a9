#include "model/situation.hpp"

#include <algorithm>
#include <cctype>

#include "model/describe.hpp"
#include "model/ray_model.hpp"

namespace raymc {
namespace {

constexpr std::string_view kMessage = "message";

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The part begins with the words, and no word goes on behind them.
bool begins_with(std::string_view part, std::string_view words) {
  if (!part.starts_with(words)) return false;
  return part.size() == words.size() || !is_word(part[words.size()]) || !is_word(words.back());
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// What stands between commas; what is in brackets is one thing.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{' || c == '[' || c == '(') ++depth;
    if ((c == '}' || c == ']' || c == ')') && depth > 0) --depth;
    if (c != ',' || depth > 0) continue;
    parts.push_back(trimmed(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  parts.push_back(trimmed(text.substr(begin)));
  return parts;
}

/// "n2", "w1", "L3" somewhere in the text.
bool mentions_a_place(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const bool begins = i == 0 || !is_word(text[i - 1]);
    const bool letter = text[i] == 'n' || text[i] == 'w' || text[i] == 'L';
    if (begins && letter && std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0) return true;
  }
  return false;
}

bool is_true_of(const Phrase& phrase, std::string_view label, std::string_view text) {
  if (!has_label(phrase, label)) return false;
  const std::vector<std::string_view> parts = parts_of(text.empty() ? "at rest" : text);
  return std::ranges::all_of(phrase.words, [&parts](const std::string& words) {
    return std::ranges::any_of(parts, [&words](std::string_view part) { return begins_with(part, words); });
  });
}

}  // namespace

std::optional<Phrase> phrase_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Phrase phrase{std::string(text), std::string(trimmed(text.substr(0, colon))), {}};
  for (const std::string_view words : parts_of(text.substr(colon + 1))) {
    if (words.empty()) return std::nullopt;
    phrase.words.emplace_back(words);
  }
  if (phrase.label.empty()) return std::nullopt;
  return phrase;
}

std::vector<std::string> phrase_labels(const Config& config) {
  std::vector<std::string> labels{std::string(kMessage)};
  for (const ComponentText& part : components_of(config, RayModel(config).initial_states().front())) {
    labels.push_back(part.label);
  }
  // Those of nodes that join late are not there at the start.
  for (std::uint8_t n = 0; n < config.nodes(); ++n) labels.push_back("mailbox of " + NodeId{n}.name());
  return labels;
}

bool has_label(const Phrase& phrase, std::string_view label) {
  return label.starts_with(phrase.label) && (label.size() == phrase.label.size() || label[phrase.label.size()] == ' ');
}

bool names_one(const Config& config, const Phrase& phrase) {
  const auto is_part_of_an_owner = [&](const auto& part) {
    return phrase.label == "task " + part.name || phrase.label == "owner " + part.name;
  };
  const bool shared = phrase.label == "GCS" || std::ranges::any_of(config.shape.tasks, is_part_of_an_owner) ||
                      std::ranges::any_of(config.shape.owners, is_part_of_an_owner);
  return !shared || std::ranges::any_of(phrase.words, mentions_a_place);
}

bool occurs(const Config& config, const State& state, const std::vector<Phrase>& phrases) {
  const std::vector<ComponentText> parts = components_of(config, state);
  std::vector<std::string> messages;
  return std::ranges::all_of(phrases, [&](const Phrase& phrase) {
    if (phrase.label != kMessage) {
      return std::ranges::any_of(parts,
                                 [&](const ComponentText& part) { return is_true_of(phrase, part.label, part.text); });
    }
    if (messages.empty()) messages = messages_of(config, state);
    return std::ranges::any_of(messages,
                               [&](const std::string& message) { return is_true_of(phrase, kMessage, message); });
  });
}

}  // namespace raymc
