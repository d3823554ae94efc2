import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'
import type { RecordingManifest } from '../../runtime/recording/manifest.ts'
import type { ByteSource } from '../../runtime/recording/piecewise.ts'
import type { ByteSink } from '../../runtime/recording/mcap-writer.ts'
import { RecordingWriter } from '../../runtime/recording/recording-writer.ts'
import type { Recording } from '../../runtime/recording/recording.ts'

/** A sink in memory. */
export class MemorySink implements ByteSink {
  readonly pieces: Uint8Array[] = []
  length = 0
  synced = false
  closed = false

  write(bytes: Uint8Array): void {
    this.pieces.push(bytes.slice())
    this.length += bytes.length
  }

  sync(): void {
    this.synced = true
  }

  close(): void {
    this.closed = true
  }

  discard(): void {
    this.close()
  }

  bytes(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.pieces))
  }
}

/** A source over bytes that fails loudly when the reader leaves the file. */
export function memorySource(bytes: Uint8Array, name = 'sample.mcap'): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => {
      if (offset < 0 || length < 0 || offset + length > bytes.length) throw new Error(`read of ${String(length)} bytes at ${String(offset)} leaves the file`)
      return bytes.subarray(offset, offset + length)
    },
  }
}

/** A seeded source of u32 for tests. */
export function randomWords(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
    return (word ^ (word >>> 15)) >>> 0
  }
}

export const sampleManifest: RecordingManifest = {
  contract: 1,
  world: 'meadow',
  worldSource: 'meadow',
  codeHash: 'c0de',
  config: { sheep: 1000, name: 'grün' },
  seed: 7,
  stepMillis: 100,
  layout: '1a0',
  columns: [{ kind: 'sheep', column: 'at' }, { kind: 'sheep', column: 'fear' }, { kind: 'wolf', column: 'at' }],
  versions: { metabonk: '0.1.0', xstate: '5.33.3', node: '20.20.2' },
  workers: 2,
}

/** What goes into a recording, in plain values. */
export interface Sample {
  readonly hashes: readonly { readonly lo: number; readonly hi: number; readonly changed: readonly (readonly [number, number, number])[] }[]
  readonly inputs: readonly { readonly step: number; readonly sequence: number; readonly bytes: Uint8Array }[]
  readonly keyframes: readonly { readonly step: number; readonly bytes: Uint8Array }[]
  /** Of the stream 'log'. */
  readonly messages: readonly { readonly step: number; readonly sequence: number; readonly bytes: Uint8Array }[]
}

/** What a run of so many steps might have recorded; a real one's keyframes, of `keyframeBytes` or a few more, are the most of it. */
export function randomSample(steps: number, seed: number, keyframeBytes = 40): Sample {
  const random = randomWords(seed)
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => random() & 255)
  const hashes = Array.from({ length: steps + 1 }, (_, step) => ({
    lo: random(),
    hi: random(),
    changed: [0, 1, 2].filter(() => step === 0 || random() % 3 === 0).map((column) => [column, random(), random()] as const),
  }))
  const inputs = Array.from({ length: steps }, (_, step) => step).filter(() => random() % 4 === 0)
    .flatMap((step) => [{ step, sequence: 0, bytes: bytes(random() % 20) }, { step, sequence: 1, bytes: bytes(3) }])
  const keyframes = Array.from({ length: steps + 1 }, (_, step) => step).filter((step) => step % 10 === 0)
    .map((step) => ({ step, bytes: bytes(keyframeBytes + (random() % 40)) }))
  const messages = Array.from({ length: steps + 1 }, (_, step) => step).filter(() => random() % 2 === 0)
    .map((step) => ({ step, sequence: random(), bytes: bytes(random() % 50) }))
  return { hashes, inputs, keyframes, messages }
}

export interface SampleOptions {
  readonly chunkBytes?: number
  readonly manifest?: RecordingManifest
  readonly ended?: boolean
}

/** Writes a sample as a run would: inputs of a step, hash of the next state, keyframe of that state. */
export function writeSample(sample: Sample, sink: ByteSink, options: SampleOptions = {}): void {
  const writer = new RecordingWriter(sink, options.manifest ?? sampleManifest, { chunkBytes: options.chunkBytes ?? 512 })
  const log = writer.stream({ topic: 'log', encoding: 'json', schemaName: 'log', schemaEncoding: 'jsonschema', schema: '{}' })
  const at = <Timed extends { readonly step: number }>(values: readonly Timed[], step: number): Timed[] => values.filter((value) => value.step === step)
  for (const [step, { lo, hi, changed }] of sample.hashes.entries()) {
    for (const message of at(sample.messages, step)) writer.message(log, step, message.sequence, message.bytes)
    for (const input of at(sample.inputs, step - 1)) writer.input(input.step, input.sequence, input.bytes)
    writer.hash(step, lo, hi, Uint32Array.from(changed.flat()), changed.length)
    for (const keyframe of at(sample.keyframes, step)) writer.keyframe(step, keyframe.bytes)
    if (step === 3) writer.attach('world.ts', 'text/typescript', new TextEncoder().encode('export default 1'))
  }
  if (options.ended === false) return
  writer.close({ steps: sample.hashes.length - 1, finalHash: 'ffff', reason: 'steps' })
}

export function sampleBytes(sample: Sample, options: SampleOptions = {}): Uint8Array {
  const sink = new MemorySink()
  writeSample(sample, sink, options)
  return sink.bytes()
}

/** The first difference between a recording and the sample it was made from (of which it may be a prefix), if any. */
export function differenceFrom(sample: Sample, recording: Recording): string | undefined {
  const texts = (values: readonly (readonly unknown[])[]): string[] => values.map((value) => JSON.stringify(value))
  const steps = Array.from({ length: recording.steps + 1 }, (_, step) => step)
  const read = {
    hashes: texts(steps.map((step) => [recording.hashAt(step).lo, recording.hashAt(step).hi, recording.changedAt(step).map(({ column, lo, hi }) => [column, lo, hi])])),
    inputs: texts(recording.inputs.map(({ step, sequence, bytes }) => [step, sequence, ...bytes])),
    keyframes: texts(recording.keyframes.map(({ step }) => [step, ...recording.loadKeyframe(step)])),
    messages: recording.topics.length < 4 ? [] : texts([...recording.messages('log')].map(({ step, sequence, bytes }) => [step, sequence, ...bytes])),
  }
  const written = {
    hashes: texts(sample.hashes.map(({ lo, hi, changed }) => [lo, hi, changed])),
    inputs: texts(sample.inputs.map(({ step, sequence, bytes }) => [step, sequence, ...bytes])),
    keyframes: texts(sample.keyframes.map(({ step, bytes }) => [step, ...bytes])),
    messages: texts(sample.messages.map(({ step, sequence, bytes }) => [step, sequence, ...bytes])),
  }
  for (const channel of ['hashes', 'inputs', 'keyframes', 'messages'] as const) {
    const place = read[channel].findIndex((value, at) => value !== written[channel][at])
    if (place >= 0) return `${channel}: number ${String(place)}`
  }
  return undefined
}

/** A script for a thread or process of its own, in one piece; RUNTIME stands for the folder of the runtime. */
export async function bundleOf(source: string, folder: string): Promise<string> {
  const contents = source.replaceAll('RUNTIME', fileURLToPath(new URL('../../runtime', import.meta.url)))
  const built = await build({ stdin: { contents, resolveDir: folder, loader: 'ts' }, bundle: true, write: false, format: 'cjs', platform: 'node', target: 'node20' })
  return built.outputFiles[0].text
}
