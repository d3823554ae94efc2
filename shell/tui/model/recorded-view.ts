import { MetabonkError, type RecordedRun, type RecordedState } from '../../../actors/index.ts'
import { aboutOfRecording } from './about.ts'
import type { RunAbout, View, ViewQuery } from './model.ts'
import { ViewKept, viewOf } from './view.ts'

/** What a recording is, for who looks at it. */
export interface RecordedFacts {
  readonly about: RunAbout
  readonly first: number
  readonly last: number
  readonly keyframes: readonly number[]
  readonly inputs: readonly number[]
}

/** A recording at a step that changes. */
export class RecordedView {
  private readonly run: RecordedRun
  private readonly kept: ViewKept
  /** The step that is looked at, and its state where the replica has not moved on since. */
  private step: number
  private here: { readonly state: RecordedState; readonly drawn: boolean } | undefined
  /** Cameras are looked through: steps are drawn at once. */
  private drawn = false
  private isLeft = false
  private way: { readonly stop: AbortController; readonly done: Promise<void> } | undefined

  constructor(run: RecordedRun) {
    this.run = run
    this.kept = new ViewKept(run, false)
    this.step = run.first
  }

  facts(): RecordedFacts {
    const { run } = this
    return { about: aboutOfRecording(run), first: run.first, last: run.steps, keyframes: run.keyframes, inputs: [...new Set(run.inputs.map(({ step }) => step))] }
  }

  /** Reads what was recorded since. */
  readOn(): RecordedFacts {
    this.run.readOn()
    return this.facts()
  }

  /** Ends looking at it: who still waits for something is told so. */
  async leave(): Promise<void> {
    this.isLeft = true
    this.way?.stop.abort()
    await this.way?.done
    this.run.close()
  }

  /** Goes to a step, unless another one is asked for on the way. */
  goTo(step: number): Promise<void> {
    return this.travel(step, this.drawn)
  }

  async look(query: ViewQuery): Promise<View> {
    this.drawn = query.camera !== undefined
    // Where a way is being gone, what is seen is its end.
    let here = this.shown()
    for (; here === undefined; here = this.shown()) {
      if (this.isLeft) throw this.left()
      if (this.way === undefined) await this.travel(this.step, this.drawn).catch((error: unknown) => { if (this.way === undefined) throw error })
      else await this.way.done
    }
    return viewOf(here, query, this.kept)
  }

  /** The state that can be shown; undefined on the way, and where it has to be drawn first. */
  private shown(): RecordedState | undefined {
    const { here, way, drawn } = this
    return way === undefined && here !== undefined && (here.drawn || !drawn) ? here.state : undefined
  }

  private left(): MetabonkError {
    return new MetabonkError({ code: 'stopped', what: 'another part of the run is looked at by now', where: this.run.path })
  }

  /** What happened in a step. Who is shown a step that this part does not have has not heard yet that another one is looked at: throws `stopped`, as for one that was left. */
  events(step: number): string[] {
    const { first, steps } = this.run
    if (this.isLeft || step < first || step > steps) throw this.left()
    return Array.from(this.run.events(step, step), ({ message }) => message)
  }

  private async travel(step: number, drawn: boolean): Promise<void> {
    if (this.isLeft) throw this.left()
    this.way?.stop.abort()
    const stop = new AbortController()
    const before = this.way?.done
    const going = this.gone(step, drawn, before, stop.signal)
    const way = { stop, done: going.catch(() => undefined) }
    this.way = way
    try {
      await going
    } finally {
      if (this.way === way) this.way = undefined
    }
  }

  private async gone(step: number, drawn: boolean, before: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
    await before
    this.here = undefined
    // What the first state of a part showed was left by a step of the part before.
    const canDraw = drawn && (step > this.run.first || step === 0)
    const state = await this.run.seek(step, { signal, drawn: canDraw })
    this.here = { state, drawn }
    this.step = step
  }
}
