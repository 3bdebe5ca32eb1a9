#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checker/report/trace_views.hpp"
#include "checker/report/trace_words.hpp"

namespace mc {
namespace {

/// How much is told, from everything to what fits.
enum class Detail { kAll, kChain, kMessagesOnly };

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' ' || c == '.' ||
         c == ',' || c == '_' || c == '(' || c == ')' || c == '/' || c == '\'';
}

/// The code point at the front of the text, and the bytes it takes; a byte that is no UTF-8 is the replacement.
std::pair<std::uint32_t, std::size_t> code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  const std::size_t length = first < 0x80        ? 1
                             : first >> 5U == 6  ? 2
                             : first >> 4U == 14 ? 3
                             : first >> 3U == 30 ? 4
                                                 : 0;
  if (length == 0 || text.size() < length) return {0xfffd, 1};
  std::uint32_t value = length == 1 ? first : first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6U != 2) return {0xfffd, 1};
    value = value << 6U | (byte(i) & 0x3fU);
  }
  return {value, length};
}

/// Everything that could mean something to Mermaid becomes a numeric entity of its; no word is left that it knows.
std::string escaped(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const auto [value, length] = code_point(text);
    const bool word = text.size() >= 3 && (text[0] == 'e' || text[0] == 'E') && (text[1] == 'n' || text[1] == 'N') &&
                      (text[2] == 'd' || text[2] == 'D');
    if (value < 0x80 && is_plain(text[0]) && !word) {
      safe += text[0];
    } else if (value < 0x20) {
      safe += ' ';
    } else {
      safe += fmt::format("#{};", value);
    }
    text.remove_prefix(length);
  }
  return safe;
}

class Mermaid {
 public:
  Mermaid(const TraceFile& trace, Detail detail)
      : trace_(trace), detail_(detail), lanes_(lanes_in_use(trace)), sent_(trace.messages.size(), 0) {
    for (const ChainLink& link : trace.chain) chain_.insert(link.step);
  }

  std::string write() {
    out_ = "sequenceDiagram\n";
    for (const std::size_t lane : lanes_) {
      out_ += fmt::format("  participant p{} as {}\n", lane, escaped(trace_.lanes[lane].label));
    }
    // Mermaid draws nothing without a participant.
    if (lanes_.empty()) out_ += "  participant p0 as protocol\n";
    note(std::nullopt, title_words(trace_));
    for (const MessageMark& mark : trace_.start.messages) message(mark, 0);
    std::size_t folded = 0;
    for (std::size_t i = 0; i < trace_.steps.size(); ++i) {
      if (trace_.loop && i == *trace_.loop) {
        fold(folded, i);
        out_ += "  loop for ever\n";
      }
      if (is_told(i)) {
        fold(folded, i);
        step(i);
      } else {
        ++folded;
      }
    }
    fold(folded, trace_.steps.size());
    if (trace_.loop) out_ += "  end\n";
    note(std::nullopt, verdict_words(trace_));
    return out_;
  }

 private:
  [[nodiscard]] bool is_told(std::size_t index) const {
    const TraceStep& step = trace_.steps[index];
    return detail_ == Detail::kAll || step.fault || chain_.count(index + 1) != 0;
  }

  void fold(std::size_t& count, std::size_t before) {
    if (count > 0) note(std::nullopt, "steps " + range_words(before - count + 1, before) + " are left out");
    count = 0;
  }

  void note(std::optional<std::size_t> lane, const std::string& text) {
    const std::size_t first = lanes_.empty() ? 0 : lanes_.front();
    const std::size_t last = lanes_.empty() ? 0 : lanes_.back();
    if (lane) {
      out_ += fmt::format("  Note over p{}: {}\n", *lane, escaped(text));
    } else if (first == last) {
      out_ += fmt::format("  Note over p{}: {}\n", first, escaped(text));
    } else {
      out_ += fmt::format("  Note over p{},p{}: {}\n", first, last, escaped(text));
    }
  }

