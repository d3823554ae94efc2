// The drawing kernel for one width of registers. Included once for each, inside a namespace of its own (DRAW_NAMESPACE, DRAW_LANES), with the
// instructions of that width switched on for all that follows. Everything here must be a plain function of this namespace: a template of the
// standard library that is first used here would carry those instructions into the rest of the program.
namespace metabonk {
namespace DRAW_NAMESPACE {

constexpr int lanes = DRAW_LANES;
constexpr int pairs = lanes / 2;
typedef float Floats __attribute__((vector_size(4 * DRAW_LANES)));
typedef int32_t Ints __attribute__((vector_size(4 * DRAW_LANES)));
typedef uint32_t Words __attribute__((vector_size(4 * DRAW_LANES)));
typedef double Doubles __attribute__((vector_size(4 * DRAW_LANES)));
typedef int64_t Longs __attribute__((vector_size(4 * DRAW_LANES)));
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
DRAW_INLINE Doubles all(double value) { return value - Doubles{}; }
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

DRAW_INLINE uint32_t bitsOf(Longs mask) {
#if DRAW_LANES == 8
  return uint32_t(_mm256_movemask_pd((__m256d)mask));
#elif defined(__SSE2__)
  return uint32_t(_mm_movemask_pd((__m128d)mask));
#else
  uint32_t bits = 0;
  for (int lane = 0; lane < pairs; lane++) bits |= uint32_t(mask[lane] < 0) << lane;
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
  // x, y and z of the axes to the right, down and forward.
  Doubles4 axisX, axisY, axisZ;
  bool wraps;
};

DRAW_INLINE Vector vectorAt(const double* from) { return {from[0], from[1], from[2]}; }

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
}

DRAW_INLINE double magnitude(double v) { return __builtin_fabs(v); }

// The picture being drawn.
struct Canvas {
  int width, height, stride;
  float* nearness;
  uint32_t* slots;
  DrawRoom* room;
  // Tiles for telling what is hidden: pixels along the edge of one, as a power of two; at most `tilesMost` a line.
  int tileShift;
  // From the middle of the picture to the centre of its first pixel.
  float fromMiddleX, fromMiddleY;
};

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

struct Area {
  int first, last, top, bottom;
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

struct Vectors4 {
  Doubles4 x, y, z;
};

DRAW_INLINE Doubles4 along(const Vector& axis, const Vectors4& v) { return axis.x * v.x + axis.y * v.y + axis.z * v.z; }

DRAW_INLINE Doubles4 along(const Vectors4& axis, const Vectors4& v) { return axis.x * v.x + axis.y * v.y + axis.z * v.z; }

DRAW_INLINE Doubles4 magnitudes(Doubles4 v) { return v < 0 ? -v : v; }

DRAW_INLINE uint64_t bitsBetween(int first, int last) { return (~uint64_t(0) >> (63 - (last - first))) << first; }

// Notes that an area may have been drawn on.
DRAW_INLINE void touch(const Canvas& canvas, const Area& area) {
  const uint64_t bits = bitsBetween(area.first >> canvas.tileShift, area.last >> canvas.tileShift);
  for (int line = area.top >> canvas.tileShift; line <= area.bottom >> canvas.tileShift; line++) canvas.room->touched[line] |= bits;
}

// The least nearness in a tile.
static __attribute__((noinline)) float farthestIn(const Canvas& canvas, int column, int line) {
  const int edge = 1 << canvas.tileShift;
  const int bottom = least((line + 1) * edge, canvas.height);
  Floats low = all(__builtin_inff());
  for (int at = line * edge; at < bottom; at++) {
    const float* const pixels = canvas.nearness + size_t(at) * canvas.stride;
    for (int first = column * edge; first < least((column + 1) * edge, canvas.width); first += lanes) {
      const Floats here = load<Floats>(pixels + first);
      low = here < low ? here : low;
    }
  }
  float most = low[0];
  for (int lane = 1; lane < lanes; lane++) most = low[lane] < most ? low[lane] : most;
  return most;
}

// Whether all of an area shows what is nearer than this.
DRAW_INLINE bool isHidden(const Canvas& canvas, const Area& area, float nearness) {
  DrawRoom* const room = canvas.room;
  for (int line = area.top >> canvas.tileShift; line <= area.bottom >> canvas.tileShift; line++) {
    for (int column = area.first >> canvas.tileShift; column <= area.last >> canvas.tileShift; column++) {
      float* const farthest = room->farthest + line * tilesMost + column;
      const uint64_t bit = uint64_t(1) << column;
      if ((room->touched[line] & bit) != 0) {
        room->touched[line] &= ~bit;
        *farthest = farthestIn(canvas, column, line);
      }
      if (!(nearness < *farthest)) return false;
    }
  }
  return true;
}

// Lanes of `tied` where the face takes the pixel: of equally near ones, the instance that comes first is seen.
static __attribute__((noinline)) Ints winners(const Canvas& canvas, Ints tied, Words slots, uint32_t owner) {
  Ints won = tied;
  for (int lane = 0; lane < lanes; lane++) {
    if (tied[lane] != 0 && (slots[lane] == 0 || canvas.room->owners[slots[lane]] <= owner)) won[lane] = 0;
  }
  return won;
}

// How edge functions change from pixel to pixel, and what they are at an area's first pixel.
template <int most>
struct Slopes {
  int32_t perColumn[most];
  int32_t perLine[most];
  int32_t start[most];
};

// A paint in all lanes.
struct Shade {
  Floats perColumn, farthest, nearest;
  Words slot;
  uint32_t owner;
};

// Puts what is nearer, and inside of all edges, into a vector of pixels. Stores also where nothing is: whether something is cannot be foretold.
DRAW_INLINE void fillPixels(const Canvas& canvas, Ints outside, Floats flat, const Shade& shade, float* nearness, uint32_t* slots) {
  const Floats there = load<Floats>(nearness);
  const Words seen = load<Words>(slots);
  const Floats raised = flat < shade.farthest ? shade.farthest : flat;
  const Floats mine = raised > shade.nearest ? shade.nearest : raised;
  Ints wins = ~(outside >> 31) & (Ints)(mine >= there);
  const Ints tied = wins & (Ints)(mine == there);
  if (__builtin_expect(bitsOf(tied) != 0, 0)) wins = (wins & ~tied) | winners(canvas, tied, seen, shade.owner);
  store(nearness, wins ? mine : there);
  store(slots, wins ? shade.slot : seen);
}

// Values of an area are read once: for all the compiler knows, pixels may lie over them.
template <int edges, int most>
DRAW_INLINE void fillBlock(const Canvas& canvas, const Slopes<most>& slopes, const Paint& paint, const Area& area) {
  const Shade shade = {all(paint.perColumn), all(paint.farthest), all(paint.nearest), paint.slot - Words{}, paint.owner};
  const float middle = paint.middle, perLine = paint.perLine;
  const Ints lane = __builtin_convertvector(laneNumbers(), Ints);
  Ints onLine[edges], down[edges];
  for (int i = 0; i < edges; i++) {
    onLine[i] = slopes.start[i] + lane * slopes.perColumn[i];
    down[i] = all(slopes.perLine[i]);
  }
  const size_t stride = size_t(canvas.stride), begin = size_t(area.top) * stride + size_t(area.first);
  float* nearness = canvas.nearness + begin;
  uint32_t* slots = canvas.slots + begin;
  // Halves of small numbers: exact, however they are added up.
  const Floats firstColumn = laneNumbers() + (float(area.first) + canvas.fromMiddleX);
  float line = float(area.top) + canvas.fromMiddleY;
  const int lines = area.bottom - area.top + 1, columns = area.last - area.first + 1;
  if (columns <= lanes) {
    const Floats across = shade.perColumn * firstColumn;
    for (int i = 0; i < lines; i++) {
      Ints outside = onLine[0];
      for (int edge = 1; edge < edges; edge++) outside |= onLine[edge];
      fillPixels(canvas, outside, (middle + perLine * line) + across, shade, nearness, slots);
      for (int edge = 0; edge < edges; edge++) onLine[edge] += down[edge];
      line += 1;
      nearness += stride;
      slots += stride;
    }
    return;
  }
  Ints onward[edges];
  for (int i = 0; i < edges; i++) onward[i] = all(slopes.perColumn[i] * lanes);
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

template <int edges>
DRAW_INLINE void fillEdges(const Canvas& canvas, const Edge* edge, const Paint& paint, const Area& area) {
  Slopes<edges> slopes;
  for (int i = 0; i < edges; i++) {
    slopes.perColumn[i] = edge[i].perColumn;
    slopes.perLine[i] = edge[i].perLine;
  }
  for (int top = area.top; top <= area.bottom; top += block) {
    for (int first = area.first; first <= area.last; first += block) {
      for (int i = 0; i < edges; i++) {
        const int64_t start = int64_t(edge[i].perColumn) * first + int64_t(edge[i].perLine) * top + edge[i].start;
        slopes.start[i] = int32_t(start > edgeLimit ? edgeLimit : start < -edgeLimit ? -edgeLimit : start);
      }
      fillBlock<edges>(canvas, slopes, paint, {first, least(first + block - 1, area.last), top, least(top + block - 1, area.bottom)});
    }
  }
}

static __attribute__((noinline)) void fill(const Canvas& canvas, const Outline& outline, const Area& area, const Paint& paint) {
  touch(canvas, area);
  Edge edge[cornersMax];
  for (int i = 0; i < outline.count; i++) edge[i] = edgeOf(outline, i, i + 1 == outline.count ? 0 : i + 1);
  if (outline.count == 4) return fillEdges<4>(canvas, edge, paint, area);
  if (outline.count == 3) return fillEdges<3>(canvas, edge, paint, area);
  // More come only of clipping. A missing edge lies outside of nothing.
  for (int i = outline.count; i < cornersMax; i++) edge[i] = {0, 0, 0};
  fillEdges<cornersMax>(canvas, edge, paint, area);
}

// Three or four corners as vectors; of a triangle, the first comes again as the fourth.
struct Quad {
  Ints4 columns, lines;
  bool isTriangle;
};

// Outlines of at most this many 256ths of a pixel an edge have edge functions that fit 32 bits everywhere within their bounds.
constexpr int smallMost = 64 * 256;

DRAW_INLINE int leastOf(Ints4 v) {
  const Ints4 w = DRAW_SHUFFLE(v, 2, 3, 0, 1);
  const Ints4 m = v < w ? v : w;
  return least(m[0], m[1]);
}

DRAW_INLINE int mostOf(Ints4 v) {
  const Ints4 w = DRAW_SHUFFLE(v, 2, 3, 0, 1);
  const Ints4 m = v > w ? v : w;
  return most(m[0], m[1]);
}

DRAW_INLINE float leastOf(Floats4 v) {
  const Floats4 w = DRAW_SHUFFLE(v, 2, 3, 0, 1);
  const Floats4 m = v < w ? v : w;
  return m[0] < m[1] ? m[0] : m[1];
}

DRAW_INLINE float mostOf(Floats4 v) {
  const Floats4 w = DRAW_SHUFFLE(v, 2, 3, 0, 1);
  const Floats4 m = v > w ? v : w;
  return m[0] > m[1] ? m[0] : m[1];
}

// As `areaOf`; tells also whether the outline is small. Columns in lane 0, lines in lane 1.
DRAW_INLINE bool areaOfQuad(const Canvas& canvas, const Quad& quad, Area* area, bool* isSmall) {
  const Ints4 firsts = DRAW_MERGE(quad.columns, quad.lines, 0, 4, 1, 5), lasts = DRAW_MERGE(quad.columns, quad.lines, 2, 6, 3, 7);
  const Ints4 lower = firsts < lasts ? firsts : lasts, upper = firsts > lasts ? firsts : lasts;
  const Ints4 otherLower = DRAW_SHUFFLE(lower, 2, 3, 0, 1), otherUpper = DRAW_SHUFFLE(upper, 2, 3, 0, 1);
  const Ints4 low = lower < otherLower ? lower : otherLower, high = upper > otherUpper ? upper : otherUpper;
  const Ints4 from = (low + 127) >> 8, to = (high - 128) >> 8, end = {canvas.width - 1, canvas.height - 1, canvas.width - 1, canvas.height - 1};
  const Ints4 first = from > 0 ? from : Ints4{}, last = to < end ? to : end;
  *isSmall = bitsOf4((Ints4)(high - low > smallMost)) == 0;
  *area = {first[0], last[0], first[1], last[1]};
  return bitsOf4((Ints4)(first > last)) == 0;
}

DRAW_INLINE Outline outlineOf(const Quad& quad) {
  Outline outline;
  outline.count = quad.isTriangle ? 3 : 4;
  store(outline.columns, quad.columns);
  store(outline.lines, quad.lines);
  return outline;
}

// Fills a small outline whose corners are distinct and bent outwards. False where they are not.
DRAW_INLINE bool fillSmall(const Canvas& canvas, const Quad& quad, const Area& area, const Paint& paint) {
  const Ints4 dx = DRAW_SHUFFLE(quad.columns, 1, 2, 3, 0) - quad.columns;
  const Ints4 dy = DRAW_SHUFFLE(quad.lines, 1, 2, 3, 0) - quad.lines;
  const Ints4 turns = dy * DRAW_SHUFFLE(dx, 1, 2, 3, 0) - dx * DRAW_SHUFFLE(dy, 1, 2, 3, 0);
  const uint32_t twins = bitsOf4((Ints4)((dx | dy) == 0)) & (quad.isTriangle ? 7u : 15u);
  if (twins != 0 || bitsOf4(turns) != 0 || bitsOf4((Ints4)(turns > 0)) == 0) return false;
  const Ints4 mine = (Ints4)(dy > 0) | ((Ints4)(dy == 0) & (Ints4)(dx < 0));
  const Ints4 start = (dy * (area.first * 256 + 128 - quad.columns) - dx * (area.top * 256 + 128 - quad.lines) + ~mine) >> 8;
  Slopes<4> slopes;
  store(slopes.perColumn, dy);
  store(slopes.perLine, -dx);
  store(slopes.start, start);
  touch(canvas, area);
  if (quad.isTriangle) fillBlock<3>(canvas, slopes, paint, area);
  else fillBlock<4>(canvas, slopes, paint, area);
  return true;
}

DRAW_INLINE Paint paintOf(const Plane& plane, double farthest, double nearest, uint32_t slot, uint32_t owner) {
  const bool flat = !(magnitude(plane.middle) <= steepest && magnitude(plane.perColumn) <= steepest && magnitude(plane.perLine) <= steepest);
  if (flat) return {0, 0, float(nearest), float(farthest), float(nearest), slot, owner};
  return {float(plane.perColumn), float(plane.perLine), float(plane.middle), float(farthest), float(nearest), slot, owner};
}

// Twice the area of a triangle of corners: positive when it is counter-clockwise to the eye.
DRAW_INLINE int64_t turn(const Outline& o, int a, int b, int c) {
  return int64_t(o.lines[b] - o.lines[a]) * (o.columns[c] - o.columns[a]) - int64_t(o.columns[b] - o.columns[a]) * (o.lines[c] - o.lines[a]);
}

// The first corner that does not turn outwards, -1 where all do.
DRAW_INLINE int firstBent(const Outline& outline) {
  bool turned = false;
  for (int i = 0; i < outline.count; i++) {
    const int64_t area = turn(outline, i == 0 ? outline.count - 1 : i - 1, i, i + 1 == outline.count ? 0 : i + 1);
    if (area < 0) return i;
    turned |= area > 0;
  }
  return turned ? -1 : 0;
}

DRAW_INLINE void mergeCorners(Outline* outline) {
  int kept = 0;
  for (int i = 0; i < outline->count; i++) {
    if (kept > 0 && outline->columns[kept - 1] == outline->columns[i] && outline->lines[kept - 1] == outline->lines[i]) continue;
    outline->columns[kept] = outline->columns[i];
    outline->lines[kept++] = outline->lines[i];
  }
  if (kept > 1 && outline->columns[kept - 1] == outline->columns[0] && outline->lines[kept - 1] == outline->lines[0]) kept--;
  outline->count = kept;
}

DRAW_INLINE bool hasTwins(const Outline& o) {
  for (int i = 0; i < o.count; i++) {
    const int next = i + 1 == o.count ? 0 : i + 1;
    if (o.columns[i] == o.columns[next] && o.lines[i] == o.lines[next]) return true;
  }
  return false;
}

// An outline whose corners are not all distinct and bent outwards, as the twin has it.
static __attribute__((noinline)) void fillBent(const Canvas& canvas, Outline outline, const Paint& paint) {
  mergeCorners(&outline);
  if (outline.count < 3) return;
  Area area;
  const int bent = firstBent(outline);
  if (bent == -1) {
    if (areaOf(canvas, outline, &area)) fill(canvas, outline, area, paint);
    return;
  }
  if (outline.count == 3) return;
  for (int i = 1; i < outline.count - 1; i++) {
    const int b = (bent + i) % outline.count, c = (bent + i + 1) % outline.count;
    if (turn(outline, bent, b, c) <= 0) continue;
    const Outline triangle = {3, {outline.columns[bent], outline.columns[b], outline.columns[c]}, {outline.lines[bent], outline.lines[b], outline.lines[c]}};
    if (areaOf(canvas, triangle, &area)) fill(canvas, triangle, area, paint);
  }
}

struct Polygon {
  int count;
  double x[cornersMax], y[cornersMax], z[cornersMax];
};

// Keeps what is on the positive side of a plane; what it cuts lies at `depth`, where that is above 0.
static void clip(Polygon* polygon, double a, double b, double c, double d, double depth) {
  const Polygon p = *polygon;
  int kept = 0;
  const auto keep = [&](double x, double y, double z) {
    polygon->x[kept] = x;
    polygon->y[kept] = y;
    polygon->z[kept++] = z;
  };
  for (int i = 0; i < p.count; i++) {
    const int next = i + 1 == p.count ? 0 : i + 1;
    const double here = a * p.x[i] + b * p.y[i] + c * p.z[i] + d;
    const double there = a * p.x[next] + b * p.y[next] + c * p.z[next] + d;
    if (here >= 0) keep(p.x[i], p.y[i], p.z[i]);
    if ((here >= 0) == (there >= 0)) continue;
    const int from = here >= 0 ? i : next, to = here >= 0 ? next : i;
    const double share = here >= 0 ? here / (here - there) : there / (there - here);
    keep(p.x[from] + (p.x[to] - p.x[from]) * share, p.y[from] + (p.y[to] - p.y[from]) * share, depth > 0 ? depth : p.z[from] + (p.z[to] - p.z[from]) * share);
  }
  polygon->count = kept;
}

struct Projected {
  double columns[cornersMax], lines[cornersMax], least, greatest;
};

DRAW_INLINE bool project(const Eye& eye, const Polygon& polygon, Projected* out) {
  bool inside = true;
  out->least = __builtin_inf();
  out->greatest = 0;
  for (int i = 0; i < polygon.count; i++) {
    const double inverse = 1 / polygon.z[i];
    const double column = eye.middleX * subpixels + eye.focal256 * polygon.x[i] * inverse + rounder - rounder;
    const double line = eye.middleY * subpixels + eye.focal256 * polygon.y[i] * inverse + rounder - rounder;
    if (!(magnitude(column) <= guard && magnitude(line) <= guard)) inside = false;
    out->columns[i] = column;
    out->lines[i] = line;
    if (inverse < out->least) out->least = inverse;
    if (inverse > out->greatest) out->greatest = inverse;
  }
  return inside;
}

DRAW_INLINE double held(double v) { return v > -guard ? (v < guard ? v : guard) : -guard; }

// A polygon of which some is nearer than the near plane or far outside the picture.
static __attribute__((noinline)) void fillClipped(const Canvas& canvas, const Eye& eye, Polygon polygon, const Plane& plane, uint32_t slot, uint32_t owner) {
  bool isNearer = false;
  for (int i = 0; i < polygon.count; i++) isNearer |= polygon.z[i] < eye.nearest;
  if (isNearer) clip(&polygon, 0, 0, 1, -eye.nearest, eye.nearest);
  if (polygon.count < 3) return;
  Projected at;
  if (!project(eye, polygon, &at)) {
    clip(&polygon, eye.focal256, 0, eye.middleX * subpixels + guard, 0, 0);
    clip(&polygon, -eye.focal256, 0, guard - eye.middleX * subpixels, 0, 0);
    clip(&polygon, 0, eye.focal256, eye.middleY * subpixels + guard, 0, 0);
    clip(&polygon, 0, -eye.focal256, guard - eye.middleY * subpixels, 0, 0);
    if (polygon.count < 3) return;
    project(eye, polygon, &at);
  }
  Outline outline;
  outline.count = polygon.count;
  for (int i = 0; i < polygon.count; i++) {
    outline.columns[i] = int32_t(held(at.columns[i]));
    outline.lines[i] = int32_t(held(at.lines[i]));
  }
  fillBent(canvas, outline, paintOf(plane, at.least, at.greatest, slot, owner));
}

static __attribute__((noinline)) void fillOther(const Canvas& canvas, const Outline& outline, const Area& area, const Paint& paint) {
  if (hasTwins(outline) || firstBent(outline) != -1) fillBent(canvas, outline, paint);
  else fill(canvas, outline, area, paint);
}

static __attribute__((noinline)) void fillQuad(const Canvas& canvas, const Quad& quad, const Area& area, bool isSmall, const Paint& paint) {
  if (!isSmall || !fillSmall(canvas, quad, area, paint)) fillOther(canvas, outlineOf(quad), area, paint);
}

// ---- Four polygons at once: one in each lane ----

// Bounds in 1/256 pixel.
struct FourBounds {
  Ints4 low, high, top, bottom;
};

struct FourAreas {
  Ints4 first, last, top, bottom;
};

// Far beyond what corners have, and small enough to reckon with.
constexpr FourBounds noBounds = {Ints4{} + (1 << 30), Ints4{} - (1 << 30), Ints4{} + (1 << 30), Ints4{} - (1 << 30)};

DRAW_INLINE Ints4 lower(Ints4 a, Ints4 b) { return a < b ? a : b; }
DRAW_INLINE Ints4 higher(Ints4 a, Ints4 b) { return a > b ? a : b; }
DRAW_INLINE Doubles4 lower(Doubles4 a, Doubles4 b) { return a < b ? a : b; }
DRAW_INLINE Doubles4 higher(Doubles4 a, Doubles4 b) { return a > b ? a : b; }

DRAW_INLINE void include(FourBounds* bounds, Ints4 columns, Ints4 lines) {
  bounds->low = lower(bounds->low, columns);
  bounds->high = higher(bounds->high, columns);
  bounds->top = lower(bounds->top, lines);
  bounds->bottom = higher(bounds->bottom, lines);
}

// As `areaWithin`.
DRAW_INLINE FourAreas areasWithin(const Canvas& canvas, const FourBounds& bounds) {
  return {higher((bounds.low + 127) >> 8, Ints4{}), lower((bounds.high - 128) >> 8, all4(canvas.width - 1)),
          higher((bounds.top + 127) >> 8, Ints4{}), lower((bounds.bottom - 128) >> 8, all4(canvas.height - 1))};
}

// Where there are no pixels.
DRAW_INLINE Ints4 isEmpty(const FourAreas& areas) { return (Ints4)(areas.first > areas.last) | (Ints4)(areas.top > areas.bottom); }

DRAW_INLINE uint32_t coverOf(const FourAreas& areas) { return ~bitsOf4(isEmpty(areas)) & 15; }

// Edge functions of four polygons at the first pixels of their areas.
template <int edges>
struct FourSlopes {
  Ints4 perColumn[edges], perLine[edges], start[edges];
};

template <int edges>
DRAW_INLINE Slopes<edges> slopesIn(const FourSlopes<edges>& four, int lane) {
  Slopes<edges> slopes;
  for (int i = 0; i < edges; i++) {
    slopes.perColumn[i] = four.perColumn[i][lane];
    slopes.perLine[i] = four.perLine[i][lane];
    slopes.start[i] = four.start[i][lane];
  }
  return slopes;
}

// Slopes of small outlines.
template <int edges>
DRAW_INLINE void openSlopes(const Ints4* columns, const Ints4* lines, const FourAreas& areas, FourSlopes<edges>* slopes) {
  const Ints4 column = areas.first * 256 + 128, line = areas.top * 256 + 128;
  for (int i = 0; i < edges; i++) {
    const int next = i + 1 == edges ? 0 : i + 1;
    const Ints4 dx = columns[next] - columns[i], dy = lines[next] - lines[i];
    const Ints4 mine = (Ints4)(dy > 0) | ((Ints4)(dy == 0) & (Ints4)(dx < 0));
    slopes->perColumn[i] = dy;
    slopes->perLine[i] = -dx;
    slopes->start[i] = (dy * (column - columns[i]) - dx * (line - lines[i]) + ~mine) >> 8;
  }
}

// ---- Instances ----


// x, y and z in an object of the directions to the right, down and forward.
struct Turned {
  Doubles4 x, y, z;
};

struct Body {
  Vector away, middle;
  // Columns of M, rows of its inverse, the direction towards the light in the object.
  Vector axes[3], inverse[3], light;
  // Columns of M as the eye sees them: to the right, down, forward.
  Doubles4 seen[3];
  // The eye's place in the object.
  Vector place;
  // The directions to the right, down and forward in the object, found when a face needs them.
  Turned turned;
  bool isTurned;
};

DRAW_INLINE double floorOf(double v) { return __builtin_floor(v); }

DRAW_INLINE double awayFrom(double at, double eye, double period, bool wraps) {
  const double away = at - eye;
  return wraps ? away - period * floorOf(away / period + 0.5) : away;
}

DRAW_INLINE void turnAxis(const float* words, Body* body, int axis, double x, double y, double z) {
  const double scale = words[draw::axes + 4 * axis];
  const double inverse = words[draw::inverse + 4 * axis];
  body->axes[axis] = {x * scale, y * scale, z * scale};
  body->inverse[axis] = {x * inverse, y * inverse, z * inverse};
  const double light = x * words[draw::light] + y * words[draw::light + 1] + z * words[draw::light + 2];
  (axis == 0 ? body->light.x : axis == 1 ? body->light.y : body->light.z) = light;
}

DRAW_INLINE Vector vectorOf(const float* from) { return {from[0], from[1], from[2]}; }

DRAW_INLINE bool turnBody(const Eye& eye, const float* words, uint32_t mode, Body* body) {
  if (mode == draw::standing) {
    for (int i = 0; i < 3; i++) body->axes[i] = vectorOf(words + draw::axes + 3 * i);
    for (int i = 0; i < 3; i++) body->inverse[i] = vectorOf(words + draw::inverse + 3 * i);
    body->light = vectorOf(words + draw::light);
    return true;
  }
  if (mode == draw::facing) {
    turnAxis(words, body, 0, eye.right.x, eye.right.y, eye.right.z);
    turnAxis(words, body, 1, eye.forward.x, eye.forward.y, eye.forward.z);
    turnAxis(words, body, 2, -eye.down.x, -eye.down.y, -eye.down.z);
    return true;
  }
  const double x = body->away.x, y = body->away.y;
  const double distance = __builtin_sqrt(x * x + y * y);
  if (!(distance > 0)) return false;
  turnAxis(words, body, 0, y / distance, -(x / distance), 0);
  turnAxis(words, body, 1, x / distance, y / distance, 0);
  turnAxis(words, body, 2, 0, 0, 1);
  return true;
}

// Scalar products of a vector with those to the right, down and forward.
DRAW_INLINE Doubles4 lookAlong(const Eye& eye, const Vector& v) { return eye.axisX * v.x + eye.axisY * v.y + eye.axisZ * v.z; }

DRAW_INLINE void lookAt(const Eye& eye, Body* body) {
  double place[3];
  for (int i = 0; i < 3; i++) {
    const Vector b = body->inverse[i];
    body->seen[i] = lookAlong(eye, body->axes[i]);
    place[i] = -(b.x * body->away.x + b.y * body->away.y + b.z * body->away.z);
  }
  body->place = {place[0], place[1], place[2]};
}

// A plane of the object over the picture, given its normal in the object.
DRAW_INLINE Plane planeOf(const Eye& eye, const Turned& turned, const Vector& normal, double before) {
  const double inverse = 1 / before;
  const Doubles4 grown = (turned.x * normal.x + turned.y * normal.y + turned.z * normal.z) * inverse;
  return {grown[0] * eye.inverseFocal, grown[1] * eye.inverseFocal, grown[2]};
}

// Puts the corners of a mesh into the room: as the eye sees them, and in the picture. False when they miss every pixel.
DRAW_INLINE bool findCorners(const Canvas& canvas, const Eye& eye, const Body& body, uint32_t from, uint32_t count) {
  const DrawRoom& room = *canvas.room;
  const double middleX = eye.middleX * subpixels, middleY = eye.middleY * subpixels;
  Ints4 low = all4(INT32_MAX), high = all4(INT32_MIN), top = low, bottom = high, clipped = {};
  for (uint32_t i = 0; i < count; i += 4) {
    const Doubles4 vx = load<Doubles4>(room.vertexX + from + i);
    const Doubles4 vy = load<Doubles4>(room.vertexY + from + i);
    const Doubles4 vz = load<Doubles4>(room.vertexZ + from + i);
    const Doubles4 atX = body.middle.x + body.seen[0][0] * vx + body.seen[1][0] * vy + body.seen[2][0] * vz;
    const Doubles4 atY = body.middle.y + body.seen[0][1] * vx + body.seen[1][1] * vy + body.seen[2][1] * vz;
    const Doubles4 atZ = body.middle.z + body.seen[0][2] * vx + body.seen[1][2] * vy + body.seen[2][2] * vz;
    const Doubles4 over = 1 / atZ;
    const Doubles4 columnAt = middleX + eye.focal256 * atX * over + rounder - rounder;
    const Doubles4 lineAt = middleY + eye.focal256 * atY * over + rounder - rounder;
    const Longs4 isInside = (columnAt <= guard) & (columnAt >= -guard) & (lineAt <= guard) & (lineAt >= -guard) & (atZ >= eye.nearest);
    // What is outside is not converted: there is no such integer.
    const Ints4 column = __builtin_convertvector(isInside ? columnAt : Doubles4{}, Ints4);
    const Ints4 line = __builtin_convertvector(isInside ? lineAt : Doubles4{}, Ints4);
    const Ints4 outside = __builtin_convertvector(~isInside, Ints4);
    const Ints4 overs = (Ints4)__builtin_convertvector(over, Floats4);
    clipped |= outside;
    low = column < low ? column : low;
    high = column > high ? column : high;
    top = line < top ? line : top;
    bottom = line > bottom ? line : bottom;
    store(room.cornerX + i, atX);
    store(room.cornerY + i, atY);
    store(room.cornerZ + i, atZ);
    const Ints4 firsts = DRAW_MERGE(column, line, 0, 4, 1, 5), lasts = DRAW_MERGE(column, line, 2, 6, 3, 7);
    const Ints4 firstMarks = DRAW_MERGE(overs, outside, 0, 4, 1, 5), lastMarks = DRAW_MERGE(overs, outside, 2, 6, 3, 7);
    store(room.corners + 4 * i, DRAW_MERGE(firsts, firstMarks, 0, 1, 4, 5));
    store(room.corners + 4 * i + 4, DRAW_MERGE(firsts, firstMarks, 2, 3, 6, 7));
    store(room.corners + 4 * i + 8, DRAW_MERGE(lasts, lastMarks, 0, 1, 4, 5));
    store(room.corners + 4 * i + 12, DRAW_MERGE(lasts, lastMarks, 2, 3, 6, 7));
  }
  Area area;
  return bitsOf4(clipped) != 0 || areaWithin(canvas, {leastOf(low), mostOf(high), leastOf(top), mostOf(bottom)}, &area);
}

DRAW_INLINE uint32_t shine(uint32_t byte, double light) {
  const double value = double(byte) * light + 0.5;
  return value < 255 ? uint32_t(value) : 255;
}

DRAW_INLINE uint32_t lit(uint32_t colour, double light) {
  return shine(colour >> 16 & 255, light) << 16 | shine(colour >> 8 & 255, light) << 8 | shine(colour & 255, light);
}

// A face of an instance; how far before it the eye is, below 0, over the scale of the object.
struct Face {
  uint32_t index, instance;
  double before;
};

// Notes what a face looks like. Its slot.
DRAW_INLINE uint32_t addLook(const DrawJob& job, DrawRoom* room, const Face& face, const Vector& normal, const Vector& toLight) {
  const double cosine = along(toLight, normal.x, normal.y, normal.z);
  const double light = job.numbers.data[draw::ambient] + job.numbers.data[draw::strength] * (cosine > 0 ? cosine : 0);
  const uint32_t* const tag = job.tags.data + size_t(face.instance) * draw::tagWords;
  const uint32_t own = job.faces.data[size_t(face.index) * draw::faceWords + 4];
  const uint32_t slot = room->lookCount++;
  room->looks[slot] = {lit(own == draw::none ? tag[draw::tagColour] : own, light), tag[draw::tagSegmentation]};
  room->owners[slot] = face.instance;
  return slot;
}

DRAW_INLINE void drawFace(const DrawJob& job, const Canvas& canvas, const Eye& eye, Body* body, const Face& face) {
  const uint32_t* const words = job.faces.data + size_t(face.index) * draw::faceWords;
  DrawRoom* const room = canvas.room;
  const bool isTriangle = words[3] == draw::none;
  const uint32_t fourth = isTriangle ? words[0] : words[3];
  const Ints4 a = load<Ints4>(room->corners + 4 * words[0]), b = load<Ints4>(room->corners + 4 * words[1]);
  const Ints4 c = load<Ints4>(room->corners + 4 * words[2]), d = load<Ints4>(room->corners + 4 * fourth);
  const Ints4 ab = DRAW_MERGE(a, b, 0, 4, 1, 5), cd = DRAW_MERGE(c, d, 0, 4, 1, 5);
  const Quad quad = {DRAW_MERGE(ab, cd, 0, 1, 4, 5), DRAW_MERGE(ab, cd, 2, 3, 6, 7), isTriangle};
  const bool isClipped = (a[3] | b[3] | c[3] | d[3]) != 0;
  Area area;
  bool isSmall = false;
  if (!isClipped && !areaOfQuad(canvas, quad, &area, &isSmall)) return;
  if (!body->isTurned) body->turned = {lookAlong(eye, body->inverse[0]), lookAlong(eye, body->inverse[1]), lookAlong(eye, body->inverse[2])};
  body->isTurned = true;
  const Vector normal = vectorOf(job.planes.data + size_t(face.index) * draw::planeWords);
  const Plane plane = planeOf(eye, body->turned, normal, face.before);
  const uint32_t slot = addLook(job, room, face, normal, body->light);
  if (isClipped) {
    Polygon polygon;
    polygon.count = isTriangle ? 3 : 4;
    for (int i = 0; i < polygon.count; i++) {
      polygon.x[i] = room->cornerX[words[i]];
      polygon.y[i] = room->cornerY[words[i]];
      polygon.z[i] = room->cornerZ[words[i]];
    }
    return fillClipped(canvas, eye, polygon, plane, slot, face.instance);
  }
  const Floats4 overs = (Floats4)DRAW_MERGE(DRAW_MERGE(a, b, 2, 6, 2, 6), DRAW_MERGE(c, d, 2, 6, 2, 6), 0, 1, 4, 5);
  fillQuad(canvas, quad, area, isSmall, paintOf(plane, leastOf(overs), mostOf(overs), slot, face.instance));
}

DRAW_INLINE uint32_t levelOf(const DrawJob& job, const Eye& eye, uint32_t mesh, double radius, double depth) {
  const double pixels = 2 * radius * eye.focal / (depth > eye.nearest ? depth : eye.nearest);
  const uint32_t* words = job.meshes.data + size_t(mesh) * draw::meshWords;
  while (words[draw::coarser] != draw::none && pixels < words[draw::coarserBelow]) {
    mesh = words[draw::coarser];
    words = job.meshes.data + size_t(mesh) * draw::meshWords;
  }
  return mesh;
}

// Draws one instance whose sphere may be seen, by vectors of corners and of faces.
static void drawInstance(const DrawJob& job, const Canvas& canvas, const Eye& eye, uint32_t instance) {
  DrawRoom* const room = canvas.room;
  const size_t stride = size_t(job.numbers.data[draw::capacity]);
  const float* const bounds = job.bounds.data + instance;
  Body body;
  body.isTurned = false;
  body.turned = {Doubles4{}, Doubles4{}, Doubles4{}};
  body.away = {awayFrom(bounds[0], eye.place.x, eye.spaceWidth, eye.wraps), awayFrom(bounds[stride], eye.place.y, eye.spaceHeight, eye.wraps),
               double(bounds[2 * stride]) - eye.place.z};
  const double radius = bounds[3 * stride];
  body.middle = {along(eye.right, body.away.x, body.away.y, body.away.z), along(eye.down, body.away.x, body.away.y, body.away.z),
                 along(eye.forward, body.away.x, body.away.y, body.away.z)};
  const uint32_t tag = job.tags.data[size_t(instance) * draw::tagWords + draw::tagMesh];
  if (!turnBody(eye, job.bodies.data + size_t(instance) * draw::bodyWords, tag >> 24, &body)) return;
  lookAt(eye, &body);
  const uint32_t mesh = levelOf(job, eye, tag & 0xffffff, radius, body.middle.z);
  const uint32_t* const words = job.meshes.data + size_t(mesh) * draw::meshWords;
  const uint32_t faceCount = words[draw::faceCount];
  if (faceCount > room->lookMax - room->lookCount) growLooks(room, faceCount);
  if (!findCorners(canvas, eye, body, room->vertexStart[mesh], words[draw::vertexCount])) return;
  const size_t planes = room->planeStart[mesh];
  for (uint32_t face = 0; face < faceCount; face += pairs) {
    const Doubles nx = load<Doubles>(room->planeX + planes + face);
    const Doubles ny = load<Doubles>(room->planeY + planes + face);
    const Doubles nz = load<Doubles>(room->planeZ + planes + face);
    const Doubles d = load<Doubles>(room->planeD + planes + face);
    const Doubles before = d - (body.place.x * nx + body.place.y * ny + body.place.z * nz);
    // Planes beyond the last face have d = 1 and no normal: nobody is behind them.
    for (uint32_t bits = bitsOf((Longs)(before < 0)); bits != 0; bits &= bits - 1) {
      const int lane = __builtin_ctz(bits);
      drawFace(job, canvas, eye, &body, {words[draw::faceFirst] + face + uint32_t(lane), instance, before[lane]});
    }
  }
}

// A whole number at or below each of some: exact up to 2^31, and what lies beyond is nowhere near the space.
DRAW_INLINE Doubles4 floorsOf(Doubles4 v) {
#if DRAW_LANES == 8
  return (Doubles4)_mm256_floor_pd((__m256d)v);
#else
  for (int lane = 0; lane < 4; lane++) v[lane] = __builtin_floor(v[lane]);
  return v;
#endif
}

DRAW_INLINE Doubles4 awaysFrom(Doubles4 at, double eye, double period, bool wraps) {
  const Doubles4 away = at - eye;
  return wraps ? away - period * floorsOf(away / period + 0.5) : away;
}

DRAW_INLINE Doubles4 widened(const float* from) { return __builtin_convertvector(load<Floats4>(from), Doubles4); }

// Which of four instances, from `bounds` on, may be seen; how deep their middles are.
DRAW_INLINE uint32_t meetsOf(const Eye& eye, const float* bounds, size_t stride, Doubles4* depths) {
  const Doubles4 x = awaysFrom(widened(bounds), eye.place.x, eye.spaceWidth, eye.wraps);
  const Doubles4 y = awaysFrom(widened(bounds + stride), eye.place.y, eye.spaceHeight, eye.wraps);
  const Doubles4 z = widened(bounds + 2 * stride) - eye.place.z;
  const Doubles4 radius = widened(bounds + 3 * stride);
  const Doubles4 depth = eye.forward.x * x + eye.forward.y * y + eye.forward.z * z;
  const Doubles4 right = eye.right.x * x + eye.right.y * y + eye.right.z * z;
  const Doubles4 down = eye.down.x * x + eye.down.y * y + eye.down.z * z;
  const Doubles4 sideways = (right < 0 ? -right : right) * eye.cosineX - depth * eye.sineX;
  const Doubles4 upwards = (down < 0 ? -down : down) * eye.cosineY - depth * eye.sineY;
  *depths = depth;
  return bitsOf4((Longs4)(depth + radius >= eye.nearest) & (Longs4)(depth - radius <= eye.farthest) & ~((Longs4)(sideways > radius) | (Longs4)(upwards > radius)));
}

// Instances that may be seen, nearest first, as near as 256 steps of depth tell: the order shows nowhere, but what is hidden costs less.
static uint32_t findSeen(const DrawJob& job, const DrawRoom& room, const Eye& eye, double unseen) {
  const uint32_t count = uint32_t(job.numbers.data[draw::instances]);
  const size_t stride = size_t(job.numbers.data[draw::capacity]);
  uint32_t starts[257] = {0};
  uint32_t found = 0;
  const double scale = 255 / eye.farthest;
  for (uint32_t i = 0; i < count; i += 4) {
    Doubles4 depths;
    uint32_t bits;
    if (i + 4 <= count) {
      bits = meetsOf(eye, job.bounds.data + i, stride, &depths);
    } else {
      float last[16] = {};
      for (uint32_t part = 0; part < 4; part++) std::memcpy(last + 4 * part, job.bounds.data + part * stride + i, (count - i) * sizeof(float));
      bits = meetsOf(eye, last, 4, &depths) & ((1u << (count - i)) - 1);
    }
    for (; bits != 0; bits &= bits - 1) {
      const uint32_t lane = uint32_t(__builtin_ctz(bits));
      if (double(i + lane) == unseen) continue;
      const double step = depths[lane] * scale;
      const uint32_t bucket = step > 0 ? (step < 255 ? uint32_t(step) : 255) : 0;
      starts[bucket + 1]++;
      room.seen[found++] = {i + lane, bucket};
    }
  }
  for (int i = 0; i < 256; i++) starts[i + 1] += starts[i];
  for (uint32_t i = 0; i < found; i++) room.sorted[starts[room.seen[i].bucket]++] = room.seen[i].instance;
  return found;
}

// ---- Four instances at once: one in each lane ----

// Four instances: their middles from the eye, in the world and as the eye sees them.
struct Four {
  uint32_t instances[4];
  Vectors4 away, middle;
  Doubles4 radius;
};

DRAW_INLINE Doubles4 boundsOf(const float* from, const uint32_t* at) {
  return __builtin_convertvector((Floats4{from[at[0]], from[at[1]], from[at[2]], from[at[3]]}), Doubles4);
}

// Up to four instances; lanes beyond the last are as the first.
DRAW_INLINE Four fourOf(const DrawJob& job, const Eye& eye, const uint32_t* instances, uint32_t count) {
  Four four;
  for (uint32_t lane = 0; lane < 4; lane++) four.instances[lane] = instances[lane < count ? lane : 0];
  const size_t stride = size_t(job.numbers.data[draw::capacity]);
  const float* const bounds = job.bounds.data;
  four.away.x = awaysFrom(boundsOf(bounds, four.instances), eye.place.x, eye.spaceWidth, eye.wraps);
  four.away.y = awaysFrom(boundsOf(bounds + stride, four.instances), eye.place.y, eye.spaceHeight, eye.wraps);
  four.away.z = boundsOf(bounds + 2 * stride, four.instances) - eye.place.z;
  four.radius = boundsOf(bounds + 3 * stride, four.instances);
  four.middle = {along(eye.right, four.away), along(eye.down, four.away), along(eye.forward, four.away)};
  return four;
}

DRAW_INLINE Ints4 pixelOf(Doubles4 at, int last) {
  const Doubles4 low = at > 0 ? at : Doubles4{};
  const Doubles4 end = double(last) - Doubles4{};
  return __builtin_convertvector(low < end ? low : end, Ints4);
}

// Which spheres are hidden or beside the picture: as if each were a square as near as its nearest point, a little larger than it looks.
DRAW_INLINE uint32_t hiddenOf(const Canvas& canvas, const Eye& eye, const Four& four) {
  const Vectors4& at = four.middle;
  const Doubles4 nearest = at.z - four.radius;
  const Longs4 isBefore = nearest > eye.nearest;
  const Doubles4 both = 1 / (at.z * nearest);
  const Doubles4 over = nearest * both;
  const Doubles4 reach = eye.focal * four.radius * at.z * both;
  const Doubles4 across = reach * (1 + magnitudes(at.x) * over) + 1, upright = reach * (1 + magnitudes(at.y) * over) + 1;
  const Doubles4 column = eye.middleX + eye.focal * at.x * over, line = eye.middleY + eye.focal * at.y * over;
  const Doubles4 first = column - across, last = column + across, top = line - upright, bottom = line + upright;
  const Longs4 isBeside = (Longs4)(first >= canvas.width) | (Longs4)(last <= 0) | (Longs4)(top >= canvas.height) | (Longs4)(bottom <= 0);
  const Ints4 firsts = pixelOf(first, canvas.width - 1), lasts = pixelOf(last, canvas.width - 1);
  const Ints4 tops = pixelOf(top, canvas.height - 1), bottoms = pixelOf(bottom, canvas.height - 1);
  const Floats4 nearness = __builtin_convertvector(at.z * both, Floats4) * 1.00001f;
  uint32_t hidden = bitsOf4(isBefore & isBeside);
  for (uint32_t bits = bitsOf4(isBefore & ~isBeside); bits != 0; bits &= bits - 1) {
    const int lane = __builtin_ctz(bits);
    if (isHidden(canvas, {firsts[lane], lasts[lane], tops[lane], bottoms[lane]}, nearness[lane])) hidden |= 1u << lane;
  }
  return hidden;
}

// Instances of one mesh that wait to be four.
struct Group {
  uint32_t mesh, count;
  uint32_t instances[4];
};

// Corners of a mesh that is drawn so, at most.
constexpr uint32_t fourCornersMost = 32;

// Corners of four instances in the picture; the lanes in which none needs clipping and there is a pixel between them.
struct FourCorners {
  Ints4 columns[fourCornersMost], lines[fourCornersMost];
  Floats4 overs[fourCornersMost];
};

// Reads three vectors of an instance in each lane, of the nine words from `word` on.
DRAW_INLINE void readAxes(const DrawJob& job, const Four& four, uint32_t word, Vectors4* axes) {
  const float* from[4];
  for (int lane = 0; lane < 4; lane++) from[lane] = job.bodies.data + size_t(four.instances[lane]) * draw::bodyWords + word;
  Doubles4 words[9];
  for (int i = 0; i < 8; i += 4) {
    const Floats4 a = load<Floats4>(from[0] + i), b = load<Floats4>(from[1] + i), c = load<Floats4>(from[2] + i), d = load<Floats4>(from[3] + i);
    const Floats4 ab = DRAW_MERGE(a, b, 0, 4, 1, 5), cd = DRAW_MERGE(c, d, 0, 4, 1, 5);
    const Floats4 abLast = DRAW_MERGE(a, b, 2, 6, 3, 7), cdLast = DRAW_MERGE(c, d, 2, 6, 3, 7);
    words[i] = __builtin_convertvector(DRAW_MERGE(ab, cd, 0, 1, 4, 5), Doubles4);
    words[i + 1] = __builtin_convertvector(DRAW_MERGE(ab, cd, 2, 3, 6, 7), Doubles4);
    words[i + 2] = __builtin_convertvector(DRAW_MERGE(abLast, cdLast, 0, 1, 4, 5), Doubles4);
    words[i + 3] = __builtin_convertvector(DRAW_MERGE(abLast, cdLast, 2, 3, 6, 7), Doubles4);
  }
  words[8] = __builtin_convertvector((Floats4{from[0][8], from[1][8], from[2][8], from[3][8]}), Doubles4);
  for (int i = 0; i < 3; i++) axes[i] = {words[3 * i], words[3 * i + 1], words[3 * i + 2]};
}

// Puts corners into the picture. Lanes in which some need clipping; those of the others in which some pixel may be covered.
DRAW_INLINE uint32_t findFour(const DrawJob& job, const Canvas& canvas, const Eye& eye, const Four& four, const uint32_t* mesh, FourCorners* corners, uint32_t* clipped) {
  Vectors4 axes[3], seen[3];
  readAxes(job, four, draw::axes, axes);
  for (int i = 0; i < 3; i++) seen[i] = {along(eye.right, axes[i]), along(eye.down, axes[i]), along(eye.forward, axes[i])};
  const double middleX = eye.middleX * subpixels, middleY = eye.middleY * subpixels;
  FourBounds bounds = noBounds;
  Longs4 isInside = ~Longs4{};
  const float* vertex = job.vertices.data + 3 * size_t(mesh[draw::vertexFirst]);
  for (uint32_t i = 0; i < mesh[draw::vertexCount]; i++, vertex += 3) {
    const double vx = vertex[0], vy = vertex[1], vz = vertex[2];
    const Doubles4 atX = four.middle.x + seen[0].x * vx + seen[1].x * vy + seen[2].x * vz;
    const Doubles4 atY = four.middle.y + seen[0].y * vx + seen[1].y * vy + seen[2].y * vz;
    const Doubles4 atZ = four.middle.z + seen[0].z * vx + seen[1].z * vy + seen[2].z * vz;
    const Doubles4 over = 1 / atZ;
    const Doubles4 columnAt = middleX + eye.focal256 * atX * over + rounder - rounder;
    const Doubles4 lineAt = middleY + eye.focal256 * atY * over + rounder - rounder;
    isInside &= (Longs4)(columnAt <= guard) & (Longs4)(columnAt >= -guard) & (Longs4)(lineAt <= guard) & (Longs4)(lineAt >= -guard) & (Longs4)(atZ >= eye.nearest);
    // What is outside is not converted: there is no such integer.
    const Ints4 column = __builtin_convertvector((Doubles4)(isInside & (Longs4)columnAt), Ints4);
    const Ints4 line = __builtin_convertvector((Doubles4)(isInside & (Longs4)lineAt), Ints4);
    include(&bounds, column, line);
    corners->columns[i] = column;
    corners->lines[i] = line;
    corners->overs[i] = __builtin_convertvector(over, Floats4);
  }
  *clipped = ~bitsOf4(isInside) & 15;
  return coverOf(areasWithin(canvas, bounds)) & ~*clipped;
}

// Draws a face of an instance whose corners are in a lane.
DRAW_INLINE void drawFaceOfFour(const DrawJob& job, const Canvas& canvas, const Eye& eye, const FourCorners& corners, const Face& face, int lane) {
  const uint32_t* const words = job.faces.data + size_t(face.index) * draw::faceWords;
  const bool isTriangle = words[3] == draw::none;
  const uint32_t a = words[0], b = words[1], c = words[2], d = isTriangle ? a : words[3];
  const int32_t* const columns = (const int32_t*)corners.columns + lane;
  const int32_t* const lines = (const int32_t*)corners.lines + lane;
  const float* const overs = (const float*)corners.overs + lane;
  const Quad quad = {{columns[4 * a], columns[4 * b], columns[4 * c], columns[4 * d]}, {lines[4 * a], lines[4 * b], lines[4 * c], lines[4 * d]}, isTriangle};
  const Floats4 over = {overs[4 * a], overs[4 * b], overs[4 * c], overs[4 * d]};
  Area area;
  bool isSmall;
  if (!areaOfQuad(canvas, quad, &area, &isSmall)) return;
  const float* const body = job.bodies.data + size_t(face.instance) * draw::bodyWords;
  const float* const inverse = body + draw::inverse;
  const Turned turned = {lookAlong(eye, vectorOf(inverse)), lookAlong(eye, vectorOf(inverse + 3)), lookAlong(eye, vectorOf(inverse + 6))};
  const Vector normal = vectorOf(job.planes.data + size_t(face.index) * draw::planeWords);
  const Plane plane = planeOf(eye, turned, normal, face.before);
  const uint32_t slot = addLook(job, canvas.room, face, normal, vectorOf(body + draw::light));
  fillQuad(canvas, quad, area, isSmall, paintOf(plane, leastOf(over), mostOf(over), slot, face.instance));
}

// Where a face of four instances may cover a pixel.
DRAW_INLINE uint32_t coverOfFace(const Canvas& canvas, const FourCorners& corners, const uint32_t* words) {
  FourBounds bounds = noBounds;
  for (int i = 0; i < 4; i++) {
    const uint32_t at = words[i] == draw::none ? words[0] : words[i];
    include(&bounds, corners.columns[at], corners.lines[at]);
  }
  return coverOf(areasWithin(canvas, bounds));
}

static __attribute__((noinline)) void drawFour(const DrawJob& job, const Canvas& canvas, const Eye& eye, const Group& group) {
  const uint32_t* const mesh = job.meshes.data + size_t(group.mesh) * draw::meshWords;
  DrawRoom* const room = canvas.room;
  if (group.count == 1) return drawInstance(job, canvas, eye, group.instances[0]);
  const uint32_t faceCount = mesh[draw::faceCount];
  if (4 * faceCount > room->lookMax - room->lookCount) growLooks(room, 4 * faceCount);
  const Four four = fourOf(job, eye, group.instances, group.count);
  FourCorners corners;
  uint32_t clipped;
  const uint32_t lanesUsed = (1u << group.count) - 1;
  const uint32_t live = findFour(job, canvas, eye, four, mesh, &corners, &clipped) & lanesUsed;
  for (uint32_t bits = clipped & lanesUsed; bits != 0; bits &= bits - 1) drawInstance(job, canvas, eye, four.instances[__builtin_ctz(bits)]);
  if (live == 0) return;
  Vectors4 inverse[3];
  readAxes(job, four, draw::inverse, inverse);
  const Vectors4 place = {-along(inverse[0], four.away), -along(inverse[1], four.away), -along(inverse[2], four.away)};
  const uint32_t* words = job.faces.data + size_t(mesh[draw::faceFirst]) * draw::faceWords;
  const size_t planes = room->planeStart[group.mesh];
  for (uint32_t face = 0; face < faceCount; face++, words += draw::faceWords) {
    const size_t at = planes + face;
    const Doubles4 before = room->planeD[at] - (place.x * room->planeX[at] + place.y * room->planeY[at] + place.z * room->planeZ[at]);
    const uint32_t fronts = bitsOf4((Longs4)(before < 0)) & live;
    if (fronts == 0) continue;
    for (uint32_t bits = coverOfFace(canvas, corners, words) & fronts; bits != 0; bits &= bits - 1) {
      const int lane = __builtin_ctz(bits);
      drawFaceOfFour(job, canvas, eye, corners, {mesh[draw::faceFirst] + face, four.instances[lane], before[lane]}, lane);
    }
  }
}

constexpr uint32_t groupsMost = 16;

// Draws an instance, or lets it wait for others of its mesh.
DRAW_INLINE void drawLater(const DrawJob& job, const Canvas& canvas, const Eye& eye, Group* groups, uint32_t instance, double radius, double depth) {
  const uint32_t tag = job.tags.data[size_t(instance) * draw::tagWords + draw::tagMesh];
  const uint32_t mesh = levelOf(job, eye, tag & 0xffffff, radius, depth);
  const bool isLarge = job.meshes.data[size_t(mesh) * draw::meshWords + draw::vertexCount] > fourCornersMost;
  if (isLarge || tag >> 24 != draw::standing) return drawInstance(job, canvas, eye, instance);
  Group* const group = groups + mesh % groupsMost;
  if (group->count > 0 && group->mesh != mesh) {
    drawFour(job, canvas, eye, *group);
    group->count = 0;
  }
  group->mesh = mesh;
  group->instances[group->count++] = instance;
  if (group->count < 4) return;
  drawFour(job, canvas, eye, *group);
  group->count = 0;
}

static void drawInstances(const DrawJob& job, const Canvas& canvas, const Eye& eye, uint32_t seen) {
  Group groups[groupsMost] = {};
  for (uint32_t i = 0; i < seen; i += 4) {
    const uint32_t count = seen - i < 4 ? seen - i : 4;
    const Four four = fourOf(job, eye, canvas.room->sorted + i, count);
    for (uint32_t bits = ~hiddenOf(canvas, eye, four) & ((1u << count) - 1); bits != 0; bits &= bits - 1) {
      const int lane = __builtin_ctz(bits);
      drawLater(job, canvas, eye, groups, four.instances[lane], four.radius[lane], four.middle.z[lane]);
    }
  }
  for (const Group& group : groups) {
    if (group.count > 0) drawFour(job, canvas, eye, group);
  }
}

// ---- Ground ----

struct GroundCorner {
  // As the eye sees it; 1 / z.
  double x, y, z, inverse;
  // In the grid; in the picture, 1/256 pixel, or `nowhere` where it needs clipping.
  int32_t column, line, columnAt, lineAt;
};

// Twice this still fits 32 bits.
constexpr int32_t nowhere = INT32_MIN / 2;

// A right triangle, counter-clockwise from above, its right angle first.
struct GroundTriangle {
  GroundCorner top, from, to;
};

// By vectors: compilers copy structs this large by slower means.
DRAW_INLINE void copyCorner(const GroundCorner& from, GroundCorner* to) {
  store(&to->x, load<Doubles4>(&from.x));
  store(&to->column, load<Ints4>(&from.column));
}

DRAW_INLINE void putTriangle(const GroundCorner& top, const GroundCorner& from, const GroundCorner& to, GroundTriangle* triangle) {
  copyCorner(top, &triangle->top);
  copyCorner(from, &triangle->from);
  copyCorner(to, &triangle->to);
}

// Halves a triangle: one half takes its place.
DRAW_INLINE void putHalves(const GroundCorner& middle, GroundTriangle* triangle, GroundTriangle* other) {
  putTriangle(middle, triangle->to, triangle->top, other);
  copyCorner(triangle->from, &triangle->to);
  copyCorner(triangle->top, &triangle->from);
  copyCorner(middle, &triangle->top);
}

// Halving a tile of 64 cells goes no deeper than 12 times: when more triangles wait than this, taking one at a time adds no more than that.
constexpr int groundWide = 48;
constexpr int groundMost = groundWide + 24;

struct Ground {
  const DrawJob* job;
  const Canvas* canvas;
  const Eye* eye;
  int columns, lines;
  double cell, sharpness;
  // Does not repeat, and numbers of its corners fit 31 bits.
  bool isPlain;
  // Triangles that may be halved, the last of them next, and those that are not.
  GroundTriangle open[groundMost];
  GroundTriangle whole[4];
  int openCount, wholeCount;
};

DRAW_INLINE int wrapped(int at, int count) {
  if (at >= 0 && at <= count) return at;
  const int rest = at % count;
  return rest < 0 ? rest + count : rest;
}

// Where corners lie in the arrays of the ground.
DRAW_INLINE void findCornersAt(const Ground& ground, Ints4 columns, Ints4 lines, size_t* at) {
  if (ground.isPlain) {
    const Ints4 places = lines * (ground.columns + 1) + columns;
    for (int lane = 0; lane < 4; lane++) at[lane] = uint32_t(places[lane]);
    return;
  }
  for (int lane = 0; lane < 4; lane++) at[lane] = size_t(wrapped(lines[lane], ground.lines)) * size_t(ground.columns + 1) + size_t(wrapped(columns[lane], ground.columns));
}

// Corners of the ground in lanes, as the eye sees them and in the picture.
struct FourGround {
  Vectors4 at;
  Doubles4 inverse;
  Ints4 columns, lines, columnsAt, linesAt;
};

// From the eye to corners, in the world.
DRAW_INLINE Vectors4 awaysOf(const Ground& ground, Ints4 columns, Ints4 lines, const size_t* at) {
  const Vector& place = ground.eye->place;
  const float* const heights = ground.job->heights.data;
  const Floats4 height = {heights[at[0]], heights[at[1]], heights[at[2]], heights[at[3]]};
  return {__builtin_convertvector(columns, Doubles4) * ground.cell - place.x, __builtin_convertvector(lines, Doubles4) * ground.cell - place.y,
          __builtin_convertvector(height, Doubles4) - place.z};
}

DRAW_INLINE Vectors4 seenFrom(const Eye& eye, const Vectors4& away) { return {along(eye.right, away), along(eye.down, away), along(eye.forward, away)}; }

DRAW_INLINE void projectGround(const Eye& eye, FourGround* four) {
  four->inverse = 1 / four->at.z;
  const Doubles4 column = eye.middleX * subpixels + eye.focal256 * four->at.x * four->inverse + rounder - rounder;
  const Doubles4 line = eye.middleY * subpixels + eye.focal256 * four->at.y * four->inverse + rounder - rounder;
  const Longs4 isInside = (Longs4)(magnitudes(column) <= guard) & (Longs4)(magnitudes(line) <= guard) & (Longs4)(four->at.z >= eye.nearest);
  const Ints4 isOutside = __builtin_convertvector(~isInside, Ints4);
  four->columnsAt = isOutside ? all4(nowhere) : __builtin_convertvector((Doubles4)(isInside & (Longs4)column), Ints4);
  four->linesAt = __builtin_convertvector((Doubles4)(isInside & (Longs4)line), Ints4);
}

// Stored as vectors, for they are read as such soon after.
DRAW_INLINE void takeCorner(const FourGround& four, int lane, GroundCorner* corner) {
  store(&corner->x, Doubles4{four.at.x[lane], four.at.y[lane], four.at.z[lane], four.inverse[lane]});
  store(&corner->column, Ints4{four.columns[lane], four.lines[lane], four.columnsAt[lane], four.linesAt[lane]});
}

DRAW_INLINE uint32_t meetsFour(const Eye& eye, const Vectors4& at, Doubles4 radius) {
  const Longs4 isBeside = (Longs4)(magnitudes(at.x) * eye.cosineX - at.z * eye.sineX > radius) | (Longs4)(magnitudes(at.y) * eye.cosineY - at.z * eye.sineY > radius);
  return bitsOf4((Longs4)(at.z + radius >= eye.nearest) & (Longs4)(at.z - radius <= eye.farthest) & ~isBeside);
}

// Whether all of a triangle is more than a pixel beside the picture, and by more than rounding can hide.
DRAW_INLINE bool isBeside(const Eye& eye, const GroundCorner* const* corners) {
  const double width = eye.middleX + 1, height = eye.middleY + 1;
  double right = __builtin_inf(), left = right, below = right, above = right, sum = 0;
  for (int i = 0; i < 3; i++) {
    const double x = eye.focal * corners[i]->x, y = eye.focal * corners[i]->y, z = corners[i]->z;
    right = x - width * z < right ? x - width * z : right;
    left = -x - width * z < left ? -x - width * z : left;
    below = y - height * z < below ? y - height * z : below;
    above = -y - height * z < above ? -y - height * z : above;
    sum += magnitude(x) + magnitude(y) + magnitude(z) * (width + height);
  }
  const double least = 1e-9 * sum;
  return right > least || left > least || below > least || above > least;
}

static __attribute__((noinline)) void clipGround(const Ground& ground, const GroundTriangle& triangle) {
  const Eye& eye = *ground.eye;
  const GroundCorner &a = triangle.top, &b = triangle.from, &c = triangle.to;
  const GroundCorner* const corners[3] = {&a, &b, &c};
  if (isBeside(eye, corners)) return;
  const double bx = b.x - a.x, by = b.y - a.y, bz = b.z - a.z;
  const double cx = c.x - a.x, cy = c.y - a.y, cz = c.z - a.z;
  const double nx = by * cz - bz * cy, ny = bz * cx - bx * cz, nz = bx * cy - by * cx;
  const double inverse = 1 / (nx * a.x + ny * a.y + nz * a.z);
  const Plane plane = {nx * inverse * eye.inverseFocal, ny * inverse * eye.inverseFocal, nz * inverse};
  fillClipped(*ground.canvas, eye, {3, {a.x, b.x, c.x}, {a.y, b.y, c.y}, {a.z, b.z, c.z}}, plane, 1, draw::none);
}

// Paints of four triangles of the ground.
struct FourPaints {
  Floats4 perColumn, perLine, middle, farthest, nearest;
};

DRAW_INLINE FourPaints paintsOf(const Eye& eye, const Vectors4* corners, const Doubles4* inverses) {
  const Vectors4 &a = corners[0], &b = corners[1], &c = corners[2];
  const Doubles4 bx = b.x - a.x, by = b.y - a.y, bz = b.z - a.z;
  const Doubles4 cx = c.x - a.x, cy = c.y - a.y, cz = c.z - a.z;
  const Doubles4 nx = by * cz - bz * cy, ny = bz * cx - bx * cz, nz = bx * cy - by * cx;
  const Doubles4 inverse = 1 / (nx * a.x + ny * a.y + nz * a.z);
  const Doubles4 perColumn = nx * inverse * eye.inverseFocal, perLine = ny * inverse * eye.inverseFocal, middle = nz * inverse;
  const Longs4 isPlane = (Longs4)(magnitudes(middle) <= steepest) & (Longs4)(magnitudes(perColumn) <= steepest) & (Longs4)(magnitudes(perLine) <= steepest);
  const Doubles4 farthest = lower(inverses[0], lower(inverses[1], inverses[2])), nearest = higher(inverses[0], higher(inverses[1], inverses[2]));
  return {__builtin_convertvector((Doubles4)(isPlane & (Longs4)perColumn), Floats4), __builtin_convertvector((Doubles4)(isPlane & (Longs4)perLine), Floats4),
          __builtin_convertvector(isPlane ? middle : nearest, Floats4), __builtin_convertvector(farthest, Floats4), __builtin_convertvector(nearest, Floats4)};
}

static __attribute__((noinline)) void fillTriangle(const Canvas& canvas, const Slopes<3>& slopes, const Paint& paint, const Area& area) { fillBlock<3>(canvas, slopes, paint, area); }

// Fills triangles of the ground. Nothing asks what it hides: nothing is drawn after it.
static __attribute__((noinline)) void fillWhole(const Ground& ground) {
  const GroundTriangle* four[4];
  for (int lane = 0; lane < 4; lane++) four[lane] = ground.whole + (lane < ground.wholeCount ? lane : 0);
  const auto part = [&](const GroundCorner GroundTriangle::*corner, const int32_t GroundCorner::*member) {
    return Ints4{four[0]->*corner.*member, four[1]->*corner.*member, four[2]->*corner.*member, four[3]->*corner.*member};
  };
  const auto place = [&](const GroundCorner GroundTriangle::*corner, const double GroundCorner::*member) {
    return Doubles4{four[0]->*corner.*member, four[1]->*corner.*member, four[2]->*corner.*member, four[3]->*corner.*member};
  };
  constexpr GroundCorner GroundTriangle::*parts[3] = {&GroundTriangle::top, &GroundTriangle::from, &GroundTriangle::to};
  Ints4 columns[3], lines[3], isOutside = {};
  FourBounds bounds = noBounds;
  for (int i = 0; i < 3; i++) {
    const Ints4 column = part(parts[i], &GroundCorner::columnAt), isNowhere = column == nowhere;
    columns[i] = column & ~isNowhere;
    lines[i] = part(parts[i], &GroundCorner::lineAt);
    isOutside |= isNowhere;
    include(&bounds, columns[i], lines[i]);
  }
  const uint32_t used = (1u << ground.wholeCount) - 1;
  const uint32_t clipped = bitsOf4(isOutside) & used;
  for (uint32_t bits = clipped; bits != 0; bits &= bits - 1) clipGround(ground, *four[__builtin_ctz(bits)]);
  const FourAreas areas = areasWithin(*ground.canvas, bounds);
  const uint32_t live = coverOf(areas) & used & ~clipped;
  if (live == 0) return;
  Vectors4 corners[3];
  Doubles4 inverses[3];
  for (int i = 0; i < 3; i++) {
    corners[i] = {place(parts[i], &GroundCorner::x), place(parts[i], &GroundCorner::y), place(parts[i], &GroundCorner::z)};
    inverses[i] = place(parts[i], &GroundCorner::inverse);
  }
  const FourPaints paints = paintsOf(*ground.eye, corners, inverses);
  const Ints4 isSmall = (Ints4)(bounds.high - bounds.low <= smallMost) & (Ints4)(bounds.bottom - bounds.top <= smallMost);
  // Large ones are filled one by one: their slopes do not fit 32 bits.
  for (int i = 0; i < 3; i++) {
    columns[i] &= isSmall & ~isEmpty(areas);
    lines[i] &= isSmall & ~isEmpty(areas);
  }
  FourSlopes<3> slopes;
  openSlopes<3>(columns, lines, areas, &slopes);
  const Ints4 turns = slopes.perLine[0] * slopes.perColumn[1] - slopes.perColumn[0] * slopes.perLine[1];
  const uint32_t large = ~bitsOf4(isSmall);
  for (uint32_t bits = live & (large | bitsOf4((Ints4)(turns > 0))); bits != 0; bits &= bits - 1) {
    const int lane = __builtin_ctz(bits);
    const Area area = {areas.first[lane], areas.last[lane], areas.top[lane], areas.bottom[lane]};
    const Paint paint = {paints.perColumn[lane], paints.perLine[lane], paints.middle[lane], paints.farthest[lane], paints.nearest[lane], 1, draw::none};
    if ((large >> lane & 1) == 0) {
      fillTriangle(*ground.canvas, slopesIn(slopes, lane), paint, area);
      continue;
    }
    const GroundCorner &a = four[lane]->top, &b = four[lane]->from, &c = four[lane]->to;
    fillOther(*ground.canvas, {3, {a.columnAt, b.columnAt, c.columnAt}, {a.lineAt, b.lineAt, c.lineAt}}, area, paint);
  }
}

DRAW_INLINE void addWhole(Ground* ground, const GroundTriangle& triangle) {
  putTriangle(triangle.top, triangle.from, triangle.to, ground->whole + ground->wholeCount++);
  if (ground->wholeCount < 4) return;
  fillWhole(*ground);
  ground->wholeCount = 0;
}

// Takes up to four triangles that wait: halves them at the middle of their longest edge while what that corner adds would show.
static void halve(Ground* ground) {
  const Eye& eye = *ground->eye;
  const float* const details = ground->job->details.data;
  const int count = ground->openCount > groundWide ? 1 : least(ground->openCount, 4);
  GroundTriangle* const taken = ground->open + ground->openCount - count;
  // Columns and lines of four corners, then those of each kind.
  Ints4 sums[4];
  for (int lane = 0; lane < 4; lane++) {
    const GroundTriangle& triangle = taken[lane < count ? lane : 0];
    sums[lane] = load<Ints4>(&triangle.from.column) + load<Ints4>(&triangle.to.column);
  }
  const Ints4 firsts = DRAW_MERGE(sums[0], sums[1], 0, 4, 1, 5), lasts = DRAW_MERGE(sums[2], sums[3], 0, 4, 1, 5);
  const Ints4 columns = DRAW_MERGE(firsts, lasts, 0, 1, 4, 5), lines = DRAW_MERGE(firsts, lasts, 2, 3, 6, 7);
  FourGround four;
  four.columns = columns >> 1;
  four.lines = lines >> 1;
  size_t at[4];
  findCornersAt(*ground, four.columns, four.lines, at);
  const float *a = details + 2 * at[0], *b = details + 2 * at[1], *c = details + 2 * at[2], *d = details + 2 * at[3];
  const Floats4 errors = {a[0], b[0], c[0], d[0]}, radii = {a[1], b[1], c[1], d[1]};
  const Vectors4 away = awaysOf(*ground, four.columns, four.lines, at);
  const Doubles4 error = __builtin_convertvector(errors, Doubles4), radius = __builtin_convertvector(radii, Doubles4);
  const Doubles4 reach = error * ground->sharpness + radius;
  const Longs4 isNear = away.x * away.x + away.y * away.y + away.z * away.z < reach * reach;
  const uint32_t halved = bitsOf4(isNear & (Longs4)(error > 0)) & ~bitsOf4((columns | lines) << 31);
  four.at = seenFrom(eye, away);
  const uint32_t seen = meetsFour(eye, four.at, radius);
  projectGround(eye, &four);
  // From the last one on: what takes the place of one that is done lies above it.
  for (int lane = count - 1; lane >= 0; lane--) {
    if ((halved & seen) >> lane & 1) {
      GroundCorner middle;
      takeCorner(four, lane, &middle);
      putHalves(middle, taken + lane, ground->open + ground->openCount++);
      continue;
    }
    if ((halved >> lane & 1) == 0) addWhole(ground, taken[lane]);
    const GroundTriangle& last = ground->open[--ground->openCount];
    if (&last != taken + lane) putTriangle(last.top, last.from, last.to, taken + lane);
  }
}

static void drawTile(Ground* ground, int column, int line, int tile) {
  FourGround four;
  four.columns = Ints4{column, column + tile, column + tile, column};
  four.lines = Ints4{line, line + tile, line, line + tile};
  size_t at[4];
  findCornersAt(*ground, four.columns, four.lines, at);
  four.at = seenFrom(*ground->eye, awaysOf(*ground, four.columns, four.lines, at));
  projectGround(*ground->eye, &four);
  GroundCorner low, high, right, left;
  takeCorner(four, 0, &low);
  takeCorner(four, 1, &high);
  takeCorner(four, 2, &right);
  takeCorner(four, 3, &left);
  putTriangle(right, high, low, ground->open + ground->openCount++);
  putTriangle(left, low, high, ground->open + ground->openCount++);
  while (ground->openCount >= 4) halve(ground);
}

DRAW_INLINE int firstImage(int at, int period, double low) {
  const double images = (low - at) / period;
  return at + period * int(-floorOf(-images));
}

static void drawGround(const DrawJob& job, const Canvas& canvas, const Eye& eye) {
  const double* const numbers = job.numbers.data;
  Ground ground;
  ground.job = &job;
  ground.canvas = &canvas;
  ground.eye = &eye;
  ground.columns = int(numbers[draw::columns]);
  ground.lines = int(numbers[draw::lines]);
  ground.cell = numbers[draw::cell];
  ground.sharpness = eye.focal / numbers[draw::pixelError];
  ground.isPlain = !eye.wraps && uint64_t(ground.columns + 1) * uint64_t(ground.lines + 1) <= INT32_MAX;
  ground.openCount = 0;
  ground.wholeCount = 0;
  const int tile = int(numbers[draw::tile]);
  for (int line = 0; line < ground.lines; line += tile) {
    for (int column = 0; column < ground.columns; column += tile) {
      if (!eye.wraps) {
        drawTile(&ground, column, line, tile);
        continue;
      }
      const double lastColumn = (eye.place.x + eye.farthest) / ground.cell, lastLine = (eye.place.y + eye.farthest) / ground.cell;
      const int firstColumn = firstImage(column, ground.columns, (eye.place.x - eye.farthest) / ground.cell - tile);
      const int firstLine = firstImage(line, ground.lines, (eye.place.y - eye.farthest) / ground.cell - tile);
      for (int atLine = firstLine; atLine <= lastLine; atLine += ground.lines) {
        for (int atColumn = firstColumn; atColumn <= lastColumn; atColumn += ground.columns) drawTile(&ground, atColumn, atLine, tile);
      }
    }
  }
  while (ground.openCount > 0) halve(&ground);
  if (ground.wholeCount > 0) fillWhole(ground);
}

// ---- From depth and slots to channels ----

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

static void drawViews(const DrawJob& job, uint32_t count, DrawRoom* room) {
  Canvas canvas = {int(job.numbers.data[draw::width]), int(job.numbers.data[draw::height]), int(room->stride), room->nearness, room->slots, room, 3, 0, 0};
  canvas.fromMiddleX = 0.5f - float(canvas.width) / 2;
  canvas.fromMiddleY = 0.5f - float(canvas.height) / 2;
  while (most(canvas.width, canvas.height) > tilesMost << canvas.tileShift) canvas.tileShift++;
  const size_t pixels = size_t(canvas.stride) * size_t(canvas.height);
  for (uint32_t view = 0; view < count; view++) {
    const double* const words = job.views.data + size_t(view) * draw::viewWords;
    Eye eye;
    openEye(job, view, &eye);
    const Floats empty = all(float(1 / eye.farthest));
    for (size_t i = 0; i < pixels; i += lanes) store(canvas.nearness + i, empty);
    std::memset(canvas.slots, 0, pixels * sizeof(uint32_t));
    std::memset(room->touched, 0, sizeof room->touched);
    for (int line = 0; line <= (canvas.height - 1) >> canvas.tileShift; line++) {
      for (int column = 0; column <= (canvas.width - 1) >> canvas.tileShift; column++) room->farthest[line * tilesMost + column] = empty[0];
    }
    room->lookCount = 2;
    for (int slot = 0; slot < 2; slot++) {
      room->looks[slot] = {0, 0};
      room->owners[slot] = draw::none;
    }
    const uint32_t seen = findSeen(job, *room, eye, words[draw::unseen]);
    drawInstances(job, canvas, eye, seen);
    if (job.numbers.data[draw::columns] > 0) drawGround(job, canvas, eye);
    resolve(job, canvas, eye, size_t(words[draw::frame]));
  }
}

#undef DRAW_INLINE
}  // namespace DRAW_NAMESPACE
}  // namespace metabonk
