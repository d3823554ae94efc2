import { describe, expect, it } from 'vitest'
import { sha256 } from '../../runtime/host/seal.ts'
import { crc32 } from '../../runtime/recording/crc32.ts'
import { sealManifest, unsealManifest } from '../../runtime/recording/manifest.ts'
import type { RecordingManifest } from '../../runtime/recording/manifest.ts'
import { openRecording } from '../../runtime/recording/recording.ts'
import type { Recording } from '../../runtime/recording/recording.ts'
import { RecordingWriter } from '../../runtime/recording/recording-writer.ts'
import { resumeRecording } from '../../runtime/recording/resume.ts'
import { rewriteRecording } from '../../runtime/recording/rewrite.ts'
import { RotatingWriter, recordedBefore } from '../../runtime/recording/rotation.ts'
import type { PartFiles, RecordedBefore } from '../../runtime/recording/rotation.ts'
import { counts, testSeed } from '../counts.ts'
import { MemorySink, memorySource, randomSample, sampleManifest } from './recording-sample.ts'
import type { Sample } from './recording-sample.ts'

const steps = 120
const bytesMax = 3000
const ports = { digest: sha256 }
const log = { topic: 'log', encoding: 'json', schemaName: 'log', schemaEncoding: 'jsonschema', schema: '{}' }
const metrics = { ...log, topic: 'metrics' }

/** Parts in memory, in the order in which they were settled. */
class MemoryParts implements PartFiles {
  readonly sinks: MemorySink[]
  settled = 0
  readonly #manifest: RecordingManifest
  readonly #from: number

  constructor(first: MemorySink, manifest = sampleManifest) {
    this.sinks = [first]
    this.#manifest = manifest
    this.#from = manifest.follows?.part ?? 0
  }

  get next(): string {
    return `sample.${String(this.#from + this.sinks.length)}.mcap`
  }

