/** What people are told of questions about runs, a line each. */
import type { Comparison, Divergence, Letter, MailApart, SideBySide, WhyResult } from '../actors/index.ts'
import { letterText } from './letters.ts'

/** A line of an answer: a name, and what there is to say. */
export type AnswerRow = readonly [name: string, value: string | number]

function messageRows(messages: MailApart | undefined, [a, b]: readonly [string, string]): AnswerRow[] {
  if (messages === undefined) return []
  const rows = (name: string, letters: readonly Letter[]): AnswerRow[] => letters.map((each, i): AnswerRow => [i === 0 ? name : '', letterText(each)])
  return [...rows('last messages both have', messages.both), ...rows(`message only ${a} has`, messages.onlyA), ...rows(`message only ${b} has`, messages.onlyB)]
}

/** What is different there, with both states in hand. */
export function apartRows({ apart, messages }: SideBySide, names: readonly [string, string]): AnswerRow[] {
  if (apart === undefined) return []
  const { values, mail, settings } = apart
  const [a, b] = names
  const sides = (left: string, right: string): string => `${a} ${left}   ${b} ${right}`
  return [
    ...settings.map((each): AnswerRow => [each.field, sides(each.a, each.b)]),
    ...values.map((each): AnswerRow => [`${each.kind}[${String(each.row)}].${each.column}`, sides(plainText(each.a), plainText(each.b))]),
    ...(mail === undefined ? [] : [['mail', sides(mail.a === undefined ? 'nothing' : letterText(mail.a), mail.b === undefined ? 'nothing' : letterText(mail.b))] as const]),
    ...messageRows(messages, names),
  ]
}

/** Exact JSON as people read it: numbers that JSON has no form for stand by themselves. */
function plainText(json: string): string {
  return json.replace(/\{"\$number":"([^"]+)"\}/g, '$1')
}

/** Where two runs come apart, by their hashes. */
export function divergenceRows({ manifest, first, stepsA, stepsB, step, columnsStep, columns }: Divergence): AnswerRow[] {
  const steps = Math.min(stepsA, stepsB)
  const lengths: AnswerRow[] = stepsA === stepsB ? [] : [['steps', `A ${String(stepsA)}   B ${String(stepsB)}`]]
  const told = [...manifest.map((each): AnswerRow => [each.field, `A ${each.a}   B ${each.b}`]), ...lengths]
  if (step === undefined) return [...told, ['same', `all ${String(steps + 1 - first)} states that both have, ${String(first)} to ${String(steps)}`]]
  const until = step === first ? 'the runs differ from the start' : `the states ${String(first)} to ${String(step - 1)} are the same`
  return [...told, ['first difference', `step ${String(step)}: ${until}`], ...(columns.length === 0 ? [] : [['columns', `${columnsStep === step ? '' : `from step ${String(columnsStep)} on: `}${columns.join(', ')}`] as const])]
}

/** Inputs that only one of two runs has. */
export function inputRows({ inputs }: Comparison): AnswerRow[] {
  return (['a', 'b'] as const).flatMap((side) => inputs[side].map(({ step, input }): AnswerRow => [`input only ${side.toUpperCase()} has`, `before step ${String(step)}: ${JSON.stringify(input)}`]))
}

/** Why a value is what it is: what changed it, on whose message. */
export function whyRows(result: WhyResult): AnswerRow[] {
  const name = `${result.kind}[${String(result.row)}].${result.column}${result.element === undefined ? '' : `[${String(result.element)}]`}`
  const change = `${plainText(result.before ?? 'nobody')} became ${plainText(result.value ?? 'nobody')}`
  return [
    [name, plainText(result.value ?? 'nobody lives there')],
    ['changed', result.step < 0 ? `by init: ${change}` : `in step ${String(result.step)}: ${change}`],
    ...result.causes.flatMap(({ part, before, after, letters, untried, inputs, byClock, askedBy }): AnswerRow[] => [
      ['by', `${part}: ${plainText(before)} became ${plainText(after)}${byClock ? ', by its clock' : ''}${askedBy.length === 0 ? '' : `, asked for by ${askedBy.join(' and ')}`}`],
      ...letters.map((letter): AnswerRow => ['  on', `${letterText(letter)}, sent in step ${String(letter.sentIn)}${letter.sentBy === undefined ? '' : ` by ${letter.sentBy}`}`]),
      ...(untried === 0 ? [] : [['', `and ${String(untried)} more messages, which were not tried`] as const]),
      ...inputs.map(({ input }): AnswerRow => ['  on', `input ${JSON.stringify(input)}`]),
    ]),
  ]
}
