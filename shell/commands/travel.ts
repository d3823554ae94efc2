import { bisectRecordings, bisectWorld, diffRecordings, findInRecording, MetabonkError, whyRecording, type BisectOptions, type Comparison, type DiffOptions, type Divergence, type FindOptions, type Letter, type MailApart, type SideBySide } from '../../actors/index.ts'
import type { Log } from '../log.ts'
import { letterText } from '../letters.ts'
import { print, printRows } from '../output.ts'
import { watched } from '../watched.ts'

type Row = readonly [name: string, value: string | number]

interface Common {
  readonly workers?: number
  readonly world?: string
  readonly json?: boolean
}

function messageRows(messages: MailApart | undefined, [a, b]: readonly [string, string]): Row[] {
  if (messages === undefined) return []
  const rows = (name: string, letters: readonly Letter[]): Row[] => letters.map((each, i): Row => [i === 0 ? name : '', letterText(each)])
  return [...rows('last messages both have', messages.both), ...rows(`message only ${a} has`, messages.onlyA), ...rows(`message only ${b} has`, messages.onlyB)]
}

function apartRows({ apart, messages }: SideBySide, names: readonly [string, string]): Row[] {
  if (apart === undefined) return []
  const { values, mail, settings } = apart
  const [a, b] = names
  const sides = (left: string, right: string): string => `${a} ${left}   ${b} ${right}`
  return [
    ...settings.map((each): Row => [each.field, sides(each.a, each.b)]),
    ...values.map((each): Row => [`${each.kind}[${String(each.row)}].${each.column}`, sides(plainText(each.a), plainText(each.b))]),
    ...(mail === undefined ? [] : [['mail', sides(mail.a === undefined ? 'nothing' : letterText(mail.a), mail.b === undefined ? 'nothing' : letterText(mail.b))] as const]),
    ...messageRows(messages, names),
  ]
}

/** Exact JSON as people read it: numbers that JSON has no form for stand by themselves. */
function plainText(json: string): string {
  return json.replace(/\{"\$number":"([^"]+)"\}/g, '$1')
}

function divergenceRows({ manifest, first, stepsA, stepsB, step, columnsStep, columns }: Divergence): Row[] {
  const steps = Math.min(stepsA, stepsB)
  const lengths: Row[] = stepsA === stepsB ? [] : [['steps', `A ${String(stepsA)}   B ${String(stepsB)}`]]
  const told = [...manifest.map((each): Row => [each.field, `A ${each.a}   B ${each.b}`]), ...lengths]
  if (step === undefined) return [...told, ['same', `all ${String(steps + 1 - first)} states that both have, ${String(first)} to ${String(steps)}`]]
  const until = step === first ? 'the runs differ from the start' : `the states ${String(first)} to ${String(step - 1)} are the same`
  return [...told, ['first difference', `step ${String(step)}: ${until}`], ...(columns.length === 0 ? [] : [['columns', `${columnsStep === step ? '' : `from step ${String(columnsStep)} on: `}${columns.join(', ')}`] as const])]
}

function inputRows({ inputs }: Comparison): Row[] {
  return (['a', 'b'] as const).flatMap((side) => inputs[side].map(({ step, input }): Row => [`input only ${side.toUpperCase()} has`, `before step ${String(step)}: ${JSON.stringify(input)}`]))
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
  const first: Row = result.step === undefined ? ['same', `all ${String(result.steps + 1)} states`] : ['first difference', `step ${String(result.step)}`]
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
  printRows([...result.hits.map((hit): Row => [steps(hit), result.kind === undefined ? expression : `${result.kind}[${String(hit.row)}]`]), ...(result.more ? [['more', `give --most, or --from and --to`] as const] : [])])
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
  const name = `${result.kind}[${String(result.row)}].${result.column}${result.element === undefined ? '' : `[${String(result.element)}]`}`
  const change = `${plainText(result.before ?? 'nobody')} became ${plainText(result.value ?? 'nobody')}`
  printRows([
    [name, plainText(result.value ?? 'nobody lives there')],
    ['changed', result.step < 0 ? `by init: ${change}` : `in step ${String(result.step)}: ${change}`],
    ...result.causes.flatMap(({ part, before, after, letters, untried, inputs, byClock, askedBy }): Row[] => [
      ['by', `${part}: ${plainText(before)} became ${plainText(after)}${byClock ? ', by its clock' : ''}${askedBy.length === 0 ? '' : `, asked for by ${askedBy.join(' and ')}`}`],
      ...letters.map((letter): Row => ['  on', `${letterText(letter)}, sent in step ${String(letter.sentIn)}${letter.sentBy === undefined ? '' : ` by ${letter.sentBy}`}`]),
      ...(untried === 0 ? [] : [['', `and ${String(untried)} more messages, which were not tried`] as const]),
      ...inputs.map(({ input }): Row => ['  on', `input ${JSON.stringify(input)}`]),
    ]),
    ...nextOf(path, result.causes.at(-1)?.letters.at(-1)),
  ])
}

function nextOf(path: string, letter: (Letter & { readonly sentIn: number }) | undefined): Row[] {
  return letter?.from === undefined ? [] : [['next', `metabonk seek ${path} ${String(letter.sentIn)} --agent ${letter.from.kind}:${String(letter.from.row)}`]]
}
