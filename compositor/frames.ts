/**
 * Where frames lie, and the hand-shake that makes them trustworthy. Four regions for each kind with a camera:
 *
 *   frames.KIND.rgb           u8   [rowsMax, size, size, 3]
 *   frames.KIND.depth         f32  [rowsMax, size, size]      metres from the camera's height; Infinity where nothing is seen
 *   frames.KIND.segmentation  u16  [rowsMax, size, size]      0 where nothing is seen
 *   frames.KIND.stamp         f64  [rowsMax]                  step of the row's frame + 1; 0 while there is none, whole and finished
 *
 * The renderer takes the stamp off, writes the pixels, and stamps; a reader checks the stamp first. Stages of a step are ordered, so that
 * is all they need; whoever reads beside the lock-step copies the frame and checks once more.
 */
import { findRegion, MetabonkError, regionArray, type KindType, type RegionPlan, type Slab } from '../runtime/index.ts'
import { checkScene, type Camera, type Scene } from './scene.ts'

function nameOf(kind: KindType, part: 'rgb' | 'depth' | 'segmentation' | 'stamp'): string {
  return `frames.${kind.name}.${part}`
}

/** The shared regions a scene's cameras need. Throws `world-invalid` for a scene that can't be drawn. */
export function frameRegions(scene: Scene): RegionPlan[] {
  checkScene(scene)
  return scene.cameras.flatMap(({ kind, size }): RegionPlan[] => [
    { name: nameOf(kind, 'rgb'), kind: 'tensor', dtype: 'u8', shape: [kind.rowsMax, size, size, 3] },
    { name: nameOf(kind, 'depth'), kind: 'tensor', dtype: 'f32', shape: [kind.rowsMax, size, size] },
    { name: nameOf(kind, 'segmentation'), kind: 'tensor', dtype: 'u16', shape: [kind.rowsMax, size, size] },
    { name: nameOf(kind, 'stamp'), kind: 'counters', dtype: 'f64', shape: [kind.rowsMax] },
  ])
}

/** Whether a world with these regions has a camera for a kind. */
export function hasFrames(regions: readonly RegionPlan[], kind: KindType): boolean {
  return regions.some(({ name }) => name === nameOf(kind, 'rgb'))
}

/** All frames of a kind, over the slab they lie in: views, never copies. */
export class Frames {
  readonly kind: KindType
  /** Pixels along either edge. */
  readonly size: number
  readonly rgb: Uint8Array
  readonly depth: Float32Array
  readonly segmentation: Uint16Array
  private readonly stamps: Float64Array

  /** Throws `schema` when the slab has no frames of that kind. */
  constructor(slab: Slab, kind: KindType) {
    this.kind = kind
    this.size = findRegion(slab, nameOf(kind, 'depth')).shape[1]
    this.rgb = regionArray(slab, nameOf(kind, 'rgb'), 'u8')
    this.depth = regionArray(slab, nameOf(kind, 'depth'), 'f32')
    this.segmentation = regionArray(slab, nameOf(kind, 'segmentation'), 'u16')
    this.stamps = regionArray(slab, nameOf(kind, 'stamp'), 'f64')
  }

  /**
   * Index of the first pixel of a row's frame of exactly that step: its rgb starts at three times that.
   *
   * @throws MetabonkError `usage` when the frame is of another step, half-written, or was never drawn.
   */
  pixelsOf(row: number, step: number): number {
    if (this.stamps[row] !== step + 1) throw this.notThere(row, step)
    return row * this.size * this.size
  }

  /** Opens a row's frame for writing: from now on there is none. Returns the index of its first pixel. */
  open(row: number): number {
    this.stamps[row] = 0
    return row * this.size * this.size
  }

  /** Hands the frame of a row over: all its pixels show the state of that step. */
  stamp(row: number, step: number): void {
    this.stamps[row] = step + 1
  }

  private notThere(row: number, step: number): MetabonkError {
    const { kind, stamps } = this
    const there = row in stamps && stamps[row] > 0 ? `it is of step ${stamps[row] - 1}` : 'there is none'
    return new MetabonkError({
      code: 'usage',
      what: `the frame of ${kind.name} ${row} is not of step ${step}: ${there}`,
      where: nameOf(kind, 'stamp'),
      todo: 'ask for the frame of a live row, at the step whose state was last completed',
    })
  }
}

/** One finished picture: views on the slab, valid until the row's next frame is begun. */
export interface Frame {
  /** Pixels along either edge; pixel (column, line) is at `line * size + column`, with x growing by column and y by line. */
  readonly size: number
  /** Red, green, blue of each pixel. */
  readonly rgb: Uint8Array
  /** Metres from the height of the camera to what is seen; Infinity where there is nothing. */
  readonly depth: Float32Array
  /** What is seen, as the scene numbers it; 0 where there is nothing. */
  readonly segmentation: Uint16Array
}

/**
 * The frame of a row, of exactly that step.
 *
 * @throws MetabonkError `usage` when the frame is of another step, half-written, or was never drawn; `schema` when the kind has no camera.
 */
export function frameOf(slab: Slab, kind: KindType, row: number, step: number): Frame {
  const frames = new Frames(slab, kind)
  const { size } = frames
  const from = frames.pixelsOf(row, step)
  const to = from + size * size
  return { size, rgb: frames.rgb.subarray(3 * from, 3 * to), depth: frames.depth.subarray(from, to), segmentation: frames.segmentation.subarray(from, to) }
}

/** A camera's pictures for a policy that acts from pixels: how many pixels an edge, and how a thread opens them. */
export function cameraPixels({ kind, size }: Camera): { readonly size: number; readonly open: (slab: Slab) => Frames } {
  return { size, open: (slab) => new Frames(slab, kind) }
}
