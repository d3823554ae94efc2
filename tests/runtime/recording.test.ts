import { McapIndexedReader, McapStreamReader } from '@mcap/core'
import type { McapTypes } from '@mcap/core'
import { describe, expect, it } from 'vitest'
import * as zlib from 'node:zlib'
import { crc32 } from '../../runtime/recording/crc32.ts'
import { logTime } from '../../runtime/recording/mcap-chunk.ts'
import { stepNanosOf } from '../../runtime/recording/manifest.ts'
import { RecordingWriter } from '../../runtime/recording/recording-writer.ts'
import { openRecording } from '../../runtime/recording/recording.ts'
import { counts, testSeed } from '../counts.ts'
import { MemorySink, differenceFrom, memorySource, randomSample, randomWords, sampleBytes, sampleManifest, writeSample } from './recording-sample.ts'

const nodeCrc32 = (zlib as { readonly crc32?: typeof crc32 }).crc32

describe('crc32', () => {
  it('gives the known answers', () => {
    const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
    expect(crc32(ascii('123456789'), 0)).toBe(0xcbf43926)
    expect(crc32(ascii(''), 0)).toBe(0)
    expect(crc32(ascii('The quick brown fox jumps over the lazy dog'), 0)).toBe(0x414fa339)
    expect(crc32(ascii('6789'), crc32(ascii('12345'), 0))).toBe(0xcbf43926)
  })

  it.skipIf(nodeCrc32 === undefined)('is the twin of the compiled one at every length and seed', () => {
    const random = randomWords(testSeed('crc32', 1))
    for (let length = 0; length < 300; length++) {
      const bytes = Uint8Array.from({ length }, () => random() & 255)
      const seed = random()
      expect(crc32(bytes, seed)).toBe(nodeCrc32?.(bytes, seed))
    }
  })
})

describe('logTime', () => {
  it('is the exact product of step and nanoseconds, or a limit error', () => {
    const random = randomWords(testSeed('logTime', 2))
    const time = new Uint32Array(2)
    for (let trial = 0; trial < counts(20_000, 200_000); trial++) {
      const step = Math.floor(random() * 2 ** (random() % 22))
      const nanos = 1 + (random() >>> random() % 32) % 0xffff_ffff
      const exact = BigInt(step) * BigInt(nanos)
      if (exact < 2n ** 64n) {
        logTime(step, nanos, time)
        expect((BigInt(time[1]) << 32n) | BigInt(time[0])).toBe(exact)
      } else {
        expect(() => { logTime(step, nanos, time) }).toThrow(expect.objectContaining({ code: 'limit' }))
      }
    }
  })

  it('advances by the step, between a nanosecond and a second', () => {
    expect([100, 0.5, 1e-9, 86_400_000].map(stepNanosOf)).toEqual([1e8, 5e5, 1, 1e9])
  })
})

