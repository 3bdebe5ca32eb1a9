// The lines of the exact store's table: 64 bytes of slots, each of which holds a few bits of a fingerprint and the
// index of a state. Two formats, so that a slot takes four bytes as long as that leaves enough bits of the fingerprint.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "checker/core/assert.hpp"
#include "checker/core/fingerprint.hpp"
#include "checker/store/parallel.hpp"

#if defined(__SSE2__) && !defined(MC_PLAIN_THREADS)
#include <emmintrin.h>
#define MC_VECTOR_LINES 1
#endif

namespace mc {

inline constexpr std::size_t kLineBytes = 64;

/// What a look at a line shows; bit i stands for slot i.
struct LineView {
  std::uint32_t matches = 0;  ///< slots in use whose bits of the fingerprint are the wanted ones
  std::uint32_t free = 0;
};

// Every access to a slot is atomic or, in the vector form, one load per aligned word, which the processor does not
// tear. A slot goes once from free to used within a level; `claim` releases what was written about the state before,
// and a look acquires it.
[[nodiscard]] inline std::atomic_ref<std::uint32_t> word_at(std::byte* line, std::size_t slot) {
  return std::atomic_ref<std::uint32_t>(reinterpret_cast<std::uint32_t*>(line)[slot]);
}

/// Sixteen slots of 32 bits: the index and one, below the lowest bits of the fingerprint.
class NarrowLines {
 public:
  static constexpr std::size_t kSlots = 16;
  /// Fewer bits of the fingerprint would let too many states be looked at in vain.
  static constexpr unsigned kIndexBitsMax = 26;

  explicit NarrowLines(unsigned index_bits) : index_bits_(index_bits) {}

  [[nodiscard]] LineView look(std::byte* line, Fingerprint fingerprint) const {
    const std::uint32_t tag = tag_of(fingerprint);
    LineView view;
#if defined(MC_VECTOR_LINES)
    // Each word is loaded once: one that is filled between two loads would be neither a match nor free, and its state
    // would be taken for a new one.
    const Words words = load(line);
    view.free = equal_words(words, _mm_set1_epi32(-1), _mm_setzero_si128());
    view.matches =
        equal_words(words, _mm_set1_epi32(static_cast<int>(~index_mask())), _mm_set1_epi32(static_cast<int>(tag))) &
        ~view.free;
    std::atomic_thread_fence(std::memory_order_acquire);
#else
    for (std::size_t i = 0; i < kSlots; ++i) {
      const std::uint32_t word = word_at(line, i).load(std::memory_order_acquire);
      if (word == 0) {
        view.free |= 1U << i;
      } else if ((word & ~index_mask()) == tag) {
        view.matches |= 1U << i;
      }
    }
#endif
    return view;
  }
  [[nodiscard]] std::uint32_t index(std::byte* line, std::size_t slot) const {
    return (word_at(line, slot).load(std::memory_order_relaxed) & index_mask()) - 1;
  }
  /// False if the slot is not free any more.
  bool claim(std::byte* line, std::size_t slot, Fingerprint fingerprint, std::uint32_t index) const {
    std::uint32_t free = 0;
    return word_at(line, slot)
        .compare_exchange_strong(free, tag_of(fingerprint) | (index + 1), std::memory_order_release,
                                 std::memory_order_relaxed);
  }
  /// Gives a used slot another index.
  void renumber(std::byte* line, std::size_t slot, std::uint32_t index) const {
    const std::uint32_t tag = word_at(line, slot).load(std::memory_order_relaxed) & ~index_mask();
    word_at(line, slot).store(tag | (index + 1), std::memory_order_relaxed);
  }

