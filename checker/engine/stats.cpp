#include "checker/engine/stats.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>
#include <utility>

namespace mc {

void Tally::note_fired(const RuleSet& rules, std::uint64_t times) {
  using Words = std::array<std::uint64_t, kRulesMax / 64>;
  static_assert(sizeof(RuleSet) == sizeof(Words));
  const Words words = std::bit_cast<Words>(rules);
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (std::uint64_t word = words[i]; word != 0; word &= word - 1) {
      const std::size_t rule = i * 64 + static_cast<std::size_t>(std::countr_zero(word));
      MC_ASSERT(rule < fired.size(), "a fired rule must be among the rules of the model");
      fired[rule] += times;
    }
  }
}

void Tally::note_overflow(Link link, const char* what) {
  if (!overflow || link < overflow->link) overflow = Overflow{link, what};
}

void Tally::merge(const Tally& other) {
  states += other.states;
  transitions += other.transitions;
  taken += other.taken;
  quiescent += other.quiescent;
  cut = cut || other.cut;
  for (std::size_t i = 0; i < fired.size(); ++i) fired[i] += other.fired[i];
  for (std::size_t i = 0; i < first_rank.size(); ++i) first_rank[i] = std::min(first_rank[i], other.first_rank[i]);
  for (std::size_t i = 0; i < occurred.size(); ++i) occurred[i] |= other.occurred[i];
  if (other.overflow) note_overflow(other.overflow->link, other.overflow->what.c_str());
}

Ledger::Ledger(std::vector<Judgement> judgements, std::vector<std::string> rules)
    : kept_(judgements.size(), 0), open_(judgements.size(), 1), first_state_(judgements.size()) {
  for (const Judgement& judgement : judgements) occurred_.push_back(judgement.occurs ? 1 : 0);
  verdict_.judgements = std::move(judgements);
  for (std::string& rule : rules) verdict_.coverage.push_back({std::move(rule), 0});
}

void Ledger::add_level(const Frontier& level, const Tally& tally) {
  verdict_.states += tally.states;
  verdict_.transitions += tally.transitions;
  taken_ += tally.taken;
  verdict_.depth = level.depth;
  verdict_.quiescent += tally.quiescent;
  verdict_.levels.push_back(tally.states);
  for (std::size_t i = 0; i < verdict_.coverage.size(); ++i) verdict_.coverage[i].fired += tally.fired[i];
  for (std::size_t i = 0; i < verdict_.judgements.size(); ++i) {
    if (tally.occurred[i] != 0) note_occurrence(i);
    if (tally.first_rank[i] == kNoRank || first_state_[i]) continue;
    first_state_[i] = StateId{level.first.value + tally.first_rank[i]};
    verdict_.judgements[i].depth = level.depth;
    open_[i] = 0;
    if (verdict_.judgements[i].kind != PropertyKind::kReachable) note_violation(i);
  }
}

void Ledger::note_occurrence(std::size_t property) {
  occurred_[property] = 1;
  verdict_.judgements[property].occurs = true;
}

void Ledger::add_failed_promise(std::size_t property, std::uint32_t depth) {
  verdict_.judgements[property].outcome = Outcome::kViolated;
  verdict_.judgements[property].depth = depth;
  note_violation(property);
}

void Ledger::note_violation(std::size_t property) {
  const auto place = [this](std::size_t i) {
    const Judgement& judgement = verdict_.judgements[i];
    return std::tuple(is_liveness(judgement.kind), judgement.depth, i);
  };
  if (!violated_ || place(property) < place(*violated_)) violated_ = property;
}

SavedLedger Ledger::saved() const {
  SavedLedger saved;
  saved.verdict = verdict_;
  for (const std::optional<StateId>& state : first_state_) {
    saved.first_states.push_back(state ? std::optional(state->value) : std::nullopt);
  }
  return saved;
}

