import { isDeepStrictEqual } from 'node:util'
import type { StateValue } from 'xstate'
import type { Executor } from '../../actors/statechart/index.ts'
import { Agents, type AgentsOptions } from './agents.ts'
import type { MachineCase, StatePlan } from './machine-plans.ts'
import { Actor, buildMachine } from './random-machines.ts'
import { ReferenceActor } from './reference.ts'

/** What can be seen of a machine after an event, by its user or, among ourselves, in its columns. */
interface Seen {
  readonly value: StateValue
  readonly context: Readonly<Record<string, unknown>>
  readonly timers: Readonly<Record<string, number>>
  /** Actions executed since the event before. */
  readonly actions: readonly string[]
  readonly columns?: Readonly<Record<string, unknown>>
}

/** What is seen of a machine at its start and after each turn; the last is the error that stopped it, if one did. */
interface Trace {
  readonly seen: readonly Seen[]
  readonly error: unknown
}

/** What an endless loop is called: by XState, and by us. */
const endless = /^Infinite loop detected|does not come to rest/

interface Side {
  readonly error: unknown
  turn(mail: MachineCase['turns'][number]): void
  look(): Omit<Seen, 'actions'>
}

function trace({ turns }: MachineCase, start: (log: (text: string) => void) => Side): Trace {
  const seen: Seen[] = []
  let actions: string[] = []
  const side = start((text) => actions.push(text))
  const look = (): void => {
    seen.push({ ...side.look(), actions })
    actions = []
  }
  for (let turn = 0; side.error === undefined; turn++) {
    look()
    if (turn === turns.length) break
    side.turn(turns[turn])
  }
  return { seen, error: side.error }
}

/** XState's own actor. */
export function referenceTrace(machineCase: MachineCase): Trace {
  return trace(machineCase, (log) => {
    const actor = new ReferenceActor(buildMachine(machineCase.root, { log, round: Math.fround }))
    return {
      get error() {
        return actor.error
      },
      turn: (mail) => {
        actor.turn(mail)
      },
      look: () => ({ value: actor.value, context: actor.context, timers: actor.timers }),
    }
  })
}

export interface ExecutorOptions {
  readonly executor: Executor
  /** The machine, where it is another than the reference runs. */
  readonly root?: StatePlan
  /** Forget everything but the columns before each turn. */
  readonly forgetful?: boolean
  /** Look at the columns too. */
  readonly columns?: boolean
}