 private:
  [[nodiscard]] std::uint32_t index_mask() const {
    return (1U << index_bits_) - 1;
  }
  [[nodiscard]] std::uint32_t tag_of(Fingerprint fingerprint) const {
    return static_cast<std::uint32_t>(fingerprint) << index_bits_;
  }
#if defined(MC_VECTOR_LINES)
  struct Words {
    __m128i part[4];  // NOLINT(modernize-avoid-c-arrays)
  };
  [[nodiscard]] static Words load(const std::byte* line) {
    const auto* const from = reinterpret_cast<const __m128i*>(line);
    Words words{{_mm_load_si128(from), _mm_load_si128(from + 1), _mm_load_si128(from + 2), _mm_load_si128(from + 3)}};
    // What the compiler does not see through it cannot load again.
    for (__m128i& part : words.part) __asm__("" : "+x"(part));
    return words;
  }
  // Bit i: word i, masked, equals that of `wanted`.
  [[nodiscard]] static std::uint32_t equal_words(const Words& words, __m128i mask, __m128i wanted) {
    const auto equal = [&](int i) { return _mm_cmpeq_epi32(_mm_and_si128(words.part[i], mask), wanted); };
    const __m128i low = _mm_packs_epi32(equal(0), equal(1));
    const __m128i high = _mm_packs_epi32(equal(2), equal(3));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(low, high)));
  }
#endif

  unsigned index_bits_;
};

/// Twelve slots: the indices and one as 32-bit words, and behind them eight bits of each fingerprint, never all zero. A
/// slot is in use as soon as its index is there; its bits follow at once, and a look waits for them.
class WideLines {
 public:
  static constexpr std::size_t kSlots = 12;

  [[nodiscard]] LineView look(std::byte* line, Fingerprint fingerprint) const {
    LineView view;
    const std::uint8_t tag = tag_of(fingerprint);
#if defined(MC_VECTOR_LINES)
    const auto* const words = reinterpret_cast<const __m128i*>(line);
    std::uint32_t late = 0;
    do {
      const __m128i zero = _mm_setzero_si128();
      const __m128i tags = _mm_load_si128(words + 3);
      const auto empty = [&](int i) { return _mm_cmpeq_epi32(_mm_load_si128(words + i), zero); };
      view.free =
          kAllSlots & mask_of(_mm_packs_epi16(_mm_packs_epi32(empty(0), empty(1)), _mm_packs_epi32(empty(2), zero)));
      view.matches = kAllSlots & ~view.free & mask_of(_mm_cmpeq_epi8(tags, _mm_set1_epi8(static_cast<char>(tag))));
      late = kAllSlots & ~view.free & mask_of(_mm_cmpeq_epi8(tags, zero));
      std::atomic_thread_fence(std::memory_order_acquire);
    } while (late != 0);
#else
    for (std::size_t i = 0; i < kSlots; ++i) {
      if (word_at(line, i).load(std::memory_order_acquire) == 0) {
        view.free |= 1U << i;
      } else if (tag_at(line, i) == tag) {
        view.matches |= 1U << i;
      }
    }
#endif
    return view;
  }
  [[nodiscard]] std::uint32_t index(std::byte* line, std::size_t slot) const {
    return word_at(line, slot).load(std::memory_order_relaxed) - 1;
  }
  /// False if the slot is not free any more.
  bool claim(std::byte* line, std::size_t slot, Fingerprint fingerprint, std::uint32_t index) const {
    std::uint32_t free = 0;
    if (!word_at(line, slot)
             .compare_exchange_strong(free, index + 1, std::memory_order_release, std::memory_order_relaxed)) {
      return false;
    }
    tag_ref(line, slot).store(tag_of(fingerprint), std::memory_order_release);
    return true;
  }
  /// Gives a used slot another index.
  void renumber(std::byte* line, std::size_t slot, std::uint32_t index) const {
    word_at(line, slot).store(index + 1, std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t kTagsAt = 4 * kSlots;
#if defined(MC_VECTOR_LINES)
  static constexpr std::uint32_t kAllSlots = (1U << kSlots) - 1;
  [[nodiscard]] static std::uint32_t mask_of(__m128i bytes) {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
  }
#endif
  [[nodiscard]] static std::uint8_t tag_of(Fingerprint fingerprint) {
    const auto tag = static_cast<std::uint8_t>(fingerprint);
    return tag == 0 ? 1 : tag;
  }
  [[nodiscard]] static std::atomic_ref<std::uint8_t> tag_ref(std::byte* line, std::size_t slot) {
    return std::atomic_ref<std::uint8_t>(reinterpret_cast<std::uint8_t*>(line)[kTagsAt + slot]);
  }
  [[nodiscard]] [[maybe_unused]] static std::uint8_t tag_at(std::byte* line, std::size_t slot) {
    std::uint8_t tag = 0;
    while (tag == 0) tag = tag_ref(line, slot).load(std::memory_order_acquire);
    return tag;
  }
};

}  // namespace mc
