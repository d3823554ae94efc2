import { MetabonkError, assert } from '../errors.ts'
import { hashHex } from '../hash/hex.ts'
import { crc32 as twinCrc32 } from './crc32.ts'
import type { Crc32 } from './crc32.ts'
import { HashRunBuilder } from './hash-runs.ts'
import {
  channelSeal, manifestName, planName, recordingChannels, recordingEncoding, recordingProfile, sealJson, sealManifest, stepNanosOf,
} from './manifest.ts'
import type { RecordingChannel, RecordingEnd, RecordingManifest, RecordingTarget, StreamDeclaration } from './manifest.ts'
import type { OpenChannel, OpenChunk } from './mcap-chunk.ts'
import { chunkBytesDefault, messageHeadBytes } from './mcap-format.ts'
import { McapWriter } from './mcap-writer.ts'
import type { ByteSink } from './mcap-writer.ts'
import type { Sign, WritePorts } from './ports.ts'
import { writeEnd } from './seal.ts'

export interface RecordingWriterOptions extends WritePorts {
  /** Size at which a chunk is closed. */
  readonly chunkBytes?: number
}

/** Where a recording goes on that was left without an end. */
export interface RecordingPrefix {
  /** The container, which knows all chunks before. */
  readonly mcap: McapWriter
  /** Channels that the file has, by id. */
  readonly channels: readonly { readonly declaration: StreamDeclaration; readonly schema: number; readonly messages: number }[]
  readonly stepLast: number
  readonly rootLast: readonly [low: number, high: number]
  readonly keyframes: readonly number[]
}

interface Stream {
  readonly declaration: StreamDeclaration
  readonly channel: OpenChannel
  dropped: number
}

/**
 * Writes a recording to a sink. The manifest is on its way to the disk when the constructor returns; the rest follows by
 * chunks: of hashes, of inputs, of each stream, and one for each keyframe. What lies in the file before the end of a chunk of
 * hashes is exactly what came before the last of them. Throws what the sink throws; the file is readable up to its last
 * complete chunk then.
 */
export class RecordingWriter implements RecordingTarget {
  readonly #sink: ByteSink
  readonly #mcap: McapWriter
  readonly #crc32: Crc32
  readonly #sign: Sign | undefined
  readonly #chunkBytes: number
  readonly #channels: Readonly<Record<RecordingChannel, OpenChannel>>
  readonly #run: HashRunBuilder
  readonly #streams: Stream[] = []
  readonly #stepNanos: number
  readonly #before: RecordingPrefix | undefined
  /** The first state of the file. */
  readonly #first: number
  #channelCount = 0
  #runs = 0
  #stepNext: number
  readonly #rootLast = new Uint32Array(2)
  #keyframes = 0
  #isEnded = false

  constructor(sink: ByteSink, manifest: RecordingManifest, options: RecordingWriterOptions = {}, before?: RecordingPrefix) {
    this.#sink = sink
    this.#crc32 = options.crc32 ?? twinCrc32
    this.#sign = options.sign
    this.#chunkBytes = options.chunkBytes ?? chunkBytesDefault
    this.#stepNanos = stepNanosOf(manifest.stepMillis)
    this.#run = new HashRunBuilder(manifest.columns.length)
    this.#first = manifest.first ?? 0
    this.#stepNext = this.#first
    this.#before = before
    this.#mcap = before?.mcap ?? this.#startFile(manifest, options)
    this.#channels = { hashes: this.#fixed('hashes'), inputs: this.#fixed('inputs'), keyframes: this.#fixed('keyframes') }
    if (before !== undefined) this.#goOn(before)
  }

  /** Bytes of the file so far; chunks that are open are not among them. */
  get bytes(): number {
    return this.#mcap.position
  }

