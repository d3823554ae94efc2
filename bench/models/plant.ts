import { assign, setup, type AnyStateMachine } from 'xstate'
import { f64, kind, message, u32 } from '../../actors/index.ts'
import { Traffic } from './traffic.ts'

const Start = message('Start', { power: f64 })
const Stop = message('Stop', { force: f64 })
const Load = message('Load', { mass: f64 })
const Signal = message('Signal', { strength: f64 })
const Alarm = message('Alarm', { level: f64 })
const Rest = message('Rest', { hours: f64 })

/** A plant of four parts that are in states of their own. */
export const Plant = kind('plant', {
  columns: { heat: f64, mass: f64, mood: f64, starts: u32, signals: u32, shifts: u32 },
  receives: [Start, Stop, Load, Signal, Alarm, Rest],
})

/** What a plant's regions do. Made for each machine: who runs one may mark its actions. */
const parts = () => setup({
  types: Plant.types,
  actions: {
    // Not commutative: an order other than XState's shows in the sum.
    cheer: assign({ mood: ({ context }) => context.mood / 2 + 3 }),
    vex: assign({ mood: ({ context }) => context.mood / 2 - 1 }),
    cool: assign({ heat: ({ context }) => context.heat / 2 }),
    count: assign({ shifts: ({ context }) => context.shifts + 1 }),
  },
  guards: {
    hot: ({ context }) => context.heat > 8,
    full: ({ context }) => context.mass > 15,
  },
})

/** A machine of four regions, 4 x 4 x 4 x 5 = 320 configurations, each of which some of six messages move, with guards, entries and exits. A new one each time. */
export function plantMachine(): AnyStateMachine {
  return parts().createMachine({
    id: 'plant',
    context: { heat: 0, mass: 0, mood: 0, starts: 0, signals: 0, shifts: 0 },
    type: 'parallel',
    states: {
      engine: {
        initial: 'off',
        states: {
          off: { on: { Start: { target: 'idle', actions: assign({ starts: ({ context }) => context.starts + 1 }) } } },
          idle: { on: { Start: { guard: ({ event }) => event.power > 4, target: 'running', actions: assign({ heat: ({ context, event }) => context.heat + event.power }) }, Stop: 'off' } },
          running: {
            exit: 'vex',
            on: {
              Start: [{ guard: 'hot', target: 'broken' }, { actions: assign({ heat: ({ context, event }) => context.heat + event.power }) }],
              Stop: 'idle',
            },
          },
          broken: { entry: 'cool', on: { Rest: { guard: ({ event }) => event.hours > 3, target: 'off' } } },
        },
      },
      cargo: {
        initial: 'empty',
        states: {
          empty: { entry: assign({ mass: 0 }), on: { Load: { target: 'loading', actions: assign({ mass: ({ event }) => event.mass }) } } },
          loading: { on: { Load: [{ guard: 'full', target: 'loaded' }, { actions: assign({ mass: ({ context, event }) => context.mass + event.mass }) }] } },
          loaded: { entry: 'cheer', on: { Start: 'unloading', Alarm: { guard: ({ event }) => event.level > 5, target: 'empty' } } },
          unloading: { exit: 'vex', on: { Stop: 'empty', Load: 'loading' } },
        },
      },
      radio: {
        initial: 'silent',
        states: {
          silent: { on: { Signal: { target: 'listening', actions: assign({ signals: ({ context }) => context.signals + 1 }) } } },
          listening: { exit: 'cheer', on: { Signal: { guard: ({ event }) => event.strength > 3, target: 'sending' }, Rest: 'silent' } },
          sending: { on: { Signal: 'listening', Alarm: { guard: ({ event }) => event.level > 1, target: 'jammed' } } },
          jammed: { entry: 'vex', on: { Alarm: { guard: ({ event }) => event.level > 6, target: 'silent' }, Rest: { guard: ({ event }) => event.hours > 5, target: 'listening' } } },
        },
      },
      crew: {
        initial: 'asleep',
        states: {
          asleep: { on: { Alarm: 'waking', Rest: { guard: ({ event }) => event.hours > 6, target: 'waking' } } },
          waking: { exit: 'count', on: { Start: 'working', Rest: 'asleep' } },
          working: { entry: 'vex', on: { Rest: { guard: ({ event }) => event.hours > 4, target: 'tired' }, Load: { guard: 'full', target: 'striking' } } },
          tired: { on: { Rest: 'asleep', Signal: 'working' } },
          striking: { exit: 'cheer', on: { Alarm: { guard: ({ event }) => event.level > 6, target: 'working' }, Rest: { guard: ({ event }) => event.hours > 6, target: 'tired' } } },
        },
      },
    },
  })
}

/** What happens to plants: a message every step. */
export const plantTraffic = new Traffic({
  clock: false,
  arrivals: [
    { type: Start, field: 'power', weight: 1, values: 20, unit: 0.5 },
    { type: Stop, field: 'force', weight: 1, values: 20, unit: 0.5 },
    { type: Load, field: 'mass', weight: 1, values: 40, unit: 0.5 },
    { type: Signal, field: 'strength', weight: 1, values: 20, unit: 0.5 },
    { type: Alarm, field: 'level', weight: 1, values: 20, unit: 0.5 },
    { type: Rest, field: 'hours', weight: 1, values: 20, unit: 0.5 },
  ],
})
