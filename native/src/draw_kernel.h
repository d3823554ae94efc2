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
typedef float HalfFloats __attribute__((vector_size(2 * DRAW_LANES)));
typedef int32_t HalfInts __attribute__((vector_size(2 * DRAW_LANES)));

#define DRAW_INLINE static inline __attribute__((always_inline))

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
  eye->wraps = numbers[draw::wraps] == 1;
}

DRAW_INLINE double magnitude(double v) { return __builtin_fabs(v); }

DRAW_INLINE bool meets(const Eye& eye, double x, double y, double z, double radius) {
  if (!(z + radius >= eye.nearest && z - radius <= eye.farthest)) return false;
  return !(magnitude(x) * eye.cosineX - z * eye.sineX > radius || magnitude(y) * eye.cosineY - z * eye.sineY > radius);
}

// The picture being drawn.
struct Canvas {
  int width, height, stride;
  float* nearness;
  uint32_t* slots;
  DrawRoom* room;
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

// Pixels whose centres lie within the outline's bounds and the picture. False when there are none.
DRAW_INLINE bool areaOf(const Canvas& canvas, const Outline& outline, Area* area) {
  int low = outline.columns[0], high = low, top = outline.lines[0], bottom = top;
  for (int i = 1; i < outline.count; i++) {
    low = least(low, outline.columns[i]);
    high = most(high, outline.columns[i]);
    top = least(top, outline.lines[i]);
    bottom = most(bottom, outline.lines[i]);
  }
  area->first = most((low + 127) >> 8, 0);
  area->last = least((high - 128) >> 8, canvas.width - 1);
  area->top = most((top + 127) >> 8, 0);
  area->bottom = least((bottom - 128) >> 8, canvas.height - 1);
  return area->first <= area->last && area->top <= area->bottom;
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

// Lanes of `tied` where the face takes the pixel: of equally near ones, the instance that comes first is seen.
static __attribute__((noinline)) Ints winners(const Canvas& canvas, Ints tied, Words slots, uint32_t owner) {
  Ints won = tied;
  for (int lane = 0; lane < lanes; lane++) {
    if (tied[lane] != 0 && (slots[lane] == 0 || canvas.room->owners[slots[lane]] <= owner)) won[lane] = 0;
  }
  return won;
}

template <int edges>
DRAW_INLINE void fillBlock(const Canvas& canvas, const Edge* edge, const Paint& paint, Area area) {
  const Floats number = laneNumbers();
  const Ints lane = __builtin_convertvector(number, Ints);
  Ints onLine[edges];
  for (int i = 0; i < edges; i++) {
    const int64_t start = int64_t(edge[i].perColumn) * area.first + int64_t(edge[i].perLine) * area.top + edge[i].start;
    const int64_t held = start > edgeLimit ? edgeLimit : start < -edgeLimit ? -edgeLimit : start;
    onLine[i] = all(int32_t(held)) + lane * edge[i].perColumn;
  }
  const Floats across = number + (float(area.first) + (0.5f - float(canvas.width) / 2));
  const float down = 0.5f - float(canvas.height) / 2;
  const Floats perColumn = all(paint.perColumn);
  const Floats farthest = all(paint.farthest);
  const Floats nearest = all(paint.nearest);
  const Words slot = paint.slot - Words{};
  for (int line = area.top; line <= area.bottom; line++) {
    const float here = paint.middle + paint.perLine * (float(line) + down);
    Ints at[edges];
    for (int i = 0; i < edges; i++) at[i] = onLine[i];
    Floats column = across;
    for (int first = area.first; first <= area.last; first += lanes) {
      Ints outside = at[0];
      for (int i = 1; i < edges; i++) outside |= at[i];
      float* const nearness = canvas.nearness + size_t(line) * canvas.stride + first;
      const Floats there = load<Floats>(nearness);
      const Floats flat = here + perColumn * column;
      const Floats raised = flat < farthest ? farthest : flat;
      const Floats mine = raised > nearest ? nearest : raised;
      Ints wins = ~(outside >> 31) & (Ints)(mine >= there);
      if (bitsOf(wins) != 0) {
        uint32_t* const slots = canvas.slots + size_t(line) * canvas.stride + first;
        const Words seen = load<Words>(slots);
        const Ints tied = wins & (Ints)(mine == there);
        if (bitsOf(tied) != 0) wins = (wins & ~tied) | winners(canvas, tied, seen, paint.owner);
        store(nearness, wins ? mine : there);
        store(slots, wins ? slot : seen);
      }
      for (int i = 0; i < edges; i++) at[i] += edge[i].perColumn * lanes;
      column += float(lanes);
    }
    for (int i = 0; i < edges; i++) onLine[i] += edge[i].perLine;
  }
}

template <int edges>
DRAW_INLINE void fillEdges(const Canvas& canvas, const Edge* edge, const Paint& paint, const Area& area) {
  if (area.last - area.first < block && area.bottom - area.top < block) return fillBlock<edges>(canvas, edge, paint, area);
  for (int top = area.top; top <= area.bottom; top += block) {
    for (int first = area.first; first <= area.last; first += block) {
      fillBlock<edges>(canvas, edge, paint, {first, least(first + block - 1, area.last), top, least(top + block - 1, area.bottom)});
    }
  }
}

static void fill(const Canvas& canvas, const Outline& outline, const Area& area, const Paint& paint) {
  Edge edge[cornersMax];
  for (int i = 0; i < outline.count; i++) edge[i] = edgeOf(outline, i, i + 1 == outline.count ? 0 : i + 1);
  if (outline.count == 4) return fillEdges<4>(canvas, edge, paint, area);
  if (outline.count == 3) return fillEdges<3>(canvas, edge, paint, area);
  // More come only of clipping. A missing edge lies outside of nothing.
  for (int i = outline.count; i < cornersMax; i++) edge[i] = {0, 0, 0};
  fillEdges<cornersMax>(canvas, edge, paint, area);
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

// ---- Instances ----

struct Body {
  Vector away, middle;
  // Columns of M, rows of its inverse, the direction towards the light in the object.
  Vector axes[3], inverse[3], light;
  // Columns of M as the eye sees them.
  Vector seen[3];
  // In the object: the eye's place; the directions right, down and forward.
  Vector place, right, down, forward;
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

DRAW_INLINE void lookAt(const Eye& eye, Body* body) {
  double place[3], right[3], down[3], forward[3];
  for (int i = 0; i < 3; i++) {
    const Vector a = body->axes[i], b = body->inverse[i];
    body->seen[i] = {along(eye.right, a.x, a.y, a.z), along(eye.down, a.x, a.y, a.z), along(eye.forward, a.x, a.y, a.z)};
    place[i] = -(b.x * body->away.x + b.y * body->away.y + b.z * body->away.z);
    right[i] = along(eye.right, b.x, b.y, b.z);
    down[i] = along(eye.down, b.x, b.y, b.z);
    forward[i] = along(eye.forward, b.x, b.y, b.z);
  }
  body->place = {place[0], place[1], place[2]};
  body->right = {right[0], right[1], right[2]};
  body->down = {down[0], down[1], down[2]};
  body->forward = {forward[0], forward[1], forward[2]};
}

// Corners of a mesh as the eye sees them (cornerX, Y, Z, inverse depth) and in the picture (column, line: 1/256 pixel, as integers in the low
// half of 64 bits), with a mask of those that need clipping.
struct Corners {
  const double *x, *y, *z, *inverse;
  const int64_t *column, *line, *outside;
};

DRAW_INLINE Corners corners(const DrawRoom& room, const Eye& eye, const Body& body, uint32_t from, uint32_t count) {
  double* const x = room.cornerX;
  double* const y = room.cornerY;
  double* const z = room.cornerZ;
  double* const inverse = room.inverse;
  double* const column = room.column;
  double* const line = room.line;
  double* const outside = room.outside;
  const double middleX = eye.middleX * subpixels, middleY = eye.middleY * subpixels;
  for (uint32_t i = 0; i < count; i += pairs) {
    const Doubles vx = load<Doubles>(room.vertexX + from + i);
    const Doubles vy = load<Doubles>(room.vertexY + from + i);
    const Doubles vz = load<Doubles>(room.vertexZ + from + i);
    const Doubles atX = body.middle.x + body.seen[0].x * vx + body.seen[1].x * vy + body.seen[2].x * vz;
    const Doubles atY = body.middle.y + body.seen[0].y * vx + body.seen[1].y * vy + body.seen[2].y * vz;
    const Doubles atZ = body.middle.z + body.seen[0].z * vx + body.seen[1].z * vy + body.seen[2].z * vz;
    const Doubles over = 1 / atZ;
    const Doubles right = middleX + eye.focal256 * atX * over + rounder;
    const Doubles down = middleY + eye.focal256 * atY * over + rounder;
    const Doubles columnAt = right - rounder, lineAt = down - rounder;
    const Longs kept = (columnAt <= guard) & (columnAt >= -guard) & (lineAt <= guard) & (lineAt >= -guard) & (atZ >= eye.nearest);
    store(x + i, atX);
    store(y + i, atY);
    store(z + i, atZ);
    store(inverse + i, over);
    // The low bits of a rounded number are the integer it was rounded to.
    store(column + i, right);
    store(line + i, down);
    store(outside + i, ~kept);
  }
  return {x, y, z, inverse, (const int64_t*)column, (const int64_t*)line, (const int64_t*)outside};
}

DRAW_INLINE uint32_t shine(uint32_t byte, double light) {
  const double value = double(byte) * light + 0.5;
  return value < 255 ? uint32_t(value) : 255;
}

DRAW_INLINE uint32_t lit(uint32_t colour, double light) {
  return shine(colour >> 16 & 255, light) << 16 | shine(colour >> 8 & 255, light) << 8 | shine(colour & 255, light);
}

struct Face {
  uint32_t index, instance;
};

DRAW_INLINE void drawFace(const DrawJob& job, const Canvas& canvas, const Eye& eye, const Body& body, const Corners& at, Face face, double before) {
  const uint32_t* const words = job.faces.data + size_t(face.index) * draw::faceWords;
  const int count = words[3] == draw::none ? 3 : 4;
  Outline outline;
  outline.count = count;
  int64_t isClipped = 0;
  double least = __builtin_inf(), greatest = 0;
  for (int i = 0; i < count; i++) {
    const uint32_t corner = words[i];
    isClipped |= at.outside[corner];
    outline.columns[i] = int32_t(at.column[corner]);
    outline.lines[i] = int32_t(at.line[corner]);
    least = at.inverse[corner] < least ? at.inverse[corner] : least;
    greatest = at.inverse[corner] > greatest ? at.inverse[corner] : greatest;
  }
  Area area;
  if (isClipped == 0 && !areaOf(canvas, outline, &area)) return;
  const float* const normal = job.planes.data + size_t(face.index) * draw::planeWords;
  const double nx = normal[0], ny = normal[1], nz = normal[2];
  const double inverse = 1 / before;
  const Plane plane = {along(body.right, nx, ny, nz) * inverse * eye.inverseFocal, along(body.down, nx, ny, nz) * inverse * eye.inverseFocal,
                       along(body.forward, nx, ny, nz) * inverse};
  const double cosine = along(body.light, nx, ny, nz);
  const double light = job.numbers.data[draw::ambient] + job.numbers.data[draw::strength] * (cosine > 0 ? cosine : 0);
  const uint32_t* const tag = job.tags.data + size_t(face.instance) * draw::tagWords;
  const uint32_t colour = words[4] == draw::none ? tag[draw::tagColour] : words[4];
  DrawRoom* const room = canvas.room;
  const uint32_t slot = room->lookCount++;
  room->looks[slot] = {lit(colour, light), tag[draw::tagSegmentation]};
  room->owners[slot] = face.instance;
  if (isClipped != 0) {
    Polygon polygon;
    polygon.count = count;
    for (int i = 0; i < count; i++) {
      polygon.x[i] = at.x[words[i]];
      polygon.y[i] = at.y[words[i]];
      polygon.z[i] = at.z[words[i]];
    }
    return fillClipped(canvas, eye, polygon, plane, slot, face.instance);
  }
  const Paint paint = paintOf(plane, least, greatest, slot, face.instance);
  if (hasTwins(outline) || firstBent(outline) != -1) return fillBent(canvas, outline, paint);
  fill(canvas, outline, area, paint);
}

DRAW_INLINE uint32_t levelOf(const DrawJob& job, const Eye& eye, uint32_t mesh, double radius, double depth) {
  const double pixels = radius * eye.focal / (depth > eye.nearest ? depth : eye.nearest);
  const uint32_t* words = job.meshes.data + size_t(mesh) * draw::meshWords;
  while (words[draw::coarser] != draw::none && pixels < words[draw::coarserBelow]) {
    mesh = words[draw::coarser];
    words = job.meshes.data + size_t(mesh) * draw::meshWords;
  }
  return mesh;
}

static void drawInstance(const DrawJob& job, const Canvas& canvas, const Eye& eye, uint32_t instance) {
  DrawRoom* const room = canvas.room;
  const size_t stride = size_t(job.numbers.data[draw::capacity]);
  const float* const bounds = job.bounds.data + instance;
  Body body;
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
  const Corners at = corners(*room, eye, body, room->vertexStart[mesh], words[draw::vertexCount]);
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
      drawFace(job, canvas, eye, body, at, {words[draw::faceFirst] + face + uint32_t(lane), instance}, before[lane]);
    }
  }
}

// Instances that may be seen, nearest first, as near as 256 steps of depth tell: the order shows nowhere, but what is hidden costs less.
static uint32_t findSeen(const DrawJob& job, const DrawRoom& room, const Eye& eye, double unseen) {
  const uint32_t count = uint32_t(job.numbers.data[draw::instances]);
  const size_t stride = size_t(job.numbers.data[draw::capacity]);
  const float* const bounds = job.bounds.data;
  Seen* const seen = room.seen;
  uint32_t starts[257] = {0};
  uint32_t found = 0;
  const double scale = 255 / eye.farthest;
  for (uint32_t i = 0; i < count; i++) {
    const double x = awayFrom(bounds[i], eye.place.x, eye.spaceWidth, eye.wraps);
    const double y = awayFrom(bounds[stride + i], eye.place.y, eye.spaceHeight, eye.wraps);
    const double z = double(bounds[2 * stride + i]) - eye.place.z;
    const double depth = along(eye.forward, x, y, z);
    if (!meets(eye, along(eye.right, x, y, z), along(eye.down, x, y, z), depth, bounds[3 * stride + i]) || double(i) == unseen) continue;
    const double step = depth * scale;
    const uint32_t bucket = step > 0 ? (step < 255 ? uint32_t(step) : 255) : 0;
    starts[bucket + 1]++;
    seen[found++] = {i, bucket};
  }
  for (int i = 0; i < 256; i++) starts[i + 1] += starts[i];
  uint32_t* const sorted = room.sorted;
  for (uint32_t i = 0; i < found; i++) sorted[starts[seen[i].bucket]++] = seen[i].instance;
  return found;
}

// ---- Ground ----

struct GroundCorner {
  int column, line;
  double x, y, z, inverse;
  int32_t columnAt, lineAt;
  bool isOutside;
};

struct Ground {
  const DrawJob* job;
  const Canvas* canvas;
  const Eye* eye;
  int columns, lines;
  double cell, sharpness;
};

DRAW_INLINE int wrapped(int at, int count) {
  if (at >= 0 && at <= count) return at;
  const int rest = at % count;
  return rest < 0 ? rest + count : rest;
}

DRAW_INLINE size_t cornerAt(const Ground& ground, int column, int line) {
  return size_t(wrapped(line, ground.lines)) * size_t(ground.columns + 1) + size_t(wrapped(column, ground.columns));
}

DRAW_INLINE void openCorner(const Ground& ground, int column, int line, GroundCorner* corner) {
  const Eye& eye = *ground.eye;
  const double x = column * ground.cell - eye.place.x;
  const double y = line * ground.cell - eye.place.y;
  const double z = ground.job->heights.data[cornerAt(ground, column, line)] - eye.place.z;
  corner->column = column;
  corner->line = line;
  corner->x = along(eye.right, x, y, z);
  corner->y = along(eye.down, x, y, z);
  corner->z = along(eye.forward, x, y, z);
}

DRAW_INLINE void projectCorner(const Eye& eye, GroundCorner* corner) {
  corner->inverse = 1 / corner->z;
  const double column = eye.middleX * subpixels + eye.focal256 * corner->x * corner->inverse + rounder - rounder;
  const double line = eye.middleY * subpixels + eye.focal256 * corner->y * corner->inverse + rounder - rounder;
  corner->isOutside = !(magnitude(column) <= guard && magnitude(line) <= guard && corner->z >= eye.nearest);
  corner->columnAt = corner->isOutside ? 0 : int32_t(column);
  corner->lineAt = corner->isOutside ? 0 : int32_t(line);
}

static void fillGround(const Ground& ground, const GroundCorner& a, const GroundCorner& b, const GroundCorner& c) {
  const Eye& eye = *ground.eye;
  const bool isClipped = a.isOutside || b.isOutside || c.isOutside;
  const Outline outline = {3, {a.columnAt, b.columnAt, c.columnAt}, {a.lineAt, b.lineAt, c.lineAt}};
  Area area;
  if (!isClipped && (!areaOf(*ground.canvas, outline, &area) || turn(outline, 0, 1, 2) <= 0)) return;
  const double bx = b.x - a.x, by = b.y - a.y, bz = b.z - a.z;
  const double cx = c.x - a.x, cy = c.y - a.y, cz = c.z - a.z;
  const double nx = by * cz - bz * cy, ny = bz * cx - bx * cz, nz = bx * cy - by * cx;
  const double inverse = 1 / (nx * a.x + ny * a.y + nz * a.z);
  const Plane plane = {nx * inverse * eye.inverseFocal, ny * inverse * eye.inverseFocal, nz * inverse};
  if (isClipped) return fillClipped(*ground.canvas, eye, {3, {a.x, b.x, c.x}, {a.y, b.y, c.y}, {a.z, b.z, c.z}}, plane, 1, draw::none);
  double least = a.inverse, greatest = a.inverse;
  least = b.inverse < least ? b.inverse : least;
  least = c.inverse < least ? c.inverse : least;
  greatest = b.inverse > greatest ? b.inverse : greatest;
  greatest = c.inverse > greatest ? c.inverse : greatest;
  fill(*ground.canvas, outline, area, paintOf(plane, least, greatest, 1, draw::none));
}

static void drawTriangle(const Ground& ground, const GroundCorner& top, const GroundCorner& from, const GroundCorner& to) {
  if ((from.column + to.column) % 2 == 0 && (from.line + to.line) % 2 == 0) {
    GroundCorner middle;
    openCorner(ground, (from.column + to.column) / 2, (from.line + to.line) / 2, &middle);
    const float* const detail = ground.job->details.data + 2 * cornerAt(ground, middle.column, middle.line);
    const double error = detail[0], radius = detail[1];
    if (!meets(*ground.eye, middle.x, middle.y, middle.z, radius)) return;
    const double reach = error * ground.sharpness + radius;
    if (error > 0 && middle.x * middle.x + middle.y * middle.y + middle.z * middle.z < reach * reach) {
      projectCorner(*ground.eye, &middle);
      drawTriangle(ground, middle, top, from);
      drawTriangle(ground, middle, to, top);
      return;
    }
  }
  fillGround(ground, top, from, to);
}

static void drawTile(const Ground& ground, int column, int line, int tile) {
  GroundCorner low, high, right, left;
  openCorner(ground, column, line, &low);
  openCorner(ground, column + tile, line + tile, &high);
  openCorner(ground, column + tile, line, &right);
  openCorner(ground, column, line + tile, &left);
  projectCorner(*ground.eye, &low);
  projectCorner(*ground.eye, &high);
  projectCorner(*ground.eye, &right);
  projectCorner(*ground.eye, &left);
  drawTriangle(ground, right, high, low);
  drawTriangle(ground, left, low, high);
}

DRAW_INLINE int firstImage(int at, int period, double low) {
  const double images = (low - at) / period;
  return at + period * int(-floorOf(-images));
}

static void drawGround(const DrawJob& job, const Canvas& canvas, const Eye& eye) {
  const double* const numbers = job.numbers.data;
  const Ground ground = {&job, &canvas, &eye, int(numbers[draw::columns]), int(numbers[draw::lines]), numbers[draw::cell], eye.focal / numbers[draw::pixelError]};
  const int tile = int(numbers[draw::tile]);
  for (int line = 0; line < ground.lines; line += tile) {
    for (int column = 0; column < ground.columns; column += tile) {
      if (!eye.wraps) {
        drawTile(ground, column, line, tile);
        continue;
      }
      const double lastColumn = (eye.place.x + eye.farthest) / ground.cell, lastLine = (eye.place.y + eye.farthest) / ground.cell;
      const int firstColumn = firstImage(column, ground.columns, (eye.place.x - eye.farthest) / ground.cell - tile);
      const int firstLine = firstImage(line, ground.lines, (eye.place.y - eye.farthest) / ground.cell - tile);
      for (int atLine = firstLine; atLine <= lastLine; atLine += ground.lines) {
        for (int atColumn = firstColumn; atColumn <= lastColumn; atColumn += ground.columns) drawTile(ground, atColumn, atLine, tile);
      }
    }
  }
}

// ---- From depth and slots to channels ----

// Directions of sight along a line of pixels, one component.
struct Sight {
  float across, along, straight, here;
};

DRAW_INLINE Sight sightOf(const Eye& eye, double right, double down, double forward) {
  return {float(right * eye.inverseFocal), float(down * eye.inverseFocal), float(forward), 0};
}

struct Resolve {
  const DrawJob* job;
  const Canvas* canvas;
  Sight x, y, z;
  float eyeX, eyeY, perCell, fogFrom, fogScale;
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
  const Floats low = at > all(-1e9f) ? at : all(-1e9f);
  const Floats held = low < all(1e9f) ? low : all(1e9f);
  Ints cell = __builtin_convertvector(held, Ints);
  cell += (Ints)(__builtin_convertvector(cell, Floats) > held);
  const Ints count = all(cells), last = all(cells - 1);
  if (wraps) cell += (cell < 0 ? count : cell >= count ? -count : Ints{});
  cell = cell > 0 ? cell : Ints{};
  return cell < last ? cell : last;
}

// Colours and segmentations of a vector of pixels.
DRAW_INLINE void lookUp(const Resolve& r, Words slot, Floats depth, Floats column, uint32_t* colours, uint32_t* kinds) {
  uint32_t slots[lanes];
  store(slots, slot);
  for (int lane = 0; lane < lanes; lane++) {
    const Look look = r.canvas->room->looks[slots[lane]];
    colours[lane] = look.colour;
    kinds[lane] = look.kind;
  }
  uint32_t ground = bitsOf((Ints)(slot == 1));
  if (ground == 0) return;
  const Floats x = r.eyeX + (r.x.here + r.x.across * column) * depth;
  const Floats y = r.eyeY + (r.y.here + r.y.across * column) * depth;
  const Ints texel = cellOf(y * r.perCell, r.lines, r.wraps) * r.columns + cellOf(x * r.perCell, r.columns, r.wraps);
  int32_t texels[lanes];
  store(texels, texel);
  for (; ground != 0; ground &= ground - 1) {
    const int lane = __builtin_ctz(ground);
    colours[lane] = r.job->texels.data[texels[lane]];
    kinds[lane] = r.job->texelKinds.data[texels[lane]];
  }
}

DRAW_INLINE void writeRgb(uint8_t* to, const uint32_t* colours, int count) {
#if defined(__SSSE3__)
  if (count == 8) {
    const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m128i low = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i*)colours), order);
    const __m128i high = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i*)(colours + 4)), order);
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

