/** Contexts nobody should ever see: empty, huge, no numbers, texts that would break a terminal. All from a seed. */
import type { LiveVitals } from '../../../actors/index.ts'
import { createRng, streamId, type Rng } from '../../../runtime/index.ts'
import type { AgentView, CameraView, KindAbout, KindView, MapView, RunAbout, TableView, View } from '../../../shell/tui/model/model.ts'
import { paneNames, type Chosen, type LogLine, type PaneContext, type Timeline } from '../../../shell/tui/panes/pane.ts'
import { themeNames, themeOf } from '../../../shell/tui/screen/theme.ts'

const texts = ['', 'enemy', 'a name that is far too long for any column there is in any pane', '漢字の名前', '👾👾👾👾👾👾', 'x\u001b[31mred\u001b[0m', 'tab\tnew\nline\r', '\u0000\u0007\u009b2J', 'e\u0301\u0301\u0301', '\ud800', '\u202eevil', '12.5', '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12', 'x'.repeat(3000), '    ', 'hunting', 'supervisor', 'policyLoss', 'vec f32[2]', 'f32'] as const
const odd = [0, 1, -1, NaN, Infinity, -Infinity, 1e300, -1e300, 0.1, 1e-300, 12_345, Number.MAX_SAFE_INTEGER, 2 ** 32, 59.999, -0] as const

interface Drawn {
  readonly context: PaneContext
  readonly size: { readonly width: number; readonly height: number }
  readonly place: { readonly x: number; readonly y: number }
}

/** One context after the other. */
export class RandomContexts {
  private readonly rng: Rng
  private round = 0

  constructor(seed: number) {
    this.rng = createRng(seed, streamId('tui', 'panes', 'contexts'))
  }

  next(): Drawn {
    this.rng.at(this.round++, 0)
    const size = { width: this.below(10) === 0 ? this.below(201) : 1 + this.below(90), height: this.below(10) === 0 ? this.below(61) : 1 + this.below(30) }
    return { context: this.context(), size, place: { x: this.below(size.width + 1), y: this.below(size.height + 1) } }
  }

  private below(most: number): number {
    return this.rng.below(Math.max(1, most))
  }

