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
  int32_t perColumn[4], perLine[4], starts[4];
  store(perColumn, dy);
  store(perLine, -dx);
  store(starts, start);
  const Slopes<1> slopes = {perColumn, perLine, starts};
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

struct PolygonInPicture {
  double columns[cornersMax], lines[cornersMax], least, greatest;
};

DRAW_INLINE bool project(const Eye& eye, const Polygon& polygon, PolygonInPicture* out) {
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
  PolygonInPicture at;
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

// ---- A group of polygons at once: one in each lane ----

// Bounds in 1/256 pixel.
struct GroupBounds {
  GroupInts low, high, top, bottom;
};

struct GroupAreas {
  GroupInts first, last, top, bottom;
};

// Far beyond what corners have, and small enough to reckon with.
constexpr GroupBounds noBounds = {GroupInts{} + (1 << 30), GroupInts{} - (1 << 30), GroupInts{} + (1 << 30), GroupInts{} - (1 << 30)};

DRAW_INLINE void include(GroupBounds* bounds, GroupInts columns, GroupInts lines) {
  bounds->low = lower(bounds->low, columns);
  bounds->high = higher(bounds->high, columns);
  bounds->top = lower(bounds->top, lines);
  bounds->bottom = higher(bounds->bottom, lines);
}

// As `areaWithin`.
DRAW_INLINE GroupAreas areasWithin(const Canvas& canvas, const GroupBounds& bounds) {
  return {higher((bounds.low + 127) >> 8, GroupInts{}), lower((bounds.high - 128) >> 8, allOfGroup(canvas.width - 1)),
          higher((bounds.top + 127) >> 8, GroupInts{}), lower((bounds.bottom - 128) >> 8, allOfGroup(canvas.height - 1))};
}

// Where there are no pixels.
DRAW_INLINE GroupInts isEmpty(const GroupAreas& areas) { return (GroupInts)(areas.first > areas.last) | (GroupInts)(areas.top > areas.bottom); }

DRAW_INLINE uint32_t coverOf(const GroupAreas& areas) { return ~bitsOfGroup(isEmpty(areas)) & groupBits; }

DRAW_INLINE Area areaIn(const GroupAreas& areas, int lane) { return {areas.first[lane], areas.last[lane], areas.top[lane], areas.bottom[lane]}; }

// Polygons of so many corners in the picture.
template <int edges>
struct GroupOutlines {
  GroupInts columns[edges], lines[edges];
};

template <int edges>
DRAW_INLINE GroupBounds boundsOf(const GroupOutlines<edges>& outlines) {
  GroupBounds bounds = noBounds;
  for (int i = 0; i < edges; i++) include(&bounds, outlines.columns[i], outlines.lines[i]);
  return bounds;
}

template <int edges>
DRAW_INLINE Outline outlineIn(const GroupOutlines<edges>& outlines, int lane) {
  Outline outline;
  outline.count = edges;
  for (int i = 0; i < edges; i++) {
    outline.columns[i] = outlines.columns[i][lane];
    outline.lines[i] = outlines.lines[i][lane];
  }
  return outline;
}

// What polygons put into pixels.
struct GroupPaints {
  GroupFloats perColumn, perLine, middle, farthest, nearest;
  int32_t slots[group], owners[group];
};

// Paints of planes between two nearnesses each.
DRAW_INLINE void putPaints(Doubles perColumn, Doubles perLine, Doubles middle, Doubles farthest, Doubles nearest, GroupPaints* paints) {
  const Doubles limit = allOfGroup(steepest);
  const Which isPlane = isAtMost(magnitudes(middle), limit) & isAtMost(magnitudes(perColumn), limit) & isAtMost(magnitudes(perLine), limit);
  paints->perColumn = __builtin_convertvector(kept(isPlane, perColumn), GroupFloats);
  paints->perLine = __builtin_convertvector(kept(isPlane, perLine), GroupFloats);
  paints->middle = __builtin_convertvector(chosen(isPlane, middle, nearest), GroupFloats);
  paints->farthest = __builtin_convertvector(farthest, GroupFloats);
  paints->nearest = __builtin_convertvector(nearest, GroupFloats);
}

DRAW_INLINE Paint paintIn(const GroupPaints& paints, int lane) {
  return {paints.perColumn[lane], paints.perLine[lane], paints.middle[lane], paints.farthest[lane], paints.nearest[lane], uint32_t(paints.slots[lane]), uint32_t(paints.owners[lane])};
}

// Edge functions of small outlines at the first pixels of their areas, and which of the outlines are bent outwards with all corners distinct:
// others are empty where they are triangles, else they are filled as the twin has it.
template <int edges>
struct GroupEdges {
  GroupInts perColumn[edges], perLine[edges], start[edges];
  uint32_t sound;
};

template <int edges>
DRAW_INLINE void openEdges(const GroupOutlines<edges>& outlines, const GroupAreas& areas, GroupEdges<edges>* open) {
  const GroupInts column = areas.first * 256 + 128, line = areas.top * 256 + 128;
  GroupInts isTwin = {}, bends = {}, isTurned = {};
  for (int i = 0; i < edges; i++) {
    const int next = i + 1 == edges ? 0 : i + 1;
    const GroupInts dx = outlines.columns[next] - outlines.columns[i], dy = outlines.lines[next] - outlines.lines[i];
    const GroupInts mine = (GroupInts)(dy > 0) | ((GroupInts)(dy == 0) & (GroupInts)(dx < 0));
    open->perColumn[i] = dy;
    open->perLine[i] = -dx;
    open->start[i] = (dy * (column - outlines.columns[i]) - dx * (line - outlines.lines[i]) + ~mine) >> 8;
    isTwin |= (GroupInts)((dx | dy) == 0);
  }
  for (int i = 0; i < (edges == 3 ? 1 : edges); i++) {
    const int next = i + 1 == edges ? 0 : i + 1;
    const GroupInts turn = open->perLine[i] * open->perColumn[next] - open->perColumn[i] * open->perLine[next];
    bends |= turn;
    isTurned |= (GroupInts)(turn > 0);
  }
  open->sound = bitsOfGroup(isTurned & ~isTwin) & ~bitsOfGroup(bends);
}

// Fills those whose bits are set; in their areas there are pixels.
template <int edges>
DRAW_INLINE void fillGroup(const Canvas& canvas, const GroupOutlines<edges>& given, const GroupBounds& bounds, const GroupAreas& areas, const GroupPaints& paints, uint32_t live) {
  const GroupInts isSmall = (GroupInts)(bounds.high - bounds.low <= smallMost) & (GroupInts)(bounds.bottom - bounds.top <= smallMost);
  // Edge functions of large ones do not fit 32 bits.
  const GroupInts isReckoned = isSmall & ~isEmpty(areas);
  GroupOutlines<edges> outlines;
  for (int i = 0; i < edges; i++) {
    outlines.columns[i] = given.columns[i] & isReckoned;
    outlines.lines[i] = given.lines[i] & isReckoned;
  }
  GroupEdges<edges> open;
  openEdges(outlines, areas, &open);
  const uint32_t large = ~bitsOfGroup(isSmall);
  for (uint32_t bits = live & (edges == 3 ? open.sound | large : groupBits); bits != 0; bits &= bits - 1) {
    const int lane = __builtin_ctz(bits);
    const Area area = areaIn(areas, lane);
    const Paint mine = paintIn(paints, lane);
    if ((open.sound & ~large) >> lane & 1) {
      const Slopes<group> slopes = {(const int32_t*)open.perColumn + lane, (const int32_t*)open.perLine + lane, (const int32_t*)open.start + lane};
      fillBlock<edges>(canvas, slopes, mine, area);
    } else {
      fillOther(canvas, outlineIn(given, lane), area, mine);
    }
  }
}
