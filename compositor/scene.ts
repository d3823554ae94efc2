import { MetabonkError, type KindType, type Others, type ReadColumn } from '../runtime/index.ts'

/** Red, green and blue, each an integer from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number]

/** Colour of one agent from its published columns: red x 65536 + green x 256 + blue. A pure function of its arguments. */
export type ColourOf<C = Readonly<Record<string, ReadColumn>>> = (columns: C, row: number) => number

/**
 * A height field under the world, from the origin of its space: texel (column, line) is at `line * columns + column` of each array.
 * It covers the space to within half a texel. Made from seed and configuration alone, so that every thread makes the same.
 */
export interface Ground {
  readonly columns: number
  readonly lines: number
  /** Edge of a texel, in units of the space. */
  readonly cell: number
  /** Metres above height 0, one a texel. */
  readonly heights: Float32Array
  /** Red, green, blue of each texel. */
  readonly colours: Uint8Array
  /** What each texel is, as a world numbers its things; 0 is nothing. */
  readonly segmentation: Uint16Array
}

/** How the agents of a kind look from above: an upright cylinder on the ground at their published `at`. */
export interface Sprite {
  readonly kind: KindType
  /** Radius in units of the space. Drawn no smaller than a pixel, so that nothing disappears. */
  readonly radius: number
  /** Metres from the ground to its top, which is what a camera sees. */
  readonly height: number
  readonly colour: Rgb | ColourOf
  /** From 0 to 65535. */
  readonly segmentation: number
}

/** A camera above every agent of a kind, looking straight down. */
export interface Camera {
  readonly kind: KindType
  /** Pixels along either edge of its square picture: 16 to 64. */
  readonly size: number
  /** Half the edge of the view, in units of the space. */
  readonly radius: number
  /** Metres of the camera above height 0: above all there is to see. */
  readonly altitude: number
}

/** What there is to see, and who sees it. */
export interface Scene {
  readonly ground?: Ground
  readonly sprites: readonly Sprite[]
  /** At most one for each kind. */
  readonly cameras: readonly Camera[]
}

/** A sprite whose colour looks up columns of its kind: a misspelt column does not compile. */
export function sprite<K extends KindType>(
  kind: K,
  look: Omit<Sprite, 'kind' | 'colour'> & { readonly colour: Rgb | ColourOf<Others<K>['columns']> },
): Sprite {
  return Object.freeze({ ...look, kind, colour: look.colour as Sprite['colour'] })
}

const sizeMin = 16
const sizeMax = 64
const segmentationMax = 65535

function invalid(what: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'world-invalid', what, where: 'scene', todo })
}

function isWhole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high
}

function isLength(value: number): boolean {
  return value > 0 && Number.isFinite(value)
}

/** The greatest height of the ground. */
function groundTop({ columns, lines, cell, heights, colours, segmentation }: Ground): number {
  if (!isWhole(columns, 1, Infinity) || !isWhole(lines, 1, Infinity) || !isLength(cell)) {
    throw invalid(`the ground can't have ${columns} x ${lines} texels of ${cell}`, 'give it at least one texel of a positive size')
  }
  const texels = columns * lines
  if (heights.length !== texels || colours.length !== 3 * texels || segmentation.length !== texels) {
    throw invalid(
      `the ground has ${columns} x ${lines} texels, and ${heights.length} heights, ${colours.length} colour bytes and ${segmentation.length} segmentations`,
      'give every texel one height, three colour bytes and one segmentation',
    )
  }
  let top = -Infinity
  for (let texel = 0; texel < texels; texel++) {
    if (!Number.isFinite(heights[texel])) throw invalid(`the height of the ground's texel ${texel} is ${heights[texel]}`, 'give every texel a finite height')
    top = Math.max(top, heights[texel])
  }
  return top
}

function checkPosition(kind: KindType, what: string, published: boolean): void {
  const column = kind.plan.find(({ name }) => name === 'at')
  if (column?.type.dtype === 'f32' && column.type.width === 2 && (column.published || !published)) return
  throw invalid(`${what} of ${kind.name} has no position`, `${published ? 'publish' : 'declare'} a column at: vec(f32, 2)`)
}

function checkSprite({ kind, radius, height, colour, segmentation }: Sprite): void {
  checkPosition(kind, 'the sprite', true)
  if (!isLength(radius) || !Number.isFinite(height)) {
    throw invalid(`the sprite of ${kind.name} can't have radius ${radius} and height ${height}`, 'give a positive radius and a finite height')
  }
  if (!isWhole(segmentation, 0, segmentationMax)) throw invalid(`the sprite of ${kind.name} can't have segmentation ${segmentation}`, `give an integer from 0 to ${segmentationMax}`)
  if (typeof colour !== 'function' && !colour.every((value) => isWhole(value, 0, 255))) {
    throw invalid(`the sprite of ${kind.name} can't have the colour [${colour.join(', ')}]`, 'give three integers from 0 to 255')
  }
}

function checkCamera({ kind, size, radius, altitude }: Camera, top: number): void {
  checkPosition(kind, 'the camera', false)
  if (!isWhole(size, sizeMin, sizeMax)) throw invalid(`the camera of ${kind.name} can't have ${size} pixels an edge`, `give an integer from ${sizeMin} to ${sizeMax}`)
  if (!isLength(radius)) throw invalid(`the camera of ${kind.name} can't see as far as ${radius}`, 'give a positive radius')
  if (!(altitude > top && Number.isFinite(altitude))) {
    throw invalid(`the camera of ${kind.name} is at ${altitude} metres, and there are things as high as ${top}`, 'raise the camera')
  }
}

/** Checks everything about a scene that does not depend on the space. Throws `world-invalid`. */
export function checkScene(scene: Scene): void {
  const ground = scene.ground === undefined ? 0 : groundTop(scene.ground)
  let top = Math.max(ground, 0)
  for (const each of scene.sprites) {
    checkSprite(each)
    top = Math.max(top, Math.max(ground, 0) + each.height)
  }
  const names = scene.cameras.map(({ kind }) => kind.name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw invalid(`there are two cameras of ${twice}`, 'keep one for each kind')
  for (const camera of scene.cameras) checkCamera(camera, top)
}
