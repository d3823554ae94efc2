// Which instances may be seen, and how near they are. A part of draw_kernel.h, which see.

// Which of a group of instances, from a place on, may be seen; their middles, as the eye sees them.
DRAW_INLINE uint32_t meetsAt(const Eye& eye, const Blocks& blocks, uint32_t at, Vectors* middles) {
  const Doubles x = awaysFrom(widened(load<GroupFloats>(blocks.bounds[0] + at)), eye.place.x, eye.spaceWidth, eye.wraps);
  const Doubles y = awaysFrom(widened(load<GroupFloats>(blocks.bounds[1] + at)), eye.place.y, eye.spaceHeight, eye.wraps);
  const Doubles z = widened(load<GroupFloats>(blocks.bounds[2] + at)) - eye.place.z;
  *middles = seenFrom(eye, {x, y, z});
  return meetsOf(eye, *middles, widened(load<GroupFloats>(blocks.bounds[3] + at)));
}

// Room for rounding, in metres: what is seen is not so far away that it makes more.
constexpr double slack = 1e-6;

// Which of a group of blocks, from one on, may have instances that may be seen.
DRAW_INLINE uint32_t blocksAt(const Eye& eye, const Blocks& blocks, uint32_t at) {
  const Doubles x = awaysFrom(load<Doubles>(blocks.x + at), eye.place.x, eye.spaceWidth, eye.wraps);
  const Doubles y = awaysFrom(load<Doubles>(blocks.y + at), eye.place.y, eye.spaceHeight, eye.wraps);
  const Vectors middle = seenFrom(eye, {x, y, load<Doubles>(blocks.z + at) - eye.place.z});
  const Doubles radius = load<Doubles>(blocks.reach + at) * eye.stretch + load<Doubles>(blocks.radius + at) + slack;
  const Which beside = isBelow(radius, magnitudes(middle.x) * eye.cosineX - middle.z * eye.sineX) | isBelow(radius, magnitudes(middle.y) * eye.cosineY - middle.z * eye.sineY);
  const Which beyond = isBelow(middle.z + radius, allOfGroup(eye.nearest)) | isBelow(allOfGroup(eye.farthest), middle.z - radius);
  const uint32_t missed = bitsOf(beside) | bitsOf(beyond);
  if (!eye.wraps) return ~missed & groupBits;
  // Half way round, the nearest image of an instance may be on the other side.
  const uint32_t near = bitsOf(isBelow(magnitudes(x) + load<Doubles>(blocks.wide + at), allOfGroup(eye.spaceWidth * 0.499999))) &
                        bitsOf(isBelow(magnitudes(y) + load<Doubles>(blocks.high + at), allOfGroup(eye.spaceHeight * 0.499999)));
  return ~(missed & near) & groupBits;
}

// 1/256 pixels beyond the edges of any picture, with which integers can still reckon.
constexpr double beyondPicture = 1e8;

DRAW_INLINE GroupInts heldPlaces(Doubles places) { return __builtin_convertvector(lower(higher(places, allOfGroup(-beyondPicture)), allOfGroup(beyondPicture)), GroupInts); }

// Pixels that some instances cover at most, and 1/depth of where they are nearest at most; 0 for those that are not ahead of the eye as a whole,
// which may be anywhere.
struct Covers {
  GroupAreas areas;
  GroupFloats nearest;
};

// How far along an axis of the eye boxes reach from their middles.
DRAW_INLINE Doubles reachOf(const Vector& axis, const Vectors& halves) {
  return magnitude(axis.x) * halves.x + magnitude(axis.y) * halves.y + magnitude(axis.z) * halves.z + slack;
}

// Covers of instances of a place on, given their middles.
DRAW_INLINE Covers coversAt(const Canvas& canvas, const Eye& eye, uint32_t at, const Vectors& middle) {
  const float* const* const bounds = canvas.room->blocks.bounds;
  const Vectors halves = {widened(load<GroupFloats>(bounds[4] + at)), widened(load<GroupFloats>(bounds[5] + at)), widened(load<GroupFloats>(bounds[6] + at))};
  const Doubles across = reachOf(eye.right, halves), upright = reachOf(eye.down, halves), deep = reachOf(eye.forward, halves);
  const Doubles ahead = middle.z - deep, nearest = 1 / ahead, farthest = 1 / (middle.z + deep);
  const Doubles left = middle.x - across, right = middle.x + across, above = middle.y - upright, below = middle.y + upright;
  const double column = eye.middleX * subpixels, line = eye.middleY * subpixels;
  // Rounding moves corners by half of a 256th of a pixel, and these places by less than one.
  const GroupBounds places = {heldPlaces(column + eye.focal256 * lower(left * nearest, left * farthest)) - 2, heldPlaces(column + eye.focal256 * higher(right * nearest, right * farthest)) + 2,
                              heldPlaces(line + eye.focal256 * lower(above * nearest, above * farthest)) - 2, heldPlaces(line + eye.focal256 * higher(below * nearest, below * farthest)) + 2};
  const Doubles known = kept(isBelow(allOfGroup(eye.nearest), ahead), nearest * (1 + 1e-6));
  return {areasWithin(canvas, places), __builtin_convertvector(known, GroupFloats)};
}

// What may be seen, as it is found.
struct Finding {
  uint32_t starts[257];
  uint32_t count;
  double scale;
};

DRAW_INLINE void findIn(const Canvas& canvas, const Eye& eye, uint32_t block, double unseen, Finding* finding) {
  const DrawRoom& room = *canvas.room;
  for (uint32_t at = block * blockInstances; at < (block + 1) * blockInstances; at += group) {
    Vectors middles;
    const uint32_t met = meetsAt(eye, room.blocks, at, &middles);
    if (met == 0) continue;
    const Covers covers = coversAt(canvas, eye, at, middles);
    const uint32_t shown = coverOf(covers.areas) | bitsOfGroup((GroupInts)(covers.nearest == 0));
    for (uint32_t bits = met & shown; bits != 0; bits &= bits - 1) {
      const uint32_t lane = uint32_t(__builtin_ctz(bits)), instance = room.blocks.instances[at + lane];
      if (double(instance) == unseen) continue;
      const double step = middles.z[lane] * finding->scale;
      const uint32_t bucket = step > 0 ? (step < 255 ? uint32_t(step) : 255) : 0;
      finding->starts[bucket + 1]++;
      room.seen[finding->count++] = {middles.z[lane], instance, bucket, covers.nearest[lane], areaIn(covers.areas, lane)};
    }
  }
}

// Instances that may be seen, nearest first, as near as 256 steps of depth tell: the order shows nowhere, but what is hidden costs less.
static __attribute__((noinline)) uint32_t findSeen(const Canvas& canvas, const Eye& eye, double unseen) {
  const DrawRoom& room = *canvas.room;
  Finding finding = {{0}, 0, 255 / eye.farthest};
  const uint32_t blocks = room.blocks.count;
  for (uint32_t at = 0; at < blocks; at += group) {
    const uint32_t there = blocks - at < group ? (1u << (blocks - at)) - 1 : groupBits;
    for (uint32_t bits = blocksAt(eye, room.blocks, at) & there; bits != 0; bits &= bits - 1) findIn(canvas, eye, at + uint32_t(__builtin_ctz(bits)), unseen, &finding);
  }
  uint32_t* const starts = finding.starts;
  for (int i = 0; i < 256; i++) starts[i + 1] += starts[i];
  for (uint32_t i = 0; i < finding.count; i++) room.sorted[starts[room.seen[i].bucket]++] = room.seen[i];
  return finding.count;
}
