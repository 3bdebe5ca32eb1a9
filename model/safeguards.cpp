#include "model/safeguards.hpp"

namespace raymc {

SafeguardSet SafeguardSet::pinned() {
  SafeguardSet set;
  for (const SafeguardRow& row : safeguard_table()) set.set(row.safeguard, row.history.pinned);
  return set;
}

SafeguardSet SafeguardSet::hardened() {
  SafeguardSet set;
  for (const SafeguardRow& row : safeguard_table()) set.set(row.safeguard, row.hardened);
  return set;
}

SafeguardSet SafeguardSet::of(Release release) {
  SafeguardSet set;
  for (const SafeguardRow& row : safeguard_table()) set.set(row.safeguard, row.history.in(release));
  return set;
}

std::optional<Safeguard> find_safeguard(std::string_view id) {
  for (const SafeguardRow& row : safeguard_table()) {
    if (row.id == id) return row.safeguard;
  }
  return std::nullopt;
}

std::string_view id_of(Safeguard safeguard) {
  return safeguard_table()[static_cast<std::size_t>(safeguard)].id;
}

}  // namespace raymc
