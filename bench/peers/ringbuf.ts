import { RingBuffer } from 'ringbuf.js'
import { compiledModule } from '../../runtime/host/index.ts'
import { runPair } from '../harness/thread-pair.ts'
import { messageWords } from './message-words.ts'

/** What a thread needs to reach the ring. */
export interface RingbufLink {
  readonly memory: SharedArrayBuffer
  readonly batch: number
}

/** Messages of 64 bytes per second through npm's ringbuf.js, `batch` of them a push; the ring holds `capacity`. */
export async function ringbufRate({ messages, batch, capacity }: { readonly messages: number; readonly batch: number; readonly capacity: number }): Promise<number> {
  const link: RingbufLink = { memory: RingBuffer.getStorageForCapacity(capacity * messageWords, Int32Array), batch }
  const { rate } = await runPair({
    url: compiledModule('bench/peers/ringbuf.worker'),
    links: { producer: link, consumer: link },
    rounds: [Math.ceil(messages / 4), messages],
  })
  return rate
}
