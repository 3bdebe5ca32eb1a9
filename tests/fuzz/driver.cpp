// Runs a fuzz target without libFuzzer: every file of the corpus as it is, then a given number of mutations of them,
// which follow from a seed. The runs are done in a child process; if it dies, the parent makes its last input again,
// writes it to a file and fails. So it does if an input takes more than 100 seconds.
// Usage: TARGET --count N [--seed N] [--seconds N] [--ext .toml] CORPUS...
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "checker/core/random.hpp"
#include "tests/fuzz/target.hpp"

namespace {

namespace fs = std::filesystem;

struct Plan {
  std::uint64_t count = 1000;
  std::uint64_t seed = 1;
  std::uint64_t seconds = 0;  ///< 0: no limit
  std::vector<std::string> inputs;
};

void add_corpus(const fs::path& path, const std::string& extension, Plan& plan) {
  std::vector<fs::path> files;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file() && (extension.empty() || entry.path().extension() == extension))
        files.push_back(entry.path());
    }
  } else {
    files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    plan.inputs.push_back(text.str());
  }
}

/// Texts at which parsers have a right to be surprised.
constexpr std::string_view kWords[]{"0",
                                    "-1",
                                    "18446744073709551616",
                                    "1e309",
                                    "\"\"",
                                    "[]",
                                    "{}",
                                    "null",
                                    "true",
                                    "\xff\xfe",
                                    "\n",
                                    "[[[[",
                                    "\\u0000",
                                    "=",
                                    "\"",
                                    "'''",
                                    "#",
                                    "999999999",
                                    "4",
                                    "\xf0\x9f\x92\xa9"};

void mutate_once(std::string& text, const Plan& plan, mc::Random& random) {
  const std::size_t at = random.below(text.size() + 1);
  const std::size_t length =
      std::min<std::size_t>(1 + random.below(std::size_t{1} << random.below(7)), text.size() - at);
  switch (random.below(7)) {
    case 0:
      if (at < text.size())
        text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << random.below(8)));
      return;
    case 1: text.erase(at, length); return;
    case 2: text.insert(at, text.substr(random.below(text.size() + 1), 1 + random.below(64))); return;
    case 3: text.insert(at, kWords[random.below(std::size(kWords))]); return;
    case 4: text.replace(at, length, kWords[random.below(std::size(kWords))]); return;
    case 5: {
      const std::string& other = plan.inputs[random.below(plan.inputs.size())];
      text = text.substr(0, at) + other.substr(random.below(other.size() + 1));
      return;
    }
    default: {
      // A number becomes another number: files that are still well-formed reach further in.
      const std::size_t digit = text.find_first_of("0123456789", at);
      if (digit == std::string::npos) return;
      const std::size_t end = std::min(text.find_first_not_of("0123456789", digit), text.size());
      text.replace(digit, end - digit, std::to_string(random.below(std::uint64_t{1} << random.below(33))));
    }
  }
}

/// The input of one run: the corpus comes first, as it is.
std::string input_of(const Plan& plan, std::uint64_t run) {
  constexpr std::size_t kBytesMax = 1U << 17U;
  if (run < plan.inputs.size()) return plan.inputs[run];
  mc::Random random(plan.seed, run);
  std::string text = plan.inputs[random.below(plan.inputs.size())];
  for (std::uint64_t i = 1 + random.below(6); i > 0; --i) mutate_once(text, plan, random);
  if (text.size() > kBytesMax) text.resize(kBytesMax);
  return text;
}

/// Does all runs; `at` is where the parent looks for the number of the last one.
void run_all(const Plan& plan, volatile std::uint64_t* at) {
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t run = 0; run < plan.inputs.size() + plan.count; ++run) {
    *at = run;
    const std::string text = input_of(plan, run);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    if (plan.seconds > 0 && std::chrono::steady_clock::now() - start > std::chrono::seconds(plan.seconds)) return;
  }
}

/// A number that is given to an option; nothing else goes on.
std::uint64_t number_of(const std::string& option, const std::string& text) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size()) return number;
  std::cerr << option << " takes a number, not \"" << text << "\"\n";
  std::exit(64);
}

Plan plan_of(int argc, char** argv) {
  Plan plan;
  std::string extension;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool has_value = i + 1 < argc;
    if (argument == "--count" && has_value)
      plan.count = number_of(argument, argv[++i]);
    else if (argument == "--seed" && has_value)
      plan.seed = number_of(argument, argv[++i]);
    else if (argument == "--seconds" && has_value)
      plan.seconds = number_of(argument, argv[++i]);
    else if (argument == "--ext" && has_value)
      extension = argv[++i];
    else
      add_corpus(argument, extension, plan);
  }
  return plan;
}

/// Waits for the child; one that stays with an input for too long is ended.
bool wait_for(pid_t child, const volatile std::uint64_t* at, int& status) {
  constexpr auto kHang = std::chrono::seconds(100);
  std::uint64_t seen = *at;
  auto since = std::chrono::steady_clock::now();
  while (true) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended != 0) return ended == child;
    const auto now = std::chrono::steady_clock::now();
    if (*at != seen) {
      seen = *at;
      since = now;
    } else if (now - since > kHang) {
      std::cerr << "the input takes more than " << kHang.count() << " seconds\n";
      ::kill(child, SIGKILL);
      return ::waitpid(child, &status, 0) == child;
    }
    ::usleep(20'000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Plan plan = plan_of(argc, argv);
  if (plan.inputs.empty()) {
    std::cerr << "there is no corpus\n";
    return 2;
  }
  void* const shared =
      ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  auto* const at = static_cast<volatile std::uint64_t*>(shared);
  const pid_t child = ::fork();
  if (child == 0) {
    run_all(plan, at);
    ::_exit(0);
  }
  int status = 0;
  if (child < 0 || !wait_for(child, at, status)) return 2;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    std::cout << *at + 1 << " inputs, of which " << plan.inputs.size() << " from the corpus; seed " << plan.seed
              << "\n";
    return 0;
  }
  const std::string file = "fuzz-finding-" + std::to_string(plan.seed) + "-" + std::to_string(*at);
  std::ofstream(file, std::ios::binary) << input_of(plan, *at);
  std::cerr << "run " << *at << " of seed " << plan.seed << " ended with status " << status << "; its input is in "
            << file << "\n";
  return 1;
}
