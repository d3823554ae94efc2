// The ground, halved where it shows. A part of draw_kernel.h, which see.

// A right triangle, counter-clockwise from above, by the ends of its longest edge in the grid: its right angle lies to the left of the way
// between them. One of a group is an entry of each.
struct GroundTriangles {
  GroupInts fromColumn, fromLine, toColumn, toLine;
  // Heights of those ends, and of the right angle.
  GroupFloats fromHeight, toHeight, topHeight;
};

// Triangles that are looked at together: memory is read for the later ones while the earlier ones wait for it.
constexpr int halvedMost = 32;
// Halving a tile of 64 cells goes no deeper than 12 times: when more triangles wait than this, taking one at a time adds no more than that.
constexpr int groundWide = 4 * halvedMost;
// Room for what is added at once, and for what is stored behind it.
constexpr int groundMost = groundWide + 2 * halvedMost + 24;

// A list of triangles, the parts of each in arrays of their own.
struct GroundList {
  int32_t fromColumn[groundMost], fromLine[groundMost], toColumn[groundMost], toLine[groundMost];
  float fromHeight[groundMost], toHeight[groundMost], topHeight[groundMost];
  // Where the middles of their longest edges lie among the details of the ground.
  int32_t middles[groundMost];
  int count;
};

struct Ground {
  const DrawJob* job;
  const Canvas* canvas;
  const Eye* eye;
  int columns, lines;
  double cell, sharpness;
  // Triangles that may be halved, the last of them next, and those that are not.
  GroundList open, whole;
};

// The triangles from one on.
DRAW_INLINE GroundTriangles trianglesAt(const GroundList& list, int at) {
  return {load<GroupInts>(list.fromColumn + at),   load<GroupInts>(list.fromLine + at),   load<GroupInts>(list.toColumn + at),   load<GroupInts>(list.toLine + at),
          load<GroupFloats>(list.fromHeight + at), load<GroupFloats>(list.toHeight + at), load<GroupFloats>(list.topHeight + at)};
}

// Adds those whose bits are set, but for their middles.
DRAW_INLINE void addChosen(GroundList* list, const GroundTriangles& triangles, uint32_t bits) {
  storeChosen(list->fromColumn + list->count, triangles.fromColumn, bits);
  storeChosen(list->fromLine + list->count, triangles.fromLine, bits);
  storeChosen(list->toColumn + list->count, triangles.toColumn, bits);
  storeChosen(list->toLine + list->count, triangles.toLine, bits);
  storeChosen(list->fromHeight + list->count, triangles.fromHeight, bits);
  storeChosen(list->toHeight + list->count, triangles.toHeight, bits);
  storeChosen(list->topHeight + list->count, triangles.topHeight, bits);
  list->count += __builtin_popcount(bits);
}

// Corners of the grid.
struct GridCorners {
  GroupInts columns, lines;
};

// The right angles of triangles.
DRAW_INLINE GridCorners topsOf(const GroundTriangles& t) {
  return {(t.fromColumn + t.toColumn - t.toLine + t.fromLine) >> 1, (t.fromLine + t.toLine + t.toColumn - t.fromColumn) >> 1};
}

// A column or line of the grid as its arrays count it: those beyond a border come back on the other side.
DRAW_INLINE GroupInts wrapped(GroupInts at, int count) {
  // Most eyes see no border.
  if (bitsOfGroup(at | (count - at)) == 0) return at;
  // Half a cell away from where this steps, rounding does not matter.
  const Doubles periods = floorsOf((widened(at) + 0.5) * (1.0 / count));
  const GroupInts held = at - __builtin_convertvector(periods, GroupInts) * count;
  return (GroupInts)(at == count) ? at : held;
}

// Where corners lie among the details of the ground. There are fewer than 2^31 of them.
DRAW_INLINE GroupInts placesOf(const Ground& ground, const GridCorners& corners) {
  GroupInts columns = corners.columns, lines = corners.lines;
  if (ground.eye->wraps) {
    columns = wrapped(columns, ground.columns);
    lines = wrapped(lines, ground.lines);
  }
  return lines * (ground.columns + 1) + columns;
}

