// Hashes one job with every instruction set this processor has: a line of (isa, low, high) each.
// Usage: kernels-isa WORDS_FILE WORDS_PER_BLOCK CLASS BLOCKS
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../../native/src/hash.h"

int main(int, char** arguments) {
  const auto number = [&](int at) { return static_cast<uint32_t>(std::strtoul(arguments[at], nullptr, 10)); };
  const metabonk::HashJob job{0, number(2), number(3), 0, number(4), 7, 9, 0};
  std::vector<uint32_t> words(size_t(job.words) * job.end);
  FILE* file = std::fopen(arguments[1], "rb");
  if (file == nullptr || std::fread(words.data(), 4, words.size(), file) != words.size()) return 1;
  std::fclose(file);
  for (int isa = 0; isa <= static_cast<int>(metabonk::bestIsa()); isa++) {
    uint32_t sum[2];
    metabonk::hashJob(static_cast<metabonk::Isa>(isa), words.data(), job, sum);
    std::printf("%d %u %u\n", isa, sum[0], sum[1]);
  }
  return 0;
}
