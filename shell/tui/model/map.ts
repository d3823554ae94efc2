import type { RecordedState, RecordedTable } from '../../../actors/index.ts'
import type { WorldSpace } from '../../../runtime/index.ts'
import type { MapView, ViewQuery } from './model.ts'

const countMost = 65_535

/** Where a place of the world lies in a map: the largest y is the topmost line. */
function dotOf(x: number, y: number, { width, height, space }: MapScale): number {
  const column = Math.min(width - 1, Math.max(0, Math.floor((x / space.width) * width)))
  const line = Math.min(height - 1, Math.max(0, Math.floor((y / space.height) * height)))
  return (height - 1 - line) * width + column
}

interface MapScale {
  readonly width: number
  readonly height: number
  readonly space: WorldSpace
}

/** The column that puts a kind in space. */
export function placeOf({ columns }: Pick<RecordedTable, 'columns'>): RecordedTable['columns'][number] | undefined {
  return columns.find(({ name, type }) => name === 'at' && type.form === 'vec' && type.width >= 2)
}

/** Counts the agents of a kind in each dot. */
function countInto(counts: Uint16Array, table: RecordedTable, scale: MapScale): void {
  const place = placeOf(table)
  if (place === undefined) return
  const { alive, rows } = table
  const { values, type: { width } } = place
  for (let row = 0; row < rows; row++) {
    if (alive[row] === 0) continue
    const dot = dotOf(values[row * width], values[row * width + 1], scale)
    if (counts[dot] < countMost) counts[dot]++
  }
}

/** The arena from above: all agents in space, of all kinds. */
export function mapOf(moment: RecordedState, kinds: readonly string[], space: WorldSpace, { map, agent }: ViewQuery): MapView | undefined {
  if (map === undefined || !(map.width >= 1 && map.height >= 1)) return undefined
  const scale = { width: Math.floor(map.width), height: Math.floor(map.height), space }
  const dots = scale.width * scale.height
  const view = { kinds: new Uint8Array(dots), counts: new Uint16Array(dots) }
  const most = new Uint16Array(dots)
  const own = new Uint16Array(dots)
  kinds.forEach((kind, i) => {
    own.fill(0)
    countInto(own, moment.table(kind), scale)
    for (let dot = 0; dot < dots; dot++) {
      if (own[dot] === 0) continue
      view.counts[dot] = Math.min(countMost, view.counts[dot] + own[dot])
      if (own[dot] <= most[dot]) continue
      most[dot] = own[dot]
      view.kinds[dot] = i + 1
    }
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
