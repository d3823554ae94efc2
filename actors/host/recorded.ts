import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { hostCrc32, hostReadPorts, openFileSource } from '../../runtime/host/index.ts'
import {
  assert,
  attachShared,
  createSharedMemory,
  decodeInput,
  hashHex,
  layoutHash,
  loadRow,
  MetabonkError,
  openRecording,
  readKeyframe,
  twinKernels,
  type ConfigValues,
  type KindTable,
  type Recording,
  type RecordingManifest,
  type SharedState,
  type TimedInput,
} from '../../runtime/index.ts'
import { stateCounts, type KindStates } from '../statechart/index.ts'
import { buildProgram } from '../world/program.ts'
import { builtinWorlds } from './load-world.ts'
import { prepareWorld, type PreparedWorld } from './prepare.ts'
import { packageVersions, runWorld, type RunProgress, type RunResult } from './run.ts'

/** Options of everything that re-runs a recording. */
export interface ReplayOptions {
  /** Simulation threads. Default: the cores. Never changes a result. */
  readonly workers?: number
  /** Path of the world's file, when it is no longer where the recording says. */
  readonly world?: string
  readonly onProgress?: (progress: RunProgress) => void
  readonly signal?: AbortSignal
}

/** What a recording holds, without running anything. */
export interface RecordingInfo {
  readonly manifest: RecordingManifest
  /** The last hashed step. */
  readonly steps: number
  /** False for a torn file: it holds its steps up to the last complete chunk. */
  readonly complete: boolean
  readonly finalHash: string
  /** Steps of the keyframes. */
  readonly keyframes: readonly number[]
  readonly inputs: number
}

/** A recording opened together with the world that made it. */
export interface OpenedRun {
  readonly path: string
  readonly recording: Recording
  readonly world: PreparedWorld
  readonly inputs: readonly TimedInput[]
}

function open(path: string): Recording {
  return openRecording(openFileSource(path), hostCrc32, hostReadPorts())
}

export function recordedHash(recording: Recording, step: number): string {
  const { lo, hi } = recording.hashAt(step)
  return hashHex(lo, hi)
}

/** Reads what a recording says of itself. Throws `recording-*` errors. */
export function recordingInfo(path: string): RecordingInfo {
  const recording = open(path)
  return {
    manifest: recording.manifest,
    steps: recording.steps,
    complete: recording.complete,
    finalHash: recordedHash(recording, recording.steps),
    keyframes: recording.keyframes.map((each) => each.step),
    inputs: recording.inputs.length,
  }
}

/** A replay that its signal ended before it had its answer. */
export function stopped(path: string, step: number): MetabonkError {
  return new MetabonkError({ code: 'stopped', what: `stopped at step ${step}, before it was done`, where: path })
}

function refuse(path: string, what: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'recording-mismatch', what, where: path, todo })
}

/**
 * Opens a recording and loads its world. Refuses, naming the difference, when world code, layout or xstate are not those it was
 * recorded with.
 */
export async function openRun(path: string, options: Pick<ReplayOptions, 'world'> = {}): Promise<OpenedRun> {
  const recording = open(path)
  const { manifest } = recording
  const world = await prepareWorld(worldOf(path, manifest, options.world), { config: manifest.config as ConfigValues })
  if (world.loaded.codeHash !== manifest.codeHash) {
    throw refuse(path, `the world ${manifest.world} has changed since it was recorded (code ${world.loaded.codeHash}, recorded with ${manifest.codeHash})`, `bring back the code of ${manifest.worldSource}`)
  }
  const versions = packageVersions()
  if (versions.xstate !== manifest.versions.xstate) {
    throw refuse(path, `it was recorded with xstate ${manifest.versions.xstate}, here is ${versions.xstate}`, 'install that version')
  }
  const layout = layoutHash(buildProgram(world.definition, { seed: manifest.seed, config: world.config }))
  if (layout !== manifest.layout) throw refuse(path, `its state lies otherwise in memory (layout ${manifest.layout}, here ${layout})`, 'use the package it was recorded with')
  const inputs = recording.inputs.map((each) => decodeInput(each.bytes, each.step, each.sequence))
  return { path, recording, world, inputs }
}

/** The world's name, or the path of its file: as asked, from the recording's folder, or from this one. */
function worldOf(path: string, { world, worldSource }: RecordingManifest, asked: string | undefined): string {
  if (asked !== undefined) return asked
  if ((builtinWorlds as readonly string[]).includes(worldSource)) return worldSource
  const places = [resolve(dirname(path), worldSource), resolve(worldSource)]
  const found = places.find((each) => existsSync(each))
  if (found !== undefined) return found
  throw new MetabonkError({ code: 'world-not-found', what: `the file of the world ${world} is not at ${worldSource}, as seen from the recording`, where: path, todo: 'say where it is now: --world PATH' })
}

/** The last keyframe at or before a step; undefined when the run has to start from `init`. */
export function keyframeBefore(run: OpenedRun, step: number): { step: number; bytes: Uint8Array } | undefined {
  const found = run.recording.keyframes.filter((each) => each.step <= step && each.step > 0).at(-1)
  return found === undefined ? undefined : { step: found.step, bytes: run.recording.loadKeyframe(found.step) }
}

/** The recorded keyframe of a step, if there is one. */
export function keyframeAt(run: OpenedRun, step: number): { step: number; bytes: Uint8Array } | undefined {
  const found = keyframeBefore(run, step)
  return found?.step === step ? found : undefined
}

