#include "checker/report/identity.hpp"

#include <algorithm>

namespace mc {

std::string difference(const Identity& kept, const Identity& now) {
  for (std::size_t i = 0; i < std::max(kept.size(), now.size()); ++i) {
    if (i < kept.size() && i < now.size() && kept[i] == now[i]) continue;
    const std::string& name = i < now.size() ? now[i].first : kept[i].first;
    const std::string then = i < kept.size() ? kept[i].second : "not known";
    const std::string here = i < now.size() ? now[i].second : "not known";
    return "its " + name + " is " + then + ", and here it is " + here;
  }
  return {};
}

}  // namespace mc
