// The eye, the picture being drawn, and how an outline on its grid of 1/256 pixel becomes pixels. A part of draw_kernel.h, which see.

constexpr double subpixels = 256;
constexpr double guard = 8192 * subpixels;
constexpr double rounder = 6755399441055744;
constexpr double steepest = 1e20;
constexpr int cornersMax = 9;
// Edges of a block of the picture: inside one, edge functions fit 32 bits.
constexpr int block = 64;
constexpr int64_t edgeLimit = int64_t(1) << 30;

struct Vector {
  double x, y, z;
};

DRAW_INLINE double along(const Vector& axis, double x, double y, double z) { return axis.x * x + axis.y * y + axis.z * z; }

struct Eye {
  Vector place, right, down, forward;
  double focal, inverseFocal, focal256, nearest, farthest, middleX, middleY;
  double cosineX, sineX, cosineY, sineY, spaceWidth, spaceHeight;
  // How much deeper, or farther beside the picture, a metre makes at most: 1, and what rounding adds, where axes are unit vectors.
  double stretch;
  // x, y and z of the axes to the right, down and forward.
  Doubles4 axisX, axisY, axisZ;
  bool wraps;
};

DRAW_INLINE Vector vectorAt(const double* from) { return {from[0], from[1], from[2]}; }

// The square of the length of a sum of two vectors, each so many times.
DRAW_INLINE double squareOf(const Vector& a, double times, const Vector& b, double otherTimes) {
  const double x = a.x * times + b.x * otherTimes, y = a.y * times + b.y * otherTimes, z = a.z * times + b.z * otherTimes;
  return x * x + y * y + z * z;
}

DRAW_INLINE double stretchOf(const Eye& eye) {
  double square = squareOf(eye.forward, 1, eye.forward, 0);
  for (const double side : {-1.0, 1.0}) {
    const double across = squareOf(eye.right, side * eye.cosineX, eye.forward, -eye.sineX), upright = squareOf(eye.down, side * eye.cosineY, eye.forward, -eye.sineY);
    square = across > square ? across : square;
    square = upright > square ? upright : square;
  }
  return __builtin_sqrt(square) * (1 + 1e-9);
}

DRAW_INLINE void openEye(const DrawJob& job, uint32_t view, Eye* eye) {
  const double* const words = job.views.data + size_t(view) * draw::viewWords;
  const double* const numbers = job.numbers.data;
  eye->place = vectorAt(words + draw::eye);
  eye->right = vectorAt(words + draw::right);
  eye->down = vectorAt(words + draw::down);
  eye->forward = vectorAt(words + draw::forward);
  eye->focal = words[draw::focal];
  eye->inverseFocal = 1 / eye->focal;
  eye->focal256 = eye->focal * subpixels;
  eye->nearest = words[draw::near];
  eye->farthest = words[draw::far];
  eye->middleX = numbers[draw::width] / 2;
  eye->middleY = numbers[draw::height] / 2;
  const double slopeX = eye->middleX * eye->inverseFocal;
  const double slopeY = eye->middleY * eye->inverseFocal;
  eye->cosineX = 1 / __builtin_sqrt(1 + slopeX * slopeX);
  eye->sineX = slopeX * eye->cosineX;
  eye->cosineY = 1 / __builtin_sqrt(1 + slopeY * slopeY);
  eye->sineY = slopeY * eye->cosineY;
  eye->spaceWidth = numbers[draw::spaceWidth];
  eye->spaceHeight = numbers[draw::spaceHeight];
  eye->axisX = Doubles4{eye->right.x, eye->down.x, eye->forward.x, 0};
  eye->axisY = Doubles4{eye->right.y, eye->down.y, eye->forward.y, 0};
  eye->axisZ = Doubles4{eye->right.z, eye->down.z, eye->forward.z, 0};
  eye->wraps = numbers[draw::wraps] == 1;
  eye->stretch = stretchOf(*eye);
}

DRAW_INLINE double magnitude(double v) { return __builtin_fabs(v); }
DRAW_INLINE double floorOf(double v) { return __builtin_floor(v); }

