// Reads (function u32, count u32, then count pairs of f64) records from stdin; writes one f64 a pair. For the twin test.
#include <cstdio>
#include <vector>

#include "../../native/src/math.h"

namespace m = metabonk::math;

static double call(unsigned function, double x, double y) {
  switch (function) {
    case 0: return m::acos(x);
    case 1: return m::acosh(x);
    case 2: return m::asin(x);
    case 3: return m::asinh(x);
    case 4: return m::atan(x);
    case 5: return m::atan2(x, y);
    case 6: return m::atanh(x);
    case 7: return m::cbrt(x);
    case 8: return m::cos(x);
    case 9: return m::cosh(x);
    case 10: return m::exp(x);
    case 11: return m::expm1(x);
    case 12: {
      const double values[2] = {x, y};
      return m::hypot(values, 2);
    }
    case 13: return m::log(x);
    case 14: return m::log10(x);
    case 15: return m::log1p(x);
    case 16: return m::log2(x);
    case 17: return m::pow(x, y);
    case 18: return m::sin(x);
    case 19: return m::sinh(x);
    case 20: return m::tan(x);
    default: return m::tanh(x);
  }
}

int main() {
  unsigned head[2];
  while (std::fread(head, sizeof head, 1, stdin) == 1) {
    std::vector<double> pairs(2 * static_cast<std::size_t>(head[1]));
    if (std::fread(pairs.data(), sizeof(double), pairs.size(), stdin) != pairs.size()) return 1;
    std::vector<double> results(head[1]);
    for (unsigned i = 0; i < head[1]; i++) results[i] = call(head[0], pairs[2 * i], pairs[2 * i + 1]);
    if (std::fwrite(results.data(), sizeof(double), results.size(), stdout) != results.size()) return 1;
  }
  return 0;
}
