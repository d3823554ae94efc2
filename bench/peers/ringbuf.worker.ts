import { RingBuffer } from 'ringbuf.js'
import { runThread } from '../harness/thread-pair.ts'
import { checkMessages, messageWords, writeMessages } from './message-words.ts'
import type { RingbufLink } from './ringbuf.ts'

await runThread<RingbufLink>(({ role, link: { memory, batch } }) => {
  const ring = new RingBuffer(memory, Int32Array)
  const words = new Int32Array(batch * messageWords)
  return role === 'producer' ? (messages) => send(ring, words, messages) : (messages) => take(ring, words, messages)
})

function send(ring: RingBuffer, words: Int32Array, messages: number): void {
  const batch = words.length / messageWords
  for (let sent = 0; sent < messages; sent += batch) {
    const count = Math.min(batch, messages - sent)
    writeMessages(words, count, sent)
    for (let at = 0; at < count * messageWords;) at += ring.push(words, count * messageWords - at, at)
  }
}

function take(ring: RingBuffer, words: Int32Array, messages: number): void {
  const batch = words.length / messageWords
  for (let taken = 0; taken < messages; taken += batch) {
    const count = Math.min(batch, messages - taken)
    for (let at = 0; at < count * messageWords;) at += ring.pop(words, count * messageWords - at, at)
    checkMessages(words, count, taken)
  }
}