// The picture being drawn.
struct Canvas {
  int width, height, stride;
  float* nearness;
  uint32_t* slots;
  DrawRoom* room;
  // From the middle of the picture to the centre of its first pixel.
  float fromMiddleX, fromMiddleY;
};

// The nearness of nothing, as far as the eye sees.
DRAW_INLINE float emptyOf(const Eye& eye) { return float(1 / eye.farthest); }

struct Plane {
  double perColumn, perLine, middle;
};

// What a face puts into pixels.
struct Paint {
  float perColumn, perLine, middle, farthest, nearest;
  uint32_t slot, owner;
};

struct Outline {
  int count;
  int32_t columns[cornersMax];
  int32_t lines[cornersMax];
};

DRAW_INLINE int least(int a, int b) { return a < b ? a : b; }
DRAW_INLINE int most(int a, int b) { return a > b ? a : b; }

// Bounds in 1/256 pixel.
struct Bounds {
  int low, high, top, bottom;
};

// Pixels whose centres lie within bounds and the picture. False when there are none.
DRAW_INLINE bool areaWithin(const Canvas& canvas, const Bounds& bounds, Area* area) {
  area->first = most((bounds.low + 127) >> 8, 0);
  area->last = least((bounds.high - 128) >> 8, canvas.width - 1);
  area->top = most((bounds.top + 127) >> 8, 0);
  area->bottom = least((bounds.bottom - 128) >> 8, canvas.height - 1);
  return area->first <= area->last && area->top <= area->bottom;
}

DRAW_INLINE bool areaOf(const Canvas& canvas, const Outline& outline, Area* area) {
  Bounds bounds = {outline.columns[0], outline.columns[0], outline.lines[0], outline.lines[0]};
  for (int i = 1; i < outline.count; i++) {
    bounds.low = least(bounds.low, outline.columns[i]);
    bounds.high = most(bounds.high, outline.columns[i]);
    bounds.top = least(bounds.top, outline.lines[i]);
    bounds.bottom = most(bounds.bottom, outline.lines[i]);
  }
  return areaWithin(canvas, bounds, area);
}

struct Edge {
  int32_t perColumn, perLine;
  int64_t start;
};

DRAW_INLINE Edge edgeOf(const Outline& outline, int from, int to) {
  Edge edge;
  edge.perColumn = outline.lines[to] - outline.lines[from];
  edge.perLine = outline.columns[from] - outline.columns[to];
  const bool mine = edge.perColumn > 0 || (edge.perColumn == 0 && edge.perLine > 0);
  edge.start = (int64_t(edge.perColumn) * (128 - outline.columns[from]) + int64_t(edge.perLine) * (128 - outline.lines[from]) - (mine ? 0 : 1)) >> 8;
  return edge;
}

// Vectors of a group.
struct Vectors {
  Doubles x, y, z;
};

DRAW_INLINE Doubles along(const Vector& axis, const Vectors& v) { return axis.x * v.x + axis.y * v.y + axis.z * v.z; }

DRAW_INLINE Doubles along(const Vectors& axis, const Vectors& v) { return axis.x * v.x + axis.y * v.y + axis.z * v.z; }

// Vectors from the eye, as the eye sees them: to the right, down, forward.
DRAW_INLINE Vectors seenFrom(const Eye& eye, const Vectors& away) { return {along(eye.right, away), along(eye.down, away), along(eye.forward, away)}; }

// Corners in the picture: 1/depth; columns and lines in 1/256 pixel, 0 where a corner needs clipping; those where it does not, a bit each.
struct Projected {
  Doubles inverse;
  GroupInts columns, lines;
  uint32_t inside;
};

