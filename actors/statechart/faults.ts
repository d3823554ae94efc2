import { MetabonkError } from '../../runtime/index.ts'
import type { Chart } from './chart.ts'

const instead = 'send messages between agents with send(Message, to, payload), and keep state in columns'

/** The error for what a machine asks for and a swarm does not have. */
export function refusal(chart: Chart, what: string): MetabonkError {
  return new MetabonkError({ code: 'machine', what: `machine ${chart.machine.id}: ${what} can't run in a swarm`, todo: instead })
}

/** An object of XState's with these members; whoever asks for another one, from inside an action say, is refused by its name. */
export function only<T extends object>(chart: Chart, name: string, members: T): T {
  return new Proxy(members, {
    get: (target, key) => {
      if (typeof key === 'symbol' || key.startsWith('_parent') || Object.hasOwn(target, key)) return Reflect.get(target, key) as unknown
      throw refusal(chart, `${name}.${key}`)
    },
  })
}

/** What actions know of themselves. */
export function selfOf(chart: Chart): object {
  const { id } = chart.machine
  return only(chart, 'self', { id, sessionId: id })
}

/** Where a machine failed. */
export interface FaultPlace {
  readonly step: number
  readonly row: number
  readonly state: string
  readonly event: string
}

/** The error for what was thrown while a machine ran: ours with its place, everything else as the world's own. */
export function machineFault(chart: Chart, cause: unknown, { step, row, state, event }: FaultPlace): MetabonkError {
  const where = `step ${step}, ${chart.kind.name} ${row} in ${state}, event ${event}`
  if (cause instanceof MetabonkError) return new MetabonkError({ ...cause.toParts(), where: cause.where === undefined ? where : `${where}, ${cause.where}`, cause })
  const text = cause instanceof Error ? cause.message : String(cause)
  if (text.startsWith('Infinite loop detected')) {
    return new MetabonkError({ code: 'machine', what: `machine ${chart.machine.id} does not come to rest: its raise or always transitions go round in circles`, where, todo: 'give one of them a guard that ends the circle', cause })
  }
  return new MetabonkError({ code: 'world-threw', what: `the machine ${chart.machine.id} threw: ${text}`, where, cause })
}

/** Whole steps of a delay: as written, or milliseconds rounded up when a step stands for some; at least one. */
export function stepsOf(chart: Chart, stepMillis: number, { eventType, delay }: { readonly eventType: string; readonly delay: unknown }): number {
  const steps = stepMillis === 0 ? Number(delay) : Math.ceil(Number(delay) / stepMillis)
  if (typeof delay === 'number' && Number.isFinite(steps) && (stepMillis !== 0 || Number.isInteger(steps))) return Math.max(1, steps)
  throw new MetabonkError({
    code: 'machine',
    what: `machine ${chart.machine.id}: a delay of ${String(delay)} is no number of steps`,
    where: eventType,
    todo: stepMillis === 0 ? 'give whole steps, or declare stepMillis in defineWorld to write milliseconds' : 'give finite milliseconds',
  })
}
