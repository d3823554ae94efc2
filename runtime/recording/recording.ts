import { MetabonkError, assert } from '../errors.ts'
import { crc32 as twinCrc32 } from './crc32.ts'
import type { Crc32 } from './crc32.ts'
import { readRun, runHeadBytes, runSteps } from './hash-runs.ts'
import type { HashRun } from './hash-runs.ts'
import {
  channelSeal, endName, manifestName, planName, recordingChannels, recordingEncoding, recordingProfile, stepNanosOf, unsealEnd, unsealManifest, unsealPlan,
} from './manifest.ts'
import type { RecordingChannel, RecordingEnd, RecordingManifest, StreamDeclaration } from './manifest.ts'
import { McapReader, channelsOf, tornRecording } from './mcap-reader.ts'
import type { McapAttachment, McapChannel, McapChunk, McapMessage } from './mcap-reader.ts'
import type { ByteSource } from './piecewise.ts'
import type { ReadPorts } from './ports.ts'
import { brokenRecording } from './record-cursor.ts'
import { checkSeal } from './seal.ts'
import type { Seal } from './seal.ts'

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

/** A channel of a recording. */
export interface RecordedTopic extends Omit<StreamDeclaration, 'droppable'> {
  /** Messages that are there. */
  readonly messages: number
  /** Messages that were dropped because the recorder was behind; of a torn recording that is not known, and 0. */
  readonly dropped: number
}

export interface RecordedMessage {
  readonly step: number
  readonly sequence: number
  readonly bytes: Uint8Array
}

/** A message of hashes: which chunk it is in, and where in its records. */
interface RunPlace {
  readonly chunk: McapChunk
  readonly stepFirst: number
  readonly at: number
  readonly bytes: number
}

/**
 * Opens a recording. A torn one opens up to its last complete chunk and says so in {@link Recording.complete}.
 * Throws `recording-invalid` (no MCAP file, or damaged: says where and what), `recording-foreign` (MCAP of someone else),
 * `recording-contract` (another file format or numerics contract), or `recording-torn` (cut off before the first step).
 */
export function openRecording(source: ByteSource, crc32: Crc32 = twinCrc32, ports: ReadPorts = {}): Recording {
  return new Recording(source, crc32, ports)
}

/** What the edges of a recording say of it. */
export interface RecordingOutline {
  readonly manifest: RecordingManifest
  /** Undefined for a torn one, and one that is being written. */
  readonly end: RecordingEnd | undefined
}

/** Reads what the edges of a recording say: nothing of what lies between is checked. Throws as {@link openRecording} does. */
export function readOutline(source: ByteSource, crc32: Crc32): RecordingOutline {
  const mcap = new McapReader(source, { crc32, profile: recordingProfile })
  const [manifest, end] = [mcap.metadata(manifestName), mcap.metadata(endName)]
  if (manifest === undefined) throw tornRecording(source.name)
  return { manifest: unsealManifest(manifest, crc32), end: end === undefined ? undefined : unsealEnd(end, crc32) }
}

/** A recording to be read: hashes by step, inputs, keyframes, streams. Hash roots are in memory; the rest is read when asked for. */
export class Recording {
  readonly manifest: RecordingManifest
  /** The first state it holds: 0, or that of its first keyframe where it is a part of a run. */
  readonly first: number
  /** The container, for what copies it. */
  readonly mcap: McapReader
  /** Where it is read from. */
  readonly source: ByteSource

  readonly #file: string
  readonly #crc32: Crc32
  readonly #ports: ReadPorts
  readonly #stepNanos: bigint
  readonly #channels: Readonly<Record<RecordingChannel, number>>
  readonly #keyframeChunks = new Map<number, McapChunk>()
  readonly #runs: RunPlace[] = []
  #inputs: readonly RecordedInput[] = []
  #keyframes: readonly RecordedKeyframe[] = []
  #until: number | undefined
  #end: RecordingEnd | undefined
  #topics: readonly RecordedTopic[] = []
  #roots = new Uint32Array(2 * 1024)
  #hashed = 0
  /** The run of hashes that was read last, and its place. */
  #loaded: { readonly place: RunPlace; readonly run: HashRun } | undefined

