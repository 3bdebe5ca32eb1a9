// The lines of the fingerprint store's table: 64 bytes with ten slots of 48 bits, and three bits for each that tell how
// far a closed state stands from its home. What a slot does not hold of a fingerprint follows from where it stands.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "checker/core/assert.hpp"
#include "checker/core/fingerprint.hpp"
#include "checker/store/lines.hpp"
#include "checker/store/open_area.hpp"

namespace mc {

/// Where a fingerprint belongs in a table, and what a slot there holds of it.
struct FingerprintKey {
  std::uint64_t home = 0;  ///< its first line
  std::uint64_t rest = 0;  ///< with the home, all of it: 48 bits, the highest of them set
};

/// How fingerprints spread over so many lines. With home h, f * lines = h * 2^64 + low; of `low`, which grows by
/// `lines` from one fingerprint to the next, so many bits are dropped that none are confounded. Home and rest together
/// are the whole fingerprint.
class FingerprintSpread {
 public:
  /// With fewer the rest would not fit 47 bits.
  static constexpr std::uint64_t kLinesMin = std::uint64_t{1} << 17U;

  explicit FingerprintSpread(std::uint64_t lines)
      : lines_(lines),
        dropped_(static_cast<unsigned>(std::bit_width(lines)) - 1),
        inverse_(static_cast<std::uint64_t>(((static_cast<Product>(1) << (64 + dropped_)) - 1) / lines)) {}

  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  [[nodiscard]] FingerprintKey key_of(Fingerprint fingerprint) const {
    const Product product = static_cast<Product>(fingerprint) * lines_;
    return {static_cast<std::uint64_t>(product >> 64U), kHighest | static_cast<std::uint64_t>(product) >> dropped_};
  }
  [[nodiscard]] Fingerprint fingerprint_of(const FingerprintKey& key) const {
    // The least one whose product reaches home and rest, first from below, which is at most three too low.
    const std::uint64_t rest = key.rest & ~kHighest;
    const Product scaled =
        (static_cast<Product>(key.home << (63 - dropped_)) * inverse_ << 1U) + static_cast<Product>(rest) * inverse_;
    const auto below = static_cast<Fingerprint>(scaled >> 64U);
    const std::uint64_t lack = (rest << dropped_) - below * lines_;
    return below + (lack > 0 ? 1 : 0) + (lack > lines_ ? 1 : 0) + (lack > 2 * lines_ ? 1 : 0);
  }

  // Every fingerprint has a path of lines: from its home on in steps of its own, so that paths that meet part again.
  // Short ones, so that a table is filled from front to back when it is made. They follow from the rest.
  [[nodiscard]] std::uint64_t next(std::uint64_t line, const FingerprintKey& key) const {
    const std::uint64_t to = line + step_of(key.rest);
    return to < lines_ ? to : to - lines_;
  }
  /// The home from which so many steps lead to the line.
  [[nodiscard]] std::uint64_t home_of(std::uint64_t line, std::uint64_t rest, std::uint64_t steps) const {
    const std::uint64_t way = steps * step_of(rest);
    return line >= way ? line - way : line + lines_ - way;
  }

 private:
  __extension__ typedef unsigned __int128 Product;  // NOLINT(modernize-use-using): `using` is no extension
  static constexpr std::uint64_t kHighest = std::uint64_t{1} << 47U;
  [[nodiscard]] static std::uint64_t step_of(std::uint64_t rest) { return 1 + 2 * (rest & 63U); }