describe('Recording', () => {
  it('gives back what was written, for every size of chunk', () => {
    const sample = randomSample(60, testSeed('recording', 3))
    for (const chunkBytes of [64, 200, 1000, 1 << 20]) {
      const recording = openRecording(memorySource(sampleBytes(sample, { chunkBytes })))
      expect(recording.manifest).toEqual(sampleManifest)
      expect(recording.complete).toBe(true)
      expect(recording.end).toEqual({ steps: 60, finalHash: 'ffff', reason: 'steps' })
      expect(recording.steps).toBe(60)
      expect(recording.inputs.length).toBe(sample.inputs.length)
      expect(recording.keyframes.length).toBe(sample.keyframes.length)
      expect(differenceFrom(sample, recording)).toBe(undefined)
      recording.check()
    }
  })

  it('knows the hash of a column between its changes', () => {
    const sample = randomSample(50, testSeed('columns', 4))
    const recording = openRecording(memorySource(sampleBytes(sample)))
    const latest = new Map<number, { lo: number; hi: number }>()
    for (const [step, { changed }] of sample.hashes.entries()) {
      for (const [column, lo, hi] of changed) latest.set(column, { lo, hi })
      for (const column of [0, 1, 2]) expect(recording.columnHashAt(step, column)).toEqual(latest.get(column))
    }
    expect(recording.columnHashAt(50, 9)).toBe(undefined)
  })

  it('sorts inputs by step and sequence', () => {
    const sink = new MemorySink()
    const writer = new RecordingWriter(sink, sampleManifest)
    writer.input(1, 0, Uint8Array.of(3))
    writer.input(0, 1, Uint8Array.of(2))
    writer.input(0, 0, Uint8Array.of(1))
    writer.hash(0, 1, 2, new Uint32Array(0), 0)
    writer.close({ steps: 0, finalHash: '', reason: 'steps' })
    expect(openRecording(memorySource(sink.bytes())).inputs.map(({ bytes }) => bytes[0])).toEqual([1, 2, 3])
    expect(sink.synced && sink.closed).toBe(true)
  })

  it('carries attachments', () => {
    const recording = openRecording(memorySource(sampleBytes(randomSample(5, 1))))
    expect(recording.attachments.map(({ name, mediaType }) => [name, mediaType])).toEqual([['world.ts', 'text/typescript']])
    expect(new TextDecoder().decode(recording.loadAttachment('world.ts'))).toBe('export default 1')
    expect(recording.loadAttachment('other.ts')).toBe(undefined)
  })

  it('is incomplete but whole when the run was cut short', () => {
    const sink = new MemorySink()
    const writer = new RecordingWriter(sink, sampleManifest)
    for (let step = 0; step < 5; step++) writer.hash(step, step, 0, new Uint32Array(0), 0)
    writer.closeIncomplete()
    const recording = openRecording(memorySource(sink.bytes()))
    expect([recording.complete, recording.end, recording.steps]).toEqual([false, undefined, 4])
    recording.check()
  })

  it('opens up to the last flush while it is being written', () => {
    const sink = new MemorySink()
    const writer = new RecordingWriter(sink, sampleManifest)
    writer.hash(0, 1, 1, new Uint32Array(0), 0)
    writer.hash(1, 2, 2, new Uint32Array(0), 0)
    writer.flush()
    writer.hash(2, 3, 3, new Uint32Array(0), 0)
    const recording = openRecording(memorySource(sink.bytes()))
    expect([recording.complete, recording.steps]).toEqual([false, 1])
  })

  it('keeps a payload larger than a chunk, and grows for many columns', () => {
    const sink = new MemorySink()
    const columns = Array.from({ length: 9000 }, (_, column) => ({ kind: 'sheep', column: String(column) }))
    const writer = new RecordingWriter(sink, { ...sampleManifest, columns }, { chunkBytes: 1024 })
    const input = Uint8Array.from({ length: 300_000 }, (_, at) => at & 255)
    const changed = Uint32Array.from({ length: 3 * 9000 }, (_, at) => at % 3 === 0 ? at / 3 : at)
    writer.input(0, 0, input)
    writer.hash(0, 5, 6, changed, 9000)
    writer.keyframe(0, new Uint8Array(0))
    writer.close({ steps: 0, finalHash: '', reason: 'steps' })
    const recording = openRecording(memorySource(sink.bytes()))
    expect(recording.inputs.map(({ bytes }) => Buffer.compare(bytes, input))).toEqual([0])
    expect(recording.changedAt(0).length).toBe(9000)
    expect(recording.changedAt(0)[8999]).toEqual({ column: 8999, lo: 26998, hi: 26999 })
    expect(recording.loadKeyframe(0).length).toBe(0)
  })

  it('writes a chunk in one piece and nothing in between', () => {
    const sink = new MemorySink()
    const writer = new RecordingWriter(sink, sampleManifest, { chunkBytes: 4096 })
    const before = sink.pieces.length
    for (let step = 0; step < 40; step++) writer.hash(step, 1, 2, new Uint32Array(0), 0)
    expect(sink.pieces.length).toBe(before)
    writer.flush()
    writer.flush()
    expect(sink.pieces.length).toBe(before + 1)
  })
})

