import { setImmediate } from 'node:timers/promises'
import { assign, createMachine, enqueueActions, raise, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { kind, message, u32 } from '../../actors/index.ts'
import { configurationsMax } from '../../actors/statechart/configuration.ts'
import { garbageCollector } from '../collect.ts'
import { Agents, executors } from './agents.ts'

const regions = Array.from({ length: 15 }, (_, i) => `r${String(i)}`)

describe.each(executors)('a machine that has been in more configurations than are kept, %s', (executor) => {
  it('is born into its first states, and goes on from where it was', { timeout: 60_000 }, () => {
    const Maze = kind('maze', { columns: {} })
    const machine = createMachine({ id: 'maze', type: 'parallel', states: Object.fromEntries(regions.map((name) => [name, { initial: 'a', states: { a: {}, b: {} } }])) })
    const rows = configurationsMax + 100
    const agents = new Agents({ kind: Maze, machine, executor, rows })
    const first = agents.value(0)
    const state = agents.table.column('$state').live
    for (let row = 0; row < rows; row++) state[row] = 2 ** 15 - 1 - row
    agents.turn(() => [])
    expect(agents.value(agents.spawn())).toEqual(first)
    expect([0, 1, rows - 1].map((row) => state[row])).toEqual([2 ** 15 - 1, 2 ** 15 - 2, 2 ** 15 - rows])
  })
})

it('tables are forgotten in the middle of a step: mail and STEP go on', { timeout: 60_000 }, () => {
  const Flip = message('Flip', {})
  const Maze = kind('maze', { columns: {}, receives: [Flip] })
  const toggle = (event: string) => ({ initial: 'a', states: { a: { on: { [event]: 'b' } }, b: { on: { [event]: 'a' } } } })
  const still = { initial: 'a', states: { a: {}, b: {} } }
  // The first region counts most in the number of a configuration.
  const states = Object.fromEntries(regions.map((name, i) => [name, i === 0 ? toggle('STEP') : i === 1 ? toggle('Flip') : still]))
  const rows = configurationsMax + 100
  const agents = new Agents({ kind: Maze, machine: createMachine({ id: 'maze', type: 'parallel', states }), executor: 'compiled', rows })
  const state = agents.table.column('$state').live
  for (let row = 0; row < rows; row++) state[row] = row
  for (let turn = 0; turn < 3; turn++) agents.turn((row) => Array.from({ length: row % 3 }, () => ({ type: 'Flip', payload: {} })))
  const wanted = Array.from({ length: rows }, (_, row) => row ^ 2 ** 14 ^ (row % 3 === 1 ? 2 ** 13 : 0))
  expect([...state.subarray(0, rows)]).toEqual(wanted)
})

it('populations of one machine share what is known of it, and forget it together', { timeout: 60_000 }, () => {
  const Flip = message('Flip', {})
  const [Maze, Wood] = ['maze', 'wood'].map((name) => kind(name, { columns: {}, receives: [Flip] }))
  const toggle = { initial: 'a', states: { a: { on: { Flip: 'b' } }, b: { on: { Flip: 'a' } } } }
  const machine = createMachine({ id: 'maze', type: 'parallel', states: Object.fromEntries(regions.map((name) => [name, toggle])) })
  const tables = { configurations: 200, branches: 100_000 }
  const rows = tables.configurations / 2 + 100
  const programs = new Map()
  const populations = [Maze, Wood].map((each) => new Agents({ kind: each, machine, executor: 'compiled', rows, programs, tables }))
  const states = populations.map(({ table }) => table.column('$state').live)
  for (let row = 0; row < rows; row++) states.forEach((state, which) => (state[row] = 2 * row + which))
  for (let turn = 0; turn < 3; turn++) {
    for (const population of populations) population.turn((row) => (row % 50 < turn ? [{ type: 'Flip', payload: {} }] : []))
  }
  const flipped = (row: number, number: number): number => (row % 50 === 0 ? number : row % 50 === 1 ? number ^ (2 ** 15 - 1) : number)
  states.forEach((state, which) => {
    expect([...state.subarray(0, rows)]).toEqual(Array.from({ length: rows }, (_, row) => flipped(row, 2 * row + which)))
  })
})

it.each([50, 51, 52, 1_000])('names of events that a machine makes up are forgotten, too, after %i branches', (branches) => {
  const Maze = kind('maze', { columns: { n: u32, zero: u32, one: u32, last: u32 } })
  const machine = setup({
    types: Maze.types,
    // Tables take fewer branches for everything else from here on, and hold more names.
    guards: { early: ({ context }) => context.n < 20, earlier: ({ context }) => context.n < 10 },
    actions: {
      count: assign({ n: ({ context }) => context.n + 1 }),
      tell: raise(({ context }) => ({ type: `made.${String(context.n % 3)}.${String(context.n)}` }) as never),
      zero: assign({ zero: ({ context }) => context.zero + 1 }),
      one: assign({ one: ({ context }) => context.one + 1 }),
      keep: assign({ last: ({ context }) => context.n }),
    },
  }).createMachine({
    id: 'maze',
    context: Maze.context,
    on: { STEP: [{ guard: 'earlier', actions: ['count', 'tell'] }, { guard: 'early', actions: ['count', 'tell'] }, { actions: ['count', 'tell'] }], ...({ 'made.0.3': { actions: 'keep' }, 'made.0.*': { actions: 'zero' }, 'made.1.*': { actions: 'one' } } as object) },
  })
  const rows = 300
  const agents = new Agents({ kind: Maze, machine, executor: 'compiled', tables: { configurations: 16, branches }, rows })
  const { live } = agents.table.column('n')
  for (let row = 0; row < rows; row++) live[row] = 7 * row
  const turns = 30
  for (let turn = 0; turn < turns; turn++) agents.turn(() => [])
  expect(agents.context(0)).toEqual({ n: 30, zero: 9, one: 10, last: 3 })
  for (let row = 1; row < rows; row++) expect(agents.context(row)).toEqual({ n: 7 * row + 30, zero: 10, one: 10, last: 0 })
  expect((Reflect.get(agents.running, 'names') as readonly unknown[]).length).toBeLessThan(branches + 10)
})

describe.each(['compiled', 'watched'] as const)('functions that actions make while they run, %s', (executor) => {
  it.each<[string, (made: <F extends object>(run: F) => F) => unknown]>([
    ['in a guard that is asked', (made) => enqueueActions(({ enqueue, check }) => { if (check(made(() => true))) enqueue.assign({ n: 1 }) })],
    ['in an assign', (made) => enqueueActions(({ enqueue }) => { enqueue.assign(made(() => ({ n: 2 }))) })],
    ['in an assign of a field', (made) => enqueueActions(({ enqueue }) => { enqueue.assign({ n: made(() => 3) }) })],
  ])('are not kept: %s', async (_where, action) => {
    const Flip = message('Flip', {})
    const Maze = kind('maze', { columns: { n: u32 }, receives: [Flip] })
    const refs: WeakRef<object>[] = []
    const made = <F extends object>(run: F): F => {
      refs.push(new WeakRef(run))
      return run
    }
    const machine = createMachine({ id: 'maze', context: { n: 0 }, on: { Flip: { actions: action(made) as never } } })
    const agents = new Agents({ kind: Maze, machine, executor })
    for (let turn = 0; turn < 300; turn++) agents.turn(() => [{ type: 'Flip', payload: {} }])
    await setImmediate()
    garbageCollector()()
    expect(refs.length).toBeGreaterThanOrEqual(300)
    expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(5)
  })
})

describe('what is known of a machine', () => {
  const Flip = message('Flip', {})
  const [Maze, Wood] = ['maze', 'wood'].map((name) => kind(name, { columns: { n: u32 }, receives: [Flip] }))
  const flip = (agents: Agents): void => {
    agents.turn(() => [{ type: 'Flip', payload: {} }])
  }

  it('is traced once for all its populations', () => {
    let asked = 0
    const machine = createMachine({ id: 'maze', initial: 'a', states: { a: { on: { Flip: 'b' } }, b: { on: { Flip: 'a' } } } })
    const provide = machine.provide.bind(machine)
    machine.provide = (implementations) => {
      const shadow = provide(implementations)
      const transition = shadow.transition.bind(shadow)
      shadow.transition = (...given) => {
        asked++
        return transition(...given)
      }
      return shadow
    }
    const programs = new Map()
    const counts = [Maze, Wood, Maze].map((each) => {
      const agents = new Agents({ kind: each, machine, executor: 'compiled', programs })
      for (let turn = 0; turn < 4; turn++) flip(agents)
      return asked
    })
    expect(counts).toEqual([2, 2, 2])
  })

  it('is nothing to those whose functions are watched', () => {
    let asked = 0
    const machine = setup({ types: Maze.types }).createMachine({ id: 'maze', context: Maze.context, on: { Flip: { actions: assign({ n: () => ++asked }) } } })
    const programs = new Map()
    flip(new Agents({ kind: Maze, machine, executor: 'compiled', programs }))
    expect(() => {
      flip(new Agents({ kind: Maze, machine, executor: 'watched', programs }))
    }).toThrow('said 2 and then 3 of the same context and event')
  })
})
