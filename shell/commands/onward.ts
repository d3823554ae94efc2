import { forkRun, recordingInfo, resumeRun, type ForkOptions, type ResumeOptions } from '../../actors/index.ts'
import { announced } from '../announced.ts'
import type { Log } from '../log.ts'
import { recordPath } from '../record-path.ts'
import { recordOptions, showRun, type RecordOptions } from './run.ts'

type Onward = Pick<ResumeOptions, 'steps' | 'workers' | 'world'> & RecordOptions & {
  readonly stall?: number
  readonly json?: boolean
}

/** `metabonk resume RUN`. */
export async function resumeCommand(path: string, options: Onward, log: Log | undefined): Promise<void> {
  const { manifest, steps } = recordingInfo(path)
  const { workers, world } = options
  const { result, stopped } = await announced('resume', log, (watch) => {
    log?.info({ path, steps }, 'resume')
    return resumeRun(path, { ...watch, steps: options.steps, workers, world, ...recordOptions(options), stallSeconds: options.stall })
  })
  showRun({ world: manifest.world, seed: manifest.seed, json: options.json, since: steps }, result, stopped)
}

type ForkCommandOptions = Onward & {
  readonly at: number
  readonly record?: string
  readonly set?: readonly string[]
  readonly dropInput?: readonly number[]
}

/** `metabonk fork RUN --at STEP [key=value ...]`. */
export async function forkCommand(path: string, overrides: readonly string[], options: ForkCommandOptions, log: Log | undefined): Promise<void> {
  const { manifest } = recordingInfo(path)
  const { at, workers, world } = options
  const fork: ForkOptions = {
    at, overrides, workers, world, ...recordOptions(options),
    record: recordPath(`${manifest.world}-fork`, { seed: manifest.seed, record: options.record ?? true }) ?? '',
    sets: options.set, dropInputs: options.dropInput, steps: options.steps, stallSeconds: options.stall,
  }
  const { result, stopped } = await announced('fork', log, (watch) => {
    log?.info({ path, at, overrides, sets: fork.sets, dropInputs: fork.dropInputs }, 'fork')
    return forkRun(path, { ...fork, ...watch })
  })
  showRun({ world: manifest.world, seed: manifest.seed, json: options.json, since: at, parent: path }, result, stopped)
}
