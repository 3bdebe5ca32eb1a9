// A file without a name: gone when it is closed, however the process ends.
#pragma once

#include <filesystem>

namespace mc {

/// Opens one in the folder for reading and writing; -1 with errno set.
[[nodiscard]] int nameless_file(const std::filesystem::path& folder);

}  // namespace mc
