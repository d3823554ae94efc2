// Outlines: small ones in vectors, bent ones as the twin has them, polygons that are clipped first. A part of draw_kernel.h, which see.

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
