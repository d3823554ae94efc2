/** The screens of the guided tour: a real run whose time a test turns, on a terminal that is xterm. */
import { setImmediate } from 'node:timers/promises'
import { prepareWorld, runWorld } from '../../actors/index.ts'
import type { App } from '../../shell/tui/app/app.ts'
import { OwnRuns, type OwnWatch } from '../../shell/tui/app/own-runs.ts'
import { screenPorts } from '../../shell/tui/app/ports.ts'
import { RunScreen } from '../../shell/tui/app/show.ts'
import type { LiveSession, View, ViewQuery } from '../../shell/tui/model/model.ts'
import type { PaneName } from '../../shell/tui/panes/pane.ts'
import type { Rect } from '../../shell/tui/screen/cells.ts'
import { OpeningScreen } from '../../shell/tui/screen/opening.ts'
import { pngShot } from '../../shell/tui/screen/shot.ts'
import { FakeHost, FakeInput, FakeOutput } from '../shell/tui/fake-terminal.ts'
import { feed, lineText, screenOf } from '../shell/tui/screen-text.ts'

const frameMillis = 50
/** Steps of the run in a frame that passes while it goes on. */
const stepsAFrame = 3
const escapeMillis = 120

/** Shares of a thread's time, fills of rings and what service actors did last are other ones on every machine and at every moment: these stand for them. */
const steady = { phases: [210, 60, 150, 25, 40, 90, 15, 35, 12, 20, 8, 5], highWater: 9_216, actors: { director: 'stepping', supervisor: 'watching', recorder: 'recording', compositor: 'published', brain: 'serving' } } as const
const steadyPid = 4711

/** Runs that wait at their first step for whoever looks at them. */
class HeldRuns extends OwnRuns {
  override start(run: Parameters<OwnRuns['start']>[0]): ReturnType<OwnRuns['start']> {
    return super.start((watch: OwnWatch) => run({ ...watch, onLive: (live) => {
      live.setPaused(true)
      watch.onLive(live)
    } }))
  }
}

/** A live run that goes on only when a test says so: it looks as if it ran by itself, at the same speed everywhere. */
export class MetronomeRun {
  readonly session: LiveSession
  private readonly real: LiveSession
  private paused = false
  private pace: number | undefined
  /** How often its vitals were asked for while it went on, and while it was paused. */
  private readonly asked = { going: 0, paused: 0 }

  constructor(real: LiveSession) {
    this.real = real
    this.session = {
      ...real,
      about: { ...real.about, pid: steadyPid },
      look: (query) => this.look(query),
      vitals: () => this.vitals(),
      setPaused: (paused) => {
        this.paused = paused
        return Promise.resolve()
      },
      step: (steps) => this.go(steps),
      setPace: (pace) => {
        this.pace = pace
        return Promise.resolve()
      },
    }
  }

  /** Lets time pass, in which it goes on unless it is paused. */
  async beat(): Promise<void> {
    if (!this.paused) await this.go(stepsAFrame)
  }

  /** What there is to see of the step that the run has come to. */
  private async look(query: ViewQuery): Promise<View> {
    for (;;) {
      const view = await this.real.look(query)
      if (view.step >= (await this.real.vitals()).step) return view
    }
  }

  private async go(steps: number): Promise<void> {
    const to = (await this.real.vitals()).step + steps
    await this.real.step(steps)
    for (let { step, ended } = await this.real.vitals(); step < to && ended === undefined; { step, ended } = await this.real.vitals()) await setImmediate()
  }

  private async vitals(): ReturnType<LiveSession['vitals']> {
    const { paused, pace } = this
    const now = await this.real.vitals()
    this.asked[paused ? 'paused' : 'going']++
    const { asked } = this
    const phases = now.phases.map((counts, worker) => counts.map((_, phase) => steady.phases[(phase + worker) % steady.phases.length] * asked.going + (phase === 0 ? asked.paused : 0)))
    const rings = now.rings.map((ring) => ({ ...ring, bytesUsed: 0, highWater: steady.highWater, records: now.step, stalls: 0 }))
    const actors = now.actors.map((actor) => ({ ...actor, state: steady.actors[actor.name as keyof typeof steady.actors], event: 'START', step: 0 }))
    return { ...now, paused, pace, phases, rings, actors }
  }
}

/** How large the screen is, and whether the run goes on by itself. */
interface TourWish {
  readonly columns?: number
  readonly rows?: number
  readonly metronome?: MetronomeRun
}

