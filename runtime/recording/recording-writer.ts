import { assert } from '../errors.ts'
import { crc32 as twinCrc32 } from './crc32.ts'
import type { Crc32 } from './crc32.ts'
import {
  endName, manifestName, recordingChannels, recordingEncoding, recordingProfile, sealJson, stepNanosOf,
} from './manifest.ts'
import type { RecordingChannel, RecordingEnd, RecordingManifest, RecordingTarget } from './manifest.ts'
import { McapWriter } from './mcap-writer.ts'
import type { ByteSink } from './mcap-writer.ts'

export interface RecordingWriterOptions {
  readonly crc32?: Crc32
  /** Size at which a chunk of hashes and inputs is closed. */
  readonly chunkBytes?: number
}

/**
 * Writes a recording to a sink. The manifest is on its way to the disk when the constructor returns; the rest follows by
 * chunks. Throws what the sink throws; the file is readable up to its last complete chunk then.
 */
export class RecordingWriter implements RecordingTarget {
  readonly #sink: ByteSink
  readonly #mcap: McapWriter
  readonly #crc32: Crc32
  readonly #channels: Readonly<Record<RecordingChannel, number>>
  readonly #stepHead = new Uint8Array(8)
  readonly #stepView = new DataView(this.#stepHead.buffer)
  #stepNext = 0
  #keyframes = 0

  constructor(sink: ByteSink, manifest: RecordingManifest, options: RecordingWriterOptions = {}) {
    this.#sink = sink
    this.#crc32 = options.crc32 ?? twinCrc32
    this.#mcap = new McapWriter(sink, {
      profile: recordingProfile,
      library: recordingProfile,
      stepNanos: stepNanosOf(manifest.stepMillis),
      crc32: this.#crc32,
      chunkBytes: options.chunkBytes,
    })
    this.#mcap.metadata(manifestName, sealJson(manifest, this.#crc32))
    this.#channels = { hashes: this.#addChannel('hashes'), inputs: this.#addChannel('inputs'), keyframes: this.#addChannel('keyframes') }
  }

  // eslint-disable-next-line max-params -- called every step: an object for the root would be garbage
  hash(step: number, lo: number, hi: number, changed: Uint32Array, changedCount: number): void {
    assert(step === this.#stepNext, 'hashes are recorded step by step from 0')
    this.#stepNext += 1
    const at = this.#mcap.reserve(this.#channels.hashes, step >>> 0, step, 16 + changedCount * 12)
    const view = this.#mcap.view
    view.setFloat64(at, step, true)
    view.setUint32(at + 8, lo, true)
    view.setUint32(at + 12, hi, true)
    for (let word = 0; word < changedCount * 3; word++) view.setUint32(at + 16 + word * 4, changed[word], true)
  }

  input(step: number, sequence: number, bytes: Uint8Array): void {
    const at = this.#mcap.reserve(this.#channels.inputs, sequence, step, 12 + bytes.length)
    this.#mcap.view.setFloat64(at, step, true)
    this.#mcap.view.setUint32(at + 8, sequence, true)
    this.#mcap.bytes.set(bytes, at + 12)
  }

  keyframe(step: number, bytes: Uint8Array): void {
    this.#stepView.setFloat64(0, step, true)
    this.#mcap.alone({ channel: this.#channels.keyframes, sequence: this.#keyframes, step }, this.#stepHead, bytes)
    this.#keyframes += 1
  }

  attach(name: string, mediaType: string, bytes: Uint8Array): void {
    this.#mcap.attach(name, mediaType, Math.max(0, this.#stepNext - 1), bytes)
  }

  flush(): void {
    this.#mcap.flush()
  }

  close(end: RecordingEnd): void {
    this.#mcap.flush()
    this.#mcap.metadata(endName, sealJson(end, this.#crc32))
    this.closeIncomplete()
  }

  /**
   * Closes the file without an end record: what was recorded so far is whole, but the run was cut short. One without a single
   * state is no recording: what the file replaced comes back.
   */
  closeIncomplete(): void {
    if (this.#stepNext === 0) {
      this.#sink.discard()
      return
    }
    this.#mcap.finish()
    this.#sink.sync()
    this.#sink.close()
  }

  #addChannel(name: RecordingChannel): number {
    const schema = this.#mcap.addSchema(`metabonk.${name}`, recordingEncoding, recordingChannels[name])
    return this.#mcap.addChannel(schema, name, recordingEncoding)
  }
}
