import { wrap } from './shape.ts'

/** Widens a search by more than its rounding errors, relative to the lengths in play; the exact distance decides afterwards. */
const slack = 1 / 0x1_0000_0000_0000

/** One axis of a grid: cells side by side over the whole space. */
export class Axis {
  readonly size: number
  readonly count: number
  readonly wraps: boolean
  /** Cells in a unit of length. */
  readonly density: number

  constructor(size: number, cell: number, count: number, wraps: boolean) {
    this.size = size
    this.count = count
    this.wraps = wraps
    this.density = 1 / cell
  }
}

/** Numbers of a span: where it looks from and how far, to be written before it is asked, and the way that {@link Span.measure} found. */
export const spanWord = { centre: 0, reach: 1, away: 2 } as const

/**
 * The cells of an axis that are within reach of a centre: from `low` to `high`, both included, which may be beyond the borders of a space that wraps. In
 * ascending order those are [0, tail) and [first, end).
 *
 * What is no integer stands in an array: given to a function that is not inlined, or taken from it, it would be an object on the heap. Those were
 * most of the time of a search, and 1.5 MB in a step of the arena.
 */
export class Span {
  readonly words = new Float64Array(3)
  low = 0
  high = 0
  first = 0
  end = 0
  /** 0 unless the reach goes around the border. */
  tail = 0
  /** The cell of the centre. */
  middle = 0
  /** Whether the straight way to whatever is in reach is the shortest: it ends before the borders of a space that wraps, and well before half way around. */
  isCalm = false

  /** Finds the cell of the centre, which it wraps where the space does. */
  locate({ size, density, count, wraps }: Axis): void {
    const { words } = this
    if (wraps && !(words[spanWord.centre] >= 0 && words[spanWord.centre] < size)) words[spanWord.centre] = wrap(words[spanWord.centre], size, wraps)
    this.middle = Math.min(Math.max(Math.floor(words[spanWord.centre] * density), 0), count - 1)
  }

  /** Finds the cells in reach of the centre, which is located. */
  cover({ size, density, count, wraps }: Axis): void {
    const { words, middle } = this
    const centre = words[spanWord.centre]
    const reach = words[spanWord.reach] + (Math.abs(centre) + words[spanWord.reach] + size) * slack
    const low = Math.floor((centre - reach) * density)
    const high = Math.floor((centre + reach) * density)
    if (!wraps) {
      this.low = Math.min(Math.max(low, 0), middle)
      this.high = Math.max(Math.min(high, count - 1), middle)
    } else if (high - low + 1 < count) {
      this.low = low
      this.high = high
    } else {
      this.low = middle - ((count - 1) >> 1)
      this.high = middle + (count >> 1)
    }
    this.first = this.low < 0 ? this.low + count : this.low
    this.tail = this.low < 0 ? this.high + 1 : Math.max(this.high + 1 - count, 0)
    this.end = this.tail > 0 ? count : this.high + 1
    this.isCalm = !wraps || (this.tail === 0 && this.high - this.low + 3 < count)
  }

  /** Finds the shortest way from the centre to a stored coordinate. */
  measure({ size, wraps }: Axis, stored: Float32Array, index: number): void {
    const { words } = this
    const to = stored[index]
    const straight = (wraps && !(to >= 0 && to < size) ? wrap(to, size, wraps) : to) - words[spanWord.centre]
    const isShortest = !wraps || Math.abs(straight) <= size / 2
    words[spanWord.away] = isShortest ? straight : straight > 0 ? straight - size : straight + size
  }
}
