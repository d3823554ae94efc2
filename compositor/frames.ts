/**
 * Where frames lie, and what makes them trustworthy. For each kind with a camera a ring of `slots` frames a row; the frame of a step is in slot
 * step % slots. Regions of the channels asked for, and two more:
 *
 *   frames.KIND.rgb           u8   [slots, rowsMax, height, width, 3]
 *   frames.KIND.grey          u8   [slots, rowsMax, height, width]      Rec. 601 luma
 *   frames.KIND.depth         f32  [slots, rowsMax, height, width]      metres along the line of sight's middle; Infinity where nothing is seen
 *   frames.KIND.depthMillis   u16  [slots, rowsMax, height, width]      the same in millimetres, at most 65535; 0 where nothing is seen
 *   frames.KIND.segmentation  u16  [slots, rowsMax, height, width]      0 where nothing is seen
 *   frames.KIND.stamp         f64  [slots, rowsMax]                     step of the frame + 1; 0 while there is none, whole and finished
 *   frames.KIND.life          f64  [slots, rowsMax, 3]                  generation of the row, step of its episode's first frame, 1 where the episode ends here
 *
 * The renderer takes the stamp off, writes the pixels, and stamps. Stages of a step are ordered, so a reader among them checks the stamp and
 * reads; whoever reads beside the lock-step copies the frame and checks once more.
 */
import { findRegion, MetabonkError, regionArray, type KindType, type RegionPlan, type Slab, type SlabMemory } from '../runtime/index.ts'
import type { Canvases } from './draw-job.ts'
import { channels, defaultChannels, defaultSlots, type Camera, type Channel } from './scene.ts'

const elementOf = { rgb: 'u8', grey: 'u8', depth: 'f32', depthMillis: 'u16', segmentation: 'u16' } as const
const lifeWords = 3
/** Drawing a frame takes less than so many looks at its stamp. */
const newestTriesMax = 100_000

function nameOf(kind: Named, part: Channel | 'stamp' | 'life'): string {
  return `frames.${kind.name}.${part}`
}

type Named = Pick<KindType, 'name'>

/** The shared regions that a camera's frames need: none where nothing is drawn in a step. */
export function cameraRegions({ kind, width, height, channels: asked = defaultChannels, slots = defaultSlots }: Camera): RegionPlan[] {
  const rows = [slots, kind.rowsMax]
  if (asked.length === 0) return []
  return [
    ...channels
      .filter((channel) => asked.includes(channel))
      .map((channel): RegionPlan => ({ name: nameOf(kind, channel), kind: 'tensor', dtype: elementOf[channel], shape: [...rows, height, width, ...(channel === 'rgb' ? [3] : [])] })),
    { name: nameOf(kind, 'stamp'), kind: 'counters', dtype: 'f64', shape: rows },
    { name: nameOf(kind, 'life'), kind: 'counters', dtype: 'f64', shape: [...rows, lifeWords] },
  ]
}

/** Whether a world with these regions has a camera for a kind that draws something in every step, or one channel of all. */
export function hasFrames(regions: readonly RegionPlan[], kind: Named, channel?: Channel): boolean {
  return regions.some(({ name }) => name === nameOf(kind, channel ?? 'stamp'))
}

/** One finished picture: views on the slab, valid until the ring comes round to it. An empty array for a channel that is not drawn. */
export interface Frame {
  readonly step: number
  readonly width: number
  /** Pixel (column, line) is at `line * width + column`; lines go down. */
  readonly height: number
  /** Red, green, blue of each pixel. */
  readonly rgb: Uint8Array
  readonly grey: Uint8Array
  /** Metres of depth; Infinity where there is nothing. */
  readonly depth: Float32Array
  /** Millimetres of depth, at most 65535; 0 where there is nothing. */
  readonly depthMillis: Uint16Array
  /** What is seen, as the camera tells it apart; 0 where there is nothing. */
  readonly segmentation: Uint16Array
}

type Pixels = Omit<Frame, 'step'>

