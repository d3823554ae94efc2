import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { layoutHash, MetabonkError, recordingChannels, type ConfigValues, type RecordedTopic, type Recording, type RecordingManifest, type TimedInput } from '../../runtime/index.ts'
import { inputsOf, programOf, recordedHash, stepWithin, type OpenedRun } from '../travel/opened-run.ts'
import { ReplayMismatch } from '../travel/replica.ts'
import { builtinWorlds, type LoadedWorld } from './load-world.ts'
import { openFile } from './open-file.ts'
import { prepareWorld, type PreparedWorld } from './prepare.ts'
import { packageVersions, runWorld, type RunProgress, type RunResult } from './run.ts'

/** Options of everything that re-runs a recording. */
export interface ReplayOptions {
  /** Threads. Default: the cores. Never changes a result. */
  readonly workers?: number
  /** Path of the world's file, when it is no longer where the recording says. */
  readonly world?: string
  readonly onProgress?: (progress: RunProgress) => void
  readonly signal?: AbortSignal
}

/** What a recording holds, without running anything. */
export interface RecordingInfo {
  readonly manifest: RecordingManifest
  /** The first step: 0, unless it is a part of a run that follows another one. */
  readonly first: number
  /** The last hashed step. */
  readonly steps: number
  /** False for a torn file: it holds its steps up to the last complete chunk. */
  readonly complete: boolean
  readonly finalHash: string
  /** The run was to end before this step, as was said last. */
  readonly until: number | undefined
  /** Why it ended; undefined for a torn file. */
  readonly reason: string | undefined
  /** The file in which the run goes on, where it is recorded in parts. */
  readonly next: string | undefined
  /** Steps of the keyframes. */
  readonly keyframes: readonly number[]
  readonly inputs: number
  /** Channels beside hashes, inputs and keyframes: how many messages they hold, and how many were dropped. */
  readonly streams: readonly { readonly topic: string; readonly messages: number; readonly dropped: number }[]
  /** Files it carries along. */
  readonly attachments: readonly string[]
  readonly bytes: number
  /** SHA-256 of its bytes as it says itself, and the public key it was signed with; {@link verifyRecording} checks both. */
  readonly sha256: string | undefined
  readonly publicKey: string | undefined
}

/** A recording opened together with its world, and with what other threads need to evaluate that. */
export interface LoadedRun extends OpenedRun {
  readonly loaded: LoadedWorld
}

/** The channels of a recording beside those that every one has. */
export function streamTopics({ topics }: Recording): readonly RecordedTopic[] {
  return topics.filter(({ topic }) => !(topic in recordingChannels))
}

/** Reads what a recording says of itself. Throws `recording-*` errors. */
export function recordingInfo(path: string): RecordingInfo {
  const recording = openFile(path)
  return {
    manifest: recording.manifest,
    first: recording.first,
    steps: recording.steps,
    complete: recording.complete,
    finalHash: recordedHash(recording, recording.steps),
    until: recording.until,
    reason: recording.end?.reason,
    next: recording.end?.next,
    keyframes: recording.keyframes.map((each) => each.step),
    inputs: recording.inputs.length,
    streams: streamTopics(recording).map(({ topic, messages, dropped }) => ({ topic, messages, dropped })),
    attachments: recording.attachments.map(({ name }) => name),
    bytes: recording.source.size,
    sha256: recording.end?.sha256,
    publicKey: recording.end?.publicKey,
  }
}

