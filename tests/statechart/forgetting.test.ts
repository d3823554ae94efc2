import { assign, createMachine, raise, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { kind, message, u32 } from '../../actors/index.ts'
import { configurationsMax } from '../../actors/statechart/configuration.ts'
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
  const rows = configurationsMax / 2 + 100
  let made = 0
  const provide = machine.provide.bind(machine)
  machine.provide = (implementations) => {
    made++
    return provide(implementations)
  }
  const programs = new Map()
  const populations = [Maze, Wood].map((each) => new Agents({ kind: each, machine, executor: 'compiled', rows, programs }))
  expect(made).toBe(1)
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

it('names of events that a machine makes up are forgotten, too', { timeout: 60_000 }, () => {
  const Maze = kind('maze', { columns: { n: u32, seen: u32, last: u32 } })
  const machine = setup({
    types: Maze.types,
    actions: {
      count: assign({ n: ({ context }) => context.n + 1 }),
      tell: raise(({ context }) => ({ type: `made.up.${String(context.n)}` }) as never),
      keep: assign({ last: ({ context }) => context.n }),
      see: assign({ seen: ({ context }) => context.seen + 1 }),
    },
  }).createMachine({
    id: 'maze',
    context: Maze.context,
    on: { STEP: { actions: ['count', 'tell'] }, ...({ 'made.up.3': { actions: 'keep' }, 'made.up.*': { actions: 'see' } } as object) },
  })
  const agents = new Agents({ kind: Maze, machine, executor: 'compiled' })
  const turns = 120_000
  for (let turn = 0; turn < turns; turn++) agents.turn(() => [])
  expect(agents.context(0)).toEqual({ n: turns, seen: turns - 1, last: 3 })
  expect((Reflect.get(agents.running, 'names') as readonly unknown[]).length).toBeLessThan(turns)
})
