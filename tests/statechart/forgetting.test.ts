import { createMachine } from 'xstate'
import { describe, expect, it } from 'vitest'
import { kind, message } from '../../actors/index.ts'
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
