// Fully connected layers of networks: the same bits as brain/dense.ts, which is the specification.
#pragma once
#include <cstddef>
#include <cstdint>

#include "hash.h"

namespace metabonk {

constexpr uint32_t denseGroup = 16;

// A layer and a batch of inputs for it; see DenseLayer and DenseBatch of the runtime. Of the inputs, one of `floats` and `bytes` is there.
struct DenseJob {
  uint32_t inputs;
  uint32_t outputs;
  bool rectified;
  const float* weights;
  const float* biases;
  const float* floats;
  const uint8_t* bytes;
  // First element of each input.
  const uint32_t* starts;
  uint32_t count;
  float* output;
};

// Computes the outputs of all inputs, which must lie in their arrays.
void runDense(Isa isa, const DenseJob& job);

}  // namespace metabonk
