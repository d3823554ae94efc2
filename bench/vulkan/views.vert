// Corners of triangles as one camera sees them: at rest in the world, or, with INSTANCED, of meshes that are placed by a matrix each.
#version 450

layout(push_constant) uniform View {
  vec4 eyeHigh;  // the eye as f32, and n f / (f - n)
  vec4 eyeLow;   // what f32 leaves of the eye, and -n / (f - n)
  vec4 right;    // times 2 focal / width
  vec4 down;     // times 2 focal / height
  vec4 forward;
} view;

layout(location = 0) in vec3 position;
layout(location = 1) in uvec2 look;
#ifdef INSTANCED
layout(location = 2) in vec4 rowX;
layout(location = 3) in vec4 rowY;
layout(location = 4) in vec4 rowZ;
layout(location = 5) in uvec2 tag;
layout(std430, set = 0, binding = 0) readonly buffer Colours { uint colours[]; };
#endif

layout(location = 0) flat out vec4 seen;

void main() {
#ifdef INSTANCED
  const vec3 place = vec3(rowX.w, rowY.w, rowZ.w);
  const vec3 corner = vec3(dot(rowX.xyz, position), dot(rowY.xyz, position), dot(rowZ.xyz, position));
  const uint colour = colours[tag.x + look.x];
  const uint segmentation = tag.y;
#else
  const vec3 place = position;
  const vec3 corner = vec3(0.0);
  const uint colour = look.x;
  const uint segmentation = look.y;
#endif
  // Differences of near places first: far from the origin, f32 is coarse.
  precise vec3 away = ((place - view.eyeHigh.xyz) - view.eyeLow.xyz) + corner;
  precise float z = dot(view.forward.xyz, away);
  gl_Position = vec4(dot(view.right.xyz, away), dot(view.down.xyz, away), view.eyeHigh.w + view.eyeLow.w * z, z);
  seen = vec4(vec3((colour >> 16) & 255u, (colour >> 8) & 255u, colour & 255u) / 255.0, float(segmentation));
}
