import type { Divergence, PreparedFork, WhyResult } from '../../../actors/index.ts'
import type { Stretch } from './model.ts'
import { startRecordedThread, type RecordedThread } from './recorded-thread.ts'
import type { SearchRange } from './searches.ts'

/** Questions about recordings, answered in a thread of their own, which is started with the first of them: who asks can go on drawing. */
export class Questions {
  private thread: RecordedThread | undefined
  private forking: Promise<unknown> = Promise.resolve()

  /** Rejects with `stopped` when another search is begun, or it is ended. */
  find(path: string, expression: string, range: SearchRange): Promise<readonly Stretch[]> {
    return this.ask('find', path, expression, range)
  }

  why(path: string, step: number, target: string): Promise<WhyResult> {
    return this.ask('why', path, step, target)
  }

  bisect(a: string, b: string): Promise<Divergence> {
    return this.ask('bisect', a, b)
  }

  /** Does all that a fork takes before its own first step. */
  fork(path: string, at: number, changes: readonly string[]): Promise<PreparedFork> {
    const fork = this.ask<PreparedFork>('fork', path, at, changes)
    this.forking = fork.catch(() => undefined)
    return fork
  }

  /** Ends the search that is under way. */
  endSearch(): void {
    void this.thread?.caller.call('end', 'search').catch(() => undefined)
  }

  /** Ends all of it. A file that is being written is written to its end. */
  async close(): Promise<void> {
    const { thread } = this
    this.thread = undefined
    if (thread === undefined) return
    await thread.caller.call('end', 'all').catch(() => undefined)
    await this.forking
    await thread.close()
  }

  private ask<T>(method: string, ...args: readonly unknown[]): Promise<T> {
    this.thread ??= startRecordedThread('a question')
    return this.thread.caller.call<T>(method, ...args)
  }
}
