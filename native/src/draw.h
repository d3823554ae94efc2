// Draws pictures: the same bits as compositor/draw/twin.ts, which is the specification.
#pragma once
#include <cstddef>
#include <cstdint>

#include "hash.h"

namespace metabonk {

template <typename T>
struct Span {
  T* data = nullptr;
  size_t length = 0;
};

// A DrawJob of the runtime; what its words mean is said in compositor/draw/layout.ts.
struct DrawJob {
  Span<const double> numbers;
  Span<const uint32_t> meshes;
  Span<const float> vertices;
  Span<const uint32_t> faces;
  Span<const float> planes;
  Span<const float> bounds;
  Span<const float> bodies;
  Span<const uint32_t> tags;
  Span<const float> details;
  Span<const uint32_t> texels;
  Span<const uint16_t> texelKinds;
  Span<const double> views;
  Span<uint8_t> rgb;
  Span<uint8_t> grey;
  Span<float> depth;
  Span<uint16_t> depthMillis;
  Span<uint16_t> segmentation;
};

namespace draw {

// Places in `numbers`.
enum Number {
  width, height, instances, capacity, spaceWidth, spaceHeight, wraps, ambient, strength, fogFrom, fogScale, fogColour,
  horizon, zenith, columns, lines, cell, tile, pixelError, meshes, numberCount
};

// u32 words of a mesh.
enum MeshWord { vertexFirst, vertexCount, faceFirst, faceCount, meshSpare, coarser, coarserBelow };
constexpr uint32_t meshWords = 8;
constexpr uint32_t faceWords = 5;
constexpr uint32_t none = 0xffffffff;
constexpr uint32_t planeWords = 4;

// f32 words of an instance.
enum BodyWord { position = 0, axes = 3, inverse = 12, light = 21 };
constexpr uint32_t bodyWords = 24;

// u32 words of an instance.
enum TagWord { tagMesh, tagColour, tagSegmentation };
constexpr uint32_t tagWords = 3;
enum Billboard { standing, upright, facing };

// f64 words of a view.
enum ViewWord { eye = 0, right = 3, down = 6, forward = 9, focal = 12, near = 13, far = 14, frame = 15, unseen = 16 };
constexpr uint32_t viewWords = 20;

// f32 words of a corner of the ground.
enum DetailWord { detailHeight, detailError, detailReach, detailRadius };
constexpr uint32_t detailWords = 4;

constexpr uint32_t edgeMax = 7680;

}  // namespace draw

// What is wrong with a job, or null: everything `drawViews` relies on.
const char* faultOf(const DrawJob& job, uint32_t count);

// Draws the first `count` views of a job without fault, with instructions this processor has.
void drawViews(Isa isa, const DrawJob& job, uint32_t count);

}  // namespace metabonk
