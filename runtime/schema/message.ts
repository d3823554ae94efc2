import { MetabonkError } from '../errors.ts'
import { limits } from '../limits.ts'
import { createCodec, type RecordCodec } from './codec.ts'
import { bindCursor, checkElements, type Cursor, type RecordPlaces } from './cursor.ts'
import type { RecordMemory } from './memory.ts'
import { checkOptions } from './options.ts'
import type { AgentId, PayloadFields, ValuesOf } from './types.ts'

/** Options of {@link message}. */
export interface MessageOptions {
  /** Messages of this type one agent may send in one step; more is an error. Default `limits.messagesPerSender`. */
  readonly perSender?: number
}

/** A message type: declared once, it types the event a machine receives and the payload a sender gives. */
export interface MessageType<N extends string = string, F extends PayloadFields = PayloadFields> {
  readonly name: N
  readonly fields: F
  readonly perSender: number
  readonly codec: RecordCodec<F>
  /**
   * Fields of records where they lie in a memory, or in a ring in it; `$at` is the first byte of the one it shows, at first of the first. It is
   * code of its own: make one for a memory, not for a record.
   */
  cursor(memory: RecordMemory, ring?: RecordPlaces): Cursor<F>
}

/** The XState event that a message arrives as: its payload, its type, and who sent it. */
export type EventOf<M> = M extends MessageType<infer N, infer F> ? { readonly type: N; readonly sender: AgentId } & ValuesOf<F> : never

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Checks a name that people type and files carry. */
export function checkName(what: string, name: string): void {
  if (name === 'constructor' || name === '__proto__') {
    throw new MetabonkError({ code: 'schema', what: `${what} can't be named '${name}'`, todo: 'choose another name: every object has one of its own' })
  }
  if (identifier.test(name)) return
  throw new MetabonkError({ code: 'schema', what: `${what} can't be named '${name}'`, todo: 'use letters, digits and underscores, a letter first' })
}

/**
 * Declares a message type. `fields` are the payload; `type` and `sender` are reserved.
 *
 *     const Alarm = message('Alarm', { at: vec(f32, 2), cry: bytes(16) })
 */
export function message<const N extends string, const F extends PayloadFields>(name: N, fields: F, options: MessageOptions = {}): MessageType<N, F> {
  checkName('a message', name)
  checkOptions(`message ${name}`, options, [], ['perSender'])
  if (name === 'STEP') throw new MetabonkError({ code: 'schema', what: "a message can't be named STEP", todo: 'choose another name: STEP is the clock' })
  for (const field of Object.keys(fields)) {
    checkName(`a field of message ${name}`, field)
    if (field === 'type' || field === 'sender') {
      throw new MetabonkError({ code: 'schema', what: `message ${name} can't have a field '${field}'`, todo: 'rename it: the event carries its own type and sender' })
    }
  }
  const where = `message ${name}`
  const codec = createCodec(name, fields, where)
  if (codec.bytes > limits.payloadBytesMax) {
    throw new MetabonkError({ code: 'limit', what: `the payload of message ${name} has ${codec.bytes} bytes`, todo: `keep it to ${limits.payloadBytesMax}` })
  }
  checkElements(codec.fields, where)
  return Object.freeze({ name, fields, perSender: options.perSender ?? limits.messagesPerSender, codec, cursor: (memory: RecordMemory, ring?: RecordPlaces) => bindCursor(codec, where, { memory, ring }) })
}
