import { McapIndexedReader } from '@mcap/core'
import { describe, expect, it } from 'vitest'
import { FeedConsumer, FeedProducer, createFeed } from '../../runtime/recording/feed.ts'
import type { StreamDeclaration } from '../../runtime/recording/manifest.ts'
import { RecordingWriter } from '../../runtime/recording/recording-writer.ts'
import { openRecording } from '../../runtime/recording/recording.ts'
import type { Recording } from '../../runtime/recording/recording.ts'
import { MemorySink, memorySource, sampleManifest } from './recording-sample.ts'

const log: StreamDeclaration = { topic: 'log', encoding: 'json', schemaName: 'foxglove.Log', schemaEncoding: 'jsonschema', schema: '{"type":"object"}' }
const frames: StreamDeclaration = { topic: 'frames', encoding: 'raw', schemaName: '', schemaEncoding: '', schema: '', droppable: true }
const none = new Uint32Array(0)
const end = { steps: 99, finalHash: '', reason: 'steps' }

/** 100 steps with a log line each and a frame every second step. */
function streamed(sink: MemorySink, isEnded = true): void {
  const writer = new RecordingWriter(sink, sampleManifest, { chunkBytes: 1000 })
  const streams = [writer.stream(log), writer.stream(frames)]
  for (let step = 0; step < 100; step++) {
    writer.message(streams[0], step, 1, new TextEncoder().encode(`{"step":${String(step)}}`))
    if (step % 2 === 0) writer.message(streams[1], step, 0, new Uint8Array(300).fill(step))
    writer.hash(step, step, 9, none, 0)
    if (step % 20 === 19) writer.flush()
  }
  if (isEnded) writer.close(end)
}

function steps(recording: Recording, topic: string, from?: number, to?: number): number[] {
  return [...recording.messages(topic, from, to)].map(({ step }) => step)
}

describe('streams of a recording', () => {
  it('are declared, counted and read by topic and steps', () => {
    const sink = new MemorySink()
    streamed(sink)
    const recording = openRecording(memorySource(sink.bytes()))
    recording.check()
    expect(recording.topics.map(({ topic, messages, dropped }) => [topic, messages, dropped]).slice(3)).toEqual([['log', 100, 0], ['frames', 50, 0]])
    expect(recording.topics[3]).toMatchObject({ encoding: 'json', schemaName: 'foxglove.Log', schemaEncoding: 'jsonschema', schema: '{"type":"object"}' })
    expect(steps(recording, 'log')).toEqual(Array.from({ length: 100 }, (_, step) => step))
    expect(steps(recording, 'frames', 11, 20)).toEqual([12, 14, 16, 18, 20])
    const [first] = recording.messages('log', 42)
    expect([first.sequence, new TextDecoder().decode(first.bytes)]).toEqual([1, '{"step":42}'])
    expect(() => steps(recording, 'rewards')).toThrow(/no channel 'rewards' .*choose from hashes, inputs, keyframes, log, frames/)
  })

  it('are not read when the recording is opened, and only where they are asked for', () => {
    const sink = new MemorySink()
    streamed(sink)
    let read = 0
    const source = memorySource(sink.bytes())
    const counting = { ...source, read: (offset: number, length: number) => { read += length; return source.read(offset, length) } }
    const recording = openRecording(counting)
    expect(read).toBeLessThan(source.size / 2)
    read = 0
    steps(recording, 'frames', 40, 44)
    expect(read).toBeLessThan(3000)
  })

  it('of a torn file are those up to its last complete chunk', () => {
    const sink = new MemorySink()
    streamed(sink, false)
    const whole = sink.bytes()
    for (const length of [whole.length, Math.floor(whole.length / 2)]) {
      const recording = openRecording(memorySource(whole.subarray(0, length)))
      const logged = steps(recording, 'log')
      expect(logged).toEqual(logged.map((_, step) => step))
      // A chunk of hashes says that all before its last step is there.
      expect(logged.length).toBeGreaterThan(recording.steps)
    }
  })

  it('are read by @mcap/core, checksums on', async () => {
    const sink = new MemorySink()
    streamed(sink)
    const bytes = sink.bytes()
    const reader = await McapIndexedReader.Initialize({
      readable: { size: () => Promise.resolve(BigInt(bytes.length)), read: (offset, length) => Promise.resolve(bytes.slice(Number(offset), Number(offset + length))) },
    })
    let messages = 0
    for await (const message of reader.readMessages({ topics: ['log'], validateCrcs: true })) {
      expect(new TextDecoder().decode(message.data)).toBe(`{"step":${String(message.logTime / 100_000_000n)}}`)
      messages += 1
    }
    expect(messages).toBe(100)
  })

  it('with a damaged declaration are refused, in a torn file too', () => {
    const sink = new MemorySink()
    streamed(sink, false)
    const bytes = sink.bytes()
    bytes[Buffer.from(bytes).indexOf('jsonschema')] ^= 1
    expect(() => openRecording(memorySource(bytes))).toThrow(/declaration of channel 'log' is damaged/)
  })
})

describe('streams through the feed', () => {
  it('arrive, and what is dropped while the recorder is behind is counted in the end', () => {
    const feed = createFeed(4096)
    const [producer, consumer, sink] = [new FeedProducer(feed), new FeedConsumer(feed), new MemorySink()]
    const writer = new RecordingWriter(sink, sampleManifest)
    const streams = [producer.stream(log), producer.stream(frames)]
    for (let step = 0; step < 4; step++) {
      producer.hash(step, step, 9, none, 0)
      producer.message(streams[0], step, 0, Uint8Array.of(1))
      for (let frame = 0; frame < 5; frame++) producer.message(streams[1], step, frame, new Uint8Array(1000))
      consumer.drain(writer)
    }
    producer.message(streams[1], 3, 9, new Uint8Array(10_000))
    producer.close({ ...end, steps: 3 })
    consumer.drain(writer)
    const recording = openRecording(memorySource(sink.bytes()))
    const [logged, framed] = recording.topics.slice(3)
    expect([logged.messages, logged.dropped]).toEqual([4, 0])
    expect([framed.messages + framed.dropped, recording.end?.dropped?.['frames']]).toEqual([21, framed.dropped])
    expect(framed.dropped).toBeGreaterThan(4)
    expect(framed.messages).toBeGreaterThan(4)
  })
})