/** Everything that came from outside in a recorded run, for another run to take. Throws `recording-*` errors. */
export function recordedInputs(path: string): TimedInput[] {
  return inputsOf(openFile(path))
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
export async function openRun(path: string, options: Pick<ReplayOptions, 'world'> = {}): Promise<LoadedRun> {
  const recording = openFile(path)
  const { manifest } = recording
  const run = loadedRun(path, recording, await matchingWorld(path, manifest, options.world))
  const layout = layoutHash(programOf(run))
  if (layout !== manifest.layout) throw refuse(path, `its state lies otherwise in memory (layout ${manifest.layout}, here ${layout})`, 'use the package it was recorded with')
  return run
}

/** The world of a recording, as {@link openRun} finds and checks it. */
export async function matchingWorld(path: string, manifest: RecordingManifest, asked: string | undefined): Promise<PreparedWorld> {
  const world = await worldWith(path, manifest, asked)
  if (world.loaded.codeHash !== manifest.codeHash) {
    throw refuse(path, `the world ${manifest.world} has changed since it was recorded (code ${world.loaded.codeHash}, recorded with ${manifest.codeHash})`, `bring back the code of ${manifest.worldSource}`)
  }
  const versions = packageVersions()
  if (versions.xstate !== manifest.versions.xstate) {
    throw refuse(path, `it was recorded with xstate ${manifest.versions.xstate}, here is ${versions.xstate}`, 'install that version')
  }
  return world
}

/** The world that a recording is asked to be of, with the recorded settings. */
async function worldWith(path: string, manifest: RecordingManifest, asked: string | undefined): Promise<PreparedWorld> {
  const name = worldOf(path, manifest, asked)
  try {
    return await prepareWorld(name, { config: manifest.config as ConfigValues })
  } catch (error) {
    if (!(error instanceof MetabonkError && error.code === 'config')) throw error
    throw refuse(path, `the world ${name} does not take the settings it was recorded with: ${error.what}`, `give the code of ${manifest.world} as it was recorded`)
  }
}

/** A recording under a world, whether that made it or not. */
export function loadedRun(path: string, recording: Recording, { loaded, definition, config }: PreparedWorld): LoadedRun {
  return { path, recording, loaded, definition, config, inputs: inputsOf(recording) }
}

/** The world's name, or the path of its file: as asked, from the recording's folder, or from this one. */
export function worldOf(path: string, { world, worldSource }: RecordingManifest, asked?: string): string {
  if (asked !== undefined) return asked
  if ((builtinWorlds as readonly string[]).includes(worldSource)) return worldSource
  const places = [resolve(dirname(path), worldSource), resolve(worldSource)]
  const found = places.find((each) => existsSync(each))
  if (found !== undefined) return found
  throw new MetabonkError({ code: 'world-not-found', what: `the file of the world ${world} is not at ${worldSource}, as seen from the recording`, where: path, todo: 'say where it is now: --world PATH' })
}

/** A recorded run in lock-step again, from the start or from a state. */
export interface Rerun {
  readonly from?: Uint8Array | undefined
  readonly to: number
  readonly workers: number | undefined
  /** Compare every hash with the recorded one, and stop at the first that differs. */
  readonly compare: boolean
  readonly wantState: boolean
}

/** Runs a recorded run again, in lock-step on a number of workers. */
export async function rerun(run: LoadedRun, { from, to, workers, compare, wantState }: Rerun, options: ReplayOptions): Promise<RunResult> {
  const { recording, loaded, definition, config, inputs } = run
  return runWorld({
    world: { loaded, definition, config },
    seed: recording.manifest.seed,
    workers,
    steps: to,
    inputs,
    from,
    expected: compare ? { first: recording.first, roots: recording.roots } : undefined,
    wantState,
    signal: options.signal,
    onProgress: options.onProgress,
  })
}

/** The state that a replay of all that a recording holds starts from; undefined where that is the one after `init`. */
function startOf(recording: Recording): Uint8Array | undefined {
  return recording.first > 0 ? recording.loadKeyframe(recording.first) : undefined
}

/** Replays a recording to a step on all workers, checking every hash on the way. Default: its last step. Its signal ends it at an earlier one. */
export async function replayRecording(path: string, options: ReplayOptions & { readonly to?: number } = {}): Promise<{ step: number; finalHash: string; seconds: number; report: Readonly<Record<string, number>>; agents: Readonly<Record<string, number>> }> {
  const run = await openRun(path, options)
  const to = stepWithin(run, options.to ?? run.recording.steps)
  const result = await rerun(run, { from: startOf(run.recording), to, workers: options.workers, compare: true, wantState: false }, options)
  const step = result.outcome.mismatch ?? result.outcome.step
  if (result.finalHash !== recordedHash(run.recording, step)) throw new ReplayMismatch(run, step, result.finalHash)
  return { step: result.outcome.step, finalHash: result.finalHash, seconds: result.seconds, report: result.outcome.report, agents: result.outcome.agents }
}
