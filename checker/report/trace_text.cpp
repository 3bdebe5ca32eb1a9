#include "checker/report/trace_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "checker/report/trace_words.hpp"

namespace mc {
namespace {

constexpr std::size_t kLabelWidth = 12;
constexpr std::string_view kIndent = "          ";

std::string steps_word(std::size_t count) {
  return fmt::format("{} {}", count, count == 1 ? "step" : "steps");
}

/// "  (file: symbol)".
std::string source_words(const FiredRule& rule) {
  if (rule.file.empty() && rule.symbol.empty()) return {};
  return rule.file.empty() ? "  (" + rule.symbol + ")" : "  (" + rule.file + ": " + rule.symbol + ")";
}

class TextTrace {
 public:
  TextTrace(const TraceFile& trace, Colour colour)
      : trace_(trace), colour_(colour), texts_(trace.start.components), sent_(trace.messages.size(), 0) {}

  std::string write() {
    const std::string title = "trace of " + steps_word(trace_.steps.size());
    std::string text = painted(title + ending_words(), kBold, colour_);
    text += "\n" + start();
    for (std::size_t i = 0; i < trace_.steps.size(); ++i) {
      if (trace_.loop && i == *trace_.loop)
        text += painted("      from here it goes round for ever", kYellow, colour_) + "\n";
      text += step(i);
    }
    text += ending();
    const std::string verdict = trace_.culprits.empty() ? verdict_words(trace_) : "violated: " + trace_.property;
    const std::size_t word = trace_.kind == TraceFile::kPath ? 0 : verdict.find(':');
    text += painted(verdict.substr(0, word), kRed, colour_) + verdict.substr(word) + "\n";
    for (const std::string& culprit : trace_.culprits) text += "  " + painted(culprit, kBold, colour_) + "\n";
    if (!trace_.culprits.empty()) text += "  claim: " + trace_.claim + "\n";
    return text + why() + rescue();
  }

  std::string write_step(std::size_t number) {
    std::string text = start();
    for (std::size_t i = 0; i < number; ++i) text = step(i);
    return text;
  }

 private:
  [[nodiscard]] std::string ending_words() const {
    if (trace_.kind == TraceFile::kPath) return {};
    return trace_.kind == "overflow" ? " to an overflow" : " to a violation of " + trace_.property;
  }

  std::string start() {
    std::string text = "   0  start\n";
    for (std::size_t i = 0; i < trace_.components.size(); ++i) {
      if (texts_[i].empty()) continue;
      text += fmt::format("{}{}: {}\n", kIndent, trace_.components[i].label, texts_[i]);
    }
    for (const ProcessMark& mark : trace_.start.processes) text += process(mark, false);
    for (const MessageMark& mark : trace_.start.messages) text += message(mark, 0, std::nullopt);
    return text;
  }

  std::string step(std::size_t index) {
    const TraceStep& step = trace_.steps[index];
    std::string sentence = step.sentence;
    if (step.lane) sentence = trace_.lanes[*step.lane].label + ": " + sentence;
    if (step.fault) sentence = painted("FAULT  " + sentence, kYellow, colour_);
    std::string text = fmt::format("{:>4}  {}\n", index + 1, sentence);
    for (const FiredRule& rule : step.rules) {
      text += painted(fmt::format("        by {}{}", rule.id, source_words(rule)), kFaint, colour_) + "\n";
    }
    for (const ProcessMark& mark : step.processes) text += process(mark, step.fault);
    for (const MessageMark& mark : step.messages) text += message(mark, index + 1, step.lane);
    for (const TraceChange& change : step.changes) {
      text += fmt::format("{}{}: {}\n", kIndent, trace_.components[change.component].label,
                          changed_words(texts_[change.component], change.text));
      texts_[change.component] = change.text;
    }
    return text;
  }

  std::string process(const ProcessMark& mark, bool fault) const {
    const std::string words = process_words(trace_, mark);
    const bool ends = mark.event == ProcessEvent::kCrashed || mark.event == ProcessEvent::kEnded;
    return std::string(kIndent) + (ends ? painted(words, fault ? kYellow : kBold, colour_) : words) + "\n";
  }

