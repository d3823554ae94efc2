/** One axis of the space: from 0 to `size`, its ends glued together when it wraps, divided into the texels of the ground. */
export class Axis {
  private readonly size: number
  private readonly wraps: boolean
  /** Edge of a texel, and how many there are. */
  private readonly cell: number
  private readonly count: number
  /** From one image of a thing to the next. */
  readonly period: number

  constructor(space: { readonly size: number; readonly wraps: boolean }, cell: number, count: number) {
    this.size = space.size
    this.wraps = space.wraps
    this.cell = cell
    this.count = count
    this.period = space.wraps ? space.size : Infinity
  }

  /** Whether a coordinate has a place: it is finite, and not so large that going round loses it. */
  holds(at: number): boolean {
    if (!this.wraps) return Number.isFinite(at)
    const place = this.place(at)
    return place >= 0 && place <= this.size
  }

  /** The coordinate in [0, size], where the axis wraps; as it is where it does not. */
  place(at: number): number {
    return !this.wraps || (at >= 0 && at < this.size) ? at : at - Math.floor(at / this.size) * this.size
  }

  /**
   * The first image, relative to `centre`, of a thing at `at` that is at least `-reach` away; the others follow every `period`.
   * Where the axis does not wrap there is one, wherever it is.
   */
  firstImage(at: number, centre: number, reach: number): number {
    const away = this.place(at) - centre
    return this.wraps ? away - Math.floor((away + reach) / this.size) * this.size : away
  }

  /** Which texel a coordinate is in, or -1 where there is none. */
  texelAt(at: number): number {
    if (!this.wraps && !(at >= 0 && at < this.size)) return -1
    return Math.min(Math.floor(this.place(at) / this.cell), this.count - 1) | 0
  }

  /** Which texel each of some offsets from `centre` is in. */
  texelsAround(centre: number, offsets: Float64Array, texels: Int32Array): void {
    for (let i = 0; i < offsets.length; i++) texels[i] = this.texelAt(centre + offsets[i])
  }
}
