/** Machines of enemies and gems. They move by mail and timers only, so that those nothing happens to cost nothing. */
import { assign, setup } from 'xstate'
import { send } from 'metabonk'
import { Enemy, Gem, Granted, Slain } from './kinds.ts'

/** Chases; a blow staggers it for a moment, and the deadly one is reported to whom it came from. */
export const enemy = setup({
  types: Enemy.types,
  guards: { survives: ({ context, event }) => event.type === 'Hit' && context.health > event.damage },
  actions: { bleed: assign({ health: ({ context, event }) => (event.type === 'Hit' ? context.health - event.damage : context.health) }) },
}).createMachine({
  id: 'enemy',
  initial: 'upright',
  context: Enemy.context,
  states: {
    upright: {
      initial: 'chasing',
      on: {
        Hit: [
          { guard: 'survives', target: '.staggered', actions: 'bleed' },
          { target: 'slain', actions: send(Slain, ({ event }) => event.sender, {}) },
        ],
      },
      states: {
        chasing: {},
        staggered: { entry: assign({ staggered: true }), exit: assign({ staggered: false }), after: { 200: 'chasing' } },
      },
    },
    slain: { type: 'final', entry: assign({ slain: true }) },
  },
})

/**
 * Lies about until it is claimed, or for a minute. Heroes that reach for it in the same step contend for it; mail comes in the order of
 * kinds and rows, and the first of it wins. Whoever comes later finds it taken.
 */
export const gem = setup({ types: Gem.types }).createMachine({
  id: 'gem',
  initial: 'lying',
  context: Gem.context,
  states: {
    lying: {
      on: { Claim: { target: 'taken', actions: send(Granted, ({ event }) => event.sender, ({ context }) => ({ xp: context.xp })) } },
      after: { 60_000: 'faded' },
    },
    taken: { type: 'final', entry: assign({ gone: true }) },
    faded: { type: 'final', entry: assign({ gone: true }) },
  },
})
