// What a fuzz target is: one function over bytes that come from anywhere. It must return whatever the bytes are; an
// assert, a signal, a sanitizer's report or an exception that leaves it is a finding.
// Linked either with libFuzzer (-DRAYMC_LIBFUZZER=ON with Clang) or with driver.cpp, which needs no special compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "checker/core/assert.hpp"
#include "checker/core/plain.hpp"

/// The name that libFuzzer asks for. Always gives 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace mc::fuzz {

[[nodiscard]] inline std::string text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// What goes out steers no terminal and commands no runner.
inline void expect_plain(std::string_view text) {
  MC_ASSERT(plain_output(text, Sequences::kGone) == text, "what goes out is plain");
}

}  // namespace mc::fuzz
