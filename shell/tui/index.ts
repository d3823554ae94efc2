import type { RunResult } from '../../actors/index.ts'
import { served } from '../announced.ts'
import type { Log } from '../log.ts'
import { OwnRuns, type OwnWatch } from './app/own-runs.ts'
import { screenPorts } from './app/ports.ts'
import { showOnScreen } from './app/show.ts'
import type { LiveSession, RecordedSession } from './model/model.ts'

/** Shows runs on a screen until the user leaves; runs of other processes go on. Throws `usage` where there is no terminal. */
export async function showRuns(sessions: readonly (LiveSession | RecordedSession)[]): Promise<void> {
  const own = new OwnRuns()
  try {
    await showOnScreen(sessions, screenPorts(own, sessions[0].about.recording))
  } finally {
    await own.end()
  }
}

/** Starts a run and shows it on a screen until the user leaves: that stops it at the next step boundary. */
export async function runOnScreen(log: Log | undefined, work: (watch: OwnWatch) => Promise<RunResult>): Promise<RunResult> {
  const own = new OwnRuns()
  const begun: { result?: Promise<RunResult>; socket?: ReturnType<typeof served> } = {}
  try {
    const session = await own.start(({ signal, onLive }) => {
      begun.result = work({
        signal,
        onLive: (live) => {
          begun.socket = served(live, log)
          onLive(live)
        },
      })
      return begun.result
    })
    await showOnScreen([session], screenPorts(own, session.about.recording))
  } finally {
    await own.end()
    await (await begun.socket)?.close()
  }
  return begun.result as Promise<RunResult>
}
