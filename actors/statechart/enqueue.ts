import { assign, cancel, emit, raise, sendTo, spawnChild, stopChild } from 'xstate'
import type { MachineArgs } from '../../runtime/index.ts'

type Creator = (...args: never[]) => unknown

/** What `enqueueActions` hands out, made of XState's own action creators: each call notes the action it makes. */
const creators: Readonly<Record<string, Creator>> = { assign, cancel, emit, raise, sendTo, spawnChild, stopChild }

/** Runs the function of an `enqueueActions` and gives back the actions it asked for. */
export function enqueuer(collect: (args: object, params: unknown) => void): (args: MachineArgs, params: unknown, check: (guard: unknown) => boolean) => readonly unknown[] {
  return (args, params, check) => {
    const actions: unknown[] = []
    const enqueue = (action: unknown): void => {
      actions.push(action)
    }
    const notes = Object.entries(creators).map(([name, create]): [string, Creator] => [name, (...given) => actions.push(create(...given))])
    collect({ ...args, enqueue: Object.assign(enqueue, Object.fromEntries(notes)), check }, params)
    return actions
  }
}
