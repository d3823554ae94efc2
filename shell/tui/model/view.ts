/** Answers what panes ask of a moment of a run: fast, and without ever throwing for what people typed. */
import { MetabonkError, type RecordedKind, type RecordedState, type RecordedTable } from '../../../actors/index.ts'
import { depthRangeOf, frameDepth, framePicture, type DepthRange, type Frame } from '../../../compositor/index.ts'
import type { WorldSpace } from '../../../runtime/index.ts'
import { sentText } from '../../letters.ts'
import { mapOf } from './map.ts'
import type { AgentView, CameraView, KindView, TableQuery, TableView, View, ViewQuery } from './model.ts'
import { RowOrder } from './order.ts'
import { typeText, valueText } from './values.ts'

/** Most rows of an answer, most letters of an inbox. */
const rowsMost = 1_000
const lettersMost = 50

/** Where a run is looked at: what is kept from one answer to the next. */
export class ViewKept {
  readonly kinds: readonly RecordedKind[]
  readonly names: readonly string[]
  readonly space: WorldSpace
  readonly order: RowOrder
  /** What was seen of depths so far, by kind: colours stay as they are from picture to picture. */
  readonly depths = new Map<string, DepthRange>()

  constructor({ kinds, space }: { readonly kinds: readonly RecordedKind[]; readonly space: WorldSpace }, isLive: boolean) {
    this.kinds = kinds
    this.names = kinds.map(({ type }) => type.name)
    this.space = space
    this.order = new RowOrder(isLive)
  }
}

/** What a moment shows of what was asked for. Nothing of a query is an error: what is not there is absent, what can't be read says so. */
export function viewOf(moment: RecordedState, query: ViewQuery, kept: ViewKept): View {
  return {
    step: moment.step,
    hash: moment.hash,
    kinds: kindViews(moment, kept),
    report: attempt(() => moment.report) ?? {},
    table: query.table && tableView(moment, query.table, kept),
    agent: query.agent && agentView(moment, query.agent, kept),
    map: mapOf(moment, kept.names, kept.space, query),
    camera: query.camera && cameraView(moment, query.camera, kept),
  }
}

/** A result, or undefined where a world's code or a question refuses it. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof MetabonkError) return undefined
    throw error
  }
}

function kindViews(moment: RecordedState, { kinds }: ViewKept): KindView[] {
  const states = moment.states()
  return kinds.map(({ type: { name, policy } }) => {
    const table = moment.table(name)
    return {
      name,
      agents: moment.agents[name],
      rows: table.rows,
      deaths: livesIn(table) - moment.agents[name],
      refused: table.refused,
      states: states.find(({ kind }) => kind === name)?.states ?? [],
      reward: policy === undefined ? undefined : rewardOf(table),
    }
  })
}

/** How many agents have lived, now or before. */
function livesIn({ generation, rows }: RecordedTable): number {
  let lives = 0
  for (let row = 0; row < rows; row++) lives += generation[row]
  return lives
}

function sumOf({ alive, rows, columns }: RecordedTable, name: string): number {
  const values = columns.find((column) => column.name === name)?.values
  let sum = 0
  if (values === undefined) return sum
  for (let row = 0; row < rows; row++) if (alive[row] === 1) sum += values[row]
  return sum
}

function rewardOf(table: RecordedTable): NonNullable<KindView['reward']> {
  return { sum: sumOf(table, 'reward'), terminated: sumOf(table, 'terminated'), truncated: sumOf(table, 'truncated') }
}

function whole(value: number, most: number): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(0, Math.floor(value))) : 0
}

function tableView(moment: RecordedState, query: TableQuery, { names, order }: ViewKept): TableView {
  const { kind } = query
  if (!names.includes(kind)) return { kind, total: 0, from: 0, rows: [], fault: `there is no kind '${kind}'; choose from ${names.join(', ')}` }
  const table = moment.table(kind)
  const { rows, fault } = order.of(moment, table, query)
  const from = whole(query.from, rows.length)
  const shown = rows.subarray(from, from + whole(query.count, rowsMost))
  return {
    kind,
    total: rows.length,
    from,
    rows: Array.from(shown, (row) => ({ row, state: table.stateOf?.(row), cells: table.columns.map((column) => valueText(column, row, names)) })),
    fault,
  }
}

function agentView(moment: RecordedState, { kind, row }: NonNullable<ViewQuery['agent']>, { names, kinds }: ViewKept): AgentView | undefined {
  const found = kinds.find(({ type }) => type.name === kind)
  if (found === undefined || !Number.isInteger(row) || row < 0 || row >= found.type.rowsMax) return undefined
  const table = moment.table(kind)
  const about = { kind, row, generation: table.generation[row] }
  if (row >= table.rows || table.alive[row] !== 1) return { ...about, alive: false, state: undefined, fields: [], inbox: [] }
  return {
    ...about,
    alive: true,
    state: table.stateOf?.(row),
    fields: table.columns.map((column) => ({ name: column.name, type: typeText(column.type), value: valueText(column, row, names), unit: column.type.unit })),
    inbox: moment.mailTo({ kind, row, most: lettersMost }).map(sentText),
  }
}

function cameraView(moment: RecordedState, { kind, row, channel, width, height }: NonNullable<ViewQuery['camera']>, kept: ViewKept): CameraView | undefined {
  if (!(width >= 1 && height >= 1)) return undefined
  const frame = attempt(() => moment.picture(kind, row))
  if (frame === undefined) return undefined
  const range = channel === 'depth' ? widened(kept.depths, kind, frame) : undefined
  const picture = framePicture(frame, { channel, width, height, range })
  return picture && { ...picture, kind, row, channel, step: frame.step }
}

/** What depths of a kind's cameras reach from and to, with this frame among them. */
function widened(depths: Map<string, DepthRange>, kind: string, frame: Frame): DepthRange | undefined {
  const depth = frameDepth(frame)
  const range = depth && depthRangeOf(depth)
  const before = depths.get(kind)
  if (range === undefined) return before
  const both = before === undefined ? range : { near: Math.min(before.near, range.near), far: Math.max(before.far, range.far) }
  depths.set(kind, both)
  return both
}
