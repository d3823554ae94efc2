/**
 * The four roles as machines. A policy steers a hero; its machine is its condition: how fast it is, how much it takes and deals, what
 * it is rewarded for, when it falls and when it comes back.
 */
import { assign, setup } from 'xstate'
import { Killer, Scout, Speedrunner, Tank } from './kinds.ts'

/** Milliseconds a life lasts at most: an episode that ends there is truncated. */
export const lifeMillis = 120_000
const healthPerLevel = 15
export const staminaMax = 100
/** Experience that level n takes: n times this. */
export const xpPerLevel = 4

/** How a hero starts its life. */
export const beginner = { level: 1, xp: 0, age: 0, health: 100, healthMax: 100, stamina: staminaMax } as const

/** The regions that it has been to at first: none. */
const uncharted = new Array<number>(Scout.columns.charted.width).fill(0)

interface Condition {
  readonly pace: number
  readonly guard: number
  readonly fury: number
}

/** All roles have the same columns, so one set of guards and actions serves them. */
const hero = setup({
  types: Scout.types,
  guards: {
    survives: ({ context, event }) => event.type === 'Hit' && context.health > event.damage * context.guard,
    promotes: ({ context, event }) => event.type === 'Granted' && context.xp + event.xp >= context.level * xpPerLevel,
    spent: ({ context }) => context.stamina <= 0,
    rested: ({ context }) => context.stamina >= staminaMax,
    weak: ({ context }) => context.health < 0.4 * context.healthMax,
    mended: ({ context }) => context.health >= 0.8 * context.healthMax,
  },
  actions: {
    adopt: assign({
      pace: (_, { pace }: Condition) => pace,
      guard: (_, { guard }: Condition) => guard,
      fury: (_, { fury }: Condition) => fury,
    }),
    earn: assign({ merit: ({ context }, { merit }: { readonly merit: number }) => context.merit + merit }),
    bleed: assign({ health: ({ context, event }) => (event.type === 'Hit' ? context.health - event.damage * context.guard : context.health) }),
    absorb: assign({ merit: ({ context, event }) => (event.type === 'Hit' ? context.merit + 0.05 * event.damage : context.merit) }),
    mend: assign({ health: ({ context }) => Math.min(context.health + 0.25, context.healthMax) }),
    tire: assign({ stamina: ({ context }) => context.stamina - 1 }),
    rest: assign({ stamina: ({ context }) => context.stamina + 2 }),
    kill: assign({ kills: ({ context }) => context.kills + 1 }),
    gather: assign({ gems: ({ context }) => context.gems + 1, xp: ({ context, event }) => (event.type === 'Granted' ? context.xp + event.xp : context.xp) }),
    promote: assign({
      level: ({ context }) => context.level + 1,
      xp: ({ context }) => context.xp - context.level * xpPerLevel,
      healthMax: ({ context }) => context.healthMax + healthPerLevel,
      health: ({ context }) => context.healthMax + healthPerLevel,
    }),
    fall: assign({ fate: 'fell', health: 0, deaths: ({ context }) => context.deaths + 1, merit: ({ context }) => context.merit - 5 }),
    retire: assign({ fate: 'retired' }),
    begin: assign({ ...beginner, fate: 'returns', charted: uncharted }),
  },
})

interface Rewards {
  readonly kill: number
  readonly gem: number
  readonly level: number
}

function earn(merit: number) {
  return { type: 'earn', params: { merit } } as const
}

function adopt(condition: Condition) {
  return { type: 'adopt', params: condition } as const
}

/** What kills and gems bring a role, in every state. */
function gains({ kill, gem, level }: Rewards) {
  return {
    Slain: { actions: ['kill', earn(kill)] },
    Granted: [{ guard: 'promotes', actions: ['gather', 'promote', earn(gem + level)] }, { actions: ['gather', earn(gem)] }],
  } as const
}

/** What blows do to the living, unless their state knows better. */
const wounds = [{ guard: 'survives', actions: 'bleed' }, { target: 'fallen', actions: 'fall' }] as const
/** A life that lasted long enough ends in peace. */
const oldAge = { [lifeMillis]: { target: 'fallen', actions: 'retire' } } as const
/** The fallen come back after three seconds, as beginners. */
const fallen = { after: { 3_000: { target: 'alive', actions: 'begin' } } } as const

/** Explores; a blow sends it running for a while. */
export const scout = hero.createMachine({
  id: 'scout',
  initial: 'alive',
  context: Scout.context,
  on: gains({ kill: 0, gem: 0.1, level: 0.5 }),
  states: {
    alive: {
      initial: 'exploring',
      on: { Hit: wounds },
      after: oldAge,
      states: {
        exploring: { entry: adopt({ pace: 1.25, guard: 1, fury: 0.8 }), on: { Hit: { guard: 'survives', target: 'evading', actions: 'bleed' } } },
        evading: { entry: adopt({ pace: 1.7, guard: 0.8, fury: 0 }), after: { 1_500: 'exploring' } },
      },
    },
    fallen,
  },
})

/** Sprints until it is out of breath. */
export const speedrunner = hero.createMachine({
  id: 'speedrunner',
  initial: 'alive',
  context: Speedrunner.context,
  on: gains({ kill: 0.1, gem: 0.5, level: 5 }),
  states: {
    alive: {
      initial: 'sprinting',
      on: { Hit: wounds },
      after: oldAge,
      states: {
        sprinting: { entry: adopt({ pace: 1.5, guard: 1, fury: 1 }), on: { STEP: [{ guard: 'spent', target: 'winded' }, { actions: 'tire' }] } },
        winded: { entry: adopt({ pace: 0.7, guard: 1.2, fury: 1 }), on: { STEP: [{ guard: 'rested', target: 'sprinting' }, { actions: 'rest' }] } },
      },
    },
    fallen,
  },
})

/** Every kill throws it into a frenzy that lasts two seconds. */
export const killer = hero.createMachine({
  id: 'killer',
  initial: 'alive',
  context: Killer.context,
  on: gains({ kill: 1, gem: 0.1, level: 0.5 }),
  states: {
    alive: {
      initial: 'hunting',
      on: { Hit: wounds, Slain: { target: '.frenzied', actions: ['kill', earn(1)] } },
      after: oldAge,
      states: {
        hunting: { entry: adopt({ pace: 1, guard: 1, fury: 1.2 }) },
        frenzied: { entry: adopt({ pace: 1.3, guard: 1.1, fury: 2 }), after: { 2_000: 'hunting' } },
      },
    },
    fallen,
  },
})

/** Takes blows for others; when it is weak it digs in and mends. */
export const tank = hero.createMachine({
  id: 'tank',
  initial: 'alive',
  context: Tank.context,
  on: gains({ kill: 0.2, gem: 0.1, level: 0.5 }),
  states: {
    alive: {
      initial: 'guarding',
      on: { Hit: [{ guard: 'survives', actions: ['bleed', 'absorb'] }, { target: 'fallen', actions: 'fall' }] },
      after: oldAge,
      states: {
        guarding: { entry: adopt({ pace: 0.8, guard: 0.5, fury: 1 }), always: { guard: 'weak', target: 'entrenched' } },
        entrenched: { entry: adopt({ pace: 0.25, guard: 0.25, fury: 0.7 }), on: { STEP: [{ guard: 'mended', target: 'guarding' }, { actions: 'mend' }] } },
      },
    },
    fallen,
  },
})
