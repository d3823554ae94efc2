import type { LiveRun, RecordedState } from '../../../actors/index.ts'
import { aboutOfRun } from './about.ts'
import type { LiveSession } from './model.ts'
import { ViewKept, viewOf } from './view.ts'

/** Copies of the state take at most so many bytes a second from the memory's bandwidth, however many look. */
const copyBytesPerSecond = 60e6

/**
 * The sessions of all who look at a run of this process: they share its copies, of which there is one at a time, and each keeps what it has sorted. A copy is
 * made when somebody looks, unless the last one is of the same step, or so large that the next has to wait.
 */
export class LiveSessions {
  private readonly run: LiveRun
  private kept: { readonly moment: RecordedState; readonly untilMillis: number } | undefined
  /** Settles when nobody reads the copy. */
  private free: Promise<unknown> = Promise.resolve()
  private opened = 0

  constructor(run: LiveRun) {
    this.run = run
  }

  /** Name of its world. */
  get world(): string {
    return this.run.world.definition.name
  }

  /** A session of its own; closing it takes away its breakpoint, and leaves the run as it is otherwise. */
  open(): LiveSession {
    const { run } = this
    const own = this.opened++
    const kept = new ViewKept(run.program, true)
    // What is refused at once is refused like everything else.
    const told = async (work: () => void): Promise<void> => { await Promise.resolve().then(work) }
    return {
      form: 'live',
      about: aboutOfRun(run),
      look: (query) => this.read((moment) => viewOf(moment, query, kept)),
      vitals: () => Promise.resolve(run.vitals()),
      setPaused: (paused) => told(() => { run.setPaused(paused, own) }),
      release: () => told(() => { run.release(own) }),
      step: (steps) => told(() => { run.step(steps, own) }),
      setPace: (pace) => told(() => { run.setPace(pace) }),
      setBreakpoint: async (expression) => {
        await run.setBreakpoint(own, expression)
        return own
      },
      send: (input) => run.send(input),
      flush: () => run.flush(),
      close: () => told(() => { run.leave(own) }),
    }
  }

  /** Reads a copy, one after the other: the next one takes its place. */
  private read<T>(read: (moment: RecordedState) => T): Promise<T> {
    const result = this.free.then(() => this.newest()).then(read)
    this.free = result.catch(() => undefined)
    return result
  }

  private async newest(): Promise<RecordedState> {
    const { run, kept } = this
    const { step, slabs } = run.vitals()
    if (kept !== undefined && (kept.moment.step === step || performance.now() < kept.untilMillis)) return kept.moment
    const moment = await run.sample()
    const names = run.program.kinds.map(({ type }) => type.name)
    const bytes = slabs.reduce((sum, { name, bytesUsed }) => sum + (names.includes(name) ? bytesUsed : 0), 0)
    this.kept = { moment, untilMillis: performance.now() + (1000 * bytes) / copyBytesPerSecond }
    return moment
  }
}
