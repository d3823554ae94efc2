import { MetabonkError, type LiveRun, type RunOptions } from '../actors/index.ts'
import type { Log } from './log.ts'
import type { LiveSessions } from './tui/model/live-session.ts'
import { watched, type Watch } from './watched.ts'

/** What a run that others may look at takes. */
export type AnnouncedWatch = Watch & Required<Pick<RunOptions, 'onLive'>>

/** Makes the socket of a run, so that others find it; they get sessions of those that all share. A run that can't be looked at goes on all the same. */
export async function served(sessions: LiveSessions, log: Log | undefined): Promise<{ close(): Promise<void> } | undefined> {
  const { serveRun } = await import('./tui/model/attach-server.ts')
  try {
    const made = await serveRun(sessions.world, () => sessions.open())
    log?.info({ socket: made.path }, 'metabonk top can attach')
    return made
  } catch (error) {
    if (!(error instanceof MetabonkError)) throw error
    log?.warn({ err: error.message }, 'metabonk top can\'t attach')
    return undefined
  }
}

/** As {@link served}, of a run that this process itself does not look at. */
async function servedAlone(run: LiveRun, log: Log | undefined): ReturnType<typeof served> {
  // Loaded beside the run's start: nothing waits for it.
  const { LiveSessions } = await import('./tui/model/live-session.ts')
  return served(new LiveSessions(run), log)
}

/** As {@link watched}, for a run that `metabonk top` in another terminal finds while it goes on. */
export function announced<T>(label: string, log: Log | undefined, work: (watch: AnnouncedWatch) => Promise<T>): ReturnType<typeof watched<T>> {
  return watched(label, async (watch) => {
    let socket: ReturnType<typeof served> | undefined
    try {
      return await work({ ...watch, onLive: (run) => { socket = servedAlone(run, log) } })
    } finally {
      await (await socket)?.close()
    }
  })
}