DRAW_INLINE void writePixels(const Resolve& r, size_t pixel, int first, size_t to, int count) {
  const DrawJob& job = *r.job;
  const Words slot = load<Words>(r.canvas->slots + pixel);
  const Ints sky = (Ints)(slot == 0);
  const Floats depth = sky ? all(__builtin_inff()) : 1 / load<Floats>(r.canvas->nearness + pixel);
  const Floats column = laneNumbers() + (float(first) + (0.5f - float(r.canvas->width) / 2));
  uint32_t colours[lanes], kinds[lanes];
  float depths[lanes];
  store(depths, depth);
  if (job.depth.length > 0) std::memcpy(job.depth.data + to, depths, size_t(count) * sizeof(float));
  if (job.depthMillis.length > 0) {
    for (int i = 0; i < count; i++) {
      const float millis = depths[i] * 1000 + 0.5f;
      job.depthMillis.data[to + i] = slot[i] == 0 ? 0 : millis < 65535 ? uint16_t(millis) : 65535;
    }
  }
  lookUp(r, slot, depth, column, colours, kinds);
  if (job.segmentation.length > 0) {
    for (int i = 0; i < count; i++) job.segmentation.data[to + i] = uint16_t(kinds[i]);
  }
  if (job.rgb.length == 0 && job.grey.length == 0) return;
  Words colour = load<Words>(colours);
  if (r.fogScale != 0) colour = blend(colour, r.fog, shareOf((depth - r.fogFrom) * r.fogScale));
  if (bitsOf(sky) != 0) colour = sky ? skyAt(r, column) : colour;
  store(colours, colour);
  if (job.rgb.length > 0) writeRgb(job.rgb.data + 3 * to, colours, count);
  if (job.grey.length > 0) {
    for (int i = 0; i < count; i++) {
      const uint32_t c = colours[i];
      job.grey.data[to + i] = uint8_t((77 * (c >> 16 & 255) + 150 * (c >> 8 & 255) + 29 * (c & 255)) >> 8);
    }
  }
}

