import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hostCrc32, openFileSource } from '../../runtime/host/files.ts'
import type { ByteSource } from '../../runtime/recording/piecewise.ts'
import { openRecording } from '../../runtime/recording/recording.ts'
import type { Recording } from '../../runtime/recording/recording.ts'
import { counts, testSeed } from '../counts.ts'
import { differenceFrom, memorySource, randomSample, randomWords, sampleBytes, sampleManifest } from './recording-sample.ts'

const steps = 90
const sample = randomSample(steps, testSeed('read on', 11))
const bytes = sampleBytes(sample)
const changed = expect.objectContaining({ code: 'recording-invalid', what: expect.stringMatching(/is not what it was/) as string }) as Error

/** A file in memory that grows, and says what is read of it. */
class GrowingSource implements ByteSource {
  readonly name = 'sample.mcap'
  bytes: Uint8Array
  /** As the next measurement finds it. */
  there: Uint8Array
  bytesRead = 0

  constructor(there: Uint8Array) {
    this.bytes = there
    this.there = there
  }

  get size(): number {
    return this.bytes.length
  }

  read(offset: number, length: number): Uint8Array {
    this.bytesRead += length
    return memorySource(this.bytes).read(offset, length)
  }

  measure(): void {
    this.bytes = this.there
  }
}

/** All that a recording says of itself. */
function toldOf(recording: Recording): unknown {
  const { first, steps: last, complete, until, inputs, keyframes, topics, roots, end } = recording
  return { first, last, complete, until, end, inputs: inputs.map((each) => [each.step, each.sequence, ...each.bytes]), keyframes, topics, roots: [...roots], attachments: recording.attachments, indexed: recording.mcap.indexed, chunks: recording.mcap.chunks }
}

/** Cut at every one of these lengths, read on from one to the next. */
function readOnAt(file: Uint8Array, lengths: readonly number[]): Recording {
  const source = new GrowingSource(file.subarray(0, lengths[0]))
  const recording = openRecording(source)
  for (const length of lengths.slice(1)) {
    source.there = file.subarray(0, length)
    const before = [recording.steps, recording.keyframes.length, recording.inputs.length, recording.complete].join()
    const isMore = recording.readOn()
    expect([length, toldOf(recording)]).toEqual([length, toldOf(openRecording(memorySource(source.there)))])
    if (!isMore) expect([recording.steps, recording.keyframes.length, recording.inputs.length, recording.complete].join()).toBe(before)
  }
  return recording
}

/** Where the recording can be opened first. */
const firstLength = ((): number => {
  for (let length = 1; ; length++) {
    try {
      openRecording(memorySource(bytes.subarray(0, length)))
      return length
    } catch {
      // Not yet.
    }
  }
})()

describe('a recording that is read on', () => {
  it('is after each piece what it is when it is opened then, wherever the file was cut', () => {
    const random = randomWords(testSeed('read on at', 3))
    for (let round = 0; round < counts(20, 400); round++) {
      const lengths = Array.from({ length: 12 }, () => firstLength + (random() % (bytes.length - firstLength + 1))).sort((a, b) => a - b)
      const recording = readOnAt(bytes, [...lengths, bytes.length])
      expect([differenceFrom(sample, recording), recording.steps, recording.complete]).toEqual([undefined, steps, true])
      recording.check()
    }
  })

  it('takes what was torn when it has become whole, byte by byte', () => {
    const from = Math.floor(bytes.length / 2)
    const lengths = Array.from({ length: counts(1200, bytes.length - from) }, (_, i) => from + i)
    expect(differenceFrom(sample, readOnAt(bytes, lengths))).toBe(undefined)
  })

  it('leaves out bytes of a chunk that never arrived, until they have', () => {
    const half = openRecording(memorySource(bytes.subarray(0, bytes.length >> 1)))
    const { offset, bytes: size } = half.mcap.chunks[half.mcap.chunks.length - 1]
    const torn = bytes.slice(0, offset + size)
    torn.fill(0, offset + (size >> 1))
    const source = new GrowingSource(torn)
    const recording = openRecording(source)
    expect(recording.mcap.chunks.length).toBe(half.mcap.chunks.length - 1)
    source.there = bytes
    expect([recording.readOn(), differenceFrom(sample, recording), recording.complete]).toEqual([true, undefined, true])
  })

  it('reads nothing again but the last chunk, and nothing at all when nothing came', () => {
    const source = new GrowingSource(bytes.subarray(0, firstLength))
    const recording = openRecording(source)
    source.bytesRead = 0
    expect([recording.readOn(), source.bytesRead]).toEqual([false, 0])
    const pieces = 8
    for (let piece = 1; piece <= pieces; piece++) {
      source.there = bytes.subarray(0, firstLength + Math.floor(((bytes.length - firstLength) * piece) / pieces))
      recording.readOn()
    }
    // Heads, indexes and what is needed of them come on top of each byte, and of one chunk for each piece.
    expect(source.bytesRead).toBeLessThan(4 * bytes.length)
    const again = source.bytesRead
    expect([recording.readOn(), recording.complete, source.bytesRead]).toEqual([false, true, again])
  })

  it('says where the run goes on when the end of its part has come', () => {
    const first = sampleBytes(sample, { ended: false })
    const { complete, end, steps: last } = readOnAt(bytes, [firstLength, first.length, bytes.length - 200, bytes.length])
    expect([complete, end, last]).toMatchObject([true, { steps, reason: 'steps' }, steps])
  })

  it('keeps the hashes it has handed out readable', () => {
    const source = new GrowingSource(bytes.subarray(0, firstLength))
    const recording = openRecording(source)
    const { roots, steps: last } = recording
    const before = [...roots]
    source.there = bytes
    recording.readOn()
    expect([[...roots], [...recording.roots.subarray(0, 2 * (last + 1))]]).toEqual([before, before])
  })
})

