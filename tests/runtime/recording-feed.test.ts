import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { MetabonkError } from '../../runtime/errors.ts'
import { FeedConsumer, FeedProducer, createFeed, feedCountersOf, postFeedError, stopFeed } from '../../runtime/recording/feed.ts'
import type { RecordingEnd, RecordingTarget, StreamDeclaration } from '../../runtime/recording/manifest.ts'
import { counts, testSeed } from '../counts.ts'
import { randomWords } from './recording-sample.ts'

/** Keeps what it is given, as text. */
class Journal implements RecordingTarget {
  readonly lines: string[] = []

  hash(...[step, lo, hi, changed, changedCount]: Parameters<RecordingTarget['hash']>): void {
    this.lines.push(`hash ${String(step)} ${String(lo)} ${String(hi)} ${changed.slice(0, changedCount * 3).join()}`)
  }

  input(step: number, sequence: number, bytes: Uint8Array): void {
    this.lines.push(`input ${String(step)} ${String(sequence)} ${bytes.join()}`)
  }

  keyframe(step: number, bytes: Uint8Array): void {
    this.lines.push(`keyframe ${String(step)} ${String(bytes.length)} ${Buffer.from(bytes).toString('base64')}`)
  }

  attach(name: string, mediaType: string, bytes: Uint8Array): void {
    this.lines.push(`attach ${name} ${mediaType} ${bytes.join()}`)
  }

  stream(declaration: StreamDeclaration): number {
    return this.lines.push(`stream ${JSON.stringify(declaration)}`)
  }

  message(stream: number, step: number, sequence: number, bytes: Uint8Array): void {
    this.lines.push(`message ${this.lines[stream - 1]} ${String(step)} ${String(sequence)} ${bytes.join()}`)
  }

  dropped(stream: number, count: number): void {
    this.lines.push(`dropped ${this.lines[stream - 1]} ${String(count)}`)
  }

  flush(): void {
    this.lines.push('flush')
  }

  close(end: RecordingEnd): void {
    this.lines.push(`end ${JSON.stringify(end)}`)
  }
}

type Action = (target: RecordingTarget) => void

function randomAction(random: () => number, payloadBytesMax: number): Action {
  const [a, b, c] = [random(), random(), random()]
  const bytes = Uint8Array.from({ length: random() % payloadBytesMax }, () => random() & 255)
  const changed = Uint32Array.from({ length: 30 }, random)
  switch (random() % 8) {
    case 0: return (target) => { target.input(a, b, bytes) }
    case 1: return (target) => { target.keyframe(a * 2 ** 20, bytes) }
    case 2: return (target) => { target.attach(`welt-${String(a)}-ü.ts`, 'text/plain', bytes) }
    case 3: return (target) => { target.flush() }
    default: return (target) => { target.hash(a * 2 ** 20, b, c, changed, c % 11) }
  }
}

const end: RecordingEnd = { steps: 3, finalHash: 'abc', reason: 'steps' }

describe('feed', () => {
  it('hands over random records in order, round its end', () => {
    const seed = testSeed('feed', 21)
    for (let round = 0; round < counts(20, 400); round++) {
      const random = randomWords(seed + round)
      const feed = createFeed(8192)
      const [producer, consumer] = [new FeedProducer(feed), new FeedConsumer(feed)]
      const [expected, seen] = [new Journal(), new Journal()]
      for (let record = 0; record < 200; record++) {
        const action = randomAction(random, 900)
        action(expected)
        action(producer)
        if (record % 4 === 3) expect(consumer.drain(seen)).toBe(true)
      }
      producer.close(end)
      expected.close(end)
      expect(consumer.drain(seen)).toBe(false)
      expect(seen.lines).toEqual(expected.lines)
      expect(feedCountersOf(feed)().records).toBe(expected.lines.length)
    }
  })

  it('works where its 32-bit positions wrap', () => {
    const feed = createFeed(4096)
    const control = new Int32Array(feed)
    control[0] = control[16] = -64
    const [producer, consumer, seen, expected] = [new FeedProducer(feed), new FeedConsumer(feed), new Journal(), new Journal()]
    for (let step = 0; step < 50; step++) {
      for (const target of [producer, expected]) target.hash(step, 1, 2, Uint32Array.of(3, 4, 5), 1)
      consumer.drain(seen)
    }
    expect(seen.lines).toEqual(expected.lines)
  })

  it('names a recorder that takes nothing', () => {
    const producer = new FeedProducer(createFeed(4096), 2)
    expect(() => { producer.keyframe(0, new Uint8Array(10_000)) }).toThrow(expect.objectContaining({ code: 'worker-dead' }))
  })

  it('throws the error that the recorder has posted, at the next record and every one after', () => {
    const feed = createFeed(4096)
    const producer = new FeedProducer(feed)
    producer.hash(0, 1, 2, new Uint32Array(0), 0)
    postFeedError(feed, { code: 'disk', what: 'no space is left on the disk', where: `/tmp/${'ü'.repeat(5000)}`, todo: 'free some' })
    postFeedError(feed, { code: 'disk', what: 'a later one' })
    const posted = expect.objectContaining({ code: 'disk', what: 'no space is left on the disk', todo: 'free some' }) as Error
    expect(() => { producer.hash(1, 1, 2, new Uint32Array(0), 0) }).toThrow(posted)
    expect(() => { producer.input(1, 1, new Uint8Array(1)) }).toThrow(posted)
    expect(() => { producer.close(end) }).toThrow(posted)
  })

  it('leaves out a record whose producer died in its middle', () => {
    const feed = createFeed(4096)
    const [producer, consumer, seen] = [new FeedProducer(feed, 0), new FeedConsumer(feed), new Journal()]
    producer.hash(0, 1, 2, new Uint32Array(0), 0)
    expect(() => { producer.keyframe(0, new Uint8Array(10_000)) }).toThrow(MetabonkError)
    stopFeed(feed)
    expect([consumer.stopped, consumer.drain(seen), seen.lines.length]).toEqual([true, true, 1])
  })
})

