import { and, assign, createMachine, enqueueActions, not, or, raise, setup, stateIn } from 'xstate'
import { describe, expect, it } from 'vitest'
import { chance, createSimulation, defineWorld, describeMachines, kind, message, MetabonkError, nobody, send, u32, type MachineDescription } from '../../actors/index.ts'
import meadow from '../../actors/worlds/meadow.ts'

const Hit = message('Hit', { power: u32 })
const Fighter = kind('fighter', { columns: { hp: u32 }, receives: [Hit] })
const Rock = kind('rock', {})
const base = setup({ types: Fighter.types, guards: { weak: ({ context }) => context.hp < 3 }, actions: { cheer: () => undefined, shout: (_, { loud }: { loud: number }) => { expect(loud).toBe(1) } }, delays: { nap: 4 } })

const machine = base.createMachine({
  id: 'fighter',
  context: Fighter.context,
  type: 'parallel',
  on: {
    '*': { actions: raise({ type: 'DONE' } as never) },
    Hit: [
      { guard: or(['weak', and([not('weak'), ({ context }) => context.hp > 1])]), target: '.body.down', actions: ['cheer', { type: 'shout', params: { loud: 1 } }, assign({ hp: 3 }), send(Hit, nobody, { power: 1 })] },
      { actions: [assign(() => ({})), () => undefined] },
    ],
  },
  states: {
    mood: {
      initial: 'calm',
      states: {
        calm: { entry: 'cheer', exit: enqueueActions(() => undefined), on: { STEP: { guard: chance('c', 0.25), target: 'angry', reenter: true } } },
        angry: { tags: ['dangerous'], always: { guard: stateIn({ body: { up: 'high' } }), target: 'calm' }, after: { 1500: 'calm', nap: { actions: 'cheer' } } },
      },
    },
    body: {
      id: 'torso',
      initial: 'up',
      onDone: { actions: 'cheer' },
      states: {
        up: { initial: 'low', states: { low: {}, high: {} } },
        down: { on: { STEP: 'last' } },
        last: { type: 'history', history: 'deep', target: 'up.high' },
        gone: { type: 'final' },
      },
    },
  },
})

function described(): MachineDescription {
  const [found] = describeMachines(defineWorld({ name: 'fight', kinds: [Rock, Fighter.with(machine)], init: () => undefined }))
  return found
}

describe('describeMachines', () => {
  it('leaves out kinds without a machine, and counts what the others have', () => {
    const { states, ...rest } = described()
    expect(rest).toMatchObject({
      kind: 'fighter',
      machine: 'fighter',
      runs: 'compiled',
      configurations: 2 * (2 + 1 + 1),
      events: ['*', 'Hit', 'STEP'],
      timers: 2,
      histories: 1,
      columns: [{ name: '$state', bytes: 4 }, { name: '$history', bytes: 4 }, { name: '$timers', bytes: 16 }],
    })
    expect(states.map(({ id, type }) => `${id} ${type}`)).toEqual([
      'fighter parallel', 'fighter.mood compound', 'fighter.mood.calm atomic', 'fighter.mood.angry atomic', 'torso compound', 'fighter.body.up compound', 'fighter.body.up.low atomic',
      'fighter.body.up.high atomic', 'fighter.body.down atomic', 'fighter.body.last history', 'fighter.body.gone final',
    ])
  })

  it('says of a state where it lies, where it starts and what it does; timers of XState are not among that', () => {
    const of = (path: string) => described().states.find((state) => state.path === path)
    expect(of('')).toMatchObject({ parent: undefined, initial: [] })
    expect(of('mood')).toMatchObject({ parent: 'fighter', initial: ['fighter.mood.calm'] })
    expect(of('mood.calm')).toMatchObject({ entry: ['cheer'], exit: ['enqueueActions'], history: undefined })
    expect(of('mood.angry')).toMatchObject({ entry: [], exit: [], tags: ['dangerous'] })
    expect(of('body.last')).toMatchObject({ parent: 'torso', history: 'deep', initial: ['fighter.body.up.high'] })
  })

  it('names guards and actions as people wrote them', () => {
    const lines = described().transitions.map(({ source, trigger, guard, actions, targets, reenter }) => `${source}: ${trigger} [${guard ?? ''}] / ${actions.join(', ')} -> ${targets.join()}${reenter ? ' again' : ''}`)
    expect(lines).toEqual([
      'fighter: * [] / raise DONE -> ',
      'fighter: Hit [weak or (not weak and guard)] / cheer, shout, assign(hp), send Hit -> fighter.body.down',
      'fighter: Hit [] / assign, action -> ',
      'fighter.mood.calm: STEP [chance c 0.25] /  -> fighter.mood.angry again',
      'fighter.mood.angry: after 1500 [] /  -> fighter.mood.calm',
      'fighter.mood.angry: after nap [] / cheer -> ',
      'fighter.mood.angry: always [in body.up.high] /  -> fighter.mood.calm',
      'torso: done [] / cheer -> ',
      'fighter.body.down: STEP [] /  -> fighter.body.last',
    ])
  })

  it('changes nothing in the machine that it describes', () => {
    const hash = (): string => {
      const simulation = createSimulation({ world: meadow, seed: 3, threads: 0 })
      simulation.step(5)
      return simulation.hash
    }
    const before = hash()
    describeMachines(meadow)
    expect(hash()).toBe(before)
  })

  it('refuses what can not run in a swarm, as a simulation does', () => {
    const caller = createMachine({ id: 'caller', initial: 'calling', states: { calling: { invoke: { src: 'phone' } } } })
    expect(() => describeMachines(defineWorld({ name: 'w', kinds: [Rock.with(caller)], init: () => undefined }))).toThrow(MetabonkError)
  })
})