  /// What happens to a message in step `number`; `actor` is left out where it is understood.
  std::string message(const MessageMark& mark, std::size_t number, std::optional<std::size_t> actor) {
    const TraceMessage& message = trace_.messages[mark.message];
    if (mark.event == MessageEvent::kSent) sent_[mark.message] = number;
    const std::string& from = trace_.lanes[message.from].label;
    const std::string& to = trace_.lanes[message.to].label;
    const std::string when = fmt::format(", sent in step {}", sent_[mark.message]);
    const std::string since = sent_[mark.message] == 0 ? ", sent before the start" : when;
    std::string words;
    switch (mark.event) {
      case MessageEvent::kSent:
        if (message.from == message.to) {
          words = from + " will be told: " + message.label;
        } else {
          words = (actor == message.from ? "" : from + " ") + "-> " + to + ": " + message.label;
        }
        break;
      case MessageEvent::kReceived:
      case MessageEvent::kHeld:
        if (message.from == message.to) return {};
        words = (actor == message.to ? "" : to + " ") + "<- " + from + ": " + message.label + since +
                (mark.event == MessageEvent::kHeld ? ", to be answered later" : "");
        break;
      case MessageEvent::kLost:
        words = painted("LOST  " + from + " -> " + to + ": " + message.label, kYellow, colour_) +
                (sent_[mark.message] == number ? "" : since);
        break;
      case MessageEvent::kReleased: return {};  // the answer says it
    }
    return std::string(kIndent) + words + "\n";
  }

  /// How a run that breaks a promise goes on, and what waits meanwhile.
  [[nodiscard]] std::string ending() const {
    std::string text;
    if (trace_.loop && *trace_.loop == 0) {
      text = "      and so on from the start, for ever\n";
    } else if (trace_.loop) {
      text = fmt::format("      and so on as after step {}, for ever\n", *trace_.loop);
    } else if (trace_.kind == "possible") {
      text = "      a trap: nothing that the protocol can still do leads to what was promised\n" + continuation();
    } else if (trace_.kind == "eventually" || trace_.kind == "leads to" || trace_.kind == "quiescent") {
      text = "      the end: the protocol has nothing left to do\n";
    }
    const bool repeats = trace_.loop || (trace_.continuation && trace_.continuation->loop);
    if (!trace_.waits.empty()) text += repeats ? "waiting all the time\n" : "waiting\n";
    for (const std::string& wait : trace_.waits) text += "  " + wait + "\n";
    return text;
  }

  /// One way for a run to go on that is in a trap.
  [[nodiscard]] std::string continuation() const {
    if (!trace_.continuation) return {};
    const Continuation& run = *trace_.continuation;
    if (run.steps.empty()) return "      the protocol has nothing left to do\n";
    std::string text = "      it goes on, for example\n";
    for (std::size_t i = 0; i < run.steps.size(); ++i) {
      if (run.loop == i) text += painted("      from here it goes round for ever", kYellow, colour_) + "\n";
      text += fmt::format("{:>4}' {}\n", trace_.steps.size() + i + 1, run.steps[i].sentence);
    }
    if (run.rests) return text + "      and the protocol has nothing left to do\n";
    return text + (run.loop ? "      and so on, for ever\n"
                            : fmt::format("      and further; {} steps are shown\n", run.steps.size()));
  }

