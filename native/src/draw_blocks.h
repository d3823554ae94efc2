// Instances in an order in which those beside each other follow one another, and what each block of them keeps to: most blocks an eye need not
// look into. Made once for all views of a job.
#pragma once
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
    for (uint32_t block = 0; block < blockCount; block++) bound(job, count, block);
    blockCount_ = blockCount;
  }

  Blocks blocks() const {
    return {blockCount_, order_.data(), {bounds_[0].data(), bounds_[1].data(), bounds_[2].data(), bounds_[3].data()},
            blocks_[0].data(), blocks_[1].data(), blocks_[2].data(), blocks_[3].data(), blocks_[4].data(), blocks_[5].data(), blocks_[6].data()};
  }

 private:
  // Squares along an edge of what instances are sorted by: a power of two.
  static constexpr uint32_t squares = 64;
  // Where instances so far away are on a torus, rounding tells: their blocks are always looked into.
  static constexpr double farPlace = 1e9;
  uint32_t blockCount_ = 0;
  std::vector<uint32_t> order_;
  std::vector<uint16_t> keys_;
  std::vector<float> bounds_[4];
  std::vector<double> blocks_[7];

  template <typename T>
  static void atLeast(std::vector<T>* memory, size_t count) {
    if (memory->size() < count) memory->resize(count);
  }

  // Where in its period a coordinate is.
  static double held(double at, double period, bool wraps) { return wraps ? at - period * std::floor(at / period) : at; }

  static uint32_t squareOf(double at, double low, double perMetre) {
    const double square = (at - low) * perMetre;
    return square > 0 ? (square < squares - 1 ? uint32_t(square) : squares - 1) : 0;
  }

  // Bits of a number, each followed by a 0.
  static uint32_t spread(uint32_t bits) {
    bits = (bits | bits << 4) & 0x0f0f;
    bits = (bits | bits << 2) & 0x3333;
    return (bits | bits << 1) & 0x5555;
  }

  // Squares in Morton's order, over all that is there.
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
      for (uint32_t i = 0; i < count; i++) keys_[i] = uint16_t(keys_[i] | spread(squareOf(held(at[i], periods[axis], wraps), low, perMetre)) << axis);
    }
  }

  void order(uint32_t count) {
    uint32_t starts[squares * squares + 1] = {0};
    for (uint32_t i = 0; i < count; i++) starts[keys_[i] + 1]++;
    for (uint32_t key = 0; key < squares * squares; key++) starts[key + 1] += starts[key];
    for (uint32_t i = 0; i < count; i++) order_[starts[keys_[i]]++] = i;
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
    for (int axis = 0; axis < 3; axis++) blocks_[axis][block] = middle[axis];
    blocks_[3][block] = half[0];
    blocks_[4][block] = half[1];
    blocks_[5][block] = std::sqrt(half[0] * half[0] + half[1] * half[1] + half[2] * half[2]);
    blocks_[6][block] = isFar ? INFINITY : radius;
  }
};

}  // namespace metabonk
