// The folder of the source tree, for tests that read its files.
#pragma once

#include <string>

namespace raymc::support {

/// Absolute path of the source tree that the tests were built from, without a slash at its end.
[[nodiscard]] std::string source_dir();

}  // namespace raymc::support
