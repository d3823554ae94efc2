import { assert, type MetabonkError } from '../errors.ts'
import { crc32 as twinCrc32 } from './crc32.ts'
import type { Crc32 } from './crc32.ts'
import {
  endName, manifestName, recordingChannels, recordingEncoding, recordingProfile, stepNanosOf, unsealEnd, unsealManifest,
} from './manifest.ts'
import type { RecordingChannel, RecordingEnd, RecordingManifest } from './manifest.ts'
import { McapReader, tornRecording } from './mcap-reader.ts'
import type { ByteSource, McapAttachment, McapChunk, McapMessage } from './mcap-reader.ts'
import { brokenRecording } from './record-cursor.ts'

/** 64 bits of hash as two u32. */
export interface HashPair {
  readonly lo: number
  readonly hi: number
}

export interface ColumnHash extends HashPair {
  /** Place in the manifest's `columns`. */
  readonly column: number
}

export interface RecordedInput {
  /** Applied before this step. */
  readonly step: number
  readonly sequence: number
  readonly bytes: Uint8Array
}

export interface RecordedKeyframe {
  readonly step: number
}

/** Of a hash record: words kept per step (low, high, place of its data in the chunk's records, bytes of its data). */
const stepWords = 4

/**
 * Opens a recording. A torn one opens up to its last complete chunk and says so in {@link Recording.complete}.
 * Throws `recording-invalid` (no MCAP file, or damaged: says where and what), `recording-foreign` (MCAP of someone else),
 * `recording-contract`, or `recording-torn` (cut off before the first step).
 */
export function openRecording(source: ByteSource, crc32: Crc32 = twinCrc32): Recording {
  return new Recording(source, crc32)
}

/** A recording to be read: hashes by step, inputs, keyframes. Hash roots are in memory; the rest is read when asked for. */
export class Recording {
  readonly manifest: RecordingManifest
  /** The recording was ended properly; a torn one has no end. */
  readonly complete: boolean
  readonly end: RecordingEnd | undefined
  /** Inputs by step and sequence. */
  readonly inputs: readonly RecordedInput[]
  /** Steps with a keyframe, ascending. */
  readonly keyframes: readonly RecordedKeyframe[]

  readonly #file: string
  readonly #mcap: McapReader
  readonly #stepNanos: bigint
  readonly #channels: Readonly<Record<RecordingChannel, number>>
  readonly #keyframeChunks = new Map<number, McapChunk>()
  /** Chunks with hashes, with the first step in each. */
  readonly #hashChunks: { readonly chunk: McapChunk; readonly stepFirst: number }[] = []
  #hashes = new Uint32Array(stepWords * 1024)
  #hashed = 0
  /** The chunk whose records were read last. */
  #loaded: { readonly chunk: McapChunk; readonly records: Uint8Array } | undefined

