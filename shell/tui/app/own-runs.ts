import type { LiveRun, RunResult } from '../../../actors/index.ts'
import { LiveSessions } from '../model/live-session.ts'

/** What a run takes that is begun from a screen. */
export interface OwnWatch {
  readonly signal: AbortSignal
  readonly onLive: (live: LiveRun) => void
}

/** Runs that are begun from a screen, in this process. */
export class OwnRuns {
  private readonly stop = new AbortController()
  private readonly runs: Promise<unknown>[] = []

  /** Starts a run and gives the sessions on it as soon as it steps. Rejects when it never does. */
  start(run: (watch: OwnWatch) => Promise<RunResult>): Promise<LiveSessions> {
    return new Promise((resolve, reject) => {
      const ended = run({
        signal: this.stop.signal,
        onLive: (live) => {
          resolve(new LiveSessions(live))
        },
      })
      // An error after its start is told by the session: the run has ended.
      this.runs.push(ended.catch(reject))
    })
  }

  /** Stops all of them at their next step boundary. */
  halt(): void {
    this.stop.abort()
  }

  /** Stops all of them, and resolves when they have ended: their recordings are whole then. */
  async end(): Promise<void> {
    this.halt()
    await Promise.all(this.runs)
  }
}