  open(first: number, digest: string): RecordingWriter {
    const part = this.#from + this.sinks.length
    const sink = new MemorySink()
    this.sinks.push(sink)
    return new RecordingWriter(sink, { ...this.#manifest, first, follows: { part, recording: `sample.${String(part - 1)}.mcap`, sha256: digest } }, { ...ports, chunkBytes: 512 })
  }

  settle(): void {
    this.settled++
  }
}

/** Records steps of a sample: all inputs are known from the start, each step has a message, and a keyframe every ten steps. */
function record(writer: RotatingWriter, sample: Sample, from: number, to: number): void {
  const ids = [writer.stream(metrics), writer.stream(log)]
  if (from === 0) for (const { step, sequence, bytes } of sample.inputs) writer.input(step, sequence, bytes)
  if (from === 0) writer.attach('world.ts', 'text/typescript', new TextEncoder().encode('export default 1'))
  for (let step = from; step <= to; step++) {
    for (const id of ids) writer.message(id, step, 7, Uint8Array.of(id, step))
    const { lo, hi, changed } = sample.hashes[step]
    writer.hash(step, lo, hi, Uint32Array.from(changed.flat()), changed.length)
    for (const keyframe of sample.keyframes) if (keyframe.step === step) writer.keyframe(step, keyframe.bytes)
  }
}

/** Records up to a step; without its end when that is not the last. */
function recordedParts(sample: Sample, to = steps): { readonly parts: Uint8Array[]; readonly settled: number } {
  const files = new MemoryParts(new MemorySink())
  const writer = new RotatingWriter(new RecordingWriter(files.sinks[0], sampleManifest, { ...ports, chunkBytes: 512 }), files, bytesMax)
  record(writer, sample, 0, to)
  if (to === steps) writer.close({ steps, finalHash: 'ff', reason: 'steps' })
  else writer.closeIncomplete()
  return { parts: files.sinks.map((sink) => sink.bytes()), settled: files.settled }
}

const opened = (bytes: Uint8Array): Recording => openRecording(memorySource(bytes), undefined, ports)

/** Hashes of a state and of all columns then, as the sample has them and as a part has them. */
function statesOf(sample: Sample, part: Recording, step: number): readonly [recorded: unknown, read: unknown] {
  const { lo, hi, changed } = sample.hashes[step]
  const lastOf = (column: number): readonly number[] | undefined => sample.hashes.slice(0, step + 1).flatMap((each) => each.changed).findLast(([id]) => id === column)
  const columns = [0, 1, 2]
  const first = columns.map((column) => [column, ...(lastOf(column)?.slice(1) ?? [])])
  return [
    [{ lo, hi }, step === part.first ? first : changed, first],
    [part.hashAt(step), part.changedAt(step).map((each) => [each.column, each.lo, each.hi]), columns.map((column) => [column, part.columnHashAt(step, column)?.lo, part.columnHashAt(step, column)?.hi])],
  ]
}

/** The first thing in which a part is not what its steps of the sample are; it may end early. */
function differenceOf(sample: Sample, part: Recording): string | undefined {
  const { first } = part
  for (let step = first; step <= part.steps; step++) {
    const [recorded, read] = statesOf(sample, part, step)
    if (JSON.stringify(recorded) !== JSON.stringify(read)) return `step ${String(step)}`
  }
  const inputs = sample.inputs.filter(({ step }) => step >= first)
  if (JSON.stringify(part.inputs.map(({ step, bytes }) => [step, ...bytes])) !== JSON.stringify(inputs.map(({ step, bytes }) => [step, ...bytes]))) return 'inputs'
  const said = [...part.messages('log')].map(({ step, sequence, bytes }) => [step, sequence, ...bytes].join())
  // Those of a stream are written when their chunk is full, before the hashes of their steps.
  const all = Array.from({ length: steps - first + 1 }, (_, i) => [first + i, 7, 1, first + i].join())
  return said.length > part.steps - first && said.every((each, i) => each === all[i]) ? undefined : 'messages'
}

describe('a recording in parts', () => {
  const sample = randomSample(steps, testSeed('rotation', 5))
  const { parts, settled } = recordedParts(sample)

  it('has parts that are whole by themselves, each begun with the last state of the one before', () => {
    expect(parts.length).toBeGreaterThan(3)
    expect(settled).toBe(parts.length - 1)
    let before: Recording | undefined
    for (const [place, bytes] of parts.entries()) {
      const part = opened(bytes)
      part.check()
      expect([place, part.complete, differenceOf(sample, part)]).toEqual([place, true, undefined])
      expect(new TextDecoder().decode(part.loadAttachment('world.ts'))).toBe('export default 1')
      expect([part.first, part.manifest.first, part.manifest.follows?.sha256]).toEqual(before === undefined ? [0, undefined, undefined] : [before.steps, before.steps, before.end?.sha256])
      expect(part.end?.next).toBe(place === parts.length - 1 ? undefined : `sample.${String(place + 1)}.mcap`)
      if (place > 0) expect(part.loadKeyframe(part.first)).toEqual(sample.keyframes.find(({ step }) => step === part.first)?.bytes)
      before = part
    }
    expect(before?.steps).toBe(steps)
  })

  it('opens each part as an exact prefix when it was cut off at any byte, or says that nothing is left', () => {
    const part = parts[2]
    let stepsBefore = -1
    for (let length = 0; length < part.length; length += counts(11, 1)) {
      try {
        const recording = opened(part.subarray(0, length))
        recording.check()
        expect([length, differenceOf(sample, recording)]).toEqual([length, undefined])
        expect(recording.steps).toBeGreaterThanOrEqual(stepsBefore)
        stepsBefore = recording.steps
      } catch (error) {
        expect([length, (error as { code?: string }).code, stepsBefore]).toEqual([length, 'recording-torn', -1])
      }
    }
    expect(stepsBefore).toBe(opened(part).steps)
  })

  it('shows every flipped bit of a part', () => {
    const part = parts[1]
    for (let bit = 0; bit < part.length * 8; bit += counts(101, 1)) {
      const bytes = part.slice()
      bytes[bit >>> 3] ^= 1 << (bit & 7)
      expect(() => { opened(bytes).check() }).toThrow(expect.objectContaining({ code: expect.stringMatching(/^recording-/) as string }))
    }
  })

  it('is gone on with in its last part, and in parts after it', () => {
    const last = recordedParts(sample, 113).parts.at(-1) ?? new Uint8Array()
    const recording = opened(last)
    const after = recording.steps
    expect([recording.complete, after]).toEqual([false, 113])
    const sink = new MemorySink()
    const file = { source: memorySource(last), appendAt: (offset: number): MemorySink => { sink.write(last.subarray(0, offset)); return sink } }
    const before: RecordedBefore = recordedBefore(recording)
    const resumed = resumeRecording(file, { ...ports, after, chunkBytes: 512, until: 900 })
    const files = new MemoryParts(sink, resumed.recording.manifest)
    const writer = new RotatingWriter(resumed.writer, files, bytesMax, before)
    record(writer, sample, after + 1, steps)
    writer.close({ steps, finalHash: 'ff', reason: 'steps' })
    const written = files.sinks.map((each) => opened(each.bytes()))
    for (const part of written) part.check()
    expect(written.map((part) => differenceOf(sample, part))).toEqual(written.map(() => undefined))
    expect([written.at(0)?.first, written.at(0)?.until, written.at(-1)?.steps]).toEqual([recording.first, 900, steps])
  })

  it('is copied part by part', () => {
    const sink = new MemorySink()
    Array.from(rewriteRecording(opened(parts[1]), sink))
    const copy = opened(sink.bytes())
    copy.check()
    expect([differenceOf(sample, copy), copy.first, copy.end?.next, copy.manifest.follows]).toEqual([undefined, opened(parts[1]).first, 'sample.2.mcap', opened(parts[1]).manifest.follows])
  })

  it('refuses a part without its first state, and one that says nonsense of where it begins', () => {
    const part = (manifest: Partial<RecordingManifest>, keyframe: number): Uint8Array => {
      const sink = new MemorySink()
      const writer = new RecordingWriter(sink, { ...sampleManifest, ...manifest })
      const { first = 0 } = manifest
      writer.hash(first, 1, 2, new Uint32Array(0), 0)
      if (first + 1 === keyframe) writer.hash(keyframe, 1, 2, new Uint32Array(0), 0)
      writer.keyframe(keyframe, Uint8Array.of(1))
      writer.close({ steps: Math.max(first, keyframe), finalHash: '', reason: 'steps' })
      return sink.bytes()
    }
    expect(opened(part({ first: 40 }, 40)).steps).toBe(40)
    expect(() => opened(part({ first: 40 }, 41))).toThrow(/keyframe of step 40 is missing/)
    const told = (nonsense: object): RecordingManifest => unsealManifest(sealManifest({ ...sampleManifest, ...nonsense }, crc32), crc32)
    for (const first of [-1, 0.5, '3', null]) expect(() => told({ first })).toThrow(/field 'first' of 'metabonk.manifest' is not a step/)
    expect(() => told({ first: 40, follows: { part: 0, recording: 'a', sha256: '' } })).toThrow(/field 'part' of 'metabonk.manifest follows' is not a number from 1/)
    expect(() => told({ first: 40, follows: { part: 1, recording: 3, sha256: '' } })).toThrow(/field 'recording'/)
    for (const follows of ['a', null, []]) expect(() => told({ first: 40, follows })).toThrow(/field 'follows'/)
  })
})