DRAW_INLINE Projected projected(const Eye& eye, const Vectors& at) {
  const Doubles inverse = 1 / at.z;
  const Doubles column = eye.middleX * subpixels + eye.focal256 * at.x * inverse + rounder - rounder;
  const Doubles line = eye.middleY * subpixels + eye.focal256 * at.y * inverse + rounder - rounder;
  const Which inside = isAtMost(magnitudes(column), allOfGroup(guard)) & isAtMost(magnitudes(line), allOfGroup(guard)) & isAtMost(allOfGroup(eye.nearest), at.z);
  // What is outside is not converted: there is no such integer.
  return {inverse, __builtin_convertvector(kept(inside, column), GroupInts), __builtin_convertvector(kept(inside, line), GroupInts), bitsOf(inside)};
}

// Which spheres may be seen, a bit each.
DRAW_INLINE uint32_t meetsOf(const Eye& eye, const Vectors& at, Doubles radius) {
  const Which beside = isBelow(radius, magnitudes(at.x) * eye.cosineX - at.z * eye.sineX) | isBelow(radius, magnitudes(at.y) * eye.cosineY - at.z * eye.sineY);
  const Which between = isAtMost(allOfGroup(eye.nearest), at.z + radius) & isAtMost(at.z - radius, allOfGroup(eye.farthest));
  return bitsOf(between) & ~bitsOf(beside);
}

// Whether all of an area shows what is nearer than this.
static __attribute__((noinline)) bool isHidden(const Canvas& canvas, const Area& area, float nearness) {
  const int rest = (area.last - area.first) % lanes;
  const uint32_t lastBits = (2u << rest) - 1;
  const float* line = canvas.nearness + size_t(area.top) * size_t(canvas.stride) + size_t(area.first);
  for (int at = area.top; at <= area.bottom; at++, line += canvas.stride) {
    for (int x = 0; x <= area.last - area.first; x += lanes) {
      const uint32_t seen = bitsOf((Ints)(load<Floats>(line + x) <= all(nearness)));
      if ((x + lanes <= area.last - area.first ? seen : seen & lastBits) != 0) return false;
    }
  }
  return true;
}

// Which of some pixels, a bit each, a face takes that is as near as what they show: the instance that comes first is seen.
static __attribute__((noinline)) uint32_t winners(const Canvas& canvas, uint32_t tied, const uint32_t* slots, uint32_t owner) {
  uint32_t won = 0;
  for (uint32_t bits = tied; bits != 0; bits &= bits - 1) {
    const uint32_t slot = slots[__builtin_ctz(bits)];
    // What is as near as nothing is beyond what is seen.
    if (slot != 0 && canvas.room->owners[slot] > owner) won |= bits & -bits;
  }
  return won;
}

// A paint in all lanes.
template <typename F>
struct Shade {
  F perColumn, farthest, nearest;
  uint32_t slot, owner;
};

// Puts what is nearer, and inside of all edges, into a vector of pixels. Stores also where nothing is: whether something is cannot be foretold.
#if DRAW_LANES == 16
typedef float Floats8 __attribute__((vector_size(32)));
typedef int32_t Ints8 __attribute__((vector_size(32)));

DRAW_INLINE void fillPixels(const Canvas& canvas, Ints outside, Floats flat, const Shade<Floats>& shade, float* nearness, uint32_t* slots) {
  const __m512 there = _mm512_loadu_ps(nearness);
  const __m512 mine = _mm512_min_ps((__m512)shade.nearest, _mm512_max_ps((__m512)shade.farthest, (__m512)flat));
  __mmask16 wins = _mm512_mask_cmp_ps_mask(_mm512_cmpge_epi32_mask((__m512i)outside, _mm512_setzero_si512()), mine, there, _CMP_GE_OQ);
  const __mmask16 tied = _mm512_mask_cmp_ps_mask(wins, mine, there, _CMP_EQ_OQ);
  if (__builtin_expect(tied != 0, 0)) wins = __mmask16((wins & ~tied) | winners(canvas, tied, slots, shade.owner));
  _mm512_mask_storeu_ps(nearness, wins, mine);
  _mm512_mask_storeu_epi32(slots, wins, _mm512_set1_epi32(int32_t(shade.slot)));
}

