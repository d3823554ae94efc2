/** Flat surfaces of many faces, and how often each pixel belongs to one of these. */
import { viewsOf } from '../../bench/models/camera-view.ts'
import { bodyWords, faceWords, meshWords, none, planeWords, tagWords } from '../../compositor/draw/layout.ts'
import type { DrawJob, DrawViews, Rng } from '../../runtime/index.ts'
import { plainJob } from './plain-job.ts'

/** Columns and lines in 1/256 pixel, from the upper left corner of the picture. */
export type Point = readonly [column: number, line: number]

/** Faces without gaps between them, counter-clockwise to the eye; the outline goes the same way around. */
export interface Sheet {
  readonly points: readonly Point[]
  readonly faces: readonly (readonly number[])[]
  readonly outline: readonly Point[]
}

export const sheetSize = 24
const pixel = 256
/** The sheet is as far away as the focal length is long, so that a metre is a pixel. */
const distance = 8

/** Twice the area of a triangle, exact: positive when it is counter-clockwise to the eye, whose lines go down. */
function turnOf(a: Point, b: Point, c: Point): number {
  return (b[1] - a[1]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[1] - a[1])
}

/** Half of them on the edges and centres of pixels. */
function anywhere(rng: Rng, low: number, high: number): number {
  const at = low + rng.below(high - low + 1)
  return rng.below(2) === 0 ? at : Math.round(at / (pixel / 2)) * (pixel / 2)
}

/** Triangles around a point, to corners near and far, many of them hair-thin. */
export function fan(rng: Rng): Sheet {
  const edge = pixel * sheetSize
  for (;;) {
    const centre: Point = [anywhere(rng, pixel, edge - pixel), anywhere(rng, pixel, edge - pixel)]
    const ring = Array.from({ length: 4 + rng.below(10) }, (): Point => {
      const reach = rng.below(4) === 0 ? 4 : rng.below(4) === 0 ? 4 * edge : edge
      return [anywhere(rng, centre[0] - reach, centre[0] + reach), anywhere(rng, centre[1] - reach, centre[1] + reach)]
    })
    ring.sort((a, b) => Math.atan2(centre[1] - a[1], a[0] - centre[0]) - Math.atan2(centre[1] - b[1], b[0] - centre[0]))
    const faces = ring.map((_, i) => [0, 1 + i, 1 + ((i + 1) % ring.length)])
    const points = [centre, ...ring]
    if (faces.every(([a, b, c]) => turnOf(points[a], points[b], points[c]) > 0)) return { points, faces, outline: ring }
  }
}

/** Some hundredths of a pixel to some pixels between each and the next. */
function ticks(rng: Rng): number[] {
  const at = [anywhere(rng, -2 * pixel, 2 * pixel)]
  while (at.length < 6) at.push(at[at.length - 1] + (rng.below(3) === 0 ? 4 + rng.below(40) : 4 + rng.below(7 * pixel)))
  return at
}

/** Less than a quarter of the way to the next ticks, either way: so quads stay convex. */
function jitter(rng: Rng, at: readonly number[], i: number): number {
  if (i === 0 || i === at.length - 1) return at[i]
  const room = Math.ceil(Math.min(at[i] - at[i - 1], at[i + 1] - at[i]) / 4) - 1
  return at[i] - room + rng.below(2 * room + 1)
}

/** Quads and pairs of triangles between crooked lines; straight ones around them. */
export function grid(rng: Rng): Sheet {
  const [columns, lines] = [ticks(rng), ticks(rng)]
  const count = columns.length
  const points = lines.flatMap((_, line) => columns.map((_column, column): Point => [jitter(rng, columns, column), jitter(rng, lines, line)]))
  const faces: number[][] = []
  for (let line = 0; line + 1 < count; line++) {
    for (let column = 0; column + 1 < count; column++) {
      const [a, b] = [line * count + column, line * count + column + 1]
      const [c, d] = [b + count, a + count]
      faces.push(...[[[a, d, c, b]], [[a, d, c], [a, c, b]], [[a, d, b], [d, c, b]]][rng.below(3)])
    }
  }
  const [left, right, top, bottom] = [columns[0], columns[count - 1], lines[0], lines[count - 1]]
  return { points, faces, outline: [[left, top], [left, bottom], [right, bottom], [right, top]] }
}