describe('feed between two threads', () => {
  const producerSource = `
    import { workerData } from 'node:worker_threads'
    import { FeedProducer } from './feed.ts'
    const producer = new FeedProducer(workerData.feed)
    const changed = new Uint32Array(30)
    const large = new Uint8Array(100_000)
    for (let step = 0; step < workerData.steps; step++) {
      for (let word = 0; word < 30; word++) changed[word] = step * 31 + word
      producer.hash(step, step, ~step, changed, step % 11)
      if (step % 7 === 0) producer.input(step, 1, large.subarray(0, step % 50))
      if (step % 5000 === 0) { large.fill(step & 255); producer.keyframe(step, large) }
      if (step % 3000 === 0) producer.flush()
    }
    producer.close({ steps: workerData.steps - 1, finalHash: '', reason: 'steps' })
  `

  it('loses and changes nothing, with payloads larger than the feed', async () => {
    const bundle = await build({
      stdin: { contents: producerSource, resolveDir: fileURLToPath(new URL('../../runtime/recording/', import.meta.url)), loader: 'ts' },
      bundle: true, write: false, format: 'cjs', platform: 'node', target: 'node20',
    })
    const steps = counts(100_000, 1_000_000)
    const feed = createFeed(16_384)
    const worker = new Worker(bundle.outputFiles[0].text, { eval: true, workerData: { feed, steps } })
    const exited = new Promise<unknown>((resolve, reject) => worker.once('exit', resolve).once('error', reject))
    const consumer = new FeedConsumer(feed)
    const target = new Verifier()
    for (;;) {
      const token = consumer.wakeToken
      if (!consumer.drain(target)) break
      consumer.sleep(token, 100)
      // Lets a failure of the worker through.
      await new Promise(setImmediate)
    }
    await exited
    expect(target).toMatchObject({ hashes: steps, inputs: Math.ceil(steps / 7), keyframes: Math.ceil(steps / 5000), flushes: Math.ceil(steps / 3000), wrong: 0 })
    expect(target.end?.steps).toBe(steps - 1)
    expect(feedCountersOf(feed)().stalls).toBeGreaterThan(0)
  })
})

/** Checks what the producer thread sends, without keeping it. */
class Verifier implements RecordingTarget {
  hashes = 0
  inputs = 0
  keyframes = 0
  flushes = 0
  wrong = 0
  end: RecordingEnd | undefined

  hash(...[step, lo, hi, changed, changedCount]: Parameters<RecordingTarget['hash']>): void {
    let right = step === this.hashes && lo === step && hi === ~step >>> 0 && changedCount === step % 11
    for (let word = 0; word < changedCount * 3; word++) right &&= changed[word] === step * 31 + word
    this.wrong += right ? 0 : 1
    this.hashes += 1
  }

  input(step: number, sequence: number, bytes: Uint8Array): void {
    this.wrong += step === this.hashes - 1 && sequence === 1 && bytes.length === step % 50 ? 0 : 1
    this.inputs += 1
  }

  keyframe(step: number, bytes: Uint8Array): void {
    this.wrong += bytes.length === 100_000 && bytes.every((byte) => byte === (step & 255)) ? 0 : 1
    this.keyframes += 1
  }

  attach(): void {
    this.wrong += 1
  }

  stream(): number {
    this.wrong += 1
    return 0
  }

  message(): void {
    this.wrong += 1
  }

  dropped(): void {
    this.wrong += 1
  }

  flush(): void {
    this.flushes += 1
  }

  close(end: RecordingEnd): void {
    this.end = end
  }
}