// From the eye to corners of some heights, in the world.
DRAW_INLINE Vectors awaysOf(const Ground& ground, const GridCorners& corners, GroupFloats heights) {
  const Vector& place = ground.eye->place;
  return {widened(corners.columns) * ground.cell - place.x, widened(corners.lines) * ground.cell - place.y, widened(heights) - place.z};
}

DRAW_INLINE GroupFloats heightsAt(const Ground& ground, const GridCorners& corners) {
  uint32_t at[group];
  store(at, placesOf(ground, corners));
  return picked<GroupFloats, draw::detailWords>(ground.job->details.data + draw::detailHeight, at);
}

// The middles of the longest edges of triangles. Where such an edge has none, the triangle is as fine as the grid.
DRAW_INLINE GridCorners middlesOf(const GroundTriangles& t) { return {(t.fromColumn + t.toColumn) >> 1, (t.fromLine + t.toLine) >> 1}; }

// Lets those wait whose bits are set. Memory takes a while to give what is known of their middles, and is asked at once; for all of the group,
// since how many they are cannot be foretold.
DRAW_INLINE void addOpen(Ground* ground, const GroundTriangles& triangles, uint32_t bits) {
  GroundList* const open = &ground->open;
  int32_t* const middles = open->middles + open->count;
  storeChosen(middles, placesOf(*ground, middlesOf(triangles)), bits);
  addChosen(open, triangles, bits);
  for (int i = 0; i < group; i++) __builtin_prefetch(ground->job->details.data + draw::detailWords * size_t(middles[i]));
}

// Corners that halve triangles: those whose spheres may be seen, and those that are near enough to show; their heights.
struct GroundMiddles {
  uint32_t seen, near;
  GroupFloats heights;
};

DRAW_INLINE GroundMiddles middlesAt(const Ground& ground, const GridCorners& corners, GroupInts places) {
  uint32_t at[group];
  store(at, places);
  GroupFloats words[draw::detailWords];
  pickQuads(ground.job->details.data, at, words);
  const Vectors away = awaysOf(ground, corners, words[draw::detailHeight]);
  const Doubles error = widened(words[draw::detailError]), reach = error * ground.sharpness + widened(words[draw::detailReach]);
  const uint32_t near = bitsOf(isBelow(away.x * away.x + away.y * away.y + away.z * away.z, reach * reach)) & bitsOf(isBelow(Doubles{}, error));
  return {meetsOf(*ground.eye, seenFrom(*ground.eye, away), widened(words[draw::detailRadius])), near, words[draw::detailHeight]};
}

// Whether all of a triangle is more than a pixel beside the picture, and by more than rounding can hide.
DRAW_INLINE bool isBeside(const Eye& eye, const Polygon& triangle) {
  const double width = eye.middleX + 1, height = eye.middleY + 1;
  double right = __builtin_inf(), left = right, below = right, above = right, sum = 0;
  for (int i = 0; i < 3; i++) {
    const double x = eye.focal * triangle.x[i], y = eye.focal * triangle.y[i], z = triangle.z[i];
    right = x - width * z < right ? x - width * z : right;
    left = -x - width * z < left ? -x - width * z : left;
    below = y - height * z < below ? y - height * z : below;
    above = -y - height * z < above ? -y - height * z : above;
    sum += magnitude(x) + magnitude(y) + magnitude(z) * (width + height);
  }
  const double least = 1e-9 * sum;
  return right > least || left > least || below > least || above > least;
}

// Whether a corner has a height that is no number: there, the ground has a hole.
DRAW_INLINE bool isNowhere(const Polygon& triangle) {
  double sum = 0;
  for (int i = 0; i < 3; i++) sum += magnitude(triangle.x[i]) + magnitude(triangle.y[i]) + magnitude(triangle.z[i]);
  return !(sum < __builtin_inf());
}

