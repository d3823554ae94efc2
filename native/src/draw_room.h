// Memory the drawing kernel works in, as plain pointers: no template of the standard library may be used where special instructions are on.
#pragma once
#include <cstdint>

namespace metabonk {

// What a face looks like.
struct Look {
  uint32_t colour;
  uint32_t kind;
};

// Pixels: columns and lines, from the first to the last.
struct Area {
  int first, last, top, bottom;
};

// An instance that may be seen, and how deep its middle is; the same in steps. Pixels that it covers at most, and 1/depth of where it is nearest
// at most; 0 where that is not known.
struct Seen {
  double depth;
  uint32_t instance;
  uint32_t bucket;
  float nearest;
  Area area;
};

// Instances in a block of those beside each other: a whole number of groups.
constexpr uint32_t blockInstances = 16;

// Instances in blocks. Places beyond the last instance, up to a whole block, have a radius below all.
struct Blocks {
  uint32_t count;
  const uint32_t* instances;
  // x, y, z and radius of each, in the same order; and how far from there along x, y and z its corners lie at most, infinity where that is not known.
  const float* bounds[7];
  // Of each block: the middle of the box around the middles of its instances, on a torus where those are that are in its first image; half of its
  // edges along x and y, half of its diagonal; the greatest radius.
  const double *x, *y, *z, *wide, *high, *reach, *radius;
};

struct DrawRoom {
  // Pixels between the starts of two lines: room for a vector beyond the last one.
  uint32_t stride;
  float* nearness;
  uint32_t* slots;
  // Looks of the faces of a picture, and the instance each is of.
  Look* looks;
  uint32_t* owners;
  uint32_t lookCount;
  uint32_t lookMax;
  Blocks blocks;
  // Views in the order in which they are drawn.
  const uint32_t* views;
  Seen* seen;
  Seen* sorted;
  // Corners and planes of all meshes, one coordinate after the other; where each mesh begins.
  const double *vertexX, *vertexY, *vertexZ;
  const double *planeX, *planeY, *planeZ, *planeD;
  const uint32_t* vertexStart;
  const uint32_t* planeStart;
  // Corners of one instance as the eye sees them; in the picture (1/256 pixel), with 1/depth; 1 where a corner needs clipping, else 0.
  double *cornerX, *cornerY, *cornerZ;
  int32_t *cornerColumns, *cornerLines;
  float* cornerOvers;
  uint8_t* cornerClipped;
};

// Makes room for `count` more looks.
void growLooks(DrawRoom* room, uint32_t count);

}  // namespace metabonk
