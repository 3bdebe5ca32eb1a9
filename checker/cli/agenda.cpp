#include "checker/cli/agenda.hpp"

#include <algorithm>

namespace mc {

Agenda::Agenda(const std::vector<Wish>& wishes, const CommandLine& line)
    : budget_(line.budget), budget_text_(line.budget_text) {
  for (std::size_t i = 0; i < wishes.size(); ++i) items.push_back({i, {}});
  if (!budget_) return;
  const std::vector<Grant> grants = divide(*budget_, wishes);
  for (Item& item : items) item.grant = grants[item.position];
  std::stable_sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    return wishes[a.position].importance > wishes[b.position].importance;
  });
}

CommandLine Agenda::line_for(const Item& item, const CommandLine& line) const {
  CommandLine own = line;
  if (!budget_) return own;
  if (item.grant.kind == Grant::Kind::kPart && (!own.limits.states_max || item.grant.states < *own.limits.states_max)) {
    own.limits.states_max = item.grant.states;
    own.limits.states_declared = true;
  }
  own.limits.time_max = own.limits.time_max ? std::min(*own.limits.time_max, left()) : left();
  return own;
}

std::string Agenda::refusal() const {
  return "its share of --budget " + budget_text_ + " is too small for the whole search, and a part decides nothing";
}

std::chrono::milliseconds Agenda::left() const {
  const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start_);
  return std::max(*budget_ - spent, std::chrono::milliseconds(0));
}

bool Agenda::over() const {
  return budget_ && left() == std::chrono::milliseconds(0);
}

}  // namespace mc
