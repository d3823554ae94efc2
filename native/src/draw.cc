#include "draw.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "draw_blocks.h"

namespace metabonk {
namespace {

// Vectors read this many elements at once.
constexpr uint32_t vectorMax = 16;

constexpr size_t cacheLine = 64;
// Processors take addresses for the same that differ by a whole number of these, until they know better.
constexpr size_t pageBytes = 4096;

uint32_t padded(uint32_t count) { return (count + vectorMax - 1) / vectorMax * vectorMax; }

template <typename T>
void atLeast(std::vector<T>* memory, size_t count) {
  if (memory->size() < count) memory->resize(count);
}

// The memory behind a DrawRoom, one for each thread: made once, grown when a job needs more.
struct DrawMemory : DrawRoom {
  std::vector<uint8_t> allPixels;
  std::vector<Look> allLooks;
  std::vector<uint32_t> allOwners;
  DrawBlocks allBlocks;
  std::vector<Seen> allSeen, allSorted;
  std::vector<double> vertices[3];
  std::vector<double> facePlanes[4];
  std::vector<uint32_t> vertexStarts, planeStarts;
  std::vector<double> cornerParts[3];
  std::vector<int32_t> cornerPlaces[2];
  std::vector<float> allOvers;
  std::vector<uint8_t> allClipped;

  DrawMemory() : DrawRoom{} {}

  void prepare(const DrawJob& job, uint32_t count) {
    prepareCanvas(uint32_t(job.numbers.data[draw::width]), uint32_t(job.numbers.data[draw::height]));
    const size_t instances = size_t(job.numbers.data[draw::instances]);
    allBlocks.sort(job);
    blocks = allBlocks.blocks();
    views = allBlocks.orderViews(job, count);
    atLeast(&allSeen, instances);
    atLeast(&allSorted, instances);
    seen = allSeen.data();
    sorted = allSorted.data();
    if (allLooks.size() == 0) {
      lookCount = 0;
      growLooks(this, 1024);
    }
    prepareMeshes(job);
  }

 private:
  void prepareCanvas(uint32_t width, uint32_t height) {
    stride = padded(width) + vectorMax;
    // Lines begin with lines of the cache. Half a page apart, what is written to one array is not taken for what is read of the other.
    const size_t bytes = (size_t(stride) * height * sizeof(float) + pageBytes - 1) / pageBytes * pageBytes + pageBytes / 2;
    atLeast(&allPixels, 2 * bytes + cacheLine);
    uint8_t* const begin = allPixels.data() + (cacheLine - reinterpret_cast<uintptr_t>(allPixels.data()) % cacheLine) % cacheLine;
    nearness = reinterpret_cast<float*>(begin);
    slots = reinterpret_cast<uint32_t*>(begin + bytes);
  }

  void prepareMeshes(const DrawJob& job) {
    const uint32_t count = uint32_t(job.numbers.data[draw::meshes]);
    atLeast(&vertexStarts, count);
    atLeast(&planeStarts, count);
    uint32_t vertexEnd = 0, planeEnd = 0, vertexMost = 0;
    for (uint32_t mesh = 0; mesh < count; mesh++) {
      const uint32_t* const words = job.meshes.data + size_t(mesh) * draw::meshWords;
      vertexStarts[mesh] = vertexEnd;
      planeStarts[mesh] = planeEnd;
      vertexEnd += padded(words[draw::vertexCount]);
      planeEnd += padded(words[draw::faceCount]);
      if (words[draw::vertexCount] > vertexMost) vertexMost = words[draw::vertexCount];
    }
    for (std::vector<double>& part : vertices) atLeast(&part, vertexEnd);
    for (std::vector<double>& part : facePlanes) atLeast(&part, planeEnd);
    for (std::vector<double>& part : cornerParts) atLeast(&part, padded(vertexMost));
    for (uint32_t mesh = 0; mesh < count; mesh++) copyMesh(job, mesh);
    vertexX = vertices[0].data();
    vertexY = vertices[1].data();
    vertexZ = vertices[2].data();
    planeX = facePlanes[0].data();
    planeY = facePlanes[1].data();
    planeZ = facePlanes[2].data();
    planeD = facePlanes[3].data();
    vertexStart = vertexStarts.data();
    planeStart = planeStarts.data();
    cornerX = cornerParts[0].data();
    cornerY = cornerParts[1].data();
    cornerZ = cornerParts[2].data();
    for (std::vector<int32_t>& part : cornerPlaces) atLeast(&part, padded(vertexMost));
    atLeast(&allOvers, padded(vertexMost));
    atLeast(&allClipped, padded(vertexMost));
    cornerColumns = cornerPlaces[0].data();
    cornerLines = cornerPlaces[1].data();
    cornerOvers = allOvers.data();
    cornerClipped = allClipped.data();
  }

