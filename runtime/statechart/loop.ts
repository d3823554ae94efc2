import { mailWord, mailHeaderWords } from '../mail/layout.ts'
import { frameWords } from '../ring/bulk.ts'
import { generate } from '../schema/generate.ts'
import type { ColumnArray } from '../schema/types.ts'
import type { MachineEvent } from './actions.ts'
import { outcome, type Cell } from './cell.ts'
import type { MailPlace, RowContext } from './flyweight.ts'

/** How a message reaches machines: the number of its event, and the event in both forms. */
export interface MailEntry {
  readonly event: number
  readonly fast: MachineEvent
  readonly plain: MachineEvent
}

/** What stands in a table for a cell that does nothing. */
export const idle = { run: (): number => 0 } as const

/** What the loop over rows works on. */
export interface LoopScene {
  readonly alive: Uint8Array
  /** `$state`. */
  readonly state: Uint32Array
  /** `$timers`, and how many a row has. */
  readonly due: ColumnArray | undefined
  readonly timers: number
  /** Words of the inbox. */
  readonly words: Uint32Array
  /** Where each row's mail begins: that of the next row is where it ends. */
  readonly starts: Uint32Array
  /** By number of the message type. */
  readonly mail: readonly (MailEntry | undefined)[]
  readonly place: MailPlace
  readonly context: RowContext
  readonly fast: { event: MachineEvent }
  readonly plain: { event: MachineEvent }
  readonly stepEvent: MachineEvent
  readonly stepPlace: number
  readonly fireTimers: (row: number) => void
  /** Whether a row's machine handles STEP. */
  readonly handlesStep: (row: number) => boolean
  /** Runs an event for a row, up to where it may be unsettled. */
  readonly run: (row: number, event: number) => number
  readonly settle: (row: number) => void
  /** Cells by number of a configuration and event, {@link idle} where there is nothing to do; undefined when the configurations are too many. */
  readonly table: (Cell | typeof idle | undefined)[] | undefined
  /** Events by which the table is laid out. */
  readonly stride: number
}

/** The rows [begin, end) of a step. */
export interface LoopRange {
  readonly begin: number
  readonly end: number
  readonly hasMail: boolean
  readonly step: number
}

/** Runs timers, mail and STEP of live rows. */
export type Loop = (range: LoopRange) => void

const runMail = `const entry = mail[words[at + ${mailWord.type}]]
place.word = at + ${mailHeaderWords}
context.$row = row
fast.event = entry.fast
plain.event = entry.plain`

const seeStep = `context.$row = row
fast.event = stepEvent
plain.event = stepEvent`

/** Statements that let a row run an event, by way of the table or without one. */
function runCode({ table, stride }: LoopScene, event: string): string {
  const call = table === undefined ? `run(row, ${event})` : `(cell === undefined ? run(row, ${event}) : cell.run(row))`
  const look = table === undefined ? '' : `const cell = table[state[row] * ${stride} + ${event}]\n`
  return `${look}if ((${call} & ${outcome.unsettled}) !== 0) settle(row)`
}

function stepCode(scene: LoopScene): string {
  if (scene.table === undefined) return `if (handlesStep(row)) {\n${seeStep}\n${runCode(scene, 'stepPlace')}\n}`
  return `const cell = table[state[row] * ${scene.stride} + ${scene.stepPlace}]
if (cell !== idle) {
${seeStep}
if (((cell === undefined ? run(row, ${scene.stepPlace}) : cell.run(row)) & ${outcome.unsettled}) !== 0) settle(row)
}`
}

/**
 * Generates the loop: it holds all arrays itself, which V8 takes for constants, and looks the cell up where the number of the configuration is read.
 * Written as a method it took twice as long. `name` must be the kind's own: V8 would let loops of the same text share what it learns.
 */
export function bindLoop(name: string, scene: LoopScene): Loop {
  const timers = Array.from({ length: scene.timers }, (_, i) => `((due_at = due[row * ${scene.timers} + ${i}]) !== 0 && due_at <= step)`).join(' || ')
  const body = `return function loop_${name}({ begin, end, hasMail, step }) {
let due_at = 0
for (let row = begin; row < end; row++) {
if (alive[row] !== 1) continue
${timers === '' ? '' : `if (${timers}) fireTimers(row)`}
if (hasMail) {
const last = starts[row + 1]
for (let at = starts[row]; at < last; at += frameWords(words[at])) {
${runMail}
${runCode(scene, 'entry.event')}
}
}
${stepCode(scene)}
}
}`
  return generate(body, { ...scene, idle, frameWords }) as Loop
}
