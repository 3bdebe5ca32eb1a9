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
  std::uint64_t home = 0;    ///< its first line
  std::uint64_t closed = 0;  ///< what a slot holds once its state is closed: 48 bits, the highest of them set
  std::uint16_t open = 0;    ///< the tag of its slot until then: bits of the fingerprint, the lowest one set
};

/// How fingerprints spread over so many lines. With home h, f * lines = h * 2^64 + low; of `low`, which grows by
/// `lines` from one fingerprint to the next, so many bits are dropped that none are confounded. Home and rest together
/// are the whole fingerprint.
class FingerprintSpread {
 public:
  /// With fewer the rest would not fit 47 bits.
  static constexpr std::uint64_t kLinesMin = std::uint64_t{1} << 17U;

  explicit FingerprintSpread(std::uint64_t lines)
      : lines_(lines), dropped_(static_cast<unsigned>(std::bit_width(lines)) - 1) {}

  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  [[nodiscard]] FingerprintKey key_of(Fingerprint fingerprint) const {
    const Product product = static_cast<Product>(fingerprint) * lines_;
    return {static_cast<std::uint64_t>(product >> 64U), kClosed | static_cast<std::uint64_t>(product) >> dropped_,
            static_cast<std::uint16_t>(fingerprint << 1U | 1U)};
  }
  /// The fingerprint with that home and that content of a closed slot.
  [[nodiscard]] Fingerprint fingerprint_of(std::uint64_t home, std::uint64_t closed) const {
    const Product least = (static_cast<Product>(home) << 64U) + ((closed & ~kClosed) << dropped_);
    return static_cast<Fingerprint>((least + lines_ - 1) / lines_);
  }

  // Every fingerprint has a path of lines: from its home on in steps of its own, so that paths that meet part again. It
  // follows from what a closed slot holds.
  [[nodiscard]] std::uint64_t next(std::uint64_t line, const FingerprintKey& key) const {
    const std::uint64_t to = line + step_of(key.closed);
    return to < lines_ ? to : to - lines_;
  }
  [[nodiscard]] std::uint64_t home_of(std::uint64_t line, std::uint64_t closed, std::uint64_t steps) const {
    const std::uint64_t way = steps * step_of(closed);
    return line >= way ? line - way : line + lines_ - way;
  }

 private:
  __extension__ typedef unsigned __int128 Product;  // NOLINT(modernize-use-using): `using` is no extension
  static constexpr std::uint64_t kClosed = std::uint64_t{1} << 47U;
  [[nodiscard]] static std::uint64_t step_of(std::uint64_t closed) { return 1 + 2 * (closed & 63U); }

  std::uint64_t lines_;
  unsigned dropped_;
};

/// One line. Ten words of 32 bits, ten tags of 16, and a word of ten times three bits. A free slot's word is 0. An open
/// state's has the highest bit clear and holds its place and one; its tag is never 0, and follows at once: a look waits
/// for it. A closed state's word has the highest bit set and is, with the tag, `FingerprintKey::closed`; the three bits
/// are how many steps it stands from its home. A slot whose state had to move away is used and matches nothing.
///
/// Every access is atomic or, in the vector form, one load per aligned word, which the processor does not tear. A slot
/// goes once from free to open within a level; `claim` releases what was written about the state before, and a look
/// acquires it. Closed slots change only between levels.
class FingerprintLine {
 public:
  static constexpr std::size_t kSlots = 10;
  static constexpr std::uint64_t kStepsMax = 7;
  /// Places of open states are smaller.
  static constexpr std::uint64_t kPlacesMax = (std::uint64_t{1} << 31U) - 2;

  struct View {
    bool closed = false;     ///< the state is here and closed; then the rest is not told
    std::uint32_t open = 0;  ///< slots of open states with its tag
    std::uint32_t free = 0;
  };
  struct Closed {
    std::uint64_t content = 0;  ///< FingerprintKey::closed
    std::uint64_t steps = 0;
  };

  explicit FingerprintLine(std::byte* line) : line_(line) {}

