// Draws the jobs of a file with every instruction set this processor has: a line of "fault ..." or "isa hash" each, the hash FNV-1a over all frames.
// A job is its number of views (u64), then for each array of a DrawJob in its order its bytes (u64) and, but for frames, those bytes.
// Usage: draw-isa JOBS_FILE
#include <cstdio>
#include <cstring>
#include <memory>

#include "../../native/src/draw.h"

namespace {

using metabonk::DrawJob;
using metabonk::Span;

// Memory of exactly that many bytes: what is read or written beyond them, sanitizers see.
struct Block {
  std::unique_ptr<uint8_t[]> bytes;
  size_t length = 0;
};

bool readCount(FILE* file, uint64_t* count) { return std::fread(count, sizeof *count, 1, file) == 1; }

bool readBlock(FILE* file, bool isFrame, Block* block) {
  uint64_t length = 0;
  if (!readCount(file, &length)) return false;
  block->length = length;
  block->bytes.reset(new uint8_t[length]);
  if (isFrame) std::memset(block->bytes.get(), 77, length);
  return isFrame || std::fread(block->bytes.get(), 1, length, file) == length;
}

template <typename T>
void point(const Block& block, Span<T>* span) {
  *span = {reinterpret_cast<T*>(block.bytes.get()), block.length / sizeof(T)};
}

uint32_t hashOf(uint32_t hash, const Block& block) {
  for (size_t i = 0; i < block.length; i++) hash = (hash ^ block.bytes[i]) * 16777619u;
  return hash;
}

constexpr int arrays = 17, firstFrame = 12;

struct FileJob {
  Block blocks[arrays];
  DrawJob job;

  bool read(FILE* file) {
    for (int i = 0; i < arrays; i++) {
      if (!readBlock(file, i >= firstFrame, &blocks[i])) return false;
    }
    point(blocks[0], &job.numbers);
    point(blocks[1], &job.meshes);
    point(blocks[2], &job.vertices);
    point(blocks[3], &job.faces);
    point(blocks[4], &job.planes);
    point(blocks[5], &job.bounds);
    point(blocks[6], &job.bodies);
    point(blocks[7], &job.tags);
    point(blocks[8], &job.details);
    point(blocks[9], &job.texels);
    point(blocks[10], &job.texelKinds);
    point(blocks[11], &job.views);
    point(blocks[12], &job.rgb);
    point(blocks[13], &job.grey);
    point(blocks[14], &job.depth);
    point(blocks[15], &job.depthMillis);
    point(blocks[16], &job.segmentation);
    return true;
  }

  void draw(metabonk::Isa isa, uint32_t count) {
    for (int i = firstFrame; i < arrays; i++) std::memset(blocks[i].bytes.get(), 77, blocks[i].length);
    metabonk::drawViews(isa, job, count);
    uint32_t hash = 2166136261u;
    for (int i = firstFrame; i < arrays; i++) hash = hashOf(hash, blocks[i]);
    std::printf("%d %08x\n", static_cast<int>(isa), static_cast<unsigned>(hash));
  }
};

}  // namespace

int main(int, char** arguments) {
  FILE* const file = std::fopen(arguments[1], "rb");
  if (file == nullptr) return 1;
  uint64_t count = 0;
  while (readCount(file, &count)) {
    FileJob read;
    if (!read.read(file)) return 1;
    const char* const fault = metabonk::faultOf(read.job, static_cast<uint32_t>(count));
    if (fault != nullptr) {
      std::printf("fault %s\n", fault);
      continue;
    }
    for (int isa = 0; isa <= static_cast<int>(metabonk::bestIsa()); isa++) read.draw(static_cast<metabonk::Isa>(isa), static_cast<uint32_t>(count));
  }
  std::fclose(file);
  return 0;
}
