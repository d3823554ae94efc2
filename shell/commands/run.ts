import { MetabonkError, prepareWorld, recordedInputs, runWorld, type RunOptions, type RunResult } from '../../actors/index.ts'
import { announced } from '../announced.ts'
import type { Log } from '../log.ts'
import type { runOnScreen } from '../tui/index.ts'
import type { OpeningScreen } from '../tui/screen/opening.ts'
import { exitCodes, print, printRows, summaryRows } from '../output.ts'
import { recordPath } from '../record-path.ts'
import { readKey } from './files.ts'

/** How a run is recorded, as the command line says it. */
export interface RecordOptions {
  readonly fsync?: RunOptions['fsync']
  readonly seekBudget?: number
  /** Bytes. */
  readonly rotate?: number
  readonly keep?: number
  /** A key file. */
  readonly sign?: string
}

/** How a run is to be recorded. Throws `usage`. */
export function recordOptions({ fsync, seekBudget, rotate, keep, sign }: RecordOptions): Pick<RunOptions, 'fsync' | 'seekBudgetMillis' | 'rotate' | 'signKey'> {
  if (keep !== undefined && rotate === undefined) throw new MetabonkError({ code: 'usage', what: 'a recording in one file has no parts to keep', where: '--keep', todo: 'say how large a part is: --rotate SIZE' })
  return { fsync, seekBudgetMillis: seekBudget, rotate: rotate === undefined ? undefined : { bytes: rotate, keep }, signKey: readKey(sign) }
}

/** Options of `metabonk run`. */
export interface RunCommandOptions extends RecordOptions {
  readonly seed: number
  readonly steps?: number
  readonly workers?: number
  /** A path; true for the default one; false for none. */
  readonly record: string | boolean
  readonly config?: string
  readonly check?: boolean
  readonly machines?: RunOptions['machines']
  /** Names that are checked against the world. */
  readonly channels?: RunOptions['channels']
  /** A recording whose inputs the run takes. */
  readonly inputs?: string
  readonly stall?: number
  /** Show it there. */
  readonly screen?: OpeningScreen
  readonly json?: boolean
}

/** `metabonk run [world] [key=value ...]`. A first argument that is a setting means the default world. */
export async function runCommand(nameOrSetting: string, settings: readonly string[], options: RunCommandOptions, log: Log | undefined): Promise<void> {
  const bare = /^\w+=/.test(nameOrSetting)
  const world = await prepareWorld(bare ? 'arena' : nameOrSetting, { overrides: bare ? [nameOrSetting, ...settings] : settings, configFile: options.config })
  const { name } = world.definition
  const record = recordPath(name, options)
  const work = (watch: Pick<RunOptions, 'signal' | 'onProgress' | 'onLive'>): Promise<RunResult> => {
    log?.info({ world: name, seed: options.seed, steps: options.steps, record, config: world.config }, 'run')
    return runWorld({
      world,
      seed: options.seed,
      steps: options.steps,
      workers: options.workers,
      record,
      check: options.check,
      machines: options.machines,
      channels: options.channels,
      ...recordOptions(options),
      inputs: options.inputs === undefined ? undefined : recordedInputs(options.inputs),
      stallSeconds: options.stall,
      ...watch,
    })
  }
  const { screen } = options
  const ran = screen === undefined ? await announced(name, log, work) : await shown({ screen, log }, options, work)
  if (ran === undefined) return
  const { result, stopped } = ran
  log?.info({ finalHash: result.finalHash, steps: result.outcome.step, seconds: result.seconds }, 'ran')
  showRun({ world: name, seed: options.seed, json: options.json }, result, stopped)
}

interface Ran {
  readonly result: RunResult
  readonly stopped: boolean
}

/** Runs a world on a screen, unless its user leaves before. It is recorded in any case: that is the way back in time. */
async function shown({ screen, log }: { readonly screen: OpeningScreen; readonly log: Log | undefined }, { record, steps }: RunCommandOptions, work: Parameters<typeof runOnScreen>[2]): Promise<Ran | undefined> {
  if (record === false) throw new MetabonkError({ code: 'usage', what: 'a run on a screen is recorded: that is its way back in time', where: '--no-record', todo: 'leave it out, or leave --tui out' })
  const { runOnScreen } = await import('../tui/index.ts')
  const result = await runOnScreen(screen, log, work)
  return result && { result, stopped: result.outcome.step !== steps }
}

/** What is said of a run beside its result. */
interface Shown {
  readonly world: string
  readonly seed: number
  readonly json?: boolean | undefined
  /** The step it went on from. */
  readonly since?: number
  /** The recording it comes from. */
  readonly parent?: string
}

/** Shows how a run went. */
export function showRun(shown: Shown, result: RunResult, stopped: boolean): void {
  if (result.outcome.reportError !== undefined) process.exitCode = exitCodes.failed
  if (shown.json === true) printRun(shown, result, stopped)
  else printRows(runRows(shown, result, stopped))
}

function speedOf({ since = 0 }: Shown, { outcome, seconds }: RunResult): number {
  return seconds > 0 ? (outcome.step - since) / seconds : 0
}

function printRun(shown: Shown, result: RunResult, stopped: boolean): void {
  const { world, seed, since } = shown
  const { outcome, finalHash, seconds, recording, parts, workers } = result
  const { step: steps, report, agents, reportError } = outcome
  const stepsPerSecond = speedOf(shown, result)
  print({ world, seed, steps, ...(since === undefined ? {} : { since }), workers, finalHash, stepsPerSecond, seconds, recording: recording ?? null, ...(parts.length > 1 ? { parts } : {}), stopped, report, agents, ...(reportError === undefined ? {} : { reportError }) })
}

function runRows(shown: Shown, result: RunResult, stopped: boolean): (readonly [name: string, value: string])[] {
  const { outcome, finalHash, seconds, recording, parts, workers } = result
  const { world, seed, since, parent } = shown
  const steps = `${stopped ? 'step ' : ''}${String(outcome.step)}${since === undefined ? '' : `, from ${String(since)} on,`}`
  const next = parent === undefined ? `metabonk verify ${String(recording)}` : `metabonk diff ${parent} ${String(recording)}`
  return [
    ['world', `${world}, seed ${String(seed)}`],
    [stopped ? 'stopped at' : 'steps', `${steps} in ${seconds.toFixed(2)} s (${speedOf(shown, result).toFixed(0)} steps/s, ${String(workers)} workers)`],
    ...summaryRows(outcome.report, outcome.agents),
    ...(outcome.reportError === undefined ? [] : ([['report', `none: ${new MetabonkError(outcome.reportError).message}`]] as const)),
    ['hash', finalHash],
    ...(parts.length < 2 ? [] : ([['parts', `${String(parts.length)}, from ${parts[0]} on`]] as const)),
    ...(recording === undefined ? [] : ([['recording', recording], ['next', next]] as const)),
  ]
}