  /// What it shows to somebody who is so many steps from home.
  [[nodiscard]] View look(const FingerprintKey& key, std::uint64_t steps) const {
    View view;
#if defined(MC_VECTOR_LINES)
    const auto* const from = reinterpret_cast<const __m128i*>(line_);
    const __m128i zero = _mm_setzero_si128();
    const __m128i closed_word = _mm_set1_epi32(static_cast<int>(key.closed >> 16U));
    const __m128i closed_tag = _mm_set1_epi16(static_cast<short>(key.closed));
    const __m128i open_tag = _mm_set1_epi16(static_cast<short>(key.open));
    std::uint32_t late = 0;
    do {
      // Each word is loaded once, see NarrowLines, and words before tags.
      __m128i part[4] = {_mm_load_si128(from), _mm_load_si128(from + 1),  // NOLINT(modernize-avoid-c-arrays)
                         _mm_load_si128(from + 2), _mm_load_si128(from + 3)};
      for (__m128i& one : part) __asm__("" : "+x"(one));
      const auto words = [&](__m128i wanted) {
        return signs_of(_mm_cmpeq_epi32(part[0], wanted), _mm_cmpeq_epi32(part[1], wanted),
                        _mm_cmpeq_epi32(part[2], wanted));
      };
      const auto tags = [&](__m128i wanted) {
        const __m128i equal = _mm_packs_epi16(_mm_cmpeq_epi16(part[2], wanted), _mm_cmpeq_epi16(part[3], wanted));
        return static_cast<std::uint32_t>(_mm_movemask_epi8(equal)) >> 4U & kAllSlots;
      };
      const std::uint32_t closed = words(closed_word) & tags(closed_tag);
      if (closed != 0 && stands(closed, steps)) {
        view.closed = true;
        return view;
      }
      view.free = words(zero) & kAllSlots;
      const std::uint32_t open = kAllSlots & ~view.free & ~signs_of(part[0], part[1], part[2]);
      view.open = open & tags(open_tag);
      late = open & tags(zero);
      std::atomic_thread_fence(std::memory_order_acquire);
    } while (late != 0);
#else
    std::uint32_t closed = 0;
    for (std::size_t i = 0; i < kSlots; ++i) {
      const std::uint32_t word = word_of(i).load(std::memory_order_acquire);
      if (word == 0) {
        view.free |= 1U << i;
      } else if (word >= kClosedWord) {
        if (content_of(i, word) == key.closed) closed |= 1U << i;
      } else if (tag_in_time(i) == key.open) {
        view.open |= 1U << i;
      }
    }
    view.closed = stands(closed, steps);
#endif
    return view;
  }
  [[nodiscard]] OpenPlace place(std::size_t slot) const { return word_of(slot).load(std::memory_order_acquire) - 1; }
  /// False if the slot is not free any more.
  [[nodiscard]] bool claim(std::size_t slot, const FingerprintKey& key, OpenPlace place) const {
    std::uint32_t free = 0;
    if (!word_of(slot).compare_exchange_strong(free, place + 1, std::memory_order_release, std::memory_order_relaxed)) {
      return false;
    }
    tag_of(slot).store(key.open, std::memory_order_release);
    return true;
  }
  /// Another state of the same fingerprint takes the slot of an open one.
  void replace(std::size_t slot, OpenPlace place) const {
    word_of(slot).store(place + 1, std::memory_order_release);
  }

  // Between levels, thread-safe for different slots.

  /// The slot of the open state with that place.
  [[nodiscard]] std::optional<std::size_t> slot_of(OpenPlace place) const { return slot_with(place + 1); }
  void close(std::size_t slot, const FingerprintKey& key, std::uint64_t steps) const {
    put(slot, static_cast<std::uint32_t>(key.closed >> 16U), static_cast<std::uint16_t>(key.closed));
    // The bits are as they are in a slot that was never closed.
    if (steps > 0) all_steps().fetch_or(bits_of(slot, steps), std::memory_order_relaxed);
  }
  void vacate(std::size_t slot) const { put(slot, kGoneWord, kGoneTag); }
  // The rest while nobody else writes the line.

  /// The first free slot.
  [[nodiscard]] std::optional<std::size_t> free_slot() const {
    return slot_with(0);
  }
  void put_closed(std::size_t slot, const FingerprintKey& key, std::uint64_t steps) const {
    put(slot, static_cast<std::uint32_t>(key.closed >> 16U), static_cast<std::uint16_t>(key.closed));
    if (steps == 0) return;
    const std::uint32_t others = all_steps().load(std::memory_order_relaxed);
    all_steps().store(others | bits_of(slot, steps), std::memory_order_relaxed);
  }
  void put_open(std::size_t slot, const FingerprintKey& key, OpenPlace place) const { put(slot, place + 1, key.open); }
  /// Calls `closed(Closed)` or `open(OpenPlace)` for each state of the line.
  void for_each(const auto& closed, const auto& open) const {
    for (std::size_t i = 0; i < kSlots; ++i) {
      const std::uint32_t word = word_of(i).load(std::memory_order_relaxed);
      if (word == 0) return;  // lines fill from the front
      if (word >= kClosedWord) {
        closed(Closed{content_of(i, word), steps_of(i)});
      } else if (word != kGoneWord) {
        open(static_cast<OpenPlace>(word - 1));
      }
    }
  }

