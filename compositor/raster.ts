/**
 * Draws one view after the other: the ground by looking up a texel for each pixel, then discs against the depth of what is there. Depth
 * decides, and where it is equal the lower rank; so the order of drawing shows nowhere. Numbers are computed in f64 and rounded when stored.
 */
import { MetabonkError, type ReadColumn, type WorldSpace } from '../runtime/index.ts'
import { Axis } from './axis.ts'
import type { Frames } from './frames.ts'
import type { Camera, Ground, Sprite } from './scene.ts'

/** An upright cylinder's top, relative to the camera. */
export interface Disc {
  x: number
  y: number
  radius: number
  depth: number
  /** Lower wins where depths are equal. A rank seen twice in a view looks the same. */
  rank: number
  red: number
  green: number
  blue: number
  segmentation: number
}

/** No disc ranks behind the ground. */
const groundRank = 0xffffffff

const nowhere: Ground = { columns: 0, lines: 0, cell: 1, heights: new Float32Array(0), colours: new Uint8Array(0), segmentation: new Uint16Array(0) }

/** What a raster draws: the frames of a camera over a ground in a space. */
export interface RasterParts {
  readonly camera: Camera
  readonly ground: Ground | undefined
  readonly space: WorldSpace
  readonly frames: Frames
}

export class Raster {
  readonly axisX: Axis
  readonly axisY: Axis
  /** Edge of a pixel, in units of the space. */
  readonly pitch: number
  private readonly camera: Camera
  private readonly ground: Ground
  private readonly frames: Frames
  /** From the camera to the centre of each pixel along an edge. */
  private readonly centres: Float64Array
  private readonly ranks: Uint32Array
  private readonly texelColumns: Int32Array
  private readonly texelLines: Int32Array
  /** Index of the first pixel of the frame being drawn. */
  private first = 0

  /** Throws `world-invalid` when the ground does not cover the space. */
  constructor({ camera, ground, space, frames }: RasterParts) {
    const { size, radius } = camera
    this.camera = camera
    this.ground = ground ?? nowhere
    if (ground !== undefined) checkCover(ground, space)
    this.frames = frames
    const { wraps } = space
    this.axisX = new Axis({ size: space.width, wraps }, this.ground.cell, this.ground.columns)
    this.axisY = new Axis({ size: space.height, wraps }, this.ground.cell, this.ground.lines)
    this.pitch = (2 * radius) / size
    this.centres = Float64Array.from({ length: size }, (_, i) => (i + 0.5) * this.pitch - radius)
    this.ranks = new Uint32Array(size * size)
    this.texelColumns = new Int32Array(size)
    this.texelLines = new Int32Array(size)
  }

  /** Whether (x, y) is a place in the space. */
  holds(x: number, y: number): boolean {
    return this.axisX.holds(x) && this.axisY.holds(y)
  }

  /** Begins the frame whose first pixel is `first`, seen from (x, y). */
  drawGround(first: number, x: number, y: number): void {
    const { centres, texelColumns, texelLines } = this
    this.first = first
    this.ranks.fill(groundRank)
    this.axisX.texelsAround(x, centres, texelColumns)
    this.axisY.texelsAround(y, centres, texelLines)
    let pixel = first
    for (let line = 0; line < centres.length; line++) {
      for (let column = 0; column < centres.length; column++) this.drawTexel(pixel++, texelColumns[column], texelLines[line])
    }
  }

  private drawTexel(pixel: number, column: number, line: number): void {
    const { ground, frames } = this
    if (column < 0 || line < 0) {
      this.clear(pixel)
      return
    }
    const texel = line * ground.columns + column
    frames.rgb[3 * pixel] = ground.colours[3 * texel]
    frames.rgb[3 * pixel + 1] = ground.colours[3 * texel + 1]
    frames.rgb[3 * pixel + 2] = ground.colours[3 * texel + 2]
    frames.depth[pixel] = this.camera.altitude - ground.heights[texel]
    frames.segmentation[pixel] = ground.segmentation[texel]
  }

  private clear(pixel: number): void {
    const { frames } = this
    frames.rgb[3 * pixel] = 0
    frames.rgb[3 * pixel + 1] = 0
    frames.rgb[3 * pixel + 2] = 0
    frames.depth[pixel] = Infinity
    frames.segmentation[pixel] = 0
  }

  /**
   * Sets the depth of a disc, as frames store it, to that of the top of a sprite that stands at row `row` of `at`; at height 0 where there
   * is no ground. Takes no numbers that V8 would have to box for the call.
   */
  raise(disc: Disc, at: ReadColumn, row: number, { height }: Sprite): void {
    const { ground, axisX, axisY, camera } = this
    const column = axisX.texelAt(at[2 * row])
    const line = axisY.texelAt(at[2 * row + 1])
    if (column < 0 || line < 0) disc.depth = Math.fround(camera.altitude - height)
    else disc.depth = Math.fround(camera.altitude - (ground.heights[line * ground.columns + column] + height))
  }

  /** Draws a disc where it is nearer than what is there, or as near and of no higher rank. */
  drawDisc(disc: Disc): void {
    const { centres } = this
    const radiusSquared = disc.radius * disc.radius
    const endColumn = this.lastNear(disc.x + disc.radius) + 1
    const endLine = this.lastNear(disc.y + disc.radius) + 1
    const firstColumn = this.firstNear(disc.x - disc.radius)
    for (let line = this.firstNear(disc.y - disc.radius); line < endLine; line++) {
      const awayY = centres[line] - disc.y
      for (let column = firstColumn; column < endColumn; column++) {
        const awayX = centres[column] - disc.x
        if (awayX * awayX + awayY * awayY <= radiusSquared) this.drawPixel(line * centres.length + column, disc)
      }
    }
  }

  private drawPixel(index: number, disc: Disc): void {
    const { frames, ranks } = this
    const pixel = this.first + index
    if (disc.depth > frames.depth[pixel] || (disc.depth === frames.depth[pixel] && disc.rank > ranks[index])) return
    ranks[index] = disc.rank
    frames.depth[pixel] = disc.depth
    frames.rgb[3 * pixel] = disc.red
    frames.rgb[3 * pixel + 1] = disc.green
    frames.rgb[3 * pixel + 2] = disc.blue
    frames.segmentation[pixel] = disc.segmentation
  }

  /** A pixel along an edge at or before the first whose centre is not below `at`. Up to one too early: the exact distance decides. */
  private firstNear(at: number): number {
    return Math.max(Math.floor((at + this.camera.radius) / this.pitch - 0.5), 0)
  }

  /** A pixel along an edge at or after the last whose centre is not above `at`. */
  private lastNear(at: number): number {
    return Math.min(Math.ceil((at + this.camera.radius) / this.pitch - 0.5), this.centres.length - 1)
  }
}

function checkCover({ columns, lines, cell }: Ground, { width, height }: WorldSpace): void {
  if (Math.round(width / cell) === columns && Math.round(height / cell) === lines) return
  throw new MetabonkError({
    code: 'world-invalid',
    what: `a ground of ${columns} x ${lines} texels of ${cell} does not fit a space of ${width} x ${height}`,
    where: 'scene',
    todo: 'make columns x cell its width and lines x cell its height',
  })
}
