import { MetabonkError, type AgentId, type GivenOf, type MessageType } from '../../runtime/index.ts'

/** What a machine's functions may reach beside context and event. It travels in the context, under {@link agentKey}. */
export interface AgentPort {
  readonly id: AgentId
  send(type: MessageType, to: AgentId, payload: Readonly<Record<string, unknown>>): void
  roll(name: string): number
  /** The columns of the agent, with `defaults` where they are zero. */
  complete(defaults: Readonly<Record<string, unknown>>): Record<string, unknown>
  /** Checks and rounds an initial context in place. */
  round(context: Record<string, unknown>): void
}

/** Key of the agent in its context: a symbol, so that it is no field, and enumerable, so that `assign` keeps it. */
export const agentKey: unique symbol = Symbol('metabonk agent')

/** What XState hands to guards, assigners and actions. */
export interface MachineArgs<Context = object, Event = unknown> {
  readonly context: Context
  readonly event: Event
}

function portOf(args: { readonly context: object }, what: string): AgentPort {
  const port = (args.context as { readonly [agentKey]?: AgentPort })[agentKey]
  if (port !== undefined) return port
  throw new MetabonkError({ code: 'machine', what: `${what} works only inside a simulation`, todo: 'run the machine as the behaviour of a kind: kind(...).with(machine)' })
}

/** The id of the agent whose machine is running. */
export function selfId(args: { readonly context: object }): AgentId {
  return portOf(args, 'selfId').id
}

/**
 * A number in [0, 1) for a name: the same however often it is asked in a step, so that guards may use it.
 *
 *     assign({ heading: (args) => roll(args, 'heading') * 6.28 })
 */
export function roll(args: { readonly context: object }, name: string): number {
  return portOf(args, 'roll').roll(name)
}

/** A guard that holds with a probability, by the roll of that name: `guard: chance('startle', 0.1)`. */
export function chance(name: string, probability: number): (args: { readonly context: object }) => boolean {
  const guard = (args: { readonly context: object }): boolean => roll(args, name) < probability
  // The name that charts show.
  return Object.defineProperty(guard, 'name', { value: `chance ${name} ${probability}` })
}

type OrFrom<V, Context, Event> = V | ((args: MachineArgs<Context, Event>) => V)

/** What an action of {@link send} sends; under this key on the action itself. */
const sentKey: unique symbol = Symbol('metabonk send')

/** The parts of an action that {@link send} made. */
export interface SentBy {
  readonly type: MessageType
  readonly to: unknown
  readonly payload: unknown
}

/** What an action sends, when {@link send} made it. */
export function sentBy(action: object): SentBy | undefined {
  return (action as { readonly [sentKey]?: SentBy })[sentKey]
}

/**
 * An action that sends a message; it arrives in the next step. `to` and `payload` may be functions of context and event.
 *
 *     actions: send(Hit, ({ event }) => event.sender, ({ context }) => ({ damage: context.power }))
 */
export function send<M extends MessageType, Context extends object, Event>(
  type: M,
  to: OrFrom<AgentId, Context, Event>,
  payload: OrFrom<GivenOf<M['fields']>, Context, Event>,
): (args: MachineArgs<Context, Event>) => void {
  const action = (args: MachineArgs<Context, Event>): void => {
    const receiver = typeof to === 'function' ? to(args) : to
    const values = typeof payload === 'function' ? payload(args) : payload
    portOf(args, `sending ${type.name}`).send(type, receiver, values)
  }
  return Object.assign(action, { [sentKey]: { type, to, payload } satisfies SentBy })
}
