// Instances in an order in which those beside each other follow one another, and what each block of them keeps to: most blocks an eye need not
// look into. Made once for all views of a job.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "draw.h"
#include "draw_room.h"

namespace metabonk {

class DrawBlocks {
 public:
  void sort(const DrawJob& job) {
    const uint32_t count = uint32_t(job.numbers.data[draw::instances]);
    const uint32_t blockCount = (count + blockInstances - 1) / blockInstances;
    atLeast(&order_, size_t(blockCount) * blockInstances);
    atLeast(&keys_, count);
    for (std::vector<float>& part : bounds_) atLeast(&part, size_t(blockCount) * blockInstances);
    // Vectors read beyond the last block.
    for (std::vector<double>& part : blocks_) atLeast(&part, blockCount + blockInstances);
    findKeys(job, count);
    order(count);
    measureMeshes(job);
    for (uint32_t block = 0; block < blockCount; block++) bound(job, count, block);
    blockCount_ = blockCount;
  }

  // The views of a job in their order; over a large ground, in one in which those from places beside each other follow one another, and find in
  // caches what they look at. Where frames are not in ascending order, one may be drawn twice, and the order stays as it is.
  const uint32_t* orderViews(const DrawJob& job, uint32_t count) {
    const double* const numbers = job.numbers.data;
    atLeast(&viewOrder_, count);
    atLeast(&viewKeys_, count);
    bool isSorted = job.details.length > cachedWords;
    for (uint32_t view = 0; view < count; view++) {
      const double* const words = job.views.data + size_t(view) * draw::viewWords;
      const uint32_t column = squareOf(words[draw::eye], 0, squares / numbers[draw::spaceWidth]), line = squareOf(words[draw::eye + 1], 0, squares / numbers[draw::spaceHeight]);
      viewOrder_[view] = view;
      viewKeys_[view] = curve.places[line * squares + column];
      isSorted &= view == 0 || words[draw::frame] > words[draw::frame - int(draw::viewWords)];
    }
    if (isSorted) std::stable_sort(viewOrder_.begin(), viewOrder_.begin() + count, [&](uint32_t a, uint32_t b) { return viewKeys_[a] < viewKeys_[b]; });
    return viewOrder_.data();
  }

  Blocks blocks() const {
    return {blockCount_, order_.data(), {bounds_[0].data(), bounds_[1].data(), bounds_[2].data(), bounds_[3].data(), bounds_[4].data(), bounds_[5].data(), bounds_[6].data()},
            blocks_[0].data(), blocks_[1].data(), blocks_[2].data(), blocks_[3].data(), blocks_[4].data(), blocks_[5].data(), blocks_[6].data()};
  }

 private:
  // Squares along an edge of what instances are sorted by: a power of two.
  static constexpr uint32_t squares = 64;
  // Where instances so far away are on a torus, rounding tells: their blocks are always looked into, and what they cover is not known.
  static constexpr double farPlace = 1e9;
  // A ground with fewer words of details stays in caches in any order: frames are written the faster one behind the other.
  static constexpr size_t cachedWords = 1 << 18;
  uint32_t blockCount_ = 0;
  std::vector<uint32_t> order_;
  std::vector<uint16_t> keys_;
  std::vector<float> bounds_[7];
  std::vector<double> blocks_[7];
  std::vector<double> meshHalves_[3];
  std::vector<uint32_t> viewOrder_;
  std::vector<uint16_t> viewKeys_;

  template <typename T>
  static void atLeast(std::vector<T>* memory, size_t count) {
    if (memory->size() < count) memory->resize(count);
  }

  // Where in its period a coordinate is.
  static double held(double at, double period, bool wraps) { return !wraps || (at >= 0 && at < period) ? at : at - period * std::floor(at / period); }

  static uint32_t squareOf(double at, double low, double perMetre) {
    const double square = (at - low) * perMetre;
    return square > 0 ? (square < squares - 1 ? uint32_t(square) : squares - 1) : 0;
  }

  // Places of squares along Hilbert's curve, line after line: neighbours on it are neighbours in the plane.
  struct Curve {
    uint16_t places[squares * squares];

    constexpr Curve() : places{} {
      for (uint32_t square = 0; square < squares * squares; square++) places[square] = placeOf(square % squares, square / squares);
    }

    static constexpr uint16_t placeOf(uint32_t x, uint32_t y) {
      uint32_t place = 0;
      for (uint32_t side = squares / 2; side > 0; side /= 2) {
        const bool right = (x & side) != 0, upper = (y & side) != 0;
        place += side * side * (right ? (upper ? 2 : 3) : (upper ? 1 : 0));
        if (upper) continue;
        const uint32_t turnedX = right ? squares - 1 - y : y, turnedY = right ? squares - 1 - x : x;
        x = turnedX;
        y = turnedY;
      }
      return uint16_t(place);
    }
  };

  static const Curve curve;