  // Corners beyond the last are at the origin; planes beyond the last have no front.
  void copyMesh(const DrawJob& job, uint32_t mesh) {
    const uint32_t* const words = job.meshes.data + size_t(mesh) * draw::meshWords;
    for (uint32_t i = 0; i < padded(words[draw::vertexCount]); i++) {
      const bool isThere = i < words[draw::vertexCount];
      const float* const from = job.vertices.data + 3 * (size_t(words[draw::vertexFirst]) + i);
      for (int part = 0; part < 3; part++) vertices[part][vertexStarts[mesh] + i] = isThere ? double(from[part]) : 0;
    }
    for (uint32_t i = 0; i < padded(words[draw::faceCount]); i++) {
      const bool isThere = i < words[draw::faceCount];
      const float* const from = job.planes.data + draw::planeWords * (size_t(words[draw::faceFirst]) + i);
      for (int part = 0; part < 4; part++) facePlanes[part][planeStarts[mesh] + i] = isThere ? double(from[part]) : part == 3 ? 1 : 0;
    }
  }
};

}  // namespace

void growLooks(DrawRoom* room, uint32_t count) {
  DrawMemory* const memory = static_cast<DrawMemory*>(room);
  const size_t size = 2 * (size_t(room->lookCount) + count);
  memory->allLooks.resize(size);
  memory->allOwners.resize(size);
  room->looks = memory->allLooks.data();
  room->owners = memory->allOwners.data();
  room->lookMax = uint32_t(size);
}

}  // namespace metabonk

#define DRAW_LANES 4
#define DRAW_GROUP 4
#define DRAW_NAMESPACE draw_portable
#include "draw_kernel.h"
#undef DRAW_LANES
#undef DRAW_GROUP
#undef DRAW_NAMESPACE

#if defined(__x86_64__)
#include "avx2_on.h"
#define DRAW_LANES 8
#define DRAW_GROUP 4
#define DRAW_NAMESPACE draw_avx2
#include "draw_kernel.h"
#undef DRAW_LANES
#undef DRAW_GROUP
#undef DRAW_NAMESPACE
#include "avx2_off.h"

#include "avx512_on.h"
#define DRAW_LANES 16
#define DRAW_GROUP 8
#define DRAW_NAMESPACE draw_avx512
#include "draw_kernel.h"
#undef DRAW_LANES
#undef DRAW_GROUP
#undef DRAW_NAMESPACE
#include "avx512_off.h"
#endif

