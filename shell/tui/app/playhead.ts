import { MetabonkError, type LiveStop, type LiveVitals } from '../../../actors/index.ts'
import type { LiveSession, RecordedSession, RunAbout, Stretch, View, ViewQuery } from '../model/model.ts'
import { joined } from '../model/stretches.ts'
import type { Timeline } from '../panes/pane.ts'
import { holdsStep, Past, type PastPorts } from './past.ts'

/** What a playhead needs of the world around it. */
export interface PlayheadPorts extends PastPorts {
  /** Ends the search that is under way: it rejects with `stopped`. */
  endSearch(): void
  /** Stretches at which a condition holds, in all parts of a run, in order; the latest first when backwards. Rejects with `stopped` when another search is begun. */
  find(path: string, expression: string, range: { readonly from: number; readonly to: number; readonly backwards: boolean; readonly most: number }): Promise<readonly Stretch[]>
}

/** Where to go in a live run's past once that is open: so many steps from a step, or from the newest. What is wanted meanwhile is added. */
interface Wish {
  to: number | undefined
  by: number
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
  vitals: LiveVitals | undefined
  private readonly ports: PlayheadPorts
  private live: LiveSession | undefined
  private past: RecordedSession | undefined
  /** What is recorded of the run, if it is. */
  private readonly recording: Past | undefined
  /** The step at which a run stood when the way back from it was prepared. */
  private preparedAt: number | undefined
  private isSearching = false
  private isPast: boolean
  /** The step it goes to, or stands at. */
  target = 0
  private shown = 0
  /** Why this has paused the run: only for what is done with it here, or for itself. */
  private heldFor: 'nothing' | 'looking' | 'itself' = 'nothing'
  private isPlaying = false
  private pace: number | undefined
  private expression: string | undefined
  /** What the stops of the run call this by. */
  private own: number | undefined
  /** The last stops that were heard of, and those that nobody was told yet. */
  private heard: readonly LiveStop[] = []
  private readonly untold: LiveStop[] = []
  private way: Promise<void> | undefined
  private wish: Wish | undefined
  /** The step that was wanted last of a recording. */
  private wanted = 0
  private opening: Promise<void> | undefined
  private owed = 0
  private playedAt = 0
  private vitalsAt = -Infinity
  private asked: Promise<void> | undefined

  constructor(session: LiveSession | RecordedSession, ports: PlayheadPorts) {
    this.ports = ports
    this.about = session.about
    this.isPast = session.form === 'recorded'
    const { recording } = session.about
    if (recording !== undefined) this.recording = new Past(recording, ports, session.form === 'recorded' ? session : undefined)
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
    if (recording === undefined) return undefined
    return this.isPast && this.past !== undefined ? this.past.about.recording : this.ports.partWith(recording, this.shown)
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
    return this.isPast ? !this.isPlaying : this.vitals?.paused === true
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
    return this.isPaused ? 'live, paused' : this.expression === undefined ? 'live' : 'live, to a breakpoint'
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
    const session = this.isPast ? this.past : this.live
    if (session === undefined) throw new MetabonkError({ code: 'usage', what: 'the run is gone', todo: 'open another one: :open RUN' })
    const view = await session.look(query)
    if (session === (this.isPast ? this.past : this.live)) this.shown = view.step
    return view
  }

  /** Gets on with what time brings: plays a recording, asks a run how it does. `now` in milliseconds. */
  tick(now: number): void {
    this.play(now)
    this.listen(now)
  }

  /** Asks a run how it does, now and then. `now` in milliseconds. */
  listen(now: number): void {
    if (this.live === undefined || this.asked !== undefined || now - this.vitalsAt < 100) return
    this.vitalsAt = now
    const { live, vitals: before } = this
    this.asked = this.hear(live).then((vitals) => {
      const isStill = before?.paused === true && before.step === vitals.step
      if (vitals.paused && (isStill || this.preparedAt === undefined)) this.prepare(live, vitals)
    }, (error: unknown) => {
      this.lose(error)
    }).finally(() => {
      this.asked = undefined
    })
  }

  private async hear(live: LiveSession): Promise<LiveVitals> {
    const vitals = await live.vitals()
    this.vitals = vitals
    this.noteStops(vitals.stops)
    return vitals
  }

  /** Notes at which breakpoints the run has stopped: each stop once, however often it is told, and none at what is its own breakpoint no more. */
  private noteStops(stops: readonly LiveStop[]): void {
    for (const stop of stops) {
      const { step, by, expression, fault } = stop
      const isOwn = by === this.own
      if (isOwn && expression !== this.expression) continue
      if (this.heard.some((each) => each.step === step && each.by === by && each.expression === expression)) continue
      this.untold.push(stop)
      if (isOwn && fault === undefined) this.hits = joined([...this.hits, { from: step, to: step }])
    }
    if (stops.length > 0) this.heard = stops
  }

