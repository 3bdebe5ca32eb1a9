// Internal assertions. They stay on in release builds: a checker that is wrong must stop, not answer.
// Used by every layer for our own bugs only; a user's mistake is an InputError, never an assertion.
#pragma once

namespace mc {

/// Prints the broken condition with its place to stderr and exits with code 70 (a bug in raymc or in the model).
[[noreturn]] void assertion_failed(const char* condition, const char* message, const char* file, int line) noexcept;

}  // namespace mc

/// Requires `condition`; `message` says what it means in words.
#define MC_ASSERT(condition, message)                  \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::mc::assertion_failed(#condition, message, __FILE__, __LINE__))
