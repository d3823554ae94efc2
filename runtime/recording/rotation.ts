/**
 * A recording in parts: each is whole by itself, and starts with the state that the part before it ends with. What a part needs of the time before it is
 * carried over: sources, declarations of streams, inputs that are still to come, and the hash of every column.
 */
import { assert } from '../errors.ts'
import { hashHex } from '../hash/hex.ts'
import type { RecordingEnd, RecordingTarget, StreamDeclaration } from './manifest.ts'
import type { ColumnHash, RecordedInput, Recording } from './recording.ts'
import type { RecordingWriter } from './recording-writer.ts'

/** Where the parts of a recording go. */
export interface PartFiles {
  /** Name of the file of the part that comes next. */
  readonly next: string
  /** Begins that file: its first state is `first`, and the part before it was sealed with `sha256`. */
  open(first: number, sha256: string): RecordingWriter
  /** The first state of that file is on the disk. */
  settle(): void
}

/** What a target records of a run so far, which a part to come needs. */
export interface RecordedBefore {
  readonly inputs: readonly RecordedInput[]
  readonly columns: readonly ColumnHash[]
  readonly attachments: readonly Attached[]
}

interface Attached {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

interface DeclaredStream {
  readonly declaration: StreamDeclaration
  /** Its id in the part that is being written. */
  id: number
}

const nothingBefore: RecordedBefore = { inputs: [], columns: [], attachments: [] }

/** What the parts after a recording need of it. */
export function recordedBefore(recording: Recording): RecordedBefore {
  const { steps, manifest, inputs, attachments } = recording
  return {
    inputs: inputs.filter(({ step }) => step >= steps),
    columns: manifest.columns.flatMap((_, column) => {
      const hash = recording.columnHashAt(steps, column)
      return hash === undefined ? [] : [{ column, ...hash }]
    }),
    attachments: attachments.map(({ name, mediaType }) => ({ name, mediaType, bytes: recording.loadAttachment(name) ?? new Uint8Array() })),
  }
}

/**
 * Writes a recording in parts: at the first keyframe after a part has reached `bytesMax` it is ended and sealed, and the next one begins with that state.
 * Throws what the files throw.
 */
export class RotatingWriter implements RecordingTarget {
  readonly #files: PartFiles
  readonly #bytesMax: number
  readonly #streams: DeclaredStream[] = []
  readonly #attachments: Attached[]
  /** Those that are still to come, and perhaps some that are not. */
  #inputs: RecordedInput[]
  /** By column: whether it has a hash, and its low and high word. */
  #columns = new Uint32Array(0)
  #writer: RecordingWriter
  #step = -1
  /** The states of the part, but the first. */
  #own = 0
  readonly #root = new Uint32Array(2)
  /** Messages of the last step, kept while the part may end with it. */
  #messages: { readonly stream: number; readonly step: number; readonly sequence: number; readonly bytes: Uint8Array }[] = []

  constructor(writer: RecordingWriter, files: PartFiles, bytesMax: number, before: RecordedBefore = nothingBefore) {
    this.#writer = writer
    this.#files = files
    this.#bytesMax = bytesMax
    this.#inputs = [...before.inputs]
    for (const { column, lo, hi } of before.columns) this.#keepColumn(column, lo, hi)
    this.#attachments = [...before.attachments]
  }

  // eslint-disable-next-line max-params -- called every step: an object for the root would be garbage
  hash(step: number, lo: number, hi: number, changed: Uint32Array, changedCount: number): void {
    this.#writer.hash(step, lo, hi, changed, changedCount)
    this.#step = step
    this.#own += 1
    this.#root[0] = lo
    this.#root[1] = hi
    for (let place = 0; place < changedCount; place++) this.#keepColumn(changed[3 * place], changed[3 * place + 1], changed[3 * place + 2])
  }

  input(step: number, sequence: number, bytes: Uint8Array): void {
    this.#inputs.push({ step, sequence, bytes: bytes.slice() })
    this.#writer.input(step, sequence, bytes)
  }

  keyframe(step: number, bytes: Uint8Array): void {
    if (this.#isDue && this.#own > 0 && step === this.#step) this.#rotate(bytes)
    else this.#writer.keyframe(step, bytes)
  }

  attach(name: string, mediaType: string, bytes: Uint8Array): void {
    this.#attachments.push({ name, mediaType, bytes: bytes.slice() })
    this.#writer.attach(name, mediaType, bytes)
  }

  stream(declaration: StreamDeclaration): number {
    const known = this.#streams.findIndex(({ declaration: { topic } }) => topic === declaration.topic)
    const id = this.#writer.stream(declaration)
    return known >= 0 ? known : this.#streams.push({ declaration, id }) - 1
  }

  message(stream: number, step: number, sequence: number, bytes: Uint8Array): void {
    this.#writer.message(this.#streams[stream].id, step, sequence, bytes)
    if (this.#messages.length > 0 && this.#messages[0].step !== step) this.#messages = []
    if (this.#isDue) this.#messages.push({ stream, step, sequence, bytes: bytes.slice() })
  }

  dropped(stream: number, count: number): void {
    this.#writer.dropped(this.#streams[stream].id, count)
  }

  flush(): void {
    this.#writer.flush()
  }

  sync(): void {
    this.#writer.sync()
  }

  close(end: RecordingEnd): void {
    this.#writer.close(end)
  }

  closeEarly(reason: string): void {
    this.#writer.closeEarly(reason)
  }

  closeIncomplete(): void {
    this.#writer.closeIncomplete()
  }

  get #isDue(): boolean {
    return this.#writer.bytes >= this.#bytesMax
  }

  #keepColumn(column: number, lo: number, hi: number): void {
    const at = 3 * column
    if (at >= this.#columns.length) {
      const larger = new Uint32Array(2 * at + 48)
      larger.set(this.#columns)
      this.#columns = larger
    }
    this.#columns[at] = 1
    this.#columns[at + 1] = lo
    this.#columns[at + 2] = hi
  }

  /** Ends the part with the last step, and begins the next one with it. */
  #rotate(keyframe: Uint8Array): void {
    const [lo, hi] = this.#root
    const step = this.#step
    const sha256 = this.#writer.close({ steps: step, finalHash: hashHex(lo, hi), reason: 'goes on in the next part', next: this.#files.next })
    assert(sha256 !== undefined, 'parts are sealed')
    this.#writer = this.#files.open(step, sha256)
    for (const { name, mediaType, bytes } of this.#attachments) this.#writer.attach(name, mediaType, bytes)
    for (const stream of this.#streams) stream.id = this.#writer.stream(stream.declaration)
    this.#inputs = this.#inputs.filter((each) => each.step >= step)
    for (const { step: at, sequence, bytes } of this.#inputs) this.#writer.input(at, sequence, bytes)
    this.#writer.keyframe(step, keyframe)
    for (const { stream, step: at, sequence, bytes } of this.#messages) if (at === step) this.#writer.message(this.#streams[stream].id, at, sequence, bytes)
    const columns: number[] = []
    for (let at = 0; at < this.#columns.length; at += 3) if (this.#columns[at] === 1) columns.push(at / 3, this.#columns[at + 1], this.#columns[at + 2])
    this.#writer.hash(step, lo, hi, Uint32Array.from(columns), columns.length / 3)
    this.#writer.sync()
    this.#files.settle()
    this.#own = 0
    this.#messages = []
  }
}
