import { createActor, type AnyMachineSnapshot, type AnyStateMachine, type StateValue } from 'xstate'
import { secondsOf } from '../harness/measure.ts'
import { digestOf, type Crowd, type CrowdMember } from '../models/crowd.ts'
import { period, stepEvent, type Traffic } from '../models/traffic.ts'
import { StepClock } from './step-clock.ts'

/** Agents to be run by XState. */
export interface XStateCrowd {
  readonly machine: AnyStateMachine
  readonly traffic: Traffic
  readonly agents: number
}

/** Paths of the leaf states of a state value. */
function leavesOf(value: StateValue): string[] {
  if (typeof value === 'string') return [value]
  return Object.entries(value).flatMap(([key, below]) => (below === undefined ? [] : leavesOf(below).map((leaf) => `${key}.${leaf}`)))
}

/** An agent as its snapshot shows it. */
export function memberOf(snapshot: AnyMachineSnapshot): CrowdMember {
  return { states: leavesOf(snapshot.value as StateValue), context: snapshot.context as CrowdMember['context'] }
}

/** XState as it is used: an actor for every agent, and `send` for every event. */
export function startActors({ machine, traffic, agents }: XStateCrowd): Crowd {
  const events = traffic.events(agents)
  const clock = new StepClock()
  const actors = Array.from({ length: agents }, () => createActor(machine, { id: 'agent', clock }).start())
  const step = (now: number): void => {
    const arriving = events[now % period]
    clock.advance(now)
    for (let row = 0; row < agents; row++) {
      actors[row].send(arriving[row])
      if (traffic.clock) actors[row].send(stepEvent)
    }
  }
  return {
    run: (begin, end) =>
      secondsOf(() => {
        for (let now = begin; now < end; now++) step(now)
      }),
    digest: () => digestOf(actors.map((actor) => memberOf(actor.getSnapshot())), fieldsOf(machine)),
  }
}

/** Fields of a machine's context. */
export function fieldsOf(machine: AnyStateMachine): string[] {
  return Object.keys(createActor(machine).getSnapshot().context as object)
}