bool Ledger::fits(const SavedLedger& saved) const {
  const auto same_property = [](const Judgement& a, const Judgement& b) {
    return a.property == b.property && a.kind == b.kind;
  };
  // A rule without a name never fires.
  const auto same_rule = [](const RuleCount& a, const RuleCount& b) {
    return a.rule == b.rule && (!a.rule.empty() || a.fired == 0);
  };
  return saved.first_states.size() == first_state_.size() &&
         std::ranges::equal(saved.verdict.judgements, verdict_.judgements, same_property) &&
         std::ranges::equal(saved.verdict.coverage, verdict_.coverage, same_rule);
}

void Ledger::restore(const SavedLedger& saved) {
  restore_counts(saved);
  for (std::size_t i = 0; i < first_state_.size(); ++i) {
    if (saved.verdict.judgements[i].occurs) note_occurrence(i);
    if (!saved.first_states[i]) continue;
    first_state_[i] = StateId{*saved.first_states[i]};
    open_[i] = 0;
    verdict_.judgements[i].depth = saved.verdict.judgements[i].depth;
    if (verdict_.judgements[i].kind != PropertyKind::kReachable) note_violation(i);
  }
}

void Ledger::restore_counts(const SavedLedger& saved) {
  MC_ASSERT(fits(saved), "a ledger is restored from one of the same properties and rules");
  std::vector<Judgement> unjudged = std::move(verdict_.judgements);
  verdict_ = saved.verdict;
  verdict_.judgements = std::move(unjudged);
}

Outcome Ledger::outcome_of(std::size_t property, Stop stop) const {
  const Judgement& judgement = verdict_.judgements[property];
  const bool reachable = judgement.kind == PropertyKind::kReachable;
  if (judgement.outcome == Outcome::kViolated) return Outcome::kViolated;
  if (first_state_[property]) return reachable ? Outcome::kHolds : Outcome::kViolated;
  if (is_liveness(judgement.kind)) {
    // Up to a bound every run is cut off, so that none can be said to keep a promise.
    return stop == Stop::kExhausted && kept_[property] != 0 ? Outcome::kHolds : Outcome::kInconclusive;
  }
  if (stop == Stop::kExhausted) return reachable ? Outcome::kUnreached : Outcome::kHolds;
  return stop == Stop::kDeclaredBound && !reachable ? Outcome::kHoldsWithinBounds : Outcome::kInconclusive;
}

Verdict Ledger::conclude(Stop stop, const std::string& reason) const {
  Verdict verdict = verdict_;
  for (const RuleCount& count : verdict.coverage) {
    MC_ASSERT(!count.rule.empty() || count.fired == 0, "a rule that an instance does not have never fires");
  }
  std::string missing;
  std::string undecided;
  std::string unreached;
  bool open = false;
  for (std::size_t i = 0; i < verdict.judgements.size(); ++i) {
    Judgement& judgement = verdict.judgements[i];
    judgement.outcome = outcome_of(i, stop);
    open = open || judgement.outcome == Outcome::kInconclusive;
    if (judgement.outcome == Outcome::kUnreached && unreached.empty()) unreached = judgement.property;
    if (judgement.outcome != Outcome::kInconclusive) continue;
    if (is_liveness(judgement.kind)) undecided += (undecided.empty() ? "" : ", ") + judgement.property;
    if (judgement.kind == PropertyKind::kReachable) missing += (missing.empty() ? "" : ", ") + judgement.property;
  }
  verdict.reason = reason;
  if (stop == Stop::kViolated && open) verdict.reason = kStoppedAtViolation;
  if (stop == Stop::kDeclaredBound && !undecided.empty()) {
    verdict.reason += "; a bounded search does not decide " + undecided;
  }
  if (stop != Stop::kViolated && !missing.empty()) verdict.reason += "; not reached so far: " + missing;
  if (violated_) {
    verdict.outcome = Outcome::kViolated;
    verdict.violated = verdict.judgements[*violated_].property;
  } else if (stop == Stop::kExhausted && undecided.empty()) {
    verdict.outcome = unreached.empty() ? Outcome::kHolds : Outcome::kUnreached;
    verdict.violated = unreached;
  } else {
    const bool bounded = stop == Stop::kDeclaredBound && undecided.empty();
    verdict.outcome = bounded ? Outcome::kHoldsWithinBounds : Outcome::kInconclusive;
  }
  return verdict;
}

}  // namespace mc
