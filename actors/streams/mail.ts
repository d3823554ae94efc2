/**
 * The stream of messages: one message a step holds the mail that is on its way in that state, in canonical order, as it lies in memory.
 *
 *     step f64 | letter | letter | ...
 *
 * Each letter is six words u32 (bytes after the second word; type; receiver and its generation; sender and its generation), then its payload,
 * a C struct. An agent's word is (kind + 1) * 2^26 + row, that of the director 0. The schema is JSON that names kinds, types and fields.
 */
import { GatheredMail, mailHeaderWords, recordingEncoding, type Program, type RecordedMessage, type SharedState, type StreamDeclaration } from '../../runtime/index.ts'
import { readLetters, type Letter } from '../travel/mail.ts'
import { Scratch, type Emit, type Stream } from './stream.ts'

const layout = 'step f64; then letters: bytes u32 (from the third word on), type u32, receiver u32, its generation u32, sender u32, its generation u32, payload; an agent is (kind + 1) * 2^26 + row'

function schemaOf({ kinds, types }: Program): string {
  const fieldsOf = (type: (typeof types)[number]): object[] =>
    type.codec.fields.map(({ name, byteOffset, type: { form, dtype, width, labels } }) => ({ name, byteOffset, form, dtype, width, labels }))
  return JSON.stringify({
    layout,
    kinds: kinds.map((kind) => kind.name),
    types: types.map((type) => ({ name: type.name, payloadByte: 4 * mailHeaderWords, bytes: type.codec.bytes, fields: fieldsOf(type) })),
  })
}

export class MailStream implements Stream {
  readonly declaration: StreamDeclaration
  private readonly mail: GatheredMail
  private readonly scratch = new Scratch()

  constructor(state: SharedState) {
    this.declaration = { topic: 'messages', encoding: recordingEncoding, schemaName: 'metabonk.Mail', schemaEncoding: recordingEncoding, schema: schemaOf(state.program) }
    this.mail = new GatheredMail(state)
  }

  take(step: number, emit: Emit | undefined): void {
    if (emit === undefined) return
    const { mail, scratch } = this
    const bytes = scratch.reserve(8 + 4 * mail.words)
    scratch.memory.f64[0] = step
    mail.copyTo(scratch.memory.u32, 2)
    emit(step, 0, bytes)
  }
}

/** The mail on its way at a step. */
export interface MailMessage {
  readonly step: number
  readonly letters: readonly Letter[]
}

/** Reads the messages of the stream of a world's mail. */
export function mailReader(program: Pick<Program, 'kinds' | 'types'>): (message: RecordedMessage) => MailMessage {
  return ({ step, bytes }) => {
    const words = new Uint32Array(new Uint8Array(bytes).buffer)
    return { step, letters: readLetters({ program }, { words, begin: 2, end: words.length }) }
  }
}
