// Vectors of registers, for one width of them. A part of draw_kernel.h, which see.

// Pixels that are drawn at once.
constexpr int lanes = DRAW_LANES;
typedef float Floats __attribute__((vector_size(4 * DRAW_LANES)));
typedef int32_t Ints __attribute__((vector_size(4 * DRAW_LANES)));
typedef uint32_t Words __attribute__((vector_size(4 * DRAW_LANES)));
typedef uint16_t Halves __attribute__((vector_size(2 * DRAW_LANES)));

// Things that are reckoned at once, in doubles: triangles of the ground, instances, corners.
constexpr int group = DRAW_GROUP;
constexpr uint32_t groupBits = (1u << DRAW_GROUP) - 1;
typedef double Doubles __attribute__((vector_size(8 * DRAW_GROUP)));
typedef int64_t Longs __attribute__((vector_size(8 * DRAW_GROUP)));
typedef int32_t GroupInts __attribute__((vector_size(4 * DRAW_GROUP)));
typedef uint32_t GroupWords __attribute__((vector_size(4 * DRAW_GROUP)));
typedef float GroupFloats __attribute__((vector_size(4 * DRAW_GROUP)));

typedef int32_t Ints4 __attribute__((vector_size(16)));
typedef float Floats4 __attribute__((vector_size(16)));
typedef double Doubles4 __attribute__((vector_size(32)));

#define DRAW_INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define DRAW_SHUFFLE(v, a, b, c, d) __builtin_shufflevector(v, v, a, b, c, d)
#define DRAW_MERGE(u, v, a, b, c, d) __builtin_shufflevector(u, v, a, b, c, d)
#else
#define DRAW_SHUFFLE(v, a, b, c, d) __builtin_shuffle(v, Ints4{a, b, c, d})
#define DRAW_MERGE(u, v, a, b, c, d) __builtin_shuffle(u, v, Ints4{a, b, c, d})
#endif

