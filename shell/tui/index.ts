import type { RunResult } from '../../actors/index.ts'
import { served } from '../announced.ts'
import type { Log } from '../log.ts'
import { stopSignal } from '../signals.ts'
import { OwnRuns, type OwnWatch } from './app/own-runs.ts'
import { screenPorts } from './app/ports.ts'
import { showOnScreen } from './app/show.ts'
import type { LiveSession, RecordedSession } from './model/model.ts'
import type { OpeningScreen } from './screen/opening.ts'

/** Opens runs and shows them on a screen until the user leaves; those of other processes go on. */
export async function showRuns(screen: OpeningScreen, open: () => Promise<readonly (LiveSession | RecordedSession)[]>): Promise<void> {
  const own = new OwnRuns()
  try {
    await showOnScreen(screen, { ports: screenPorts(own), open, leave: () => { own.halt() } })
  } finally {
    await ended(own)
  }
}

/** Waits for runs to end. The screen is gone by then: Ctrl-C means what it means without one. */
async function ended(own: OwnRuns): Promise<void> {
  const { release } = stopSignal()
  try {
    await own.end()
  } finally {
    release()
  }
}

/** Starts a run of a world and shows it on a screen until the user leaves: that stops it at the next step boundary. Undefined when the user has left before it began. */
export async function runOnScreen(screen: OpeningScreen, log: Log | undefined, work: (watch: OwnWatch) => Promise<RunResult>): Promise<RunResult | undefined> {
  const own = new OwnRuns()
  const begun: { result?: Promise<RunResult>; socket?: ReturnType<typeof served> } = {}
  const open = async (): Promise<readonly LiveSession[]> => {
    const sessions = await own.start((watch) => {
      begun.result = work(watch)
      return begun.result
    })
    begun.socket = served(sessions, log)
    return [sessions.open()]
  }
  try {
    await showOnScreen(screen, { ports: screenPorts(own), open, leave: () => { own.halt() } })
  } finally {
    await ended(own)
    await (await begun.socket)?.close()
  }
  return begun.result
}
