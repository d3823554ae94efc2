import type { TimedInput } from '../../runtime/index.ts'
import { EventWatch, type RunEvent } from '../streams/index.ts'
import type { MoveOptions, Replica } from './replica.ts'

/** Which states to go through. */
export interface Way extends MoveOptions {
  readonly from: number
  readonly to: number
}

/** A state that a replica has come to, and what happened on the step to it. */
export interface Arrival {
  readonly step: number
  readonly events: readonly RunEvent[]
}

/** Takes a replica through the states of a way, one by one, and tells what happened on each step. */
export function* goThrough(replica: Replica, { from, to, drawn = false }: Way): Generator<Arrival, void, void> {
  replica.moveTo(Math.max(0, from - 1), { drawn: drawn && from === 0 })
  const watch = new EventWatch(replica.state)
  const events = watch.look(replica.step)
  if (from === 0) yield { step: 0, events }
  for (let step = Math.max(1, from); step <= to; step++) {
    for (const { input } of inputsBefore(replica.run.inputs, step)) watch.input(input)
    replica.moveTo(step, { drawn })
    yield { step, events: watch.look(step) }
  }
}

/** Inputs that were applied on the step to a state. */
function inputsBefore(inputs: readonly TimedInput[], step: number): readonly TimedInput[] {
  return inputs.filter((each) => each.step === step - 1)
}
