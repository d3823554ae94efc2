import { statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openFile } from '../../actors/host/open-file.ts'
import { firstDifferentColumns, firstDifferentStep } from '../../actors/travel/compare.ts'
import { prepareWorld, runWorld, verifyRecording } from '../../actors/index.ts'
import { inFolder, memoryFolder } from '../harness/folder.ts'
import { inTurns, secondsOf, secondsUntil } from '../harness/measure.ts'
import { seed } from '../harness/runs.ts'
import { metricOf, quantileOf, suiteOf, type Metric, type Metrics, type Suite } from '../harness/suite.ts'
import { recordParting } from '../models/parting-runs.ts'
import { bytesPerStep, recordArena, seekMillis, stepBackMillis, type Looks } from '../models/recorded-arena.ts'
import { taxSeconds, type TaxBatches } from '../models/taxed-arena.ts'
import { recordingSeconds, writeLoad, type WriteLoad } from '../models/writer.ts'
import { mcapCoreSeconds } from '../peers/mcap-core.ts'

/** How much a measurement repeats. */
interface Counts extends Looks, TaxBatches {
  readonly rounds: number
  readonly writeRounds: number
  /** Messages of 200 bytes and frames of 12 KiB that are written to a file. */
  readonly messages: number
  readonly frames: number
  /** Steps of the recording that is looked into, and of those that are verified. */
  readonly steps: number
  readonly verifySteps: number
  readonly stepsBack: number
  /** Steps of two recordings whose first difference is looked for. */
  readonly partingSteps: number
}

const fullCounts: Counts = {
  rounds: 5,
  writeRounds: 9,
  messages: 500_000,
  frames: 20_000,
  warmSteps: 300,
  batches: 60,
  batchSteps: 100,
  steps: 100_000,
  seeks: 300,
  warmSeeks: 10,
  stepsBack: 300,
  verifySteps: 8_000,
  partingSteps: 216_000,
}

const quickCounts: Counts = {
  rounds: 1,
  writeRounds: 1,
  messages: 20_000,
  frames: 400,
  warmSteps: 20,
  batches: 2,
  batchSteps: 20,
  steps: 600,
  seeks: 4,
  warmSeeks: 1,
  stepsBack: 5,
  verifySteps: 300,
  partingSteps: 5_000,
}

/** A metric with what it shall be: text like '>= 5'. */
function wanted(what: string, metric: Metric): Metric {
  return { ...metric, wanted: what }
}

/** Seconds of writing the same messages in three ways, in turns. */
async function writeTurns(load: WriteLoad, rounds: number): Promise<Record<'own' | 'sealed' | 'peer', number[]>> {
  return await inFolder(async (folder) => {
    const path = join(folder, 'messages.mcap')
    const whole = async (write: () => number | Promise<number>): Promise<number> => {
      const seconds = await write()
      if (statSync(path).size < load.messages * load.bytes.length) throw new Error(`${load.messages} messages of ${load.bytes.length} bytes are not all in the file`)
      await rm(path)
      return seconds
    }
    const samples = await inTurns(rounds + 1, {
      own: () => whole(() => recordingSeconds(path, load, false)),
      peer: () => whole(() => mcapCoreSeconds(path, load)),
      sealed: () => whole(() => recordingSeconds(path, load, true)),
    })
    // The first round shows the code to the compiler.
    return { own: samples.own.slice(1), peer: samples.peer.slice(1), sealed: samples.sealed.slice(1) }
  }, memoryFolder)
}

/** Our writer beside @mcap/core, to a file in memory. */
async function writerMetrics({ writeRounds, messages, frames }: Counts): Promise<Metrics> {
  const small = await writeTurns(writeLoad(messages, 200, 100), writeRounds)
  const large = await writeTurns(writeLoad(frames, 12 * 1024, 4), writeRounds)
  const times = (seconds: readonly number[], peer: readonly number[]): Metric => metricOf(seconds.map((own, round) => peer[round] / own), 'x')
  const rate = (seconds: readonly number[]): Metric => metricOf(seconds.map((each) => messages / each), 'msg/s')
  const flow = (seconds: readonly number[]): Metric => metricOf(seconds.map((each) => (frames * 12 * 1024) / 1e6 / each), 'MB/s')
  return {
    'recording.writer_messages_over_mcap_core': wanted('>= 5', times(small.own, small.peer)),
    'recording.writer_messages_sealed_over_mcap_core': times(small.sealed, small.peer),
    'recording.writer_messages': rate(small.own),
    'recording.writer_messages_sealed': rate(small.sealed),
    'recording.mcap_core_messages': rate(small.peer),
    'recording.writer_frames_over_mcap_core': wanted('>= 2', times(large.own, large.peer)),
    'recording.writer_frames_sealed_over_mcap_core': times(large.sealed, large.peer),
    'recording.writer_frames': flow(large.own),
    'recording.writer_frames_sealed': flow(large.sealed),
    'recording.mcap_core_frames': flow(large.peer),
  }
}