DRAW_INLINE void fillPixels(const Canvas& canvas, Ints8 outside, Floats8 flat, const Shade<Floats8>& shade, float* nearness, uint32_t* slots) {
  const __m256 there = _mm256_loadu_ps(nearness);
  const __m256 mine = _mm256_min_ps((__m256)shade.nearest, _mm256_max_ps((__m256)shade.farthest, (__m256)flat));
  __mmask8 wins = _mm256_mask_cmp_ps_mask(_mm256_cmpge_epi32_mask((__m256i)outside, _mm256_setzero_si256()), mine, there, _CMP_GE_OQ);
  const __mmask8 tied = _mm256_mask_cmp_ps_mask(wins, mine, there, _CMP_EQ_OQ);
  if (__builtin_expect(tied != 0, 0)) wins = __mmask8((wins & ~tied) | winners(canvas, tied, slots, shade.owner));
  _mm256_mask_storeu_ps(nearness, wins, mine);
  _mm256_mask_storeu_epi32(slots, wins, _mm256_set1_epi32(int32_t(shade.slot)));
}
#else
DRAW_INLINE void fillPixels(const Canvas& canvas, Ints outside, Floats flat, const Shade<Floats>& shade, float* nearness, uint32_t* slots) {
  const Floats there = load<Floats>(nearness);
  const Words seen = load<Words>(slots);
  const Floats raised = flat < shade.farthest ? shade.farthest : flat;
  const Floats mine = raised > shade.nearest ? shade.nearest : raised;
  Ints wins = ~(outside >> 31) & (Ints)(mine >= there);
  const Ints tied = wins & (Ints)(mine == there);
  const uint32_t tiedBits = bitsOf(tied);
  if (__builtin_expect(tiedBits != 0, 0)) {
    const uint32_t won = winners(canvas, tiedBits, slots, shade.owner);
    wins = (wins & ~tied) | -((all(int32_t(won)) >> numbered<Ints>()) & 1);
  }
  store(nearness, wins ? mine : there);
  store(slots, wins ? shade.slot - Words{} : seen);
}
#endif

// Edge functions of an outline within a block: how they change from pixel to pixel, and what they are at the first pixel of an area. Where
// they are those of one of a group, each is so many places behind the one before.
template <int step>
struct Slopes {
  const int32_t *perColumn, *perLine, *start;
};

// Fills an area no wider than a vector.
template <int edges, typename F, typename I, int step>
DRAW_INLINE void fillNarrow(const Canvas& canvas, const Slopes<step>& slopes, const Paint& paint, const Area& area) {
  const Shade<F> shade = {paint.perColumn - F{}, paint.farthest - F{}, paint.nearest - F{}, paint.slot, paint.owner};
  const float middle = paint.middle, perLine = paint.perLine;
  I onLine[edges], down[edges];
  for (int i = 0; i < edges; i++) {
    onLine[i] = slopes.start[i * step] + numbered<I>() * slopes.perColumn[i * step];
    down[i] = slopes.perLine[i * step] - I{};
  }
  const size_t stride = size_t(canvas.stride), begin = size_t(area.top) * stride + size_t(area.first);
  float* nearness = canvas.nearness + begin;
  uint32_t* slots = canvas.slots + begin;
  // Halves of small numbers: exact, however they are added up.
  const F across = shade.perColumn * (numbered<F>() + (float(area.first) + canvas.fromMiddleX));
  float line = float(area.top) + canvas.fromMiddleY;
  for (int at = area.top; at <= area.bottom; at++) {
    I outside = onLine[0];
    for (int edge = 1; edge < edges; edge++) outside |= onLine[edge];
    fillPixels(canvas, outside, (middle + perLine * line) + across, shade, nearness, slots);
    for (int edge = 0; edge < edges; edge++) onLine[edge] += down[edge];
    line += 1;
    nearness += stride;
    slots += stride;
  }
}