  /** The breakpoints that have stopped the run since this was asked last. */
  takeStops(): LiveStop[] {
    return this.untold.splice(0)
  }

  /** A run that stands still is likely to be stepped back: that shall not have to wait. */
  private prepare(live: LiveSession, { step, ended }: LiveVitals): void {
    if (this.isPast || this.wish !== undefined || ended !== undefined || this.preparedAt === step) return
    this.preparedAt = step
    // What goes wrong is told to who goes back.
    this.recording?.prepare(step, live).catch(() => undefined)
  }

  private lose(error: unknown): void {
    if (this.vitals === undefined || this.vitals.ended !== undefined) return
    const { message } = error instanceof MetabonkError && error.code === 'peer-dead' ? { message: 'its process does not answer any more' } : error instanceof Error ? error : { message: String(error) }
    this.vitals = { ...this.vitals, ended: message }
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
    await this.opening?.catch(() => undefined)
    if (this.isPast || this.live === undefined) this.togglePlaying()
    else if (this.vitals?.ended !== undefined) await this.goTo(this.at)
    else await this.pauseOrGoOn(this.live)
  }

  private togglePlaying(): void {
    const { past } = this
    if (this.live !== undefined && this.vitals?.ended === undefined) throw new MetabonkError({ code: 'usage', what: `step ${String(this.at)} has been: going on from it is another run`, todo: 'make that with f (fork), or come back to the run with G' })
    if (!this.isPlaying && past !== undefined && this.target >= past.last) this.target = past.first
    this.isPlaying = !this.isPlaying
    this.owed = 0
  }

  private async pauseOrGoOn(live: LiveSession): Promise<void> {
    if (this.vitals?.paused === true) {
      await this.goOn(live)
      return
    }
    this.heldFor = 'itself'
    await live.setPaused(true)
    this.notePaused(true)
  }

  /** Lets a paused run go on; not from a stop that nobody was told yet. */
  private async goOn(live: LiveSession): Promise<void> {
    const before = this.untold.length
    const { paused } = await this.hear(live)
    if (!paused || this.untold.length > before) return
    this.heldFor = 'nothing'
    await live.setPaused(false)
    this.notePaused(false)
  }

  private notePaused(paused: boolean): void {
    if (this.vitals !== undefined) this.vitals = { ...this.vitals, paused, ...(paused ? {} : { stops: [] }) }
  }

  /** Pauses a run for what is done with it here, not for itself: it goes on when it is left. At a breakpoint of its own it stands for no longer than that. */
  private async pauseLive(): Promise<void> {
    const { live, vitals } = this
    if (live === undefined || vitals?.ended !== undefined) return
    if (vitals?.paused === true && (this.heldFor !== 'nothing' || !vitals.stops.some(({ by }) => by === this.own))) return
    this.heldFor = 'looking'
    await live.setPaused(true)
    this.notePaused(true)
  }

  /** Goes some steps on or back. */
  async step(steps: number): Promise<void> {
    this.isPlaying = false
    const { live, wish } = this
    if (wish !== undefined) {
      wish.by += steps
      await this.opening?.catch(() => undefined)
    } else if (live === undefined) await this.goTo(this.target + steps)
    else if (this.isPast) await this.go(live, { to: this.target, by: steps })
    else if (steps > 0 && this.vitals?.ended === undefined) {
      await this.pauseLive()
      await live.step(steps)
    } else await this.go(live, { to: undefined, by: steps })
  }

  /** Goes to a step: of a live run into its past, or back to it when the step is its newest. Steps beyond the ends are the ends. */
  async goTo(step: number): Promise<void> {
    this.isPlaying = false
    const { live, wish } = this
    if (wish !== undefined) {
      Object.assign(wish, { to: step, by: 0 })
      await this.opening?.catch(() => undefined)
    } else if (live === undefined) await this.goInRecording(step)
    else await this.go(live, { to: step, by: 0 })
  }

  /** Goes where it is wanted when the way there is open. Of an error on the way hears who began it. */
  private async go(live: LiveSession, wish: Wish): Promise<void> {
    this.wish = wish
    this.opening = this.open(live, wish).finally(() => {
      this.wish = undefined
      this.opening = undefined
    })
    await this.opening
    await this.way
  }

  private async open(live: LiveSession, wish: Wish): Promise<void> {
    await this.pauseLive()
    const { step: newest, ended } = this.vitals?.ended === undefined ? await live.vitals() : this.vitals
    const wanted = (): number => (wish.to ?? newest) + wish.by
    if (ended !== undefined || wanted() < newest) await this.openPast(live, { step: Math.max(0, wanted()), newest, hasEnded: ended !== undefined })
    if (ended !== undefined || wanted() < newest) this.goInPast(wanted())
    else this.isPast = false
  }

