#include "dense.h"

#include <cstring>
#include <vector>

namespace metabonk {
namespace {

// Inputs that are taken at once: their weights and values stay in the first caches.
constexpr uint32_t denseTile = 256;
constexpr uint32_t denseRowsMax = 8;

// A 255th part of a byte, rounded to f32, without a division: 257 / 2^16 of it is exact, and so is what is added.
constexpr float partOf(float byte) { return byte * (257 / 65536.0f) + byte * (65793 / 1099511627776.0f); }

constexpr bool isPartOfAll() {
  for (int byte = 0; byte < 256; byte++) {
    if (partOf(float(byte)) != float(byte) / 255.0f) return false;
  }
  return true;
}
static_assert(isPartOfAll(), "every byte has the quotient for its part");

// What is worked on in a thread: sums of every output of every row, [count, padded outputs]; what a tile of bytes stands for.
struct DenseWork {
  float* sums;
  float taken[denseRowsMax][denseTile];
};

// The memory behind it, one for each thread: made once, grown when a batch needs more.
struct DenseMemory : DenseWork {
  std::vector<float> allSums;
};

DenseMemory& ownMemory() {
  static thread_local DenseMemory memory;
  return memory;
}

}  // namespace
}  // namespace metabonk

#define DENSE_NAMESPACE dense_portable
#define DENSE_LANES 4
#define DENSE_ROWS 4
#include "dense_kernel.h"
#undef DENSE_NAMESPACE
#undef DENSE_LANES
#undef DENSE_ROWS

#if defined(__x86_64__)
#include "avx2_on.h"
#define DENSE_NAMESPACE dense_avx2
#define DENSE_LANES 8
#define DENSE_ROWS 8
#include "dense_kernel.h"
#undef DENSE_NAMESPACE
#undef DENSE_LANES
#undef DENSE_ROWS
#include "avx2_off.h"

#include "avx512_on.h"
#define DENSE_NAMESPACE dense_avx512
#define DENSE_LANES 16
#define DENSE_ROWS 8
#include "dense_kernel.h"
#undef DENSE_NAMESPACE
#undef DENSE_LANES
#undef DENSE_ROWS
#include "avx512_off.h"
#endif

namespace metabonk {
namespace {

void addAll([[maybe_unused]] Isa isa, const DenseJob& job, DenseWork* work) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) return dense_avx512::addAll(job, work);
  if (isa == Isa::avx2) return dense_avx2::addAll(job, work);
#endif
  dense_portable::addAll(job, work);
}

}  // namespace

void runDense(Isa isa, const DenseJob& job) {
  DenseMemory& work = ownMemory();
  const size_t padded = (size_t(job.outputs) + denseGroup - 1) / denseGroup * denseGroup;
  if (work.allSums.size() < padded * job.count) work.allSums.resize(padded * job.count);
  work.sums = work.allSums.data();
  for (uint32_t row = 0; row < job.count; row++) std::memcpy(work.sums + row * padded, job.biases, padded * sizeof(float));
  addAll(isa, job, &work);
  for (uint32_t row = 0; row < job.count; row++) {
    for (uint32_t o = 0; o < job.outputs; o++) {
      const float sum = work.sums[row * padded + o];
      // What is not a number stays that.
      job.output[size_t(row) * job.outputs + o] = job.rectified && sum <= 0 ? 0.0f : sum;
    }
  }
}

}  // namespace metabonk