template <typename V, typename T>
DRAW_INLINE V load(const T* from) {
  V v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

template <typename V, typename T>
DRAW_INLINE void store(T* to, V v) {
  std::memcpy(to, &v, sizeof v);
}

DRAW_INLINE Floats all(float value) { return value - Floats{}; }
DRAW_INLINE Ints all(int32_t value) { return value - Ints{}; }
DRAW_INLINE GroupInts allOfGroup(int32_t value) { return value - GroupInts{}; }
DRAW_INLINE Doubles allOfGroup(double value) { return value - Doubles{}; }

template <typename V>
DRAW_INLINE V lower(V a, V b) {
  return a < b ? a : b;
}

template <typename V>
DRAW_INLINE V higher(V a, V b) {
  return a > b ? a : b;
}

// The highest bit of every lane.
DRAW_INLINE uint32_t bitsOf4(Ints4 mask) {
#if defined(__SSE2__)
  return uint32_t(_mm_movemask_ps((__m128)mask));
#else
  uint32_t bits = 0;
  for (int lane = 0; lane < 4; lane++) bits |= uint32_t(mask[lane] < 0) << lane;
  return bits;
#endif
}

DRAW_INLINE uint32_t bitsOf(Ints mask) {
#if DRAW_LANES == 16
  return _mm512_movepi32_mask((__m512i)mask);
#elif DRAW_LANES == 8
  return uint32_t(_mm256_movemask_ps((__m256)mask));
#else
  return bitsOf4(mask);
#endif
}

DRAW_INLINE uint32_t bitsOfGroup(GroupInts mask) {
#if DRAW_GROUP == 8
  return uint32_t(_mm256_movemask_ps((__m256)mask));
#else
  return bitsOf4(mask);
#endif
}

// Which of the pixels drawn at once: a bit each, or a lane of bits each, as registers have it.
#if DRAW_LANES == 16
typedef uint16_t Mask;
DRAW_INLINE uint32_t bitsOf(Mask mask) { return mask; }
DRAW_INLINE Mask isEqual(Words a, uint32_t b) { return _mm512_cmpeq_epi32_mask((__m512i)a, _mm512_set1_epi32(int32_t(b))); }
DRAW_INLINE Mask isBelow(Ints a, Ints b) { return _mm512_cmplt_epi32_mask((__m512i)a, (__m512i)b); }
DRAW_INLINE Mask isBelow(Floats a, Floats b) { return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LT_OQ); }
DRAW_INLINE Words chosen(Mask mask, Words a, Words b) { return (Words)_mm512_mask_blend_epi32(mask, (__m512i)b, (__m512i)a); }
DRAW_INLINE Floats floorsOf(Floats v) { return (Floats)_mm512_roundscale_ps((__m512)v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
// The first unless the second is smaller; the second unless the first is greater.
DRAW_INLINE Floats leastOf(Floats v, Floats bound) { return (Floats)_mm512_min_ps((__m512)bound, (__m512)v); }
DRAW_INLINE Floats mostOf(Floats v, Floats bound) { return (Floats)_mm512_max_ps((__m512)v, (__m512)bound); }
#else
typedef Ints Mask;
DRAW_INLINE Mask isEqual(Words a, uint32_t b) { return (Ints)(a == b); }
DRAW_INLINE Mask isBelow(Ints a, Ints b) { return (Ints)(a < b); }
DRAW_INLINE Mask isBelow(Floats a, Floats b) { return (Ints)(a < b); }
DRAW_INLINE Words chosen(Mask mask, Words a, Words b) { return mask ? a : b; }
DRAW_INLINE Floats floorsOf(Floats v) {
#if DRAW_LANES == 8
  return (Floats)_mm256_floor_ps((__m256)v);
#else
  // No more than 2^31 away from 0.
  const Floats whole = __builtin_convertvector(__builtin_convertvector(v, Ints), Floats);
  return whole > v ? whole - 1 : whole;
#endif
}
DRAW_INLINE Floats leastOf(Floats v, Floats bound) { return bound < v ? bound : v; }
DRAW_INLINE Floats mostOf(Floats v, Floats bound) { return v > bound ? v : bound; }
#endif
DRAW_INLINE Ints chosen(Mask mask, Ints a, Ints b) { return (Ints)chosen(mask, (Words)a, (Words)b); }
DRAW_INLINE Floats chosen(Mask mask, Floats a, Floats b) { return (Floats)chosen(mask, (Words)a, (Words)b); }

// Which of a group: a bit each, or a lane of bits each, as registers have it.
#if DRAW_GROUP == 8
typedef uint8_t Which;
DRAW_INLINE uint32_t bitsOf(Which which) { return which; }
DRAW_INLINE Which isBelow(Doubles a, Doubles b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LT_OQ); }
DRAW_INLINE Which isAtMost(Doubles a, Doubles b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LE_OQ); }
DRAW_INLINE Doubles kept(Which which, Doubles v) { return (Doubles)_mm512_maskz_mov_pd(which, (__m512d)v); }
DRAW_INLINE Doubles chosen(Which which, Doubles a, Doubles b) { return (Doubles)_mm512_mask_blend_pd(which, (__m512d)b, (__m512d)a); }
DRAW_INLINE Doubles magnitudes(Doubles v) { return (Doubles)_mm512_abs_pd((__m512d)v); }
// A whole number at or below each: exact up to 2^31, and what lies beyond is nowhere near the space.
DRAW_INLINE Doubles floorsOf(Doubles v) { return (Doubles)_mm512_roundscale_pd((__m512d)v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
#else
typedef Longs Which;
DRAW_INLINE uint32_t bitsOf(Which which) {
#if DRAW_LANES == 8
  return uint32_t(_mm256_movemask_pd((__m256d)which));
#else
  return bitsOf4(__builtin_convertvector(which, Ints4));
#endif
}
DRAW_INLINE Which isBelow(Doubles a, Doubles b) { return (Longs)(a < b); }
DRAW_INLINE Which isAtMost(Doubles a, Doubles b) { return (Longs)(a <= b); }
DRAW_INLINE Doubles kept(Which which, Doubles v) { return (Doubles)(which & (Longs)v); }
DRAW_INLINE Doubles chosen(Which which, Doubles a, Doubles b) { return which ? a : b; }
DRAW_INLINE Doubles magnitudes(Doubles v) { return v < 0 ? -v : v; }
DRAW_INLINE Doubles floorsOf(Doubles v) {
#if DRAW_LANES == 8
  return (Doubles)_mm256_floor_pd((__m256d)v);
#else
  for (int lane = 0; lane < group; lane++) v[lane] = __builtin_floor(v[lane]);
  return v;
#endif
}
#endif

// Stores those of a group whose bits are set, one after the other; what lies behind them, up to a whole group, is overwritten.
template <typename T, typename V>
DRAW_INLINE void storeChosen(T* to, V v, uint32_t bits) {
#if DRAW_GROUP == 8
  store(to, _mm256_maskz_compress_epi32(__mmask8(bits), (__m256i)v));
#else
  for (int lane = 0; lane < group; lane++) {
    *to = v[lane];
    to += bits >> lane & 1;
  }
#endif
}

DRAW_INLINE Doubles widened(GroupFloats v) { return __builtin_convertvector(v, Doubles); }
DRAW_INLINE Doubles widened(GroupInts v) { return __builtin_convertvector(v, Doubles); }

// The first word of an entry of a table of so many words each for each of a group, one by one: the instruction that gathers them is slower on
// many processors.
template <typename V, size_t words = 1, typename T>
DRAW_INLINE V picked(const T* table, const uint32_t* at) {
#if DRAW_GROUP == 8
  return V{table[words * at[0]], table[words * at[1]], table[words * at[2]], table[words * at[3]],
           table[words * at[4]], table[words * at[5]], table[words * at[6]], table[words * at[7]]};
#else
  return V{table[words * at[0]], table[words * at[1]], table[words * at[2]], table[words * at[3]]};
#endif
}

// Entries of four words of a table for a group, each word of all of them together.
DRAW_INLINE void pickQuads(const float* table, const uint32_t* at, GroupFloats* words) {
#if DRAW_GROUP == 8
  const auto four = [&](int from) {
    const __m256 low = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(table + 4 * size_t(at[from]))), _mm_loadu_ps(table + 4 * size_t(at[from + 1])), 1);
    const __m256 high = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(table + 4 * size_t(at[from + 2]))), _mm_loadu_ps(table + 4 * size_t(at[from + 3])), 1);
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
  };
  const __m512 first = four(0), last = four(4);
  const __m512i firstTwo = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
  const __m512 a = _mm512_permutex2var_ps(first, firstTwo, last), b = _mm512_permutex2var_ps(first, _mm512_add_epi32(firstTwo, _mm512_set1_epi32(2)), last);
  words[0] = (GroupFloats)_mm512_castps512_ps256(a);
  words[1] = (GroupFloats)_mm512_extractf32x8_ps(a, 1);
  words[2] = (GroupFloats)_mm512_castps512_ps256(b);
  words[3] = (GroupFloats)_mm512_extractf32x8_ps(b, 1);
