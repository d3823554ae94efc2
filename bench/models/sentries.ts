import { createActor, setup } from 'xstate'
import { garbageOf, type Garbage } from '../harness/garbage.ts'
import { residentWith } from '../harness/resident.ts'
import { StepClock } from '../peers/step-clock.ts'
import { startActors } from '../peers/xstate-actors.ts'
import type { Crowd } from './crowd.ts'
import { Population } from './population.ts'
import { Sentry, sentryMachine, sentryTraffic } from './sentry.ts'
import { period } from './traffic.ts'

/** Sentries in the runtime, whose mail is kept ready for some steps. */
export function sentries(agents: number, steps = period): Population {
  return new Population({ kind: Sentry, machine: sentryMachine(), traffic: sentryTraffic, agents, steps })
}

/** Bytes of the process that holds sentries with no mail under way. Wants a process of its own. */
export function residentSentries(agents: number): number {
  const population = sentries(agents, 0)
  // Memory is not there until it is written, and in time all of it is.
  for (const { live, type } of population.table.columns) live.fill(1, 0, agents * type.width)
  return residentWith(population)
}

/** The same with a step's mail for each of them twice, as sent and as delivered. */
export function residentMailedSentries(agents: number): number {
  const population = sentries(agents, 1)
  population.run(0, 5)
  return residentWith(population)
}

/** Bytes of heap of one child actor of XState, of so many under one parent, with no mail under way. Wants a process of its own and `--expose-gc`. */
export function childActorBytes(children: number): number {
  const parent = setup({ actors: { sentry: sentryMachine() } }).createMachine({
    context: ({ spawn }) => ({ sentries: Array.from({ length: children }, (_, i) => spawn('sentry', { id: `sentry${i}` })) }),
  })
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  const actor = createActor(parent, { clock: new StepClock() }).start()
  globalThis.gc?.()
  const after = process.memoryUsage().heapUsed
  const { sentries: held } = actor.getSnapshot().context as { readonly sentries: readonly unknown[] }
  return (after - before) / held.length
}

/**
 * Milliseconds that so many agents take from their machine to where they have decided through three periods, by when they have been in every state and got
 * every event in it. Wants a process of its own.
 */
export function compileMillis(agents: number): number {
  const population = sentries(agents)
  population.run(0, 3 * period)
  return 1000 * (population.seconds.begin + population.seconds.decide)
}

/** Agents of which the garbage is looked at: few enough that a chunk of steps fits between two collections, whoever makes it. */
const littering = 100
/** Until here the compiler has seen every path. */
const warmSteps = 500

/** Heap that each step of 100 sentries leaves. Wants a process of its own. */
export async function garbageOfSentries(steps: number): Promise<Garbage> {
  return await litter(sentries(littering), steps)
}

/** Heap that each step of 100 actors of XState leaves. Wants a process of its own. */
export async function garbageOfActors(steps: number): Promise<Garbage> {
  return await litter(startActors({ machine: sentryMachine(), traffic: sentryTraffic, agents: littering }), steps)
}

/** Events that each of these steps brings. */
export const litteringEvents = littering * sentryTraffic.eventsPerStep

async function litter(crowd: Crowd, steps: number): Promise<Garbage> {
  let now = warmSteps
  crowd.run(0, now)
  return await garbageOf((count) => {
    crowd.run(now, now + count)
    now += count
  }, steps)
}

/** Events per second in the first second of deciding, and in the last. */
export interface Pace {
  readonly first: number
  readonly last: number
}

/** Lets 10,000 sentries decide for so many seconds, from the first event on; what is delivered in between is not counted. Wants a process of its own. */
export function paceOfSentries(seconds: number): Pace {
  const population = sentries(10_000)
  let step = 0
  const rate = (): number => {
    const begin = step
    for (let spent = 0; spent < 1; step++) spent += population.run(step, step + 1)
    return (step - begin) * population.eventsPerStep
  }
  const rates = Array.from({ length: seconds }, rate)
  return { first: rates[0], last: rates[seconds - 1] }
}