  [[nodiscard]] std::string why() const {
    if (trace_.chain.empty()) return {};
    const std::size_t end = trace_.chain.back().step;
    std::string text = "\n" + painted("why", kBold, colour_) + "\n";
    const std::string_view where = trace_.kind == "invariant" ? "the violation" : "where nothing can save it any more";
    if (trace_.chain.size() == end) {
      return text + fmt::format("  all of the {} steps up to {} are needed\n", end, where) + orders() + course(end + 1);
    }
    text += fmt::format("  {} of the {} steps up to {} are needed; the others could come later, or not at all\n",
                        trace_.chain.size(), end, where);
    std::size_t next = 1;
    for (const ChainLink& link : trace_.chain) {
      text += folded(next, link.step);
      next = link.step + 1;
      const TraceStep& step = trace_.steps[link.step - 1];
      const std::string sentence = step.fault ? painted("FAULT  " + step.sentence, kYellow, colour_) : step.sentence;
      text += fmt::format("{:>6}  {}{}\n", link.step, sentence, reason_words(link));
    }
    return text + course(next);
  }

  /// Where not only what happens matters, but what happens first.
  [[nodiscard]] std::string orders() const {
    std::string text;
    for (const ChainLink& link : trace_.chain) {
      if (link.before != 0 && link.reason != LinkReason::kEnables)
        text += fmt::format("{:>6}{}\n", link.step, reason_words(link));
    }
    return text;
  }

  /// What follows when nothing can save it any more.
  [[nodiscard]] std::string course(std::size_t next) const {
    if (next > trace_.steps.size()) return {};
    return "        after that it takes its course: step" + std::string(next == trace_.steps.size() ? " " : "s ") +
           range_words(next, trace_.steps.size()) + "\n";
  }

  static std::string folded(std::size_t from, std::size_t to) {
    if (from >= to) return {};
    return "        (" + std::string(from + 1 == to ? "step " : "steps ") + range_words(from, to - 1) +
           (from + 1 == to ? " plays" : " play") + " no part)\n";
  }

  [[nodiscard]] std::string rescue() const {
    if (!trace_.rescue) return {};
    const Rescue& rescue = *trace_.rescue;
    std::string text = "\n" + painted("point of no return", kBold, colour_) + "\n";
    const std::string cost = fmt::format("{} states explored, at most {}", rescue.states, rescue.states_max);
    if (!rescue.decided) return text + "  not decided within the bound: " + cost + "\n";
    if (!rescue.after) {
      return text + "  there is none: from the start on, the protocol alone cannot avoid it (" + cost + ")\n";
    }
    const bool never = *rescue.after == trace_.steps.size();
    if (never) {
      text += "  it never comes: after every step, the last one included, another order would keep the promise";
    } else {
      const bool fault = trace_.steps[*rescue.after].fault;
      text += fmt::format("  step {}{}, after it nothing can", *rescue.after + 1,
                          fault ? ", a fault: without it this could still have been avoided"
                                : ": before it another order could have avoided this");
    }
    text += " (" + cost + ")\n";
    if (rescue.end == RescueEnd::kGoesOn) {
      return text + "  the protocol could have gone on for ever with the claim true all the time\n";
    }
    if (!rescue.steps.empty()) text += never ? "  for example\n" : "  instead of it, for example\n";
    for (std::size_t i = 0; i < rescue.steps.size(); ++i) {
      text += fmt::format("{:>6}' {}\n", *rescue.after + i + 1, rescue.steps[i].sentence);
    }
    text += rescue.end == RescueEnd::kPromised ? "  and what was promised comes true\n"
                                               : "  and the protocol comes to rest with the claim true\n";
    return text;
  }

  const TraceFile& trace_;
  const Colour colour_;
  std::vector<std::string> texts_;  ///< present, of each component
  std::vector<std::size_t> sent_;   ///< step in which each message was sent
};

}  // namespace

std::string text_trace_head(const TraceFile& trace) {
  std::string text = fmt::format("{:<{}}{} ({})\n", "scenario", kLabelWidth, trace.scenario, trace.scenario_path);
  for (const auto& [name, value] : trace.facts) text += fmt::format("{:<{}}{}\n", name, kLabelWidth, value);
  return text + "\n";
}

std::string text_step(const TraceFile& trace, std::size_t number, Colour colour) {
  return TextTrace(trace, colour).write_step(number);
}

std::string text_trace(const TraceFile& trace, Colour colour) {
  return TextTrace(trace, colour).write();
}

}  // namespace mc
