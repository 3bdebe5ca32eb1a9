// Where the source tree and what is built beside the tests lie.
#pragma once

#include <string>

namespace raymc::support {

/// Absolute path of the source tree that the tests were built from, without a slash at its end.
[[nodiscard]] std::string source_dir();

/// Absolute path of the library that keeps a program from having many threads; see few_threads.cpp.
[[nodiscard]] std::string few_threads_library();

}  // namespace raymc::support
