// Which instances may be seen, and how near they are. A part of draw_kernel.h, which see.

// Which of a group of instances, from a place on, may be seen; how deep their middles are.
DRAW_INLINE uint32_t meetsAt(const Eye& eye, const Blocks& blocks, uint32_t at, Doubles* depths) {
  const Doubles x = awaysFrom(widened(load<GroupFloats>(blocks.bounds[0] + at)), eye.place.x, eye.spaceWidth, eye.wraps);
  const Doubles y = awaysFrom(widened(load<GroupFloats>(blocks.bounds[1] + at)), eye.place.y, eye.spaceHeight, eye.wraps);
  const Doubles z = widened(load<GroupFloats>(blocks.bounds[2] + at)) - eye.place.z;
  const Vectors middle = seenFrom(eye, {x, y, z});
  *depths = middle.z;
  return meetsOf(eye, middle, widened(load<GroupFloats>(blocks.bounds[3] + at)));
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

// What may be seen, as it is found.
struct Finding {
  uint32_t starts[257];
  uint32_t count;
  double scale;
};

DRAW_INLINE void findIn(const DrawRoom& room, const Eye& eye, uint32_t block, double unseen, Finding* finding) {
  for (uint32_t at = block * blockInstances; at < (block + 1) * blockInstances; at += group) {
    Doubles depths;
    for (uint32_t bits = meetsAt(eye, room.blocks, at, &depths); bits != 0; bits &= bits - 1) {
      const uint32_t lane = uint32_t(__builtin_ctz(bits)), instance = room.blocks.instances[at + lane];
      if (double(instance) == unseen) continue;
      const double step = depths[lane] * finding->scale;
      const uint32_t bucket = step > 0 ? (step < 255 ? uint32_t(step) : 255) : 0;
      finding->starts[bucket + 1]++;
      room.seen[finding->count++] = {depths[lane], instance, bucket};
    }
  }
}

// Instances that may be seen, nearest first, as near as 256 steps of depth tell: the order shows nowhere, but what is hidden costs less.
static __attribute__((noinline)) uint32_t findSeen(const DrawRoom& room, const Eye& eye, double unseen) {
  Finding finding = {{0}, 0, 255 / eye.farthest};
  const uint32_t blocks = room.blocks.count;
  for (uint32_t at = 0; at < blocks; at += group) {
    const uint32_t there = blocks - at < group ? (1u << (blocks - at)) - 1 : groupBits;
    for (uint32_t bits = blocksAt(eye, room.blocks, at) & there; bits != 0; bits &= bits - 1) findIn(room, eye, at + uint32_t(__builtin_ctz(bits)), unseen, &finding);
  }
  uint32_t* const starts = finding.starts;
  for (int i = 0; i < 256; i++) starts[i + 1] += starts[i];
  for (uint32_t i = 0; i < finding.count; i++) room.sorted[starts[room.seen[i].bucket]++] = room.seen[i];
  return finding.count;
}
