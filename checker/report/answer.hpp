// What a check says, as plain data that every format is written from. Filled by the command line from a search's
// report; knows no model.
//
// Answers stand apart from measurements: an Answer is the same, byte for byte, on any number of threads, with either
// store and on any machine. Store, odds, threads, times and memory are Measurements; they never reach a report on
// stdout, only stderr and the run file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/core/expectation.hpp"
#include "checker/core/verdict.hpp"
#include "checker/engine/canonicalizer.hpp"
#include "checker/report/trace_file.hpp"

namespace mc {

/// How the answer compares with what the scenario's author expects.
struct Comparison {
  enum class Kind : std::uint8_t {
    kNone,         ///< the scenario states no expectation
    kNotCompared,  ///< the command line changed the question
    kMet,
    kMissed,
    kUndecided,  ///< a limit ended the search of the scenario's twin
  };
  Kind kind = Kind::kNone;
  /// kMissed: one per field; kMet: what was looked at besides the verdict; kNotCompared: which options changed the
  /// question.
  std::vector<std::string> lines;
};

/// How the system that an answer is about differs from the one that people run.
enum class Variant : std::uint8_t {
  kAsIs,
  kFixed,     ///< with changes that it does not have
  kWeakened,  ///< without something that it has
};

/// One scenario's answer.
struct Answer {
  std::string scenario;  ///< name
  std::string path;      ///< as the report shows it: relative to the project where it lies in it
  std::string question;
  Facts facts;  ///< shape, faults, bounds, profile, version, revision, in the order in which they are shown
  Variant variant = Variant::kAsIs;
  std::string system;  ///< which system the answer is about, in words: "Ray 8dcdff8 with 2 proposed fixes"
  std::string faults;  ///< what the environment may do, in words: "1 raylet crash"; "no fault"
  std::string bounds;  ///< of the search, in words: "depth at most 24"; empty if there are none
  std::vector<std::string> warnings;  ///< why the verdict may say less than it seems to
  Verdict verdict;
  std::string explored;                 ///< what the search looked at, with its bounds, in words
  std::optional<SymmetryUse> symmetry;  ///< if it was used, or refused
  std::uint64_t representatives = 0;    ///< states that were explored under symmetry
  std::vector<std::string> claims;      ///< in words, in the order of the verdict's judgements
  std::optional<TraceFile> trace;       ///< to the violation or to the overflow
  std::vector<TraceFile> other_traces;  ///< of the other properties that were found violated, in their order
  Comparison comparison;
  int exit_code = 0;
};

/// The path or run that breaks the property; null if none is known.
[[nodiscard]] inline const TraceFile* trace_of(const Answer& answer, const std::string& property) {
  if (answer.trace && answer.trace->property == property) return &*answer.trace;
  for (const TraceFile& trace : answer.other_traces) {
    if (trace.property == property) return &trace;
  }
  return nullptr;
}

/// What breaks the property, with values; empty if it is not broken.
[[nodiscard]] inline std::vector<std::string> culprits_of(const Answer& answer, const std::string& property) {
  const TraceFile* const trace = trace_of(answer, property);
  return trace == nullptr ? std::vector<std::string>{} : trace->culprits;
}

/// A scenario that was not searched.
struct Unrun {
  std::string scenario;  ///< name
  std::string path;
  std::string reason;
};

/// What differs from run to run, and the choices that must not change an answer.
struct Measurements {
  std::string store;
  double omission_odds = 0.0;  ///< upper bound for the probability that a state was omitted; 0 if none can be
  unsigned threads = 1;
  double seconds = 0.0;
  std::uint64_t states = 0;
  std::uint64_t explored = 0;  ///< of these; the others differ from them in names alone
  std::uint64_t taken = 0;     ///< transitions from these
  std::size_t peak_resident_bytes = 0;
};

}  // namespace mc
