// Instances of meshes: which may be seen, their corners and faces. A part of draw_kernel.h, which see.

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
  FourBounds bounds = noBounds;
  Ints4 clipped = {};
  for (uint32_t i = 0; i < count; i += 4) {
    const Doubles4 vx = load<Doubles4>(room.vertexX + from + i);
    const Doubles4 vy = load<Doubles4>(room.vertexY + from + i);
    const Doubles4 vz = load<Doubles4>(room.vertexZ + from + i);
    const Doubles4 atX = body.middle.x + body.seen[0][0] * vx + body.seen[1][0] * vy + body.seen[2][0] * vz;
    const Doubles4 atY = body.middle.y + body.seen[0][1] * vx + body.seen[1][1] * vy + body.seen[2][1] * vz;
    const Doubles4 atZ = body.middle.z + body.seen[0][2] * vx + body.seen[1][2] * vy + body.seen[2][2] * vz;
    const Projected4 at = projectFour(eye, {atX, atY, atZ});
    const Ints4 outside = __builtin_convertvector(~at.isInside, Ints4);
    const Ints4 overs = (Ints4)__builtin_convertvector(at.inverse, Floats4);
    clipped |= outside;
    include(&bounds, at.columns, at.lines);
    store(room.cornerX + i, atX);
    store(room.cornerY + i, atY);
    store(room.cornerZ + i, atZ);
    const Ints4 firsts = DRAW_MERGE(at.columns, at.lines, 0, 4, 1, 5), lasts = DRAW_MERGE(at.columns, at.lines, 2, 6, 3, 7);
    const Ints4 firstMarks = DRAW_MERGE(overs, outside, 0, 4, 1, 5), lastMarks = DRAW_MERGE(overs, outside, 2, 6, 3, 7);
    store(room.corners + 4 * i, DRAW_MERGE(firsts, firstMarks, 0, 1, 4, 5));
    store(room.corners + 4 * i + 4, DRAW_MERGE(firsts, firstMarks, 2, 3, 6, 7));
    store(room.corners + 4 * i + 8, DRAW_MERGE(lasts, lastMarks, 0, 1, 4, 5));
    store(room.corners + 4 * i + 12, DRAW_MERGE(lasts, lastMarks, 2, 3, 6, 7));
  }
  Area area;
  return bitsOf4(clipped) != 0 || areaWithin(canvas, {leastOf(bounds.low), mostOf(bounds.high), leastOf(bounds.top), mostOf(bounds.bottom)}, &area);
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
  for (uint32_t face = 0; face < faceCount; face += 4) {
    const size_t at = planes + face;
    const Vectors4 normal = {load<Doubles4>(room->planeX + at), load<Doubles4>(room->planeY + at), load<Doubles4>(room->planeZ + at)};
    const Doubles4 before = load<Doubles4>(room->planeD + at) - along(body.place, normal);
    // Planes beyond the last face have d = 1 and no normal: nobody is behind them.
    for (uint32_t bits = bitsOf4((Longs4)(before < 0)); bits != 0; bits &= bits - 1) {
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
  const Vectors4 middle = seenFrom(eye, {x, y, z});
  *depths = middle.z;
  return meetsFour(eye, middle, radius);
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
  four.middle = seenFrom(eye, four.away);
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
  for (int i = 0; i < 3; i++) seen[i] = seenFrom(eye, axes[i]);
  FourBounds bounds = noBounds;
  Longs4 isInside = ~Longs4{};
  const float* vertex = job.vertices.data + 3 * size_t(mesh[draw::vertexFirst]);
  for (uint32_t i = 0; i < mesh[draw::vertexCount]; i++, vertex += 3) {
    const double vx = vertex[0], vy = vertex[1], vz = vertex[2];
    const Doubles4 atX = four.middle.x + seen[0].x * vx + seen[1].x * vy + seen[2].x * vz;
    const Doubles4 atY = four.middle.y + seen[0].y * vx + seen[1].y * vy + seen[2].y * vz;
    const Doubles4 atZ = four.middle.z + seen[0].z * vx + seen[1].z * vy + seen[2].z * vz;
    const Projected4 at = projectFour(eye, {atX, atY, atZ});
    isInside &= at.isInside;
    include(&bounds, at.columns, at.lines);
    corners->columns[i] = at.columns;
    corners->lines[i] = at.lines;
    corners->overs[i] = __builtin_convertvector(at.inverse, Floats4);
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
