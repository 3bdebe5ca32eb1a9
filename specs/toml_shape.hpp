// A first look at the bytes of a scenario file, before the TOML library gets them.
#pragma once

#include <optional>
#include <string_view>

#include "specs/toml_reader.hpp"

namespace raymc {

/// False, with a mistake, for what is too strange to be parsed: brackets that nest too deep and keys of too many parts,
/// for tables are walked and freed by recursion; and characters beyond ASCII outside of texts and comments. TOML has
/// none there, and toml++ 3.3 has undefined behaviour on some ("ü = 1"). Cost: one pass over the bytes.
[[nodiscard]] bool is_plain_toml(Diagnosis& diagnosis, std::string_view text);

}  // namespace raymc