  /** Goes to a step of a recording, and to another part for it where there are some. Of several that are wanted at once the last one counts. */
  private async goInRecording(step: number): Promise<void> {
    const { past, recording } = this
    this.wanted = step
    if (past !== undefined && !holdsStep(past, step)) await recording?.reach(Math.max(0, step))
    if (this.wanted === step) this.goInPast(step)
    await this.way
  }

  private goInPast(step: number): void {
    const { past } = this
    if (past === undefined) return
    this.isPast = true
    this.target = Math.max(past.first, Math.min(past.last, step))
    this.move(past)
  }

  /** Opens what is recorded of a live run so far; of one in parts, the part with a step. */
  private async openPast(live: LiveSession, { step, newest, hasEnded }: { readonly step: number; readonly newest: number; readonly hasEnded: boolean }): Promise<void> {
    const { recording } = this
    if (recording === undefined) throw new MetabonkError({ code: 'usage', what: 'this run is not recorded: there is no way back', todo: 'start it without --no-record' })
    this.past = await recording.reach(hasEnded ? step : Math.min(step, newest), hasEnded ? undefined : live)
  }

  /** To the newest state: of a live run back to itself, of a recording to its end. */
  async toEnd(): Promise<void> {
    if (this.live !== undefined && this.vitals?.ended === undefined && this.wish === undefined) {
      this.isPast = false
      this.isPlaying = false
      return
    }
    await this.goTo(Infinity)
  }

  /** Steps a second, of a run or of a recording that plays; undefined: as fast as it can, or in the world's own time. */
  async setPace(stepsPerSecond: number | undefined): Promise<void> {
    this.pace = stepsPerSecond
    if (!this.isPast) await this.live?.setPace(stepsPerSecond)
  }

  /** Sets the condition at which a run is to stop, or takes it away. Rejects with `usage`, and changes nothing, for one that can't be asked. */
  async setBreakpoint(expression: string | undefined): Promise<void> {
    const { about: { recording }, vitals } = this
    const live = vitals?.ended === undefined ? this.live : undefined
    if (live !== undefined) this.own = await live.setBreakpoint(expression)
    const { first, last } = this.timeline
    const isSearched = live === undefined && expression !== undefined && recording !== undefined
    this.hits = isSearched ? await this.searched(this.ports.find(recording, expression, { from: first, to: last, backwards: false, most: hitsMost })) : []
    this.expression = expression
    this.heard = this.heard.filter(({ by }) => by !== this.own)
    if (live !== undefined) await this.hear(live)
  }

  /** Goes to where the breakpoint holds next, or held before. */
  async toHit(direction: 1 | -1): Promise<boolean> {
    const { expression } = this
    if (expression === undefined) throw new MetabonkError({ code: 'usage', what: 'there is no breakpoint to look for', todo: 'set one: b, then a condition like enemy.health < 5' })
    const { running } = this
    if (running !== undefined && direction === 1 && this.vitals?.ended === undefined) {
      await this.goOn(running)
      return true
    }
    const path = this.about.recording
    if (path === undefined) throw new MetabonkError({ code: 'usage', what: 'this run is not recorded: there is no way back', todo: 'start it without --no-record' })
    if (this.live !== undefined && this.vitals?.ended === undefined) {
      await this.pauseLive()
      await this.live.flush()
    }
    const hit = await this.searched(this.hitFrom(path, expression, direction))
    if (hit === undefined) return false
    await this.goTo(hit)
    return true
  }

  /** Notes that a search is under way. */
  private async searched<T>(search: Promise<T>): Promise<T> {
    this.isSearching = true
    try {
      return await search
    } finally {
      this.isSearching = false
    }
  }

  private async hitFrom(path: string, expression: string, direction: 1 | -1): Promise<number | undefined> {
    const here = this.hits.find(({ from, to }) => from <= this.at && this.at <= to)
    if (direction === -1) return this.at === 0 ? undefined : (await this.findHit(path, expression, { from: 0, to: this.at - 1, backwards: true }))?.from
    const hit = await this.findHit(path, expression, { from: (here?.to ?? this.at) + 1, to: Infinity, backwards: false })
    // The stretch that is shown may have been known in part: it is the next one that is wanted.
    if (here === undefined || hit?.from !== here.to + 1) return hit?.from
    return (await this.findHit(path, expression, { from: hit.to + 1, to: Infinity, backwards: false }))?.from
  }

  /** Finds the next stretch. It is known from then on: the timeline shows it, and what is looked for next lies beyond it. */
  private async findHit(path: string, expression: string, range: Stretch & { readonly backwards: boolean }): Promise<Stretch | undefined> {
    const [hit] = await this.ports.find(path, expression, { ...range, most: 1 }) as readonly (Stretch | undefined)[]
    if (hit !== undefined) this.hits = joined([...this.hits, hit])
    return hit
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
    if (this.isSearching) this.ports.endSearch()
    // A run that has ended meanwhile needs no word.
    if (this.heldFor !== 'itself') await this.live?.release().catch(() => undefined)
    await Promise.all([this.live?.close(), this.recording?.close()])
  }
}
