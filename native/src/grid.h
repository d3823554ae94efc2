// Counting sort of rows into the cells of a uniform grid: the same result as runtime/grid/build.ts, which is the specification.
#pragma once
#include <cstdint>

namespace metabonk {

struct GridShape {
  uint32_t columns;
  uint32_t lines;
  double cellWidth;
  double cellHeight;
  double width;
  double height;
  bool wraps;
};

// Views on the caller's memory. at: x, y by row. start: columns * lines + 1 entries. sorted: room for `capacity` rows.
struct GridRows {
  const float* at;
  const uint8_t* alive;
  uint32_t rows;
  uint32_t* start;
  uint32_t* sorted;
  uint64_t capacity;
};

// Sorts the live rows into their cells. Returns how many there are; above the capacity, `sorted` is left as it was.
uint64_t buildGrid(const GridShape& shape, const GridRows& grid);

}  // namespace metabonk
