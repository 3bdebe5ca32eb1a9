#include "checker/cli/isolated_jobs.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <list>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace mc {
namespace {

constexpr unsigned kSecondsMax = 600;
/// A child does so many jobs before it makes room for a new one: forking is cheap, and its memory is given back.
constexpr std::uint64_t kBatch = 32;
/// So many of the last bytes on a child's stderr are kept.
constexpr std::size_t kWordsMax = 4096;

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return ends;
}

void write_all(int descriptor, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = write(descriptor, text.data() + done, text.size() - done);
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
    if (wrote < 0 && errno != EINTR) _exit(1);
  }
}

/// One child with its batch. Its answers come as frames of a length and so many bytes, in the order of the numbers.
class Child {
 public:
  Child(std::uint64_t first, std::uint64_t count, const std::function<std::string(std::uint64_t)>& job)
      : next_(first), end_(first + count) {
    const std::array<int, 2> answers = make_pipe();
    const std::array<int, 2> words = make_pipe();
    pid_ = fork();
    if (pid_ < 0) {
      const int error = errno;
      for (const int end : {answers[0], answers[1], words[0], words[1]}) close(end);
      throw std::system_error(error, std::generic_category(), "no process can be started");
    }
    if (pid_ == 0) work(answers[1], words[1], job);
    close(answers[1]);
    close(words[1]);
    answers_ = answers[0];
    words_ = words[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// Ends the child if it is not waited for.
  ~Child() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      int status = 0;
      while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
      }
    }
    close(answers_);
    close(words_);
  }

  [[nodiscard]] std::vector<pollfd> polled() const { return {{answers_, POLLIN, 0}, {words_, POLLIN, 0}}; }
  [[nodiscard]] bool open() const { return open_; }
  [[nodiscard]] std::uint64_t next() const { return next_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }

  /// Reads what there is; gives the answers that are whole.
  std::vector<JobEnd> read_some(bool answers, bool words) {
    if (words) append(words_, said_);
    if (said_.size() > kWordsMax) said_.erase(0, said_.size() - kWordsMax);
    if (answers && !append(answers_, received_)) open_ = false;
    std::vector<JobEnd> ends;
    std::uint32_t length = 0;
    while (received_.size() >= sizeof length) {
      std::memcpy(&length, received_.data(), sizeof length);
      if (received_.size() < sizeof length + length) break;
      ends.push_back({next_++, received_.substr(sizeof length, length), false});
      received_.erase(0, sizeof length + length);
    }
    return ends;
  }

  /// How the process ended; it must have closed its pipe of answers. Waits for it.
  std::string how() {
    while (append(words_, said_)) {
    }
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    std::string text = WIFSIGNALED(status) ? "ended by signal " + std::to_string(WTERMSIG(status))
                                           : "ended with code " + std::to_string(WEXITSTATUS(status));
    while (!said_.empty() && said_.back() == '\n') said_.pop_back();
    const std::string line = said_.substr(said_.find_last_of(std::string_view("\n\0", 2)) + 1);
    if (!line.empty()) text += ": " + line;
    return text;
  }

 private:
  [[noreturn]] void work(int answers, int words, const std::function<std::string(std::uint64_t)>& job) const {
    // The handlers that end a command with a report are the parent's.
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
      if (std::signal(number, SIG_DFL) == SIG_IGN) std::signal(number, SIG_IGN);
    }
    dup2(words, STDERR_FILENO);
    try {
      for (std::uint64_t number = next_; number < end_; ++number) {
        alarm(kSecondsMax);
        write_all(words, std::string(1, '\0'));  // what is said from here on is said by this job
        const std::string text = job(number);
        const auto length = static_cast<std::uint32_t>(text.size());
        std::string frame(sizeof length, '\0');
        std::memcpy(frame.data(), &length, sizeof length);
        write_all(answers, frame + text);
      }
    } catch (const std::exception& failure) {
      write_all(STDERR_FILENO, std::string("exception: ") + failure.what() + "\n");
      _exit(70);
    }
    _exit(0);
  }

  /// False at the end of what there is to read.
  static bool append(int descriptor, std::string& text) {
    std::array<char, 4096> buffer{};
    const ssize_t got = read(descriptor, buffer.data(), buffer.size());
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && errno == EINTR);
  }

  pid_t pid_ = 0;
  int answers_ = -1;
  int words_ = -1;
  std::uint64_t next_;
  std::uint64_t end_;
  bool open_ = true;
  std::string received_;
  std::string said_;
};

/// Hands ends on in the order of their numbers.
class InOrder {
 public:
  InOrder(std::uint64_t first, const std::function<void(const JobEnd&)>& take) : next_(first), take_(take) {}

  void add(JobEnd end) {
    waiting_.emplace(end.number, std::move(end));
    while (!waiting_.empty() && waiting_.begin()->first == next_) {
      take_(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      ++next_;
    }
  }

 private:
  std::uint64_t next_;
  const std::function<void(const JobEnd&)>& take_;
  std::map<std::uint64_t, JobEnd> waiting_;
};

}  // namespace

void run_isolated(std::uint64_t first, std::uint64_t count, unsigned processes,
                  const std::function<std::string(std::uint64_t)>& job, const std::function<void(const JobEnd&)>& take,
                  const std::atomic<bool>* cancel) {
  InOrder ends(first, take);
  std::list<Child> children;
  std::uint64_t begun = first;
  const std::uint64_t end = first + count;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> left;  // of batches whose child died: first number, count
  while (begun < end || !left.empty() || !children.empty()) {
    if (cancel != nullptr && cancel->load()) return;
    while ((begun < end || !left.empty()) && children.size() < processes) {
      const std::uint64_t batch = std::min(kBatch, end - begun);
      const auto [number, size] = left.empty() ? std::pair(begun, batch) : left.back();
      try {
        children.emplace_back(number, size, job);
      } catch (const std::system_error&) {
        if (children.empty()) throw;
        processes = static_cast<unsigned>(children.size());  // the system gives no more than these
        break;
      }
      if (left.empty()) {
        begun += batch;
      } else {
        left.pop_back();
      }
    }
    std::vector<pollfd> polled;
    for (const Child& child : children) {
      for (const pollfd& one : child.polled()) polled.push_back(one);
    }
    if (poll(polled.data(), polled.size(), 100) < 0) continue;  // interrupted
    std::size_t position = 0;
    for (auto child = children.begin(); child != children.end(); position += 2) {
      const bool answers = (polled[position].revents & (POLLIN | POLLHUP)) != 0;
      const bool words = (polled[position + 1].revents & POLLIN) != 0;
      for (JobEnd& one : child->read_some(answers, words)) ends.add(std::move(one));
      if (child->open()) {
        ++child;
        continue;
      }
      const std::uint64_t next = child->next();
      const std::uint64_t last = child->end();
      if (next < last) ends.add({next, child->how(), true});
      child = children.erase(child);
      if (next + 1 < last) left.emplace_back(next + 1, last - next - 1);
    }
  }
}

}  // namespace mc
