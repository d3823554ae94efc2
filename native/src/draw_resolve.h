// From depth and slots to channels. A part of draw_kernel.h, which see.

// Directions of sight along a line of pixels, one component.
struct Sight {
  float across, along, straight, here;
};

DRAW_INLINE Sight sightOf(const Eye& eye, double right, double down, double forward) {
  return {float(right * eye.inverseFocal), float(down * eye.inverseFocal), float(forward), 0};
}

// What is read for every pixel. Channels nobody asked for are null.
struct Resolve {
  int width, height, stride;
  float* nearness;
  uint32_t* slots;
  // What is left behind for the next picture: nothing, this near.
  float empty;
  const Look* looks;
  const uint32_t* texels;
  const uint16_t* texelKinds;
  uint8_t *rgb, *grey;
  float* depth;
  uint16_t *depthMillis, *segmentation;
  Sight x, y, z;
  float eyeX, eyeY, perCell, fogFrom, fogScale, fromMiddleX, fromMiddleY;
  int columns, lines;
  bool wraps;
  uint32_t fog, horizon, zenith;
};

DRAW_INLINE Floats blended(Floats from, Floats to, Floats share) { return from + (to - from) * share + 0.5f; }

DRAW_INLINE Words blend(Words from, uint32_t to, Floats share) {
  Words out = {};
  for (int shift = 0; shift <= 16; shift += 8) {
    const Floats a = __builtin_convertvector((Ints)(from >> shift & 255), Floats);
    const Floats b = all(float(to >> shift & 255));
    out |= (Words)__builtin_convertvector(blended(a, b, share), Ints) << shift;
  }
  return out;
}

// Between 0 and 1.
DRAW_INLINE Floats shareOf(Floats v) { return leastOf(mostOf(v, Floats{}), all(1.0f)); }

DRAW_INLINE Words skyAt(const Resolve& r, Floats column) {
  const Words horizon = r.horizon - Words{};
  if (r.horizon == r.zenith) return horizon;
  const Floats x = r.x.here + r.x.across * column, y = r.y.here + r.y.across * column, z = r.z.here + r.z.across * column;
  return blend(horizon, r.zenith, shareOf(z / rootOf(x * x + y * y + z * z)));
}

DRAW_INLINE Ints cellOf(Floats at, int cells, bool wraps) {
  Ints cell = __builtin_convertvector(floorsOf(leastOf(mostOf(at, all(-1e9f)), all(1e9f))), Ints);
  if (wraps) cell += chosen(isBelow(cell, Ints{}), all(cells), chosen(isBelow(cell, all(cells)), Ints{}, all(-cells)));
  return lower(higher(cell, Ints{}), all(cells - 1));
}

#if DRAW_LANES < 16
// An entry of a table for each lane, one by one: with these registers, the instruction that gathers them is slower.
template <typename V, typename T>
DRAW_INLINE V pick(const T* table, Ints places) {
  uint32_t at[lanes];
  store(at, places);
#if DRAW_LANES == 8
  return V{table[at[0]], table[at[1]], table[at[2]], table[at[3]], table[at[4]], table[at[5]], table[at[6]], table[at[7]]};
#else
  return V{table[at[0]], table[at[1]], table[at[2]], table[at[3]]};
#endif
}
#endif

// Colours and segmentations of faces.
DRAW_INLINE void lookUpFaces(const Resolve& r, Words slot, Words* colours, Words* kinds) {
  const uint32_t* const looks = (const uint32_t*)r.looks;
#if DRAW_LANES == 16
  *colours = (Words)_mm512_i32gather_epi32((__m512i)slot, looks, 8);
  *kinds = (Words)_mm512_i32gather_epi32((__m512i)slot, looks + 1, 8);
#else
  *colours = pick<Words>(looks, (Ints)slot * 2);
  *kinds = pick<Words>(looks + 1, (Ints)slot * 2);
#endif
}

