import { addressOf, frameWords, mailWord, type Kernels, type SharedState } from '../../runtime/index.ts'
import { readCell, type Cell } from './cell.ts'
import type { Letter } from './mail.ts'
import type { OpenedRun } from './opened-run.ts'
import { StepProbe, type PartChange, type Watched } from './probe.ts'
import { Replica } from './replica.ts'

/** A part of a step that changed a value, and the messages that made it do so. */
export interface Cause extends Omit<PartChange, 'letters'> {
  readonly letters: readonly (Letter & {
    /** The step it was sent in. */
    readonly sentIn: number
    /** The part of that step that sent it. */
    readonly sentBy: string | undefined
  })[]
}

/** Why a value is what it is. */
export interface Reason {
  /** The step that changed it: the state of the next step has the new value. -1: `init` made it. */
  readonly step: number
  readonly causes: readonly Cause[]
}

/** Looks into the step that led to the state `changed`, in which a value is another one than in the state before. */
export function causesOf(run: OpenedRun, kernels: Kernels, cell: Cell, changed: number): Reason {
  if (changed === 0) return { step: -1, causes: [] }
  const step = changed - 1
  const { changes } = probe(run, kernels, step, (state) => watchCell(state, cell))
  const causes = changes.map((change) => ({ ...change, letters: change.letters.map((letter) => ({ ...letter, sentIn: step - 1, sentBy: senderOf({ run, kernels, letter, step: step - 1 }) })) }))
  return { step, causes }
}

/** Runs one step under a probe. */
function probe(run: OpenedRun, kernels: Kernels, step: number, watch: (state: SharedState) => Watched): { readonly changes: readonly PartChange[] } {
  const probes: StepProbe[] = []
  const replica = new Replica(run, kernels, {
    cacheBytes: 0,
    checker: (lane) => {
      const made = new StepProbe(lane)
      probes.push(made)
      return made
    },
  })
  replica.moveTo(step)
  const probe = probes[probes.length - 1]
  probe.arm(watch(replica.state))
  replica.runTo(step + 1)
  return probe
}

function watchCell(state: SharedState, cell: Cell): Watched {
  const kind = state.program.kinds.findIndex((each) => each.name === cell.kind)
  return {
    agent: { kind, row: cell.row },
    look: () => {
      const { life, value } = readCell(state, cell)
      return life === 0 ? 'dead' : value
    },
  }
}

/** The part of a step that sent a message. */
function senderOf({ run, kernels, letter, step }: { readonly run: OpenedRun; readonly kernels: Kernels; readonly letter: Letter; readonly step: number }): string | undefined {
  if (step < 0) return 'init'
  return probe(run, kernels, step, (state) => ({ look: () => String(countSent(state, letter)) })).changes.at(-1)?.part
}

/** How many such messages lie in the outboxes. */
function countSent(state: SharedState, { type, from, to }: Letter): number {
  const { kinds, types } = state.program
  const code = types.findIndex((each) => each.name === type)
  const address = (end: { readonly kind: string; readonly row: number } | undefined): number => (end === undefined ? 0 : addressOf(kinds.findIndex((each) => each.name === end.kind), end.row))
  let count = 0
  for (const { words, used } of state.outboxes) {
    for (let at = 0; at < used; at += frameWords(words[at])) {
      if (words[at + mailWord.type] === code && words[at + mailWord.to] === address(to) && words[at + mailWord.from] === address(from)) count++
    }
  }
  return count
}
