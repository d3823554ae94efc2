import { MetabonkError } from '../../../../actors/index.ts'
import type { Desk } from '../desk.ts'

/** What can be typed after `:`; keys are short for some of it. */
export interface Command {
  readonly name: string
  /** What follows the name, like `<step>`; '' for nothing. */
  readonly takes: string
  readonly does: string
  /** What the last word of `given` could become. */
  readonly complete?: (desk: Desk, given: string) => readonly string[]
  run(desk: Desk, given: string): void | Promise<void>
}

/** Refuses what a command was given. */
export function refuse(command: string, given: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'usage', what: given === '' ? `${command} needs to know more` : `${command} can't take '${given}'`, todo })
}

const stepPattern = /^\d+$/

/** A step as people give it: a number, a mark, `start` or `end`. */
export function stepOf(desk: Desk, command: string, given: string): number {
  const { timeline, marks } = desk.playhead
  const named: Readonly<Record<string, number | undefined>> = { start: timeline.first, end: timeline.last }
  const step = named[given] ?? marks.find(({ name }) => name === given)?.step
  if (step !== undefined) return step
  if (stepPattern.test(given)) return Number(given)
  throw refuse(command, given, 'give the number of a step, a mark, start or end')
}

const agentPattern = /^(\w+)[[:](\d+)\]?$/

/** An agent as people name it: `enemy[3]` or `enemy:3`. */
export function agentOf(command: string, given: string): { readonly kind: string; readonly row: number } {
  const [, kind, row] = (agentPattern.exec(given) ?? []) as (string | undefined)[]
  if (kind === undefined) throw refuse(command, given, 'name an agent like enemy[3]')
  return { kind, row: Number(row) }
}

/** The recording that holds what is shown. */
export function recordingOf(desk: Desk): string {
  const { file } = desk.playhead
  if (file !== undefined) return file
  throw new MetabonkError({ code: 'usage', what: 'this run is not recorded', todo: 'start it without --no-record' })
}

/** Names of the columns of the kind that is chosen. */
export function columnNames(desk: Desk): readonly string[] {
  return desk.playhead.about.kinds.find(({ name }) => name === desk.tab.kind)?.columns.map(({ name }) => name) ?? []
}