namespace metabonk {
namespace {

bool isWhole(double value, double low, double high) { return value >= low && value <= high && std::floor(value) == value; }

// Farther away, positions in metres are no longer exact to a millimetre.
constexpr double farthestPlace = 1e7;

bool isBetween(double value, double low, double high) { return value >= low && value <= high; }

// Places in metres, axes, and inverses of axes: whatever is larger comes of numbers that are out of hand, and would come to other bits here and there.
constexpr float bodyMost = 1e13f;
// What is no larger is a finite number.
constexpr float greatest = std::numeric_limits<float>::max();

// Whether all of some numbers are at most so large: by their bits, of which those of no number are larger than any. Eight at once, so that vectors can do it.
bool areWithin(const float* values, size_t count, float most) {
  uint32_t worst[8] = {}, limit;
  std::memcpy(&limit, &most, sizeof limit);
  const auto include = [&](const uint32_t* bits) {
    for (int lane = 0; lane < 8; lane++) {
      const uint32_t size = bits[lane] & 0x7fffffff;
      worst[lane] = size > worst[lane] ? size : worst[lane];
    }
  };
  const size_t whole = count / 8 * 8;
  uint32_t bits[8];
  for (size_t i = 0; i < whole; i += 8) {
    std::memcpy(bits, values + i, sizeof bits);
    include(bits);
  }
  if (whole < count) {
    std::memset(bits, 0, sizeof bits);
    std::memcpy(bits, values + whole, sizeof(float) * (count - whole));
    include(bits);
  }
  for (const uint32_t each : worst) {
    if (each > limit) return false;
  }
  return true;
}

// Whether the instances of a job are somewhere, and of some size.
bool areSomewhere(const DrawJob& job) {
  const size_t count = size_t(job.numbers.data[draw::instances]), room = size_t(job.numbers.data[draw::capacity]);
  for (size_t part = 0; part < 4; part++) {
    if (!areWithin(job.bounds.data + part * room, count, bodyMost)) return false;
  }
  return areWithin(job.bodies.data, draw::bodyWords * count, bodyMost);
}

const char* faultOfNumbers(const DrawJob& job) {
  if (job.numbers.length < draw::numberCount) return "`numbers` is too short";
  const double* const n = job.numbers.data;
  if (!isWhole(n[draw::width], 1, draw::edgeMax) || !isWhole(n[draw::height], 1, draw::edgeMax)) return "a picture has 1 to 7680 pixels an edge";
  if (!isBetween(n[draw::spaceWidth], 0.01, farthestPlace) || !isBetween(n[draw::spaceHeight], 0.01, farthestPlace)) return "the space has no such size";
  if (!isBetween(n[draw::ambient], 0, 1e3) || !isBetween(n[draw::strength], 0, 1e3)) return "there is no such light";
  if (!isBetween(n[draw::fogFrom], -farthestPlace, farthestPlace) || !isBetween(n[draw::fogScale], 0, 1e30)) return "there is no such fog";
  for (const int colour : {draw::fogColour, draw::horizon, draw::zenith}) {
    if (!isWhole(n[colour], 0, 0xffffff)) return "a colour is from 0 to 0xffffff";
  }
  if (!isWhole(n[draw::capacity], 0, 1e8) || !isWhole(n[draw::instances], 0, n[draw::capacity])) return "there are more instances than room for them";
  const size_t count = size_t(n[draw::instances]), room = size_t(n[draw::capacity]);
  if (job.bounds.length < 4 * room || job.bodies.length < draw::bodyWords * count || job.tags.length < draw::tagWords * count) return "there are more instances than their arrays hold";
  return areSomewhere(job) ? nullptr : "an instance is out of all bounds";
}

const char* faultOfMesh(const DrawJob& job, uint32_t mesh, uint32_t count) {
  const uint32_t* const words = job.meshes.data + size_t(mesh) * draw::meshWords;
  const uint64_t vertexEnd = uint64_t(words[draw::vertexFirst]) + words[draw::vertexCount];
  const uint64_t faceEnd = uint64_t(words[draw::faceFirst]) + words[draw::faceCount];
  if (3 * vertexEnd > job.vertices.length || faceEnd * draw::faceWords > job.faces.length || faceEnd * draw::planeWords > job.planes.length) return "a mesh goes beyond its arrays";
  if (!areWithin(job.vertices.data + 3 * size_t(words[draw::vertexFirst]), 3 * size_t(words[draw::vertexCount]), greatest)) return "a mesh has a corner that is nowhere";
  for (uint64_t face = words[draw::faceFirst]; face < faceEnd; face++) {
    const uint32_t* const corners = job.faces.data + face * draw::faceWords;
    for (int i = 0; i < 4; i++) {
      if (corners[i] >= words[draw::vertexCount] && !(i == 3 && corners[i] == draw::none)) return "a face has a corner its mesh has not";
    }
  }
  // A coarser mesh comes later: so the search for one ends.
  if (words[draw::coarser] != draw::none && (words[draw::coarser] <= mesh || words[draw::coarser] >= count)) return "a coarser mesh does not come after the finer one";
  return nullptr;
}

const char* faultOfMeshes(const DrawJob& job) {
  const double count = job.numbers.data[draw::meshes];
  if (!isWhole(count, 0, 0xffffff) || uint64_t(count) * draw::meshWords > job.meshes.length) return "there are more meshes than the table holds";
  for (uint32_t mesh = 0; mesh < uint32_t(count); mesh++) {
    const char* const fault = faultOfMesh(job, mesh, uint32_t(count));
    if (fault != nullptr) return fault;
  }
  for (size_t i = 0; i < size_t(job.numbers.data[draw::instances]); i++) {
    const uint32_t tag = job.tags.data[i * draw::tagWords + draw::tagMesh];
    if ((tag & 0xffffff) >= uint32_t(count) || tag >> 24 > draw::facing) return "an instance has a mesh or a billboard that there is not";
  }
  return nullptr;
}

const char* faultOfGround(const DrawJob& job) {
  const double* const n = job.numbers.data;
  if (n[draw::columns] == 0) return nullptr;
  const bool isGrid = isWhole(n[draw::columns], 1, 65536) && isWhole(n[draw::lines], 1, 65536) && isWhole(n[draw::tile], 2, 64);
  if (!isGrid) return "the ground has no such grid";
  const uint64_t columns = uint64_t(n[draw::columns]), lines = uint64_t(n[draw::lines]), tile = uint64_t(n[draw::tile]);
  if ((tile & (tile - 1)) != 0 || columns % tile != 0 || lines % tile != 0) return "tiles have a power of two of cells an edge and fill the ground";
  if (!isBetween(n[draw::cell], 1e-3, farthestPlace) || !isBetween(n[draw::pixelError], 1e-3, 1e6)) return "the ground has no such cells";
  const uint64_t corners = (columns + 1) * (lines + 1);
  // Places among them are counted with 32 bits.
  if (corners > INT32_MAX) return "the ground has more corners than its arrays hold";
  if (job.details.length < draw::detailWords * corners) return "the ground has more corners than its arrays hold";
  if (job.texels.length < columns * lines || job.texelKinds.length < columns * lines) return "the ground has more cells than its arrays hold";
  return nullptr;
}

const char* faultOfView(const DrawJob& job, const double* words) {
  const double* const n = job.numbers.data;
  for (int i = 0; i < 3; i++) {
    if (!isBetween(words[draw::eye + i], -farthestPlace, farthestPlace)) return "an eye is nowhere";
  }
  for (int i = draw::right; i < draw::focal; i++) {
    if (!isBetween(words[i], -1.001, 1.001)) return "the axes of a view are no unit vectors";
  }
  if (!isBetween(words[draw::focal], 1e-3, 1e7)) return "a view has no such focal length";
  if (!isBetween(words[draw::near], 1e-4, farthestPlace) || !isBetween(words[draw::far], words[draw::near], farthestPlace)) return "near and far of a view are wrong";
  if (!isWhole(words[draw::frame], 0, 1e9)) return "a view has no such frame";
  // Images of a tile are tried one by one.
  if (n[draw::columns] > 0 && n[draw::wraps] == 1 && (words[draw::far] > n[draw::cell] * n[draw::columns] || words[draw::far] > n[draw::cell] * n[draw::lines])) {
    return "a view reaches around the space";
  }
  return nullptr;
}

const char* faultOfViews(const DrawJob& job, uint32_t count) {
  if (uint64_t(count) * draw::viewWords > job.views.length) return "there are more views than the job holds";
  const uint64_t pixels = uint64_t(job.numbers.data[draw::width]) * uint64_t(job.numbers.data[draw::height]);
  for (uint32_t view = 0; view < count; view++) {
    const double* const words = job.views.data + size_t(view) * draw::viewWords;
    const char* const fault = faultOfView(job, words);
    if (fault != nullptr) return fault;
    const uint64_t end = (uint64_t(words[draw::frame]) + 1) * pixels;
    const auto isTooShort = [&](size_t length, uint64_t parts) { return length > 0 && length < parts * end; };
    if (isTooShort(job.rgb.length, 3) || isTooShort(job.grey.length, 1) || isTooShort(job.depth.length, 1) || isTooShort(job.depthMillis.length, 1) ||
        isTooShort(job.segmentation.length, 1)) {
      return "a view's frame goes beyond the arrays of frames";
    }
  }
  return nullptr;
}

}  // namespace

const char* faultOf(const DrawJob& job, uint32_t count) {
  const char* fault = faultOfNumbers(job);
  if (fault == nullptr) fault = faultOfMeshes(job);
  if (fault == nullptr) fault = faultOfGround(job);
  return fault == nullptr ? faultOfViews(job, count) : fault;
}

void drawViews([[maybe_unused]] Isa isa, const DrawJob& job, uint32_t count) {
  static thread_local DrawMemory memory;
  memory.prepare(job, count);
#if defined(__x86_64__)
  if (isa == Isa::avx512) return draw_avx512::drawViews(job, count, &memory);
  if (isa == Isa::avx2) return draw_avx2::drawViews(job, count, &memory);
#endif
  draw_portable::drawViews(job, count, &memory);
}

}  // namespace metabonk
