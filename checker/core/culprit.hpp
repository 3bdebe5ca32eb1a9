// Names what breaks a property, with values. A predicate that stops at an element of a state notes that element;
// the note is taken only while a violated state is explained, and costs a search nothing but a look at a pointer
// where a predicate is false.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "checker/core/property.hpp"

namespace mc {

namespace culprit_detail {
/// Where notes go; null in a search. Each thread has its own.
inline thread_local std::vector<std::string>* notes = nullptr;
}  // namespace culprit_detail

/// Called by a predicate that is about to be false: `words()` names on what it stopped, with values, such as
/// "n1 leaks 1 CPU: 0 free + 0 held by leases, of 1". They are asked for only if somebody listens.
template <class Words>
void note_culprit(const Words& words) {
  if (culprit_detail::notes == nullptr) return;
  std::vector<std::string>* const listening = std::exchange(culprit_detail::notes, nullptr);
  listening->push_back(words());
  culprit_detail::notes = listening;
}

/// What the property's predicate notes in a state that breaks it, each once, the innermost first; empty if it notes
/// nothing. Throws what the predicate throws.
template <class M>
[[nodiscard]] std::vector<std::string> culprits_of(const Property<M>& property, const M& model,
                                                   const typename M::State& state) {
  struct Listening {
    explicit Listening(std::vector<std::string>& notes) { culprit_detail::notes = &notes; }
    ~Listening() { culprit_detail::notes = nullptr; }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;
  };
  std::vector<std::string> notes;
  {
    const Listening listening(notes);
    if (property.holds(model, state)) notes.clear();
  }
  std::vector<std::string> once;
  for (std::string& note : notes) {
    if (std::find(once.begin(), once.end(), note) == once.end()) once.push_back(std::move(note));
  }
  return once;
}

/// The same as lines, each after `indent`.
template <class M>
[[nodiscard]] std::string culprit_lines(const Property<M>& property, const M& model, const typename M::State& state,
                                        const std::string& indent) {
  std::string text;
  for (const std::string& culprit : culprits_of(property, model, state)) text += indent + culprit + "\n";
  return text;
}

}  // namespace mc
