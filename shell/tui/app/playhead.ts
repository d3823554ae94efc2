import { MetabonkError } from '../../../actors/index.ts'
import type { LiveSession, RecordedSession, RunAbout, View, ViewQuery, Vitals } from '../model/model.ts'
import type { Timeline } from '../panes/pane.ts'

/** A stretch of steps at which something holds. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** What a playhead needs of the world around it. */
export interface PlayheadPorts {
  openRecording(path: string): Promise<RecordedSession>
  /** The file that holds a step of a run, which may be recorded in parts. */
  partWith(path: string, step: number): string
  /** Stretches at which a condition holds, in order; the latest first when backwards. */
  find(path: string, expression: string, range: { readonly from: number; readonly to: number; readonly backwards: boolean; readonly most: number }): Promise<readonly Stretch[]>
}

const hitsMost = 500
/** Steps a second at which a recording plays when its world does not say how long a step is. */
const paceDefault = 30
const paceMost = 1000
const second = 1000

/**
 * Where in a run one looks: at its newest state while it runs, or at any step of what is recorded of it. A live run is paused for the time that its past
 * is looked at; nothing here changes a state.
 */
export class Playhead {
  readonly about: RunAbout
  readonly marks: { readonly name: string; readonly step: number }[] = []
  /** Where the breakpoint holds, as far as that is known. */
  hits: readonly Stretch[] = []
  vitals: Vitals | undefined
  private readonly ports: PlayheadPorts
  private live: LiveSession | undefined
  private past: RecordedSession | undefined
  private isPast: boolean
  /** The step it goes to, or stands at. */
  target = 0
  private shown = 0
  private isPlaying = false
  private pace: number | undefined
  private expression: string | undefined
  /** The step that a live run with a breakpoint was let go from last. */
  private left: number | undefined
  private way: Promise<void> | undefined
  private turn: Promise<unknown> = Promise.resolve()
  private isClosed = false
  private owed = 0
  private playedAt = 0
  private vitalsAt = -Infinity
  private asked: Promise<void> | undefined

  constructor(session: LiveSession | RecordedSession, ports: PlayheadPorts) {
    this.ports = ports
    this.about = session.about
    this.isPast = session.form === 'recorded'
    if (session.form === 'live') {
      this.live = session
      return
    }
    this.past = session
    this.target = session.at
    this.shown = session.at
  }

  /** The step that is shown. */
  get at(): number {
    return this.shown
  }

  /** What a recording of the run says; undefined as long as none was opened. */
  get recorded(): RecordedSession | undefined {
    return this.past
  }

  /** The file that holds what is shown; of a run that is not recorded there is none. */
  get file(): string | undefined {
    const { recording } = this.about
    return recording === undefined ? undefined : this.isPast && this.past !== undefined ? this.past.about.recording : this.ports.partWith(recording, this.shown)
  }

  /** The run itself, when what is shown is its newest state. */
  get running(): LiveSession | undefined {
    return this.isPast ? undefined : this.live
  }

  /** It is a run that goes on, now or when its past is left. */
  get isLive(): boolean {
    return this.live !== undefined
  }

  get breakpoint(): string | undefined {
    return this.expression
  }

  /** What there is to see may be another state than what was seen last. */
  get isMoving(): boolean {
    if (this.isPast) return this.shown !== this.target
    return this.vitals?.ended === undefined && (!this.isPaused || this.shown !== this.vitals?.step)
  }

  /** Held by somebody: it does not move by itself. */
  get isPaused(): boolean {
    return this.isPast ? !this.isPlaying : this.vitals?.paused === true && !this.isPlaying
  }

  get stepsPerSecond(): number | undefined {
    return this.isPast ? this.playPace : this.pace
  }

  get mode(): string {
    if (this.isPast) {
      const what = this.live === undefined ? 'recorded' : 'past'
      return this.isPlaying ? `${what}, playing` : what
    }
    if (this.vitals?.ended !== undefined) return 'ended'
    return this.isPaused ? 'live, paused' : this.expression === undefined ? 'live' : 'live, step by step'
  }

