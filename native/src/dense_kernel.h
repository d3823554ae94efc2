// The kernel of layers for one width of registers. Included once for each, with DENSE_NAMESPACE, DENSE_LANES (floats in a register) and DENSE_ROWS
// (rows computed side by side), and with the instructions of that width switched on: gcc takes vectors apart in functions that it meets before.
namespace metabonk {
namespace DENSE_NAMESPACE {

typedef float Floats __attribute__((vector_size(4 * DENSE_LANES)));

// Adds weights x inputs of one tile to the sums of a register of outputs of some rows, input by input in ascending order.
template <uint32_t rows>
void addTile(const float* const* inputs, uint32_t count, const float* weights, float* sums, size_t stride) {
  Floats sum[rows];
  for (uint32_t row = 0; row < rows; row++) std::memcpy(&sum[row], sums + row * stride, sizeof sum[row]);
  for (uint32_t k = 0; k < count; k++) {
    Floats weight;
    std::memcpy(&weight, weights + size_t(k) * denseGroup, sizeof weight);
    for (uint32_t row = 0; row < rows; row++) sum[row] = sum[row] + weight * (inputs[row][k] - Floats{});
  }
  for (uint32_t row = 0; row < rows; row++) std::memcpy(sums + row * stride, &sum[row], sizeof sum[row]);
}

// One tile of some rows, for all outputs.
template <uint32_t rows>
void addRows(const DenseJob& job, uint32_t first, uint32_t from, uint32_t count, DenseWork* work) {
  const float* inputs[rows];
  for (uint32_t row = 0; row < rows; row++) {
    const size_t start = size_t(job.starts[first + row]) + from;
    if (job.bytes == nullptr) {
      inputs[row] = job.floats + start;
      continue;
    }
    for (uint32_t k = 0; k < count; k++) work->taken[row][k] = partOf(float(job.bytes[start + k]));
    inputs[row] = work->taken[row];
  }
  const size_t stride = (size_t(job.outputs) + denseGroup - 1) / denseGroup * denseGroup;
  for (uint32_t output = 0; output < job.outputs; output += DENSE_LANES) {
    const uint32_t lane = output % denseGroup;
    const float* const weights = job.weights + size_t(output - lane) * job.inputs + size_t(from) * denseGroup + lane;
    addTile<rows>(inputs, count, weights, work->sums + first * stride + output, stride);
  }
}

static void addAll(const DenseJob& job, DenseWork* work) {
  for (uint32_t from = 0; from < job.inputs; from += denseTile) {
    const uint32_t count = job.inputs - from < denseTile ? job.inputs - from : denseTile;
    uint32_t row = 0;
    for (; row + DENSE_ROWS <= job.count; row += DENSE_ROWS) addRows<DENSE_ROWS>(job, row, from, count, work);
    for (; row + 2 <= job.count; row += 2) addRows<2>(job, row, from, count, work);
    for (; row < job.count; row++) addRows<1>(job, row, from, count, work);
  }
}

}  // namespace DENSE_NAMESPACE
}  // namespace metabonk
