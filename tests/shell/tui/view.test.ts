import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRecording, prepareWorld, runWorld, type RecordedRun, type RecordedState, type RecordedTable } from '../../../actors/index.ts'
import { PlaceSorter } from '../../../shell/tui/model/radix.ts'
import type { TableQuery } from '../../../shell/tui/model/model.ts'
import { shortNumber, valueText } from '../../../shell/tui/model/values.ts'
import { ViewKept, viewOf } from '../../../shell/tui/model/view.ts'
import { counts, testSeed } from '../../counts.ts'
import { built } from '../command.ts'

const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
const recordings = [
  ['arena', ['agents=40'], 80],
  ['arena', ['agents=8', 'obs=pixels'], 12],
  ['meadow', [], 60],
  ['flocking', [], 40],
  [fileURLToPath(new URL('../../determinism/worlds/duel.ts', import.meta.url)), [], 40],
] as const
const runs: RecordedRun[] = []

beforeAll(async () => {
  if (!built) return
  for (const [i, [world, overrides, steps]] of recordings.entries()) {
    const record = join(folder, `${String(i)}.mcap`)
    await runWorld({ world: await prepareWorld(world, { overrides }), seed: 3 + i, steps, workers: 1, record })
    runs.push(await openRecording(record))
  }
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Whole numbers below `most`, the same for the same seed. */
function dice(seed: number): (most: number) => number {
  let state = seed >>> 0
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
}

function liveRows({ alive, rows }: RecordedTable): number[] {
  return Array.from({ length: rows }, (_, row) => row).filter((row) => alive[row] === 1)
}

function keyOf(table: RecordedTable, by: string, row: number): number | string {
  if (by === 'row') return row
  if (by === 'state') return table.stateOf?.(row) ?? ''
  const column = table.columns.find(({ name }) => name === by)
  return column === undefined ? 0 : column.values[row * column.type.width]
}

/** Rows in the order that is asked for, slowly. */
function orderedRows(table: RecordedTable, rows: readonly number[], sort: TableQuery['sort']): number[] {
  if (sort === undefined) return [...rows]
  const { by, descending } = sort
  return [...rows].sort((a, b) => {
    const [x, y] = [keyOf(table, by, a), keyOf(table, by, b)]
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b
    return (x === y ? 0 : (x < y) === descending ? 1 : -1) || a - b
  })
}

function tableOf(moment: RecordedState, run: RecordedRun, query: TableQuery) {
  const { table } = viewOf(moment, { table: query }, new ViewKept(run, false))
  expect(table).toBeDefined()
  return table as NonNullable<typeof table>
}

describe.skipIf(!built)('a table of a moment (needs the build)', () => {
  it('shows the rows that a slow sort of the state gives, by every column', () => {
    const roll = dice(testSeed('tables', 11))
    for (let i = 0; i < counts(150, 3000); i++) {
      const run = runs[roll(runs.length)]
      const moment = run.stateAt(roll(run.steps + 1))
      const { type, hasMachine } = run.kinds[roll(run.kinds.length)]
      const names = ['row', ...(hasMachine ? ['state'] : []), ...type.plan.map(({ name }) => name)]
      const sort = roll(4) === 0 ? undefined : { by: names[roll(names.length)], descending: roll(2) === 1 }
      const table = moment.table(type.name)
      const all = orderedRows(table, liveRows(table), sort)
      const [from, count] = [roll(all.length + 2), roll(30)]
      const view = tableOf(moment, run, { kind: type.name, from, count, sort, filter: '' })
      expect(view).toMatchObject({ kind: type.name, total: all.length, fault: undefined })
      expect(view.rows.map(({ row }) => row), JSON.stringify(sort)).toEqual(all.slice(view.from, view.from + count))
      for (const { row, state, cells } of view.rows) {
        expect(state).toBe(table.stateOf?.(row))
        expect(cells).toHaveLength(type.plan.length)
      }
    }
  })

  it('lets through what a condition, a part of a state or a row number says', () => {
    const run = runs[0]
    const moment = run.stateAt(70)
    const enemy = moment.table('enemy')
    const rowsFor = (filter: string): number[] => tableOf(moment, run, { kind: 'enemy', from: 0, count: 1000, sort: undefined, filter }).rows.map(({ row }) => row)
    const health = enemy.columns.find(({ name }) => name === 'health')?.values ?? []
    const live = liveRows(enemy)
    const most = Math.max(...live.map((row) => health[row]))
    expect(rowsFor(`health < ${String(most)}`)).toEqual(live.filter((row) => health[row] < most))
    expect(rowsFor('step == 70')).toEqual(live)
    expect(rowsFor('step < 70')).toEqual([])
    expect(rowsFor('  ')).toEqual(live)
    const [state] = live.map((row) => enemy.stateOf?.(row) ?? '')
    expect(rowsFor(`state == '${state}'`)).toEqual(live.filter((row) => enemy.stateOf?.(row) === state))
    expect(rowsFor(state.slice(1, -1).toUpperCase())).toEqual(live.filter((row) => enemy.stateOf?.(row).includes(state.slice(1, -1))))
    expect(rowsFor(String(live[2]))).toEqual([live[2]])
    expect(rowsFor('999999')).toEqual([])
  })

  it('says why a filter can\'t be read, and never throws', () => {
    const run = runs[0]
    const moment = run.stateAt(20)
    const faultOf = (filter: string): string | undefined => tableOf(moment, run, { kind: 'enemy', from: 0, count: 5, sort: undefined, filter }).fault
    expect(faultOf('helth < 5')).toMatch(/did you mean health/)
    expect(faultOf('health <')).toBeDefined()
    expect(faultOf('scout.health < 5')).toMatch(/about scout/)
    expect(faultOf('scout.health < 5 and state == 1')).toBeDefined()
    expect(faultOf('health + 1')).toBeDefined()
    expect(tableOf(moment, run, { kind: 'ghost', from: 0, count: 5, sort: undefined, filter: '' })).toMatchObject({ total: 0, fault: expect.stringMatching(/no kind 'ghost'/) as string })
    expect(faultOf('('.repeat(4000))).toBeDefined()
    expect(faultOf('not '.repeat(1000))).toBeDefined()
    const roll = dice(testSeed('filters', 5))
    const pieces = ['health', '<', '5', 'and', 'state', '==', "'", '(', ')', 'scout', '.', '[', ']', 'x', '-', 'count', ',', ' ']
    for (let i = 0; i < counts(400, 20_000); i++) faultOf(Array.from({ length: roll(9) }, () => pieces[roll(pieces.length)]).join(roll(2) === 0 ? '' : ' '))
  })
})

describe.skipIf(!built)('the parts of a view (needs the build)', () => {
  it('agrees with the state about agents, states, rewards and report', () => {
    for (const run of runs) {
      const moment = run.stateAt(run.steps)
      const view = viewOf(moment, {}, new ViewKept(run, false))
      expect(view).toMatchObject({ step: run.steps, hash: run.hashAt(run.steps), report: moment.report, table: undefined, agent: undefined, map: undefined, camera: undefined })
      expect(Object.fromEntries(view.kinds.map(({ name, agents }) => [name, agents]))).toEqual(moment.agents)
      const states = Object.fromEntries(moment.states().map((each) => [each.kind, each.states]))
      for (const kind of view.kinds) {
        expect(kind.states).toEqual(states[kind.name] ?? [])
        const table = moment.table(kind.name)
        const reward = table.columns.find(({ name }) => name === 'reward')
        expect(kind.reward?.sum).toEqual(reward && liveRows(table).reduce((sum, row) => sum + reward.values[row], 0))
      }
    }
  })

  it('shows one agent whole, with its letters', () => {
    const run = runs[0]
    let letters = 0
    for (let step = 0; step <= run.steps; step += 5) {
      const moment = run.stateAt(step)
      for (const [i, to] of moment.mail().map((letter) => letter.to).entries()) {
        if (i > 20) break
        const { agent } = viewOf(moment, { agent: to }, new ViewKept(run, false))
        const own = moment.mail().filter((letter) => letter.to.kind === to.kind && letter.to.row === to.row)
        expect(agent?.inbox).toHaveLength(Math.min(50, own.length))
        expect(agent?.inbox[0]).toContain(own[0].type)
        letters++
      }
    }
    expect(letters).toBeGreaterThan(0)
    const moment = run.stateAt(10)
    const seen = (row: number) => viewOf(moment, { agent: { kind: 'scout', row } }, new ViewKept(run, false)).agent
    expect(seen(0)?.fields.map(({ name }) => name)).toEqual(run.kinds.find(({ type }) => type.name === 'scout')?.type.plan.map(({ name }) => name))
    expect(seen(0)).toMatchObject({ alive: true, generation: 1 })
    expect(Object.fromEntries((seen(0)?.fields ?? []).map(({ name, unit }) => [name, unit]))).toMatchObject({ at: 'm', age: 'steps', health: undefined })
    const last = (run.kinds.find(({ type }) => type.name === 'scout')?.type.rowsMax ?? 0) - 1
    expect(seen(last)).toMatchObject({ alive: false, fields: [], inbox: [] })
    expect(seen(1e9)).toBeUndefined()
    expect(viewOf(moment, { agent: { kind: 'ghost', row: 0 } }, new ViewKept(run, false)).agent).toBeUndefined()
  })
})

describe.skipIf(!built)('pictures of a view (needs the build)', () => {
  it('puts every agent in space into its dot, the largest y topmost', () => {
    for (const run of runs) {
      const moment = run.stateAt(run.steps)
      const size = { width: 37, height: 19 }
      const { map } = viewOf(moment, { map: size }, new ViewKept(run, false))
      const dots = new Map<number, number[]>()
      for (const [k, { type }] of run.kinds.entries()) {
        const table = moment.table(type.name)
        const place = table.columns.find(({ name }) => name === 'at')
        if (place === undefined) continue
        for (const row of liveRows(table)) {
          const x = Math.min(36, Math.floor((place.values[2 * row] / run.space.width) * 37))
          const y = 18 - Math.min(18, Math.floor((place.values[2 * row + 1] / run.space.height) * 19))
          dots.set(y * 37 + x, [...(dots.get(y * 37 + x) ?? []), k + 1])
        }
      }
      expect(map).toMatchObject(size)
      for (let dot = 0; dot < 37 * 19; dot++) {
        const there = dots.get(dot) ?? []
        expect(map?.counts[dot]).toBe(there.length)
        const of = (kind: number): number => there.filter((each) => each === kind).length
        expect(of(map?.kinds[dot] ?? 0)).toBe(Math.max(0, ...there.map(of)))
      }
    }
  })

  it('shows what a camera sees, as large as fits', async () => {
    const run = runs[1]
    for (const channel of ['rgb', 'depth', 'segmentation'] as const) {
      const asked = { kind: 'scout', row: 0, channel, width: 40, height: 33 }
      expect(viewOf(await run.seek(9), { camera: asked }, new ViewKept(run, false)).camera).toBeUndefined()
      const { camera } = viewOf(await run.seek(9, { drawn: true }), { camera: asked }, new ViewKept(run, false))
      expect(camera).toMatchObject({ kind: 'scout', row: 0, channel, width: 32, height: 32, step: 9 })
      expect(camera?.rgb).toHaveLength(3 * 32 * 32)
      expect(new Set(camera?.rgb).size).toBeGreaterThan(3)
      expect(viewOf(await run.seek(9, { drawn: true }), { camera: { ...asked, width: 500, height: 500 } }, new ViewKept(run, false)).camera).toMatchObject({ width: 64, height: 64 })
    }
  })
})

describe.skipIf(!built)('what is asked beside (needs the build)', () => {
  it('keeps the order of a live run for a moment, without those who died', () => {
    const run = runs[0]
    const kept = new ViewKept(run, true)
    const query: TableQuery = { kind: 'enemy', from: 0, count: 1000, sort: { by: 'health', descending: true }, filter: '' }
    const early = viewOf(run.stateAt(40), { table: query }, kept).table?.rows.map(({ row }) => row) ?? []
    const late = run.stateAt(60)
    const { alive } = late.table('enemy')
    expect(viewOf(late, { table: query }, kept).table?.rows.map(({ row }) => row)).toEqual(early.filter((row) => alive[row] === 1))
  })
})

describe('values as people read them', () => {
  it.each([[3, '3'], [-0, '0'], [1.25, '1.25'], [0.1 + 0.2, '0.3'], [12.34567, '12.346'], [1234.567, '1234.6'], [1.25e-7, '1.25e-7'], [1e20, '100000000000000000000'], [Infinity, 'Infinity'], [NaN, 'NaN'], [-0.00001, '-0.00001'], [123456789, '123456789']])('%f is %s', (value, text) => {
    expect(shortNumber(value)).toBe(text)
  })

  it('has forms for every type', () => {
    const text = (type: object, values: readonly number[], row = 0): string => valueText({ type: { dtype: 'f32', width: 1, labels: [], ...type } as never, values: Float64Array.from(values) }, row, ['enemy', 'scout'])
    expect(text({ form: 'vec', width: 2 }, [9, 9, 1.25, 3], 1)).toBe('(1.25, 3)')
    expect(text({ form: 'enum', labels: ['north', 'south'] }, [1])).toBe('south')
    expect(text({ form: 'bool' }, [1])).toBe('yes')
    expect(text({ form: 'id', width: 2 }, [2 ** 27 + 3, 1])).toBe('scout[3]')
    expect(text({ form: 'id', width: 2 }, [0, 0])).toBe('nobody')
  })

  it('sorts numbers of all sizes like a slow sort', () => {
    const roll = dice(testSeed('radix', 8))
    const sorter = new PlaceSorter()
    for (let i = 0; i < counts(100, 2000); i++) {
      const numbers = Array.from({ length: roll(300) }, () => [roll(10) - 5, Math.fround((roll(1e6) - 5e5) / 7), (roll(2) - 0.5) * 10 ** (roll(600) - 300), NaN, Infinity, -0, 0][roll(7)])
      const descending = roll(2) === 1
      sorter.room(numbers.length).set(numbers)
      const places = numbers.map((_, place) => place).sort((a, b) => {
        const [x, y] = [numbers[a], numbers[b]]
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b
        return (x === y ? 0 : (x < y) === descending ? 1 : -1) || a - b
      })
      expect([...sorter.sorted(numbers.length, descending)]).toEqual(places)
    }
  })
})
