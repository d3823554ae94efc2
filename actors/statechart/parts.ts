import { MetabonkError, type ActionPart, type Guard, type UserFunction } from '../../runtime/index.ts'
import type { AnyMachineSnapshot } from 'xstate'
import { sentBy } from './agent.ts'
import type { Purpose, Wrap } from './checked.ts'
import type { Chart } from './chart.ts'
import { enqueuer } from './enqueue.ts'

/** What XState's action creators make, as far as it is read here; it is their inside, so the version of XState is pinned. */
interface BuiltinAction {
  readonly type?: string
  readonly assignment?: unknown
  readonly to?: unknown
  readonly event?: unknown
  readonly id?: unknown
  readonly sendId?: unknown
  readonly delay?: unknown
  readonly collect?: (args: object, params: unknown) => void
}

interface BuiltinGuard {
  readonly check?: (snapshot: AnyMachineSnapshot, args: object, guard: unknown) => boolean
  readonly guards?: readonly unknown[]
}

/** A reference by name, with what goes along. */
interface Reference {
  readonly type: string
  readonly params?: unknown
}

/** Actions and guards of a machine in the words of the executor. */
export class Parts {
  /** Whether some guard asks which states are active. */
  readonly asksForStates: boolean
  private readonly chart: Chart
  private readonly wrap: Wrap | undefined
  private readonly actions = new Map<unknown, ActionPart>()

  /** `wrap` is put between the machine and each of its functions. */
  constructor(chart: Chart, wrap?: Wrap) {
    this.chart = chart
    this.wrap = wrap
    const guards = chart.space.nodes.flatMap((node) => [...node.transitions.values(), node.always ?? []].flat().map(({ guard }) => guard as unknown))
    this.asksForStates = guards.some((guard) => this.asksIn(guard))
  }

  /** The part for an action of the machine; the same one every time. */
  action(action: unknown): ActionPart {
    const known = this.actions.get(action)
    if (known !== undefined) return known
    const made = this.makeAction(action)
    this.actions.set(action, made)
    return made
  }

  /** The part for an action, made anew: for those that functions make while they run. */
  makeAction(action: unknown): ActionPart {
    if (typeof action === 'function') return this.inline(action as BuiltinAction & UserFunction, undefined)
    const { type, params } = typeof action === 'string' ? { type: action, params: undefined } : (action as Reference)
    const { actions } = this.chart.machine.implementations as { readonly actions: Readonly<Record<string, unknown>> }
    const found = Object.hasOwn(actions, type) ? actions[type] : undefined
    if (found === undefined) throw this.fault(`there is no action '${type}'`, 'give it in setup({ actions }), or mend the name')
    return this.inline(found as BuiltinAction & UserFunction, params)
  }

  private asksIn(guard: unknown): boolean {
    if (guard === undefined) return false
    if (typeof guard === 'function') {
      const { check, guards = [] } = guard as BuiltinGuard
      return (check !== undefined && guards.length === 0) || guards.some((part) => this.asksIn(part))
    }
    const { guards } = this.chart.machine.implementations as { readonly guards: Readonly<Record<string, unknown>> }
    return this.asksIn(guards[typeof guard === 'string' ? guard : (guard as Reference).type])
  }

  /** A guard for a configuration; `snapshot` is of it. */
  guard(guard: unknown, snapshot: AnyMachineSnapshot): Guard {
    if (typeof guard === 'function') return this.guardFunction(guard as BuiltinGuard & UserFunction, undefined, snapshot)
    const { type, params } = typeof guard === 'string' ? { type: guard, params: undefined } : (guard as Reference)
    const { guards } = this.chart.machine.implementations as { readonly guards: Readonly<Record<string, unknown>> }
    const found = Object.hasOwn(guards, type) ? guards[type] : undefined
    if (found === undefined) throw this.fault(`there is no guard '${type}'`, 'give it in setup({ guards }), or mend the name')
    return typeof found === 'function' ? this.guardFunction(found as BuiltinGuard & UserFunction, params, snapshot) : this.guard(found, snapshot)
  }

