// Computes one layer with every instruction set this processor has: a line of outputs as bits for each.
// Usage: dense-isa JOB_FILE; its u32 words: inputs, outputs, rectified, bytes or floats (0, 1), count, starts, then weights, biases, input elements.
#include <cstdio>
#include <cstring>
#include <vector>

#include "../../native/src/dense.h"

int main(int, char** arguments) {
  FILE* file = std::fopen(arguments[1], "rb");
  if (file == nullptr) return 1;
  std::vector<uint32_t> words(1 << 20);
  words.resize(std::fread(words.data(), 4, words.size(), file));
  std::fclose(file);
  const uint32_t inputs = words[0], outputs = words[1], count = words[4];
  const size_t padded = (outputs + metabonk::denseGroup - 1) / metabonk::denseGroup * metabonk::denseGroup;
  const uint32_t* const weights = words.data() + 5 + count;
  const uint32_t* const values = weights + padded * inputs + padded;
  std::vector<float> output(size_t(outputs) * count);
  metabonk::DenseJob job = {inputs, outputs, words[2] != 0, (const float*)weights, (const float*)(weights + padded * inputs), nullptr, nullptr, words.data() + 5, count, output.data()};
  if (words[3] == 0) job.bytes = (const uint8_t*)values;
  else job.floats = (const float*)values;
  for (int isa = 0; isa <= static_cast<int>(metabonk::bestIsa()); isa++) {
    metabonk::runDense(static_cast<metabonk::Isa>(isa), job);
    for (const float value : output) {
      uint32_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      std::printf("%u ", value == value ? bits : 0x7fc00000u);
    }
    std::printf("\n");
  }
  return 0;
}
