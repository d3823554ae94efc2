import { assign, raise, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { agentId, f32, kind, message, nobody, selfId, send, u32, vec } from '../../actors/index.ts'
import { Agents } from './agents.ts'

const Go = message('Go', { n: u32 })
const Walker = kind('walker', { columns: { n: u32, walked: u32 }, receives: [Go], rowsMax: 1 })

const all = ['compiled', 'watched', 'interpreted'] as const

describe.each(all)('%s, whether it happens first or has often happened', (executor) => {
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

  it.each([0, 300])('a payload has the fields of its message and no others, after %i messages', (before) => {
    const walker = setup({ types: Walker.types, actions: { tell: send(Go, nobody, (args) => ({ n: (args.context as { readonly n: number }).n + 1 })) } }).createMachine({
      id: 'walker',
      context: Walker.context,
      on: {
        Go: [
          { guard: ({ event }) => event.n === 0, actions: ['tell', send(Go, ({ event }) => event.sender, { n: 0 })] },
          { guard: ({ event }) => event.n === 3, actions: send(Go, selfId, (args) => { send(Go, nobody, { n: 5 })(args); return { n: 6 } }) },
          { guard: ({ event }) => event.n === 1, actions: send(Go, nobody, () => ({ m: 1 }) as never) },
          { actions: send(Go, nobody, () => ({ n: -1 })) },
        ],
      },
    })
    const agents = new Agents({ kind: Walker, machine: walker, executor })
    const go = (n: number) => () => {
      agents.turn(() => [{ type: 'Go', payload: { n } }])
    }
    for (let turn = 0; turn < before; turn++) go(0)()
    agents.sent.length = 0
    go(0)()
    expect(agents.sent).toEqual([1, 0].map((n) => ({ row: 0, type: 'Go', to: nobody, payload: { n } })))
    const self = agents.table.idOfRow(0)
    for (let turn = 0; turn < before + 2; turn++) {
      agents.sent.length = 0
      go(3)()
      const once = [[nobody, 5], [self, 6]].map(([to, n]) => ({ row: 0, type: 'Go', to, payload: { n } }))
      // Those who watch it ask twice.
      expect(agents.sent).toEqual(executor === 'watched' ? [once[0], ...once] : once)
      expect(go(1)).toThrow("there is no field 'm' (step")
      expect(go(2)).toThrow("field 'n': expected an integer from 0 to 4294967295, got -1 (step")
    }
  })
})

const Place = kind('place', { columns: { n: u32, at: vec(u32, 2), from: agentId, pace: f32 }, receives: [Go], rowsMax: 1 })

describe.each(all)('%s, with functions that only read a field', (executor) => {
  it.each([0, 300])('gives them what they read, after %i events', (before) => {
    const places = setup({
      types: Place.types,
      actions: {
        keep: assign({ n: ({ context }) => context.n }),
        adopt: assign({ pace: (_, { pace }: { readonly pace: number }) => pace, n: (_, params) => params.pace }),
      },
    })
    const refuse = (): never => {
      throw new Error('there are no such params')
    }
    const machine = places.createMachine({
      id: 'place',
      context: { n: 0, at: [3, 4], from: nobody, pace: 0 },
      on: {
        Go: [
          { guard: ({ event }) => event.n === 1, actions: [{ type: 'adopt', params: { pace: 7 } }, send(Go, ({ event }) => event.sender, { n: 5 })] },
          { guard: ({ event }) => event.n === 2, actions: { type: 'adopt', params: ({ event }) => ({ pace: event.n }) } },
          { guard: ({ event }) => event.n === 3, actions: [{ type: 'adopt', params: Object.freeze({ pace: 0.5 }) }] },
          { guard: ({ event }) => event.n === 4, actions: [{ type: 'adopt', params: undefined as never }] },
          { guard: ({ event }) => event.n === 5, actions: { type: 'keep', params: refuse as never } },
          { actions: assign({ n: ({ event }) => event.n, from: ({ event }) => event.sender, at: ({ context }) => context.at }) },
        ],
      },
    })
    const agents = new Agents({ kind: Place, machine, executor })
    const go = (n: number) => () => {
      agents.turn(() => [{ type: 'Go', payload: { n } }])
    }
    for (let turn = 0; turn < before; turn++) for (const n of [1, 2, 9]) go(n)()
    agents.sent.length = 0
    go(9)()
    expect(agents.context(0)).toEqual({ n: 9, at: [3, 4], from: nobody, pace: before === 0 ? 0 : 2 })
    go(1)()
    expect(agents.context(0)).toMatchObject({ n: 7, pace: 7 })
    expect(agents.sent).toEqual([{ row: 0, type: 'Go', to: nobody, payload: { n: 5 } }])
    go(2)()
    expect(agents.context(0)).toMatchObject({ n: 2, pace: 2 })
    for (let turn = 0; turn < before + 1; turn++) expect(go(3)).toThrow('place.n: expected an integer from 0 to 4294967295, got 0.5')
    for (let turn = 0; turn < before + 1; turn++) expect(go(4)).toThrow(/undefined/)
    for (let turn = 0; turn < before + 1; turn++) expect(go(5)).toThrow('there are no such params')
  })
})

describe.each(all)('%s, with events of its own', (executor) => {
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
