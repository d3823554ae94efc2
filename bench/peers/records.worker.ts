import { RecordConsumer, RecordProducer, attachSlab, findRing } from '../../runtime/index.ts'
import { runSide } from '../harness/thread-pair.ts'

/** What a thread needs to reach the ring `records`. */
export interface RecordsLink {
  readonly memory: SharedArrayBuffer
  readonly batch: number
}

await runSide<RecordsLink>(({ role, link: { memory, batch } }) => {
  const ring = findRing(attachSlab(memory), 'records')
  if (role === 'producer') {
    const producer = new RecordProducer(ring, undefined, { waiting: 'spin' })
    return (messages) => send(producer, batch, messages)
  }
  const consumer = new RecordConsumer(ring, undefined, { waiting: 'spin' })
  return (messages) => take(consumer, batch, messages)
})

function send(producer: RecordProducer, batch: number, messages: number): void {
  const words = producer.ring.words
  const length = producer.ring.recordBytes / 4
  for (let sent = 0; sent < messages; ) {
    const count = producer.claimOrWait(Math.min(batch, messages - sent))
    write(words, producer.at >> 2, length, count, sent)
    producer.publish(count)
    sent += count
  }
}

function take(consumer: RecordConsumer, batch: number, messages: number): void {
  const words = consumer.ring.words
  const length = consumer.ring.recordBytes / 4
  for (let taken = 0; taken < messages; ) {
    const count = consumer.claimOrWait(Math.min(batch, messages - taken))
    check(words, consumer.at >> 2, length, count, taken)
    consumer.release(count)
    taken += count
  }
}

function write(words: Int32Array, at: number, length: number, count: number, message: number): void {
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < length; k++, at++) words[at] = message + i + k
  }
}

function check(words: Int32Array, at: number, length: number, count: number, message: number): void {
  let wrong = 0
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < length; k++, at++) wrong |= words[at] ^ (message + i + k)
  }
  if (wrong !== 0) throw new Error(`a word of the messages from ${message} on did not arrive as it was written`)
}
