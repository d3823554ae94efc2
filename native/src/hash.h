// Hash of the blocks of a column: the same bits as runtime/hash/blocks.ts, which is the specification.
#pragma once
#include <cstdint>

namespace metabonk {

// One job as it lies in the `jobs` array of Kernels.hashBlocks.
struct HashJob {
  uint32_t offset;
  uint32_t words;
  uint32_t elementClass;
  uint32_t first;
  uint32_t end;
  uint32_t seedLow;
  uint32_t seedHigh;
  uint32_t unused;
};

constexpr uint32_t hashLaneCount = 8;
constexpr uint32_t hashClassMax = 2;

// Which instructions to use, each with those before it. Each gives the same bits.
enum class Isa { portable, sse42, avx2, avx512 };

// The fastest one this processor has.
Isa bestIsa();

// Adds up the hashes of the job's blocks into sum[0] (low halves) and sum[1] (high halves). The blocks lie in `memory`.
void hashJob(Isa isa, const uint32_t* memory, const HashJob& job, uint32_t* sum);

}  // namespace metabonk
