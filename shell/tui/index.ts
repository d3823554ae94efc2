import type { RunResult } from '../../actors/index.ts'
import { served } from '../announced.ts'
import type { Log } from '../log.ts'
import { OwnRuns, type OwnWatch } from './app/own-runs.ts'
import { screenPorts } from './app/ports.ts'
import { showOnScreen } from './app/show.ts'
import type { LiveSession, RecordedSession } from './model/model.ts'
import type { OpeningScreen } from './screen/opening.ts'

/** Opens runs and shows them on a screen until the user leaves; those of other processes go on. */
export async function showRuns(screen: OpeningScreen, open: () => Promise<readonly (LiveSession | RecordedSession)[]>): Promise<void> {
  const own = new OwnRuns()
  try {
    await showOnScreen(screen, open, screenPorts(own))
  } finally {
    await own.end()
  }
}

/** Starts a run of a world and shows it on a screen until the user leaves: that stops it at the next step boundary. */
export async function runOnScreen(screen: OpeningScreen, log: Log | undefined, work: (watch: OwnWatch) => Promise<RunResult>): Promise<RunResult> {
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
    await showOnScreen(screen, open, screenPorts(own))
  } finally {
    await own.end()
    await (await begun.socket)?.close()
  }
  return begun.result as Promise<RunResult>
}
