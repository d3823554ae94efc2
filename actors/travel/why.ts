import type { SharedState, TimedInput } from '../../runtime/index.ts'
import { exactJson } from '../../runtime/index.ts'
import { readCell, type Cell } from './cell.ts'
import { readLetters, type Letter } from './mail.ts'
import type { PartChange, StepProbe, Watched } from './probe.ts'

/** A part of a step that changed a value, and the messages that made it do so. */
export interface Cause extends Omit<PartChange, 'letters'> {
  readonly letters: readonly (Letter & {
    /** The step it was sent in. */
    readonly sentIn: number
    /** The part of that step that sent it. */
    readonly sentBy: string | undefined
  })[]
  /** The inputs that are to blame, where the part is that of the inputs. */
  readonly inputs: readonly TimedInput[]
}

/** Why a value is what it is. */
export interface Reason {
  /** The step that changed it: the state of the next step has the new value. -1: `init` made it. */
  readonly step: number
  readonly causes: readonly Cause[]
}

/** Watches a cell of the state that a replica has now. */
export function watchCell(state: SharedState, cell: Cell): Watched {
  const kind = state.program.kinds.findIndex((each) => each.name === cell.kind)
  return {
    agent: { kind, row: cell.row },
    look: () => {
      const { life, value } = readCell(state, cell)
      return life === 0 ? 'dead' : value
    },
  }
}

/** Watches how much was sent. */
export function watchMail({ outboxes }: SharedState): Watched {
  return { look: () => outboxes.map(({ used }) => used).join() }
}

/** The part of a step that sent each of some messages, by what a probe saw that was given {@link watchMail}; its step is over. */
export function sendersOf({ changes }: StepProbe, state: SharedState, letters: readonly Letter[]): (string | undefined)[] {
  const sent = changes.flatMap(({ part, before, after }) => {
    const [from, to] = [before, after].map((used) => used.split(',').map(Number))
    return state.outboxes.flatMap(({ words }, box) => readLetters(state, { words, begin: from[box], end: to[box] }).map((letter) => ({ part, text: exactJson(letter) })))
  })
  return letters.map((letter) => sent.find(({ text }) => text === exactJson(letter))?.part)
}

/** The inputs of a step that could have changed a cell. */
export function inputsOn(cell: Cell, inputs: readonly TimedInput[]): TimedInput[] {
  return inputs.filter(({ input }) => {
    if (input.form === 'config' || input.kind !== cell.kind) return false
    return input.form === 'spawn' || (input.row === cell.row && (input.form === 'kill' || input.column === cell.column))
  })
}
