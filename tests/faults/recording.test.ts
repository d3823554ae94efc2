import { describe, expect, it } from 'vitest'
import { MetabonkError } from '../../runtime/errors.ts'
import { zstdCompression } from '../../runtime/host/compression.ts'
import { hostCrc32 } from '../../runtime/host/files.ts'
import { crc32 } from '../../runtime/recording/crc32.ts'
import { McapWriter } from '../../runtime/recording/mcap-writer.ts'
import { RecordingWriter } from '../../runtime/recording/recording-writer.ts'
import { openRecording } from '../../runtime/recording/recording.ts'
import type { Recording } from '../../runtime/recording/recording.ts'
import { resumeRecording } from '../../runtime/recording/resume.ts'
import { rewriteRecording } from '../../runtime/recording/rewrite.ts'
import { counts, testSeed } from '../counts.ts'
import { MemorySink, differenceFrom, memorySource, randomSample, randomWords, sampleBytes, sampleManifest, writeSample } from '../runtime/recording-sample.ts'

/** Time for one test: every bit takes minutes, and longer where others work, too. */
const fullMillis = counts(120_000, 3_600_000)

const sample = randomSample(15, 11)
const whole = sampleBytes(sample)
const torn = sampleBytes(sample, { ended: false })

/** Opens and reads everything; a typed error is an outcome, anything else fails the test. */
function outcome(bytes: Uint8Array, use: (recording: Recording) => void = () => undefined): Recording | MetabonkError {
  try {
    const recording = openRecording(memorySource(bytes))
    expect(differenceFrom(sample, recording)).toBe(undefined)
    use(recording)
    return recording
  } catch (error) {
    if (error instanceof MetabonkError && error.code.startsWith('recording-')) return error
    throw error
  }
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice()
  copy[bit >>> 3] ^= 1 << (bit & 7)
  return copy
}

/** The bits to flip: all of them, or as many at random. */
function bitsOf(bytes: Uint8Array, name: string, count: number): number[] {
  const all = bytes.length * 8
  const random = randomWords(testSeed(name, 12))
  return count >= all ? Array.from({ length: all }, (_, bit) => bit) : Array.from({ length: count }, () => random() % all)
}

describe('a recording cut off at any byte', () => {
  it('opens as an exact prefix, or says that nothing is left', () => {
    let stepsBefore = -1
    for (let length = 0; length < whole.length; length++) {
      const result = outcome(whole.subarray(0, length), (recording) => { recording.check() })
      if (result instanceof MetabonkError) {
        expect([length, result.code, stepsBefore]).toEqual([length, 'recording-torn', -1])
        continue
      }
      expect(result.steps).toBeGreaterThanOrEqual(stepsBefore)
      stepsBefore = result.steps
    }
    expect(stepsBefore).toBe(15)
  }, fullMillis)

  it('ignores what a file system leaves behind the cut: zeros, or a chunk that never arrived whole', () => {
    for (const length of [torn.length, torn.length - 10, torn.length - 100]) {
      const left = new Uint8Array(torn.length + 5000)
      left.set(torn.subarray(0, length))
      const result = outcome(left)
      expect(result).not.toBeInstanceOf(MetabonkError)
      expect((result as Recording).complete).toBe(false)
    }
  })
})

