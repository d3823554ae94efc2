#include "hash.h"

#include <cstring>

#define METABONK_INLINE inline __attribute__((always_inline))

namespace metabonk {
namespace {

constexpr uint32_t laneStep = 0x9e3779b9;
constexpr uint32_t spreadEven = 0x9e3779b1;
constexpr uint32_t spreadOdd = 0xc2b2ae3f;
constexpr uint32_t spreadSeal = 0x85ebca77;

// The vectors of one register width. gcc lowers vectors wider than the target's registers badly, so each width is its own set.
struct Wide16 {
  typedef uint32_t Words __attribute__((vector_size(16)));
  typedef int32_t Signed32 __attribute__((vector_size(16)));
  typedef int64_t Signed64 __attribute__((vector_size(16)));
  typedef uint16_t Halves __attribute__((vector_size(16)));
  static METABONK_INLINE Halves reversed(Halves h) {
#if defined(__clang__)
    return __builtin_shufflevector(h, h, 3, 2, 1, 0, 7, 6, 5, 4);
#else
    return __builtin_shuffle(h, Halves{3, 2, 1, 0, 7, 6, 5, 4});
#endif
  }
};

struct Wide32 {
  typedef uint32_t Words __attribute__((vector_size(32)));
  typedef int32_t Signed32 __attribute__((vector_size(32)));
  typedef int64_t Signed64 __attribute__((vector_size(32)));
  typedef uint16_t Halves __attribute__((vector_size(32)));
  static METABONK_INLINE Halves reversed(Halves h) {
#if defined(__clang__)
    return __builtin_shufflevector(h, h, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
#else
    return __builtin_shuffle(h, Halves{3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12});
#endif
  }
};

enum Class : uint32_t { plain, float32, float64 };

// Gives every NaN the one bit pattern that counts.
template <typename W, Class elements>
METABONK_INLINE typename W::Words canonical(typename W::Words words) {
  if constexpr (elements == float32) {
    const auto magnitude = (typename W::Signed32)words & 0x7fffffff;
    const auto isNan = (typename W::Words)(magnitude > 0x7f800000);
    return (words & ~isNan) | (isNan & 0x7fc00000u);
  } else if constexpr (elements == float64) {
    const auto wide = (typename W::Signed64)words;
    const auto isNan = (typename W::Signed64)((wide & 0x7fffffffffffffff) > 0x7ff0000000000000);
    return (typename W::Words)((wide & ~isNan) | (isNan & 0x7ff8000000000000));
  } else {
    return words;
  }
}

METABONK_INLINE uint32_t take(uint32_t state, uint32_t word) {
  const uint32_t mixed = state ^ word;
  return (mixed ^ (mixed >> 15)) * spreadSeal;
}

// Runs one block through fresh lanes.
template <typename W, Class elements>
METABONK_INLINE void absorb(const uint32_t* block, uint32_t words, uint32_t* lanes) {
  constexpr uint32_t width = sizeof(typename W::Words) / sizeof(uint32_t);
  constexpr uint32_t parts = hashLaneCount / width;
  typename W::Words state[parts];
  typename W::Words spread;
  for (uint32_t lane = 0; lane < hashLaneCount; lane++) lanes[lane] = laneStep * (lane + 1);
  std::memcpy(state, lanes, sizeof state);
  for (uint32_t lane = 0; lane < width; lane++) spread[lane] = lane % 2 == 0 ? spreadEven : spreadOdd;
  for (uint32_t at = 0; at < words; at += hashLaneCount) {
    for (uint32_t part = 0; part < parts; part++) {
      typename W::Words row;
      std::memcpy(&row, block + at + part * width, sizeof row);
      row = canonical<W, elements>(row);
      const typename W::Words mixed = state[part] ^ row;
      // The lane beside gets the word with its 16-bit halves exchanged: together, four halves in reverse.
      const auto beside = (typename W::Words)W::reversed((typename W::Halves)row);
      state[part] = ((mixed << 13) | (mixed >> 19)) * spread + beside;
    }
  }
  std::memcpy(lanes, state, sizeof state);
}

template <typename W, Class elements>
METABONK_INLINE void hashBlocks(const uint32_t* memory, const HashJob& job, uint32_t* sum) {
  sum[0] = 0;
  sum[1] = 0;
  for (uint32_t index = job.first; index < job.end; index++) {
    uint32_t lanes[hashLaneCount];
    absorb<W, elements>(memory + job.offset + uint64_t(index) * job.words, job.words, lanes);
    uint32_t low = take(job.seedLow, index);
    uint32_t high = take(job.seedHigh, job.words);
    for (uint32_t lane = 0; lane < hashLaneCount; lane += 2) {
      low = take(low, lanes[lane]);
      high = take(high, lanes[lane + 1]);
    }
    for (int round = 0; round < 3; round++) {
      low = take(low, high);
      high = take(high, low);
    }
    sum[0] += low ^ (low >> 15);
    sum[1] += high ^ (high >> 15);
  }
}

template <typename W>
METABONK_INLINE void hashJobOf(const uint32_t* memory, const HashJob& job, uint32_t* sum) {
  if (job.elementClass == float32) return hashBlocks<W, float32>(memory, job, sum);
  if (job.elementClass == float64) return hashBlocks<W, float64>(memory, job, sum);
  hashBlocks<W, plain>(memory, job, sum);
}

void hashJobPortable(const uint32_t* memory, const HashJob& job, uint32_t* sum) { hashJobOf<Wide16>(memory, job, sum); }

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) void hashJobSse42(const uint32_t* memory, const HashJob& job, uint32_t* sum) {
  hashJobOf<Wide16>(memory, job, sum);
}

__attribute__((target("avx2"))) void hashJobAvx2(const uint32_t* memory, const HashJob& job, uint32_t* sum) {
  hashJobOf<Wide32>(memory, job, sum);
}
#endif

}  // namespace

Isa bestIsa() {
#if defined(__x86_64__)
  // All that avx512_on.h switches on; the last of them came last.
  const bool hasWide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  if (hasWide && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2")) return Isa::avx512;
  if (__builtin_cpu_supports("avx2")) return Isa::avx2;
  if (__builtin_cpu_supports("sse4.2")) return Isa::sse42;
#endif
  return Isa::portable;
}

void hashJob([[maybe_unused]] Isa isa, const uint32_t* memory, const HashJob& job, uint32_t* sum) {
#if defined(__x86_64__)
  if (isa >= Isa::avx2) return hashJobAvx2(memory, job, sum);
  if (isa == Isa::sse42) return hashJobSse42(memory, job, sum);
#endif
  hashJobPortable(memory, job, sum);
}

}  // namespace metabonk
