#include "grid.h"

#include <algorithm>
#include <cmath>

namespace metabonk {
namespace {

inline double wrap(double at, double size, bool wraps) {
  if (!wraps || (at >= 0 && at < size)) return at;
  const double rest = std::fmod(at, size);
  return rest < 0 ? rest + size : rest;
}

inline uint32_t indexOf(double at, uint32_t count) {
  if (!(at >= 1)) return 0;
  return at >= count ? count - 1 : static_cast<uint32_t>(at);
}

inline uint32_t cellOf(const GridShape& shape, const float* at) {
  const uint32_t column = indexOf(wrap(at[0], shape.width, shape.wraps) / shape.cellWidth, shape.columns);
  return indexOf(wrap(at[1], shape.height, shape.wraps) / shape.cellHeight, shape.lines) * shape.columns + column;
}

}  // namespace

uint64_t buildGrid(const GridShape& shape, const GridRows& grid) {
  const uint32_t cells = shape.columns * shape.lines;
  std::fill_n(grid.start, cells, 0);
  for (uint32_t row = 0; row < grid.rows; row++) {
    if (grid.alive[row] != 0) grid.start[cellOf(shape, grid.at + uint64_t(row) * 2)]++;
  }
  uint32_t placed = 0;
  for (uint32_t cell = 0; cell < cells; cell++) {
    placed += grid.start[cell];
    grid.start[cell] = placed;
  }
  grid.start[cells] = placed;
  if (placed > grid.capacity) return placed;
  // Starts are at the cells' ends now. Going down the rows, each takes the place before, so that they ascend inside a cell.
  for (uint32_t row = grid.rows; row-- > 0;) {
    if (grid.alive[row] != 0) grid.sorted[--grid.start[cellOf(shape, grid.at + uint64_t(row) * 2)]] = row;
  }
  return placed;
}

}  // namespace metabonk
