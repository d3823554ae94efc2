import { compileFunction } from 'node:vm'
import { and, not, stateIn } from 'xstate'
import type { MachineArgs } from '../../actors/statechart/agent.ts'

/** A document the reader can't turn into a machine; the message is the reason. */
export class Unreadable extends Error {}

export type Context = Readonly<Record<string, unknown>>
export interface Event {
  readonly type: string
}
export type Args = MachineArgs<Context, Event>
export type Expression<T = unknown> = (args: Args) => T
/** What XState takes as guard: a function, or one of its own combinations. */
export type Guard = (...args: never[]) => boolean

const systemVariables = /\b_(sessionid|name|ioprocessors|x)\b/

function checkCode(code: string): void {
  if (systemVariables.test(code)) throw new Unreadable('system variables')
  if (/\bIn\(/.test(code)) throw new Unreadable('In() inside an expression')
}

function compile(code: string, names: readonly string[]): (...values: unknown[]) => unknown {
  try {
    return compileFunction(code, [...names]) as (...values: unknown[]) => unknown
  } catch {
    throw new Unreadable('errors in expressions as events')
  }
}

/** `_event` of SCXML for an event of XState. */
function systemEvent({ type, ...data }: Event): object {
  return { name: type.replace(/^xstate\.done/, 'done'), data }
}

/** Turns the expressions of a document into functions of context and event. */
export class Code {
  readonly variables: readonly string[]

  constructor(variables: readonly string[]) {
    this.variables = variables
  }

  expression(code: string): Expression {
    checkCode(code)
    const run = this.function(`return (${code})`)
    return (args) => run(args)
  }

  /** Statements; gives the variables as they leave them. */
  script(code: string): Expression<Record<string, unknown>> {
    checkCode(code)
    if (/\b(var|function|new)\b/.test(code)) throw new Unreadable('scripts that declare')
    return this.function(`${code}\n;return { ${this.variables.join(', ')} }`) as Expression<Record<string, unknown>>
  }

  /** A condition; its `In()` become XState's own guards. */
  guard(code: string): Guard {
    const terms = code.split('&&').map((term) => term.trim())
    if (!code.includes('In(')) {
      const run = this.expression(code)
      return (args: Args) => Boolean(run(args))
    }
    const guards = terms.map((term) => this.term(term))
    return guards.length === 1 ? guards[0] : and(guards as never)
  }

  private term(code: string): Guard {
    const state = /^(!?)In\('([^']+)'\)$/.exec(code)
    if (state === null) return this.guard(code)
    const inside = stateIn(`#${stateKey(state[2])}`)
    return state[1] === '' ? inside : not(inside as never)
  }

  private function(code: string): Expression {
    const { variables } = this
    const run = compile(code, ['_event', ...variables])
    return ({ context, event }) => run(systemEvent(event), ...variables.map((name) => context[name]))
  }
}

/** The value of an expression that needs no variables. */
export function constant(code: string): unknown {
  checkCode(code)
  const run = compile(`return (${code})`, [])
  try {
    return run()
  } catch {
    throw new Unreadable('data that is no constant')
  }
}

/** A state's id as XState takes it: dots separate keys there. */
export function stateKey(id: string): string {
  return id.replaceAll('.', '$')
}

/** The text that an expression consists of, where it is nothing else. */
export function literalText(code: string | undefined): string | undefined {
  return /^'([^']*)'$/.exec(code ?? '')?.[1]
}