/** All frames of a kind, over the slab they lie in: views, never copies. */
export class Frames implements Canvases {
  readonly kind: Named
  readonly width: number
  readonly height: number
  readonly slots: number
  readonly rowsMax: number
  readonly rgb: Uint8Array
  readonly grey: Uint8Array
  readonly depth: Float32Array
  readonly depthMillis: Uint16Array
  readonly segmentation: Uint16Array
  private readonly stamps: Float64Array
  private readonly lives: Float64Array

  /** Throws `schema` when the slab has no frames of that kind. */
  constructor(slab: Slab<SlabMemory>, kind: Named) {
    this.kind = kind
    const asked = channels.filter((channel) => slab.regions.some(({ name }) => name === nameOf(kind, channel)))
    const { shape } = findRegion(slab, nameOf(kind, asked.at(0) ?? 'rgb'))
    this.slots = shape[0]
    this.rowsMax = shape[1]
    this.height = shape[2]
    this.width = shape[3]
    this.rgb = asked.includes('rgb') ? regionArray(slab, nameOf(kind, 'rgb'), 'u8') : new Uint8Array(0)
    this.grey = asked.includes('grey') ? regionArray(slab, nameOf(kind, 'grey'), 'u8') : new Uint8Array(0)
    this.depth = asked.includes('depth') ? regionArray(slab, nameOf(kind, 'depth'), 'f32') : new Float32Array(0)
    this.depthMillis = asked.includes('depthMillis') ? regionArray(slab, nameOf(kind, 'depthMillis'), 'u16') : new Uint16Array(0)
    this.segmentation = asked.includes('segmentation') ? regionArray(slab, nameOf(kind, 'segmentation'), 'u16') : new Uint16Array(0)
    this.stamps = regionArray(slab, nameOf(kind, 'stamp'), 'f64')
    this.lives = regionArray(slab, nameOf(kind, 'life'), 'f64')
  }

  /** Which frame of all is a row's of a step. */
  place(row: number, step: number): number {
    return (step % this.slots) * this.rowsMax + row
  }

  /**
   * Index of the first pixel of a row's frame of exactly that step: its rgb starts at three times that.
   *
   * @throws MetabonkError `usage` when the frame is of another step, half-written, or was never drawn.
   */
  pixelsOf(row: number, step: number): number {
    if (!this.isThere(row, step)) throw this.notThere(row, step)
    return this.place(row, step) * this.width * this.height
  }

  /** The frame of a row, of exactly that step. Throws as {@link pixelsOf}. */
  frame(row: number, step: number): Frame {
    const from = this.pixelsOf(row, step)
    const to = from + this.width * this.height
    return {
      step,
      width: this.width,
      height: this.height,
      rgb: this.rgb.subarray(3 * from, 3 * to),
      grey: this.grey.subarray(from, to),
      depth: this.depth.subarray(from, to),
      depthMillis: this.depthMillis.subarray(from, to),
      segmentation: this.segmentation.subarray(from, to),
    }
  }

  /**
   * The frames of a row of the last `count` steps up to `step`, the oldest first. Before the first frame of an agent's episode, and where frames were
   * not drawn, there is none: the oldest frame there is stands for it. Throws as {@link pixelsOf}, and `usage` for more than there are slots.
   */
  stack(row: number, step: number, count: number): Frame[] {
    if (!(Number.isInteger(count) && count >= 1 && count <= this.slots)) {
      throw new MetabonkError({ code: 'usage', what: `${count} frames of ${this.kind.name} can't be stacked`, where: nameOf(this.kind, 'stamp'), todo: `give 1 to ${this.slots}, or give the camera more slots` })
    }
    const newest = this.frame(row, step)
    const first = this.lives[lifeWords * this.place(row, step) + 1]
    return Array.from({ length: count }, (_, i) => Math.max(step - count + 1 + i, first)).map((each) => (each === step ? newest : this.frame(row, each)))
  }

