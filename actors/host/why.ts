import { hostKernels, partsOfRun } from '../../runtime/host/index.ts'
import { MetabonkError, parseTarget, type Lane, type Recording, type SharedState } from '../../runtime/index.ts'
import { columnOf, type Cell, type CellNow } from '../travel/cell.ts'
import { originOf, programOf, stepWithin } from '../travel/opened-run.ts'
import { scopeOf } from '../travel/query.ts'
import { Replica } from '../travel/replica.ts'
import { spansBetween, type Span } from '../travel/spans.ts'
import type { Letter } from '../travel/mail.ts'
import { StepProbe, type Watched } from '../travel/probe.ts'
import { inputsOn, sendersOf, watchCell, watchMail, type Cause, type Reason } from '../travel/why.ts'
import { openRun, type LoadedRun, type ReplayOptions } from './recorded.ts'
import { replaySpans } from './span-pool.ts'
import { travelTo } from './travel-to.ts'

/** Why a column of an agent holds what it holds. */
export interface WhyResult extends Cell, Reason {
  /** The value at the step that was asked for, as JSON; undefined when the agent was not alive. */
  readonly value: string | undefined
  /** What it was before; undefined when it had not been alive. */
  readonly before: string | undefined
}

/** Options of {@link whyRecording}. */
export interface WhyOptions extends ReplayOptions {
  /** In a part of a run, what has not changed in it is looked for in the parts before. */
  readonly parts?: boolean
}

/** The part of the run before the one that begins with a step. */
function partBefore(path: string, first: number): string | undefined {
  return partsOfRun(path).find(({ end }) => end?.steps === first)?.path
}

/**
 * Walks back from a step to the one that last changed a column of an agent (`enemy[3].health`), and looks into that: which part of
 * it (input, machine, system, birth), and which messages, sent by whom. Throws `usage` for a target that the world does not have, and for a column that
 * has not changed since the first state that is there.
 */
export async function whyRecording(path: string, step: number, target: string, options: WhyOptions = {}): Promise<WhyResult> {
  const run = await openRun(path, options)
  const cell = cellOf(run, target)
  const spans = spansBetween(run.recording, run.recording.first, stepWithin(run, step)).reverse().filter((each) => mayChange(run.recording, cell, each))
  const { results } = await replaySpans(run, { form: 'trace', cell }, spans, options)
  const found = results.findIndex((each) => (each.changes ?? []).length > 1)
  // Where nothing changed, the first span of all begins with how init made it.
  const changes = results.at(found < 0 ? -1 : found)?.changes ?? []
  const [last, before] = [changes.at(-1), changes.at(-2)]
  const value = valueOf(last)
  if (last === undefined || (value === undefined && before === undefined)) throw new MetabonkError({ code: 'usage', what: `${cell.kind} ${cell.row} was never alive up to step ${step}`, todo: 'ask for a live row' })
  if (found < 0 && run.recording.first > 0) return whyInPartBefore(run, cell, { step, target, options })
  return { ...cell, value, before: valueOf(before), ...await causesOf(run, cell, found < 0 ? 0 : last.step, options) }
}

/** Asks the part before for what has not changed in this one. */
function whyInPartBefore(run: LoadedRun, cell: Cell, { step, target, options }: { readonly step: number; readonly target: string; readonly options: WhyOptions }): Promise<WhyResult> {
  const { first } = run.recording
  const isAsked = options.parts === true
  const before = isAsked ? partBefore(run.path, first) : undefined
  if (before === undefined) throw unchangedInPart(run, cell, { step, isGone: isAsked })
  return whyRecording(before, first, target, options)
}

function unchangedInPart({ path, recording }: LoadedRun, { kind, row, column }: Cell, { step, isGone }: { readonly step: number; readonly isGone: boolean }): MetabonkError {
  const { first, manifest } = recording
  const what = `${kind}[${row}].${column} has not changed from step ${first}, with which this part of the run begins, to step ${step}`
  if (isGone && manifest.follows !== undefined) return new MetabonkError({ code: 'usage', what, where: path, todo: `the part before, ${manifest.follows.recording}, is gone: step ${first} is the first there is` })
  return new MetabonkError({ code: 'usage', what, where: path, todo: manifest.follows === undefined ? 'ask the run it comes from' : `ask the part before, ${manifest.follows.recording}, at step ${first}` })
}

/** Looks into the step that led to the state `changed`, in which a value is another one than in the state before. */
async function causesOf(run: LoadedRun, cell: Cell, changed: number, options: WhyOptions): Promise<Reason> {
  if (changed === 0) return { step: -1, causes: [] }
  const step = changed - 1
  const { probe } = await probed(run, step, (state) => watchCell(state, cell), options)
  const letters = probe.changes.flatMap((change) => change.letters)
  const senders = letters.length === 0 ? [] : await sendersIn(run, step - 1, letters, options)
  const causes = probe.changes.map((change): Cause => ({
    ...change,
    letters: change.letters.map((letter) => ({ ...letter, sentIn: step - 1, sentBy: senders[letters.indexOf(letter)] })),
    inputs: change.part === 'inputs' ? inputsOn(cell, run.inputs.filter((each) => each.step === step)) : [],
  }))
  return { step, causes }
}

async function sendersIn(run: LoadedRun, step: number, letters: readonly Letter[], options: WhyOptions): Promise<(string | undefined)[]> {
  if (step < 0) return letters.map(() => 'init')
  const { first } = run.recording
  const before = step < first && options.parts === true ? partBefore(run.path, first) : undefined
  const holder = before === undefined ? run : await openRun(before, options)
  if (step < holder.recording.first) return letters.map(() => undefined)
  const { probe, replica } = await probed(holder, step, watchMail, options)
  return sendersOf(probe, replica.state, letters)
}

/** Runs one step under a probe. */
async function probed(run: LoadedRun, step: number, watch: (state: SharedState) => Watched, options: ReplayOptions): Promise<{ readonly probe: StepProbe; readonly replica: Replica }> {
  const probes: StepProbe[] = []
  const checker = (lane: Lane): StepProbe => {
    const made = new StepProbe(lane)
    probes.push(made)
    return made
  }
  const replica = new Replica(run, hostKernels(), { cacheBytes: 0, checker })
  await travelTo(replica, step, { signal: options.signal })
  const probe = probes[probes.length - 1]
  probe.arm(watch(replica.state))
  replica.runTo(step + 1)
  return { probe, replica }
}

/** The value of a live agent. */
function valueOf(now: CellNow | undefined): string | undefined {
  return now === undefined || now.life === 0 ? undefined : now.value
}

/** The cell that a text names. */
function cellOf(run: LoadedRun, target: string): Cell {
  const { kind: { name: kind }, row, column, element, state: isState } = parseTarget(target, scopeOf(programOf(run), run.definition))
  if (column === undefined && !isState) throw new MetabonkError({ code: 'usage', what: `'${target}' names an agent and no column`, todo: `write ${kind}[${row}].column` })
  return { kind, row, column: column?.name ?? 'state', isState, element }
}

/** Whether the recorded hashes let the column, or the lives of its kind, change within a span. */
function mayChange(recording: Recording, cell: Cell, { from, to }: Span): boolean {
  if (from === originOf(recording)) return true
  const { kind } = cell
  const names = [columnOf(cell), '$alive', '$generation']
  const ids = new Set(recording.manifest.columns.flatMap((each, id) => (each.kind === kind && names.includes(each.column) ? [id] : [])))
  for (let step = from + 1; step <= to; step++) if (recording.changedAt(step).some((each) => ids.has(each.column))) return true
  return false
}