#else
  const Floats4 a = load<Floats4>(table + 4 * size_t(at[0])), b = load<Floats4>(table + 4 * size_t(at[1]));
  const Floats4 c = load<Floats4>(table + 4 * size_t(at[2])), d = load<Floats4>(table + 4 * size_t(at[3]));
  const Floats4 firstAb = DRAW_MERGE(a, b, 0, 4, 1, 5), firstCd = DRAW_MERGE(c, d, 0, 4, 1, 5), lastAb = DRAW_MERGE(a, b, 2, 6, 3, 7), lastCd = DRAW_MERGE(c, d, 2, 6, 3, 7);
  words[0] = DRAW_MERGE(firstAb, firstCd, 0, 1, 4, 5);
  words[1] = DRAW_MERGE(firstAb, firstCd, 2, 3, 6, 7);
  words[2] = DRAW_MERGE(lastAb, lastCd, 0, 1, 4, 5);
  words[3] = DRAW_MERGE(lastAb, lastCd, 2, 3, 6, 7);
#endif
}

DRAW_INLINE Floats rootOf(Floats v) {
#if DRAW_LANES == 16
  return (Floats)_mm512_sqrt_ps((__m512)v);
#elif DRAW_LANES == 8
  return (Floats)_mm256_sqrt_ps((__m256)v);
#elif defined(__SSE2__)
  return (Floats)_mm_sqrt_ps((__m128)v);
#else
  for (int lane = 0; lane < lanes; lane++) v[lane] = __builtin_sqrtf(v[lane]);
  return v;
#endif
}

// 0, 1, 2, 3 ...
template <typename V>
DRAW_INLINE V numbered() {
  V v;
  for (size_t lane = 0; lane < sizeof v / sizeof v[0]; lane++) v[lane] = lane;
  return v;
}