  std::uint64_t lines_;
  unsigned dropped_;
  std::uint64_t inverse_;  // 2^dropped_ / lines_, as a fraction of 2^64
};

/// One line. Ten words of 32 bits, ten tags of 16, and a word of ten times three bits. A free slot's word is 0; free
/// slots come last. The tag of a used slot is the lower end of `FingerprintKey::rest`. An open state's word has the
/// highest bit clear and holds its place and one. A closed state's word is the upper end of the rest, which has the
/// highest bit set, and the three bits are how many steps it stands from its home. A slot whose state had to move away
/// has a word that matches nothing.
///
/// Every access is atomic or, in the vector form, one load per aligned word, which the processor does not tear. A slot
/// goes once from free to open within a level: claimed, until the tag is there, and then published, which releases what
/// was written about the state before. A look acquires it, and waits for slots that are being claimed. Closed slots
/// change only between levels.
class FingerprintLine {
 public:
  static constexpr std::size_t kSlots = 10;
  static constexpr std::uint64_t kStepsMax = 7;
  /// Places of open states are smaller.
  static constexpr std::uint64_t kPlacesMax = (std::uint64_t{1} << 31U) - 3;

  struct View {
    bool closed = false;     ///< the state is here and closed; then the rest is not told
    std::uint32_t open = 0;  ///< slots of open states with its tag
    std::uint32_t free = 0;
  };

  struct Guess {
    enum class Kind : std::uint8_t {
      kNobody,
      kElsewhere,  ///< nobody here, but the line is full
      kOpen,       ///< perhaps the open state with that place
      kClosed,     ///< it is here, for certain
    };
    Kind kind = Kind::kNobody;
    OpenPlace place = 0;
  };

  explicit FingerprintLine(std::byte* line) : line_(line) {}

  /// What it shows to somebody who is so many steps from home.
  [[nodiscard]] View look(const FingerprintKey& key, std::uint64_t steps) const {
    View view;
#if defined(MC_VECTOR_LINES)
    std::uint32_t claimed = 0;
    do {
      // Words before tags: those that were published before have theirs.
      const Parts parts = load();
      view = glance(parts.tags(tag_of(key)), key, steps);
      if (view.closed) return view;
      view.free = parts.words(0);
      claimed = parts.words(kClaimedWord);
      std::atomic_thread_fence(std::memory_order_acquire);
    } while (claimed != 0);
#else
    std::uint32_t tagged = 0;
    for (std::size_t i = 0; i < kSlots; ++i) {
      std::uint32_t word = kClaimedWord;
      while (word == kClaimedWord) word = word_of(i).load(std::memory_order_acquire);
      if (word == 0) {
        view.free |= 1U << i;
      } else if (tag_at(i).load(std::memory_order_relaxed) == tag_of(key)) {
        tagged |= 1U << i;
      }
    }
    const View seen = glance(tagged, key, steps);
    view.closed = seen.closed;
    view.open = seen.open;
#endif
    return view;
  }
  /// A guess about the home line, cheaper than a look: who has the tag.
  [[nodiscard]] Guess guess(const FingerprintKey& key) const {
#if defined(MC_VECTOR_LINES)
    const auto* const from = reinterpret_cast<const __m128i*>(line_);
    const std::uint32_t tagged = Parts::tags(_mm_load_si128(from + 2), _mm_load_si128(from + 3), tag_of(key));
    if (tagged != 0) {
      const auto slot = static_cast<std::size_t>(std::countr_zero(tagged));
      // Acquire: what an open word refers to was written before the word.
      const std::uint32_t word = word_of(slot).load(std::memory_order_acquire);
      if (is_open(word)) return {Guess::Kind::kOpen, word - 1};
      if (word == closed_word(key) && steps_of(slot) == 0) return {Guess::Kind::kClosed, 0};
    }
    const bool full = word_of(kSlots - 1).load(std::memory_order_relaxed) != 0;
    return {full ? Guess::Kind::kElsewhere : Guess::Kind::kNobody, 0};
#else
    const View view = look(key, 0);
    if (view.closed) return {Guess::Kind::kClosed, 0};
    if (view.open != 0) return {Guess::Kind::kOpen, place(static_cast<std::size_t>(std::countr_zero(view.open)))};
    return {view.free == 0 ? Guess::Kind::kElsewhere : Guess::Kind::kNobody, 0};
#endif
  }
  [[nodiscard]] OpenPlace place(std::size_t slot) const {
    return word_of(slot).load(std::memory_order_acquire) - 1;
  }
  /// False if the slot is not free any more.
  [[nodiscard]] bool claim(std::size_t slot, const FingerprintKey& key, OpenPlace place) const {
    std::uint32_t free = 0;
    if (!word_of(slot).compare_exchange_strong(free, kClaimedWord, std::memory_order_relaxed)) return false;
    tag_at(slot).store(tag_of(key), std::memory_order_relaxed);
    word_of(slot).store(place + 1, std::memory_order_release);
    return true;
  }
  /// Another state of the same fingerprint takes the slot of an open one.
  void replace(std::size_t slot, OpenPlace place) const {
    word_of(slot).store(place + 1, std::memory_order_release);
  }

