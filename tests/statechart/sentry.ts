import { and, assign, enqueueActions, not, raise, setup, stateIn, type AnyStateMachine } from 'xstate'
import { agentId, chance, f32, f64, kind, message, roll, send, u32, u8, vec } from '../../actors/index.ts'

const Hit = message('Hit', { damage: f32, by: agentId })
const Heal = message('Heal', { amount: f32 })
const Spotted = message('Spotted', { enemy: agentId, at: vec(f32, 2) })
const Lost = message('Lost', {})
const Order = message('Order', { rank: u8, urgent: u8 })
const Report = message('Report', { hp: f32, state: u8 })

/** Guards of a camp: bodies that are hurt and heal, minds that patrol, chase and flee, radios that call each other. */
export const Sentry = kind('sentry', {
  columns: { hp: f32, pain: f64, rounds: u8, calls: u32, enemy: agentId, at: vec(f32, 2), heading: f32 },
  receives: [Hit, Heal, Spotted, Lost, Order, Report],
  rowsMax: 128,
})

interface EnqueueArgs {
  readonly context: { readonly rounds: number; readonly at: readonly number[] }
  readonly enqueue: ((action: unknown) => void) & { assign(change: object): void; raise(event: object): void }
  readonly check: (guard: unknown) => boolean
}

export interface SentryOptions {
  /** Is told the name of each action that is executed, and what it was executed with. */
  readonly log: (text: string) => void
  /** What is done to a number before it is assigned to a field of 32 bits. */
  readonly round: (value: number) => number
}

interface NoteArgs {
  readonly context: { readonly hp: number; readonly rounds: number; readonly calls: number; readonly at: readonly number[] }
  readonly event: { readonly type: string }
}

type Note = (name: string) => (args: NoteArgs) => void

interface Parts {
  readonly made: ReturnType<typeof sentrySetup>
  readonly note: Note
  readonly round: SentryOptions['round']
}

/** What the sentry's states name. */
function sentrySetup(note: Note, round: SentryOptions['round']) {
  return setup({
    types: Sentry.types,
    guards: {
      weak: ({ context }) => context.hp < 0.35,
      outranked: ({ event }, { rank }: { readonly rank: number }) => event.type === 'Order' && event.rank > rank,
      loaded: ({ context }) => context.rounds > 0,
    },
    delays: { sleep: ({ context }) => 2 + (context.rounds % 3), aim: 2 },
    actions: {
      log: (args, { text }: { readonly text: string }) => {
        note(text)(args)
      },
      walk: assign({
        at: ({ context }) => [round(context.at[0] + context.heading * 0.1), round(context.at[1] * 0.99 + 0.05)],
        heading: (args) => round(roll(args, 'heading') - 0.5),
      }),
      hurt: assign({ hp: ({ context, event }) => round(context.hp - (event.type === 'Hit' ? event.damage : 0)), pain: ({ context, event }) => context.pain * 0.5 + (event.type === 'Hit' ? event.damage : 0) }),
    },
  })
}

function body({ made, note, round }: Parts) {
  return made.createStateConfig({
    initial: 'fit',
    on: { Hit: { actions: ['hurt', note('hit'), raise({ type: 'pain' } as never)] } },
    states: {
      fit: { entry: note('fit'), always: { guard: 'weak', target: 'hurt' }, on: { Heal: { guard: ({ event }) => event.amount > 0.8, actions: assign({ pain: 0 }) } } },
      hurt: {
        initial: 'bleeding',
        exit: [note('better'), assign({ pain: ({ context }) => context.pain / 3 })],
        states: {
          bleeding: { on: { STEP: { actions: assign({ hp: ({ context }) => round(context.hp - 0.004) }) }, Heal: { target: 'bandaged', actions: assign({ hp: ({ context, event }) => round(context.hp + event.amount * 0.4) }) } }, always: { guard: ({ context }) => context.hp <= 0, target: '#sentry.body.down' } },
          bandaged: { after: { sleep: 'bleeding' }, on: { Heal: { reenter: true, target: 'bandaged', actions: assign({ hp: ({ context, event }) => round(Math.min(1, context.hp + event.amount)) }) } } },
          last: { type: 'history' },
        },
        always: { guard: and([({ context }) => context.hp > 0.6, not('weak')]), target: 'fit' },
      },
      down: { entry: [note('down'), raise({ type: 'collapse' } as never)], after: { 4: { target: 'hurt.last', actions: assign({ hp: () => round(0.3) }) } }, on: { Heal: { target: 'fit', actions: assign({ hp: 1 }) } } },
    },
  })
}

