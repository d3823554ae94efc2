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

// Where corners of an instance are in the picture: their bounds, the nearness of the nearest, and whether some need clipping.
struct Extent {
  Bounds bounds;
  float nearest;
  bool isClipped;
};

template <typename V>
DRAW_INLINE auto leastLane(V v) {
  auto least = v[0];
  for (int lane = 1; lane < group; lane++) least = v[lane] < least ? v[lane] : least;
  return least;
}

template <typename V>
DRAW_INLINE auto mostLane(V v) {
  auto most = v[0];
  for (int lane = 1; lane < group; lane++) most = v[lane] > most ? v[lane] : most;
  return most;
}

// Puts the corners of a mesh into the room: as the eye sees them, and in the picture.
DRAW_INLINE Extent findCorners(const DrawRoom& room, const Eye& eye, const Body& body, uint32_t from, uint32_t count) {
  GroupBounds bounds = noBounds;
  GroupFloats nearest = {};
  uint32_t clipped = 0;
  for (uint32_t i = 0; i < count; i += group) {
    const Vectors v = {load<Doubles>(room.vertexX + from + i), load<Doubles>(room.vertexY + from + i), load<Doubles>(room.vertexZ + from + i)};
    const Vectors seen = {body.middle.x + body.seen[0][0] * v.x + body.seen[1][0] * v.y + body.seen[2][0] * v.z,
                          body.middle.y + body.seen[0][1] * v.x + body.seen[1][1] * v.y + body.seen[2][1] * v.z,
                          body.middle.z + body.seen[0][2] * v.x + body.seen[1][2] * v.y + body.seen[2][2] * v.z};
    const Projected at = projected(eye, seen);
    const GroupFloats overs = __builtin_convertvector(at.inverse, GroupFloats);
    clipped |= ~at.inside & groupBits;
    include(&bounds, at.columns, at.lines);
    nearest = higher(nearest, overs);
    store(room.cornerX + i, seen.x);
    store(room.cornerY + i, seen.y);
    store(room.cornerZ + i, seen.z);
    store(room.cornerColumns + i, at.columns);
    store(room.cornerLines + i, at.lines);
    store(room.cornerOvers + i, overs);
    for (int lane = 0; lane < group; lane++) room.cornerClipped[i + uint32_t(lane)] = ~at.inside >> lane & 1;
  }
  return {{leastLane(bounds.low), mostLane(bounds.high), leastLane(bounds.top), mostLane(bounds.bottom)}, mostLane(nearest), clipped != 0};
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
  const uint32_t a = words[0], b = words[1], c = words[2], d = isTriangle ? a : words[3];
  const int32_t *columns = room->cornerColumns, *lines = room->cornerLines;
  const float* const overs = room->cornerOvers;
  const Quad quad = {{columns[a], columns[b], columns[c], columns[d]}, {lines[a], lines[b], lines[c], lines[d]}, isTriangle};
  const bool isClipped = (room->cornerClipped[a] | room->cornerClipped[b] | room->cornerClipped[c] | room->cornerClipped[d]) != 0;
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
  const Floats4 over = {overs[a], overs[b], overs[c], overs[d]};
  fillQuad(canvas, quad, area, isSmall, paintOf(plane, leastOf(over), mostOf(over), slot, face.instance));
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
  const Extent extent = findCorners(*room, eye, body, room->vertexStart[mesh], words[draw::vertexCount]);
  Area area;
  if (!extent.isClipped && (!areaWithin(canvas, extent.bounds, &area) || isHidden(canvas, area, extent.nearest))) return;
  const size_t planes = room->planeStart[mesh];
  for (uint32_t face = 0; face < faceCount; face += group) {
    const size_t at = planes + face;
    const Vectors normal = {load<Doubles>(room->planeX + at), load<Doubles>(room->planeY + at), load<Doubles>(room->planeZ + at)};
    const Doubles before = load<Doubles>(room->planeD + at) - along(body.place, normal);
    // Planes beyond the last face have d = 1 and no normal: nobody is behind them.
    for (uint32_t bits = bitsOf(isBelow(before, Doubles{})); bits != 0; bits &= bits - 1) {
      const int lane = __builtin_ctz(bits);
      drawFace(job, canvas, eye, &body, {words[draw::faceFirst] + face + uint32_t(lane), instance, before[lane]});
    }
  }
}

