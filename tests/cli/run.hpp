// Starts the toy program as a process of its own, the way a shell would, and looks at what it leaves behind.
#pragma once

#include <string>
#include <string_view>

namespace toy {

/// What a command left.
struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// A folder of its own for one test, empty at first; removed at the end. Holds scenarios/seed.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  /// Writes a file below the folder and gives its path.
  std::string write(const std::string& name, std::string_view text) const;
  [[nodiscard]] std::string read(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const;
  [[nodiscard]] const std::string& path() const { return path_; }

  /// Runs `toy ARGUMENTS` in the folder; `arguments` is shell text, so it may redirect.
  [[nodiscard]] Ran run(const std::string& arguments) const;
  /// Runs a whole shell command in the folder, with $TOY as the program.
  [[nodiscard]] Ran shell(const std::string& command) const;

 private:
  std::string path_;
};

/// Shell text: waits until the last process that was started in the background has written into a file. If that
/// process ends before, the shell says so and exits with code 99.
[[nodiscard]] std::string wait_for(const std::string& file);

/// Makes a device of the test's own that takes or refuses everything, as /dev/null (minor 3) and /dev/full (minor 7)
/// do: a fault must not cost the machine its own. False where that is not allowed.
[[nodiscard]] bool make_device(const std::string& path, unsigned minor);

/// Compares with tests/cli/golden/NAME byte for byte; with RAYMC_APPROVE=1 in the environment it writes the file
/// instead.
void expect_golden(const std::string& name, const std::string& text);

// Scenarios of the toy.
inline constexpr std::string_view kHolds =
    "question Is the lock exclusive?\ncheck M1.exclusive\ncheck M3.is_taken\ncrashes 1\nexpect holds\nexpect_states "
    "7\n";
inline constexpr std::string_view kBroken =
    "question And without the fence?\nfence off\ncheck M3.is_taken\ncheck M1.exclusive\n";
inline constexpr std::string_view kQuiet = "question Does a node live?\ncrashes 2\ncheck M2.someone_lives\n";
inline constexpr std::string_view kUnreached = "question Do three crash?\ncheck M4.is_idle_after_two\n";
inline constexpr std::string_view kOverflow = "question Do they fit?\ncrashes 2\ncapacity 1\ncheck M1.exclusive\n";
inline constexpr std::string_view kBounded =
    "question And early on?\ndepth 1\ncheck M1.exclusive\nexpect holds within bounds\n";
inline constexpr std::string_view kDefect = "question Is it noticed?\nfence off\ncheck M1.exclusive\nexpect violated\n";
inline constexpr std::string_view kEndless = "question Does it end?\ncells 24\ncheck M1.exclusive\n";

}  // namespace toy
