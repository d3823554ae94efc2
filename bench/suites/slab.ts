import { blockRegions, createSlab, messageRegion, regionArray, ringRegion, type RegionPlan } from '../../runtime/index.ts'
import { compiledModule, createSharedSlab } from '../../runtime/host/index.ts'
import { createControlMemory } from '../../runtime/lockstep/control.ts'
import { fileURLToPath } from 'node:url'
import { inTurns, secondsOf } from '../harness/measure.ts'
import { compileNativePeer, type NativePeer, type PairTimes } from '../harness/native-peer.ts'
import { runProcesses } from '../harness/process-pair.ts'
import { metricOf, type Metrics, type Suite } from '../harness/suite.ts'
import { runPair, type PairResult } from '../harness/thread-pair.ts'
import { reportBytes, reporters } from '../models/agent-message.ts'
import { drainUneven } from '../models/uneven.ts'
import type { ProcessTask } from '../models/slab-process.ts'
import { barrierShape } from '../models/barrier-shape.ts'
import type { SlabTask } from '../models/slab.worker.ts'
import { wordsOf, type StreamFormat } from '../models/words.ts'
import { messageChannelRate } from '../peers/message-channel.ts'
import { ringbufRate } from '../peers/ringbuf.ts'

/** How much a measurement repeats. */
interface Counts {
  readonly messages: number
  /** Of the slow: published one by one, through a queue of many, through ringbuf.js, through a MessageChannel. */
  readonly singles: number
  readonly posts: number
  readonly trips: number
  /** Meetings of two that sleep. */
  readonly naps: number
  readonly rounds: number
}

const fullCounts: Counts = { messages: 20_000_000, singles: 5_000_000, posts: 300_000, trips: 200_000, naps: 10_000, rounds: 7 }
const quickCounts: Counts = { messages: 100_000, singles: 50_000, posts: 5_000, trips: 2_000, naps: 200, rounds: 1 }

const untyped = { low: 0, high: 0 }
/** Room for four batches of 64 KiB: with it ours, its twin and Boost's carry the most (512 in 2,048: 4 to 20 % less). */
const capacity = 4_096
const batch = 1_024
const stream64: StreamFormat = { bytes: 64, batch }
const stream16: StreamFormat = { bytes: 16, batch }

function runTask(task: SlabTask, messages: number): Promise<PairResult> {
  return runPair({ url: compiledModule('bench/models/slab.worker'), links: { producer: task, consumer: task }, rounds: [Math.ceil(messages / 4), messages] })
}

/** Messages per second through a ring between two threads. */
async function wordsRate(format: StreamFormat, messages: number): Promise<number> {
  const memory = createSlab([messageRegion('words', wordsOf(format), { capacity })]).buffer
  return (await runTask({ form: 'words', memory, format, consumerBatch: batch }, messages)).rate
}

/** A metric of samples, and of how many times those of a peer they are, round by round; nothing of a peer that is not there. */
function against(name: string, own: readonly number[], peers: Readonly<Record<string, readonly number[]>>): Metrics {
  const ratios = Object.entries(peers).filter(([, samples]) => samples.length === own.length)
  return {
    [`${name}_per_s`]: metricOf(own, 'msg/s'),
    ...Object.fromEntries(ratios.map(([peer, samples]) => [`${name}_vs_${peer}`, metricOf(own.map((sample, i) => sample / samples[i]), 'x')])),
  }
}

/** One producer, one consumer, batches: ours, the same in C++, Boost's; npm's with a message a push, as its makers use it, and with batches. */
async function batchMetrics(counts: Counts, native: NativePeer | undefined): Promise<Metrics> {
  const stream = { recordBytes: 64, capacity, batch, messages: counts.messages } as const
  const large = await inTurns(counts.rounds, {
    own: () => wordsRate(stream64, counts.messages),
    cpp: async () => native?.ring(stream),
    boost: async () => native?.boost(stream),
    ringbuf: () => ringbufRate({ messages: counts.singles, batch: 1, capacity }),
    ringbuf_batched: () => ringbufRate({ messages: counts.singles, batch, capacity }),
    message_channel: () => messageChannelRate(counts.posts),
  })
  const small = await inTurns(counts.rounds, {
    own: () => wordsRate(stream16, counts.messages),
    cpp: async () => native?.ring({ ...stream, recordBytes: 16 }),
    boost: async () => native?.boost({ ...stream, recordBytes: 16 }),
  })
  const { own, ...peers } = large
  return { ...against('slab.spsc_64', own, peers), ...against('slab.spsc_16', small.own, { cpp: small.cpp, boost: small.boost }) }
}

