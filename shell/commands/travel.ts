import { bisectRecordings, bisectWorld, diffRecordings, findInRecording, MetabonkError, whyRecording, type BisectOptions, type DiffOptions, type FindOptions, type Letter } from '../../actors/index.ts'
import type { Log } from '../log.ts'
import { apartRows, divergenceRows, inputRows, whyRows, type AnswerRow } from '../answers.ts'
import { print, printRows } from '../output.ts'
import { watched } from '../watched.ts'

interface Common {
  readonly workers?: number
  readonly world?: string
  readonly json?: boolean
}

/** `metabonk diff A B`. */
export async function diffCommand(a: string, b: string, options: DiffOptions & Pick<Common, 'json'>, log: Log | undefined): Promise<void> {
  const { result } = await watched('diff', (watch) => {
    log?.info({ a, b }, 'diff')
    return diffRecordings(a, b, { ...watch, ...options })
  })
  if (options.json === true) print({ a, b, same: result.step === undefined, ...result })
  else printRows([['A', a], ['B', b], ...divergenceRows(result), ...apartRows(result, ['A', 'B']), ...inputRows(result)])
}

type BisectCommandOptions = Common & Pick<BisectOptions, 'most'>

/** Settings of a command line: what has an equals sign after a name. */
function isSetting(text: string): boolean {
  return /^\w+=/.test(text)
}

/** `metabonk bisect RUN [B] [key=value ...]`. */
export async function bisectCommand(a: string, rest: readonly string[], options: BisectCommandOptions, log: Log | undefined): Promise<void> {
  const overrides = rest.filter(isSetting)
  const others = rest.filter((each) => !isSetting(each))
  log?.info({ a, others, overrides }, 'bisect')
  if (others.length > 1) throw new MetabonkError({ code: 'usage', what: `'${others[1]}' is one recording too many`, todo: 'give two recordings, or one and settings' })
  if (others.length === 1) {
    if (overrides.length > 0 || options.world !== undefined || options.workers !== undefined || options.most !== undefined) throw new MetabonkError({ code: 'usage', what: 'two recordings are compared as they are', todo: 'leave settings, --world, --workers and --most out, or give one recording' })
    showRecordings(a, others[0], options)
    return
  }
  if (overrides.length === 0 && options.world === undefined) throw new MetabonkError({ code: 'usage', what: 'there is nothing to compare the recording with', todo: 'give a second recording, --world FILE, or settings (key=value)' })
  const { result } = await watched('bisect', (watch) => bisectWorld(a, { ...watch, ...options, overrides }))
  if (options.json === true) {
    print({ recording: a, same: result.step === undefined, ...result })
    return
  }
  const first: AnswerRow = result.step === undefined ? ['same', `all ${String(result.steps + 1)} states`] : ['first difference', `step ${String(result.step)}`]
  printRows([['recorded', a], ['against', [options.world, ...overrides].filter((each) => each !== undefined).join(' ')], first, ...apartRows(result, ['recorded', 'now'])])
}

function showRecordings(a: string, b: string, { json }: BisectCommandOptions): void {
  const result = bisectRecordings(a, b)
  if (json === true) print({ a, b, same: result.step === undefined, ...result })
  else printRows([['A', a], ['B', b], ...divergenceRows(result), ...(result.step === undefined ? [] : [['next', `metabonk diff ${a} ${b}`] as const])])
}

/** `metabonk find RUN EXPRESSION`. */
export async function findCommand(path: string, expression: string, options: Common & FindOptions, log: Log | undefined): Promise<void> {
  const { result } = await watched('find', (watch) => {
    log?.info({ path, expression }, 'find')
    return findInRecording(path, expression, { ...watch, ...options })
  })
  if (options.json === true) {
    print({ recording: path, expression, ...result })
    return
  }
  if (result.hits.length === 0) {
    printRows([['none', `at no step ${expression}`]])
    return
  }
  const steps = ({ from, to }: { readonly from: number; readonly to: number }): string => (from === to ? `step ${String(from)}` : `steps ${String(from)} to ${String(to)}`)
  printRows([...result.hits.map((hit): AnswerRow => [steps(hit), result.kind === undefined ? expression : `${result.kind}[${String(hit.row)}]`]), ...(result.more ? [['more', `give --most, or --from and --to`] as const] : [])])
}

/** `metabonk why RUN STEP TARGET`. */
// eslint-disable-next-line max-params -- three arguments of the command, its options and its log
export async function whyCommand(path: string, step: number, target: string, options: Common, log: Log | undefined): Promise<void> {
  const { result } = await watched('why', (watch) => {
    log?.info({ path, step, target }, 'why')
    return whyRecording(path, step, target, { ...watch, workers: options.workers, world: options.world })
  })
  if (options.json === true) {
    print({ recording: path, asked: step, ...result })
    return
  }
  printRows([...whyRows(result), ...nextOf(path, result.causes.at(-1)?.letters.at(-1))])
}

function nextOf(path: string, letter: (Letter & { readonly sentIn: number }) | undefined): AnswerRow[] {
  return letter?.from === undefined ? [] : [['next', `metabonk seek ${path} ${String(letter.sentIn)} --agent ${letter.from.kind}:${String(letter.from.row)}`]]
}