// Cuts polygons into triangles by clipping ears: corners that turn outwards with no other corner in the triangle they are the tip of.

import { areaVector, type Vec3 } from './face.ts'

type Point = readonly [u: number, v: number]

/** The corners as seen along the axis they are widest from, counter-clockwise. */
function flattened(corners: readonly Vec3[]): Point[] {
  const [x, y, z] = areaVector(corners)
  const [ax, ay, az] = [Math.abs(x), Math.abs(y), Math.abs(z)]
  if (az >= ax && az >= ay) return corners.map((at) => (z > 0 ? [at[0], at[1]] : [at[1], at[0]]))
  if (ay >= ax) return corners.map((at) => (y > 0 ? [at[2], at[0]] : [at[0], at[2]]))
  return corners.map((at) => (x > 0 ? [at[1], at[2]] : [at[2], at[1]]))
}

/** Twice the area of a triangle, negative when it goes clockwise. */
function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

function isSame(a: Point, b: Point): boolean {
  return a[0] === b[0] && a[1] === b[1]
}

/** What is before a place in a ring, what is there and what is after it. */
function aroundOf(ring: readonly number[], at: number): number[] {
  return [ring[(at + ring.length - 1) % ring.length], ring[at], ring[(at + 1) % ring.length]]
}

function isEar(points: readonly Point[], left: readonly number[], at: number): boolean {
  const [a, b, c] = aroundOf(left, at).map((corner) => points[corner])
  if (!(turn(a, b, c) > 0)) return false
  return !left.some((corner) => {
    const p = points[corner]
    if (isSame(p, a) || isSame(p, b) || isSame(p, c)) return false
    return turn(a, b, p) >= 0 && turn(b, c, p) >= 0 && turn(c, a, p) >= 0
  })
}

/** Triangles that make up a polygon, as places in its corners, or undefined for one that crosses itself. */
export function triangulate(corners: readonly Vec3[]): number[][] | undefined {
  const points = flattened(corners)
  const left = corners.map((_, i) => i)
  const triangles: number[][] = []
  while (left.length > 3) {
    const at = left.findIndex((_, i) => isEar(points, left, i))
    if (at < 0) return undefined
    triangles.push(aroundOf(left, at))
    left.splice(at, 1)
  }
  const [a, b, c] = left.map((corner) => points[corner])
  return turn(a, b, c) < 0 ? undefined : [...triangles, left]
}
