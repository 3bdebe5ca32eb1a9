#include "checker/engine/resume.hpp"

#include <exception>

namespace mc {

Fingerprint digest_of(const LevelStates& level) {
  constexpr std::uint64_t kPiece = SpilledLevel::kStatesPerPage;
  const std::size_t pieces = (level.size() + kPiece - 1) / kPiece;
  std::vector<Fingerprint> parts(pieces);
  parallel_for(pieces, [&](std::size_t piece) {
    Fingerprint sum = 0;
    level.for_each(piece * kPiece, std::min((piece + 1) * kPiece, level.size()), [&](std::uint64_t rank, auto stored) {
      // Odd factors, so that the place of a state counts.
      sum += fingerprint(stored) * (2 * rank + 1);
    });
    parts[piece] = sum;
  });
  Fingerprint digest = level.size();
  for (const Fingerprint part : parts) digest += part;
  return digest;
}

bool counts_agree(const SavedSearch& saved) {
  const Verdict& verdict = saved.ledger.verdict;
  if (saved.levels.size() != verdict.levels.size() + 1) return false;
  std::uint64_t states = 0;
  for (const std::uint64_t level : verdict.levels) states += level;
  return verdict.states == states && verdict.depth == (verdict.levels.empty() ? 0 : verdict.levels.size() - 1);
}

void HandOver::begin_level(const LevelStates& level, const Ledger& ledger) {
  if (keeper_ == nullptr) return;
  digest_ = digest_of(level);
  ledger_ = ledger.saved();
  frontier_ = level.level();
  if (frontier_->depth > 0 && keeper_->due()) interrupted();
}

void HandOver::interrupted() noexcept try {
  if (keeper_ == nullptr || !frontier_) return;
  SavedSearch saved;
  saved.ledger = ledger_;
  saved.digest = digest_;
  saved.first_level = keeper_->levels_kept();
  for (std::size_t level = saved.first_level; level <= frontier_->depth; ++level) {
    const StateId first = links_.first_of(level);
    const StateId end =
        level == frontier_->depth ? StateId{first.value + frontier_->size()} : links_.first_of(level + 1);
    LinkPacker packer;
    links_.for_each(first, end.value - first.value, [&](Link link) { packer.add(link); });
    saved.levels.push_back({end.value - first.value, packer.take()});
  }
  keeper_->save(saved);
} catch (const std::exception&) {
  // Out of memory: what was kept before stays, and the search says itself why it ends.
}

}  // namespace mc