// Colours and segmentations of the ground, in the lanes where it is.
DRAW_INLINE void lookUpGround(const Resolve& r, Mask isGround, Floats depth, Floats column, Words* colours, Words* kinds) {
  const Floats x = r.eyeX + (r.x.here + r.x.across * column) * depth;
  const Floats y = r.eyeY + (r.y.here + r.y.across * column) * depth;
  // Elsewhere, too, this is in some cell.
  const Ints at = cellOf(y * r.perCell, r.lines, r.wraps) * r.columns + cellOf(x * r.perCell, r.columns, r.wraps);
#if DRAW_LANES == 16
  *colours = (Words)_mm512_mask_i32gather_epi32((__m512i)*colours, isGround, (__m512i)at, r.texels, 4);
  // The segmentations of two cells are a word: there is an even number of cells.
  const Words pairs = (Words)_mm512_mask_i32gather_epi32(_mm512_setzero_si512(), isGround, (__m512i)(at >> 1), r.texelKinds, 4);
  *kinds = chosen(isGround, pairs >> ((Words)(at & 1) << 4) & 0xffff, *kinds);
#else
  *colours = chosen(isGround, pick<Words>(r.texels, at), *colours);
  *kinds = chosen(isGround, __builtin_convertvector(pick<Halves>(r.texelKinds, at), Words), *kinds);
#endif
}

DRAW_INLINE void writeRgb(uint8_t* to, Words colours, int count) {
#if DRAW_LANES == 16
  // Bytes 2, 1 and 0 of every word.
  alignas(64) static constexpr uint8_t order[64] = {2,  1,  0,  6,  5,  4,  10, 9,  8,  14, 13, 12, 18, 17, 16, 22, 21, 20, 26, 25, 24, 30, 29, 28,
                                                    34, 33, 32, 38, 37, 36, 42, 41, 40, 46, 45, 44, 50, 49, 48, 54, 53, 52, 58, 57, 56, 62, 61, 60};
  _mm512_mask_storeu_epi8(to, (__mmask64(1) << 3 * count) - 1, _mm512_permutexvar_epi8(load<__m512i>(order), (__m512i)colours));
  return;
#endif
#if DRAW_LANES == 8
  if (count == 8) {
    const __m256i order = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m256i packed = _mm256_shuffle_epi8((__m256i)colours, order);
    const __m128i low = _mm256_castsi256_si128(packed), high = _mm256_extracti128_si256(packed, 1);
    _mm_storeu_si128((__m128i*)to, _mm_or_si128(low, _mm_slli_si128(high, 12)));
    _mm_storel_epi64((__m128i*)(to + 16), _mm_srli_si128(high, 4));
    return;
  }
#endif
  for (int i = 0; i < count; i++) {
    to[3 * i] = uint8_t(colours[i] >> 16);
    to[3 * i + 1] = uint8_t(colours[i] >> 8);
    to[3 * i + 2] = uint8_t(colours[i]);
  }
}

// The first `count` lanes; all of them in one go.
template <typename V, typename T>
DRAW_INLINE void storeSome(T* to, V v, int count) {
  if (count == lanes) return store(to, v);
  for (int i = 0; i < count; i++) to[i] = v[i];
}

DRAW_INLINE void writeMillis(const Resolve& r, Mask sky, Floats depth, size_t to, int count) {
  const Floats millis = leastOf(depth * 1000 + 0.5f, all(65535.0f));
  storeSome(r.depthMillis + to, __builtin_convertvector(chosen(sky, Ints{}, __builtin_convertvector(millis, Ints)), Halves), count);
}

DRAW_INLINE void writeGrey(const Resolve& r, Words colour, size_t to, int count) {
  const Words grey = (77 * (colour >> 16 & 255) + 150 * (colour >> 8 & 255) + 29 * (colour & 255)) >> 8;
  for (int i = 0; i < count; i++) r.grey[to + size_t(i)] = uint8_t(grey[i]);
}

constexpr uint32_t allBits = (1u << lanes) - 1;

