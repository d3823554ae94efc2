import { attachSlab, elementBytes, feedCountersOf, findRing, readCounters, type FeedCounters, type KindTable, type RingMemory, type SharedState } from '../../runtime/index.ts'
import type { ServiceActorState } from '../service/index.ts'

/** A queue between threads. */
export interface LiveRing {
  readonly name: string
  readonly bytesUsed: number
  readonly bytes: number
  /** The most that was found in it. */
  readonly highWater: number
  readonly stalls: number
  readonly drops: number
  readonly records: number
}

/** A block of shared memory: what holds something, of what is reserved. */
export interface LiveSlab {
  readonly name: string
  readonly bytesUsed: number
  readonly bytesReserved: number
}

/** A breakpoint at which a run stands. */
export interface LiveStop {
  readonly step: number
  /** Who set it. */
  readonly by: number
  readonly expression: string
  /** Why it could not be told whether it holds; undefined where it does. */
  readonly fault: string | undefined
}

/** How a live run is doing. */
export interface LiveVitals {
  /** The last state that is whole. */
  readonly step: number
  readonly paused: boolean
  /** The breakpoints at which it stands; none while it goes on, or is paused for something else. */
  readonly stops: readonly LiveStop[]
  /** Steps a second it is held to; undefined for as fast as it can. */
  readonly pace: number | undefined
  /** Why it has ended; undefined while it runs. */
  readonly ended: string | undefined
  /** How often each thread was seen in each phase, [worker][phase], counted every 20 ms while somebody asks. */
  readonly phases: readonly (readonly number[])[]
  readonly rings: readonly LiveRing[]
  readonly slabs: readonly LiveSlab[]
  readonly actors: readonly ServiceActorState[]
}

const lookMillis = 20
/** Nobody looks any more who has not asked for so long. */
const patienceMillis = 2000

/** Looks now and then what the threads of a run do and how full its feed is, for as long as somebody asks. */
export class LiveWatch {
  private readonly state: SharedState
  private readonly feed: (() => FeedCounters) | undefined
  private readonly outboxes: readonly RingMemory[]
  private readonly seen: number[][]
  private timer: NodeJS.Timeout | undefined
  private askedAt = 0
  private feedHighWater = 0

  constructor(state: SharedState, feed: SharedArrayBuffer | undefined, phases: number) {
    this.state = state
    this.feed = feed && feedCountersOf(feed)
    this.outboxes = state.memory.outboxes.map((outbox) => findRing(attachSlab(outbox), 'mail'))
    this.seen = Array.from({ length: state.memory.workers }, () => new Array<number>(phases).fill(0))
  }

  /** What was seen, by worker and phase; looks on from now. */
  phases(): number[][] {
    this.askedAt = performance.now()
    this.timer ??= setInterval(() => {
      this.look()
    }, lookMillis).unref()
    return this.seen.map((each) => [...each])
  }

  rings(): LiveRing[] {
    const mail = this.state.outboxes.map((outbox, i): LiveRing => {
      const { highWater, stalls, drops, messages } = readCounters(this.outboxes[i])
      const bytesUsed = outbox.used * 4
      return { name: i === 0 ? 'mail of the director' : `mail of worker ${i - 1}`, bytesUsed, bytes: outbox.words.byteLength, highWater: Math.max(highWater, bytesUsed), stalls, drops, records: messages }
    })
    return this.feed === undefined ? mail : [this.feedRing(this.feed()), ...mail]
  }

  slabs(): LiveSlab[] {
    const { tables, memory } = this.state
    return [...tables.map((table) => ({ name: table.kind.name, bytesUsed: usedBytes(table), bytesReserved: table.slab.buffer.byteLength })), { name: 'stages', bytesUsed: stageBytes(this.state), bytesReserved: memory.stages.byteLength }]
  }

  end(): void {
    clearInterval(this.timer)
  }

  private look(): void {
    const { control } = this.state
    for (let worker = 0; worker < this.seen.length; worker++) this.seen[worker][control.phaseOf(worker)]++
    if (this.feed !== undefined) this.feedRing(this.feed())
    if (performance.now() - this.askedAt < patienceMillis) return
    clearInterval(this.timer)
    this.timer = undefined
  }

  private feedRing({ records, stalls, drops, waiting, capacity }: FeedCounters): LiveRing {
    this.feedHighWater = stalls > 0 ? capacity : Math.max(this.feedHighWater, waiting)
    return { name: 'recorder', bytesUsed: waiting, bytes: capacity, highWater: this.feedHighWater, stalls, drops, records }
  }
}

/** Bytes of the rows ever used. */
function usedBytes(table: KindTable): number {
  return table.columns.reduce((bytes, { type, published }) => bytes + table.rows * type.width * elementBytes[type.dtype] * (published === undefined ? 1 : 2), 0)
}

/** Bytes of what stages keep beside the state: of a region with a place for each row of a kind, those of the rows ever used. */
function stageBytes({ stages, tables }: SharedState): number {
  return stages.regions.reduce((sum, { name, dtype, shape, length }) => {
    const parts = name.split('.')
    const table = tables.find(({ kind }) => parts.includes(kind.name) && shape.includes(kind.rowsMax))
    return sum + length * elementBytes[dtype] * (table === undefined ? 1 : table.rows / table.kind.rowsMax)
  }, 0)
}
