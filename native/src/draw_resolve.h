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
  const float* nearness;
  const uint32_t* slots;
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

DRAW_INLINE Floats shareOf(Floats v) {
  const Floats low = v > all(0.0f) ? v : all(0.0f);
  return low > all(1.0f) ? all(1.0f) : low;
}

DRAW_INLINE Words skyAt(const Resolve& r, Floats column) {
  const Words horizon = r.horizon - Words{};
  if (r.horizon == r.zenith) return horizon;
  const Floats x = r.x.here + r.x.across * column, y = r.y.here + r.y.across * column, z = r.z.here + r.z.across * column;
  return blend(horizon, r.zenith, shareOf(z / rootOf(x * x + y * y + z * z)));
}

DRAW_INLINE Ints cellOf(Floats at, int cells, bool wraps) {
  if (!wraps) {
    const Floats low = at > all(0.0f) ? at : all(0.0f), end = all(float(cells - 1));
    return __builtin_convertvector(low < end ? low : end, Ints);
  }
  const Floats low = at > all(-1e9f) ? at : all(-1e9f);
  const Floats held = low < all(1e9f) ? low : all(1e9f);
  Ints cell = __builtin_convertvector(held, Ints);
  cell += (Ints)(__builtin_convertvector(cell, Floats) > held);
  const Ints count = all(cells), last = all(cells - 1);
  cell += (cell < 0 ? count : cell >= count ? -count : Ints{});
  cell = cell > 0 ? cell : Ints{};
  return cell < last ? cell : last;
}

// An entry of a table for each lane, one by one: the instruction that gathers them is slower on many processors.
DRAW_INLINE Words pick(const uint32_t* table, const uint32_t* at) {
#if DRAW_LANES == 8
  return Words{table[at[0]], table[at[1]], table[at[2]], table[at[3]], table[at[4]], table[at[5]], table[at[6]], table[at[7]]};
#else
  return Words{table[at[0]], table[at[1]], table[at[2]], table[at[3]]};
#endif
}

DRAW_INLINE Halves pick(const uint16_t* table, const uint32_t* at) {
#if DRAW_LANES == 8
  return Halves{table[at[0]], table[at[1]], table[at[2]], table[at[3]], table[at[4]], table[at[5]], table[at[6]], table[at[7]]};
#else
  return Halves{table[at[0]], table[at[1]], table[at[2]], table[at[3]]};
#endif
}

// Colours and segmentations of faces.
DRAW_INLINE void lookUpFaces(const Resolve& r, Words slot, Words* colours, Words* kinds) {
  uint32_t at[lanes];
  store(at, (Ints)slot * 2);
  const uint32_t* const looks = (const uint32_t*)r.looks;
  *colours = pick(looks, at);
  *kinds = pick(looks + 1, at);
}

// Colours and segmentations of the ground, in the lanes where it is.
DRAW_INLINE void lookUpGround(const Resolve& r, Ints isGround, Floats depth, Floats column, Words* colours, Words* kinds) {
  const Floats x = r.eyeX + (r.x.here + r.x.across * column) * depth;
  const Floats y = r.eyeY + (r.y.here + r.y.across * column) * depth;
  uint32_t at[lanes];
  // Elsewhere, too, this is in some cell.
  store(at, cellOf(y * r.perCell, r.lines, r.wraps) * r.columns + cellOf(x * r.perCell, r.columns, r.wraps));
  *colours = isGround ? pick(r.texels, at) : *colours;
  *kinds = isGround ? __builtin_convertvector(pick(r.texelKinds, at), Words) : *kinds;
}

DRAW_INLINE void writeRgb(uint8_t* to, Words colours, int count) {
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

DRAW_INLINE void writeMillis(const Resolve& r, Ints sky, Floats depth, size_t to, int count) {
  const Floats millis = depth * 1000 + 0.5f;
  const Floats held = millis < 65535 ? millis : all(65535.0f);
  const Ints whole = ~sky & __builtin_convertvector(held, Ints);
  storeSome(r.depthMillis + to, __builtin_convertvector(whole, Halves), count);
}

DRAW_INLINE void writeGrey(const Resolve& r, Words colour, size_t to, int count) {
  const Words grey = (77 * (colour >> 16 & 255) + 150 * (colour >> 8 & 255) + 29 * (colour & 255)) >> 8;
  for (int i = 0; i < count; i++) r.grey[to + size_t(i)] = uint8_t(grey[i]);
}

// Writes a vector of pixels. Most pictures have colours, depths and segmentations, and nothing else.
template <bool isUsual>
DRAW_INLINE void writePixels(const Resolve& r, size_t pixel, Floats column, size_t to, int count) {
  const Words slot = load<Words>(r.slots + pixel);
  const Ints sky = (Ints)(slot == 0), ground = (Ints)(slot == 1);
  const Floats depth = sky ? all(__builtin_inff()) : 1 / load<Floats>(r.nearness + pixel);
  // The sky looks like slot 0: nothing.
  Words colour = {}, kinds = {};
  if (bitsOf(~(sky | ground)) != 0) lookUpFaces(r, slot, &colour, &kinds);
  if (bitsOf(ground) != 0) lookUpGround(r, ground, depth, column, &colour, &kinds);
  if (isUsual || r.depth != nullptr) storeSome(r.depth + to, depth, count);
  if (!isUsual && r.depthMillis != nullptr) writeMillis(r, sky, depth, to, count);
  if (isUsual || r.segmentation != nullptr) storeSome(r.segmentation + to, __builtin_convertvector(kinds, Halves), count);
  if (!isUsual && r.rgb == nullptr && r.grey == nullptr) return;
  const uint32_t skies = bitsOf(sky);
  if (r.fogScale != 0 && skies != (1u << lanes) - 1) colour = blend(colour, r.fog, shareOf((depth - r.fogFrom) * r.fogScale));
  if (skies != 0) colour = sky ? skyAt(r, column) : colour;
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
    Floats across = laneNumbers() + r.fromMiddleX;
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

static void resolve(const DrawJob& job, const Canvas& canvas, const Eye& eye, size_t frame) {
  const double* const numbers = job.numbers.data;
  Resolve r;
  r.width = canvas.width;
  r.height = canvas.height;
  r.stride = canvas.stride;
  r.nearness = canvas.nearness;
  r.slots = canvas.slots;
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
