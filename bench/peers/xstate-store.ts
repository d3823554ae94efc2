import { createStore } from '@xstate/store'
import { secondsOf } from '../harness/measure.ts'
import { digestOf, type Crowd } from '../models/crowd.ts'
import { reloadSteps, sentryStart, watchSteps } from '../models/sentry.ts'
import { period } from '../models/traffic.ts'
import { sentryEvents, sentryFields, type SentryEvent, type SentryState } from './handwritten.ts'

type Payload<T extends SentryEvent['type']> = Omit<Extract<SentryEvent, { type: T }>, 'type' | 'sender'>

/** A sentry as a store keeps it: its state is a field, and so is the step its timer is due at. */
type Stored = { readonly [F in keyof typeof sentryStart]: number } & { readonly state: SentryState; readonly due: number }

function patrol(sentry: Stored): Stored {
  return { ...sentry, due: Infinity, state: sentry.energy < 10 ? 'duty.resting' : 'duty.patrolling' }
}

function shoot(sentry: Stored): Stored {
  return { ...sentry, state: 'engaged.firing', shots: sentry.shots + 1, ammo: sentry.ammo - 1, energy: sentry.energy - 1 }
}

/** A sentry at its birth. */
const start: Stored = { ...sentryStart, state: 'duty.patrolling', due: Infinity }

function ignore(sentry: Stored): Stored {
  return { ...sentry, ignored: sentry.ignored + 1 }
}

function onHit(sentry: Stored, { damage }: Payload<'Hit'>): Stored {
  if (sentry.state === 'downed') return ignore(sentry)
  const health = sentry.health - damage
  if (health <= 0) return { ...sentry, health: 0, due: Infinity, state: 'downed' }
  if (health < 30) return { ...sentry, health, due: Infinity, state: 'fleeing', panics: sentry.panics + 1 }
  return { ...sentry, health }
}

function onHeal(sentry: Stored, { amount }: Payload<'Heal'>): Stored {
  if (sentry.state === 'downed') return patrol({ ...sentry, health: amount + 40, energy: 60 })
  const health = Math.min(100, sentry.health + amount)
  return sentry.state === 'fleeing' && amount >= 10 ? patrol({ ...sentry, health }) : { ...sentry, health }
}

function onSpotted(sentry: Stored, { range }: Payload<'Spotted'>, due: number): Stored {
  if (sentry.state === 'downed') return ignore(sentry)
  if (!sentry.state.startsWith('duty')) return sentry
  return range < 10 ? { ...sentry, range, due: Infinity, state: 'engaged.aiming' } : { ...sentry, range, due, state: 'duty.watching' }
}

function onLost(sentry: Stored, { seconds }: Payload<'Lost'>): Stored {
  if (sentry.state === 'downed') return ignore(sentry)
  if (sentry.state === 'duty.watching') return patrol(sentry)
  return sentry.state.startsWith('engaged') && seconds > 2 ? patrol(sentry) : sentry
}

function onOrder(sentry: Stored, { zone }: Payload<'Order'>): Stored {
  if (sentry.state === 'downed') return ignore(sentry)
  return sentry.state.startsWith('duty') ? { ...sentry, zone } : sentry
}

function onSupply(sentry: Stored, { rounds }: Payload<'Supply'>): Stored {
  if (sentry.state === 'downed') return ignore(sentry)
  return sentry.state === 'engaged.reloading' && rounds > 0 ? { ...sentry, ammo: rounds, due: Infinity, state: 'engaged.aiming' } : sentry
}

/** What the clock does in each state; `due` is when who starts to reload will have done so. */
const steps: Readonly<Record<SentryState, (sentry: Stored, due: number) => Stored>> = {
  'duty.patrolling': (sentry) => {
    const energy = sentry.energy - 3
    return { ...sentry, energy, state: energy < 10 ? 'duty.resting' : sentry.state }
  },
  'duty.watching': (sentry) => ({ ...sentry, energy: sentry.energy - 0.5 }),
  'duty.resting': (sentry) => (sentry.energy >= 80 ? { ...sentry, state: 'duty.patrolling' } : { ...sentry, energy: sentry.energy + 3 }),
  'engaged.aiming': (sentry, due) => (sentry.ammo > 0 ? shoot(sentry) : { ...sentry, state: 'engaged.reloading', due }),
  'engaged.firing': (sentry) => (sentry.ammo > 0 && sentry.range < 8 ? shoot(sentry) : { ...sentry, state: 'engaged.aiming' }),
  'engaged.reloading': (sentry) => ({ ...sentry, energy: sentry.energy - 0.75 }),
  fleeing: (sentry) => (sentry.health >= 50 ? patrol(sentry) : { ...sentry, health: sentry.health + 1 }),
  downed: ignore,
}

function onTimeout(sentry: Stored): Stored {
  return sentry.state === 'duty.watching' ? patrol(sentry) : { ...sentry, due: Infinity, ammo: 6, state: 'engaged.aiming' }
}

/** Sentries as stores of @xstate/store: what is no state machine keeps its state in a field; timers are looked at by who sends. */
export function startStores(agents: number): Crowd {
  const events = sentryEvents(agents)
  const clock = { now: 0 }
  const stores = Array.from({ length: agents }, () =>
    createStore({
      context: start,
      on: {
        Hit: onHit,
        Heal: onHeal,
        Spotted: (sentry: Stored, event: Payload<'Spotted'>) => onSpotted(sentry, event, clock.now + watchSteps),
        Lost: onLost,
        Order: onOrder,
        Supply: onSupply,
        STEP: (sentry: Stored) => steps[sentry.state](sentry, clock.now + reloadSteps),
        timeout: onTimeout,
      },
    }),
  )
  const step = (now: number): void => {
    const arriving = events[now % period]
    clock.now = now
    for (let row = 0; row < agents; row++) {
      const store = stores[row]
      if (store.getSnapshot().context.due <= now) store.send({ type: 'timeout' })
      store.send(arriving[row])
      store.send({ type: 'STEP' })
    }
  }
  return {
    run: (begin, end) =>
      secondsOf(() => {
        for (let now = begin; now < end; now++) step(now)
      }),
    digest: () => digestOf(stores.map((store) => store.getSnapshot().context).map((context) => ({ states: [context.state], context })), sentryFields),
  }
}