describe('a file that is read on and is another one', () => {
  const half = bytes.subarray(0, bytes.length >> 1)
  const other = sampleBytes(randomSample(steps, 99), { manifest: { ...sampleManifest, seed: 8 } })

  it.each([
    ['cut', half, bytes.subarray(0, half.length - 1)],
    ['written anew in place', half, other],
    ['gone on with after its end', bytes, Uint8Array.from([...bytes, 1, 2, 3])],
    ['cut at its end, and gone on with', bytes.subarray(0, bytes.length - 3), Uint8Array.from([...bytes.subarray(0, bytes.length >> 1), ...bytes])],
  ])('is refused: %s', (_, before, there) => {
    const source = new GrowingSource(before)
    const recording = openRecording(source)
    source.there = there
    const last = recording.steps
    expect(() => recording.readOn()).toThrow(changed)
    expect(recording.steps).toBe(last)
  })

  it('is refused where a damaged chunk is followed by whole ones', () => {
    const source = new GrowingSource(bytes.subarray(0, firstLength))
    const recording = openRecording(source)
    const { chunks } = openRecording(memorySource(bytes)).mcap
    const { offset } = chunks[chunks.length >> 1]
    source.there = bytes.slice()
    source.there[offset + 60] ^= 1
    source.there = source.there.subarray(0, chunks[chunks.length - 1].offset + 1)
    expect(() => recording.readOn()).toThrow(/damaged/)
  })
})

describe('a file on the disk that is read on', () => {
  let folder = ''
  let path = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'metabonk-read-on-'))
    path = join(folder, 'run.mcap')
    writeFileSync(path, bytes.subarray(0, firstLength))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  /** Opens it, lets something happen to it, and reads on. */
  function after(happening: () => void): boolean {
    const source = openFileSource(path)
    try {
      const recording = openRecording(source, hostCrc32)
      happening()
      const isMore = recording.readOn()
      expect(differenceFrom(sample, recording)).toBe(undefined)
      return isMore
    } finally {
      source.close()
    }
  }

  it('has what was appended', () => {
    expect(after(() => undefined)).toBe(false)
    expect(after(() => { appendFileSync(path, bytes.subarray(firstLength)) })).toBe(true)
  })

  it('is refused when it was cut, removed or replaced', () => {
    const refused = (what: RegExp): Error => expect.objectContaining({ code: 'recording-invalid', what: expect.stringMatching(what) as string, where: path }) as Error
    expect(() => after(() => { truncateSync(path, 100) })).toThrow(refused(/is not what it was/))
    writeFileSync(path, bytes.subarray(0, firstLength))
    expect(() => after(() => { unlinkSync(path) })).toThrow(refused(/was removed/))
    writeFileSync(path, bytes.subarray(0, firstLength))
    const other = join(folder, 'other.mcap')
    writeFileSync(other, bytes)
    expect(() => after(() => { renameSync(other, path) })).toThrow(refused(/another file lies there/))
  })
})