  // Squares in the order of the curve, over all that is there.
  void findKeys(const DrawJob& job, uint32_t count) {
    const double* const numbers = job.numbers.data;
    const bool wraps = numbers[draw::wraps] == 1;
    const double periods[2] = {numbers[draw::spaceWidth], numbers[draw::spaceHeight]};
    for (uint32_t i = 0; i < count; i++) keys_[i] = 0;
    for (int axis = 0; axis < 2; axis++) {
      const float* const at = job.bounds.data + size_t(axis) * size_t(numbers[draw::capacity]);
      double low = INFINITY, high = -INFINITY;
      for (uint32_t i = 0; i < count; i++) {
        const double here = held(at[i], periods[axis], wraps);
        low = here < low ? here : low;
        high = here > high ? here : high;
      }
      const double perMetre = squares / (high - low);
      for (uint32_t i = 0; i < count; i++) keys_[i] = uint16_t(keys_[i] + squareOf(held(at[i], periods[axis], wraps), low, perMetre) * (axis == 0 ? 1 : squares));
    }
    for (uint32_t i = 0; i < count; i++) keys_[i] = curve.places[keys_[i]];
  }

  void order(uint32_t count) {
    uint32_t starts[squares * squares + 1] = {0};
    for (uint32_t i = 0; i < count; i++) starts[keys_[i] + 1]++;
    for (uint32_t key = 0; key < squares * squares; key++) starts[key + 1] += starts[key];
    for (uint32_t i = 0; i < count; i++) order_[starts[keys_[i]]++] = i;
  }

  // How far from its origin along each axis the corners of each mesh, and of the coarser ones behind it, lie at most.
  void measureMeshes(const DrawJob& job) {
    const uint32_t count = uint32_t(job.numbers.data[draw::meshes]);
    for (std::vector<double>& part : meshHalves_) atLeast(&part, count);
    for (uint32_t mesh = count; mesh-- > 0;) {
      const uint32_t* const words = job.meshes.data + size_t(mesh) * draw::meshWords;
      const float* const corners = job.vertices.data + 3 * size_t(words[draw::vertexFirst]);
      for (int axis = 0; axis < 3; axis++) {
        double half = words[draw::coarser] == draw::none ? 0 : meshHalves_[axis][words[draw::coarser]];
        for (uint32_t i = 0; i < words[draw::vertexCount]; i++) half = std::fmax(half, std::fabs(corners[3 * i + uint32_t(axis)]));
        meshHalves_[axis][mesh] = half;
      }
    }
  }

  // How far from the middle of an instance along the axes of the world its corners lie at most. Billboards turn with the eye.
  void findHalves(const DrawJob& job, uint32_t instance, uint32_t place) {
    const uint32_t tag = job.tags.data[size_t(instance) * draw::tagWords + draw::tagMesh];
    const float* const axes = job.bodies.data + size_t(instance) * draw::bodyWords + draw::axes;
    for (size_t axis = 0; axis < 3; axis++) {
      double half = 0;
      for (size_t own = 0; own < 3; own++) half += std::fabs(axes[3 * own + axis]) * meshHalves_[own][tag & 0xffffff];
      bounds_[4 + axis][place] = tag >> 24 == draw::standing && half < farPlace ? float(half * (1 + 1e-6)) : INFINITY;
    }
  }

  void bound(const DrawJob& job, uint32_t count, uint32_t block) {
    const double* const numbers = job.numbers.data;
    const size_t stride = size_t(numbers[draw::capacity]);
    const bool wraps = numbers[draw::wraps] == 1;
    const double periods[3] = {numbers[draw::spaceWidth], numbers[draw::spaceHeight], 1};
    const uint32_t first = block * blockInstances;
    double middle[3], half[3], radius = 0;
    bool isFar = false;
    for (int axis = 0; axis < 4; axis++) {
      double low = INFINITY, high = -INFINITY;
      for (uint32_t i = first; i < first + blockInstances; i++) {
        // Who is not there is not seen.
        bounds_[axis][i] = i < count ? job.bounds.data[axis * stride + order_[i]] : axis == 3 ? -INFINITY : 0;
        if (i >= count) continue;
        const double here = axis < 2 ? held(bounds_[axis][i], periods[axis], wraps) : double(bounds_[axis][i]);
        low = here < low ? here : low;
        high = here > high ? here : high;
        isFar |= axis < 3 && !(std::fabs(bounds_[axis][i]) < farPlace);
      }
      if (axis < 3) {
        middle[axis] = (low + high) / 2;
        half[axis] = (high - low) / 2;
      } else if (high > 0) {
        radius = high;
      }
    }
    for (uint32_t i = first; i < first + blockInstances && i < count; i++) {
      findHalves(job, order_[i], i);
      // Where such instances are, rounding tells.
      if (isFar) bounds_[4][i] = INFINITY;
    }
    for (int axis = 0; axis < 3; axis++) blocks_[axis][block] = middle[axis];
    blocks_[3][block] = half[0];
    blocks_[4][block] = half[1];
    blocks_[5][block] = std::sqrt(half[0] * half[0] + half[1] * half[1] + half[2] * half[2]);
    blocks_[6][block] = isFar ? INFINITY : radius;
  }
};

inline constexpr DrawBlocks::Curve DrawBlocks::curve;

}  // namespace metabonk
