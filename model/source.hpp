// Where in Ray something stands: what rows and safeguards cite.
#pragma once

#include <string_view>

namespace raymc {

/// A file and a symbol of Ray at the pinned revision (model/sources.toml), or of an operating system event.
struct Source {
  std::string_view file;
  std::string_view symbol;
};

}  // namespace raymc