/** Part of a recorded run, run again. */
export interface Span {
  readonly from: { readonly step: number; readonly bytes: Uint8Array } | undefined
  readonly to: number
  readonly workers: number | undefined
  /** Compare every hash with the recorded one, and stop at the first that differs. */
  readonly compare: boolean
  readonly wantState: boolean
}

/** Runs a span of a recorded run again. */
export async function runSpan(run: OpenedRun, span: Span, options: ReplayOptions): Promise<RunResult> {
  const { recording, world, inputs } = run
  const offset = span.from?.step ?? 0
  return runWorld({
    world,
    seed: recording.manifest.seed,
    workers: span.workers,
    steps: span.to,
    inputs: inputs.filter((each) => each.step >= offset),
    from: span.from?.bytes,
    expected: span.compare ? expectedHashes(recording) : undefined,
    wantState: span.wantState,
    signal: options.signal,
    onProgress: options.onProgress,
  })
}

function expectedHashes(recording: Recording): Uint32Array {
  const expected = new Uint32Array(2 * (recording.steps + 1))
  for (let step = 0; step <= recording.steps; step++) {
    const { lo, hi } = recording.hashAt(step)
    expected[2 * step] = lo
    expected[2 * step + 1] = hi
  }
  return expected
}

/** The memory of a world holding a state. */
function stateOf(run: OpenedRun, bytes: Uint8Array): SharedState {
  const program = buildProgram(run.world.definition, { seed: run.recording.manifest.seed, config: run.world.config })
  const state = attachShared(program, createSharedMemory(program, 1), twinKernels)
  readKeyframe(state.tables, bytes)
  return state
}

/** The tables of a world holding a state. */
export function tablesOf(run: OpenedRun, bytes: Uint8Array): readonly KindTable[] {
  return stateOf(run, bytes).tables
}

/** A moment of a recorded run. */
export interface SoughtState {
  readonly step: number
  readonly hash: string
  /** Step of the keyframe the replay started from; 0 for `init`. */
  readonly keyframeStep: number
  readonly report: Readonly<Record<string, number>>
  readonly agents: Readonly<Record<string, number>>
  /** All columns of a live row. Throws `usage` when there is no such agent. */
  agent(kind: string, row: number): Record<string, unknown>
  /** How many agents are in each state of their machine, for every kind that has one. */
  states(): KindStates[]
}

/** Replays a recording to a step, checking every hash on the way. Default: its last step. Its signal ends it at an earlier one. */
export async function replayRecording(path: string, options: ReplayOptions & { readonly to?: number } = {}): Promise<{ step: number; finalHash: string; seconds: number; report: Readonly<Record<string, number>>; agents: Readonly<Record<string, number>> }> {
  const run = await openRun(path, options)
  const to = stepWithin(run, options.to ?? run.recording.steps)
  const result = await runSpan(run, { from: undefined, to, workers: options.workers, compare: true, wantState: false }, options)
  checkNoMismatch(run, result)
  return { step: result.outcome.step, finalHash: result.finalHash, seconds: result.seconds, report: result.outcome.report, agents: result.outcome.agents }
}

/** The state of a recorded run at a step: the keyframe before it, and a replay from there. Throws `stopped` when its signal ends it. */
export async function seekRecording(path: string, step: number, options: ReplayOptions = {}): Promise<SoughtState> {
  const run = await openRun(path, options)
  const to = stepWithin(run, step)
  const from = keyframeBefore(run, to)
  const result = await runSpan(run, { from, to, workers: options.workers, compare: true, wantState: true }, options)
  checkNoMismatch(run, result)
  const { outcome } = result
  if (outcome.step !== to) throw stopped(path, outcome.step)
  assert(outcome.state !== undefined, 'a span that wants its state has it')
  const { tables, program } = stateOf(run, outcome.state)
  return {
    step: outcome.step,
    hash: result.finalHash,
    keyframeStep: from?.step ?? 0,
    report: outcome.report,
    agents: outcome.agents,
    agent: (kind, row) => agentOf(tables, kind, row),
    states: () => tables.flatMap((table) => stateCounts(program.behaviours[table.index], table)),
  }
}

function agentOf(tables: readonly KindTable[], kind: string, row: number): Record<string, unknown> {
  const table = tables.find((each) => each.kind.name === kind)
  if (table === undefined) throw new MetabonkError({ code: 'usage', what: `there is no kind '${kind}'`, todo: `choose from ${tables.map((each) => each.kind.name).join(', ')}` })
  if (!(row >= 0 && row < table.rows) || table.alive[row] !== 1) throw new MetabonkError({ code: 'usage', what: `${kind} ${row} is not alive`, todo: `${table.aliveCount} of ${table.rows} rows are` })
  return loadRow(table, row)
}

function stepWithin(run: OpenedRun, step: number): number {
  if (Number.isSafeInteger(step) && step >= 0 && step <= run.recording.steps) return step
  throw new MetabonkError({ code: 'usage', what: `step ${step} is not in the recording`, where: run.path, todo: `give a step from 0 to ${run.recording.steps}` })
}

function checkNoMismatch(run: OpenedRun, result: RunResult): void {
  const step = result.outcome.mismatch ?? result.outcome.step
  if (result.finalHash === recordedHash(run.recording, step)) return
  throw refuse(run.path, `the replay differs from the recording at step ${step}: ${result.finalHash} is not ${recordedHash(run.recording, step)}`, 'run metabonk verify on it: that says which column of which agent')
}