describe('a flipped bit', () => {
  it('never changes what a whole recording says, and the check finds every one', () => {
    for (const bit of bitsOf(whole, 'flip', counts(2_000, Infinity))) {
      const bytes = flipped(whole, bit)
      const lax = outcome(bytes)
      if (!(lax instanceof MetabonkError)) expect([bit, lax.steps, lax.complete, lax.keyframes.length]).toEqual([bit, 15, true, 2])
      expect([bit, outcome(bytes, (recording) => { recording.check() }) instanceof MetabonkError]).toEqual([bit, true])
    }
  }, fullMillis)

  it('in a torn recording gives an error or a shorter exact prefix', () => {
    for (const bit of bitsOf(torn, 'torn flip', counts(2_000, Infinity))) outcome(flipped(torn, bit))
  }, fullMillis)

  it('in a keyframe is reported as what it is', () => {
    const sink = new MemorySink()
    const writer = new RecordingWriter(sink, sampleManifest)
    for (let step = 0; step <= 500; step++) writer.hash(step, step, 1, new Uint32Array(0), 0)
    writer.keyframe(500, new Uint8Array(100).fill(0xaa))
    writer.close({ steps: 500, finalHash: '', reason: 'steps' })
    const bytes = sink.bytes()
    bytes[Buffer.from(bytes).indexOf(Buffer.alloc(8, 0xaa)) + 40] ^= 4
    const recording = openRecording(memorySource(bytes))
    expect(recording.hashAt(500)).toEqual({ lo: 500, hi: 1 })
    for (const use of [() => recording.loadKeyframe(500), () => { recording.check() }]) {
      expect(use).toThrow(expect.objectContaining({
        code: 'recording-invalid',
        what: 'keyframe at step 500 is damaged: checksum of its chunk does not match',
        where: expect.stringMatching(/^sample.mcap, byte \d+$/) as string,
      }))
    }
  })

  it('in hashes is reported with the channels and steps of its chunk, indexed or not', () => {
    const sink = new MemorySink()
    const writer = new RecordingWriter(sink, sampleManifest)
    for (let step = 0; step < 20; step++) {
      if (step === 12) writer.input(11, 0, Uint8Array.of(1))
      writer.hash(step, 0x1234567, step, new Uint32Array(0), 0)
      if (step === 9) writer.flush()
    }
    writer.close({ steps: 19, finalHash: '', reason: 'steps' })
    const bytes = sink.bytes()
    const value = Buffer.from([0x67, 0x45, 0x23, 0x01])
    const last = bytes.slice()
    last[Buffer.from(bytes).lastIndexOf(value)] ^= 1
    expect(() => openRecording(memorySource(last))).toThrow(/^chunk of hashes of step 10 on is damaged/)
    bytes[Buffer.from(bytes).indexOf(value)] ^= 1
    expect(() => openRecording(memorySource(bytes))).toThrow(/^chunk of hashes of step 0 on is damaged/)
    expect(() => openRecording(memorySource(bytes.subarray(0, bytes.length - 1)))).toThrow(/^chunk of hashes of step 0 on is damaged/)
  })
})

describe('hostile bytes', () => {
  const extremes = [0, 1, 7, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, whole.length, whole.length - 1]

  /** Fills the checksums in again, so that the mutation reaches the code behind them. */
  function reseal(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer)
    for (let at = 8; at + 49 < bytes.length; ) {
      const length = view.getUint32(at + 1, true)
      if (view.getUint32(at + 5, true) !== 0 || at + 9 + length > bytes.length) break
      if (bytes[at] === 6) view.setUint32(at + 33, crc32(bytes.subarray(at + 49, at + 9 + length), 0), true)
      at += 9 + length
    }
    const footer = bytes.length - 8 - 20
    const start = view.getUint32(footer, true)
    if (start < footer) view.setUint32(footer + 16, crc32(bytes.subarray(start, footer + 16), 0), true)
  }

  /** Reads everything there is; only a typed error may end it. */
  function survive(bytes: Uint8Array): void {
    try {
      const recording = openRecording(memorySource(bytes))
      for (let step = 0; step <= recording.steps; step++) recording.changedAt(step)
      for (const { step } of recording.keyframes) recording.loadKeyframe(step)
      for (const { topic } of recording.topics) for (const { step, bytes } of recording.messages(topic)) expect(step + bytes.length).toBeGreaterThanOrEqual(0)
      recording.check()
    } catch (error) {
      if (!(error instanceof MetabonkError)) throw error
    }
  }

  it('never bring down the reader: a typed error, or a recording that can be read', () => {
    const random = randomWords(testSeed('hostile', 13))
    for (let trial = 0; trial < counts(2_000, 100_000); trial++) {
      const bytes = (trial % 3 === 0 ? torn : whole).slice()
      const view = new DataView(bytes.buffer)
      for (let mutation = 0; mutation <= random() % 3; mutation++) view.setUint32(random() % (bytes.length - 4), extremes[random() % extremes.length], true)
      if (trial % 2 === 0) reseal(bytes)
      survive(bytes)
    }
  }, fullMillis)

  it('in a summary with a right checksum do not either', () => {
    const start = new DataView(whole.buffer).getUint32(whole.length - 28, true)
    const random = randomWords(testSeed('summary', 14))
    for (let trial = 0; trial < counts(2_000, 50_000); trial++) {
      const bytes = whole.slice()
      const view = new DataView(bytes.buffer)
      view.setUint32(start + (random() % (bytes.length - start - 40)), extremes[random() % extremes.length], true)
      reseal(bytes)
      survive(bytes)
    }
  }, fullMillis)
})

