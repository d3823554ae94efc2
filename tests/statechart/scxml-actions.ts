import { assign, enqueueActions, raise } from 'xstate'
import { literalText, Unreadable, type Code, type Expression } from './scxml-code.ts'
import { childrenOf, type Element } from './xml.ts'

/** An action of XState, whatever its kind. */
export type Action = (...args: never[]) => unknown

/** What `<send>` asks for, beside a `#_internal` one, which is a raise. */
export interface Sending {
  readonly event: string | Expression<string>
  readonly payload: Expression<Record<string, unknown>>
  readonly fields: readonly string[]
  /** Milliseconds, undefined for at once. */
  readonly delay: number | Expression<number> | undefined
  readonly id: string | undefined
}

/** How events leave a machine: by XState's actor system, or by messages between agents. */
export interface Dialect {
  send(sending: Sending): Action
  cancel(id: string): Action
  /** The machine around a document's chart, which is its only part where nothing else is needed. */
  frame(chart: Config): Config
}

/** A state of a machine config. */
export type Config = Record<string, unknown>

/** Reads executable content. */
export class Actions {
  private readonly code: Code
  private readonly dialect: Dialect

  constructor(code: Code, dialect: Dialect) {
    this.code = code
    this.dialect = dialect
  }

  of(elements: readonly Element[]): Action[] {
    return elements.flatMap((element) => this.action(element))
  }

  private action(element: Element): Action[] {
    switch (element.name) {
      case 'log':
        return []
      case 'raise':
        return [raise({ type: attribute(element, 'event') })]
      case 'assign':
        return [this.assign(element)]
      case 'script':
        return [assign(this.code.script(element.text) as never)]
      case 'if':
        return [this.choice(element)]
      case 'send':
        return [this.send(element)]
      case 'cancel':
        return [this.dialect.cancel(literalText(element.attributes['sendidexpr']) ?? attribute(element, 'sendid'))]
      default:
        throw new Unreadable(`<${element.name}>`)
    }
  }

  private assign(element: Element): Action {
    const location = attribute(element, 'location')
    if (!this.code.variables.includes(location)) throw new Unreadable('errors in expressions as events')
    return assign({ [location]: this.code.expression(attribute(element, 'expr')) })
  }

  private choice(element: Element): Action {
    const branches: { readonly guard: unknown; readonly content: Element[] }[] = [{ guard: this.code.guard(attribute(element, 'cond')), content: [] }]
    for (const child of element.children) {
      if (child.name === 'elseif') branches.push({ guard: this.code.guard(attribute(child, 'cond')), content: [] })
      else if (child.name === 'else') branches.push({ guard: undefined, content: [] })
      else branches.at(-1)?.content.push(child)
    }
    const choices = branches.map(({ guard, content }) => ({ guard, actions: this.of(content) }))
    return enqueueActions(({ enqueue, check }) => {
      const chosen = choices.find(({ guard }) => guard === undefined || check(guard as never))
      for (const action of chosen?.actions ?? []) enqueue(action as never)
    })
  }

  private send(element: Element): Action {
    const { target, type, event, eventexpr, delay, delayexpr, id } = element.attributes
    if (element.attributes['targetexpr'] !== undefined || element.attributes['typeexpr'] !== undefined) throw new Unreadable('send to another processor')
    if (type !== undefined && type !== 'http://www.w3.org/TR/scxml/#SCXMLEventProcessor') throw new Unreadable('send to another processor')
    if (element.attributes['idlocation'] !== undefined) throw new Unreadable('ids of sent events')
    if (childrenOf(element, 'content').length > 0) throw new Unreadable('events with content')
    const name = event ?? literalText(eventexpr) ?? (this.code.expression(attribute(element, 'eventexpr')) as Expression<string>)
    const fields = this.fields(element)
    const payload: Sending['payload'] = (args) => Object.fromEntries(fields.map(([field, value]) => [field, value(args)]))
    if (target === '#_internal') return raise((args) => ({ type: typeof name === 'string' ? name : name(args as never), ...payload(args as never) }))
    if (target !== undefined) throw new Unreadable('send to another session')
    return this.dialect.send({ event: name, payload, fields: fields.map(([field]) => field), delay: this.delay(delay, delayexpr), id })
  }

  private fields(element: Element): [string, Expression][] {
    const names = element.attributes['namelist']?.split(/\s+/) ?? []
    const parameters = childrenOf(element, 'param').map((each): [string, string] => [attribute(each, 'name'), each.attributes['expr'] ?? attribute(each, 'location')])
    return [...names.map((name): [string, string] => [name, name]), ...parameters].map(([name, code]) => [name, this.code.expression(code)])
  }

  private delay(delay: string | undefined, delayexpr: string | undefined): Sending['delay'] {
    if (delay !== undefined) return milliseconds(delay)
    if (delayexpr === undefined) return undefined
    const text = literalText(delayexpr)
    if (text !== undefined) return milliseconds(text)
    const value = this.code.expression(delayexpr)
    return (args) => milliseconds(String(value(args)))
  }
}

function milliseconds(text: string): number {
  const parts = /^([\d.]+)(m?s)$/.exec(text)
  if (parts === null) throw new Unreadable(`the delay ${text}`)
  return Number(parts[1]) * (parts[2] === 's' ? 1000 : 1)
}

/** An attribute that has to be there. */
export function attribute(element: Element, name: string): string {
  const value = element.attributes[name]
  if (value === undefined) throw new Unreadable(`<${element.name}> without ${name}`)
  return value
}
