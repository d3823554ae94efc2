/** What another process asks of a run, checked before it is used: bytes on a socket are input. */
import { MetabonkError, type Input } from '../../../actors/index.ts'
import type { Request } from './calls.ts'
import type { ViewQuery } from './model.ts'

/** Version of what is said on the socket: both sides must have the same. */
export const protocolVersion = 2

const textMost = 4_096
const edgeMost = 4_096

type Fields = Readonly<Record<string, unknown>>
type Check = (value: unknown) => boolean

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText: Check = (value) => typeof value === 'string' && value.length <= textMost
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isEdge: Check = (value) => isCount(value) && (value as number) <= edgeMost
const isToggle: Check = (value) => typeof value === 'boolean'
const isPace: Check = (value) => value === undefined || (typeof value === 'number' && value > 0 && Number.isFinite(value))
const isChannel: Check = (value) => value === 'rgb' || value === 'depth' || value === 'segmentation'

function maybe(check: Check): Check {
  return (value) => value === undefined || check(value)
}

/** An object with these fields, each as it has to be. Others are not read. */
function shaped(fields: Readonly<Record<string, Check>>): Check {
  return (value) => isFields(value) && Object.entries(fields).every(([name, check]) => check(value[name]))
}

const isAgent = { kind: isText, row: isCount }
const isQuery = shaped({
  table: maybe(shaped({ kind: isText, from: isCount, count: isCount, sort: maybe(shaped({ by: isText, descending: isToggle })), filter: isText })),
  agent: maybe(shaped(isAgent)),
  map: maybe(shaped({ width: isEdge, height: isEdge })),
  camera: maybe(shaped({ ...isAgent, channel: isChannel, width: isEdge, height: isEdge })),
})

/** The form of an input; whether the world can take it is for the run to say. */
const inputForms: Readonly<Record<string, Check>> = {
  config: shaped({ key: isText }),
  set: shaped({ ...isAgent, column: isText }),
  spawn: shaped({ kind: isText, values: isFields }),
  kill: shaped(isAgent),
}

const isInput: Check = (value) => isFields(value) && typeof value['form'] === 'string' && Object.hasOwn(inputForms, value['form']) && inputForms[value['form']](value)

/** What may be asked, and what is given with it. */
const methods: Readonly<Record<string, readonly Check[]>> = {
  hello: [isCount],
  look: [isQuery],
  vitals: [],
  setPaused: [isToggle],
  release: [],
  step: [isCount],
  setPace: [isPace],
  setBreakpoint: [maybe(isText)],
  send: [isInput],
  flush: [],
  leave: [],
}

/** A request, if it is one. Throws `ring` for anything else. */
export function checkedRequest(value: unknown): Request {
  if (!isFields(value)) throw bad('it is no request')
  const { id, method, args } = value
  if (!isCount(id) || typeof method !== 'string' || !Array.isArray(args)) throw bad('it is no request')
  if (!Object.hasOwn(methods, method)) throw bad('it asks for what nobody answers')
  const checks = methods[method]
  if (args.length !== checks.length || !checks.every((check, i) => check(args[i]))) throw bad(`what is given to ${method} is not what it takes`)
  return { id: id as number, method, args }
}

function bad(what: string): MetabonkError {
  return new MetabonkError({ code: 'ring', what: `a message is not taken: ${what}` })
}

/** Methods of a session, with what they take as it was checked. */
export interface CheckedMethods {
  hello(version: number): unknown
  look(query: ViewQuery): unknown
  vitals(): unknown
  setPaused(paused: boolean): unknown
  release(): unknown
  step(steps: number): unknown
  setPace(stepsPerSecond: number | undefined): unknown
  setBreakpoint(expression: string | undefined): unknown
  send(input: Input): unknown
  flush(): unknown
  leave(): unknown
}