/** Whether something throws a typed error. */
function isError(use: () => void): boolean {
  try {
    use()
    return false
  } catch (error) {
    if (!(error instanceof MetabonkError)) throw error
    return true
  }
}

describe('a recording of 64 kB', () => {
  const steps = 120
  const long = randomSample(steps, 21, 4700)
  const bytes = sampleBytes(long, { chunkBytes: 8192 })
  const zstd = zstdCompression()

  function compressed(): Uint8Array {
    const sink = new MemorySink()
    Array.from(rewriteRecording(openRecording(memorySource(bytes)), sink, { compression: zstd }))
    return sink.bytes()
  }

  /** What a cut file holds, every checksum checked; undefined when it was cut before its first state. */
  function prefixOf(file: Uint8Array): Recording | undefined {
    try {
      const recording = openRecording(memorySource(file), hostCrc32, { compression: zstd })
      recording.check()
      return recording
    } catch (error) {
      expect(error).toMatchObject({ code: 'recording-torn' })
      return undefined
    }
  }

  /** Whether a file is seen to be damaged; when not, it must be an exact prefix. */
  function isRefused(file: Uint8Array): boolean {
    return isError(() => {
      const recording = openRecording(memorySource(file), hostCrc32, { compression: zstd })
      recording.check()
      expect(differenceFrom(long, recording)).toBe(undefined)
    })
  }

  it.each(['as it is', 'compressed'] as const)('shows every flipped bit, %s', (form) => {
    expect(bytes.length).toBeGreaterThan(64 * 1024)
    const file = form === 'compressed' ? compressed() : bytes.slice()
    const { mcap } = openRecording(memorySource(file), hostCrc32, { compression: zstd })
    const isSeen = (bit: number): boolean => {
      // What opens a recording reads its chunks from the file one by one: where one of them is refused, no more needs to be done again, most times.
      const chunk = bit % 61 === 0 ? undefined : mcap.chunks.find(({ offset, bytes }) => offset <= bit >>> 3 && bit >>> 3 < offset + bytes)
      return (chunk !== undefined && isError(() => mcap.readChunk(chunk, () => 'chunk'))) || isRefused(file)
    }
    for (const bit of bitsOf(file, 'long flip', counts(1000, Infinity))) {
      file[bit >>> 3] ^= 1 << (bit & 7)
      if (!isSeen(bit)) throw new Error(`bit ${String(bit)} can be flipped`)
      file[bit >>> 3] ^= 1 << (bit & 7)
    }
    expect(isRefused(file)).toBe(false)
  }, fullMillis)

  it.each(['as it is', 'compressed'] as const)('opens as an exact prefix wherever it was cut off, %s', (form) => {
    const random = randomWords(testSeed('long cut', 15))
    const file = form === 'compressed' ? compressed() : bytes
    const cuts = counts(30, file.length)
    const lengths = Array.from({ length: cuts }, (_, place) => (cuts === file.length ? place : random() % file.length)).sort((a, b) => a - b)
    let [compared, reached] = ['', -1]
    for (const length of lengths) {
      const recording = prefixOf(file.subarray(0, length))
      // What there is comes from the chunks alone: those that were compared need not be compared again.
      const chunks = recording?.mcap.chunks.map((chunk) => `${String(chunk.offset)}+${String(chunk.bytes)}`).join() ?? ''
      if ((recording?.steps ?? -1) < reached) throw new Error(`cut at byte ${String(length)} it has fewer steps than before`)
      if (recording !== undefined && chunks !== compared) expect([length, differenceFrom(long, recording)]).toEqual([length, undefined])
      compared = chunks
      reached = recording?.steps ?? -1
    }
    expect(reached).toBeGreaterThan(counts(50, steps - 1))
  }, fullMillis)

  it('is gone on with after a flipped bit only where what is kept is exact', () => {
    const cut = bytes.subarray(0, bytes.length >> 1)
    for (const bit of bitsOf(cut, 'resume flip', counts(60, 20_000))) {
      const sink = new MemorySink()
      const damaged = flipped(cut, bit)
      const source = memorySource(damaged)
      try {
        const after = openRecording(source).steps
        const appendAt = (offset: number): MemorySink => { sink.write(damaged.subarray(0, offset)); return sink }
        resumeRecording({ source, appendAt }, { after }).writer.closeIncomplete()
      } catch (error) {
        if (!(error instanceof MetabonkError)) throw error
        continue
      }
      expect([bit, isRefused(sink.bytes())]).toEqual([bit, false])
    }
  }, fullMillis)
})

