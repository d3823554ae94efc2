import { describe, expect, it } from 'vitest'
import type { StreamDeclaration } from '../../runtime/recording/manifest.ts'
import { RecordingWriter } from '../../runtime/recording/recording-writer.ts'
import { openRecording } from '../../runtime/recording/recording.ts'
import { resumeRecording } from '../../runtime/recording/resume.ts'
import type { RecordingFile } from '../../runtime/recording/resume.ts'
import { rewriteRecording } from '../../runtime/recording/rewrite.ts'
import { counts, testSeed } from '../counts.ts'
import { MemorySink, differenceFrom, memorySource, randomSample, sampleBytes, sampleManifest } from './recording-sample.ts'
import type { Sample } from './recording-sample.ts'

const log: StreamDeclaration = { topic: 'log', encoding: 'json', schemaName: '', schemaEncoding: '', schema: '' }
const late: StreamDeclaration = { ...log, topic: 'late', schemaName: 'late', schemaEncoding: 'jsonschema', schema: '{}' }
const steps = 60

/** Records steps `from` to `to` of a sample and says each in a stream; a second stream comes in the middle. */
function record(writer: RecordingWriter, sample: Sample, from: number, to: number): void {
  const stream = writer.stream(log)
  for (let step = from; step <= to; step++) {
    for (const input of sample.inputs) if (input.step === step - 1) writer.input(input.step, input.sequence, input.bytes)
    writer.message(stream, step, 0, Uint8Array.of(step))
    if (step >= 30) writer.message(writer.stream(late), step, 0, Uint8Array.of(step))
    const { lo, hi, changed } = sample.hashes[step]
    writer.hash(step, lo, hi, Uint32Array.from(changed.flat()), changed.length)
    for (const keyframe of sample.keyframes) if (keyframe.step === step) writer.keyframe(step, keyframe.bytes)
    if (step % 7 === 6) writer.flush()
  }
}

/** A file in memory. */
function memoryFile(bytes: Uint8Array): RecordingFile & { bytes(): Uint8Array } {
  const sink = new MemorySink()
  return {
    source: memorySource(bytes),
    appendAt: (offset) => {
      sink.write(bytes.subarray(0, offset))
      return sink
    },
    bytes: () => sink.bytes(),
  }
}

function end(sample: Sample): { steps: number; finalHash: string; reason: string } {
  return { steps: sample.hashes.length - 1, finalHash: 'ff', reason: 'steps' }
}

describe('resumeRecording', () => {
  const sample = { ...randomSample(steps, testSeed('resume', 8)), messages: Array.from({ length: steps + 1 }, (_, step) => ({ step, sequence: 0, bytes: Uint8Array.of(step) })) }
  const sink = new MemorySink()
  record(new RecordingWriter(sink, sampleManifest, { chunkBytes: 400 }), sample, 0, steps)
  const torn = sink.bytes()

  function resumed(bytes: Uint8Array): { bytes: Uint8Array; after: number } {
    const after = openRecording(memorySource(bytes)).steps
    const file = memoryFile(bytes)
    const { writer } = resumeRecording(file, { after, chunkBytes: 400 })
    // The state it goes on from comes again.
    for (const keyframe of sample.keyframes) if (keyframe.step === after) writer.keyframe(after, keyframe.bytes)
    record(writer, sample, after + 1, steps)
    writer.close(end(sample))
    return { bytes: file.bytes(), after }
  }

  it('goes on after a cut at any byte, to a recording that reads as if there had been none', () => {
    const first = torn.findIndex((_, length) => length > 0 && openable(torn.subarray(0, length)))
    for (let length = first; length <= torn.length; length += counts(29, 1)) {
      const recording = openRecording(memorySource(resumed(torn.subarray(0, length)).bytes))
      recording.check()
      expect([length, recording.complete, recording.steps, differenceFrom(sample, recording)]).toEqual([length, true, steps, undefined])
      expect([...recording.messages('late')].map(({ step }) => step)).toEqual(Array.from({ length: steps - 29 }, (_, place) => 30 + place))
      expect(recording.inputs.length).toBe(sample.inputs.length)
      expect(recording.topics.map(({ messages }) => messages)).toEqual(recording.topics.map(({ topic }) => [...recording.messages(topic)].length))
    }
  })

  it('goes on with one that was ended, and may be cut again', () => {
    const whole = resumed(torn.subarray(0, torn.length >> 1)).bytes
    const file = memoryFile(whole)
    const { writer } = resumeRecording(file, { after: steps })
    writer.hash(steps + 1, 1, 2, new Uint32Array(0), 0)
    writer.closeIncomplete()
    const recording = openRecording(memorySource(file.bytes()))
    expect([recording.complete, recording.steps, recording.hashAt(steps + 1), differenceFrom({ ...sample, hashes: [...sample.hashes, { lo: 1, hi: 2, changed: [] }] }, recording)]).toEqual([false, steps + 1, { lo: 1, hi: 2 }, undefined])
    recording.check()
  })

  it('refuses another step, and a stream that means something else now', () => {
    expect(() => resumeRecording(memoryFile(torn), { after: 3 })).toThrow(expect.objectContaining({ code: 'recording-mismatch', what: `recording ends at step ${String(openRecording(memorySource(torn)).steps)}, not at step 3 where the run goes on` }))
    const { writer } = resumeRecording(memoryFile(torn), { after: openRecording(memorySource(torn)).steps })
    expect(() => writer.stream({ ...log, encoding: 'protobuf' })).toThrow(/stream 'log' has another encoding/)
  })
})

function openable(bytes: Uint8Array): boolean {
  try {
    openRecording(memorySource(bytes))
    return true
  } catch {
    return false
  }
}

describe('rewriteRecording', () => {
  const sample = randomSample(steps, testSeed('rewrite', 9))

  function rewritten(bytes: Uint8Array): ReturnType<typeof openRecording> {
    const sink = new MemorySink()
    Array.from(rewriteRecording(openRecording(memorySource(bytes)), sink))
    const recording = openRecording(memorySource(sink.bytes()))
    recording.check()
    return recording
  }

  it('copies a whole recording', () => {
    const bytes = sampleBytes(sample)
    const copy = rewritten(bytes)
    expect([differenceFrom(sample, copy), copy.complete, copy.steps, copy.end]).toEqual([undefined, true, steps, openRecording(memorySource(bytes)).end])
    expect(copy.manifest).toEqual(sampleManifest)
    expect(new TextDecoder().decode(copy.loadAttachment('world.ts'))).toBe('export default 1')
  })

  it('makes a torn recording whole, and says so', () => {
    const torn = sampleBytes(sample, { ended: false })
    const before = openRecording(memorySource(torn))
    const copy = rewritten(torn)
    expect([differenceFrom(sample, copy), copy.complete, copy.steps]).toEqual([undefined, true, before.steps])
    expect(copy.end?.reason).toBe(`recovered: the recording was cut off after step ${String(before.steps)}`)
  })

  it('leaves nothing of a copy that fails', () => {
    const bytes = sampleBytes(sample)
    const recording = openRecording(memorySource(bytes))
    const sink = new MemorySink()
    let isDiscarded = false
    const failing = Object.assign(sink, { discard: () => { isDiscarded = true } })
    const keyframe = Buffer.from(bytes).indexOf(sample.keyframes[2].bytes)
    bytes[keyframe] ^= 1
    expect(() => Array.from(rewriteRecording(recording, failing))).toThrow(/checksum of its chunk/)
    expect(isDiscarded).toBe(true)
  })
})