describe('@mcap/core', () => {
  const sample = randomSample(80, 5)
  const bytes = sampleBytes(sample)
  const runs = openRecording(memorySource(bytes)).topics[0].messages

  function indexed(): Promise<McapIndexedReader> {
    return McapIndexedReader.Initialize({
      readable: { size: () => Promise.resolve(BigInt(bytes.length)), read: (offset, length) => Promise.resolve(bytes.slice(Number(offset), Number(offset + length))) },
    })
  }

  it('reads a recording by its indexes, checksums on', async () => {
    const reader = await indexed()
    expect(reader.header).toMatchObject({ profile: 'metabonk', library: 'metabonk' })
    expect([...reader.channelsById.values()].map(({ topic }) => topic)).toEqual(['hashes', 'inputs', 'keyframes'])
    expect(reader.statistics?.messageCount).toBe(BigInt(runs + sample.inputs.length + sample.keyframes.length))
    expect(reader.statistics?.chunkCount).toBe(reader.chunkIndexes.length)
    expect([reader.statistics?.messageStartTime, reader.statistics?.messageEndTime]).toEqual([0n, 8_000_000_000n])
    let step = 0
    for await (const message of reader.readMessages({ topics: ['hashes'], validateCrcs: true })) {
      const view = new DataView(message.data.buffer, message.data.byteOffset)
      expect([view.getFloat64(0, true), message.logTime]).toEqual([step, BigInt(step) * 100_000_000n])
      for (let at = 0; at < view.getUint32(8, true); at++) expect(view.getUint32(16 + 8 * at, true)).toBe(sample.hashes[step++]?.lo)
    }
    expect(step).toBe(sample.hashes.length)
  })

  it('finds attachments and metadata by the summary, and seeks by time', async () => {
    const reader = await indexed()
    const names: string[] = []
    for await (const { name } of reader.readMetadata()) names.push(name)
    for await (const { name } of reader.readAttachments({ validateCrcs: true })) names.push(name)
    expect(names).toEqual(['metabonk.manifest', 'metabonk.end', 'world.ts'])
    const found: bigint[] = []
    for await (const message of reader.readMessages({ topics: ['keyframes'], startTime: 3_500_000_000n, validateCrcs: true })) found.push(message.logTime)
    expect(found).toEqual([4n, 5n, 6n, 7n, 8n].map((second) => second * 1_000_000_000n))
  })

  it('reads the same from front to back, checksums on', () => {
    const reader = new McapStreamReader({ validateCrcs: true })
    reader.append(bytes)
    const records: McapTypes.TypedMcapRecord[] = []
    for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord()) records.push(record)
    expect(reader.done()).toBe(true)
    const ofType = (type: string): number => records.filter((record) => record.type === type).length
    expect(ofType('Message')).toBe(runs + sample.inputs.length + sample.keyframes.length)
    expect(ofType('Attachment')).toBe(1)
    const dataEnd = records.find((record) => record.type === 'DataEnd')
    const end = Buffer.from(bytes).lastIndexOf(Buffer.from([0x0f, 4, 0, 0, 0, 0, 0, 0, 0]))
    expect(dataEnd).toMatchObject({ dataSectionCrc: crc32(bytes.subarray(0, end), 0) })
    expect(records.at(-1)?.type).toBe('Footer')
  })

  it('reads a recording of one empty step and one that was cut short', async () => {
    for (const ended of [true, false]) {
      const sink = new MemorySink()
      const writer = new RecordingWriter(sink, sampleManifest)
      writer.hash(0, 1, 2, new Uint32Array(0), 0)
      if (ended) writer.close({ steps: 0, finalHash: '', reason: 'steps' })
      else writer.closeIncomplete()
      const file = sink.bytes()
      const reader = await McapIndexedReader.Initialize({
        readable: { size: () => Promise.resolve(BigInt(file.length)), read: (offset, length) => Promise.resolve(file.slice(Number(offset), Number(offset + length))) },
      })
      let messages = 0
      for await (const message of reader.readMessages({ validateCrcs: true })) messages += message.channelId
      expect(messages).toBe(1)
    }
  })
})

describe('recordings that are refused', () => {
  function open(manifest: object): unknown {
    const sink = new MemorySink()
    writeSample(randomSample(3, 1), sink, { manifest: manifest as typeof sampleManifest })
    return openRecording(memorySource(sink.bytes()))
  }

  it('of another contract: names both versions', () => {
    expect(() => open({ ...sampleManifest, contract: 2 })).toThrow(expect.objectContaining({
      code: 'recording-contract', message: expect.stringMatching(/contract 2.*contract 1/) as string,
    }))
  })

  it('with a manifest that lacks something: names the field', () => {
    for (const field of ['world', 'worldSource', 'codeHash', 'config', 'seed', 'layout', 'versions', 'workers']) {
      const manifest = Object.fromEntries(Object.entries(sampleManifest).filter(([name]) => name !== field))
      expect(() => open(manifest)).toThrow(expect.objectContaining({ code: 'recording-invalid', message: expect.stringContaining(`'${field}'`) as string }))
    }
    expect(() => open({ ...sampleManifest, columns: { length: 3 } })).toThrow(/'columns' of/)
    expect(() => open({ ...sampleManifest, columns: [{ kind: 'sheep' }, { kind: 'sheep' }, { kind: 'sheep' }] })).toThrow(/'column' of/)
    expect(() => open({ ...sampleManifest, versions: { metabonk: '1', node: '20' } })).toThrow(/'xstate' of/)
  })
})