describe('other files', () => {
  it('that are no MCAP are invalid', () => {
    for (const text of ['hello', 'const world = 1 // not a recording at all', '\u0089MCAQ']) {
      expect(() => openRecording(memorySource(new TextEncoder().encode(text)))).toThrow(expect.objectContaining({ code: 'recording-invalid', message: expect.stringContaining('not an MCAP') as string }))
    }
    expect(() => openRecording(memorySource(new Uint8Array(0)))).toThrow(expect.objectContaining({ code: 'recording-torn' }))
  })

  it('of another profile or library are foreign and named', () => {
    for (const [profile, library] of [['ros2', 'libmcap'], ['metabonk', 'other']] as const) {
      const sink = new MemorySink()
      new McapWriter(sink, { profile, library, stepNanos: 1, crc32 }).finish()
      for (const bytes of [sink.bytes(), sink.bytes().subarray(0, 40)]) {
        expect(() => openRecording(memorySource(bytes))).toThrow(expect.objectContaining({ code: 'recording-foreign', message: expect.stringContaining(library) as string }))
      }
    }
  })

  it('of our profile without our records are invalid', () => {
    const sink = new MemorySink()
    new McapWriter(sink, { profile: 'metabonk', library: 'metabonk', stepNanos: 1, crc32 }).finish()
    expect(() => openRecording(memorySource(sink.bytes()))).toThrow(/metabonk.manifest' is missing/)
  })
})

describe('a sink that fails at any byte', () => {
  it('leaves a recording that is readable up to its last complete chunk', () => {
    const opened: number[] = []
    for (let limit = 0; limit < whole.length; limit += counts(37, 1)) {
      const sink = new MemorySink()
      const full = new MetabonkError({ code: 'disk', what: 'no space is left' })
      const partial: Uint8Array[] = []
      const limited = {
        write: (bytes: Uint8Array): void => {
          if (sink.length + bytes.length > limit) {
            partial.push(bytes.slice(0, limit - sink.length))
            throw full
          }
          sink.write(bytes)
        },
        sync: () => undefined,
        close: () => undefined,
        discard: () => undefined,
      }
      expect(() => { writeSample(sample, limited) }).toThrow(full)
      const result = outcome(Uint8Array.from(Buffer.concat([sink.bytes(), ...partial])))
      if (result instanceof MetabonkError) expect(result.code).toBe('recording-torn')
      else opened.push(result.steps)
    }
    expect(opened.at(-1)).toBe(15)
  }, fullMillis)
})