  // Between levels, thread-safe for different slots.

  /// The slot of the open state with that place.
  [[nodiscard]] std::optional<std::size_t> slot_of(OpenPlace place) const {
#if defined(MC_VECTOR_LINES)
    const std::uint32_t slots = load().words(place + 1);
    if (slots != 0) return static_cast<std::size_t>(std::countr_zero(slots));
#else
    for (std::size_t i = 0; i < kSlots; ++i) {
      if (word_of(i).load(std::memory_order_relaxed) == place + 1) return i;
    }
#endif
    return std::nullopt;
  }
  /// Closes an open state.
  void close(std::size_t slot, const FingerprintKey& key, std::uint64_t steps) const {
    word_of(slot).store(closed_word(key), std::memory_order_relaxed);
    // The bits are 0 in a slot that was never closed.
    if (steps > 0) all_steps().fetch_or(bits_of(slot, steps), std::memory_order_relaxed);
  }
  void vacate(std::size_t slot) const {
    word_of(slot).store(kGoneWord, std::memory_order_relaxed);
  }

  // While nobody else is at the line.

  /// How many slots are in use.
  [[nodiscard]] std::size_t used() const {
    std::size_t slots = 0;
    while (slots < kSlots && word_of(slots).load(std::memory_order_relaxed) != 0) ++slots;
    return slots;
  }
  void put_closed(std::size_t slot, const FingerprintKey& key, std::uint64_t steps) const {
    put(slot, key, closed_word(key));
    if (steps == 0) return;
    all_steps().store(all_steps().load(std::memory_order_relaxed) | bits_of(slot, steps), std::memory_order_relaxed);
  }
  void put_open(std::size_t slot, const FingerprintKey& key, OpenPlace place) const {
    put(slot, key, place + 1);
  }
  /// Calls `closed(rest, steps)` or `open(place)` for each state of the line.
  void for_each(const auto& closed, const auto& open) const {
    for (std::size_t i = 0; i < kSlots; ++i) {
      const std::uint32_t word = word_of(i).load(std::memory_order_relaxed);
      if (word == 0) return;
      if (word >= kClosedWord) {
        closed(std::uint64_t{word} << kTagBits | tag_at(i).load(std::memory_order_relaxed), steps_of(i));
      } else if (word != kGoneWord) {
        open(static_cast<OpenPlace>(word - 1));
      }
    }
  }

 private:
  static constexpr unsigned kTagBits = 16;
  static constexpr unsigned kStepBits = 3;
  static constexpr std::size_t kTagsAt = 4 * kSlots;
  static constexpr std::size_t kStepsAt = kTagsAt + 2 * kSlots;
  static constexpr std::uint32_t kClosedWord = 1U << 31U;  // and all above
  static constexpr std::uint32_t kClaimedWord = kClosedWord - 1;
  static constexpr std::uint32_t kGoneWord = kClosedWord - 2;
  static_assert(kStepsAt + sizeof(std::uint32_t) == kLineBytes);
  static_assert(kStepsMax < 1U << kStepBits);
  static_assert(kPlacesMax < kGoneWord);

#if defined(MC_VECTOR_LINES)
  struct Parts {
    __m128i part[4];  // NOLINT(modernize-avoid-c-arrays)