static void resolve(const DrawJob& job, const Canvas& canvas, const Eye& eye, size_t frame) {
  const double* const numbers = job.numbers.data;
  Resolve r;
  r.job = &job;
  r.canvas = &canvas;
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
  r.wraps = eye.wraps;
  r.fog = uint32_t(numbers[draw::fogColour]);
  r.horizon = uint32_t(numbers[draw::horizon]);
  r.zenith = uint32_t(numbers[draw::zenith]);
  const size_t first = frame * size_t(canvas.width) * size_t(canvas.height);
  for (int line = 0; line < canvas.height; line++) {
    const float down = float(line) + (0.5f - float(canvas.height) / 2);
    r.x.here = r.x.straight + r.x.along * down;
    r.y.here = r.y.straight + r.y.along * down;
    r.z.here = r.z.straight + r.z.along * down;
    for (int column = 0; column < canvas.width; column += lanes) {
      writePixels(r, size_t(line) * size_t(canvas.stride) + size_t(column), column, first + size_t(line) * size_t(canvas.width) + size_t(column), least(lanes, canvas.width - column));
    }
  }
}

static void drawViews(const DrawJob& job, uint32_t count, DrawRoom* room) {
  const Canvas canvas = {int(job.numbers.data[draw::width]), int(job.numbers.data[draw::height]), int(room->stride), room->nearness, room->slots, room};
  const size_t pixels = size_t(canvas.stride) * size_t(canvas.height);
  for (uint32_t view = 0; view < count; view++) {
    const double* const words = job.views.data + size_t(view) * draw::viewWords;
    Eye eye;
    openEye(job, view, &eye);
    const Floats empty = all(float(1 / eye.farthest));
    for (size_t i = 0; i < pixels; i += lanes) store(canvas.nearness + i, empty);
    std::memset(canvas.slots, 0, pixels * sizeof(uint32_t));
    room->lookCount = 2;
    for (int slot = 0; slot < 2; slot++) {
      room->looks[slot] = {0, 0};
      room->owners[slot] = draw::none;
    }
    const uint32_t seen = findSeen(job, *room, eye, words[draw::unseen]);
    for (uint32_t i = 0; i < seen; i++) drawInstance(job, canvas, eye, room->sorted[i]);
    if (job.numbers.data[draw::columns] > 0) drawGround(job, canvas, eye);
    resolve(job, canvas, eye, size_t(words[draw::frame]));
  }
}

#undef DRAW_INLINE
}  // namespace DRAW_NAMESPACE
}  // namespace metabonk
