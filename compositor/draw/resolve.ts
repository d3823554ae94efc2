/** From depth and slots to the channels asked for. Per pixel, every operation rounds to f32. */
import type { DrawJob } from '../../runtime/index.ts'
import type { Slots } from './bodies.ts'
import type { Canvas } from './canvas.ts'
import type { Eye } from './eye.ts'
import { groundSlot } from './ground.ts'
import { numberAt } from './layout.ts'

const { fround } = Math

/** Millimetres are u16: 65.535 metres and more are this; 0 is nothing. */
const millimetresMax = 65535

/** A line through pixel centres: direction of sight = start + x across, of components along one axis of the world. */
class Sight {
  private across = 0
  private along = 0
  private straight = 0
  private here = 0

  open(eye: Eye, axis: number): void {
    this.across = fround(eye.right[axis] * eye.inverseFocal)
    this.along = fround(eye.down[axis] * eye.inverseFocal)
    this.straight = fround(eye.forward[axis])
  }

  onLine(fromMiddle: number): void {
    this.here = fround(this.straight + fround(this.along * fromMiddle))
  }

  at(fromMiddle: number): number {
    return fround(this.here + fround(this.across * fromMiddle))
  }
}

export class Resolver {
  private readonly canvas: Canvas
  private readonly slots: Slots
  private readonly sightX = new Sight()
  private readonly sightY = new Sight()
  private readonly sightZ = new Sight()
  private job!: DrawJob
  private eye!: Eye

  constructor(canvas: Canvas, slots: Slots) {
    this.canvas = canvas
    this.slots = slots
  }

  /** Writes the channels of a job's frame. */
  write(job: DrawJob, eye: Eye, frame: number): void {
    this.job = job
    this.eye = eye
    const { width, height } = this.canvas
    this.sightX.open(eye, 0)
    this.sightY.open(eye, 1)
    this.sightZ.open(eye, 2)
    const first = frame * width * height
    for (let line = 0; line < height; line++) {
      const down = line + 0.5 - height / 2
      this.sightX.onLine(down)
      this.sightY.onLine(down)
      this.sightZ.onLine(down)
      for (let column = 0; column < width; column++) {
        const pixel = line * width + column
        this.writePixel(pixel, first + pixel, column + 0.5 - width / 2)
      }
    }
  }

  private writePixel(pixel: number, at: number, across: number): void {
    const { job } = this
    const slot = this.canvas.slots[pixel]
    const depth = slot === 0 ? Infinity : fround(1 / this.canvas.nearness[pixel])
    this.writeDepth(at, depth)
    const texel = slot === groundSlot ? this.texelOf(depth, across) : 0
    if (job.segmentation.length > 0) job.segmentation[at] = slot === groundSlot ? job.texelKinds[texel] : this.slots.kind(slot)
    if (job.rgb.length === 0 && job.grey.length === 0) return
    this.writeColour(at, slot === 0 ? this.sky(across) : this.fogged(slot === groundSlot ? job.texels[texel] : this.slots.colour(slot), depth))
  }

  private writeDepth(at: number, depth: number): void {
    const { job } = this
    if (job.depth.length > 0) job.depth[at] = depth
    if (job.depthMillis.length > 0) job.depthMillis[at] = depth === Infinity ? 0 : Math.min(Math.floor(fround(fround(depth * 1000) + 0.5)), millimetresMax)
  }

  private writeColour(at: number, colour: number): void {
    const { job } = this
    const red = (colour >>> 16) & 255
    const green = (colour >>> 8) & 255
    const blue = colour & 255
    if (job.grey.length > 0) job.grey[at] = (77 * red + 150 * green + 29 * blue) >>> 8
    if (job.rgb.length === 0) return
    job.rgb[3 * at] = red
    job.rgb[3 * at + 1] = green
    job.rgb[3 * at + 2] = blue
  }

  /** Which cell of the ground is seen at a depth. */
  private texelOf(depth: number, across: number): number {
    const { eye } = this
    const { numbers } = this.job
    const columns = numbers[numberAt.columns]
    const perCell = fround(1 / numbers[numberAt.cell])
    const wraps = numbers[numberAt.wraps] === 1
    const x = fround(fround(eye.x) + fround(this.sightX.at(across) * depth))
    const y = fround(fround(eye.y) + fround(this.sightY.at(across) * depth))
    const column = cellOf(fround(x * perCell), columns, wraps)
    return cellOf(fround(y * perCell), numbers[numberAt.lines], wraps) * columns + column
  }

  /** The sky: from the colour of the horizon, and of all below it, to that of the zenith, by the sine of the angle of sight. */
  private sky(across: number): number {
    const { numbers } = this.job
    const horizon = numbers[numberAt.horizon]
    const zenith = numbers[numberAt.zenith]
    if (horizon === zenith) return horizon
    const [x, y, z] = [this.sightX.at(across), this.sightY.at(across), this.sightZ.at(across)]
    const length = fround(Math.sqrt(fround(fround(fround(x * x) + fround(y * y)) + fround(z * z))))
    const up = fround(z / length)
    return blend(horizon, zenith, up > 0 ? (up > 1 ? 1 : up) : 0)
  }

  private fogged(colour: number, depth: number): number {
    const { numbers } = this.job
    const scale = numbers[numberAt.fogScale]
    if (scale === 0) return colour
    const share = fround(fround(depth - fround(numbers[numberAt.fogFrom])) * fround(scale))
    return blend(colour, numbers[numberAt.fogColour], share > 0 ? (share > 1 ? 1 : share) : 0)
  }
}

/** The cell a coordinate, in cells, lies in; on a torus one beyond a border comes back once; what is still outside is in the border's cell. */
function cellOf(at: number, cells: number, wraps: boolean): number {
  let cell = Math.floor(Math.min(Math.max(at, -1e9), 1e9))
  if (wraps && cell < 0) cell += cells
  else if (wraps && cell >= cells) cell -= cells
  return Math.min(Math.max(cell, 0), cells - 1)
}

/** From one packed colour to another; each channel rounded to the nearest, halves up. */
function blend(from: number, to: number, share: number): number {
  const red = blendByte((from >>> 16) & 255, (to >>> 16) & 255, share)
  const green = blendByte((from >>> 8) & 255, (to >>> 8) & 255, share)
  return red * 65536 + green * 256 + blendByte(from & 255, to & 255, share)
}

function blendByte(from: number, to: number, share: number): number {
  return Math.floor(fround(fround(from + fround((to - from) * share)) + 0.5))
}