  private flag(): boolean {
    return this.below(2) === 0
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]
  }

  private maybe<T>(make: () => T): T | undefined {
    return this.below(5) === 0 ? undefined : make()
  }

  private text(): string {
    return this.pick(texts)
  }

  private number(): number {
    return this.below(3) === 0 ? this.pick(odd) : this.below(1_000_000) / this.pick([1, 1, 100])
  }

  private list<T>(make: () => T, most = 6): T[] {
    return Array.from({ length: this.below(most + 1) }, make)
  }

  private kindAbout(): KindAbout {
    const columns = this.list(() => ({ name: this.text(), type: this.text(), isNumber: this.flag(), published: this.flag() }), 9)
    return { name: this.text(), rowsMax: this.number(), columns, hasMachine: this.flag(), hasCamera: this.flag(), hasPolicy: this.flag() }
  }

  private about(): RunAbout {
    return {
      world: this.text(),
      seed: this.number(),
      recording: this.maybe(() => this.text()),
      workers: this.number(),
      pid: this.maybe(() => this.number()),
      config: {},
      kinds: this.list(() => this.kindAbout()),
      phases: this.list(() => this.text(), 12),
      until: this.maybe(() => this.number()),
      stepMillis: 50,
      space: this.maybe(() => ({ width: this.number(), height: this.number() })),
    }
  }

  private kindView(): KindView {
    const reward = this.flag() ? { sum: this.number(), terminated: this.number(), truncated: this.number() } : undefined
    return { name: this.text(), agents: this.number(), rows: this.number(), deaths: this.number(), refused: this.number(), states: this.list(() => ({ state: this.text(), agents: this.number() })), reward }
  }

  private table(): TableView {
    const rows = this.list(() => ({ row: this.number(), state: this.maybe(() => this.text()), cells: this.list(() => this.text(), 9) }), 40)
    return { kind: this.text(), total: this.number(), from: this.number(), rows, fault: this.flag() ? undefined : this.text() }
  }

  private agent(): AgentView {
    const fields = this.list(() => ({ name: this.flag() ? this.text() : this.pick(['action', 'reward', 'health']), type: this.text(), value: this.text() }), 20)
    return { kind: this.text(), row: this.number(), alive: this.flag(), generation: this.number(), state: this.maybe(() => this.text()), fields, inbox: this.list(() => this.text()) }
  }

  private map(): MapView {
    const [width, height] = [this.below(200), this.below(120)]
    const kinds = new Uint8Array(width * height).map(() => (this.below(9) === 0 ? this.below(256) : 0))
    return { width, height, kinds, counts: new Uint16Array(width * height).fill(this.below(65_536)), at: this.maybe(() => ({ x: this.number(), y: this.number() })) }
  }

  private camera(): CameraView {
    const [width, height] = [this.below(130), this.below(130)]
    return { width, height, rgb: new Uint8Array(this.flag() ? 3 * width * height : 5).fill(this.below(256)), kind: this.text(), row: this.number(), channel: this.pick(['rgb', 'depth', 'segmentation']), step: this.number() }
  }

  private view(): View {
    return {
      step: this.number(),
      hash: this.text(),
      kinds: this.list(() => this.kindView()),
      report: Object.fromEntries(this.list(() => [this.text(), this.number()])),
      table: this.maybe(() => this.table()),
      agent: this.maybe(() => this.agent()),
      map: this.maybe(() => this.map()),
      camera: this.maybe(() => this.camera()),
    }
  }

  private vitals(): LiveVitals {
    const ring = () => ({ name: this.text(), bytesUsed: this.number(), bytes: this.number(), highWater: this.number(), stalls: this.number(), drops: this.number(), records: this.number() })
    return {
      step: this.number(),
      paused: this.flag(),
      stops: [],
      pace: this.maybe(() => this.number()),
      ended: this.maybe(() => this.text()),
      phases: this.list(() => this.list(() => this.number(), 14), 20),
      rings: this.list(ring),
      slabs: this.list(() => ({ name: this.text(), bytesUsed: this.number(), bytesReserved: this.number() })),
      actors: this.list(() => ({ name: this.text(), state: this.text(), event: this.text(), step: this.number() })),
    }
  }

  private timeline(): Timeline {
    const steps = () => this.list(() => this.number(), 30)
    const marks = this.list(() => ({ name: this.text(), step: this.number() }))
    const hits = this.list(() => ({ from: this.number(), to: this.number() }), 30)
    return { first: this.number(), last: this.number(), at: this.number(), keyframes: steps(), inputs: steps(), marks, hits }
  }

  private chosen(kinds: readonly KindAbout[]): Chosen {
    const kind = kinds.length > 0 && this.flag() ? this.pick(kinds).name : this.text()
    const table = { kind, from: this.number(), count: this.number(), sort: this.maybe(() => ({ by: this.text(), descending: this.flag() })), filter: this.text() }
    const scroll = Object.fromEntries(paneNames.map((name) => [name, this.number()]))
    return { kind, row: this.maybe(() => this.number()), channel: 'depth', table, cursor: this.number(), scroll: this.flag() ? scroll : {}, transitions: this.list(() => ({ step: this.number(), state: this.text() })), other: this.maybe(() => ({ name: this.text(), agent: this.maybe(() => this.agent()) })) }
  }

  private log(): LogLine[] {
    return this.list(() => ({ step: this.maybe(() => this.number()), level: this.pick(['event', 'info', 'warn', 'error'] as const), text: this.text() }), 80)
  }

  private context(): PaneContext {
    const about = this.about()
    const values = this.list(() => this.number(), 150)
    return {
      theme: themeOf(this.pick(themeNames)),
      about,
      view: this.maybe(() => this.view()),
      vitals: this.maybe(() => this.vitals()),
      mode: this.text(),
      stepsPerSecond: this.number(),
      timeline: this.timeline(),
      history: { series: () => values },
      log: this.log(),
      chosen: this.chosen(about.kinds),
      focused: this.flag(),
    }
  }
}
