import { assign, createActor, emit, enqueueActions, setup, type AnyStateMachine } from 'xstate'
import { describe, expect, it } from 'vitest'
import { createSimulation, defineWorld, f32, kind, message, u32, type KindType, type Simulation } from '../../actors/index.ts'
import type { Executor } from '../../actors/statechart/index.ts'

const Alarm = message('Alarm', { loudness: f32 })
const Guard = kind('guard', { columns: { heard: f32, calls: u32 }, receives: [Alarm] })
const Dog = kind('dog', { columns: { heard: f32, calls: u32 }, receives: [Alarm] })
const Cat = kind('cat', { columns: { heard: f32 } })
const Runner = kind('runner', { columns: { pace: f32, laps: u32, distance: f32, place: u32 } })

const executors: readonly Executor[] = ['compiled', 'interpreted', 'watched']

/** Hears alarms; the first of its kind gives one in step 2. */
function listener(kindType: typeof Guard | typeof Dog, executor: Executor) {
  const isFirst = ({ context }: { readonly context: { readonly calls: number } }): boolean => context.calls === 2
  const machine = setup({ types: kindType.types, guards: { isFirst } }).createMachine({
    id: kindType.name,
    initial: 'awake',
    context: kindType.context,
    states: {
      awake: {
        on: {
          Alarm: { actions: enqueueActions(({ enqueue, context, event }) => { enqueue.assign({ heard: context.heard + event.loudness }) }) },
          STEP: [{ guard: 'isFirst', actions: [emit(({ context }) => ({ type: 'Alarm', loudness: context.calls / 4 })), enqueueActions(({ enqueue }) => { enqueue.assign({ calls: 0 }) })] }],
        },
      },
    },
  })
  return kindType.with(machine, { executor })
}

function columnOf(simulation: Simulation, kindType: KindType, rows: number, name: string): unknown[] {
  return Array.from({ length: rows }, (_, row) => simulation.get(kindType, row, name))
}

function runnersWith(machine: AnyStateMachine, executor: Executor): Simulation {
  const world = defineWorld({
    name: 'track',
    kinds: [Runner.with(machine, { executor })],
    init: ({ spawn }) => {
      for (let row = 0; row < 80; row++) spawn(Runner, { pace: 1.5 + row / 8 })
    },
  })
  return createSimulation({ world, seed: 1, threads: 0 })
}

/** Runs three laps; what it came to is its output. */
function runnerMachine(output: unknown, type: 'compound' | 'parallel' = 'compound'): AnyStateMachine {
  const laps = {
    initial: 'running',
    states: {
      running: { on: { STEP: [{ guard: ({ context }: { readonly context: { readonly laps: number } }) => context.laps === 3, target: 'home' }, { actions: 'lap' }] } },
      home: { type: 'final' as const, output: ({ context }: { readonly context: { readonly laps: number } }) => context.laps * 400 },
    },
  }
  const { createMachine } = setup({
    types: Runner.types,
    actions: { lap: enqueueActions(({ enqueue, context }) => { enqueue.assign({ laps: context.laps + 1 }) }) },
  })
  return createMachine({ id: 'runner', context: Runner.context, output, ...(type === 'parallel' ? { type, states: { legs: laps } } : laps) } as never) as unknown as AnyStateMachine
}

describe.each(executors)('%s', (executor) => {
  it('an emitted event is a message to every other agent that receives it', () => {
    const world = defineWorld({
      name: 'yard',
      kinds: [listener(Guard, executor), listener(Dog, executor), Cat],
      init: ({ spawn }) => {
        for (let row = 0; row < 3; row++) spawn(Guard, { calls: row === 1 ? 2 : 0 })
        for (let row = 0; row < 2; row++) spawn(Dog, {})
        spawn(Cat, {})
      },
    })
    const simulation = createSimulation({ world, seed: 1, threads: 0 })
    simulation.step(2)
    expect(columnOf(simulation, Guard, 3, 'heard')).toEqual([0.5, 0, 0.5])
    expect(columnOf(simulation, Dog, 2, 'heard')).toEqual([0.5, 0.5])
    expect(columnOf(simulation, Guard, 3, 'calls')).toEqual([0, 0, 0])
  })

  it('the output of a machine that is done goes to the columns it names', () => {
    const output = ({ context, event }: { readonly context: { readonly pace: number }; readonly event: { readonly output: number } }) => ({ distance: event.output * context.pace, place: 1 })
    const simulation = runnersWith(runnerMachine(output), executor)
    simulation.step(3)
    expect(simulation.get(Runner, 4, 'place')).toBe(0)
    simulation.step(1)
    expect(columnOf(simulation, Runner, 80, 'distance')).toEqual(Array.from({ length: 80 }, (_, row) => Math.fround(1_200 * (1.5 + row / 8))))
    expect(columnOf(simulation, Runner, 80, 'place')).toEqual(Array.from({ length: 80 }, () => 1))
  })

  it('a constant output, and that of a parallel machine, as XState makes it', () => {
    for (const [type, output] of [['compound', { place: 7 }], ['parallel', ({ event }: { readonly event: { readonly type: string; readonly output: unknown } }) => ({ place: event.type.length + (event.output === undefined ? 100 : 200) })]] as const) {
      const machine = runnerMachine(output, type)
      const simulation = runnersWith(machine, executor)
      simulation.step(4)
      const actor = createActor(runnerMachine(output, type), { input: { pace: 0, laps: 0, distance: 0, place: 0 } }).start()
      for (let step = 0; step < 4; step++) actor.send({ type: 'STEP' })
      expect(simulation.get(Runner, 0, 'place')).toBe((actor.getSnapshot() as { readonly output: { readonly place: number } }).output.place)
    }
  })

  it('an output is made before the states are left, and kept after', () => {
    const types = Runner.types
    const make = () =>
      setup({ types }).createMachine({
        id: 'runner',
        initial: 'running',
        context: Runner.context,
        exit: assign({ laps: 50, distance: ({ context }) => context.place + 3, place: 9 }),
        output: ({ context }) => ({ place: context.laps }),
        states: { running: { on: { STEP: 'home' } }, home: { type: 'final', entry: assign({ laps: 7 }), exit: assign({ laps: 40 }) } },
      })
    const simulation = runnersWith(make(), executor)
    simulation.step()
    const actor = createActor(make(), { input: { pace: 0, laps: 0, distance: 0, place: 0 } }).start()
    actor.send({ type: 'STEP' })
    const { context, output } = actor.getSnapshot()
    expect([context.laps, context.distance, output]).toEqual([50, 3, { place: 7 }])
    expect(['laps', 'distance', 'place'].map((name) => simulation.get(Runner, 0, name))).toEqual([50, 3, 7])
  })

  it('an output that columns cannot keep is refused by name', () => {
    expect(() => runnersWith(runnerMachine(5), executor).step(4)).toThrow('the output of machine runner is 5')
    expect(() => runnersWith(runnerMachine({ medal: 1 }), executor).step(4)).toThrow("assigns 'medal', which is no column of runner")
    expect(() => runnersWith(runnerMachine({ place: 0.5 }), executor).step(4)).toThrow('runner.place')
    expect(() => runnersWith(runnerMachine({ place: undefined }), executor).step(4)).toThrow("the output of machine runner has no value for 'place'")
  })
})
