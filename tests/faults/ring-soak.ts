// A side of ring-soak.test.ts: works with one form of ring after the other, and tells how large its heap is.
import { parentPort, workerData } from 'node:worker_threads'
import { attachSlab, BlockReceiver, BlockSender, findRing, FrameConsumer, FrameProducer, ManyRing, RecordConsumer, RecordProducer, regionArray } from '../../runtime/index.ts'
import { garbageCollector } from '../collect.ts'
import type { SoakReport, SoakTask } from './ring-soak-plans.ts'
import { recordBytes, recordSchema, writeRecords, wrongRecord } from './ring-records.ts'

const { buffer, role, rounds, formMillis } = workerData as SoakTask
const slab = attachSlab(buffer)
const phases = regionArray(slab, 'phases', 'i32')
const phaseWord = { opened: 0, done: 1 } as const
const waitMillis = 100
const words = new Int32Array(buffer)
const collect = garbageCollector()
// With the garbage V8 throws optimised code away: a long soak is to run on such code nearly all the time.
const roundsPerReport = Math.ceil(rounds / 100)

function meet(word: number, phase: number): void {
  for (let seen = Atomics.load(phases, word); seen < phase; seen = Atomics.load(phases, word)) Atomics.wait(phases, word, seen, 1_000)
}

function pass(word: number, phase: number): void {
  Atomics.store(phases, word, phase)
  Atomics.notify(phases, word)
}

function check(at: number, first: number, count: number): void {
  const wrong = wrongRecord(words, at, first, count)
  if (wrong >= 0) throw new Error(`message ${String(wrong)} came out wrong`)
}

/** A writer says when it is open, and gives how many messages it wrote until the time was over. */
type Writer = (opened: () => void, isOn: () => boolean) => number

const writers: readonly Writer[] = [
  (opened, isOn) => {
    const producer = new RecordProducer(findRing(slab, 'records'), recordSchema)
    opened()
    let next = 0
    while (isOn()) {
      const count = producer.claimOrWait(1 + (next % 301), waitMillis)
      writeRecords(producer.ring.words, producer.at, next, count)
      producer.publish(count)
      next += count
    }
    producer.close()
    return next
  },
  (opened, isOn) => {
    const producer = new FrameProducer(findRing(slab, 'frames'), recordSchema)
    opened()
    let next = 0
    while (isOn()) {
      const count = next % 97
      if (!producer.claimOrWait(count * recordBytes, waitMillis)) continue
      writeRecords(producer.ring.words, producer.at, next, count)
      producer.append(count * recordBytes, next++)
      if (next % 3 === 0) producer.publish()
    }
    producer.publish()
    producer.close()
    return next
  },
  (opened, isOn) => {
    const many = new ManyRing(findRing(slab, 'many'), recordSchema)
    opened()
    // Nobody closes this form: message -1 is the last.
    for (let next = 0; ; ) {
      if (!many.claim()) continue
      const goesOn = next % 100 < 99 || isOn()
      writeRecords(many.ring.words, many.at, goesOn ? next++ : -1, 1)
      many.publish()
      if (!goesOn) return next
    }
  },
  (opened, isOn) => {
    const sender = new BlockSender(slab, 'pool')
    opened()
    let next = 0
    while (isOn()) {
      const block = sender.claimOrWait(waitMillis)
      if (block < 0) continue
      writeRecords(words, sender.blocks[block].byteOffset, next, 256)
      sender.send(block, next++ % 4097)
      if (next % 3 === 0) sender.publish()
    }
    sender.close()
    return next
  },
]

const readers: readonly (() => number)[] = [
  () => {
    const consumer = new RecordConsumer(findRing(slab, 'records'), recordSchema)
    let next = 0
    while (!consumer.isOver) {
      const count = consumer.claimOrWait(777, waitMillis)
      check(consumer.ring.byteOffset + consumer.at, next, count)
      consumer.release(count)
      next += count
    }
    consumer.close()
    return next
  },
  () => {
    const consumer = new FrameConsumer(findRing(slab, 'frames'), recordSchema)
    let next = 0
    while (!consumer.isOver) {
      if (!consumer.nextOrWait(waitMillis)) continue
      check(consumer.ring.byteOffset + consumer.at, consumer.tag, consumer.length / recordBytes)
      if (consumer.tag !== next++) throw new Error(`frame ${String(consumer.tag)} is out of order`)
      consumer.release()
    }
    consumer.close()
    return next
  },
  () => {
    const many = new ManyRing(findRing(slab, 'many'), recordSchema)
    for (let next = 0; ; ) {
      if (!many.next()) continue
      const at = many.ring.byteOffset + many.at
      const isLast = words[at >> 2] === -1
      check(at, isLast ? -1 : next++, 1)
      many.release()
      if (isLast) return next
    }
  },
  () => {
    const receiver = new BlockReceiver(slab, 'pool')
    let next = 0
    while (!receiver.isOver) {
      if (!receiver.nextOrWait(waitMillis)) continue
      check(receiver.blocks[receiver.block].byteOffset, next, 256)
      if (receiver.length !== next++ % 4097) throw new Error(`a block has ${String(receiver.length)} bytes`)
      receiver.release(receiver.block)
    }
    receiver.close()
    return next
  },
]

/** Works with a form for a while, and gives how many messages went through. */
function work(form: number, phase: number): number {
  if (role === 'write') {
    meet(phaseWord.done, phase)
    const end = performance.now() + formMillis
    return writers[form](() => pass(phaseWord.opened, phase + 1), () => performance.now() < end)
  }
  meet(phaseWord.opened, phase + 1)
  const messages = readers[form]()
  pass(phaseWord.done, phase + 1)
  return messages
}

let messages: number[] = []
for (let round = 1; round <= rounds; round++) {
  messages.push(...writers.map((_, form) => work(form, (round - 1) * writers.length + form)))
  if (round % roundsPerReport !== 0 && round !== rounds) continue
  collect()
  parentPort?.postMessage({ heapUsed: process.memoryUsage().heapUsed, messages } satisfies SoakReport)
  messages = []
}