  get timeline(): Timeline {
    const { marks, hits, shown } = this
    const { first, last, keyframes, inputs } = this.past ?? { first: 0, last: 0, keyframes: [], inputs: [] }
    return { first, last: Math.max(last, this.liveLast), at: shown, keyframes, inputs, marks, hits }
  }

  /** The newest step that is known of a live run; 0 of a recording. */
  private get liveLast(): number {
    return this.live === undefined ? 0 : Math.max(this.vitals?.step ?? 0, this.isPast ? 0 : this.shown)
  }

  private get playPace(): number {
    return this.pace ?? (this.about.stepMillis > 1 ? Math.min(paceMost, second / this.about.stepMillis) : paceDefault)
  }

  /** What there is to see where it stands. */
  async look(query: ViewQuery): Promise<View> {
    const { expression } = this
    const full = expression === undefined ? query : { ...query, watches: [...(query.watches ?? []), expression] }
    const session = this.isPast ? this.past : this.live
    if (session === undefined) throw new MetabonkError({ code: 'usage', what: 'the run is gone', todo: 'open another one: :open RUN' })
    const view = await session.look(full)
    if (session === (this.isPast ? this.past : this.live)) this.shown = view.step
    if (!this.isPast && this.isPlaying && expression !== undefined) await this.breakAt(view)
    return view
  }

  /** A live run with a breakpoint goes step by step, so that none is missed. */
  private async breakAt(view: View): Promise<void> {
    const watch = view.watches.at(-1)
    if (watch?.fault !== undefined || watch?.holds === true) {
      this.isPlaying = false
      if (watch.holds) this.hits = [...this.hits, { from: view.step, to: view.step }]
      return
    }
    if (view.step !== this.left && (await this.newest()) === view.step) await this.leave(view.step)
  }

  /** Lets a live run go from a step to the next one. What is seen may still be that step for a while: it is left once. */
  private async leave(step: number): Promise<void> {
    this.left = step
    await this.live?.step(1)
  }

  /** Goes on from where a live run is held, step by step, to where the breakpoint holds next. */
  private async playOn(): Promise<void> {
    await this.pauseLive()
    this.isPlaying = true
    this.left = undefined
    if ((await this.newest()) === this.shown) await this.leave(this.shown)
  }

  /** Gets on with what time brings: plays a recording, asks a run how it does. `now` in milliseconds. */
  tick(now: number): void {
    this.play(now)
    if (this.live === undefined || this.asked !== undefined || now - this.vitalsAt < 100) return
    this.vitalsAt = now
    this.asked = this.live.vitals().then((vitals) => {
      this.vitals = vitals
    }, (error: unknown) => {
      this.lose(error)
    }).finally(() => {
      this.asked = undefined
    })
  }

  private lose(error: unknown): void {
    if (this.vitals !== undefined && this.vitals.ended === undefined) this.vitals = { ...this.vitals, ended: error instanceof Error ? error.message : String(error) }
  }

  private play(now: number): void {
    const since = now - this.playedAt
    this.playedAt = now
    const { past } = this
    if (!this.isPast || !this.isPlaying || past === undefined || this.way !== undefined) return
    this.owed = Math.min(this.owed + (since / second) * this.playPace, this.playPace)
    const steps = Math.floor(this.owed)
    if (steps < 1) return
    this.owed -= steps
    const stop = this.hits.find(({ from }) => from > this.target)?.from ?? past.last
    this.target = Math.min(this.target + steps, stop, past.last)
    if (this.target >= stop || this.target >= past.last) this.isPlaying = false
    this.move(past)
  }