/** How a sheet is laid before the eye: the columns of a rotation, and where its middle is. Undefined: across the line of sight, point by point in the picture. */
export interface Pose {
  readonly axes: readonly number[]
  readonly at: readonly number[]
}

const across: Pose = { axes: [1, 0, 0, 0, 1, 0, 0, 0, 1], at: [distance, 0, 0] }

/** A job of one instance; it can be every face alone, as mesh 0, 1, ..., and the sheet as a whole, as the last mesh. */
function sheetJob({ points, faces }: Sheet, { axes, at }: Pose = across): DrawJob {
  const count = faces.length
  const meshes = new Uint32Array(meshWords * (count + 1))
  for (let mesh = 0; mesh <= count; mesh++) meshes.set([0, points.length, mesh < count ? mesh : 0, mesh < count ? 1 : count, 0, none, 0, 0], meshWords * mesh)
  const vertices = Float32Array.from(points.flatMap(([column, line]) => [0, sheetSize / 2 - column / pixel, sheetSize / 2 - line / pixel]))
  const corners = Uint32Array.from(faces.flatMap((face) => [...[...face, none].slice(0, 4), 0xffffff]))
  const planes = Float32Array.from(faces.flatMap(() => [-1, 0, 0, 0]))
  const light = [0, 0, 0]
  const arrays = {
    meshes,
    vertices,
    faces: corners,
    planes,
    bounds: Float32Array.of(...at, 1e4),
    bodies: Float32Array.of(...at, ...axes, ...axes, ...light),
    tags: Uint32Array.of(0, 0, 1),
    views: viewsOf([{ eye: [0, 0, 0], yaw: 0, pitch: 0 }], { focal: distance, near: 0.5, far: 1000 }),
  }
  if (arrays.bodies.length !== bodyWords || arrays.tags.length !== tagWords || corners.length !== faceWords * count || planes.length !== planeWords * count) throw new RangeError('the layout of a job has changed')
  return plainJob({ width: sheetSize, height: sheetSize, instances: 1, capacity: 1, meshes: count + 1 }, arrays, ['segmentation'])
}

/** Faces that each pixel belongs to, drawn one by one; and what it shows when they are drawn at once. */
export function coverage(draw: DrawViews, sheet: Sheet, pose?: Pose): { readonly alone: Uint16Array; readonly together: Uint16Array } {
  const job = sheetJob(sheet, pose)
  const alone = new Uint16Array(job.segmentation.length)
  for (let mesh = 0; mesh <= sheet.faces.length; mesh++) {
    job.tags[0] = mesh
    draw(job, 1)
    if (mesh < sheet.faces.length) job.segmentation.forEach((seen, at) => (alone[at] += seen))
  }
  return { alone, together: job.segmentation }
}

/** Whether a point that is in line with two others lies between them. */
function isBetween([column, line]: Point, a: Point, b: Point): boolean {
  return Math.min(a[0], b[0]) <= column && column <= Math.max(a[0], b[0]) && Math.min(a[1], b[1]) <= line && line <= Math.max(a[1], b[1])
}

/** Where the centre of a pixel is: 1 inside of an outline, 0 outside, undefined on it. Exact. */
export function insideOf(outline: readonly Point[], column: number, line: number): 0 | 1 | undefined {
  const at: Point = [pixel * column + pixel / 2, pixel * line + pixel / 2]
  let crossings = 0
  for (const [i, from] of outline.entries()) {
    const to = outline[(i + 1) % outline.length]
    const turn = turnOf(from, to, at)
    if (turn === 0 && isBetween(at, from, to)) return undefined
    const goesDown = from[1] <= at[1] && to[1] > at[1]
    const goesUp = to[1] <= at[1] && from[1] > at[1]
    // Crossed by the ray from the centre to the left or right, always the same.
    if ((goesDown && turn > 0) || (goesUp && turn < 0)) crossings++
  }
  return crossings % 2 === 0 ? 0 : 1
}
