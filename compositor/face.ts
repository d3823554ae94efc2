// Geometry of one face: its corners as places, its normal, and whether it can be drawn as one piece.

export type Vec3 = readonly [x: number, y: number, z: number]

function minus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

export function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

export function lengthOf(a: Vec3): number {
  return Math.sqrt(dot(a, a))
}

export function cornersOf(vertices: Float32Array, face: readonly number[]): Vec3[] {
  return face.map((corner) => [vertices[3 * corner], vertices[3 * corner + 1], vertices[3 * corner + 2]])
}

/** The normal of a face, twice as long as the face is large; seen from where it points to, the corners go counter-clockwise. */
export function areaVector(corners: readonly Vec3[]): Vec3 {
  const [first] = corners
  let sum: Vec3 = [0, 0, 0]
  for (let i = 1; i + 1 < corners.length; i++) {
    const part = cross(minus(corners[i], first), minus(corners[i + 1], first))
    sum = [sum[0] + part[0], sum[1] + part[1], sum[2] + part[2]]
  }
  return sum
}

/** Below this part of the square over its longest side, an area is what rounding to f32 left of none. */
const sliverPart = 1e-7

/** Whether a face has no area to speak of, and so no normal. */
export function isSliver(corners: readonly Vec3[]): boolean {
  let longest = 0
  corners.forEach((corner, i) => {
    const side = minus(corners[(i + 1) % corners.length], corner)
    longest = Math.max(longest, dot(side, side))
  })
  return !(lengthOf(areaVector(corners)) > sliverPart * longest)
}

/** How far from the plane a corner may be, as a part of the greatest coordinate: some hundred roundings of an f32. */
const flatPart = 1e-5

/** Whether all corners of a face that has a normal lie in one plane. */
export function isFlat(corners: readonly Vec3[]): boolean {
  if (corners.length === 3) return true
  const normal = areaVector(corners)
  const slack = flatPart * lengthOf(normal) * Math.max(...corners.flat().map(Math.abs))
  return corners.every((corner) => Math.abs(dot(normal, minus(corner, corners[0]))) <= slack)
}

/** Whether no corner of a face that has a normal turns inwards. */
export function isConvex(corners: readonly Vec3[]): boolean {
  const normal = areaVector(corners)
  const count = corners.length
  return corners.every((corner, i) => {
    const before = minus(corner, corners[(i + count - 1) % count])
    const after = minus(corners[(i + 1) % count], corner)
    return dot(normal, cross(before, after)) >= 0
  })
}
