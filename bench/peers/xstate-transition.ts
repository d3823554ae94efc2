import { initialTransition, transition, type AnyMachineSnapshot } from 'xstate'
import { secondsOf } from '../harness/measure.ts'
import { digestOf, type Crowd } from '../models/crowd.ts'
import { period, stepEvent, type PlainEvent } from '../models/traffic.ts'
import { fieldsOf, memberOf, type XStateCrowd } from './xstate-actors.ts'

interface TimerAction {
  readonly type: string
  readonly params: unknown
}

interface DelayedRaise {
  readonly event: PlainEvent
  readonly delay: number | undefined
}

/** A timer of an agent, which has one at most. */
interface Timer {
  due: number
  event: PlainEvent
}

/** XState's pure function: a snapshot for every agent, `transition` for every event; timers are kept by who calls it, from the actions it gives. */
export function startTransitions({ machine, traffic, agents }: XStateCrowd): Crowd {
  const events = traffic.events(agents)
  const snapshots: AnyMachineSnapshot[] = []
  const timers = Array.from({ length: agents }, (): Timer => ({ due: Infinity, event: stepEvent }))
  const follow = (row: number, actions: readonly TimerAction[], now: number): void => {
    for (const { type, params } of actions) {
      if (type === 'xstate.cancel') timers[row].due = Infinity
      if (type !== 'xstate.raise') continue
      const { event, delay } = params as DelayedRaise
      if (delay !== undefined) timers[row] = { due: now + delay, event }
    }
  }
  const take = (row: number, event: PlainEvent, now: number): void => {
    const [snapshot, actions] = transition(machine, snapshots[row], event)
    snapshots[row] = snapshot
    if (actions.length > 0) follow(row, actions, now)
  }
  const step = (now: number): void => {
    const arriving = events[now % period]
    for (let row = 0; row < agents; row++) {
      const timer = timers[row]
      if (timer.due <= now) {
        timer.due = Infinity
        take(row, timer.event, now)
      }
      take(row, arriving[row], now)
      if (traffic.clock) take(row, stepEvent, now)
    }
  }
  for (let row = 0; row < agents; row++) {
    const [snapshot, actions] = initialTransition(machine)
    snapshots.push(snapshot as AnyMachineSnapshot)
    follow(row, actions, 0)
  }
  return {
    run: (begin, end) =>
      secondsOf(() => {
        for (let now = begin; now < end; now++) step(now)
      }),
    digest: () => digestOf(snapshots.map(memberOf), fieldsOf(machine)),
  }
}
