import { createActor, type AnyActorRef, type AnyStateMachine } from 'xstate'
import type { GateEvents } from '../../compositor/index.ts'
import { MetabonkError, type ErrorCode, type RunEvents } from '../../runtime/index.ts'
import type { ServiceActorState, ServiceBoard } from './board.ts'
import { compositorMachine, directorMachine, recorderMachine, stageMachine, supervisorMachine, type ServiceEvent } from './machines.ts'

/** What the services of a run are told at their start. */
export interface ServiceActorsOptions {
  readonly recorded: boolean
  /** Names of the stages after settling: `render`, `observe`, `think`. */
  readonly stages: readonly string[]
  /** Where others look what they are at. */
  readonly board?: ServiceBoard | undefined
}

export { ServiceBoard, type ServiceActorState } from './board.ts'

/** The service actors of a run, wired to the coordinator's news. */
export interface ServiceActors {
  readonly events: RunEvents
  /** What the compositor is told of its frames. */
  readonly frames: GateEvents
  /** Tells every actor that the run has ended. */
  stopped(step: number, error?: MetabonkError): void
  /** State of each actor, by name. */
  states(): Record<string, string>
}

/** A scheduler without time: service actors use no delays, and nothing of theirs may reach a timer. */
const noTime = {
  schedule: () => {
    throw new MetabonkError({ code: 'machine', what: 'a service actor asked for a timer', todo: 'service machines move by control events only' })
  },
  cancel: () => undefined,
  cancelAll: () => undefined,
}

function startActor(id: string, machine: AnyStateMachine, input: object): AnyActorRef {
  const actor = createActor(machine, { id, input })
  Object.assign(actor.system as object, { scheduler: noTime })
  actor.subscribe({
    error: (cause) => {
      throw new MetabonkError({ code: 'machine', what: `service actor ${id} failed`, cause })
    },
  })
  actor.start()
  return actor
}

/** Errors that come again however often a step is replayed. */
const finalCodes: readonly ErrorCode[] = ['limit', 'schema', 'machine', 'config', 'usage', 'disk', 'world-forbidden', 'world-invalid', 'foreign-write', 'order-dependence', 'recording-mismatch', 'worker-stuck']

function isFinal(error: unknown): boolean {
  return !(error instanceof Error) || error.name === 'Mismatch' || (error instanceof MetabonkError && finalCodes.includes(error.code))
}

function stateOf(actor: AnyActorRef): string {
  return String((actor.getSnapshot() as { readonly value: unknown }).value)
}

/** Keeps what led each actor to its state, and tells a board when one changed. */
class Journey {
  private readonly actors: Readonly<Record<string, AnyActorRef>>
  private readonly board: ServiceBoard | undefined
  private last: ServiceActorState[]

  constructor(actors: Readonly<Record<string, AnyActorRef>>, board: ServiceBoard | undefined) {
    this.actors = actors
    this.board = board
    this.last = Object.entries(actors).map(([name, actor]) => ({ name, state: stateOf(actor), event: 'init', step: 0 }))
    board?.write(this.last)
  }

  tell(event: ServiceEvent): void {
    const before = this.last
    this.last = before.map((each) => {
      this.actors[each.name].send(event)
      const state = stateOf(this.actors[each.name])
      return state === each.state ? each : { name: each.name, state, event: event.type, step: event.step }
    })
    if (this.last.some((each, i) => each !== before[i])) this.board?.write(this.last)
  }
}

/** Starts director, recorder, compositor, brain and supervisor for one run. */
export function startServiceActors(options: ServiceActorsOptions): ServiceActors {
  const supervisor = startActor('supervisor', supervisorMachine, {})
  const actors: Record<string, AnyActorRef> = {
    director: startActor('director', directorMachine, {}),
    recorder: startActor('recorder', recorderMachine, { recorded: options.recorded }),
    compositor: startActor('compositor', compositorMachine, { present: options.stages.includes('render') }),
    brain: startActor('brain', stageMachine, { present: options.stages.includes('think') }),
    supervisor,
  }
  const journey = new Journey(actors, options.board)
  const tell = (event: ServiceEvent): void => {
    journey.tell(event)
  }
  return {
    events: {
      started: (step) => {
        tell({ type: 'START', step })
      },
      keyframe: (step, bytes) => {
        tell({ type: 'KEYFRAME', step, bytes })
      },
      faulted: (step, error) => {
        tell({ type: 'FAULT', step, final: isFinal(error) })
        return stateOf(supervisor) === 'restarting'
      },
      recovered: (step) => {
        tell({ type: 'RECOVERED', step })
      },
    },
    frames: {
      shown: (step) => {
        tell({ type: 'SHOWN', step })
      },
      stalled: (step, reader) => {
        tell({ type: 'STALL', step, reader })
      },
      resumed: (step) => {
        tell({ type: 'RESUME', step })
      },
    },
    stopped: (step, error) => {
      tell({ type: 'STOP', step, failed: error !== undefined })
    },
    states: () => Object.fromEntries(Object.entries(actors).map(([name, actor]) => [name, stateOf(actor)])),
  }
}
