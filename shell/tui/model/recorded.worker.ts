/** Entry of the thread that a recording is looked at in: its replica may be a long way from the step that is wanted. */
import { parentPort, workerData } from 'node:worker_threads'
import { openRecording, recordingInfo, type RecordedRun, type RecordedState } from '../../../actors/index.ts'
import { assert } from '../../../runtime/index.ts'
import { aboutOfRecording } from './about.ts'
import { answerTo, type Request } from './calls.ts'
import type { RunAbout, View, ViewQuery } from './model.ts'
import { ViewKept, viewOf } from './view.ts'

/** What the thread is started with. */
export interface RecordedTask {
  readonly path: string
  /** The world's file, when it is no longer where it was. */
  readonly world: string | undefined
}

/** What a recording is, for who looks at it. */
export interface RecordedFacts {
  readonly about: RunAbout
  readonly first: number
  readonly last: number
  readonly keyframes: readonly number[]
  readonly inputs: readonly number[]
}

/** A recording at a step that changes. */
class RecordedView {
  private readonly run: RecordedRun
  private readonly kept: ViewKept
  /** The step that is looked at, and its state where the replica has not moved on since. */
  private step: number
  private here: { readonly state: RecordedState; readonly drawn: boolean } | undefined
  /** Cameras are looked through: steps are drawn at once. */
  private drawn = false
  private way: { readonly stop: AbortController; readonly done: Promise<void> } | undefined

  constructor(run: RecordedRun) {
    this.run = run
    this.kept = new ViewKept(run, false)
    this.step = run.first
  }

  facts(): RecordedFacts {
    const { run } = this
    return { about: aboutOfRecording(run), first: run.first, last: run.steps, keyframes: recordingInfo(run.path).keyframes, inputs: [...new Set(run.inputs.map(({ step }) => step))] }
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

  events(step: number): string[] {
    return Array.from(this.run.events(step, step), ({ message }) => message)
  }

  private async travel(step: number, drawn: boolean): Promise<void> {
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

const port = parentPort
assert(port !== null, 'a recording is looked at in a thread of its own')
const { path, world } = workerData as RecordedTask
const opened = openRecording(path, { world }).then((run) => new RecordedView(run))
const methods = {
  facts: async () => (await opened).facts(),
  look: async (query: ViewQuery) => (await opened).look(query),
  goTo: async (step: number) => (await opened).goTo(step),
  events: async (step: number) => (await opened).events(step),
}
// Whoever asks is told; nobody asks before the first question.
opened.catch(() => undefined)
port.on('message', (request: Request) => {
  void answerTo(methods, request).then((answer) => { port.postMessage(answer) })
})