  constructor(source: ByteSource, crc32: Crc32, ports: ReadPorts) {
    this.source = source
    this.#file = source.name
    this.#crc32 = crc32
    this.#ports = ports
    this.mcap = new McapReader(source, { crc32, compression: ports.compression, profile: recordingProfile })
    const manifest = this.mcap.metadata(manifestName)
    if (manifest === undefined) throw this.#missing(`record '${manifestName}'`)
    this.manifest = unsealManifest(manifest, crc32)
    this.first = this.manifest.first ?? 0
    this.#stepNanos = BigInt(stepNanosOf(this.manifest.stepMillis))
    this.#channels = { hashes: this.#channel('hashes'), inputs: this.#channel('inputs'), keyframes: this.#channel('keyframes') }
    this.mcap.settle((chunk) => this.#label(chunk))
    this.#load(this.mcap.chunks)
    this.#readEnd()
  }

  /** The run was to end before this step, as was said last; undefined when somebody was to stop it. */
  get until(): number | undefined {
    return this.#until
  }

  /** The recording was ended properly; a torn one, or one that is being written, has no end. */
  get complete(): boolean {
    return this.#end !== undefined && this.mcap.ended
  }

  get end(): RecordingEnd | undefined {
    return this.#end
  }

  /** Inputs by step and sequence. */
  get inputs(): readonly RecordedInput[] {
    return this.#inputs
  }

  /** Steps with a keyframe, ascending. */
  get keyframes(): readonly RecordedKeyframe[] {
    return this.#keyframes
  }

  /** All channels, the fixed ones first. */
  get topics(): readonly RecordedTopic[] {
    return this.#topics
  }

  /**
   * Reads what was recorded since it was opened or read on last, for a recording that is being written: steps, inputs, keyframes and messages up to the
   * last complete chunk, and the end, when that has come. What is known is not read again. Gives whether there was anything new.
   * Throws `recording-invalid` when the file is not the one that was read, only longer, and for damage; then it is to be opened anew.
   */
  readOn(): boolean {
    const { complete } = this
    const chunks = this.mcap.readOn((chunk) => this.#label(chunk))
    this.#load(chunks)
    if (!complete) this.#readEnd()
    return chunks.length > 0 || complete !== this.complete
  }

  /** The last hashed step: hashes are there for `first` to `steps`. */
  get steps(): number {
    return this.first + this.#hashed - 1
  }

  /** Root hashes of all states: low and high word of step `first`, of the one after it and so on. */
  get roots(): Uint32Array {
    return this.#roots.subarray(0, 2 * this.#hashed)
  }

  /** Root hash of state `step`. */
  hashAt(step: number): HashPair {
    this.#requireStep(step)
    const at = 2 * (step - this.first)
    return { lo: this.#roots[at], hi: this.#roots[at + 1] }
  }

  /** Hashes of the columns that changed in state `step` against the one before, by column; in the first state all have. */
  changedAt(step: number): readonly ColumnHash[] {
    const run = this.#runOf(this.#placeOf(step))
    const at = run.places[step - run.first]
    return Array.from(run.columns[run.sets[step - run.first]], (column, place) => ({
      column, lo: run.view.getUint32(at + 8 * place, true), hi: run.view.getUint32(at + 8 * place + 4, true),
    }))
  }

  /** Hash of a column in state `step`: as recorded when it last changed. Undefined when it never had one. */
  columnHashAt(step: number, column: number): HashPair | undefined {
    for (let place = this.#placeOf(step); place >= 0; place--) {
      const run = this.#runOf(place)
      let set = -1
      let member = -1
      for (let at = Math.min(step - run.first, run.count - 1); at >= 0; at--) {
        if (run.sets[at] !== set) member = run.columns[(set = run.sets[at])].indexOf(column)
        if (member < 0) continue
        const found = run.places[at] + 8 * member
        return { lo: run.view.getUint32(found, true), hi: run.view.getUint32(found + 4, true) }
      }
    }
    return undefined
  }

  /**
   * Messages of a channel from step `from` up to and with step `to`, in the order of recording. Only the chunks that can hold
   * some are read, one at a time. Throws `usage` when there is no such channel.
   */
  * messages(topic: string, from = 0, to = Infinity): Generator<RecordedMessage, undefined> {
    const channel = [...this.mcap.channels.values()].find((each) => each.topic === topic)
    if (channel === undefined) {
      const topics = this.topics.map((each) => each.topic).join(', ')
      throw new MetabonkError({ code: 'usage', what: `recording has no channel '${topic}'`, where: this.#file, todo: `choose from ${topics}` })
    }
    for (const chunk of this.mcap.chunks) {
      if (!channelsOf(chunk).includes(channel.id) || this.#stepOf(chunk.timeLast) < from || this.#stepOf(chunk.timeFirst) > to) continue
      yield* this.#messagesIn(chunk, channel.id).filter(({ step }) => step >= from && step <= to)
    }
  }

  /** The bytes of the keyframe at a step of {@link keyframes}, checked. */
  loadKeyframe(step: number): Uint8Array {
    const chunk = this.#keyframeChunks.get(step)
    assert(chunk !== undefined, 'only recorded keyframes are loaded')
    const records = this.mcap.readChunk(chunk, () => this.#label(chunk))
    const found: Uint8Array[] = []
    this.mcap.eachMessage(chunk, records, ({ channel, at, bytes }) => {
      if (channel !== this.#channels.keyframes || bytes < 8 || new DataView(records.buffer, records.byteOffset + at).getFloat64(0, true) !== step) {
        throw this.#broken(`${this.#label(chunk)} holds something else`, chunk)
      }
      found.push(records.subarray(at + 8, at + bytes))
    })
    if (found.length !== 1) throw this.#broken(`${this.#label(chunk)} holds ${String(found.length)} states`, chunk)
    return found[0]
  }

  /** Files that the recording carries. */
  get attachments(): readonly Pick<McapAttachment, 'name' | 'mediaType' | 'dataBytes'>[] {
    return this.mcap.attachments
  }

  /** The bytes of an attachment, checked; undefined when there is none of that name. */
  loadAttachment(name: string): Uint8Array | undefined {
    const attachment = this.mcap.attachments.find((carried) => carried.name === name)
    return attachment === undefined ? undefined : this.mcap.readAttachment(attachment)
  }

  /**
   * Checks what opening has not read: every chunk, attachments, the checksum over the whole file and the digest of its seal.
   * Throws `recording-invalid`.
   */
  check(): void {
    for (const step of this.#keyframeChunks.keys()) this.loadKeyframe(step)
    for (const place of this.#runs.keys()) this.#runOf(place)
    for (const chunk of this.mcap.chunks) if (!this.#isRead(chunk)) this.mcap.survey(chunk, this.mcap.readChunk(chunk, () => this.#label(chunk)))
    for (const attachment of this.mcap.attachments) this.mcap.readAttachment(attachment)
    this.mcap.checkWhole()
    if (this.#ports.digest !== undefined) this.checkSeal()
  }

  /**
   * Checks the seal: that the file's bytes are those of the end record's digest, and that the digest was signed, where it says so.
   * With a public key (SPKI, base64) it must have been signed with the private one of that pair. Gives the seal, undefined when
   * there is none. Throws `recording-invalid`.
   */
  checkSeal(publicKey?: string): Seal | undefined {
    return checkSeal(this, this.#ports, publicKey)
  }

  #channel(name: RecordingChannel): number {
    const channels = [...this.mcap.channels.values()].filter((channel) => channel.topic === name)
    const channel = channels.at(0)
    if (channel === undefined) throw this.#missing(`channel '${name}'`)
    const { schema } = this.#topic(channel)
    if (channels.length > 1 || channel.encoding !== recordingEncoding || schema !== recordingChannels[name]) throw brokenRecording(`channel '${name}' is not what metabonk writes`, this.#file, 0)
    return channel.id
  }

  /** Something is not there: because the file was cut before it, or because the file is broken. */
  #missing(what: string): MetabonkError {
    return this.mcap.ended ? brokenRecording(`${what} is missing`, this.#file, 0) : tornRecording(this.#file)
  }

  #broken(what: string, chunk: McapChunk): MetabonkError {
    return brokenRecording(what, this.#file, chunk.offset)
  }

  #stepOf(time: bigint): number {
    return Number(time / this.#stepNanos)
  }

  /** What a chunk holds, in words: "keyframe at step 500", "chunk of hashes and inputs of steps 0 to 119". */
  #label(chunk: McapChunk): string {
    const channels = channelsOf(chunk)
    const names = [...this.mcap.channels.values()].filter(({ id }) => channels.includes(id)).map(({ topic }) => topic)
    const first = this.#stepOf(chunk.timeFirst)
    const last = this.#stepOf(chunk.timeLast)
    // The time of hashes is that of the first of their steps.
    const isOpen = channels.includes(this.#channels.hashes)
    const steps = isOpen ? `step ${String(first)} on` : first === last ? `step ${String(first)}` : `steps ${String(first)} to ${String(last)}`
    if (names.length === 1 && names[0] === 'keyframes') return `keyframe at ${steps}`
    return `chunk of ${[names.join(' and '), steps].filter((part) => part !== '').join(' of ')}`
  }

  /** What is declared of a channel, checked. */
  #topic({ id, topic, encoding, schema, metadata }: McapChannel): RecordedTopic {
    const declared = this.mcap.schemas.get(schema)
    if (schema !== 0 && declared === undefined) throw this.#missing(`schema of channel '${topic}'`)
    const parts = { topic, encoding, schemaName: declared?.name ?? '', schemaEncoding: declared?.encoding ?? '', schema: new TextDecoder().decode(declared?.text) }
    if (metadata.get('crc32') !== channelSeal(id, parts, this.#crc32).get('crc32')) throw brokenRecording(`declaration of channel '${topic}' is damaged`, this.#file, 0)
    return { ...parts, messages: this.mcap.messagesIn(id), dropped: this.end?.dropped?.[topic] ?? 0 }
  }

  /** Takes what chunks hold: reads those with hashes and inputs. */
  #load(chunks: readonly McapChunk[]): void {
    const inputs: RecordedInput[] = []
    this.mcap.passing(() => {
      for (const chunk of chunks) {
        const channels = channelsOf(chunk)
        if (channels.length === 1 && channels[0] === this.#channels.keyframes) this.#addKeyframe(chunk)
        else if (this.#isRead(chunk)) this.#loadChunk(chunk, inputs)
      }
    })
    if (inputs.length > 0) this.#inputs = [...this.#inputs, ...inputs].sort((a, b) => a.step - b.step || a.sequence - b.sequence)
    if (this.#keyframeChunks.size > this.#keyframes.length) this.#keyframes = [...this.#keyframeChunks.keys()].map((step) => ({ step }))
  }

  /** Reads what stands beside the chunks, and checks that all goes together. */
  #readEnd(): void {
    const { mcap } = this
    const plan = mcap.metadataSpans.findLast(({ name }) => name === planName)
    this.#until = plan === undefined ? this.manifest.until : unsealPlan(mcap.metadataAt(plan), this.#crc32)
    const end = mcap.metadata(endName)
    this.#end = end === undefined ? undefined : unsealEnd(end, this.#crc32)
    this.#requireWhole()
    this.#requireKnown()
    this.#topics = [...mcap.channels.values()].map((channel) => this.#topic(channel))
  }

  /** Whether a chunk is one of those that are read when the recording is opened. */
  #isRead(chunk: McapChunk): boolean {
    const channels = channelsOf(chunk)
    return Object.values(this.#channels).some((channel) => channels.includes(channel)) && !(channels.length === 1 && channels[0] === this.#channels.keyframes)
  }

  #addKeyframe(chunk: McapChunk): void {
    const step = this.#stepOf(chunk.timeFirst)
    if (chunk.timeFirst !== chunk.timeLast || this.#keyframeChunks.has(step)) throw this.#broken(`${this.#label(chunk)} is not the only one`, chunk)
    this.#keyframeChunks.set(step, chunk)
  }

  #loadChunk(chunk: McapChunk, inputs: RecordedInput[]): void {
    const records = this.mcap.readChunk(chunk, () => this.#label(chunk))
    const view = new DataView(records.buffer, records.byteOffset, records.length)
    this.mcap.eachMessage(chunk, records, (message) => {
      if (message.channel === this.#channels.hashes) this.#addRun(chunk, view, message)
      else if (message.channel === this.#channels.inputs) inputs.push(this.#takeInput(chunk, view, message))
      else if (message.channel === this.#channels.keyframes) throw this.#broken(`${this.#label(chunk)} holds a keyframe too`, chunk)
    })
  }

  #addRun(chunk: McapChunk, view: DataView, { at, bytes }: McapMessage): void {
    const count = runSteps(view, at, bytes)
    if (count === undefined) throw this.#broken(`hash record after step ${String(this.steps)} has a wrong size`, chunk)
    const stepFirst = this.steps + 1
    if (view.getFloat64(at, true) !== stepFirst) throw this.#broken(`hash of step ${String(stepFirst)} is missing`, chunk)
    this.#runs.push({ chunk, stepFirst, at, bytes })
    const needed = 2 * (this.#hashed + count)
    if (needed > this.#roots.length) {
      const larger = new Uint32Array(Math.max(needed, this.#roots.length * 2))
      larger.set(this.#roots)
      this.#roots = larger
    }
    for (let word = 0; word < 2 * count; word++) this.#roots[2 * this.#hashed + word] = view.getUint32(at + runHeadBytes + 4 * word, true)
    this.#hashed += count
  }

  #takeInput(chunk: McapChunk, view: DataView, { at, bytes }: McapMessage): RecordedInput {
    const step = bytes < 12 ? NaN : view.getFloat64(at, true)
    if (!Number.isSafeInteger(step) || step < 0) throw this.#broken(`${this.#label(chunk)} holds an input without a step`, chunk)
    const from = view.byteOffset + at + 12
    return { step, sequence: view.getUint32(at + 8, true), bytes: new Uint8Array(view.buffer.slice(from, from + bytes - 12)) }
  }

  #requireWhole(): void {
    if (this.#hashed === 0) throw this.#missing(`hash of step ${String(this.first)}`)
    if (this.first > 0 && this.keyframes.at(0)?.step !== this.first) throw this.#missing(`keyframe of step ${String(this.first)}`)
    if (this.end !== undefined && this.end.steps !== this.steps) {
      throw brokenRecording(`recording ends at step ${String(this.end.steps)} and holds hashes to step ${String(this.steps)}`, this.#file, 0)
    }
  }

  /** In a file without its index nothing else shows that the name of a record was changed. */
  #requireKnown(): void {
    const other = this.mcap.ended ? undefined : this.mcap.metadataSpans.find(({ name }) => ![manifestName, planName, endName].includes(name))
    if (other !== undefined) throw brokenRecording(`record '${other.name}' is none that metabonk writes`, this.#file, other.offset)
  }

  #requireStep(step: number): void {
    assert(Number.isInteger(step) && step >= this.first && step <= this.steps, 'a hash is asked for a recorded step')
  }

  /** The messages of one channel in a chunk. */
  #messagesIn(chunk: McapChunk, channelId: number): RecordedMessage[] {
    const records = this.mcap.readChunk(chunk, () => this.#label(chunk))
    const view = new DataView(records.buffer, records.byteOffset, records.length)
    const found: RecordedMessage[] = []
    this.mcap.eachMessage(chunk, records, ({ channel, sequence, at, bytes }) => {
      if (channel === channelId) found.push({ step: this.#stepOf(view.getBigUint64(at - 16, true)), sequence, bytes: records.subarray(at, at + bytes) })
    })
    return found
  }

  /** Which of the runs a step is in. */
  #placeOf(step: number): number {
    this.#requireStep(step)
    let low = 0
    for (let high = this.#runs.length; high - low > 1; ) {
      const middle = (low + high) >>> 1
      if (this.#runs[middle].stepFirst <= step) low = middle
      else high = middle
    }
    return low
  }

  #runOf(index: number): HashRun {
    const place = this.#runs[index]
    if (this.#loaded?.place === place) return this.#loaded.run
    const { chunk, at, bytes } = place
    const records = this.mcap.readChunk(chunk, () => this.#label(chunk))
    const run = readRun(new DataView(records.buffer, records.byteOffset + at, bytes), this.manifest.columns.length)
    if (run === undefined) throw this.#broken(`hash record of step ${String(place.stepFirst)} is not of this world's columns`, chunk)
    this.#loaded = { place, run }
    return run
  }
}
