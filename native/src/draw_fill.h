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
DRAW_INLINE double floorOf(double v) { return __builtin_floor(v); }

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

// Vectors from the eye, as the eye sees them: to the right, down, forward.
DRAW_INLINE Vectors4 seenFrom(const Eye& eye, const Vectors4& away) { return {along(eye.right, away), along(eye.down, away), along(eye.forward, away)}; }

// Corners in the picture: 1/depth; columns and lines in 1/256 pixel, 0 where a corner needs clipping, with a mask of where it does not.
struct Projected4 {
  Doubles4 inverse;
  Ints4 columns, lines;
  Longs4 isInside;
};

DRAW_INLINE Projected4 projectFour(const Eye& eye, const Vectors4& at) {
  const Doubles4 inverse = 1 / at.z;
  const Doubles4 column = eye.middleX * subpixels + eye.focal256 * at.x * inverse + rounder - rounder;
  const Doubles4 line = eye.middleY * subpixels + eye.focal256 * at.y * inverse + rounder - rounder;
  const Longs4 isInside = (Longs4)(magnitudes(column) <= guard) & (Longs4)(magnitudes(line) <= guard) & (Longs4)(at.z >= eye.nearest);
  // What is outside is not converted: there is no such integer.
  return {inverse, __builtin_convertvector((Doubles4)(isInside & (Longs4)column), Ints4), __builtin_convertvector((Doubles4)(isInside & (Longs4)line), Ints4), isInside};
}

// Which spheres may be seen.
DRAW_INLINE uint32_t meetsFour(const Eye& eye, const Vectors4& at, Doubles4 radius) {
  const Longs4 isBeside = (Longs4)(magnitudes(at.x) * eye.cosineX - at.z * eye.sineX > radius) | (Longs4)(magnitudes(at.y) * eye.cosineY - at.z * eye.sineY > radius);
  return bitsOf4((Longs4)(at.z + radius >= eye.nearest) & (Longs4)(at.z - radius <= eye.farthest) & ~isBeside);
}

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