  // eslint-disable-next-line max-params -- called every step: an object for the root would be garbage
  hash(step: number, lo: number, hi: number, changed: Uint32Array, changedCount: number): void {
    assert(step === this.#stepNext, 'hashes are recorded step by step from the first')
    const run = this.#run
    if (run.count > 0 && run.bytes + run.bytesOf(changedCount) + messageHeadBytes > this.#chunkBytes) this.flush()
    run.add(step, lo, hi, changed, changedCount)
    this.#stepNext = step + 1
    this.#rootLast[0] = lo
    this.#rootLast[1] = hi
    this.#markAll()
  }

  input(step: number, sequence: number, bytes: Uint8Array): void {
    const dataBytes = 12 + bytes.length
    const chunk = this.#chunkFor(this.#channels.inputs, dataBytes)
    chunk.begin(this.#channels.inputs, sequence, step, dataBytes)
    const at = chunk.extend(dataBytes)
    chunk.view.setFloat64(at, step, true)
    chunk.view.setUint32(at + 8, sequence, true)
    chunk.bytes.set(bytes, at + 12)
  }

  /** One that the file holds already, from before it was interrupted, is not written again. */
  keyframe(step: number, bytes: Uint8Array): void {
    if (this.#before?.keyframes.includes(step) === true) return
    this.flush()
    const channel = this.#channels.keyframes
    const { chunk } = channel
    // What is left of one for which there was no room.
    chunk.next()
    chunk.begin(channel, this.#keyframes, step, 8 + bytes.length)
    const at = chunk.extend(8)
    chunk.view.setFloat64(at, step, true)
    chunk.mark()
    this.#mcap.close(chunk, bytes)
    this.#keyframes += 1
  }

  attach(name: string, mediaType: string, bytes: Uint8Array): void {
    this.flush()
    this.#mcap.attach(name, mediaType, BigInt(Math.max(0, this.#stepNext - 1)) * BigInt(this.#stepNanos), bytes)
  }

  /** Says anew before which step the run is to end. */
  plan(until: number): void {
    this.#mcap.metadata(planName, sealJson({ until }, this.#crc32))
  }

  /** Declares a stream. One that the file has already goes on; throws `usage` when it is of another encoding or schema there. */
  stream(declaration: StreamDeclaration): number {
    const known = this.#streams.findIndex(({ declaration: { topic } }) => topic === declaration.topic)
    if (known >= 0) {
      const { declaration: before } = this.#streams[known]
      const isSame = (['encoding', 'schemaName', 'schemaEncoding', 'schema'] as const).every((part) => before[part] === declaration[part])
      if (isSame) return known
      throw new MetabonkError({ code: 'usage', what: `stream '${declaration.topic}' has another encoding or schema in this recording`, todo: 'declare it as before, or under another topic' })
    }
    assert(!(declaration.topic in recordingChannels), 'a stream is not called like a channel of the profile')
    return this.#addStream(declaration)
  }

  message(stream: number, step: number, sequence: number, bytes: Uint8Array): void {
    const { channel } = this.#streams[stream]
    const chunk = this.#chunkFor(channel, bytes.length)
    chunk.begin(channel, sequence, step, bytes.length)
    const at = chunk.extend(bytes.length)
    chunk.bytes.set(bytes, at)
  }

  dropped(stream: number, count: number): void {
    this.#streams[stream].dropped += count
  }

  /** Closes the open chunks: that of the hashes last, so that it says that all that came before its last one is there. */
  flush(): void {
    this.#closeOthers()
    this.#putRun()
    this.#mcap.close(this.#channels.hashes.chunk)
  }

  /** Makes everything recorded so far survive a power cut. */
  sync(): void {
    this.flush()
    this.#sink.sync()
  }

  /** Ends the recording; gives the digest it was sealed with, where one is taken. */
  close(end: RecordingEnd): string | undefined {
    this.#flushAll()
    const dropped = this.#streams.filter((stream) => stream.dropped > 0).map((stream) => [stream.declaration.topic, stream.dropped] as const)
    const drops = dropped.length === 0 ? {} : { dropped: Object.fromEntries(dropped) }
    const digest = writeEnd(this.#mcap, { ...end, ...drops }, { crc32: this.#crc32, sign: this.#sign })
    this.closeIncomplete()
    return digest
  }

  /** Ends the recording at its last hash, for a reason of the recorder's own: with what room there is kept for that. */
  closeEarly(reason: string): void {
    if (this.#isEnded) return
    this.#mcap.useReserve()
    if (this.#stepNext === this.#first) this.closeIncomplete()
    else this.close({ steps: this.#stepNext - 1, finalHash: hashHex(this.#rootLast[0], this.#rootLast[1]), reason })
  }

  /**
   * Closes the file without an end record: what was recorded so far is whole, but the run was cut short. One without a single
   * state is no recording: what the file replaced comes back. Does nothing when it is closed already.
   */
  closeIncomplete(): void {
    if (this.#isEnded) return
    if (this.#stepNext === this.#first) {
      this.#sink.discard()
    } else {
      this.#flushAll()
      this.#mcap.finish()
      this.#sink.sync()
      this.#sink.close()
    }
    this.#isEnded = true
  }

  /** The chunk of a channel, which is closed when so many bytes more would make it too large. */
  #chunkFor({ chunk }: OpenChannel, dataBytes: number): OpenChunk {
    if (chunk.end + messageHeadBytes + dataBytes > this.#chunkBytes) this.#mcap.close(chunk)
    return chunk
  }

  /** What came so far came before the last hash. */
  #markAll(): void {
    this.#channels.inputs.chunk.mark()
    for (let place = 0; place < this.#streams.length; place++) this.#streams[place].channel.chunk.mark()
  }

  #closeOthers(): void {
    for (const { channel } of this.#streams) this.#mcap.close(channel.chunk)
    this.#mcap.close(this.#channels.inputs.chunk)
  }

  /** Closes the open chunks, and others for what came after the last hash. */
  #flushAll(): void {
    this.flush()
    this.#markAll()
    this.#closeOthers()
  }

  /** Puts the collected hashes into their chunk. */
  #putRun(): void {
    if (this.#run.count === 0) return
    const { hashes } = this.#channels
    const { bytes } = this.#run
    hashes.chunk.begin(hashes, this.#runs, this.#run.first, bytes)
    const at = hashes.chunk.extend(bytes)
    this.#run.put(hashes.chunk.bytes, hashes.chunk.view, at)
    hashes.chunk.mark()
    this.#runs += 1
  }

  #startFile(manifest: RecordingManifest, options: RecordingWriterOptions): McapWriter {
    const mcap = new McapWriter(this.#sink, {
      profile: recordingProfile, library: recordingProfile, stepNanos: this.#stepNanos, crc32: this.#crc32, digest: options.digest?.(),
    })
    mcap.metadata(manifestName, sealManifest(manifest, this.#crc32))
    return mcap
  }

  /** Takes over what a file holds that is written on. */
  #goOn(before: RecordingPrefix): void {
    for (const { declaration } of before.channels.slice(this.#channelCount)) this.#addStream(declaration)
    this.#stepNext = before.stepLast + 1
    this.#rootLast.set(before.rootLast)
    this.#runs = this.#channels.hashes.messages
    this.#keyframes = this.#channels.keyframes.messages
  }

  #fixed(name: RecordingChannel): OpenChannel {
    return this.#addChannel({ topic: name, encoding: recordingEncoding, schemaName: `metabonk.${name}`, schemaEncoding: recordingEncoding, schema: recordingChannels[name] })
  }

  #addStream(declaration: StreamDeclaration): number {
    return this.#streams.push({ declaration, channel: this.#addChannel(declaration), dropped: 0 }) - 1
  }

  /** Declares the next channel, unless the file that is written on has it. */
  #addChannel(declaration: StreamDeclaration): OpenChannel {
    const known = this.#before?.channels.at(this.#channelCount)
    this.#channelCount += 1
    const { topic, encoding, schemaName, schemaEncoding, schema } = declaration
    const hasSchema = schemaName !== '' || schemaEncoding !== ''
    const id = known?.schema ?? (hasSchema ? this.#mcap.addSchema(schemaName, schemaEncoding, new TextEncoder().encode(schema)) : 0)
    const options = { schema: id, topic, encoding, metadata: channelSeal(this.#channelCount, declaration, this.#crc32) }
    return this.#mcap.addChannel(this.#mcap.openChunk(), options, known?.messages)
  }
}