// ---- A group of instances of one mesh at once: one in each lane ----

// Instances of one mesh that wait to be a group.
struct Group {
  uint32_t mesh, count;
  uint32_t instances[group];
};

// Corners of a mesh that is drawn so, at most.
constexpr uint32_t groupCornersMost = 32;

// Instances of a group, and their corners in the picture.
struct GroupBodies {
  uint32_t instances[group];
  // From the eye to their middles, in the world; the middles as the eye sees them.
  Vectors away, middle;
  // The eye's place in the object, and the directions to the right, down and forward.
  Vectors place, right, down, forward;
  // The direction towards the light in the object, and the colour of faces that have none of their own.
  Vectors light;
  GroupInts colour;
  GroupInts columns[groupCornersMost], lines[groupCornersMost];
  Doubles inverses[groupCornersMost];
};

DRAW_INLINE Doubles awaysFrom(Doubles at, double eye, double period, bool wraps) {
  const Doubles away = at - eye;
  // Less than half way round, nothing is nearer on the other side: most are, and need no division.
  if (bitsOf(isBelow(allOfGroup(0.499 * period), magnitudes(away))) == 0) return away;
  return wraps ? away - period * floorsOf(away / period + 0.5) : away;
}

// Lanes beyond the last are as the first.
DRAW_INLINE void openGroup(const DrawJob& job, const Eye& eye, const Group& from, GroupBodies* bodies) {
  for (uint32_t lane = 0; lane < group; lane++) bodies->instances[lane] = from.instances[lane < from.count ? lane : 0];
  const size_t stride = size_t(job.numbers.data[draw::capacity]);
  const float* const bounds = job.bounds.data;
  bodies->away.x = awaysFrom(widened(picked<GroupFloats>(bounds, bodies->instances)), eye.place.x, eye.spaceWidth, eye.wraps);
  bodies->away.y = awaysFrom(widened(picked<GroupFloats>(bounds + stride, bodies->instances)), eye.place.y, eye.spaceHeight, eye.wraps);
  bodies->away.z = widened(picked<GroupFloats>(bounds + 2 * stride, bodies->instances)) - eye.place.z;
  bodies->middle = seenFrom(eye, bodies->away);
}

// Reads a vector of each instance, of its words from one on.
DRAW_INLINE Vectors readVectors(const DrawJob& job, const GroupBodies& bodies, uint32_t word) {
  uint32_t at[group];
  for (int lane = 0; lane < group; lane++) at[lane] = bodies.instances[lane] * draw::bodyWords;
  const float* const words = job.bodies.data + word;
  return {widened(picked<GroupFloats>(words, at)), widened(picked<GroupFloats>(words + 1, at)), widened(picked<GroupFloats>(words + 2, at))};
}

// Puts corners into the picture. The lanes in which some need clipping.
DRAW_INLINE uint32_t projectGroup(const DrawJob& job, const Eye& eye, const uint32_t* mesh, GroupBodies* bodies, GroupBounds* bounds) {
  Vectors seen[3];
  for (int i = 0; i < 3; i++) seen[i] = seenFrom(eye, readVectors(job, *bodies, draw::axes + 3 * uint32_t(i)));
  uint32_t inside = groupBits;
  const Vectors& middle = bodies->middle;
  const float* vertex = job.vertices.data + 3 * size_t(mesh[draw::vertexFirst]);
  for (uint32_t i = 0; i < mesh[draw::vertexCount]; i++, vertex += 3) {
    const double x = vertex[0], y = vertex[1], z = vertex[2];
    const Projected at = projected(eye, {middle.x + seen[0].x * x + seen[1].x * y + seen[2].x * z, middle.y + seen[0].y * x + seen[1].y * y + seen[2].y * z,
                                         middle.z + seen[0].z * x + seen[1].z * y + seen[2].z * z});
    inside &= at.inside;
    include(bounds, at.columns, at.lines);
    bodies->columns[i] = at.columns;
    bodies->lines[i] = at.lines;
    bodies->inverses[i] = at.inverse;
  }
  return ~inside & groupBits;
}

