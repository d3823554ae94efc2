/** How guards and actions are called where people read of them. */
import { sentBy } from './agent.ts'

/** Names that functions take from the property they are written in: they say nothing. */
const inferredNames: readonly string[] = ['', 'guard', 'actions', 'entry', 'exit', 'anonymous']

interface Referable {
  readonly name?: string
  readonly type?: string
  readonly guards?: readonly unknown[]
  readonly stateValue?: unknown
  readonly assignment?: unknown
  readonly event?: unknown
  readonly sendId?: unknown
}

function functionName({ name = '' }: Referable, otherwise: string): string {
  return inferredNames.includes(name) ? otherwise : name
}

function typeOf(event: unknown): string {
  const type = typeof event === 'object' && event !== null ? (event as Referable).type : undefined
  return type === undefined ? '' : ` ${type}`
}

function pathOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value).map(([key, inner]) => [key, pathOf(inner)].filter((part) => part !== '').join('.')).join(' & ')
}

/** The name of a guard: `calm`, `chance startle 0.1`, `calm and not (hungry or tired)`; an inline function without a name is `guard`. */
export function guardLabel(guard: unknown): string {
  if (typeof guard === 'string') return guard
  const { type, guards, stateValue, ...rest } = members(guard)
  if (stateValue !== undefined) return `in ${pathOf(stateValue)}`
  if (guards === undefined) return typeof guard === 'function' ? functionName(rest, 'guard') : (type ?? 'guard')
  if (rest.name === 'not') return `not ${operandLabel(guards[0])}`
  return guards.map(operandLabel).join(` ${functionName(rest, 'and')} `)
}

/** A guard inside another one, in brackets where it joins several. */
function operandLabel(guard: unknown): string {
  const isJoined = (members(guard).guards?.length ?? 0) > 1
  return isJoined ? `(${guardLabel(guard)})` : guardLabel(guard)
}

/** The name of an action: `bleed`, `assign(fear, danger)`, `raise DONE`, `send Hit`; an inline function without a name is `action`. */
export function actionLabel(action: unknown): string {
  if (typeof action === 'string') return action
  const { type, ...rest } = members(action)
  if (typeof action !== 'function') return type ?? 'action'
  if (type === undefined) return sendLabel(action) ?? functionName(rest, 'action')
  if (type === 'xstate.assign') return typeof rest.assignment === 'object' && rest.assignment !== null ? `assign(${Object.keys(rest.assignment).join(', ')})` : 'assign'
  if (type === 'xstate.cancel') return typeof rest.sendId === 'string' ? `cancel ${rest.sendId}` : 'cancel'
  return `${type.replace(/^xstate\./, '')}${typeOf(rest.event)}`
}

function sendLabel(action: object): string | undefined {
  const sent = sentBy(action)
  return sent === undefined ? undefined : `send ${sent.type.name}`
}

/** What XState hangs on functions and objects, as plain members. */
function members(value: unknown): Referable {
  const { name, type, guards, stateValue, assignment, event, sendId } = value as Referable
  return { name, type, guards, stateValue, assignment, event, sendId }
}
