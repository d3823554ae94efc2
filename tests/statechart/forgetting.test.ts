import { createMachine } from 'xstate'
import { describe, expect, it } from 'vitest'
import { kind } from '../../actors/index.ts'
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