static __attribute__((noinline)) void clipGround(const Ground& ground, const Polygon& triangle) {
  const Eye& eye = *ground.eye;
  if (isNowhere(triangle) || isBeside(eye, triangle)) return;
  const double *x = triangle.x, *y = triangle.y, *z = triangle.z;
  const double bx = x[1] - x[0], by = y[1] - y[0], bz = z[1] - z[0];
  const double cx = x[2] - x[0], cy = y[2] - y[0], cz = z[2] - z[0];
  const double nx = by * cz - bz * cy, ny = bz * cx - bx * cz, nz = bx * cy - by * cx;
  const double inverse = 1 / (nx * x[0] + ny * y[0] + nz * z[0]);
  const Plane plane = {nx * inverse * eye.inverseFocal, ny * inverse * eye.inverseFocal, nz * inverse};
  fillClipped(*ground.canvas, eye, triangle, plane, 1, draw::none);
}

DRAW_INLINE void paintGround(const Eye& eye, const Vectors* corners, const Doubles* inverses, GroupPaints* paints) {
  const Vectors &a = corners[0], &b = corners[1], &c = corners[2];
  const Doubles bx = b.x - a.x, by = b.y - a.y, bz = b.z - a.z;
  const Doubles cx = c.x - a.x, cy = c.y - a.y, cz = c.z - a.z;
  const Doubles nx = by * cz - bz * cy, ny = bz * cx - bx * cz, nz = bx * cy - by * cx;
  const Doubles inverse = 1 / (nx * a.x + ny * a.y + nz * a.z);
  putPaints(nx * inverse * eye.inverseFocal, ny * inverse * eye.inverseFocal, nz * inverse, lower(inverses[0], lower(inverses[1], inverses[2])),
            higher(inverses[0], higher(inverses[1], inverses[2])), paints);
  for (int lane = 0; lane < group; lane++) {
    paints->slots[lane] = 1;
    paints->owners[lane] = int32_t(draw::none);
  }
}

// Fills those whose bits are set of a group of triangles that are not halved, from one of them on.
static __attribute__((noinline)) void fillWhole(const Ground& ground, int from, uint32_t used) {
  const Eye& eye = *ground.eye;
  const Canvas& canvas = *ground.canvas;
  const GroundTriangles triangles = trianglesAt(ground.whole, from);
  const GridCorners grid[3] = {topsOf(triangles), {triangles.fromColumn, triangles.fromLine}, {triangles.toColumn, triangles.toLine}};
  const GroupFloats heights[3] = {triangles.topHeight, triangles.fromHeight, triangles.toHeight};
  Vectors corners[3];
  Doubles inverses[3];
  GroupOutlines<3> outlines;
  uint32_t inside = used;
  for (int i = 0; i < 3; i++) {
    corners[i] = seenFrom(eye, awaysOf(ground, grid[i], heights[i]));
    const Projected corner = projected(eye, corners[i]);
    inverses[i] = corner.inverse;
    outlines.columns[i] = corner.columns;
    outlines.lines[i] = corner.lines;
    inside &= corner.inside;
  }
  for (uint32_t bits = used & ~inside; bits != 0; bits &= bits - 1) {
    Polygon triangle;
    triangle.count = 3;
    for (int i = 0; i < 3; i++) {
      triangle.x[i] = corners[i].x[__builtin_ctz(bits)];
      triangle.y[i] = corners[i].y[__builtin_ctz(bits)];
      triangle.z[i] = corners[i].z[__builtin_ctz(bits)];
    }
    clipGround(ground, triangle);
  }
  const GroupBounds bounds = boundsOf(outlines);
  const GroupAreas areas = areasWithin(canvas, bounds);
  const uint32_t live = coverOf(areas) & inside;
  if (live == 0) return;
  GroupPaints paints;
  paintGround(eye, corners, inverses, &paints);
  fillGroup<3>(canvas, outlines, bounds, areas, paints, live);
}

