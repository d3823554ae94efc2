import { statSync } from 'node:fs'
import { extname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { MetabonkError, type LiveVitals } from '../../actors/index.ts'
import type { Log } from '../log.ts'
import { endSignal } from '../signals.ts'
import { print, printRows, summaryRows } from '../output.ts'
import type { LiveSession, RecordedSession, View } from '../tui/model/model.ts'
import type { OpeningScreen } from '../tui/screen/opening.ts'
import { chosenRun, discoverRuns, openRemoteSession } from '../tui/model/remote-session.ts'
import { openRecordedSession } from '../tui/model/recorded-session.ts'

interface TopOptions {
  readonly stream?: boolean
  /** Show it there, not a snapshot. */
  readonly screen?: OpeningScreen
  readonly world?: string
  readonly json?: boolean
}

/** Milliseconds that the speed of one snapshot is measured over, and from one line of a stream to the next. */
const onceMillis = 500
const streamMillis = 1000

/** Phases of a worker that a snapshot for people names: those that take longest. */
const phasesShown = 6

function isRecording(name: string): boolean {
  // A folder may have the name of a world.
  return extname(name) === '.mcap' || statSync(name, { throwIfNoEntry: false })?.isFile() === true
}

/** Opens what is meant by a name: a recording, at its last step, or a run of another process. */
async function openRun(name: string | undefined, world: string | undefined): Promise<LiveSession | RecordedSession> {
  if (name === undefined || !isRecording(name)) return openRemoteSession(chosenRun(await discoverRuns(), name, 'or name a recording').path)
  const session = await openRecordedSession(name, { world })
  try {
    await session.goTo(session.last)
    return session
  } catch (error) {
    await session.close()
    throw error
  }
}

/** What is known of a live run at a time, to tell its speed by the next one. */
interface Reading {
  readonly vitals: LiveVitals
  readonly millis: number
}

async function readingOf(session: LiveSession): Promise<Reading> {
  return { vitals: await session.vitals(), millis: performance.now() }
}

function agentsIn({ kinds }: View): number {
  return kinds.reduce((sum, { agents }) => sum + agents, 0)
}

/** Shares of a thread's time by phase, as far as it was looked at between two readings. */
function sharesOf(before: readonly number[], after: readonly number[], phases: readonly string[]): Record<string, number> {
  const counted = after.map((count, i) => count - (before[i] ?? 0))
  const all = counted.reduce((sum, count) => sum + count, 0)
  return Object.fromEntries(phases.map((name, i) => [name, all === 0 ? 0 : counted[i] / all]))
}

interface Speed {
  readonly stepsPerSecond: number
  readonly agentStepsPerSecond: number
  /** By worker. */
  readonly phases: readonly Record<string, number>[]
}

function speedBetween(before: Reading, after: Reading, view: View, phases: readonly string[]): Speed {
  const seconds = (after.millis - before.millis) / 1000
  const stepsPerSecond = seconds > 0 ? (after.vitals.step - before.vitals.step) / seconds : 0
  return {
    stepsPerSecond,
    agentStepsPerSecond: stepsPerSecond * agentsIn(view),
    phases: after.vitals.phases.map((counts, worker) => sharesOf(before.vitals.phases[worker] ?? [], counts, phases)),
  }
}

/** What is said of a recording, where nothing goes on. */
const atRest = {
  vitals: { paused: false, pace: undefined, ended: undefined, rings: [], slabs: [], actors: [] },
  speed: { stepsPerSecond: undefined, agentStepsPerSecond: undefined, phases: [] },
} as const

interface Going {
  readonly vitals: Omit<LiveVitals, 'phases' | 'step' | 'stops'>
  readonly speed: Speed | typeof atRest.speed
}

/** JSON leaves out what is undefined: what may be missing is null. */
function orNull<T>(value: T | undefined): T | null {
  return value ?? null
}

/** One moment of a run, for programs. */
function snapshot({ about, form }: LiveSession | RecordedSession, view: View, { vitals, speed }: Going = atRest) {
  const { world, seed, workers, pid, recording, until } = about
  const { step, hash, kinds, report } = view
  const { paused, pace, ended, rings, slabs, actors } = vitals
  return {
    form, world, seed, step, until: orNull(until),
    stepsPerSecond: orNull(speed.stepsPerSecond), agentStepsPerSecond: orNull(speed.agentStepsPerSecond),
    hash, workers, pid: orNull(pid), recording: orNull(recording),
    paused, pace: orNull(pace), ended: orNull(ended),
    agents: agentsIn(view), kinds, report, phases: speed.phases, rings, slabs, actors,
  }
}

type Snapshot = ReturnType<typeof snapshot>

/** A moment of a live run with its speed since a reading before. */
async function liveSnapshot(session: LiveSession, before: Reading): Promise<{ readonly shown: Snapshot; readonly reading: Reading }> {
  const view = await session.look({})
  const reading = await readingOf(session)
  return { shown: snapshot(session, view, { vitals: reading.vitals, speed: speedBetween(before, reading, view, session.about.phases) }), reading }
}

async function onceOf(session: LiveSession | RecordedSession): Promise<Snapshot> {
  if (session.form === 'recorded') return snapshot(session, await session.look({}))
  const before = await readingOf(session)
  await delay(onceMillis)
  return (await liveSnapshot(session, before)).shown
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}

function phaseText(shares: Readonly<Record<string, number>>): string {
  return Object.entries(shares).filter(([, share]) => share >= 0.01).sort(([, a], [, b]) => b - a).slice(0, phasesShown).map(([name, share]) => `${name} ${percent(share)}`).join('  ')
}

function statesText({ states }: Snapshot['kinds'][number]): string {
  const counted = states.filter(({ agents }) => agents > 0)
  return counted.length === 0 ? '' : `: ${counted.map(({ state, agents }) => `${state} ${String(agents)}`).join('  ')}`
}

function modeOf({ form, paused, ended, pace }: Snapshot): string {
  if (form === 'recorded') return 'recorded'
  if (ended !== null) return `ended: ${ended}`
  return `${paused ? 'paused' : 'live'}${pace === null ? '' : `, held to ${String(pace)} steps/s`}`
}

function snapshotRows(shown: Snapshot): (readonly [string, string])[] {
  const { world, seed, step, stepsPerSecond, agentStepsPerSecond, hash, workers, pid, recording, kinds, report, phases, rings, slabs, actors } = shown
  return [
    ['world', `${world}, seed ${String(seed)}${pid === null ? '' : `, process ${String(pid)}`}`],
    ['step', `${String(step)}, ${modeOf(shown)}`],
    ...(stepsPerSecond === null ? [] : [['speed', `${stepsPerSecond.toFixed(0)} steps/s, ${(agentStepsPerSecond ?? 0).toFixed(0)} agent-steps/s, ${String(workers)} workers`] as const]),
    ['hash', hash],
    ...(recording === null ? [] : [['recording', recording] as const]),
    ...summaryRows(report, Object.fromEntries(kinds.map(({ name, agents }) => [name, agents]))).slice(1),
    ...kinds.map((kind) => [kind.name, `${String(kind.agents)}${statesText(kind)}`] as const),
    ...phases.map((shares, worker) => [`worker ${String(worker)}`, phaseText(shares)] as const),
    ...rings.map(({ name, bytesUsed, bytes, highWater, stalls, drops }) => [name, `${percent(bytesUsed / bytes)} full, at most ${percent(highWater / bytes)}, ${String(stalls)} stalls, ${String(drops)} drops`] as const),
    ...slabs.map(({ name, bytesUsed, bytesReserved }) => [`slab ${name}`, `${String(Math.round(bytesUsed))} of ${String(bytesReserved)} bytes`] as const),
    ...actors.map(({ name, state, event, step: since }) => [name, `${state}, since ${event} at step ${String(since)}`] as const),
  ]
}

/** A run that is no more is the end of what is to be seen of it, not a fault. */
function isEnd(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || (error instanceof MetabonkError && error.code === 'peer-dead')
}

/** Prints a line a second until the run ends, Ctrl-C, or nobody reads any more. */
async function stream(session: LiveSession): Promise<void> {
  const { signal, release } = endSignal()
  try {
    let before = await readingOf(session)
    while (!signal.aborted && !process.stdout.destroyed) {
      await delay(streamMillis, undefined, { signal })
      const { shown, reading } = await liveSnapshot(session, before)
      print(shown)
      if (shown.ended !== null) break
      before = reading
    }
  } catch (error) {
    if (!isEnd(error, signal)) throw error
  } finally {
    release()
  }
}

/** Shows on a screen what is meant: one run or recording, or without a name all runs there are. */
async function showAll(screen: OpeningScreen, name: string | undefined, world: string | undefined): Promise<void> {
  const { showRuns } = await import('../tui/index.ts')
  await showRuns(screen, async () => {
    const all = name === undefined ? await discoverRuns() : []
    return all.length > 1 ? Promise.all(all.map(({ path }) => openRemoteSession(path))) : [await openRun(name, world)]
  })
}

/** `metabonk top [run]`. */
export async function topCommand(name: string | undefined, options: TopOptions, log: Log | undefined): Promise<void> {
  if (options.screen !== undefined) {
    await showAll(options.screen, name, options.world)
    return
  }
  const session = await openRun(name, options.world)
  try {
    log?.info({ about: session.about }, 'top')
    if (options.stream === true && session.form === 'live') {
      await stream(session)
      return
    }
    const shown = await onceOf(session)
    if (options.json === true || options.stream === true) print(shown)
    else printRows(snapshotRows(shown))
  } finally {
    await session.close()
  }
}
