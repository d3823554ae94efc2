// The ground, halved where it shows. A part of draw_kernel.h, which see.

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

DRAW_INLINE void projectGround(const Eye& eye, FourGround* four) {
  const Projected4 at = projectFour(eye, four->at);
  four->inverse = at.inverse;
  four->columnsAt = __builtin_convertvector(~at.isInside, Ints4) ? all4(nowhere) : at.columns;
  four->linesAt = at.lines;
}

// Stored as vectors, for they are read as such soon after.
DRAW_INLINE void takeCorner(const FourGround& four, int lane, GroundCorner* corner) {
  store(&corner->x, Doubles4{four.at.x[lane], four.at.y[lane], four.at.z[lane], four.inverse[lane]});
  store(&corner->column, Ints4{four.columns[lane], four.lines[lane], four.columnsAt[lane], four.linesAt[lane]});
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
