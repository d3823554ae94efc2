import type { LiveSession, RecordedSession } from '../model/model.ts'

/** What it takes to open what is recorded of a run. */
export interface PastPorts {
  openRecording(path: string): Promise<RecordedSession>
  /** The file that holds a step of a run, which may be recorded in parts: the last one for a step that is in none. Throws `usage` for one in a part that is gone. */
  partWith(path: string, step: number): string
}

/** Whether a step is to be looked at in this part of a run. What happened in the first step of a part, and was seen in it, is in the part before. */
export function holdsStep({ first, last }: RecordedSession, step: number): boolean {
  return (first === 0 || first < step) && step <= last
}

/**
 * What is recorded of a run: opened once, in one thread, read on when more is recorded, and turned to the part that holds a step. What is asked of it is done
 * in turn.
 */
export class Past {
  private readonly path: string
  private readonly ports: PastPorts
  private session: RecordedSession | undefined
  private turn: Promise<unknown> = Promise.resolve()
  /** The run had ended when it was read: there will be no more of it. */
  private isWhole: boolean
  private isClosed = false

  /** `session` is a recording that is open already; without one there is a run that records to `path`. */
  constructor(path: string, ports: PastPorts, session?: RecordedSession) {
    this.path = path
    this.ports = ports
    this.session = session
    this.isWhole = session !== undefined
  }

  /** Opens what it takes to go to a step; of steps that are not there it is the nearest end. `live` is the run, as long as it has not ended. */
  reach(step: number, live?: LiveSession): Promise<RecordedSession> {
    const reached = this.turn.then(() => this.open(step, live))
    this.turn = reached.catch(() => undefined)
    return reached
  }

  /** Makes the way back short from where a run stands: opens what is recorded up to there, and goes there. */
  async prepare(step: number, live: LiveSession): Promise<void> {
    const session = await this.reach(step, live)
    await session.goTo(Math.max(session.first, Math.min(session.last, step)))
  }

  /** Closes what is open, now or in a moment. */
  async close(): Promise<void> {
    this.isClosed = true
    await this.session?.close()
  }

  private async open(step: number, live: LiveSession | undefined): Promise<RecordedSession> {
    const { session, ports } = this
    if (session !== undefined && holdsStep(session, step)) return session
    await live?.flush()
    const file = ports.partWith(this.path, step)
    const isThere = session?.about.recording === file
    if (isThere && this.isWhole) return session
    this.isWhole = live === undefined
    if (session === undefined) return (this.session = await this.opened(file))
    // A file that is another one by now is opened anew.
    await (isThere ? session.readOn().catch(() => session.turnTo(file)) : session.turnTo(file))
    return session
  }

  private async opened(file: string): Promise<RecordedSession> {
    const session = await this.ports.openRecording(file)
    if (this.isClosed) await session.close()
    return session
  }
}