// Writes a vector of pixels. Most pictures have colours, depths and segmentations, and nothing else.
template <bool isUsual>
DRAW_INLINE void writePixels(const Resolve& r, size_t pixel, Floats column, size_t to, int count) {
  const Words slot = load<Words>(r.slots + pixel);
  const Mask sky = isEqual(slot, 0), ground = isEqual(slot, 1);
  const uint32_t skies = bitsOf(sky), grounds = bitsOf(ground);
  Floats depth = all(__builtin_inff());
  Words colour = {}, kinds = {};
  if (skies != allBits) {
    depth = chosen(sky, depth, 1 / load<Floats>(r.nearness + pixel));
    store(r.nearness + pixel, all(r.empty));
    store(r.slots + pixel, Words{});
    // The sky looks like slot 0: nothing.
    if ((skies | grounds) != allBits) lookUpFaces(r, slot, &colour, &kinds);
    if (grounds != 0) lookUpGround(r, ground, depth, column, &colour, &kinds);
  }
  if (isUsual || r.depth != nullptr) storeSome(r.depth + to, depth, count);
  if (!isUsual && r.depthMillis != nullptr) writeMillis(r, sky, depth, to, count);
  if (isUsual || r.segmentation != nullptr) storeSome(r.segmentation + to, __builtin_convertvector(kinds, Halves), count);
  if (!isUsual && r.rgb == nullptr && r.grey == nullptr) return;
  // Before the fog begins, blending with it leaves colours as they are.
  const bool isFoggy = r.fogScale != 0 && skies != allBits && (bitsOf(isBelow(all(r.fogFrom), depth)) & ~skies) != 0;
  if (isFoggy) colour = blend(colour, r.fog, shareOf((depth - r.fogFrom) * r.fogScale));
  if (skies != 0) colour = chosen(sky, skyAt(r, column), colour);
  if (isUsual || r.rgb != nullptr) writeRgb(r.rgb + 3 * to, colour, count);
  if (!isUsual && r.grey != nullptr) writeGrey(r, colour, to, count);
}

// Works on a copy: for all the compiler knows, bytes written may lie over the original.
template <bool isUsual>
static void writeLines(Resolve r, size_t to) {
  for (int line = 0; line < r.height; line++) {
    const float down = float(line) + r.fromMiddleY;
    r.x.here = r.x.straight + r.x.along * down;
    r.y.here = r.y.straight + r.y.along * down;
    r.z.here = r.z.straight + r.z.along * down;
    const size_t from = size_t(line) * size_t(r.stride);
    Floats across = numbered<Floats>() + r.fromMiddleX;
    int column = 0;
    for (; column + lanes <= r.width; column += lanes) {
      writePixels<isUsual>(r, from + size_t(column), across, to + size_t(column), lanes);
      across += float(lanes);
    }
    if (column < r.width) writePixels<isUsual>(r, from + size_t(column), across, to + size_t(column), r.width - column);
    to += size_t(r.width);
  }
}

template <typename T>
DRAW_INLINE T* asked(const Span<T>& channel) { return channel.length > 0 ? channel.data : nullptr; }

// Leaves the canvas empty where something was seen.
static __attribute__((noinline)) void resolve(const DrawJob& job, const Canvas& canvas, const Eye& eye, size_t frame) {
  const double* const numbers = job.numbers.data;
  Resolve r;
  r.width = canvas.width;
  r.height = canvas.height;
  r.stride = canvas.stride;
  r.nearness = canvas.nearness;
  r.slots = canvas.slots;
  r.empty = emptyOf(eye);
  r.looks = canvas.room->looks;
  r.texels = job.texels.data;
  r.texelKinds = job.texelKinds.data;
  r.rgb = asked(job.rgb);
  r.grey = asked(job.grey);
  r.depth = asked(job.depth);
  r.depthMillis = asked(job.depthMillis);
  r.segmentation = asked(job.segmentation);
  r.x = sightOf(eye, eye.right.x, eye.down.x, eye.forward.x);
  r.y = sightOf(eye, eye.right.y, eye.down.y, eye.forward.y);
  r.z = sightOf(eye, eye.right.z, eye.down.z, eye.forward.z);
  r.eyeX = float(eye.place.x);
  r.eyeY = float(eye.place.y);
  r.columns = int(numbers[draw::columns]);
  r.lines = int(numbers[draw::lines]);
  r.perCell = r.columns > 0 ? float(1 / numbers[draw::cell]) : 0;
  r.fogFrom = float(numbers[draw::fogFrom]);
  r.fogScale = float(numbers[draw::fogScale]);
  r.fromMiddleX = canvas.fromMiddleX;
  r.fromMiddleY = canvas.fromMiddleY;
  r.wraps = eye.wraps;
  r.fog = uint32_t(numbers[draw::fogColour]);
  r.horizon = uint32_t(numbers[draw::horizon]);
  r.zenith = uint32_t(numbers[draw::zenith]);
  const size_t to = frame * size_t(canvas.width) * size_t(canvas.height);
  const bool isUsual = r.rgb != nullptr && r.depth != nullptr && r.segmentation != nullptr && r.grey == nullptr && r.depthMillis == nullptr;
  if (isUsual) writeLines<true>(r, to);
  else writeLines<false>(r, to);
}
