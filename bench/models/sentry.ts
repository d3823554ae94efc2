import { assign, setup, type AnyStateMachine } from 'xstate'
import { f64, kind, message, u32 } from '../../actors/index.ts'
import { Traffic } from './traffic.ts'

const Spotted = message('Spotted', { range: f64 })
const Lost = message('Lost', { seconds: f64 })
const Hit = message('Hit', { damage: f64 })
const Heal = message('Heal', { amount: f64 })
const Order = message('Order', { zone: u32 })
const Supply = message('Supply', { rounds: u32 })

/** A guard at its post. Fields are f64 and u32, so that a context of plain numbers comes to the same bits. */
export const Sentry = kind('sentry', {
  columns: { health: f64, energy: f64, range: f64, ammo: u32, shots: u32, zone: u32, panics: u32, ignored: u32 },
  receives: [Spotted, Lost, Hit, Heal, Order, Supply],
})

/** A sentry at its birth. */
export const sentryStart = { health: 100, energy: 100, range: 0, ammo: 6, shots: 0, zone: 0, panics: 0, ignored: 0 } as const

/** Steps that watching and reloading take. */
export const watchSteps = 5
export const reloadSteps = 3

const guards = setup({
  types: Sentry.types,
  guards: {
    tired: ({ context }) => context.energy < 10,
    rested: ({ context }) => context.energy >= 80,
    recovered: ({ context }) => context.health >= 50,
    armed: ({ context }) => context.ammo > 0,
    inRange: ({ context }) => context.ammo > 0 && context.range < 8,
  },
})

/** The state of a sentry that fights. */
function engaged() {
  return guards.createStateConfig({
    initial: 'aiming',
    on: { Lost: { guard: ({ event }) => event.seconds > 2, target: 'duty' } },
    states: {
      aiming: { on: { STEP: [{ guard: 'armed', target: 'firing' }, { target: 'reloading' }] } },
      firing: {
        entry: assign({ shots: ({ context }) => context.shots + 1, ammo: ({ context }) => context.ammo - 1, energy: ({ context }) => context.energy - 1 }),
        on: { STEP: [{ guard: 'inRange', target: 'firing', reenter: true }, { target: 'aiming' }] },
      },
      reloading: {
        after: { [reloadSteps]: { target: 'aiming', actions: assign({ ammo: 6 }) } },
        on: {
          Supply: { guard: ({ event }) => event.rounds > 0, target: 'aiming', actions: assign({ ammo: ({ event }) => event.rounds }) },
          STEP: { actions: assign({ energy: ({ context }) => context.energy - 0.75 }) },
        },
      },
    },
  })
}

/** The sentry's machine: hierarchy, guards on context and payload, assigns from payloads, the clock, timers, an `always` and a wildcard. A new one each time. */
export function sentryMachine(): AnyStateMachine {
  return guards.createMachine({
    id: 'sentry',
    context: sentryStart,
    initial: 'duty',
    on: {
      Hit: [
        { guard: ({ context, event }) => context.health - event.damage <= 0, target: '.downed', actions: assign({ health: 0 }) },
        { guard: ({ context, event }) => context.health - event.damage < 30, target: '.fleeing', actions: assign({ health: ({ context, event }) => context.health - event.damage }) },
        { actions: assign({ health: ({ context, event }) => context.health - event.damage }) },
      ],
      Heal: { actions: assign({ health: ({ context, event }) => Math.min(100, context.health + event.amount) }) },
    },
    states: {
      duty: {
        initial: 'patrolling',
        on: {
          Order: { actions: assign({ zone: ({ event }) => event.zone }) },
          Spotted: [
            { guard: ({ event }) => event.range < 10, target: 'engaged', actions: assign({ range: ({ event }) => event.range }) },
            { target: '.watching', actions: assign({ range: ({ event }) => event.range }) },
          ],
        },
        states: {
          patrolling: {
            always: { guard: 'tired', target: 'resting' },
            on: { STEP: { actions: assign({ energy: ({ context }) => context.energy - 3 }) } },
          },
          watching: {
            after: { [watchSteps]: 'patrolling' },
            on: { Lost: 'patrolling', STEP: { actions: assign({ energy: ({ context }) => context.energy - 0.5 }) } },
          },
          resting: {
            on: { STEP: [{ guard: 'rested', target: 'patrolling' }, { actions: assign({ energy: ({ context }) => context.energy + 3 }) }] },
          },
        },
      },
      engaged: engaged(),
      fleeing: {
        entry: assign({ panics: ({ context }) => context.panics + 1 }),
        on: {
          Heal: [
            { guard: ({ event }) => event.amount >= 10, target: 'duty', actions: assign({ health: ({ context, event }) => Math.min(100, context.health + event.amount) }) },
            { actions: assign({ health: ({ context, event }) => Math.min(100, context.health + event.amount) }) },
          ],
          STEP: [{ guard: 'recovered', target: 'duty' }, { actions: assign({ health: ({ context }) => context.health + 1 }) }],
        },
      },
      downed: {
        on: {
          Heal: { target: 'duty', actions: assign({ health: ({ event }) => event.amount + 40, energy: 60 }) },
          '*': { actions: assign({ ignored: ({ context }) => context.ignored + 1 }) },
        },
      },
    },
  })
}

/** What happens to sentries: a message and the clock, every step. */
export const sentryTraffic = new Traffic({
  clock: true,
  arrivals: [
    { type: Spotted, field: 'range', weight: 6, values: 40, unit: 0.5 },
    { type: Lost, field: 'seconds', weight: 3, values: 16, unit: 0.5 },
    { type: Hit, field: 'damage', weight: 3, values: 100, unit: 0.5 },
    { type: Heal, field: 'amount', weight: 3, values: 60, unit: 0.5 },
    { type: Order, field: 'zone', weight: 2, values: 16, unit: 1 },
    { type: Supply, field: 'rounds', weight: 3, values: 9, unit: 1 },
  ],
})
