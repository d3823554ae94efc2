import type { RecordedState, RecordedTable } from '../../../actors/index.ts'
import type { WorldSpace } from '../../../runtime/index.ts'
import type { MapView, ViewQuery } from './model.ts'

const countMost = 65_535

interface MapScale {
  readonly width: number
  readonly height: number
  /** Dots to a unit of length. */
  readonly across: number
  readonly down: number
}

/** Where a place of the world lies in a map: the largest y is the topmost line. */
function dotOf(x: number, y: number, { width, height, across, down }: MapScale): number {
  return (height - 1 - within(y * down, height)) * width + within(x * across, width)
}

/** The whole number below, from 0 to less than `most`; 0 of what is no number. */
function within(place: number, most: number): number {
  return place > 0 ? (place < most ? place | 0 : most - 1) : 0
}

/** The column that puts a kind in space. */
function placeOf({ columns }: Pick<RecordedTable, 'columns'>): RecordedTable['columns'][number] | undefined {
  return columns.find(({ name, type }) => name === 'at' && type.form === 'vec' && type.width >= 2)
}

/** Agents of one kind in each dot, and the dots that have any: most dots of a map have none. */
class KindDots {
  readonly counts: Uint16Array
  private readonly touched: Uint32Array
  private used = 0

  constructor(dots: number) {
    this.counts = new Uint16Array(dots)
    this.touched = new Uint32Array(dots)
  }

  /** The dots that have agents since it was last emptied. */
  get dots(): Uint32Array {
    return this.touched.subarray(0, this.used)
  }

  count(table: RecordedTable, scale: MapScale): void {
    const place = placeOf(table)
    if (place === undefined) return
    const { alive, rows } = table
    const { values, type: { width } } = place
    const { counts, touched } = this
    for (let row = 0; row < rows; row++) {
      if (alive[row] === 0) continue
      const dot = dotOf(values[row * width], values[row * width + 1], scale)
      if (counts[dot] === 0) touched[this.used++] = dot
      if (counts[dot] < countMost) counts[dot]++
    }
  }

  empty(): void {
    for (const dot of this.dots) this.counts[dot] = 0
    this.used = 0
  }
}

/** The arena from above: all agents in space, of all kinds. */
export function mapOf(moment: RecordedState, kinds: readonly string[], space: WorldSpace, { map, agent }: ViewQuery): MapView | undefined {
  if (map === undefined || !(map.width >= 1 && map.height >= 1)) return undefined
  const [width, height] = [Math.floor(map.width), Math.floor(map.height)]
  const scale = { width, height, across: width / space.width, down: height / space.height }
  const dots = scale.width * scale.height
  const view = { kinds: new Uint8Array(dots), counts: new Uint16Array(dots) }
  const most = new Uint16Array(dots)
  const own = new KindDots(dots)
  kinds.forEach((kind, i) => {
    own.count(moment.table(kind), scale)
    for (const dot of own.dots) {
      const agents = own.counts[dot]
      view.counts[dot] = Math.min(countMost, view.counts[dot] + agents)
      if (agents <= most[dot]) continue
      most[dot] = agents
      view.kinds[dot] = i + 1
    }
    own.empty()
  })
  return { width: scale.width, height: scale.height, ...view, at: agent === undefined ? undefined : dotOfAgent(moment, kinds, scale, agent) }
}

function dotOfAgent(moment: RecordedState, kinds: readonly string[], scale: MapScale, { kind, row }: { readonly kind: string; readonly row: number }): MapView['at'] {
  if (!kinds.includes(kind)) return undefined
  const table = moment.table(kind)
  const place = placeOf(table)
  if (place === undefined || row >= table.rows || table.alive[row] !== 1) return undefined
  const dot = dotOf(place.values[row * place.type.width], place.values[row * place.type.width + 1], scale)
  return { x: dot % scale.width, y: Math.floor(dot / scale.width) }
}