/** A screen that is typed at, and shows what it shows once all is done that was asked for. */
export class TourScreen {
  readonly screen: RunScreen
  private readonly input: FakeInput
  private readonly output: FakeOutput
  private readonly xterm: ReturnType<typeof screenOf>
  private readonly metronome: MetronomeRun | undefined
  private now = 0

  private constructor(screen: RunScreen, streams: { readonly input: FakeInput; readonly output: FakeOutput }, metronome: MetronomeRun | undefined) {
    this.screen = screen
    this.input = streams.input
    this.output = streams.output
    this.xterm = screenOf(streams.output.columns, streams.output.rows)
    this.metronome = metronome
  }

  private get app(): App {
    return this.screen.app
  }

  static async open(session: LiveSession, own: OwnRuns, { columns = 80, rows = 24, metronome }: TourWish = {}): Promise<TourScreen> {
    const [input, output] = [new FakeInput(), new FakeOutput(columns, rows)]
    const opening = new OpeningScreen(session.about.world, { input, output, colours: '24-bit', term: 'xterm-256color', host: new FakeHost() })
    await opening.terminal.ready
    const tour = new TourScreen(new RunScreen(opening, [session], screenPorts(own)), { input, output }, metronome)
    await tour.frames(4)
    return tour
  }

  /** Lets frames pass; a run that is not paused goes on. */
  async frames(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.metronome?.beat()
      this.now += frameMillis
      await this.screen.frame(this.now)
      await setImmediate()
    }
    await this.screen.frame(this.now)
    await feed(this.xterm, this.output.take())
  }

  /** Types, and waits until nothing is under way any more. */
  async type(...keys: readonly string[]): Promise<void> {
    for (const bytes of keys) {
      this.input.write(bytes)
      if (bytes.endsWith('\u001b')) await new Promise((resolve) => setTimeout(resolve, escapeMillis))
      await this.frames(1)
      while (this.app.desk.working > 0) await this.frames(1)
      await this.frames(6)
    }
  }

  /** What the terminal shows of the whole screen, or of a pane; lines without the spaces at their end. What is never the same is replaced by what is as long. */
  text(pane?: PaneName): string {
    const { x, y, width, height } = this.rect(pane)
    const line = (at: number): string => lineText(this.xterm, at).slice(x, x + width).replace(/pid \d+ */, (pid) => `pid ${String(steadyPid)}`.padEnd(pid.length)).replace(/-fork-7-[0-9a-f]{6}/, '-fork-7-5c1e9d')
    return Array.from({ length: height }, (_, at) => `${line(y + at).trimEnd()}\n`).join('')
  }

  /** The box that lies over the panes. */
  box(): string {
    const lines = this.text().split('\n')
    const top = lines.findIndex((line) => line.includes(`\u256d\u2500 ${this.app.desk.popup?.title ?? 'no box'} \u2500`))
    const [from, to] = [lines[top].indexOf('\u256d\u2500 '), lines[top].lastIndexOf('\u256e')]
    const bottom = lines.findIndex((line, at) => at > top && line[from] === '\u2570')
    return lines.slice(top, bottom + 1).map((line) => `${line.slice(from, to + 1)}\n`).join('')
  }

  picture(pane?: PaneName): Uint8Array {
    const { cells } = this.app
    if (cells === undefined) throw new Error('nothing was drawn')
    return pngShot(cells, this.rect(pane))
  }

  private rect(pane: PaneName | undefined): Rect {
    const all: Rect = { x: 0, y: 0, width: this.xterm.cols, height: this.xterm.rows }
    if (pane === undefined) return all
    const placed = this.app.canvas.arrange().find((each) => each.pane === pane)
    if (placed === undefined) throw new Error(`${pane} is not on the screen`)
    return placed.rect
  }
}

/** The run of the tour: eight heroes against sixty enemies, held at its first step. */
export async function tourRun(record: string): Promise<{ readonly own: OwnRuns; readonly metronome: MetronomeRun }> {
  const own = new HeldRuns()
  const world = await prepareWorld('arena', { overrides: ['agents=8', 'enemies=60', 'obs=both'] })
  const sessions = await own.start((watch) => runWorld({ world, seed: 7, steps: 2000, workers: 2, record, ...watch }))
  return { own, metronome: new MetronomeRun(sessions.open()) }
}
