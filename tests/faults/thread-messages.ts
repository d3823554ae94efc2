import { message, u32 } from '../../runtime/host/slabs.ts'

export const Count = message('Count', { number: u32 })

/** What the other thread is to do with the ring `ring`, and how it is to end. */
export interface ThreadTask {
  readonly memory: SharedArrayBuffer
  readonly task: 'produce' | 'consume' | 'nothing'
  readonly ending: 'return' | 'throw' | 'exit' | 'stay'
}
