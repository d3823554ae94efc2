import { attachSlab, createSlab, findRing, ManyRing, RecordConsumer, RecordProducer, ringRegion } from '../../runtime/index.ts'
import { compiledModule } from '../../runtime/host/index.ts'
import { runPair, type PairRole, type SideWork } from '../harness/thread-pair.ts'

/** Jobs that two threads work off: from one queue that both take from, or from a ring for each. */
export interface UnevenTask {
  readonly memory: SharedArrayBuffer
  readonly from: 'shared' | 'halves' | 'dealt'
}

/** Jobs; one in `longShare` takes `longTimes` as long, and those come first, as jobs of one place often come together. */
const jobs = 4_096
const longShare = 8
const longTimes = 50
const untyped = { low: 0, high: 0 }

/** Puts all jobs in, then lets two threads work them off; seconds until the last is done. Each job spins for `spins` additions, long ones longer. */
export async function drainUneven(from: UnevenTask['from'], spins: number): Promise<number> {
  const format = { capacity: jobs, recordBytes: 8, schema: untyped } as const
  const slab = createSlab([ringRegion('many', { ...format, form: 'many' }), ringRegion('producer', { ...format, form: 'records' }), ringRegion('consumer', { ...format, form: 'records' })])
  const cost = (job: number): number => Math.ceil(spins / 1_000) * (job < jobs / longShare ? longTimes : 1)
  const many = new ManyRing(findRing(slab, 'many'), undefined)
  const own = [new RecordProducer(findRing(slab, 'producer'), undefined), new RecordProducer(findRing(slab, 'consumer'), undefined)]
  for (let job = 0; job < jobs; job++) {
    if (from === 'shared') {
      many.claim()
      many.ring.words[many.at >> 2] = cost(job)
      many.publish()
    } else {
      // Who deals them does not know what they cost.
      const ring = own[from === 'halves' ? Math.floor((2 * job) / jobs) : job % 2]
      ring.claim(1)
      ring.ring.words[ring.at >> 2] = cost(job)
      ring.publish(1)
    }
  }
  const link: UnevenTask = { memory: slab.buffer, from }
  const { rate } = await runPair({ url: compiledModule('bench/models/uneven.worker'), links: { producer: link, consumer: link }, rounds: [jobs] })
  return jobs / rate
}

/** Works off what one side gets; the queues are full from the start. */
export function workOff({ memory, from }: UnevenTask, role: PairRole): SideWork {
  const slab = attachSlab(memory)
  let sum = 0
  const work = (spins: number): void => {
    for (let i = 0; i < spins; i++) sum = (sum + Math.imul(sum, i) + 1) | 0
  }
  if (from === 'shared') {
    const many = new ManyRing(findRing(slab, 'many'), undefined)
    return () => {
      while (many.next()) {
        const spins = many.ring.words[many.at >> 2]
        many.release()
        work(spins)
      }
    }
  }
  const ring = new RecordConsumer(findRing(slab, role), undefined)
  return () => {
    while (ring.claim(1) > 0) {
      const spins = ring.ring.words[ring.at >> 2]
      ring.release(1)
      work(spins)
    }
  }
}
