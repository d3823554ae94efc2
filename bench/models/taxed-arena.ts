import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Recorder } from '../../actors/host/coordinate.ts'
import { packageVersions, prepareWorld } from '../../actors/index.ts'
import { Streams } from '../../actors/streams/index.ts'
import { buildProgram } from '../../actors/world/program.ts'
import { compiledModule, createPool, hostKernels, type RecorderTask } from '../../runtime/host/index.ts'
import { attachShared, contractVersion, Coordinator, createFeed, createSharedMemory, FeedProducer, hashHex, layoutHash, worldColumns, type Program, type RecordingManifest } from '../../runtime/index.ts'
import { inFolder } from '../harness/folder.ts'
import { inTurns, secondsOf } from '../harness/measure.ts'
import { seed } from '../harness/runs.ts'

/** Batches of steps that are timed, in each way. */
export interface TaxBatches {
  readonly batches: number
  readonly batchSteps: number
  /** Steps before the clock starts. */
  readonly warmSteps: number
}

const recorderStartMillis = 300

/** Ways to run the arena. */
export type TaxWay = 'none' | 'plain' | 'observations'

function manifestOf(program: Program): RecordingManifest {
  const columns = worldColumns(program).map(({ kind, column }) => ({ kind, column }))
  return { contract: contractVersion, world: program.name, worldSource: program.name, codeHash: '', config: program.config, seed, stepMillis: program.stepMillis, layout: layoutHash(program), columns, versions: packageVersions(), workers: 1 }
}

/**
 * Seconds of batches of steps of the default arena: not recorded, recorded, and recorded with its observations; in turns, in one thread, all at
 * the same step. Each recorder has its thread, and writes to a file. What is timed is the thread that runs the steps, which is what a run waits for.
 */
export async function taxSeconds({ batches, batchSteps, warmSteps }: TaxBatches): Promise<Record<TaxWay, number[]>> {
  const { definition, config } = await prepareWorld('arena')
  const program = buildProgram(definition, { seed, config })
  const pool = await createPool(2)
  return await inFolder(async (folder) => {
    const ends: (() => Promise<unknown>)[] = []
    const start = async (way: TaxWay): Promise<Coordinator> => {
      const shared = attachShared(program, createSharedMemory(program, 1), hostKernels())
      const feed = createFeed()
      const producer = new FeedProducer(feed)
      const streams = way === 'observations' ? new Streams(['observations'], definition, shared) : undefined
      const coordinator = new Coordinator(shared, { wait: { spins: 0, stallSlices: 0 }, ...(way === 'none' ? {} : { journal: new Recorder(producer, streams) }) })
      if (way !== 'none') {
        const task: RecorderTask = { feed, path: join(folder, `${way}.mcap`), manifest: manifestOf(program) }
        const recorder = pool.run(compiledModule('runtime/host/recorder.worker'), task)
        ends.push(() => {
          producer.close({ steps: coordinator.step, finalHash: hashHex(coordinator.hash.low, coordinator.hash.high), reason: 'finished' })
          return recorder
        })
      }
      // The recorder's thread begins when this one lets its messages go.
      await delay(recorderStartMillis)
      streams?.declare(producer)
      coordinator.start()
      coordinator.runTo(warmSteps)
      return coordinator
    }
    const runs = { none: await start('none'), plain: await start('plain'), observations: await start('observations') }
    const timed = (way: TaxWay) => (): Promise<number> => Promise.resolve(secondsOf(() => { runs[way].runTo(runs[way].step + batchSteps) }))
    const samples = await inTurns(batches, { none: timed('none'), plain: timed('plain'), observations: timed('observations') })
    for (const end of ends) await end()
    await pool.destroy()
    return samples
  })
}
