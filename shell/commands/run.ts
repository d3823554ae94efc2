import { randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { MetabonkError, prepareWorld, runWorld, type RunOptions, type RunResult } from '../../actors/index.ts'
import type { Log } from '../log.ts'
import { exitCodes, print, printRows, summaryRows } from '../output.ts'
import { watched } from '../watched.ts'

/** Options of `metabonk run`. */
export interface RunCommandOptions {
  readonly seed: number
  readonly steps?: number
  readonly workers?: number
  /** A path; true for the default one; false for none. */
  readonly record: string | boolean
  readonly config?: string
  readonly check?: boolean
  readonly machines?: RunOptions['machines']
  readonly stall?: number
  readonly json?: boolean
}

function recordPath(world: string, options: RunCommandOptions): string | undefined {
  const { record } = options
  if (record === false) return undefined
  const named = `${world}-${String(options.seed)}-${randomBytes(3).toString('hex')}.mcap`
  if (typeof record !== 'string') return join('runs', named)
  if (record === '') throw new MetabonkError({ code: 'usage', what: 'an empty path names no recording', where: '--record', todo: 'give a file, or leave the option out' })
  if (existsSync(record) && statSync(record).isDirectory()) return join(record, named)
  return extname(record) === '' ? `${record}.mcap` : record
}

/** `metabonk run [world] [key=value ...]`. A first argument that is a setting means the default world. */
export async function runCommand(nameOrSetting: string, settings: readonly string[], options: RunCommandOptions, log: Log | undefined): Promise<void> {
  const bare = /^\w+=/.test(nameOrSetting)
  const world = await prepareWorld(bare ? 'arena' : nameOrSetting, { overrides: bare ? [nameOrSetting, ...settings] : settings, configFile: options.config })
  const { name } = world.definition
  const record = recordPath(name, options)
  const { result, stopped } = await watched(name, (watch) => {
    log?.info({ world: name, seed: options.seed, steps: options.steps, record, config: world.config }, 'run')
    return runWorld({
      world,
      seed: options.seed,
      steps: options.steps,
      workers: options.workers,
      record,
      check: options.check,
      machines: options.machines,
      stallSeconds: options.stall,
      ...watch,
    })
  })
  log?.info({ finalHash: result.finalHash, steps: result.outcome.step, seconds: result.seconds }, 'ran')
  show(name, result, options, stopped)
}

function show(world: string, result: RunResult, options: RunCommandOptions, stopped: boolean): void {
  const { outcome, finalHash, seconds, recording } = result
  const steps = outcome.step
  if (outcome.reportError !== undefined) process.exitCode = exitCodes.failed
  const stepsPerSecond = seconds > 0 ? steps / seconds : 0
  if (options.json === true) {
    print({ world, seed: options.seed, steps, workers: result.workers, finalHash, stepsPerSecond, seconds, recording: recording ?? null, stopped, report: outcome.report, agents: outcome.agents, ...(outcome.reportError === undefined ? {} : { reportError: outcome.reportError }) })
    return
  }
  printRows([
    ['world', `${world}, seed ${String(options.seed)}`],
    [stopped ? 'stopped at' : 'steps', `${stopped ? 'step ' : ''}${String(steps)} in ${seconds.toFixed(2)} s (${stepsPerSecond.toFixed(0)} steps/s, ${String(result.workers)} workers)`],
    ...summaryRows(outcome.report, outcome.agents),
    ...(outcome.reportError === undefined ? [] : ([['report', `none: ${new MetabonkError(outcome.reportError).message}`]] as const)),
    ['hash', finalHash],
    ...(recording === undefined ? [] : ([['recording', recording], ['next', `metabonk verify ${recording}`]] as const)),
  ])
}