// Turns the eye into the objects.
DRAW_INLINE void turnGroup(const DrawJob& job, const Eye& eye, GroupBodies* bodies) {
  Vectors rows[3];
  for (int i = 0; i < 3; i++) rows[i] = readVectors(job, *bodies, draw::inverse + 3 * uint32_t(i));
  bodies->place = {-along(rows[0], bodies->away), -along(rows[1], bodies->away), -along(rows[2], bodies->away)};
  bodies->right = {along(eye.right, rows[0]), along(eye.right, rows[1]), along(eye.right, rows[2])};
  bodies->down = {along(eye.down, rows[0]), along(eye.down, rows[1]), along(eye.down, rows[2])};
  bodies->forward = {along(eye.forward, rows[0]), along(eye.forward, rows[1]), along(eye.forward, rows[2])};
  bodies->light = readVectors(job, *bodies, draw::light);
  uint32_t at[group];
  for (int lane = 0; lane < group; lane++) at[lane] = bodies->instances[lane] * draw::tagWords;
  bodies->colour = (GroupInts)picked<GroupWords>(job.tags.data + draw::tagColour, at);
}

DRAW_INLINE GroupInts shineOf(GroupInts bytes, Doubles light) { return __builtin_convertvector(lower(widened(bytes) * light + 0.5, allOfGroup(255.0)), GroupInts); }

DRAW_INLINE GroupInts litOf(GroupInts colours, Doubles light) {
  return shineOf(colours >> 16 & 255, light) << 16 | shineOf(colours >> 8 & 255, light) << 8 | shineOf(colours & 255, light);
}

// Notes what a face looks like in some of the lanes, and their slots.
DRAW_INLINE void addLooks(const DrawJob& job, DrawRoom* room, const GroupBodies& bodies, uint32_t face, uint32_t lanesLive, GroupPaints* paints) {
  const Vector normal = vectorOf(job.planes.data + size_t(face) * draw::planeWords);
  const uint32_t own = job.faces.data[size_t(face) * draw::faceWords + 4];
  const Doubles cosine = bodies.light.x * normal.x + bodies.light.y * normal.y + bodies.light.z * normal.z;
  const Doubles light = job.numbers.data[draw::ambient] + job.numbers.data[draw::strength] * higher(cosine, Doubles{});
  const GroupInts colours = litOf(own == draw::none ? bodies.colour : allOfGroup(int32_t(own)), light);
  for (uint32_t bits = lanesLive; bits != 0; bits &= bits - 1) {
    const int lane = __builtin_ctz(bits);
    const uint32_t slot = room->lookCount++, instance = bodies.instances[lane];
    room->looks[slot] = {uint32_t(colours[lane]), job.tags.data[size_t(instance) * draw::tagWords + draw::tagSegmentation]};
    room->owners[slot] = instance;
    paints->slots[lane] = int32_t(slot);
    paints->owners[lane] = int32_t(instance);
  }
}

// Draws a face in some of the lanes; how far before it the eye is, below 0, over the scale of the object.
template <int edges>
DRAW_INLINE void drawGroupFace(const DrawJob& job, const Canvas& canvas, const Eye& eye, const GroupBodies& bodies, uint32_t face, Doubles before, uint32_t fronts) {
  const uint32_t* const corners = job.faces.data + size_t(face) * draw::faceWords;
  GroupOutlines<edges> outlines;
  for (int i = 0; i < edges; i++) {
    outlines.columns[i] = bodies.columns[corners[i]];
    outlines.lines[i] = bodies.lines[corners[i]];
  }
  const GroupBounds bounds = boundsOf(outlines);
  const GroupAreas areas = areasWithin(canvas, bounds);
  const uint32_t live = coverOf(areas) & fronts;
  if (live == 0) return;
  Doubles farthest = bodies.inverses[corners[0]], nearest = farthest;
  for (int i = 1; i < edges; i++) {
    farthest = lower(farthest, bodies.inverses[corners[i]]);
    nearest = higher(nearest, bodies.inverses[corners[i]]);
  }
  const Vector normal = vectorOf(job.planes.data + size_t(face) * draw::planeWords);
  const auto grown = [&](const Vectors& axis) { return (axis.x * normal.x + axis.y * normal.y + axis.z * normal.z) * (1 / before); };
  GroupPaints paints;
  putPaints(grown(bodies.right) * eye.inverseFocal, grown(bodies.down) * eye.inverseFocal, grown(bodies.forward), farthest, nearest, &paints);
  addLooks(job, canvas.room, bodies, face, live, &paints);
  fillGroup<edges>(canvas, outlines, bounds, areas, paints, live);
}

