import { createSlab, findRing, readCounters, regionArray, ringRegion, type RingCounters, type RingFormat, type RingMemory, type Slab } from '../../runtime/index.ts'
import { counterDouble, lineWord, ringHeaderBytes, sideWord } from '../../runtime/ring/layout.ts'
import { strideOf } from '../../runtime/ring/ring.ts'

export const anySchema = { low: 7, high: 9 }
const canaryBytes = 512
const canary = 0xa5

/** A ring between two regions that nobody may touch. */
export interface GuardedRing {
  readonly slab: Slab
  readonly ring: RingMemory
  /** Whether the regions beside the ring are as they were. */
  readonly isIntact: () => boolean
}

/** Makes the ring as if `start` messages (bytes, of frames) had gone through it. */
function startAt({ words, doubles, form, capacity, recordBytes }: RingMemory, start: number): void {
  words[lineWord.producer + sideWord.index] = start
  words[lineWord.consumer + sideWord.index] = start
  if (form === 'records') {
    doubles[counterDouble.messages] = start
    doubles[counterDouble.taken] = start
  }
  if (form !== 'many') return
  const stride = strideOf({ form, recordBytes }) / 4
  for (let index = start; index < start + capacity; index++) words[ringHeaderBytes / 4 + (index & (capacity - 1)) * stride] = index
}

export function guardedRing(format: Omit<RingFormat, 'schema'>, start = 0): GuardedRing {
  const guard = (name: string): { name: string; kind: 'words'; dtype: 'u8'; shape: number[] } => ({ name, kind: 'words', dtype: 'u8', shape: [canaryBytes] })
  const slab = createSlab([guard('before'), ringRegion('ring', { ...format, schema: anySchema }), guard('after')])
  const ring = findRing(slab, 'ring')
  startAt(ring, start)
  const guards = [regionArray(slab, 'before', 'u8').fill(canary), regionArray(slab, 'after', 'u8').fill(canary)]
  return { slab, ring, isIntact: () => guards.every((bytes) => bytes.every((byte) => byte === canary)) }
}

/** Where indices are about to change their sign, or to come round to zero, and elsewhere. */
export const starts = [0, 8, 2 ** 31 - 64, 2 ** 31 - 8, 2 ** 32 - 64, 2 ** 32 - 8]

/** The counters without the states of the sides. */
export function countsOf(ring: RingMemory): Omit<RingCounters, 'producer' | 'consumer'> {
  const { messages, bytes, taken, stalls, drops, highWater, waiting } = readCounters(ring)
  return { messages, bytes, taken, stalls, drops, highWater, waiting }
}