  private move(past: RecordedSession): void {
    const way = past.goTo(this.target).catch((error: unknown) => {
      if (!(error instanceof MetabonkError && error.code === 'stopped')) {
        this.isPlaying = false
        throw error
      }
    })
    const mine = way.finally(() => {
      if (this.way === mine) this.way = undefined
    })
    // Whoever asked for the way hears of a failure; a recording that plays tells it at the next look.
    mine.catch(() => undefined)
    this.way = mine
  }

  /** Pauses or goes on. Going on from the past of a live run would be another run. */
  async togglePause(): Promise<void> {
    if (this.isPast) this.togglePlaying()
    else if (this.vitals?.ended !== undefined) await this.goTo(this.at)
    else if (this.expression === undefined) await this.pauseOrGoOn()
    else if (this.isPlaying) this.isPlaying = false
    else await this.playOn()
  }

  private togglePlaying(): void {
    const { past } = this
    if (this.live !== undefined && this.vitals?.ended === undefined) throw new MetabonkError({ code: 'usage', what: `step ${String(this.at)} has been: going on from it is another run`, todo: 'make that with f (fork), or come back to the run with G' })
    if (!this.isPlaying && past !== undefined && this.target >= past.last) this.target = past.first
    this.isPlaying = !this.isPlaying
    this.owed = 0
  }

  private async pauseOrGoOn(): Promise<void> {
    const paused = this.vitals?.paused === true
    await this.live?.setPaused(!paused)
    this.notePaused(!paused)
  }

  private notePaused(paused: boolean): void {
    if (this.vitals !== undefined) this.vitals = { ...this.vitals, paused }
  }

  private async pauseLive(): Promise<void> {
    if (this.live === undefined || this.vitals?.paused === true || this.vitals?.ended !== undefined) return
    await this.live.setPaused(true)
    this.notePaused(true)
  }

  /** Goes some steps on or back. */
  async step(steps: number): Promise<void> {
    this.isPlaying = false
    await this.inTurn(() => this.stepFrom(steps))
    await this.way
  }

  private async stepFrom(steps: number): Promise<void> {
    if (this.isPast) {
      await this.aim(this.target + steps)
      return
    }
    await this.pauseLive()
    if (steps > 0 && this.vitals?.ended === undefined) {
      await this.live?.step(steps)
      return
    }
    await this.aim((await this.newest()) + steps)
  }

  /** Goes to a step: of a live run into its past, or back to it when the step is its newest. Steps beyond the ends are the ends. */
  async goTo(step: number): Promise<void> {
    this.isPlaying = false
    await this.inTurn(() => this.aim(step))
    await this.way
  }

  /** Does one thing after the other: keys may come faster than a recording is opened. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work)
    this.turn = done.catch(() => undefined)
    return done
  }

  /** The newest step of a live run; of one that does not answer any more the last one that was heard of. */
  private async newest(): Promise<number> {
    try {
      this.vitals = (await this.live?.vitals()) ?? this.vitals
    } catch (error) {
      this.lose(error)
      if (this.vitals === undefined) throw error
    }
    return this.vitals?.step ?? this.shown
  }

  /** Sets out for a step. */
  private async aim(step: number): Promise<void> {
    if (this.live !== undefined) {
      await this.pauseLive()
      const newest = await this.newest()
      if (step >= newest && this.vitals?.ended === undefined) {
        this.isPast = false
        return
      }
      await this.openPast(Math.max(0, step), newest)
    }
    const { past } = this
    if (past === undefined) return
    this.isPast = true
    this.target = Math.max(past.first, Math.min(past.last, step))
    this.move(past)
  }

  /** Waits until the file has what the run has done; of one that is no more it has what it has. */
  private async flushed(): Promise<void> {
    try {
      await this.live?.flush()
    } catch (error) {
      if (this.vitals?.ended === undefined) throw error
    }
  }