/** One of our executors. */
export function executorTrace(machineCase: MachineCase, { executor, root = machineCase.root, forgetful = false, columns = false }: ExecutorOptions): Trace {
  return trace(machineCase, (log) => {
    let error: unknown
    const attempt = <T>(act: () => T): T | undefined => {
      try {
        return act()
      } catch (cause) {
        error = cause
        return undefined
      }
    }
    const agents = attempt(() => new Agents({ kind: Actor, machine: buildMachine(root, { log, round: (value) => value }), executor }))
    return {
      get error() {
        return error
      },
      turn: (mail) => {
        if (forgetful) agents?.rebind()
        attempt(() => agents?.turn(() => mail))
      },
      look: () => ({ value: agents?.value(0) ?? '', context: agents?.context(0) ?? {}, timers: agents?.timers(0) ?? {}, ...(columns ? { columns: agents?.columns(0) } : {}) }),
    }
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Where two traces part, in words, or undefined when they are the same. An endless loop has to be one on both sides. */
export function difference(theirs: Trace, ours: Trace): string | undefined {
  const turns = Math.max(theirs.seen.length, ours.seen.length)
  for (let turn = 0; turn < turns; turn++) {
    const [a, b] = [theirs.seen.at(turn), ours.seen.at(turn)]
    if (!isDeepStrictEqual(a, b)) return `after turn ${turn}:\n  theirs ${JSON.stringify(a ?? messageOf(theirs.error))}\n  ours   ${JSON.stringify(b ?? messageOf(ours.error))}`
  }
  if (endless.test(messageOf(theirs.error)) === endless.test(messageOf(ours.error)) && (theirs.error === undefined) === (ours.error === undefined)) return undefined
  return `after turn ${turns}: theirs ${messageOf(theirs.error)}, ours ${messageOf(ours.error)}`
}

/** What is seen of a row of a crowd: everything but its actions, which are told without it. */
function seenOf(agents: Agents, row: number): Omit<Seen, 'actions'> {
  return { value: agents.value(row), context: agents.context(row), timers: agents.timers(row) }
}

/** The first row that is not what XState makes of it, in words. */
function strayRow(agents: Agents, rows: number, wanted: (row: number) => Seen): string | undefined {
  for (let row = 0; row < rows; row++) {
    const { value, context, timers } = wanted(row)
    const [theirs, ours] = [{ value, context, timers }, seenOf(agents, row)]
    if (!isDeepStrictEqual(theirs, ours)) return `row ${row}:\n  theirs ${JSON.stringify(theirs)}\n  ours   ${JSON.stringify(ours)}`
  }
  return undefined
}

/** Whether the machine of a row of a crowd goes round in circles in a turn. */
function isCrowdEndless(traces: readonly Trace[], { turn, crowd, rows }: { readonly turn: number; readonly crowd: number; readonly rows: number }): boolean {
  return traces.some(({ seen }, i) => seen.length === turn + 1 && (i - crowd + traces.length) % traces.length < rows)
}

/** What goes wrong in a turn, in words; nothing to speak of where an endless loop was to be stopped, and was. */
function turnFault(turn: () => void, isEndless: boolean): string | undefined {
  try {
    turn()
  } catch (cause) {
    return isEndless && endless.test(messageOf(cause)) ? '' : messageOf(cause)
  }
  return isEndless ? 'no error of an endless loop' : undefined
}

/** One more is born: what it is, in words, unless it is what XState makes of it. */
function strayBirth(agents: Agents, { value, context }: Seen): string | undefined {
  const born = seenOf(agents, agents.spawn())
  return isDeepStrictEqual([value, context], [born.value, born.context]) ? undefined : `born as ${JSON.stringify(born)}`
}

/** Populations of one machine, by their rows, and how far its tables grow. */
export interface CrowdPlan {
  readonly rows: readonly number[]
  readonly tables?: AgentsOptions['tables']
}

/**
 * Where the rows of crowds of one machine, compiled, part from one actor of XState each: so many that the machine's tables become code. They get the turns
 * of the case, every row from another one on; between turns one more is born.
 */
export function crowdDifference(machineCase: MachineCase, { rows, tables }: CrowdPlan): string | undefined {
  const { turns, root } = machineCase
  const traces = turns.map((_, first) => referenceTrace({ ...machineCase, turns: [...turns.slice(first), ...turns.slice(0, first)] }))
  if (turns.length === 0 || traces.some(({ seen }) => seen.length === 0)) return undefined
  const machine = buildMachine(root, { log: () => undefined, round: (value) => value })
  const programs = new Map()
  const crowds = rows.map((count) => new Agents({ kind: Actor, machine, executor: 'compiled', rows: count, programs, tables }))
  for (let turn = 0; ; turn++) {
    for (const [crowd, agents] of crowds.entries()) {
      const stray = strayRow(agents, rows[crowd], (row) => traces[(row + crowd) % turns.length].seen[turn])
      if (stray !== undefined) return `after turn ${turn}, crowd ${crowd}, ${stray}`
    }
    if (turn === turns.length) return undefined
    for (const [crowd, agents] of crowds.entries()) {
      const fault = turnFault(() => {
        agents.turn((row) => turns[(row + crowd + turn) % turns.length])
      }, isCrowdEndless(traces, { turn, crowd, rows: rows[crowd] }))
      if (fault !== undefined) return fault === '' ? undefined : `in turn ${turn}, crowd ${crowd}: ${fault}`
    }
    const stray = crowds.map((agents) => strayBirth(agents, traces[0].seen[0])).find((each) => each !== undefined)
    if (stray !== undefined) return `after turn ${turn}, ${stray}`
  }
}