function mind({ made, note, round }: Parts) {
  return made.createStateConfig({
    initial: 'patrol',
    on: { collapse: '.out', Order: [{ guard: { type: 'outranked', params: { rank: 6 } }, target: '.engaged.past' }, { guard: ({ event }: { readonly event: { readonly urgent: number } }) => event.urgent === 1, actions: { type: 'log', params: { text: 'urgent' } } }] } as never,
    states: {
      patrol: {
        initial: { target: 'walking', actions: note('patrol') },
        on: { Spotted: { target: 'engaged', actions: assign({ enemy: ({ event }) => event.enemy, at: ({ context, event }) => [round((context.at[0] + event.at[0]) / 2), event.at[1]] }) } },
        states: {
          walking: { on: { STEP: [{ guard: chance('stop', 0.1), target: 'looking' }, { actions: 'walk' }] } },
          looking: { entry: note('look'), after: { 2: 'walking' }, on: { Lost: {} } },
        },
      },
      engaged: {
        initial: 'aiming',
        entry: assign({ rounds: ({ context }) => (context.rounds === 0 ? 5 : context.rounds) }),
        exit: note('disengage'),
        on: { Lost: 'patrol', pain: { guard: 'weak', target: 'fleeing' } } as never,
        states: {
          aiming: { after: { aim: [{ guard: 'loaded', target: 'firing' }, { target: 'reloading' }] } },
          firing: {
            entry: enqueueActions(((args: unknown) => {
              const { context, enqueue, check } = args as EnqueueArgs
              enqueue(note('fire'))
              enqueue.assign({ rounds: context.rounds - 1 })
              if (check('loaded') && check(({ context: { at } }: EnqueueArgs) => at[0] < 0.2)) enqueue.raise({ type: 'again' })
              else enqueue({ type: 'log', params: { text: 'pause' } })
            })),
            on: { again: { target: 'firing', reenter: true, guard: ({ context }: { readonly context: { readonly rounds: number } }) => context.rounds > 1 } } as never,
            after: { 1: { guard: and([stateIn('#sentry.radio.calling'), 'loaded']), target: 'firing', reenter: true }, 3: 'aiming' },
          },
          reloading: {
            initial: 'out',
            onDone: { target: 'aiming', actions: [assign({ rounds: 4 }), { type: 'log', params: ({ context }) => ({ text: `reloaded ${context.calls}` }) }] },
            states: { out: { after: { 1: 'in' } }, in: { after: { 2: 'ready' } }, ready: { type: 'final' } },
          },
          past: { type: 'history', history: 'deep', target: 'reloading' },
        },
      },
      fleeing: { entry: note('flee'), on: { STEP: { actions: 'walk' }, '*': { guard: not(stateIn({ body: 'hurt' })), target: 'patrol' } }, after: { sleep: 'patrol' } },
      out: { always: { guard: not(stateIn({ body: 'down' })), target: 'patrol' } },
    },
  })
}

function radio({ made, note }: Parts) {
  return made.createStateConfig({
    initial: 'quiet',
    states: {
      quiet: { on: { Hit: { guard: ({ event }) => event.by !== 0, target: 'calling' }, Report: { actions: assign({ calls: ({ context, event }) => context.calls + event.state }) } } },
      calling: {
        after: { 2: { target: 'quiet', actions: note('called') } },
        entry: send(Report, ({ context }) => context.enemy, ({ context }) => ({ hp: context.hp, state: context.rounds })),
        on: { STEP: { actions: assign({ calls: ({ context }) => context.calls + 1 }) }, ...({ pain: { actions: note('ouch') } } as object) },
      },
    },
  })
}

/** The sentry's machine, with functions of its own. */
export function sentryMachine({ log, round }: SentryOptions): AnyStateMachine {
  const note: Note = (name) => ({ context, event }) => {
    log(`${name} ${event.type} ${context.hp} ${context.rounds} ${context.calls} ${context.at.join()}`)
  }
  const made = sentrySetup(note, round)
  const parts: Parts = { made, note, round }
  return made.createMachine({ id: 'sentry', context: Sentry.context, type: 'parallel', states: { body: body(parts), mind: mind(parts), radio: radio(parts) } })
}