  constructor(source: ByteSource, crc32: Crc32) {
    this.#file = source.name
    this.#mcap = new McapReader(source, crc32, recordingProfile)
    const manifest = this.#mcap.metadata(manifestName)
    if (manifest === undefined) throw this.#missing(`record '${manifestName}'`)
    this.manifest = unsealManifest(manifest, crc32)
    this.#stepNanos = BigInt(stepNanosOf(this.manifest.stepMillis))
    this.#channels = { hashes: this.#channel('hashes'), inputs: this.#channel('inputs'), keyframes: this.#channel('keyframes') }
    this.#mcap.settle((chunk) => this.#label(chunk))
    this.inputs = this.#load()
    this.keyframes = [...this.#keyframeChunks.keys()].map((step) => ({ step }))
    const end = this.#mcap.metadata(endName)
    this.end = end === undefined ? undefined : unsealEnd(end, crc32)
    this.complete = this.end !== undefined && this.#mcap.ended
    this.#requireWhole()
  }

  /** The last hashed step: hashes are there for 0 to `steps`. */
  get steps(): number {
    return this.#hashed - 1
  }

  /** Root hash of state `step`. */
  hashAt(step: number): HashPair {
    const at = this.#hashPlace(step)
    return { lo: this.#hashes[at], hi: this.#hashes[at + 1] }
  }

  /** Hashes of the columns that changed in state `step` against the one before. */
  changedAt(step: number): readonly ColumnHash[] {
    const view = this.#hashData(step)
    const changed: ColumnHash[] = []
    for (let at = 16; at < view.byteLength; at += 12) {
      changed.push({ column: view.getUint32(at, true), lo: view.getUint32(at + 4, true), hi: view.getUint32(at + 8, true) })
    }
    return changed
  }

  /** Hash of a column in state `step`: as recorded when it last changed. Undefined when it never had one. */
  columnHashAt(step: number, column: number): HashPair | undefined {
    for (let at = step; at >= 0; at--) {
      const view = this.#hashData(at)
      for (let word = 16; word < view.byteLength; word += 12) {
        if (view.getUint32(word, true) === column) return { lo: view.getUint32(word + 4, true), hi: view.getUint32(word + 8, true) }
      }
    }
    return undefined
  }

  /** The bytes of the keyframe at a step of {@link keyframes}, checked. */
  loadKeyframe(step: number): Uint8Array {
    const chunk = this.#keyframeChunks.get(step)
    assert(chunk !== undefined, 'only recorded keyframes are loaded')
    const label = this.#label(chunk)
    const records = this.#mcap.readChunk(chunk, label)
    const found: Uint8Array[] = []
    this.#mcap.eachMessage(chunk, records, ({ channel, at, bytes }) => {
      if (channel !== this.#channels.keyframes || bytes < 8 || new DataView(records.buffer, records.byteOffset + at).getFloat64(0, true) !== step) {
        throw this.#broken(`${label} holds something else`, chunk)
      }
      found.push(records.subarray(at + 8, at + bytes))
    })
    if (found.length !== 1) throw this.#broken(`${label} holds ${String(found.length)} states`, chunk)
    return found[0]
  }

  /** Files that the recording carries. */
  get attachments(): readonly Pick<McapAttachment, 'name' | 'mediaType' | 'dataBytes'>[] {
    return this.#mcap.attachments
  }

  /** The bytes of an attachment, checked; undefined when there is none of that name. */
  loadAttachment(name: string): Uint8Array | undefined {
    const attachment = this.#mcap.attachments.find((carried) => carried.name === name)
    return attachment === undefined ? undefined : this.#mcap.readAttachment(attachment)
  }

