#include "grid.h"

#include <algorithm>
#include <cmath>
#include <vector>

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

inline uint32_t cellOf(const GridShape& shape, double x, double y) {
  const uint32_t column = indexOf(wrap(x, shape.width, shape.wraps) / shape.cellWidth, shape.columns);
  return indexOf(wrap(y, shape.height, shape.wraps) / shape.cellHeight, shape.lines) * shape.columns + column;
}

constexpr uint32_t nowhere = UINT32_MAX;

// The cell of every row, `nowhere` for dead ones; counts the rows of each cell in start.
void countRows(const GridShape& shape, const GridRows& grid, uint32_t* cells) {
  for (uint32_t row = 0; row < grid.rows; row++) {
    const double x = grid.at[uint64_t(row) * 2];
    const double y = grid.at[uint64_t(row) * 2 + 1];
    cells[row] = grid.alive[row] == 0 ? nowhere : cellOf(shape, x, y);
    if (cells[row] != nowhere) grid.start[cells[row]]++;
  }
}

}  // namespace

uint64_t buildGrid(const GridShape& shape, const GridRows& grid) {
  // Kept by the thread: a row's cell takes two divisions, which are most of the work, and is needed twice.
  thread_local std::vector<uint32_t> cellOfRow;
  if (cellOfRow.size() < grid.rows) cellOfRow.resize(grid.rows);
  const uint32_t cells = shape.columns * shape.lines;
  std::fill_n(grid.start, cells, 0);
  countRows(shape, grid, cellOfRow.data());
  uint32_t placed = 0;
  for (uint32_t cell = 0; cell < cells; cell++) {
    placed += grid.start[cell];
    grid.start[cell] = placed;
  }
  grid.start[cells] = placed;
  if (placed > grid.capacity) return placed;
  // Starts are at the cells' ends now. Going down the rows, each takes the place before, so that they ascend inside a cell.
  for (uint32_t row = grid.rows; row-- > 0;) {
    if (cellOfRow[row] != nowhere) grid.sorted[--grid.start[cellOfRow[row]]] = row;
  }
  return placed;
}

}  // namespace metabonk
