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
  const { first } = replica.run.recording
  replica.moveTo(Math.max(first, from - 1), { drawn: drawn && from === first })
  const watch = new EventWatch(replica.state)
  const events = watch.look(replica.step)
  // What led to the first state of a part happened in the part before.
  if (from === first) yield { step: first, events: first === 0 ? events : [] }
  for (let step = Math.max(first + 1, from); step <= to; step++) {
    for (const { input } of inputsBefore(replica.run.inputs, step)) watch.input(input)
    replica.moveTo(step, { drawn })
    yield { step, events: watch.look(step) }
  }
}

/** Inputs that were applied on the step to a state. */
function inputsBefore(inputs: readonly TimedInput[], step: number): readonly TimedInput[] {
  return inputs.filter((each) => each.step === step - 1)
}
