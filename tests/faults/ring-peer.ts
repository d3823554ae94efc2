// The sides of ring-processes.test.ts, each a process of its own: works until the notes say stop, and by itself not longer than its time.
import { findRing, MetabonkError, readCounters, RecordConsumer, RecordProducer, regionArray } from '../../runtime/index.ts'
import { attachSharedSlab, processPort } from '../../runtime/host/index.ts'
import { note, recordSchema, writeRecords, wrongRecord } from './ring-records.ts'

const [, , task = '', name = '', totalText = '', batchText = '', secondsText = ''] = process.argv
const [total, batch] = [Number(totalText), Number(batchText)]
const end = performance.now() + Number(secondsText) * 1_000
const waitMillis = 500

const slab = attachSharedSlab(name)
const ring = findRing(slab, 'ring')
const notes = regionArray(slab, 'notes', 'f64')
const options = { port: processPort() }
const resting = new Int32Array(new SharedArrayBuffer(4))
let isNamed = false

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** What the action gives; 0 where the other side is dead, which is noted once. */
function unlessDead(action: () => number): number {
  try {
    const count = action()
    if (count > 0) isNamed = false
    return count
  } catch (error) {
    if (!(error instanceof MetabonkError) || error.code !== 'peer-dead') throw error
    if (!isNamed) {
      notes[note.namedMillis] = now()
      notes[note.named]++
    }
    isNamed = true
    Atomics.wait(resting, 0, 0, 1)
    return 0
  }
}

function checkTime(): void {
  if (performance.now() > end) throw new Error(`${task}: out of time, ${JSON.stringify(readCounters(ring))}`)
}

/** Batches of changing sizes up to `batch`, some published in part. */
function produce(): void {
  const producer = new RecordProducer(ring, recordSchema, options)
  let next = readCounters(ring).messages
  for (let round = 1; next < total && notes[note.stop] === 0; round++) {
    const wanted = Math.min(batch === 0 ? 1 + (Math.imul(round, 0x9e3779b1) >>> 26) : batch, total - next)
    const count = unlessDead(() => producer.claimOrWait(wanted, waitMillis))
    if (count === 0) checkTime()
    writeRecords(ring.words, producer.at, next, count)
    const part = batch === 0 && round % 5 === 0 ? count >> 1 : count
    if (count > 0) producer.publish(part)
    next += part
  }
  producer.close()
}

/** Takes what comes, and notes apart from the ring what it has seen and what it has released. */
function consume(): void {
  const consumer = new RecordConsumer(ring, recordSchema, options)
  let next = readCounters(ring).taken
  if (next < notes[note.acknowledged]) notes[note.again]++
  if (next > notes[note.seen]) notes[note.missed]++
  while (!consumer.isOver) {
    const count = unlessDead(() => consumer.claimOrWait(4096, waitMillis))
    if (count === 0) {
      checkTime()
      continue
    }
    if (notes[note.firstMillis] === 0) notes[note.firstMillis] = now()
    const wrong = wrongRecord(ring.words, consumer.at, next, count)
    if (wrong >= 0) throw new Error(`record ${String(wrong)} is ${[...ring.words.subarray(consumer.at / 4, consumer.at / 4 + 4)].join(' ')}`)
    next += count
    notes[note.seen] = next
    consumer.release(count)
    notes[note.acknowledged] = next
  }
  notes[note.lastMillis] = now()
  consumer.close()
}

if (task === 'produce') produce()
else consume()