static __attribute__((noinline)) void drawGroup(const DrawJob& job, const Canvas& canvas, const Eye& eye, const Group& group) {
  const uint32_t* const mesh = job.meshes.data + size_t(group.mesh) * draw::meshWords;
  DrawRoom* const room = canvas.room;
  if (group.count == 1) return drawInstance(job, canvas, eye, group.instances[0]);
  const uint32_t faceCount = mesh[draw::faceCount], used = (1u << group.count) - 1;
  if (group.count * faceCount > room->lookMax - room->lookCount) growLooks(room, group.count * faceCount);
  GroupBodies bodies;
  openGroup(job, eye, group, &bodies);
  GroupBounds bounds = noBounds;
  const uint32_t clipped = projectGroup(job, eye, mesh, &bodies, &bounds) & used;
  for (uint32_t bits = clipped; bits != 0; bits &= bits - 1) drawInstance(job, canvas, eye, bodies.instances[__builtin_ctz(bits)]);
  const uint32_t shown = coverOf(areasWithin(canvas, bounds)) & used & ~clipped;
  if (shown == 0) return;
  turnGroup(job, eye, &bodies);
  const size_t planes = room->planeStart[group.mesh];
  for (uint32_t face = 0; face < faceCount; face++) {
    const size_t at = planes + face;
    const Doubles before = room->planeD[at] - (bodies.place.x * room->planeX[at] + bodies.place.y * room->planeY[at] + bodies.place.z * room->planeZ[at]);
    const uint32_t fronts = bitsOf(isBelow(before, Doubles{})) & shown, index = mesh[draw::faceFirst] + face;
    if (fronts == 0) continue;
    if (job.faces.data[size_t(index) * draw::faceWords + 3] == draw::none) drawGroupFace<3>(job, canvas, eye, bodies, index, before, fronts);
    else drawGroupFace<4>(job, canvas, eye, bodies, index, before, fronts);
  }
}

constexpr uint32_t groupsMost = 16;

// Draws an instance, or lets it wait for others of its mesh; unless all of its pixels show what is nearer.
DRAW_INLINE void drawLater(const DrawJob& job, const Canvas& canvas, const Eye& eye, Group* groups, const Seen& seen) {
  if (seen.nearest > 0 && isHidden(canvas, seen.area, seen.nearest)) return;
  const uint32_t tag = job.tags.data[size_t(seen.instance) * draw::tagWords + draw::tagMesh];
  const uint32_t mesh = levelOf(job, eye, tag & 0xffffff, job.bounds.data[3 * size_t(job.numbers.data[draw::capacity]) + seen.instance], seen.depth);
  const bool isLarge = job.meshes.data[size_t(mesh) * draw::meshWords + draw::vertexCount] > groupCornersMost;
  if (isLarge || tag >> 24 != draw::standing) return drawInstance(job, canvas, eye, seen.instance);
  Group* const waiting = groups + mesh % groupsMost;
  if (waiting->count > 0 && waiting->mesh != mesh) {
    drawGroup(job, canvas, eye, *waiting);
    waiting->count = 0;
  }
  waiting->mesh = mesh;
  waiting->instances[waiting->count++] = seen.instance;
  if (waiting->count < group) return;
  drawGroup(job, canvas, eye, *waiting);
  waiting->count = 0;
}

static void drawInstances(const DrawJob& job, const Canvas& canvas, const Eye& eye, uint32_t seen) {
  Group groups[groupsMost] = {};
  for (uint32_t i = 0; i < seen; i++) drawLater(job, canvas, eye, groups, canvas.room->sorted[i]);
  for (const Group& waiting : groups) {
    if (waiting.count > 0) drawGroup(job, canvas, eye, waiting);
  }
}