    // Bit i: slot i has this word, this tag.
    [[nodiscard]] std::uint32_t words(std::uint32_t wanted) const {
      const __m128i all = _mm_set1_epi32(static_cast<int>(wanted));
      const auto equal = [&](int i) { return _mm_cmpeq_epi32(part[i], all); };
      const __m128i high = _mm_packs_epi32(equal(2), _mm_setzero_si128());
      return mask_of(_mm_packs_epi16(_mm_packs_epi32(equal(0), equal(1)), high)) & kAllSlots;
    }
    [[nodiscard]] std::uint32_t tags(std::uint16_t wanted) const { return tags(part[2], part[3], wanted); }
    [[nodiscard]] static std::uint32_t tags(__m128i first, __m128i second, std::uint16_t wanted) {
      const __m128i all = _mm_set1_epi16(static_cast<short>(wanted));
      return mask_of(_mm_packs_epi16(_mm_cmpeq_epi16(first, all), _mm_cmpeq_epi16(second, all))) >> 4U & kAllSlots;
    }
    [[nodiscard]] static std::uint32_t mask_of(__m128i bytes) {
      return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
    }
    static constexpr std::uint32_t kAllSlots = (1U << kSlots) - 1;
  };
  [[nodiscard]] Parts load() const {
    const auto* from = reinterpret_cast<const __m128i*>(line_);
    const auto next = [&] {
      __m128i part = _mm_load_si128(from++);
      // What the compiler does not see through it cannot load again, see NarrowLines, nor in another order.
      __asm__("" : "+x"(part), "+r"(from));
      return part;
    };
    return {{next(), next(), next(), next()}};
  }
#endif
  /// What those slots show that have the tag.
  [[nodiscard]] View glance(std::uint32_t tagged, const FingerprintKey& key, std::uint64_t steps) const {
    View view;
    for (; tagged != 0; tagged &= tagged - 1) {
      const auto slot = static_cast<std::size_t>(std::countr_zero(tagged));
      const std::uint32_t word = word_of(slot).load(std::memory_order_acquire);
      if (is_open(word)) {
        view.open |= 1U << slot;
      } else if (word == closed_word(key) && steps_of(slot) == steps) {
        view.closed = true;
      }
    }
    return view;
  }

  [[nodiscard]] static bool is_open(std::uint32_t word) {
    return word - 1 < kGoneWord - 1;
  }
  [[nodiscard]] static std::uint16_t tag_of(const FingerprintKey& key) {
    return static_cast<std::uint16_t>(key.rest);
  }
  [[nodiscard]] static std::uint32_t closed_word(const FingerprintKey& key) {
    return static_cast<std::uint32_t>(key.rest >> kTagBits);
  }
  [[nodiscard]] static std::uint32_t bits_of(std::size_t slot, std::uint64_t steps) {
    return static_cast<std::uint32_t>(steps << kStepBits * slot);
  }

  [[nodiscard]] std::atomic_ref<std::uint32_t> word_of(std::size_t slot) const {
    return word_at(line_, slot);
  }
  [[nodiscard]] std::atomic_ref<std::uint16_t> tag_at(std::size_t slot) const {
    return std::atomic_ref<std::uint16_t>(reinterpret_cast<std::uint16_t*>(line_ + kTagsAt)[slot]);
  }
  [[nodiscard]] std::atomic_ref<std::uint32_t> all_steps() const {
    return std::atomic_ref<std::uint32_t>(*reinterpret_cast<std::uint32_t*>(line_ + kStepsAt));
  }
  [[nodiscard]] std::uint64_t steps_of(std::size_t slot) const {
    return all_steps().load(std::memory_order_relaxed) >> kStepBits * slot & kStepsMax;
  }
  void put(std::size_t slot, const FingerprintKey& key, std::uint32_t word) const {
    word_of(slot).store(word, std::memory_order_relaxed);
    tag_at(slot).store(tag_of(key), std::memory_order_relaxed);
  }

  std::byte* line_;
};

}  // namespace mc
