import { hostCrc32, openFileSink, sha256 } from '../../runtime/host/index.ts'
import { contractVersion, hashHex, RecordingWriter, type RecordingManifest } from '../../runtime/index.ts'
import { stepNanosOf } from '../../runtime/recording/manifest.ts'
import { secondsOf } from '../harness/measure.ts'

/** Messages to be written to a file. */
export interface WriteLoad {
  readonly messages: number
  /** Of every message. */
  readonly bytes: Uint8Array
  /** Messages of the same step. */
  readonly perStep: number
  readonly stepNanos: number
}

const stepMillis = 16

/** So many messages of the same size. */
export function writeLoad(messages: number, size: number, perStep: number): WriteLoad {
  return { messages, bytes: Uint8Array.from({ length: size }, (_, at) => Math.imul(at, 2_654_435_769) >>> 24), perStep, stepNanos: stepNanosOf(stepMillis) }
}

/** What a recording says of a run that never was, of a world with so many columns. */
export function madeUpManifest(columns: number): RecordingManifest {
  return {
    contract: contractVersion,
    world: 'made-up',
    worldSource: 'made-up.ts',
    codeHash: '',
    config: {},
    seed: 1,
    stepMillis,
    layout: '',
    columns: Array.from({ length: columns }, (_, column) => ({ kind: 'agent', column: `column${column}` })),
    versions: { metabonk: '', xstate: '', node: process.versions.node },
    workers: 1,
  }
}

/** Seconds that a recording of messages takes, with the hash that comes with every step: sealed by a digest of the whole file, or not. */
export function recordingSeconds(path: string, { messages, bytes, perStep }: WriteLoad, sealed: boolean): number {
  return secondsOf(() => {
    const writer = new RecordingWriter(openFileSink(path), madeUpManifest(1), { crc32: hostCrc32, digest: sealed ? sha256 : undefined })
    const stream = writer.stream({ topic: 'bytes', encoding: 'json', schemaName: 'bytes', schemaEncoding: 'jsonschema', schema: '{}' })
    const changed = new Uint32Array(0)
    const steps = Math.ceil(messages / perStep)
    let message = 0
    for (let step = 0; step < steps; step++) {
      const end = Math.min(messages, message + perStep)
      for (; message < end; message++) writer.message(stream, step, message, bytes)
      writer.hash(step, step, 0, changed, 0)
    }
    writer.close({ steps: steps - 1, finalHash: hashHex(steps - 1, 0), reason: 'steps' })
  })
}