  void step(std::size_t index) {
    const TraceStep& step = trace_.steps[index];
    if (step.fault) out_ += "  rect rgb(255, 225, 200)\n";
    for (const MessageMark& mark : step.messages) {
      if (mark.event != MessageEvent::kSent) message(mark, index + 1);
    }
    if (detail_ != Detail::kMessagesOnly || step.fault) {
      note(step.lane, fmt::format("{} {}{}", index + 1, step.fault ? "FAULT " : "", step.sentence));
    }
    for (const ProcessMark& mark : step.processes) {
      if (detail_ != Detail::kAll && mark.by) continue;
      note(mark.by ? mark.by : std::optional(mark.lane), process_words(trace_, mark));
    }
    for (const MessageMark& mark : step.messages) {
      if (mark.event == MessageEvent::kSent) sent_[mark.message] = index + 1;
      // What is sent and lost in one step is lost after its sending.
      if (mark.event == MessageEvent::kLost && sent_[mark.message] == index + 1) arrow(mark, index + 1);
    }
    if (step.fault) out_ += "  end\n";
  }

  void message(const MessageMark& mark, std::size_t number) {
    if (mark.event == MessageEvent::kSent) return;
    const bool at_once = mark.event == MessageEvent::kLost && number > 0 && was_sent_in(mark.message, number);
    if (!at_once) arrow(mark, number);
  }

  [[nodiscard]] bool was_sent_in(std::size_t message, std::size_t number) const {
    const std::vector<MessageMark>& marks = trace_.steps[number - 1].messages;
    return std::any_of(marks.begin(), marks.end(), [&](const MessageMark& mark) {
      return mark.message == message && mark.event == MessageEvent::kSent;
    });
  }

  void arrow(const MessageMark& mark, std::size_t number) {
    const TraceMessage& message = trace_.messages[mark.message];
    std::string when = sent_[mark.message] == 0 ? "" : fmt::format(", sent in {}", sent_[mark.message]);
    if (sent_[mark.message] == number && mark.event == MessageEvent::kLost) when = ", never arrives";
    std::string_view line;
    switch (mark.event) {
      case MessageEvent::kReceived:
      case MessageEvent::kHeld: line = "->>"; break;
      case MessageEvent::kLost: line = "-x"; break;
      case MessageEvent::kSent:
      case MessageEvent::kReleased: return;
    }
    if (mark.event == MessageEvent::kLost && when != ", never arrives") when += ", lost";
    out_ += fmt::format("  p{}{}p{}: {}{}\n", message.from, line, message.to, escaped(message.label), escaped(when));
  }

  const TraceFile& trace_;
  const Detail detail_;
  const std::vector<std::size_t> lanes_;
  std::vector<std::size_t> sent_;  ///< step in which each message was sent
  std::set<std::size_t> chain_;
  std::string out_;
};

/// Whole lines from the front, with a note that says that it goes on.
std::string cut(std::string text, const TraceFile& trace) {
  text.resize(text.rfind('\n', kMermaidBytesMax - 200) + 1);
  // What was open must be closed.
  std::size_t open = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const std::string_view line = std::string_view(text).substr(at, 7);
    if (line.starts_with("  loop ") || line.starts_with("  rect ")) ++open;
    if (line.starts_with("  end\n")) --open;
  }
  for (; open > 0; --open) text += "  end\n";
  const std::vector<std::size_t> lanes = lanes_in_use(trace);
  return text + fmt::format("  Note over p{}: the rest is left out\n", lanes.empty() ? 0 : lanes.front());
}

}  // namespace

std::string mermaid_view(const TraceFile& trace) {
  std::string text;
  for (const Detail detail : {Detail::kAll, Detail::kChain, Detail::kMessagesOnly}) {
    text = Mermaid(trace, detail).write();
    if (text.size() <= kMermaidBytesMax) return text;
  }
  return cut(std::move(text), trace);
}

}  // namespace mc