/** What a publish of each message costs, and hand-overs of blocks of 4 KiB. */
async function singleMetrics(counts: Counts): Promise<Metrics> {
  const samples = await inTurns(counts.rounds, {
    single: async () => {
      const memory = createSlab([messageRegion('words', wordsOf(stream64), { capacity })]).buffer
      return (await runTask({ form: 'words', memory, format: { bytes: 64, batch: 1 }, consumerBatch: batch }, counts.singles)).rate
    },
    blocks: async () => (await runTask({ form: 'blocks', memory: createSlab(blockRegions('blocks', { count: 256, blockBytes: 4_096 })).buffer, batch: 32 }, counts.singles)).rate,
  })
  return { 'slab.single_publish_per_s': metricOf(samples.single, 'msg/s'), 'slab.block_handovers_per_s': metricOf(samples.blocks, 'blocks/s') }
}

function percentile(samples: readonly number[], share: number): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(share * (samples.length - 1))]
}

function timesOf({ figures }: PairResult): PairTimes {
  return { nanosecondsP50: percentile(figures, 0.5), nanosecondsP99: percentile(figures, 0.99) }
}

/** Round trips of a record, and the barrier of a step: looking, and sleeping. */
async function waitMetrics(counts: Counts, native: NativePeer | undefined): Promise<Metrics> {
  const one = (name: string): RegionPlan => messageRegion(name, wordsOf(stream64), { capacity: 8 })
  const p99: number[] = []
  const meet = async (spins: number, meetings: number): Promise<number> => timesOf(await runTask({ form: 'barrier', memory: createControlMemory(barrierShape), spins }, meetings)).nanosecondsP50
  const samples = await inTurns(counts.rounds, {
    trip: async () => {
      const times = timesOf(await runTask({ form: 'round-trip', memory: createSlab([one('there'), one('back')]).buffer }, counts.trips))
      p99.push(times.nanosecondsP99)
      return times.nanosecondsP50
    },
    bare: async () => (await native?.looks(counts.trips))?.nanosecondsP50,
    native: async () => (await native?.roundTrips({ recordBytes: 64, capacity: 8, trips: counts.trips }))?.nanosecondsP50,
    look: () => meet(20_000, counts.trips),
    nap: () => meet(0, counts.naps),
    futex: async () => (await native?.futex(counts.naps))?.nanosecondsP50,
  })
  const naps: Metrics = samples.futex.length === samples.nap.length ? { 'slab.barrier_parked_vs_futex': metricOf(samples.nap.map((nap, i) => nap / samples.futex[i]), 'x') } : {}
  const cpp: Metrics = samples.native.length > 0 ? { 'slab.round_trip_cpp_p50': metricOf(samples.native, 'ns'), 'slab.bare_word_trip_cpp_p50': metricOf(samples.bare, 'ns') } : {}
  return {
    'slab.round_trip_p50': metricOf(samples.trip, 'ns'),
    'slab.round_trip_p99': metricOf(p99, 'ns'),
    ...cpp,
    'slab.barrier_spin_p50': metricOf(samples.look, 'ns'),
    'slab.barrier_parked_p50': metricOf(samples.nap, 'ns'),
    ...naps,
  }
}