// Takes triangles that wait: halves them at the middle of their longest edge while what that corner adds would show.
static __attribute__((noinline)) void halve(Ground* ground) {
  GroundList* const open = &ground->open;
  const int count = open->count > groundWide ? 1 : least(open->count, halvedMost);
  open->count -= count;
  GroundTriangles taken[halvedMost / group];
  GroupFloats heights[halvedMost / group];
  uint32_t seen[halvedMost / group], halved[halvedMost / group];
  for (int part = 0; part * group < count; part++) {
    taken[part] = trianglesAt(*open, open->count + part * group);
    const GroundMiddles middles = middlesAt(*ground, middlesOf(taken[part]), load<GroupInts>(open->middles + open->count + part * group));
    const uint32_t finest = bitsOfGroup(((taken[part].fromColumn ^ taken[part].toColumn) | (taken[part].fromLine ^ taken[part].toLine)) << 31), used = count - part * group < group ? (1u << (count - part * group)) - 1 : groupBits;
    heights[part] = middles.heights;
    halved[part] = middles.near & ~finest;
    seen[part] = (middles.seen | finest) & used;
  }
  for (int part = 0; part * group < count; part++) {
    addChosen(&ground->whole, taken[part], seen[part] & ~halved[part]);
    if ((seen[part] & halved[part]) == 0) continue;
    const GroundTriangles& t = taken[part];
    const GridCorners top = topsOf(t);
    addOpen(ground, {top.columns, top.lines, t.fromColumn, t.fromLine, t.topHeight, t.fromHeight, heights[part]}, seen[part] & halved[part]);
    addOpen(ground, {t.toColumn, t.toLine, top.columns, top.lines, t.toHeight, t.topHeight, heights[part]}, seen[part] & halved[part]);
  }
  while (ground->whole.count >= group) {
    ground->whole.count -= group;
    fillWhole(*ground, ground->whole.count, groupBits);
  }
}

// Lets the triangles of up to a group of tiles wait that may be seen, given their least corners.
static void addTiles(Ground* ground, const GridCorners& tiles, int tile, uint32_t used) {
  const GridCorners ends = {tiles.columns + tile, tiles.lines + tile}, middles = {tiles.columns + tile / 2, tiles.lines + tile / 2};
  const uint32_t seen = middlesAt(*ground, middles, placesOf(*ground, middles)).seen & used;
  const GroupFloats least = heightsAt(*ground, tiles), greatest = heightsAt(*ground, ends);
  addOpen(ground, {ends.columns, ends.lines, tiles.columns, tiles.lines, greatest, least, heightsAt(*ground, {ends.columns, tiles.lines})}, seen);
  addOpen(ground, {tiles.columns, tiles.lines, ends.columns, ends.lines, least, greatest, heightsAt(*ground, {tiles.columns, ends.lines})}, seen);
  while (ground->open.count >= halvedMost) halve(ground);
}

// Columns or lines at which tiles begin.
struct TileRange {
  int first, end;
};

// Those that are seen of so many cells; on a torus, the images that reach as far as the eye sees.
DRAW_INLINE TileRange rangeOf(const Ground& ground, int cells, double place, int tile) {
  if (!ground.eye->wraps) return {0, cells};
  const double low = (place - ground.eye->farthest) / ground.cell - tile, high = (place + ground.eye->farthest) / ground.cell;
  return {tile * int(-floorOf(-(low / tile))), tile * (int(floorOf(high / tile)) + 1)};
}

static __attribute__((noinline)) void drawGround(const DrawJob& job, const Canvas& canvas, const Eye& eye) {
  const double* const numbers = job.numbers.data;
  Ground ground;
  std::memset(&ground, 0, sizeof ground);
  ground.job = &job;
  ground.canvas = &canvas;
  ground.eye = &eye;
  ground.columns = int(numbers[draw::columns]);
  ground.lines = int(numbers[draw::lines]);
  ground.cell = numbers[draw::cell];
  ground.sharpness = eye.focal / numbers[draw::pixelError];
  const int tile = int(numbers[draw::tile]);
  const TileRange columns = rangeOf(ground, ground.columns, eye.place.x, tile), lines = rangeOf(ground, ground.lines, eye.place.y, tile);
  GridCorners tiles = {};
  int count = 0;
  for (int line = lines.first; line < lines.end; line += tile) {
    for (int column = columns.first; column < columns.end; column += tile) {
      tiles.columns[count] = column;
      tiles.lines[count++] = line;
      if (count < group) continue;
      addTiles(&ground, tiles, tile, groupBits);
      count = 0;
    }
  }
  addTiles(&ground, tiles, tile, (1u << count) - 1);
  while (ground.open.count > 0) halve(&ground);
  if (ground.whole.count > 0) fillWhole(ground, 0, (1u << ground.whole.count) - 1);
}
