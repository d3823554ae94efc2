import { assign, raise, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { kind, message, u32 } from '../../actors/index.ts'
import { Agents } from './agents.ts'

const Go = message('Go', { n: u32 })
const Walker = kind('walker', { columns: { n: u32, walked: u32 }, receives: [Go], rowsMax: 1 })

describe.each(['compiled', 'watched', 'interpreted'] as const)('%s, whether it happens first or has often happened', (executor) => {
  it.each([0, 300])('the microsteps of an event are limited as in XState, after %i events', (before) => {
    const walker = setup({ types: Walker.types }).createMachine({
      id: 'walker',
      initial: 'at',
      context: Walker.context,
      states: {
        at: {
          on: { Go: { actions: assign({ n: ({ event }) => event.n, walked: ({ context }) => context.walked + 1 }) } },
          always: { guard: ({ context }) => context.n > 0, actions: assign({ n: ({ context }) => context.n - 1 }) },
        },
      },
      options: { maxIterations: 10 },
    })
    const agents = new Agents({ kind: Walker, machine: walker, executor })
    const go = (n: number) => () => {
      agents.turn(() => [{ type: 'Go', payload: { n } }])
    }
    for (let turn = 0; turn < before; turn++) go(2)()
    go(9)()
    expect(agents.context(0)).toEqual({ n: 0, walked: before + 1 })
    expect(go(10)).toThrow('machine walker does not come to rest')
  })

  it('a STEP that a state has raised for itself does not bring it those from outside', () => {
    const walker = setup({ types: Walker.types }).createMachine({
      id: 'walker',
      initial: 'off',
      context: Walker.context,
      states: {
        off: { on: { Go: { target: 'on', actions: raise({ type: 'STEP' }) } } },
        on: { always: { guard: ({ context }) => context.n > 0, actions: assign({ walked: ({ context }) => context.walked + 1, n: 0 }) } },
      },
    })
    const agents = new Agents({ kind: Walker, machine: walker, executor })
    agents.turn(() => [{ type: 'Go', payload: { n: 0 } }])
    agents.table.column('n').live[0] = 1
    agents.turn(() => [])
    expect(agents.context(0)).toEqual({ n: 1, walked: 0 })
  })
})
