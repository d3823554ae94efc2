import type { AnyStateMachine } from 'xstate'
import type { Executor } from '../statechart/index.ts'
import { checkOptions, describe, kindType, MetabonkError, zeroValue, type ContextOf, type EventsOf, type Fields, type KindOptions, type KindType, type MessageType, type PolicySpec } from '../../runtime/index.ts'

/** What `setup({ types })` takes: context from columns, events from received messages, input from spawned values. */
export interface MachineTypes<Context, Event> {
  readonly context: Context
  readonly events: Event
  readonly input: Partial<Context> | undefined
}

type NoFields = Readonly<Record<never, never>>

/** A kind of agent with what a machine needs of it. */
export interface AgentKind<
  N extends string = string,
  P extends Fields = Fields,
  C extends Fields = Fields,
  R extends readonly MessageType[] = readonly MessageType[],
  S extends PolicySpec | undefined = PolicySpec | undefined,
> extends KindType<N, P, C, R, S> {
  /** For `setup({ types: Sheep.types })`: a misspelt field or event does not compile. Carries no value. */
  readonly types: MachineTypes<ContextOf<KindType<N, P, C, R, S>>, EventsOf<R>>
  /** The initial context: zero values, overridden by what `spawn` gave. */
  readonly context: (args: { readonly input: Partial<ContextOf<KindType<N, P, C, R, S>>> | undefined }) => ContextOf<KindType<N, P, C, R, S>>
  /** The kind with an XState machine as behaviour, compiled unless `executor` is `interpreted`: XState itself, with the same bits, for comparison. */
  with(machine: AnyStateMachine, options?: { readonly executor?: Executor }): MachineKind
}

/** A kind whose agents run a machine. */
export interface MachineKind {
  readonly kind: KindType
  readonly machine: AnyStateMachine
  readonly executor: Executor | undefined
}

/**
 * Declares a kind of agent.
 *
 *     const Sheep = kind('sheep', { published: { at: vec(f32, 2) }, columns: { fear: f32 }, receives: [Alarm] })
 *
 * Published columns can be read by others, as they were at the start of the step; private ones only by the agent itself.
 */
export function kind<
  const N extends string,
  const P extends Fields = NoFields,
  const C extends Fields = NoFields,
  const R extends readonly MessageType[] = readonly [],
  const S extends PolicySpec | undefined = undefined,
>(name: N, options: KindOptions<P, C, R, S> = {}): AgentKind<N, P, C, R, S> {
  const base = kindType(name, options)
  const zero = Object.fromEntries(base.plan.map((column) => [column.name, zeroValue(column.type)]))
  const declared: AgentKind<N, P, C, R, S> = Object.freeze({
    ...base,
    types: {} as MachineTypes<ContextOf<KindType<N, P, C, R, S>>, EventsOf<R>>,
    context: ({ input }: { readonly input: object | undefined }) => ({ ...zero, ...input }) as ContextOf<KindType<N, P, C, R, S>>,
    with: (machine: AnyStateMachine, how: { readonly executor?: Executor } = {}): MachineKind => {
      checkOptions(`the machine of kind ${name}`, how, [], ['executor'])
      if ((machine as { readonly root?: unknown } | undefined)?.root !== undefined) return { kind: declared, machine, executor: how.executor }
      throw new MetabonkError({ code: 'machine', what: `kind ${name} was given ${describe(machine)} as its machine`, todo: 'give what createMachine returns' })
    },
  })
  return declared
}