/** The ring between two processes, and how it compares with two threads. */
async function processMetrics(counts: Counts): Promise<Metrics> {
  const program = fileURLToPath(compiledModule('bench/models/slab-process'))
  const samples = await inTurns(counts.rounds, {
    processes: async () => {
      const name = `bench-${process.pid}`
      const slab = createSharedSlab(name, [messageRegion('words', wordsOf(stream16), { capacity }), { name: 'gate', kind: 'words', dtype: 'i32', shape: [1] }])
      try {
        regionArray(slab, 'gate', 'i32')[0] = 0
        const task = { name, format: stream16, rounds: [Math.ceil(counts.messages / 4), counts.messages] } as const
        return (await runProcesses<ProcessTask>({ program, tasks: { producer: { ...task, role: 'producer' }, consumer: { ...task, role: 'consumer' } }, messages: counts.messages })).rate
      } finally {
        slab.unlink()
        slab.close()
      }
    },
    threads: () => wordsRate(stream16, counts.messages),
  })
  return against('slab.process_16', samples.processes, { threads: samples.threads })
}

/** Encoding and decoding a message of 200 bytes. */
async function codecMetrics(counts: Counts): Promise<Metrics> {
  const times = Math.ceil(counts.trips / 2)
  const nanoseconds = (work: (times: number) => void): Promise<number> => {
    const seconds = secondsOf(() => {
      work(times)
    })
    return Promise.resolve((seconds * 1e9) / times)
  }
  const samples = await inTurns(counts.rounds + 1, {
    accessors: () => nanoseconds(reporters.accessors),
    codec: () => nanoseconds(reporters.codec),
    msgpackr: () => nanoseconds(reporters.msgpackr),
  })
  // The first round shows the code to the compiler.
  const [accessors, codec, msgpackr] = [samples.accessors.slice(1), samples.codec.slice(1), samples.msgpackr.slice(1)]
  return {
    'slab.message_bytes': metricOf([reportBytes], 'B'),
    'slab.accessors_roundtrip': metricOf(accessors, 'ns'),
    'slab.accessors_vs_msgpackr': metricOf(accessors.map((own, i) => msgpackr[i] / own), 'x'),
    'slab.codec_roundtrip': metricOf(codec, 'ns'),
    'slab.codec_vs_msgpackr': metricOf(codec.map((own, i) => msgpackr[i] / own), 'x'),
  }
}

/** A queue of many against a ring of one producer and one consumer; and jobs of very different length, in one queue or dealt to two rings: in halves, or in turns. */
async function manyMetrics(counts: Counts): Promise<Metrics> {
  const many = (): SharedArrayBuffer => createSlab([ringRegion('many', { form: 'many', capacity, recordBytes: 64, schema: untyped })]).buffer
  const samples = await inTurns(counts.rounds, {
    many: async () => (await runTask({ form: 'many', memory: many() }, counts.singles)).rate,
    single: () => wordsRate({ bytes: 64, batch: 1 }, counts.singles),
    shared: () => drainUneven('shared', counts.trips),
    halves: () => drainUneven('halves', counts.trips),
    dealt: () => drainUneven('dealt', counts.trips),
  })
  return {
    ...against('slab.many_1p1c', samples.many, { single: samples.single }),
    'slab.many_vs_halves': metricOf(samples.shared.map((seconds, i) => samples.halves[i] / seconds), 'x'),
    'slab.many_vs_dealt': metricOf(samples.shared.map((seconds, i) => samples.dealt[i] / seconds), 'x'),
  }
}

async function run({ quick, say }: { readonly quick: boolean; readonly say: (what: string) => void }): Promise<Metrics> {
  const counts = quick ? quickCounts : fullCounts
  const native = await compileNativePeer()
  const groups: readonly (readonly [string, () => Promise<Metrics>])[] = [
    // First: it makes garbage, and what others leave behind would be paid for with it.
    ['codecs', () => codecMetrics(counts)],
    ['waiting', () => waitMetrics(counts, native)],
    ['batches', () => batchMetrics(counts, native)],
    ['single messages and blocks', () => singleMetrics(counts)],
    ['processes', () => processMetrics(counts)],
    ['many producers and consumers', () => manyMetrics(counts)],
  ]
  try {
    let metrics: Metrics = {}
    for (const [what, measure] of groups) {
      say(what)
      metrics = { ...metrics, ...(await measure()) }
    }
    return metrics
  } finally {
    native?.close()
  }
}

/** Slabs, rings and messages: between threads, between processes, against their peers. */
export const slab: Suite = { name: 'slab', run }