  /** Opens what is recorded of a live run so far. */
  private async openPast(step: number, newest: number): Promise<void> {
    const { recording } = this.about
    if (recording === undefined) throw new MetabonkError({ code: 'usage', what: 'this run is not recorded: there is no way back', todo: 'start it without --no-record' })
    if (this.past !== undefined && this.past.first <= step && this.past.last >= Math.min(step, newest)) return
    await this.flushed()
    const opened = await this.ports.openRecording(this.ports.partWith(recording, step))
    const before = this.past
    this.past = opened
    await before?.close()
    // The screen was left meanwhile.
    if (this.isClosed) await opened.close()
  }

  /** To the newest state: of a live run back to itself, of a recording to its end. */
  async toEnd(): Promise<void> {
    if (this.live !== undefined && this.vitals?.ended === undefined) {
      this.isPast = false
      this.isPlaying = false
      return
    }
    await this.goTo(this.timeline.last)
  }

  /** Steps a second, of a run or of a recording that plays; undefined: as fast as it can, or in the world's own time. */
  async setPace(stepsPerSecond: number | undefined): Promise<void> {
    this.pace = stepsPerSecond
    if (!this.isPast) await this.live?.setPace(stepsPerSecond)
  }

  /** Sets the condition at which a run is to stop, or takes it away. */
  async setBreakpoint(expression: string | undefined): Promise<void> {
    this.hits = []
    if (expression === undefined) {
      await this.endBreakpoint()
      return
    }
    const path = this.about.recording
    if (this.live === undefined && path !== undefined) {
      const { first, last } = this.timeline
      this.hits = await this.ports.find(path, expression, { from: first, to: last, backwards: false, most: hitsMost })
    }
    const wasRunning = this.live !== undefined && !this.isPast && !this.isPaused
    this.expression = expression
    if (!wasRunning) return
    await this.pauseLive()
    // It answers at a step boundary: there it stands, and there it is looked at first.
    await this.flushed()
    this.left = undefined
    this.isPlaying = true
  }

  /** A run that went step by step goes on as before. */
  private async endBreakpoint(): Promise<void> {
    this.expression = undefined
    if (this.isPast || !this.isPlaying) return
    this.isPlaying = false
    await this.live?.setPaused(false)
    this.notePaused(false)
  }

  /** Goes to where the breakpoint holds next, or held before. */
  async toHit(direction: 1 | -1): Promise<boolean> {
    const { expression } = this
    if (expression === undefined) throw new MetabonkError({ code: 'usage', what: 'there is no breakpoint to look for', todo: 'set one: b, then a condition like enemy.health < 5' })
    if (!this.isPast && direction === 1) {
      await this.playOn()
      return true
    }
    if (this.live !== undefined) {
      await this.pauseLive()
      await this.flushed()
    }
    const path = this.file
    if (path === undefined) throw new MetabonkError({ code: 'usage', what: 'this run is not recorded: there is no way back', todo: 'start it without --no-record' })
    const hit = await this.hitFrom(path, expression, direction)
    if (hit === undefined) return false
    await this.goTo(hit)
    return true
  }

  private async hitFrom(path: string, expression: string, direction: 1 | -1): Promise<number | undefined> {
    const { first, last } = this.timeline
    const here = this.hits.find(({ from, to }) => from <= this.at && this.at <= to)
    if (direction === 1) {
      const from = (here?.to ?? this.at) + 1
      return from > last ? undefined : (await this.ports.find(path, expression, { from, to: last, backwards: false, most: 1 }))[0]?.from
    }
    const to = (here?.from ?? this.at) - 1
    return to < first ? undefined : (await this.ports.find(path, expression, { from: first, to, backwards: true, most: 1 }))[0]?.to
  }

  /** Marks the step that is shown; returns the mark's name. */
  mark(name: string): void {
    const place = this.marks.findIndex((each) => each.name === name)
    if (place >= 0) this.marks.splice(place, 1)
    this.marks.push({ name, step: this.at })
    this.marks.sort((a, b) => a.step - b.step)
  }

  /** Ends what it holds; a live run goes on. */
  async close(): Promise<void> {
    this.isPlaying = false
    this.isClosed = true
    await Promise.all([this.live?.close(), this.past?.close()])
  }
}
