import { createMachine, guard, immediate, interpret, reduce, state, transition, type Transition } from 'robot3'
import { secondsOf } from '../harness/measure.ts'
import { digestOf, type Crowd } from '../models/crowd.ts'
import { reloadSteps, sentryStart, watchSteps } from '../models/sentry.ts'
import { period } from '../models/traffic.ts'
import { sentryEvents, sentryFields, type SentryEvent } from './handwritten.ts'

type Payload<T extends SentryEvent['type']> = Extract<SentryEvent, { type: T }>

/** Context of a sentry, and the step its timer is due at. */
type Context = { readonly [F in keyof typeof sentryStart]: number } & { readonly due: number }

interface Clock {
  now: number
}

const still = (context: Context): Context => ({ ...context, due: Infinity })
const shoot = (context: Context): Context => ({ ...context, shots: context.shots + 1, ammo: context.ammo - 1, energy: context.energy - 1 })
const hurt = (context: Context, { damage }: Payload<'Hit'>): Context => ({ ...context, health: context.health - damage })
const heal = (context: Context, { amount }: Payload<'Heal'>): Context => ({ ...context, health: Math.min(100, context.health + amount) })
const sight = (context: Context, { range }: Payload<'Spotted'>): Context => ({ ...context, range })
const ignore = (context: Context): Context => ({ ...context, ignored: context.ignored + 1 })
const use = (energy: number) => (context: Context) => ({ ...context, energy: context.energy - energy })

const patrolling = 'duty.patrolling'

/** Robot3 has neither hierarchy nor wildcards: each state repeats what it has of the states around it. */
function hits(own: string): Transition<string>[] {
  return [
    transition('Hit', 'downed', guard((context: Context, { damage }: Payload<'Hit'>) => context.health - damage <= 0), reduce((context: Context) => ({ ...context, health: 0, due: Infinity }))),
    transition('Hit', 'fleeing', guard((context: Context, { damage }: Payload<'Hit'>) => context.health - damage < 30), reduce((context: Context, event: Payload<'Hit'>) => ({ ...still(hurt(context, event)), panics: context.panics + 1 }))),
    transition('Hit', own, reduce(hurt)),
  ]
}

function onDuty(own: string, clock: Clock): Transition<string>[] {
  return [
    ...hits(own),
    transition('Heal', own, reduce(heal)),
    transition('Order', own, reduce((context: Context, { zone }: Payload<'Order'>) => ({ ...context, zone }))),
    transition('Spotted', 'engaged.aiming', guard((_context: Context, { range }: Payload<'Spotted'>) => range < 10), reduce((context: Context, event: Payload<'Spotted'>) => still(sight(context, event)))),
    transition('Spotted', 'duty.watching', reduce((context: Context, event: Payload<'Spotted'>) => ({ ...sight(context, event), due: clock.now + watchSteps }))),
  ]
}

function engaged(own: string): Transition<string>[] {
  return [...hits(own), transition('Heal', own, reduce(heal)), transition('Lost', patrolling, guard((_context: Context, { seconds }: Payload<'Lost'>) => seconds > 2), reduce(still))]
}

function sentryMachine(clock: Clock) {
  return createMachine(patrolling, {
    'duty.patrolling': state(immediate('duty.resting', guard((context: Context) => context.energy < 10)), ...onDuty(patrolling, clock), transition('STEP', patrolling, reduce(use(3)))),
    'duty.watching': state(...onDuty('duty.watching', clock), transition('Lost', patrolling, reduce(still)), transition('timeout', patrolling, reduce(still)), transition('STEP', 'duty.watching', reduce(use(0.5)))),
    'duty.resting': state(
      ...onDuty('duty.resting', clock),
      transition('STEP', patrolling, guard((context: Context) => context.energy >= 80)),
      transition('STEP', 'duty.resting', reduce(use(-3))),
    ),
    'engaged.aiming': state(
      ...engaged('engaged.aiming'),
      transition('STEP', 'engaged.firing', guard((context: Context) => context.ammo > 0), reduce(shoot)),
      transition('STEP', 'engaged.reloading', reduce((context: Context) => ({ ...context, due: clock.now + reloadSteps }))),
    ),
    'engaged.firing': state(
      ...engaged('engaged.firing'),
      transition('STEP', 'engaged.firing', guard((context: Context) => context.ammo > 0 && context.range < 8), reduce(shoot)),
      transition('STEP', 'engaged.aiming'),
    ),
    'engaged.reloading': state(
      ...engaged('engaged.reloading'),
      transition('timeout', 'engaged.aiming', reduce((context: Context) => ({ ...still(context), ammo: 6 }))),
      transition('Supply', 'engaged.aiming', guard((_context: Context, { rounds }: Payload<'Supply'>) => rounds > 0), reduce((context: Context, { rounds }: Payload<'Supply'>) => ({ ...still(context), ammo: rounds }))),
      transition('STEP', 'engaged.reloading', reduce(use(0.75))),
    ),
    fleeing: state(
      ...hits('fleeing'),
      transition('Heal', patrolling, guard((_context: Context, { amount }: Payload<'Heal'>) => amount >= 10), reduce(heal)),
      transition('Heal', 'fleeing', reduce(heal)),
      transition('STEP', patrolling, guard((context: Context) => context.health >= 50)),
      transition('STEP', 'fleeing', reduce((context: Context) => ({ ...context, health: context.health + 1 }))),
    ),
    downed: state(
      transition('Heal', patrolling, reduce((context: Context, { amount }: Payload<'Heal'>) => ({ ...context, health: amount + 40, energy: 60 }))),
      ...['Hit', 'Spotted', 'Lost', 'Order', 'Supply', 'STEP'].map((event) => transition(event, 'downed', reduce(ignore))),
    ),
  }, (start: Context) => start)
}

/** Sentries as services of robot3, which has no timers either: who sends looks at them. */
export function startRobots(agents: number): Crowd {
  const events = sentryEvents(agents)
  const clock: Clock = { now: 0 }
  const machine = sentryMachine(clock)
  const services = Array.from({ length: agents }, () => interpret(machine, () => undefined, { ...sentryStart, due: Infinity }))
  const step = (now: number): void => {
    const arriving = events[now % period]
    clock.now = now
    for (let row = 0; row < agents; row++) {
      const service = services[row]
      if ((service.context).due <= now) service.send('timeout')
      service.send(arriving[row])
      service.send('STEP')
    }
  }
  return {
    run: (begin, end) =>
      secondsOf(() => {
        for (let now = begin; now < end; now++) step(now)
      }),
    digest: () => digestOf(services.map((service) => ({ states: [service.machine.current], context: service.context })), sentryFields),
  }
}
