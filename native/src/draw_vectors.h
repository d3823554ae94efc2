// Vectors of registers, for one width of them. A part of draw_kernel.h, which see.

constexpr int lanes = DRAW_LANES;
typedef float Floats __attribute__((vector_size(4 * DRAW_LANES)));
typedef int32_t Ints __attribute__((vector_size(4 * DRAW_LANES)));
typedef uint32_t Words __attribute__((vector_size(4 * DRAW_LANES)));
typedef uint16_t Halves __attribute__((vector_size(2 * DRAW_LANES)));

typedef int32_t Ints4 __attribute__((vector_size(16)));
typedef float Floats4 __attribute__((vector_size(16)));
typedef double Doubles4 __attribute__((vector_size(32)));
typedef int64_t Longs4 __attribute__((vector_size(32)));

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
DRAW_INLINE Ints4 all4(int32_t value) { return value - Ints4{}; }

// The highest bit of every lane.
DRAW_INLINE uint32_t bitsOf(Ints mask) {
#if DRAW_LANES == 8
  return uint32_t(_mm256_movemask_ps((__m256)mask));
#elif defined(__SSE2__)
  return uint32_t(_mm_movemask_ps((__m128)mask));
#else
  uint32_t bits = 0;
  for (int lane = 0; lane < lanes; lane++) bits |= uint32_t(mask[lane] < 0) << lane;
  return bits;
#endif
}

DRAW_INLINE uint32_t bitsOf4(Ints4 mask) {
#if defined(__SSE2__)
  return uint32_t(_mm_movemask_ps((__m128)mask));
#else
  uint32_t bits = 0;
  for (int lane = 0; lane < 4; lane++) bits |= uint32_t(mask[lane] < 0) << lane;
  return bits;
#endif
}

DRAW_INLINE uint32_t bitsOf4(Longs4 mask) {
#if DRAW_LANES == 8
  return uint32_t(_mm256_movemask_pd((__m256d)mask));
#else
  return bitsOf4(__builtin_convertvector(mask, Ints4));
#endif
}

DRAW_INLINE Floats rootOf(Floats v) {
#if DRAW_LANES == 8
  return (Floats)_mm256_sqrt_ps((__m256)v);
#elif defined(__SSE2__)
  return (Floats)_mm_sqrt_ps((__m128)v);
#else
  for (int lane = 0; lane < lanes; lane++) v[lane] = __builtin_sqrtf(v[lane]);
  return v;
#endif
}

DRAW_INLINE Floats laneNumbers() {
  Floats v;
  for (int lane = 0; lane < lanes; lane++) v[lane] = float(lane);
  return v;
}
