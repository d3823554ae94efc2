/** The scene that drawing is measured on: boxes on rolling ground, and eyes between them. Plain data, for every renderer to take. */
import { heightAt, type Terrain } from '../../compositor/index.ts'
import { createRng, streamId, type Rng } from '../../runtime/index.ts'
import type { CameraPlace } from './camera-view.ts'

/** Boxes, one number or three an instance. */
export interface BoxFieldBoxes {
  readonly count: number
  /** Centres, in metres. */
  readonly at: Float32Array
  /** Edges, in metres. */
  readonly size: Float32Array
  /** Radians, counter-clockwise seen from above. */
  readonly yaw: Float32Array
  /** 0xRRGGBB, before light. */
  readonly colours: Uint32Array
  readonly segmentation: Uint16Array
}

/** A scene and the places of its cameras. */
export interface BoxField {
  readonly ground: Terrain
  readonly boxes: BoxFieldBoxes
  readonly light: { readonly towards: readonly [number, number, number]; readonly strength: number; readonly ambient: number }
  readonly cameras: readonly CameraPlace[]
}

const cells = 96
const tau = 6.283185307179586
const groundSegmentation = 1
/** Segmentation of the first box; the others follow. */
const firstBoxSegmentation = 2
const eyeHeight = 1.7
/** Metres between a camera and the edge of the field, at least: few views miss all of it. */
const margin = 16
const hills = [
  { spacing: 24, height: 6 },
  { spacing: 8, height: 2 },
] as const

/** Where all cameras of the field begin and end to see. */
export const boxFieldRange = { near: 0.1, far: 60 } as const

/** A field of 96 m x 96 m with 500 boxes, and as many cameras as are asked for, no two alike: a pure function of the seed. */
export function boxField(seed: number, cameraCount: number): BoxField {
  const draw = (name: string): Rng => createRng(seed, streamId('box-field', '', name))
  const ground = groundOf(draw('ground'))
  const boxes = boxesOn(ground, draw('boxes'))
  return { ground, boxes, light: { towards: [0.48, 0.36, 0.8], strength: 0.7, ambient: 0.3 }, cameras: camerasOf({ ground, boxes }, draw('cameras'), cameraCount) }
}

/** Focal length, in pixels, of the cameras of the field: 90 degrees from the top of a picture to its bottom. */
export function boxFieldFocal(height: number): number {
  return height / 2
}

function groundOf(rng: Rng): Terrain {
  const corners = cells + 1
  const heights = new Float32Array(corners * corners)
  for (const [octave, { spacing, height }] of hills.entries()) {
    const knot = (column: number, line: number): number => rng.at(octave, line * corners + column).unit()
    for (let line = 0; line < corners; line++) {
      for (let column = 0; column < corners; column++) heights[line * corners + column] += height * valueNoise(knot, column / spacing, line / spacing)
    }
  }
  const colours = new Uint8Array(3 * cells * cells)
  for (let cell = 0; cell < cells * cells; cell++) {
    const shade = rng.at(hills.length, cell).below(40)
    colours.set([70 + shade, 110 + shade, 50 + shade], 3 * cell)
  }
  return { columns: cells, lines: cells, cell: 1, heights, colours, segmentation: new Uint16Array(cells * cells).fill(groundSegmentation) }
}

/** Between 0 and 1: values of knots at whole numbers, smoothly joined. */
function valueNoise(knot: (column: number, line: number) => number, x: number, y: number): number {
  const [column, line] = [Math.floor(x), Math.floor(y)]
  const [along, across] = [smooth(x - column), smooth(y - line)]
  const mix = (row: number): number => knot(column, row) + along * (knot(column + 1, row) - knot(column, row))
  return mix(line) + across * (mix(line + 1) - mix(line))
}

function smooth(share: number): number {
  return share * share * (3 - 2 * share)
}

function boxesOn(ground: Terrain, rng: Rng): BoxFieldBoxes {
  const count = 500
  const boxes = {
    count,
    at: new Float32Array(3 * count),
    size: new Float32Array(3 * count),
    yaw: new Float32Array(count),
    colours: new Uint32Array(count),
    segmentation: Uint16Array.from({ length: count }, (_, box) => firstBoxSegmentation + box),
  }
  for (let box = 0; box < count; box++) {
    rng.at(0, box)
    const x = cells * rng.unit()
    const y = cells * rng.unit()
    for (let axis = 0; axis < 3; axis++) boxes.size[3 * box + axis] = 0.5 + 2.5 * rng.unit()
    boxes.at.set([x, y, heightAt(ground, false, x, y) + 0.4 * boxes.size[3 * box + 2]], 3 * box)
    boxes.yaw[box] = tau * rng.unit()
    boxes.colours[box] = rng.below(0x1_00_00_00)
  }
  return boxes
}

function camerasOf({ ground, boxes }: { readonly ground: Terrain; readonly boxes: BoxFieldBoxes }, rng: Rng, count: number): CameraPlace[] {
  const { size } = boxes
  const reach = Float64Array.from({ length: boxes.count }, (_, box) => (size[3 * box] * size[3 * box] + size[3 * box + 1] * size[3 * box + 1]) / 4)
  return Array.from({ length: count }, (_, camera) => {
    rng.at(0, camera)
    const [x, y] = placeOutside(boxes, reach, rng)
    const yaw = tau * rng.unit()
    const pitch = 0.3 * (rng.unit() - 0.5)
    return { eye: [x, y, heightAt(ground, false, x, y) + eyeHeight], yaw, pitch }
  })
}

/** A place on the ground that is in no box, given the squares of how far each reaches. */
function placeOutside({ count, at }: BoxFieldBoxes, reach: Float64Array, rng: Rng): [x: number, y: number] {
  const inner = cells - 2 * margin
  for (;;) {
    const x = margin + inner * rng.unit()
    const y = margin + inner * rng.unit()
    let isFree = true
    for (let box = 0; box < count && isFree; box++) {
      const [right, front] = [x - at[3 * box], y - at[3 * box + 1]]
      isFree = right * right + front * front > reach[box]
    }
    if (isFree) return [x, y]
  }
}