 private:
  static constexpr std::size_t kTagsAt = 4 * kSlots;
  static constexpr std::size_t kStepsAt = kTagsAt + 2 * kSlots;
  static constexpr unsigned kStepBits = 3;
  static constexpr std::uint32_t kAllSlots = (1U << kSlots) - 1;
  static constexpr std::uint32_t kClosedWord = 1U << 31U;
  static constexpr std::uint32_t kGoneWord = kClosedWord - 1;
  static constexpr std::uint16_t kGoneTag = 2;  // no open state has an even one
  static_assert(kStepsAt + sizeof(std::uint32_t) == kLineBytes);
  static_assert(kStepsMax < 1U << kStepBits);

#if defined(MC_VECTOR_LINES)
  // Bit i: the sign of word i.
  [[nodiscard]] static std::uint32_t signs_of(__m128i first, __m128i second, __m128i third) {
    const __m128i packed = _mm_packs_epi16(_mm_packs_epi32(first, second), _mm_packs_epi32(third, third));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(packed)) & kAllSlots;
  }
#endif
  [[nodiscard]] std::atomic_ref<std::uint32_t> word_of(std::size_t slot) const { return word_at(line_, slot); }
  [[nodiscard]] std::atomic_ref<std::uint16_t> tag_of(std::size_t slot) const {
    return std::atomic_ref<std::uint16_t>(reinterpret_cast<std::uint16_t*>(line_ + kTagsAt)[slot]);
  }
  [[nodiscard]] std::atomic_ref<std::uint32_t> all_steps() const {
    return std::atomic_ref<std::uint32_t>(*reinterpret_cast<std::uint32_t*>(line_ + kStepsAt));
  }
  [[nodiscard]] std::uint64_t content_of(std::size_t slot, std::uint32_t word) const {
    return std::uint64_t{word} << 16U | tag_of(slot).load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t steps_of(std::size_t slot) const {
    return all_steps().load(std::memory_order_relaxed) >> kStepBits * slot & kStepsMax;
  }
  [[nodiscard]] static std::uint32_t bits_of(std::size_t slot, std::uint64_t steps) {
    return static_cast<std::uint32_t>(steps << kStepBits * slot);
  }
  void put(std::size_t slot, std::uint32_t word, std::uint16_t tag) const {
    word_of(slot).store(word, std::memory_order_relaxed);
    tag_of(slot).store(tag, std::memory_order_relaxed);
  }
  [[nodiscard]] std::optional<std::size_t> slot_with(std::uint32_t word) const {
#if defined(MC_VECTOR_LINES)
    const auto* const from = reinterpret_cast<const __m128i*>(line_);
    const __m128i wanted = _mm_set1_epi32(static_cast<int>(word));
    const auto equal = [&](int i) { return _mm_cmpeq_epi32(_mm_load_si128(from + i), wanted); };
    const std::uint32_t slots = signs_of(equal(0), equal(1), equal(2));
    if (slots != 0) return static_cast<std::size_t>(std::countr_zero(slots));
#else
    for (std::size_t i = 0; i < kSlots; ++i) {
      if (word_of(i).load(std::memory_order_relaxed) == word) return i;
    }
#endif
    return std::nullopt;
  }
  /// True if one of these closed slots is so many steps from home.
  [[nodiscard]] bool stands(std::uint32_t slots, std::uint64_t steps) const {
    for (; slots != 0; slots &= slots - 1) {
      if (steps_of(static_cast<std::size_t>(std::countr_zero(slots))) == steps) return true;
    }
    return false;
  }
  [[nodiscard]] [[maybe_unused]] std::uint16_t tag_in_time(std::size_t slot) const {
    std::uint16_t tag = 0;
    while (tag == 0) tag = tag_of(slot).load(std::memory_order_acquire);
    return tag;
  }

  std::byte* line_;
};

}  // namespace mc
