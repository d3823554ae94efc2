// Colour, distance in front of the camera in metres, and segmentation of a pixel, in one pass.
#version 450

layout(location = 0) flat in vec4 seen;

layout(location = 0) out vec4 colour;
layout(location = 1) out float depth;
layout(location = 2) out uint segmentation;

void main() {
  colour = vec4(seen.rgb, 1.0);
  depth = 1.0 / gl_FragCoord.w;
  segmentation = uint(seen.a);
}
