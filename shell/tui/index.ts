import type { RunResult } from '../../actors/index.ts'
import { served } from '../announced.ts'
import type { Log } from '../log.ts'
import { OwnRuns, type OwnWatch } from './app/own-runs.ts'
import { screenPorts } from './app/ports.ts'
import { needTerminal, showOnScreen } from './app/show.ts'
import type { LiveSession, RecordedSession } from './model/model.ts'

/** Opens runs and shows them on a screen until the user leaves; those of other processes go on. Throws `usage` where there is no terminal, before it opens any. */
export async function showRuns(open: () => Promise<readonly (LiveSession | RecordedSession)[]>): Promise<void> {
  needTerminal()
  const sessions = await open()
  const own = new OwnRuns()
  try {
    await showOnScreen(sessions, screenPorts(own, sessions[0].about.recording))
  } finally {
    await own.end()
  }
}

/** Starts a run and shows it on a screen until the user leaves: that stops it at the next step boundary. */
export async function runOnScreen(log: Log | undefined, work: (watch: OwnWatch) => Promise<RunResult>): Promise<RunResult> {
  needTerminal()
  const own = new OwnRuns()
  const begun: { result?: Promise<RunResult>; socket?: ReturnType<typeof served> } = {}
  try {
    const sessions = await own.start((watch) => {
      begun.result = work(watch)
      return begun.result
    })
    begun.socket = served(sessions, log)
    const session = sessions.open()
    await showOnScreen([session], screenPorts(own, session.about.recording))
  } finally {
    await own.end()
    await (await begun.socket)?.close()
  }
  return begun.result as Promise<RunResult>
}