// Values of an area are read once: for all the compiler knows, pixels may lie over them.
template <int edges, int step>
DRAW_INLINE void fillWide(const Canvas& canvas, const Slopes<step>& slopes, const Paint& paint, const Area& area) {
  const Shade<Floats> shade = {all(paint.perColumn), all(paint.farthest), all(paint.nearest), paint.slot, paint.owner};
  const float middle = paint.middle, perLine = paint.perLine;
  Ints onLine[edges], down[edges], onward[edges];
  for (int i = 0; i < edges; i++) {
    onLine[i] = slopes.start[i * step] + numbered<Ints>() * slopes.perColumn[i * step];
    down[i] = all(slopes.perLine[i * step]);
    onward[i] = all(slopes.perColumn[i * step] * lanes);
  }
  const size_t stride = size_t(canvas.stride), begin = size_t(area.top) * stride + size_t(area.first);
  float* nearness = canvas.nearness + begin;
  uint32_t* slots = canvas.slots + begin;
  const Floats firstColumn = numbered<Floats>() + (float(area.first) + canvas.fromMiddleX);
  float line = float(area.top) + canvas.fromMiddleY;
  const int lines = area.bottom - area.top + 1, columns = area.last - area.first + 1;
  for (int i = 0; i < lines; i++) {
    const Floats here = all(middle + perLine * line);
    Floats column = firstColumn;
    Ints at[edges];
    for (int edge = 0; edge < edges; edge++) at[edge] = onLine[edge];
    for (int x = 0; x < columns; x += lanes) {
      Ints outside = at[0];
      for (int edge = 1; edge < edges; edge++) outside |= at[edge];
      fillPixels(canvas, outside, here + shade.perColumn * column, shade, nearness + x, slots + x);
      for (int edge = 0; edge < edges; edge++) at[edge] += onward[edge];
      column += float(lanes);
    }
    for (int edge = 0; edge < edges; edge++) onLine[edge] += down[edge];
    line += 1;
    nearness += stride;
    slots += stride;
  }
}

template <int edges, int step>
DRAW_INLINE void fillBlock(const Canvas& canvas, const Slopes<step>& slopes, const Paint& paint, const Area& area) {
  const int columns = area.last - area.first + 1;
#if DRAW_LANES == 16
  // A vector half as long crosses half as many lines of the cache.
  if (columns <= 8) return fillNarrow<edges, Floats8, Ints8>(canvas, slopes, paint, area);
#endif
  if (columns <= lanes) return fillNarrow<edges, Floats, Ints>(canvas, slopes, paint, area);
  fillWide<edges>(canvas, slopes, paint, area);
}

template <int edges>
DRAW_INLINE void fillEdges(const Canvas& canvas, const Edge* edge, const Paint& paint, const Area& area) {
  int32_t perColumn[edges], perLine[edges], starts[edges];
  for (int i = 0; i < edges; i++) {
    perColumn[i] = edge[i].perColumn;
    perLine[i] = edge[i].perLine;
  }
  for (int top = area.top; top <= area.bottom; top += block) {
    for (int first = area.first; first <= area.last; first += block) {
      for (int i = 0; i < edges; i++) {
        const int64_t start = int64_t(edge[i].perColumn) * first + int64_t(edge[i].perLine) * top + edge[i].start;
        starts[i] = int32_t(start > edgeLimit ? edgeLimit : start < -edgeLimit ? -edgeLimit : start);
      }
      const Slopes<1> slopes = {perColumn, perLine, starts};
      fillBlock<edges>(canvas, slopes, paint, {first, least(first + block - 1, area.last), top, least(top + block - 1, area.bottom)});
    }
  }
}

static __attribute__((noinline)) void fill(const Canvas& canvas, const Outline& outline, const Area& area, const Paint& paint) {
  Edge edge[cornersMax];
  for (int i = 0; i < outline.count; i++) edge[i] = edgeOf(outline, i, i + 1 == outline.count ? 0 : i + 1);
  if (outline.count == 4) return fillEdges<4>(canvas, edge, paint, area);
  if (outline.count == 3) return fillEdges<3>(canvas, edge, paint, area);
  // More come only of clipping. A missing edge lies outside of nothing.
  for (int i = outline.count; i < cornersMax; i++) edge[i] = {0, 0, 0};
  fillEdges<cornersMax>(canvas, edge, paint, area);
}
