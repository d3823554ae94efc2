// What the Vulkan program draws, read from two files. All numbers are little-endian.
//
// Scene file:
//   6 u32        0x4353424d, triangles, meshes, triangles of all meshes, instances, colours
//   triangles    11 words each: three corners of x, y, z (f32, metres, world), colour 0xRRGGBB, segmentation (u32, below 65,536)
//   meshes       1 u32 each: how many triangles it has; they follow each other in the next section
//   of meshes    10 words each: three corners (f32, object space), face (u32)
//   instances    15 words each: mesh, segmentation, first of its colours, one for each face (u32), and its matrix, object to world, three rows of
//                four (f32)
//   colours      1 u32 each: 0xRRGGBB
// Corners are counter-clockwise seen from outside. Colours are lit already.
//
// File of views: 20 f64 each:
//   0-2 eye, 3-5 right, 6-8 down, 9-11 forward (orthonormal), 12 focal length in pixels, 13 near, 14 far, 15 unused, 16 instance not drawn (-1: none),
//   17-19 unused
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace metabonk::bench {

// As the graphics card gets it. A triangle has the look of its first corner: colour and segmentation, or its face and nothing.
struct Vertex {
  float x, y, z;
  uint32_t look[2];
};

struct Sphere {
  double x, y, z, radius;
};

// Indices of triangles that are drawn or left out together.
struct Run {
  uint32_t first;
  uint32_t count;
  Sphere bounds;
};

struct Instance {
  float rows[12];
  uint32_t firstColour;
  uint32_t segmentation;
};

// One after the other in `instances`, and so are their bounds.
struct Mesh {
  uint32_t firstIndex;
  uint32_t indexCount;
  uint32_t firstInstance;
  uint32_t instanceCount;
};

struct Scene {
  std::vector<Vertex> vertices;
  std::vector<uint32_t> indices;
  std::vector<Run> runs;
  std::vector<Mesh> meshes;
  std::vector<Instance> instances;
  std::vector<Sphere> bounds;
  // Which of the file an instance is.
  std::vector<uint32_t> numbers;
  std::vector<uint32_t> colours;
};

struct View {
  double eye[3], right[3], down[3], forward[3];
  double focal, near, far, unused, hidden, rest[3];
};
static_assert(sizeof(View) == 20 * sizeof(double));

// Both throw std::runtime_error when a file is not there or not what it should be.
Scene readScene(const std::string& path);
std::vector<View> readViews(const std::string& path);

}  // namespace metabonk::bench
