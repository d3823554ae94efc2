// Which instances may be seen, and how near they are. A part of draw_kernel.h, which see.

// Which of a group of instances, from `bounds` on, may be seen; how deep their middles are.
DRAW_INLINE uint32_t meetsAt(const Eye& eye, const float* bounds, size_t stride, Doubles* depths) {
  const Doubles x = awaysFrom(widened(load<GroupFloats>(bounds)), eye.place.x, eye.spaceWidth, eye.wraps);
  const Doubles y = awaysFrom(widened(load<GroupFloats>(bounds + stride)), eye.place.y, eye.spaceHeight, eye.wraps);
  const Doubles z = widened(load<GroupFloats>(bounds + 2 * stride)) - eye.place.z;
  const Vectors middle = seenFrom(eye, {x, y, z});
  *depths = middle.z;
  return meetsOf(eye, middle, widened(load<GroupFloats>(bounds + 3 * stride)));
}

// Instances that may be seen, nearest first, as near as 256 steps of depth tell: the order shows nowhere, but what is hidden costs less.
static __attribute__((noinline)) uint32_t findSeen(const DrawJob& job, const DrawRoom& room, const Eye& eye, double unseen) {
  const uint32_t count = uint32_t(job.numbers.data[draw::instances]);
  const size_t stride = size_t(job.numbers.data[draw::capacity]);
  uint32_t starts[257] = {0};
  uint32_t found = 0;
  const double scale = 255 / eye.farthest;
  for (uint32_t i = 0; i < count; i += group) {
    Doubles depths;
    uint32_t bits;
    if (i + group <= count) {
      bits = meetsAt(eye, job.bounds.data + i, stride, &depths);
    } else {
      float last[4 * group] = {};
      for (uint32_t part = 0; part < 4; part++) std::memcpy(last + group * part, job.bounds.data + part * stride + i, (count - i) * sizeof(float));
      bits = meetsAt(eye, last, group, &depths) & ((1u << (count - i)) - 1);
    }
    for (; bits != 0; bits &= bits - 1) {
      const uint32_t lane = uint32_t(__builtin_ctz(bits));
      if (double(i + lane) == unseen) continue;
      const double step = depths[lane] * scale;
      const uint32_t bucket = step > 0 ? (step < 255 ? uint32_t(step) : 255) : 0;
      starts[bucket + 1]++;
      room.seen[found++] = {depths[lane], i + lane, bucket};
    }
  }
  for (int i = 0; i < 256; i++) starts[i + 1] += starts[i];
  for (uint32_t i = 0; i < found; i++) room.sorted[starts[room.seen[i].bucket]++] = room.seen[i];
  return found;
}
