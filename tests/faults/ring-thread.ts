// A side of a ring on a thread of ring-threads.test.ts: works as its task says, and tells its parent what it saw.
import { parentPort, workerData } from 'node:worker_threads'
import { attachSlab, findRing, MetabonkError, RecordConsumer, RecordProducer, type Waiting } from '../../runtime/index.ts'
import { recordSchema, writeRecords, wrongRecord } from './ring-records.ts'

/** What a thread is to do. */
export interface ThreadTask {
  readonly buffer: SharedArrayBuffer
  readonly task: 'produce' | 'consume' | 'drop'
  readonly waiting: Waiting
  readonly batch: number
  /** Messages after which a producer ends, and how; Infinity goes on until it is ended. */
  readonly total: number
  readonly ending: 'close' | 'throw' | 'exit'
  /** Milliseconds that a consumer sleeps after each batch. */
  readonly pause: number
}

/** What a thread tells when it ends. */
export interface ThreadReport {
  readonly messages: number
  /** When it learnt that the other side had died; 0 when it did not. In milliseconds of the system's clock, as all times here. */
  readonly named: number
  /** When it was about to end without closing. */
  readonly ended: number
}

const { buffer, task, waiting, batch, total, ending, pause } = workerData as ThreadTask
const ring = findRing(attachSlab(buffer), 'ring')
const resting = new Int32Array(new SharedArrayBuffer(4))

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

function report(messages: number, named: number, ended: number): void {
  parentPort?.postMessage({ messages, named, ended } satisfies ThreadReport)
}

/** Publishes `total` messages, and waits for room. */
function produce(producer: RecordProducer): number {
  let next = 0
  while (next < total) {
    const count = producer.claimOrWait(Math.min(batch, total - next))
    if (count === 0) break
    writeRecords(ring.words, producer.at, next, count)
    producer.publish(count)
    next += count
  }
  return next
}

/** Offers `total` messages at once, and gives up those that find no room. */
function drop(producer: RecordProducer): number {
  let published = 0
  for (let offered = 0; offered < total; offered++) {
    if (producer.claim(1) === 0) producer.noteDrop()
    else {
      writeRecords(ring.words, producer.at, published++, 1)
      producer.publish(1)
    }
  }
  return published
}

function consume(consumer: RecordConsumer): void {
  let next = 0
  try {
    while (!consumer.isOver) {
      const count = consumer.claimOrWait(batch)
      const wrong = wrongRecord(ring.words, consumer.at, next, count)
      if (wrong >= 0) throw new Error(`record ${String(wrong)} is another`)
      consumer.release(count)
      next += count
      if (pause > 0) Atomics.wait(resting, 0, 0, pause)
    }
    report(next, 0, 0)
  } catch (error) {
    if (!(error instanceof MetabonkError) || error.code !== 'peer-dead') throw error
    report(next, now(), 0)
  }
  consumer.close()
}

/** Ends as the task says, having told when. */
function end(producer: RecordProducer, messages: number): void {
  report(messages, 0, now())
  if (ending === 'close') producer.close()
  else if (ending === 'exit') process.exit(0)
  else throw new Error('a thread that fails on purpose')
}

if (task === 'consume') consume(new RecordConsumer(ring, recordSchema, { waiting }))
else {
  const producer = new RecordProducer(ring, recordSchema, { waiting })
  try {
    end(producer, task === 'drop' ? drop(producer) : produce(producer))
  } catch (error) {
    if (!(error instanceof MetabonkError) || error.code !== 'peer-dead') throw error
    report(0, now(), 0)
    producer.close()
  }
}