  /** Checks what opening has not read: keyframes, attachments, and the checksum over the whole file. Throws `recording-invalid`. */
  check(): void {
    for (const step of this.#keyframeChunks.keys()) this.loadKeyframe(step)
    for (const attachment of this.#mcap.attachments) this.#mcap.readAttachment(attachment)
    this.#mcap.checkWhole()
  }

  #channel(name: RecordingChannel): number {
    const channels = [...this.#mcap.channels.values()].filter((channel) => channel.topic === name)
    const channel = channels.at(0)
    if (channel === undefined) throw this.#missing(`channel '${name}'`)
    if (channels.length > 1 || channel.encoding !== recordingEncoding) throw brokenRecording(`channel '${name}' is not what metabonk writes`, this.#file, 0)
    return channel.id
  }

  /** Something is not there: because the file was cut before it, or because the file is broken. */
  #missing(what: string): MetabonkError {
    return this.#mcap.ended ? brokenRecording(`${what} is missing`, this.#file, 0) : tornRecording(this.#file)
  }

  #broken(what: string, chunk: McapChunk): MetabonkError {
    return brokenRecording(what, this.#file, chunk.offset)
  }

  #stepOf(time: bigint): number {
    return Number(time / this.#stepNanos)
  }

  /** What a chunk holds, in words: "keyframe at step 500", "chunk of hashes and inputs of steps 0 to 119". */
  #label(chunk: McapChunk): string {
    const names = (Object.keys(recordingChannels) as RecordingChannel[]).filter((name) => chunk.channels.includes(this.#channels[name]))
    const first = this.#stepOf(chunk.startTime)
    const last = this.#stepOf(chunk.endTime)
    const steps = first === last ? `step ${String(first)}` : `steps ${String(first)} to ${String(last)}`
    if (names.length === 1 && names[0] === 'keyframes') return `keyframe at ${steps}`
    return `chunk of ${[names.join(' and '), steps].filter((part) => part !== '').join(' of ')}`
  }

  /** Reads every chunk but those of keyframes; returns the inputs. */
  #load(): readonly RecordedInput[] {
    const inputs: RecordedInput[] = []
    for (const chunk of this.#mcap.chunks) {
      if (chunk.channels.length === 1 && chunk.channels[0] === this.#channels.keyframes) this.#addKeyframe(chunk)
      else this.#loadChunk(chunk, inputs)
    }
    return inputs.sort((a, b) => a.step - b.step || a.sequence - b.sequence)
  }

  #addKeyframe(chunk: McapChunk): void {
    const step = this.#stepOf(chunk.startTime)
    if (chunk.startTime !== chunk.endTime || this.#keyframeChunks.has(step)) throw this.#broken(`${this.#label(chunk)} is not the only one`, chunk)
    this.#keyframeChunks.set(step, chunk)
  }

  #loadChunk(chunk: McapChunk, inputs: RecordedInput[]): void {
    const records = this.#mcap.readChunk(chunk, this.#label(chunk))
    const view = new DataView(records.buffer, records.byteOffset, records.length)
    const stepFirst = this.#hashed
    this.#mcap.eachMessage(chunk, records, (message) => {
      if (message.channel === this.#channels.hashes) this.#addHash(chunk, view, message)
      else if (message.channel === this.#channels.inputs) inputs.push(this.#takeInput(chunk, view, message))
      else if (message.channel === this.#channels.keyframes) throw this.#broken(`${this.#label(chunk)} holds a keyframe too`, chunk)
    })
    if (this.#hashed > stepFirst) this.#hashChunks.push({ chunk, stepFirst })
  }

  #addHash(chunk: McapChunk, view: DataView, message: McapMessage): void {
    const { at, bytes } = message
    if (bytes < 16 || (bytes - 16) % 12 !== 0) throw this.#broken(`hash record after step ${String(this.steps)} has a wrong size`, chunk)
    if (view.getFloat64(at, true) !== this.#hashed) throw this.#broken(`hash of step ${String(this.#hashed)} is missing`, chunk)
    const place = this.#hashed * stepWords
    if (place === this.#hashes.length) {
      const larger = new Uint32Array(place * 2)
      larger.set(this.#hashes)
      this.#hashes = larger
    }
    this.#hashes[place] = view.getUint32(at + 8, true)
    this.#hashes[place + 1] = view.getUint32(at + 12, true)
    this.#hashes[place + 2] = at
    this.#hashes[place + 3] = bytes
    this.#hashed += 1
  }

  #takeInput(chunk: McapChunk, view: DataView, { at, bytes }: McapMessage): RecordedInput {
    const step = bytes < 12 ? NaN : view.getFloat64(at, true)
    if (!Number.isSafeInteger(step) || step < 0) throw this.#broken(`${this.#label(chunk)} holds an input without a step`, chunk)
    const from = view.byteOffset + at + 12
    return { step, sequence: view.getUint32(at + 8, true), bytes: new Uint8Array(view.buffer.slice(from, from + bytes - 12)) }
  }

  #requireWhole(): void {
    if (this.#hashed === 0) throw this.#missing('hash of step 0')
    if (this.end !== undefined && this.end.steps !== this.steps) {
      throw brokenRecording(`recording ends at step ${String(this.end.steps)} and holds hashes to step ${String(this.steps)}`, this.#file, 0)
    }
  }

  #hashPlace(step: number): number {
    assert(Number.isInteger(step) && step >= 0 && step < this.#hashed, 'a hash is asked for a recorded step')
    return step * stepWords
  }

  /** The data of the hash record of a step. */
  #hashData(step: number): DataView {
    const place = this.#hashPlace(step)
    let low = 0
    for (let high = this.#hashChunks.length; high - low > 1; ) {
      const middle = (low + high) >>> 1
      if (this.#hashChunks[middle].stepFirst <= step) low = middle
      else high = middle
    }
    const { chunk } = this.#hashChunks[low]
    if (this.#loaded?.chunk !== chunk) this.#loaded = { chunk, records: this.#mcap.readChunk(chunk, this.#label(chunk)) }
    const { records } = this.#loaded
    return new DataView(records.buffer, records.byteOffset + this.#hashes[place + 2], this.#hashes[place + 3])
  }
}
