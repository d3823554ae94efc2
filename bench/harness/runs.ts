import { join } from 'node:path'
import { runWorld, type PreparedWorld, type RunProgress } from '../../actors/index.ts'
import { inFolder } from './folder.ts'

/** A whole run on threads, of which a part is timed. */
export interface TimedRun {
  readonly world: PreparedWorld
  readonly workers: number
  readonly recorded: boolean
  /** Steps before the clock starts: threads, world and compiler have settled by then. */
  readonly warmSteps: number
  /** Steps the clock runs for. */
  readonly steps: number
}

/** What came of a timed run. */
export interface RunTiming {
  /** Seconds of the timed steps. */
  readonly seconds: number
  readonly finalHash: string
}

/** Of every flock that is compared with another. */
export const seed = 1

/** When a step was reached, between the two samples around it. */
function secondsAt(samples: readonly RunProgress[], step: number): number {
  const after = samples.findIndex((sample) => sample.step >= step)
  const late = samples[after]
  const early = after > 0 ? samples[after - 1] : { step: 0, seconds: 0 }
  return late.step === early.step ? late.seconds : early.seconds + ((step - early.step) / (late.step - early.step)) * (late.seconds - early.seconds)
}

/** Runs a world on threads and times its steps from the progress it reports; start and end of the run are outside. */
export function timeRun({ world, workers, recorded, warmSteps, steps }: TimedRun): Promise<RunTiming> {
  const samples: RunProgress[] = []
  return inFolder(async (folder) => {
    const { finalHash } = await runWorld({
      world,
      seed,
      workers,
      // The run goes on a little after the clock has stopped, so that its end is not measured either.
      steps: warmSteps + steps + Math.ceil(steps / 10),
      record: recorded ? join(folder, 'run.mcap') : undefined,
      onProgress: (progress) => samples.push(progress),
    })
    return { seconds: secondsAt(samples, warmSteps + steps) - secondsAt(samples, warmSteps), finalHash }
  })
}
