// What every command writes to and looks at: the two streams, colours, the project's root, and the interrupt flag.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>

#include "checker/cli/exit_code.hpp"
#include "checker/core/plain.hpp"
#include "checker/report/colour.hpp"
#include "checker/report/files.hpp"

namespace mc {

struct Console {
  std::string program;  ///< name, for messages
  std::filesystem::path root;
  const std::atomic<bool>* cancel = nullptr;
  Output out{1};
  Output err{2};

  /// Colours on stdout, if it is a terminal and NO_COLOR does not forbid them.
  [[nodiscard]] Colour colour() const;
  /// One message on stderr, after the program's name: plain, and cut if it is long.
  void say(std::string_view message) { err.write(program + ": " + plain_message(message) + "\n"); }
  /// Says what is wrong with an input.
  ExitCode bad_input(const InputError& error) { return refuse(ExitCode::kBadInput, error); }
  /// Says why a command ends; gives the code.
  ExitCode refuse(ExitCode code, const InputError& error) {
    say(error.text());
    return code;
  }
  [[nodiscard]] bool interrupted() const { return cancel != nullptr && cancel->load(); }
};

/// Makes sure that no file that is opened later gets the number of a standard stream that the caller closed: writing to
/// such a stream stays an error.
void reserve_standard_streams();

}  // namespace mc
