import { createConnection, type Socket } from 'node:net'
import { relative } from 'node:path'
import { MetabonkError } from '../../../actors/index.ts'
import { Caller, type Answer } from './calls.ts'
import type { Hello } from './attach-server.ts'
import { protocolVersion } from './check-request.ts'
import { FrameAssembler, frameBytes } from './frames.ts'
import type { LiveSession, RunAbout } from './model.ts'
import { foundSockets, isAlive, removeSocket, type FoundSocket } from './run-folder.ts'

/** Bytes of the largest answer of a run. */
const answerBytesMost = 64 * 1024 * 1024
/** A process that does not say who it is within so many milliseconds is left alone. */
const patienceMillis = 2_000

/** A run of another process that can be looked at. */
export interface DiscoveredRun {
  readonly pid: number
  readonly world: string
  readonly seed: number
  readonly step: number
  /** Its socket. */
  readonly path: string
}

/** A connection to a run. */
interface Line {
  readonly caller: Caller
  readonly hello: Hello
  readonly close: () => void
}

function gone(path: string, cause?: Error): MetabonkError {
  return new MetabonkError({ code: 'peer-dead', what: 'the run has ended, or does not answer any more', where: path, ...(cause === undefined ? {} : { cause }) })
}

/** An answer, if it is one: the process at the other end need not be ours. */
function checkedAnswer(value: unknown): Answer {
  const answer = value as Partial<{ readonly id: unknown; readonly error: Readonly<Record<string, unknown>> }> | null
  const isAnswer = typeof answer === 'object' && answer !== null && Number.isSafeInteger(answer.id) && ('value' in answer || (typeof answer.error?.['code'] === 'string' && typeof answer.error['what'] === 'string'))
  if (isAnswer) return value as Answer
  throw new MetabonkError({ code: 'ring', what: 'what answers is no run' })
}

function callerOn(socket: Socket, path: string): Caller {
  const caller = new Caller((request) => { socket.write(frameBytes(request)) })
  const assembler = new FrameAssembler(answerBytesMost)
  socket.on('data', (piece: Buffer) => {
    try {
      for (const value of assembler.take(piece)) caller.take(checkedAnswer(value))
    } catch (error) {
      caller.end(error instanceof MetabonkError ? error : gone(path))
      socket.destroy()
    }
  })
  socket.on('error', (error) => { caller.end(gone(path, error)) })
  socket.on('close', () => { caller.end(gone(path)) })
  return caller
}

/** Connects and asks who is there. */
async function openLine(path: string): Promise<Line> {
  const socket = createConnection({ path })
  const caller = callerOn(socket, path)
  const timer = setTimeout(() => { socket.destroy() }, patienceMillis)
  try {
    const hello = await caller.call<Hello>('hello', protocolVersion)
    return { caller, hello, close: () => { socket.destroy() } }
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** What a run says of itself, with its recording as it is called from here: below this folder by the way there. */
function aboutFromHere(about: RunAbout): RunAbout {
  if (about.recording === undefined) return about
  const way = relative('.', about.recording)
  return way.startsWith('..') ? about : { ...about, recording: way }
}

/**
 * Attaches to the run that answers at a socket. Throws `peer-dead` where nobody does. `close` takes away the breakpoint and leaves the run as it is otherwise,
 * also paused; where the process of this session ends without it, a run that it has paused goes on.
 */
export async function openRemoteSession(path: string): Promise<LiveSession> {
  const { caller, hello, close } = await openLine(path)
  return {
    form: 'live',
    about: aboutFromHere(hello.about),
    look: (query) => caller.call('look', query),
    vitals: () => caller.call('vitals'),
    setPaused: (paused) => caller.call('setPaused', paused),
    release: () => caller.call('release'),
    step: (steps) => caller.call('step', steps),
    setPace: (pace) => caller.call('setPace', pace),
    setBreakpoint: (expression) => caller.call('setBreakpoint', expression),
    send: (input) => caller.call('send', input),
    flush: () => caller.call('flush'),
    close: async () => {
      // A run that has ended needs no word.
      await caller.call('leave').catch(() => undefined)
      close()
    },
  }
}

/** Asks who is at a socket; one that a dead process left is removed. */
async function asked({ pid, path }: FoundSocket): Promise<DiscoveredRun[]> {
  try {
    const { hello, close } = await openLine(path)
    close()
    const { about: { world, seed }, step } = hello
    return [{ pid, world, seed, step, path }]
  } catch {
    if (!isAlive(pid)) removeSocket(path)
    return []
  }
}

/** The runs of this user on this machine that can be attached to. */
export async function discoverRuns(): Promise<DiscoveredRun[]> {
  return (await Promise.all(foundSockets().map(asked))).flat()
}

/** A run as one line of text. */
export function runText({ pid, world, seed, step }: DiscoveredRun): string {
  return `${String(pid)} (${world}, seed ${String(seed)}, step ${String(step)})`
}

/** The run that is meant: the only one, or the one with that pid or world. `otherwise` says what else could be given. Throws `usage`. */
export function chosenRun(all: readonly DiscoveredRun[], name: string | undefined, otherwise: string): DiscoveredRun {
  const meant = all.filter((run) => name === undefined || String(run.pid) === name || run.world === name)
  if (meant.length === 1) return meant[0]
  if (meant.length > 1) throw new MetabonkError({ code: 'usage', what: `${String(meant.length)} runs are going on: ${meant.map(runText).join(', ')}`, todo: 'name one by its number: metabonk top PID' })
  if (all.length === 0) throw new MetabonkError({ code: 'usage', what: 'no run is going on', ...(name === undefined ? {} : { where: name }), todo: `start one in another terminal, metabonk run arena, ${otherwise}` })
  throw new MetabonkError({ code: 'usage', what: `no run is called '${String(name)}'`, todo: `choose from ${all.map(runText).join(', ')}, ${otherwise}` })
}
