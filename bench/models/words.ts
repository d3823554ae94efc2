import { message, MessageConsumer, MessageProducer, i32, vec, type Cursor, type MessageType, type PayloadFields, type SideOptions, type Slab, type SlabMemory } from '../../runtime/index.ts'
import type { SideWork } from '../harness/thread-pair.ts'

/** Messages of words alone: word k of message i is i + k, so that every word says where it belongs. */
const word16 = { word: vec(i32, 4) }
const word64 = { word: vec(i32, 16) }
type Words16 = typeof word16
type Words64 = typeof word64
/** A message of 16 bytes, and one of 64. */
const Words16 = message('Words16', word16)
export const Words64 = message('Words64', word64)

/** Writes messages from `message` on into the records from byte `at`. */
type WriteWords = (at: number, count: number, message: number) => void
/** Not 0 when a word of the messages is not as it was written. */
type CheckWords = (at: number, count: number, message: number) => number

function sender16(producer: MessageProducer<Words16>): WriteWords {
  const { fields } = producer
  return (at, count, message) => {
    let m = message | 0
    for (let place = at, end = at + count * 16; place < end; place += 16, m = (m + 1) | 0) {
      fields.$at = place
      fields.word_0 = m
      fields.word_1 = (m + 1) | 0
      fields.word_2 = (m + 2) | 0
      fields.word_3 = (m + 3) | 0
    }
  }
}

function checker16(consumer: MessageConsumer<Words16>): CheckWords {
  const { fields } = consumer
  return (at, count, message) => {
    let wrong = 0
    let m = message | 0
    for (let place = at, end = at + count * 16; place < end; place += 16, m = (m + 1) | 0) {
      fields.$at = place
      wrong |= (fields.word_0 ^ m) | (fields.word_1 ^ (m + 1)) | (fields.word_2 ^ (m + 2)) | (fields.word_3 ^ (m + 3))
    }
    return wrong
  }
}

/** What writes messages of 64 bytes where `fields` lie. */
export function sender64({ fields }: { readonly fields: Cursor<Words64> }): WriteWords {
  return (at, count, message) => {
    let m = message | 0
    for (let place = at, end = at + count * 64; place < end; place += 64, m = (m + 1) | 0) {
      fields.$at = place
      fields.word_0 = m
      fields.word_1 = (m + 1) | 0
      fields.word_2 = (m + 2) | 0
      fields.word_3 = (m + 3) | 0
      fields.word_4 = (m + 4) | 0
      fields.word_5 = (m + 5) | 0
      fields.word_6 = (m + 6) | 0
      fields.word_7 = (m + 7) | 0
      fields.word_8 = (m + 8) | 0
      fields.word_9 = (m + 9) | 0
      fields.word_10 = (m + 10) | 0
      fields.word_11 = (m + 11) | 0
      fields.word_12 = (m + 12) | 0
      fields.word_13 = (m + 13) | 0
      fields.word_14 = (m + 14) | 0
      fields.word_15 = (m + 15) | 0
    }
  }
}

/** What checks messages of 64 bytes where `fields` lie. */
export function checker64({ fields }: { readonly fields: Cursor<Words64> }): CheckWords {
  return (at, count, message) => {
    let wrong = 0
    let m = message | 0
    for (let place = at, end = at + count * 64; place < end; place += 64, m = (m + 1) | 0) {
      fields.$at = place
      // In fours: of all sixteen, V8 would read each before it compares the first, and put most of them on the stack.
      if (((fields.word_0 ^ m) | (fields.word_1 ^ (m + 1)) | (fields.word_2 ^ (m + 2)) | (fields.word_3 ^ (m + 3))) !== 0) wrong++
      if (((fields.word_4 ^ (m + 4)) | (fields.word_5 ^ (m + 5)) | (fields.word_6 ^ (m + 6)) | (fields.word_7 ^ (m + 7))) !== 0) wrong++
      if (((fields.word_8 ^ (m + 8)) | (fields.word_9 ^ (m + 9)) | (fields.word_10 ^ (m + 10)) | (fields.word_11 ^ (m + 11))) !== 0) wrong++
      if (((fields.word_12 ^ (m + 12)) | (fields.word_13 ^ (m + 13)) | (fields.word_14 ^ (m + 14)) | (fields.word_15 ^ (m + 15))) !== 0) wrong++
    }
    return wrong
  }
}

/** The bytes of a message, and how many of them are claimed at once. */
export interface StreamFormat {
  readonly bytes: 16 | 64
  readonly batch: number
}

/** Sends every message of a round through the ring `words`, in batches. */
export function sendWords(slab: Slab<SlabMemory>, { bytes, batch }: StreamFormat, options: SideOptions): SideWork {
  if (bytes === 16) {
    const producer = new MessageProducer(slab, 'words', Words16, options)
    return sending(producer, sender16(producer), batch)
  }
  const producer = new MessageProducer(slab, 'words', Words64, options)
  return sending(producer, sender64(producer), batch)
}

function sending<F extends PayloadFields>(producer: MessageProducer<F>, write: WriteWords, batch: number): SideWork {
  return (messages) => {
    for (let sent = 0; sent < messages; ) {
      const count = producer.claimOrWait(Math.min(batch, messages - sent))
      write(producer.at, count, sent)
      producer.publish(count)
      sent += count
    }
  }
}

/** Takes every message of a round from the ring `words`, in batches, and checks every word. */
export function takeWords(slab: Slab<SlabMemory>, { bytes, batch }: StreamFormat, options: SideOptions): SideWork {
  if (bytes === 16) {
    const consumer = new MessageConsumer(slab, 'words', Words16, options)
    return taking(consumer, checker16(consumer), batch)
  }
  const consumer = new MessageConsumer(slab, 'words', Words64, options)
  return taking(consumer, checker64(consumer), batch)
}

function taking<F extends PayloadFields>(consumer: MessageConsumer<F>, check: CheckWords, batch: number): SideWork {
  return (messages) => {
    let wrong = 0
    for (let taken = 0; taken < messages; ) {
      const count = consumer.claimOrWait(Math.min(batch, messages - taken))
      wrong |= check(consumer.at, count, taken)
      consumer.release(count)
      taken += count
    }
    if (wrong !== 0) throw new Error(`of ${messages} messages, some did not arrive as they were written`)
  }
}

/** The message type of a format. */
export function wordsOf({ bytes }: StreamFormat): MessageType {
  return bytes === 16 ? Words16 : Words64
}