  private guardFunction(guard: BuiltinGuard & UserFunction, params: unknown, snapshot: AnyMachineSnapshot): Guard {
    const { check, guards } = guard
    if (check === undefined) return { form: 'call', run: this.own(guard, 'guard'), params: this.own(params, 'params') }
    // The only built-in guard without parts is stateIn, which the configuration answers.
    if (guards === undefined) return { form: 'constant', holds: check(snapshot, { context: {}, event: {} }, guard) }
    const parts = guards.map((part) => this.guard(part, snapshot))
    // Its name says which one it is, but a bundler may have changed that: asked of other parts it shows.
    const holds = (...given: readonly boolean[]): boolean => check(snapshot, { context: {}, event: {} }, { guards: given.map((each) => () => each) })
    if (holds(true, false)) return { form: 'or', parts }
    return holds(false) ? { form: 'not', part: parts[0] } : { form: 'and', parts }
  }

  private inline(action: BuiltinAction & UserFunction, params: unknown): ActionPart {
    const sent = sentBy(action)
    if (sent !== undefined) return { form: 'send', type: sent.type, to: this.own(sent.to, 'payload'), payload: this.own(sent.payload, 'payload') }
    return this.builtin(action, this.own(params, 'params'))
  }

  private builtin(action: BuiltinAction & UserFunction, params: unknown): ActionPart {
    switch (action.type) {
      case undefined:
        return { form: 'call', run: this.own(action, 'action'), params }
      case 'xstate.assign':
        return typeof action.assignment === 'function'
          ? { form: 'update', run: this.own(action.assignment as UserFunction, 'assign'), params }
          : { form: 'assign', fields: Object.entries(action.assignment as object).map(([name, value]) => [name, this.own(value, 'assign')]), params }
      case 'xstate.sendTo':
        if (action.delay !== undefined) throw this.fault("a delayed sendTo can't run in a swarm", 'use after, and send then')
        return { form: 'sendTo', to: this.own(action.to, 'payload'), event: this.own(action.event, 'payload'), params }
      case 'xstate.emit':
        return { form: 'emit', event: this.own(action.event, 'payload'), params }
      case 'xstate.raise':
        return this.raised(action, params)
      case 'xstate.cancel':
        return { form: 'stopTimer', timer: this.timer(action.sendId, 'cancel') }
      case 'xstate.enqueueActions':
        return { form: 'collect', gather: enqueuer(action.collect as (args: object, params: unknown) => void), params }
      default:
        throw this.fault(`${action.type.replace('xstate.', '')} can't run in a swarm`, 'send messages between agents with send(Message, to, payload)')
    }
  }

  private raised({ event, id, delay }: BuiltinAction, params: unknown): ActionPart {
    if (delay === undefined) return { form: 'raise', event: this.own(event, 'payload'), params }
    const { delays } = this.chart.machine.implementations as { readonly delays: Readonly<Record<string, unknown>> }
    return { form: 'startTimer', timer: this.timer(id, `a delayed ${(event as { readonly type?: string }).type ?? 'raise'}`), delay: this.own(typeof delay === 'string' ? delays[delay] : delay, 'delay'), params }
  }

  /** A function of the machine, watched when it is to be. */
  own<T>(value: T, purpose: Purpose): T {
    return typeof value === 'function' && this.wrap !== undefined ? (this.wrap(value as unknown as UserFunction, purpose) as T) : value
  }

  private timer(id: unknown, what: string): number {
    const timer = typeof id === 'string' ? this.chart.timers.get(id) : undefined
    if (timer === undefined) throw this.fault(`${what} can't run in a swarm`, 'use after: it is cancelled on exit')
    return timer
  }

  private fault(what: string, todo: string): MetabonkError {
    return new MetabonkError({ code: 'machine', what: `machine ${this.chart.machine.id}: ${what}`, todo })
  }
}

