import { cancel, raise, sendTo } from 'xstate'
import { selfId, send } from '../../actors/statechart/agent.ts'
import { f64, message, type MessageType } from '../../runtime/index.ts'
import type { Action, Config, Dialect, Sending } from './scxml-actions.ts'
import { Unreadable, type Args } from './scxml-code.ts'

/** Events leave by XState's own actor system. */
export const actorDialect: Dialect = {
  send({ event, payload, delay, id }) {
    const made = (args: Args): { readonly type: string } => ({ type: typeof event === 'string' ? event : event(args), ...payload(args) })
    return sendTo(({ self }: { readonly self: unknown }) => self as never, made as never, { delay: delay as never, id })
  },
  cancel,
  frame: (chart) => chart,
}

interface Timer {
  readonly id: string | undefined
  readonly delay: number
  readonly fire: Action
}

/** Events leave as messages of an agent to itself. A delayed one is a region beside the chart, which waits. */
export class AgentDialect implements Dialect {
  private readonly timers: Timer[] = []
  private readonly fields = new Map<string, ReadonlySet<string>>()
  private readonly types = new Map<string, MessageType>()

  send({ event, payload, fields, delay, id }: Sending): Action {
    if (typeof event !== 'string') throw new Unreadable('names of events from data')
    if (typeof delay === 'function') throw new Unreadable('delays from data')
    this.fields.set(event, new Set([...(this.fields.get(event) ?? []), ...fields]))
    const fire = (args: Args): void => {
      const values = { ...this.noValues(event), ...payload(args) }
      send(this.type(event), selfId(args), values)(args)
    }
    return delay === undefined ? fire : this.wait({ id, delay, fire }, fields.length > 0)
  }

  cancel(id: string): Action {
    return raise({ type: `$cancel.${id}` })
  }

  frame(chart: Config): Config {
    if (this.timers.length === 0) return chart
    const regions = this.timers.map(({ id, delay, fire }, i) => {
      const start = { [`$start.${i}`]: { target: `#timer${i}.waiting`, reenter: true } }
      const stop = id === undefined ? {} : { [`$cancel.${id}`]: `#timer${i}.idle` }
      return [`timer${i}`, { id: `timer${i}`, initial: 'idle', states: { idle: { on: start }, waiting: { on: { ...start, ...stop }, after: { [delay]: { target: 'idle', actions: fire } } } } }] as const
    })
    return { id: 'framed', type: 'parallel', states: { chart, ...Object.fromEntries(regions) } }
  }

  /** The message of an event. `message` takes identifiers only, since names get into files; SCXML's have dots, which its matching is about. */
  type(event: string): MessageType {
    const fields = Object.fromEntries([...(this.fields.get(event) ?? [])].map((field) => [field, f64]))
    const type = this.types.get(event) ?? { ...message(event.replace(/\W/g, '_'), fields), name: event }
    this.types.set(event, type)
    return type
  }

  /** The payload of an event that brings none. */
  noValues(event: string): Record<string, number> {
    return Object.fromEntries([...(this.fields.get(event) ?? [])].map((field) => [field, 0]))
  }

  private wait(timer: Timer, hasPayload: boolean): Action {
    if (hasPayload) throw new Unreadable('delayed events with data')
    return raise({ type: `$start.${this.timers.push(timer) - 1}` })
  }
}
