// The shapes that every world has. All fit the cube of edge 1 around the origin; whoever uses one scales it.

import { math } from '../runtime/index.ts'
import { meshInvalid, type Mesh } from './mesh.ts'

const sidesDefault = 24
const sidesMax = 128
/** Fewer sides than this look like what they are, however small. */
const sidesCoarsest = 6

type Faces = readonly (readonly number[])[]

function shape(name: string, places: readonly (readonly number[])[], faces: Faces): Mesh {
  return Object.freeze({ name, vertices: Float32Array.from(places.flat()), faces })
}

/** A shape and its coarser ones, each of half the sides; a polygon of n sides misses its circle by half a pixel where that is n * n / 5 pixels wide. */
function leveled(sides: number, build: (sides: number) => Mesh): Mesh {
  if (!(Number.isInteger(sides) && sides >= 3 && sides <= sidesMax)) throw meshInvalid('mesh', `a round shape can't have ${sides} sides`, `give an integer from 3 to ${sidesMax}`)
  const mesh = build(sides)
  const half = Math.floor(sides / 2)
  if (half < sidesCoarsest) return mesh
  return Object.freeze({ ...mesh, coarser: Object.freeze({ mesh: leveled(half, build), below: Math.floor((half * half) / 5) }) })
}

/** What is this small beside 1 is a rounded zero. */
const nothing = 1e-15

function snapped(value: number): number {
  return Math.abs(value) < nothing ? 0 : value
}

/** Corners of a regular polygon, counter-clockwise from above. */
function circle(sides: number, radius: number, z: number): number[][] {
  return Array.from({ length: sides }, (_, side) => {
    const angle = (2 * Math.PI * side) / sides
    return [radius * snapped(math.cos(angle)), radius * snapped(math.sin(angle)), z]
  })
}

function ring(first: number, sides: number): number[] {
  return Array.from({ length: sides }, (_, side) => first + side)
}

/** A convex polygon cut across into faces of four corners, and one of three where the count is odd. */
function slices(corners: readonly number[]): number[][] {
  const faces: number[][] = []
  for (let low = 0, high = corners.length - 1; low + 1 < high; low++, high--) {
    const middle = low + 1 === high - 1 ? [corners[low + 1]] : [corners[low + 1], corners[high - 1]]
    faces.push([corners[low], ...middle, corners[high]])
  }
  return faces
}

/** Faces between a lower and an upper ring. */
function band(lower: number, upper: number, sides: number): number[][] {
  return ring(0, sides).map((side) => {
    const next = (side + 1) % sides
    return [lower + side, lower + next, upper + next, upper + side]
  })
}

/** Faces between a ring and a point above or below it. */
function fan(from: number, tip: number, sides: number): number[][] {
  return ring(0, sides).map((side) => [from + side, from + ((side + 1) % sides), tip])
}

function turned(faces: Faces): number[][] {
  return faces.map((face) => [...face].reverse())
}

const cubeSides: Faces = [
  [3, 2, 1, 0],
  [4, 5, 6, 7],
  [0, 1, 5, 4],
  [1, 2, 6, 5],
  [2, 3, 7, 6],
  [3, 0, 4, 7],
]

/** The cube of edge 1 around the origin. */
export function box(): Mesh {
  const floor = [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]
  return shape('box', [...floor.map((at) => [...at, -0.5]), ...floor.map((at) => [...at, 0.5])], cubeSides)
}

/** Half a cube: its top rises from the floor at x = -0.5 to z = 0.5 at x = 0.5. */
export function ramp(): Mesh {
  const places = [[-0.5, -0.5, -0.5], [0.5, -0.5, -0.5], [0.5, 0.5, -0.5], [-0.5, 0.5, -0.5], [0.5, -0.5, 0.5], [0.5, 0.5, 0.5]]
  return shape('ramp', places, [[3, 2, 1, 0], [0, 4, 5, 3], [1, 2, 5, 4], [0, 1, 4], [2, 3, 5]])
}

/** A square of edge 1 upright in the plane of x and z, seen from -y; seen from +y as well when it is two-sided. */
export function quad(twoSided = false): Mesh {
  const front = [[0, 1, 2, 3]]
  return shape('quad', [[-0.5, 0, -0.5], [0.5, 0, -0.5], [0.5, 0, 0.5], [-0.5, 0, 0.5]], twoSided ? [...front, ...turned(front)] : front)
}

/** A disc of diameter 1 in the plane of x and y, seen from above; seen from below as well when it is two-sided. */
export function disc(twoSided = false, sides = sidesDefault): Mesh {
  return leveled(sides, (count) => {
    const front = slices(ring(0, count))
    return shape('disc', circle(count, 0.5, 0), twoSided ? [...front, ...turned(front)] : front)
  })
}

/** An upright cylinder of diameter 1 and height 1. */
export function cylinder(sides = sidesDefault): Mesh {
  return leveled(sides, (count) => {
    const places = [...circle(count, 0.5, -0.5), ...circle(count, 0.5, 0.5)]
    return shape('cylinder', places, [...turned(slices(ring(0, count))), ...slices(ring(count, count)), ...band(0, count, count)])
  })
}

/** An upright cone of diameter 1 and height 1, its tip at z = 0.5. */
export function cone(sides = sidesDefault): Mesh {
  return leveled(sides, (count) => shape('cone', [...circle(count, 0.5, -0.5), [0, 0, 0.5]], [...turned(slices(ring(0, count))), ...fan(0, count, count)]))
}

/** A sphere of diameter 1: so many sides around, half as many from pole to pole. */
export function sphere(sides = sidesDefault): Mesh {
  return leveled(sides, (count) => {
    const bands = Math.max(2, Math.floor(count / 2))
    const places: number[][] = []
    const faces: number[][] = []
    for (let level = 1; level < bands; level++) {
      const angle = (Math.PI * level) / bands
      if (level > 1) faces.push(...band(places.length - count, places.length, count))
      places.push(...circle(count, 0.5 * math.sin(angle), -0.5 * snapped(math.cos(angle))))
    }
    const top = places.length
    faces.push(...turned(fan(0, top + 1, count)), ...fan(top - count, top, count))
    return shape('sphere', [...places, [0, 0, 0.5], [0, 0, -0.5]], faces)
  })
}