/** What recording adds to a step of the arena: its hashes, inputs and keyframes, and with the observations too. */
async function taxMetrics(counts: Counts): Promise<Metrics> {
  const { none, plain, observations } = await taxSeconds(counts)
  const tax = (seconds: readonly number[]): Metric => metricOf(seconds.map((each, batch) => (each / none[batch] - 1) * 100), '%')
  return { 'recording.tax_default': wanted('<= 5', tax(plain)), 'recording.tax_observations': wanted('<= 15', tax(observations)) }
}

/** Any step of a long recording, and how much that takes on the disk. */
async function seekMetrics(counts: Counts): Promise<Metrics> {
  return await inFolder(async (folder) => {
    const path = join(folder, 'arena.mcap')
    await recordArena(path, counts.steps)
    const seeks = await seekMillis(path, counts)
    return {
      'recording.bytes_100k_mb': wanted('<= 200', metricOf([statSync(path).size / 1e6], 'MB')),
      'recording.bytes_per_step': wanted('<= 16', metricOf([bytesPerStep(path)], 'B')),
      'recording.seek_p50_ms': wanted('<= 100', quantileOf(seeks, 0.5, 'ms')),
      'recording.seek_p99_ms': wanted('<= 250', quantileOf(seeks, 0.99, 'ms')),
      'recording.step_back_p50_ms': wanted('<= 20', quantileOf(await stepBackMillis(path, counts.stepsBack), 0.5, 'ms')),
    }
  })
}

/** The first difference of two long runs that part near their end, by their hashes: the search, and opening both files before it. */
async function bisectMetrics({ rounds, partingSteps: steps }: Counts): Promise<Metrics> {
  const partAt = Math.floor(0.99 * steps)
  return await inFolder((folder) => {
    const paths = ([0, 1] as const).map((side) => {
      const path = join(folder, `run${side}.mcap`)
      recordParting(path, { steps, partAt }, side)
      return path
    })
    const open: number[] = []
    const search: number[] = []
    for (let round = 0; round < rounds; round++) {
      const begin = performance.now()
      const [left, right] = paths.map(openFile)
      open.push(performance.now() - begin)
      search.push(
        1000 *
          secondsOf(() => {
            const step = firstDifferentStep(left, right)
            const columns = step === undefined ? undefined : firstDifferentColumns(left, right, step)
            if (step !== partAt || columns?.step !== partAt) throw new Error(`runs that part at step ${partAt} were found to part at ${step ?? 'none'}`)
          }),
      )
    }
    return { 'recording.bisect_ms': wanted('<= 100', metricOf(search, 'ms')), 'recording.bisect_open_ms': metricOf(open, 'ms') }
  })
}

/** A run and its verification, from its checksums to its last hash, on as many threads each. */
async function verifyMetrics({ rounds, verifySteps: steps }: Counts): Promise<Metrics> {
  const world = await prepareWorld('arena')
  return await inFolder(async (folder) => {
    const record = join(folder, 'arena.mcap')
    const timed = (workers: number): { run: () => Promise<number>; verify: () => Promise<number> } => ({
      run: () => secondsUntil(() => runWorld({ world, seed, workers, steps, record })),
      verify: () => secondsUntil(() => verifyRecording(record, { workers })),
    })
    const [one, two] = [timed(1), timed(2)]
    const seconds = await inTurns(rounds, { run: one.run, verify: one.verify, runTwo: two.run, verifyTwo: two.verify })
    const over = (run: readonly number[], verify: readonly number[]): Metric => metricOf(run.map((each, round) => each / verify[round]), 'x')
    return {
      'recording.verify_over_run': wanted('>= 0.9', over(seconds.run, seconds.verify)),
      'recording.verify_over_run_two_workers': wanted('>= 0.9', over(seconds.runTwo, seconds.verifyTwo)),
      'recording.verify_two_workers_over_one': over(seconds.verify, seconds.verifyTwo),
    }
  })
}

/** Recordings: what they cost while they are made, and how fast they answer. */
export const recording: Suite = suiteOf('recording', { full: fullCounts, quick: quickCounts }, [
  { what: 'the writer beside @mcap/core', measure: writerMetrics },
  { what: 'what recording adds to a step', measure: taxMetrics },
  { what: 'any step of a long run', measure: seekMetrics },
  { what: 'the first difference of two runs', measure: bisectMetrics },
  { what: 'verifying', measure: verifyMetrics },
])
