#include "specs/selection.hpp"

#include <algorithm>

#include "checker/core/nearest.hpp"

namespace raymc {
namespace {

/// Reads one list of entries.
class Selector {
 public:
  Selector(Diagnosis& diagnosis, const Config& config, std::span<const Property> known)
      : diagnosis_(diagnosis), model_(config), known_(known) {}

  void read(const PlacedText& entry) {
    const std::string_view text = entry.text;
    if (text.starts_with('-')) return drop(entry, text.substr(1));
    if (text == kDefaultSelection) return add_applying(is_default);
    if (text == "all") {
      return add_applying([](const Property& property) { return property.kind != mc::PropertyKind::kReachable; });
    }
    if (!text.ends_with('*')) return add_named(entry);
    const std::string_view prefix = text.substr(0, text.size() - 1);
    const auto is_meant = [prefix](const Property& property) { return property.id.starts_with(prefix); };
    if (std::ranges::any_of(known_, is_meant)) return add_applying(is_meant);
    unknown(entry, text);
  }

  [[nodiscard]] std::vector<std::string> selected() && { return std::move(ids_); }

 private:
  void add(std::string_view id) {
    if (std::ranges::find(ids_, id) == ids_.end()) ids_.emplace_back(id);
  }

  void add_applying(const auto& is_meant) {
    for (const Property& property : known_) {
      if (is_meant(property) && property.applies(model_)) add(property.id);
    }
  }

  void add_named(const PlacedText& entry) {
    if (std::ranges::find(known_, entry.text, &Property::id) == known_.end()) return unknown(entry, entry.text);
    add(entry.text);
  }

  /// What is excluded has to be there in the catalogue, but not in the selection: it may not apply.
  void drop(const PlacedText& entry, std::string_view text) {
    const bool family = text.ends_with('*');
    const std::string_view name = family ? text.substr(0, text.size() - 1) : text;
    const auto is_meant = [&](std::string_view id) { return family ? id.starts_with(name) : id == name; };
    if (std::ranges::none_of(known_, is_meant, &Property::id)) return unknown(entry, text);
    if (ids_.empty()) {
      diagnosis_.fail(entry.place, "\"" + entry.text + "\" has nothing to be taken from",
                      "begin with \"default\" or \"all\"");
    }
    std::erase_if(ids_, is_meant);
  }

  void unknown(const PlacedText& entry, std::string_view name) {
    std::vector<std::string_view> ids;
    for (const Property& property : known_) ids.push_back(property.id);
    const std::string what = name.ends_with('*') ? "no property begins as in \"" : "unknown property \"";
    diagnosis_.fail(entry.place, what + std::string(name) + "\"", mc::nearest_hint(name, ids, "properties are"));
  }

  Diagnosis& diagnosis_;
  RayModel model_;
  std::span<const Property> known_;
  std::vector<std::string> ids_;
};

}  // namespace

bool is_default(const Property& property) {
  return property.kind == mc::PropertyKind::kInvariant || property.kind == mc::PropertyKind::kQuiescent;
}

std::vector<std::string> selected_properties(Diagnosis& diagnosis, Place place, const std::vector<PlacedText>& entries,
                                             const Config& config, std::span<const Property> known) {
  Selector selector(diagnosis, config, known);
  for (const PlacedText& entry : entries) selector.read(entry);
  if (entries.empty()) selector.read({std::string(kDefaultSelection), place});
  std::vector<std::string> ids = std::move(selector).selected();
  if (ids.empty() && !diagnosis.failed()) {
    diagnosis.fail(place, "check.properties selects no property that applies to this scenario",
                   "`raymc explain ID` says when a property applies");
  }
  return ids;
}

}  // namespace raymc