  /**
   * Copies what there is of a row's frame into `into`, whose empty arrays are left out. For readers beside the lock-step: what is copied is whole, or
   * it throws `usage` as {@link pixelsOf}.
   */
  copy(row: number, step: number, into: Omit<Pixels, 'width' | 'height'>): void {
    const frame = this.frame(row, step)
    if (into.rgb.length > 0) into.rgb.set(frame.rgb)
    if (into.grey.length > 0) into.grey.set(frame.grey)
    if (into.depth.length > 0) into.depth.set(frame.depth)
    if (into.depthMillis.length > 0) into.depthMillis.set(frame.depthMillis)
    if (into.segmentation.length > 0) into.segmentation.set(frame.segmentation)
    if (!this.isThere(row, step)) throw this.notThere(row, step)
  }

  /**
   * A copy of the newest frame of a row that is whole, none older than that of `step`; it may be of a later one. For readers beside the lock-step.
   * Throws `usage` as {@link pixelsOf}.
   */
  newest(row: number, step: number): Frame {
    for (let tries = 0; tries < newestTriesMax; tries++) {
      const found = this.newestStep(row)
      if (found < step) continue
      const { width, height, rgb, grey, depth, depthMillis, segmentation } = this.frame(row, found)
      const copy = { step: found, width, height, rgb: rgb.slice(), grey: grey.slice(), depth: depth.slice(), depthMillis: depthMillis.slice(), segmentation: segmentation.slice() }
      if (this.isThere(row, found)) return copy
    }
    throw this.notThere(row, step)
  }

  /** The latest step of which a row has a whole frame; -1 for none. */
  private newestStep(row: number): number {
    let newest = -1
    for (let slot = 0; slot < this.slots; slot++) newest = Math.max(newest, (this.stamps[slot * this.rowsMax + row] ?? 0) - 1)
    return newest
  }

  /** Opens a row's frame for writing: from now on there is none. Returns which of all it is. */
  open(row: number, step: number): number {
    const place = this.place(row, step)
    this.stamps[place] = 0
    return place
  }

  /** Hands the frame of a row over: all its pixels show the state of that step, in which the row has that generation; its episode may end with it. */
  stamp(row: number, step: number, generation: number, ends: boolean): void {
    const place = this.place(row, step)
    const before = this.place(row, step + this.slots - 1)
    const { stamps, lives } = this
    const goesOn = this.slots > 1 && stamps[before] === step && lives[lifeWords * before] === generation && lives[lifeWords * before + 2] === 0
    lives[lifeWords * place] = generation
    lives[lifeWords * place + 1] = goesOn ? lives[lifeWords * before + 1] : step
    lives[lifeWords * place + 2] = ends ? 1 : 0
    stamps[place] = step + 1
  }

  private isThere(row: number, step: number): boolean {
    return step >= 0 && row >= 0 && row < this.rowsMax && this.stamps[this.place(row, step)] === step + 1
  }

  private notThere(row: number, step: number): MetabonkError {
    const { kind, stamps } = this
    const stamp = stamps[this.place(row, step)] as number | undefined
    const there = row < this.rowsMax && stamp !== undefined && stamp > 0 ? `it is of step ${stamp - 1}` : 'there is none'
    return new MetabonkError({
      code: 'usage',
      what: `the frame of ${kind.name} ${row} is not of step ${step}: ${there}`,
      where: nameOf(kind, 'stamp'),
      todo: 'ask for the frame of a live row, at the step whose state was last completed',
    })
  }
}

/**
 * The frame of a row, of exactly that step.
 *
 * @throws MetabonkError `usage` when the frame is of another step, half-written, or was never drawn; `schema` when the kind has no camera.
 */
export function frameOf(slab: Slab, kind: KindType, row: number, step: number): Frame {
  return new Frames(slab, kind).frame(row, step)
}

/** A copy of the newest whole frame of a row, of that step or a later one: for readers beside the run. Throws as {@link frameOf}. */
export function newestFrameOf(slab: Slab, kind: KindType, row: number, step: number): Frame {
  return new Frames(slab, kind).newest(row, step)
}

/** A camera's pictures for a policy that acts from pixels: how many pixels, and how a thread opens them. */
export function cameraPixels({ kind, width, height }: Camera): { readonly width: number; readonly height: number; readonly open: (slab: Slab) => Frames } {
  return { width, height, open: (slab) => new Frames(slab, kind) }
}
