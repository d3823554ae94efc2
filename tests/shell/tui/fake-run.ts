/** A run that is nothing but a clock, to see what a screen does with it. */
import { MetabonkError, type Input, type LiveStop, type LiveVitals } from '../../../actors/index.ts'
import type { LiveSession, RecordedSession, RunAbout, View, ViewQuery } from '../../../shell/tui/model/model.ts'
import type { Ports } from '../../../shell/tui/app/desk.ts'

const kinds = ['sheep', 'wolf'] as const
const rows = 40

const about: RunAbout = {
  world: 'clockwork',
  seed: 7,
  recording: 'runs/clockwork.mcap',
  workers: 2,
  pid: 4711,
  config: { speed: 2 },
  kinds: kinds.map((name) => ({
    name,
    rowsMax: 64,
    columns: [
      { name: 'health', type: 'f32', isNumber: true, published: true },
      { name: 'at', type: 'vec f32[2]', isNumber: false, published: true },
    ],
    hasMachine: true,
    hasCamera: name === 'wolf',
    hasPolicy: name === 'wolf',
  })),
  phases: ['waiting', 'publish', 'decide of sheep'],
  until: 500,
  stepMillis: 100,
  space: { width: 100, height: 50 },
}

/** The health of an agent of the clockwork. */
function healthOf(step: number, row: number): number {
  return (step * 7 + row * 13) % 100
}

function tableOf(step: number, { kind, from, count, filter }: NonNullable<ViewQuery['table']>): View['table'] {
  const all = Array.from({ length: rows }, (_, row) => row).filter((row) => filter === '' || String(row).includes(filter))
  return {
    kind,
    total: all.length,
    from,
    rows: all.slice(from, from + count).map((row) => ({ row, state: row % 2 === 0 ? 'grazing' : 'fleeing', cells: [String(healthOf(step, row)), `(${String(row)}, ${String(step % 50)})`] })),
    fault: undefined,
  }
}

function cameraOf(step: number, { width, height, kind, row, channel }: NonNullable<ViewQuery['camera']>): View['camera'] {
  const [w, h] = [Math.min(16, width), Math.min(16, height)]
  return { width: w, height: h, rgb: Uint8Array.from({ length: 3 * w * h }, (_, i) => (i * 5 + step) & 255), kind, row, channel, step }
}

/** What there is to see of the clockwork at a step. */
export function viewAt(step: number, query: ViewQuery): View {
  const { table, agent, map, camera } = query
  return {
    step,
    hash: step.toString(16).padStart(16, '0'),
    kinds: kinds.map((name) => ({
      name,
      agents: rows,
      rows,
      deaths: step >> 3,
      refused: 0,
      states: [{ state: 'grazing', agents: 20 + (step % 10) }, { state: 'fleeing', agents: 20 - (step % 10) }],
      reward: name === 'wolf' ? { sum: step % 5, terminated: 0, truncated: 0 } : undefined,
    })),
    report: { afraid: step % 17 },
    table: table === undefined ? undefined : tableOf(step, table),
    agent: agent === undefined ? undefined : { ...agent, alive: agent.row < rows, generation: 1, state: 'grazing', fields: [{ name: 'health', type: 'f32', value: String(healthOf(step, agent.row)) }], inbox: [] },
    map: map === undefined ? undefined : { ...map, kinds: new Uint8Array(map.width * map.height).fill(1, 0, 3), counts: new Uint16Array(map.width * map.height).fill(2, 0, 3), at: undefined },
    camera: camera === undefined ? undefined : cameraOf(step, camera),
  }
}

/** A live run: it goes as many steps as it is told, and by itself with `run`. */
export class FakeLive implements LiveSession {
  readonly form = 'live'
  readonly about = about
  reached = 0
  paused = false
  pace: number | undefined
  ended: string | undefined
  closed = false
  flushed = 0
  breakpoint: string | undefined
  stops: readonly LiveStop[] = []
  readonly sent: Input[] = []

  /** Lets time pass. */
  run(steps: number): void {
    if (!this.paused && this.ended === undefined) this.goOn(steps)
  }

  private goOn(steps: number): void {
    this.stops = []
    for (let step = 0; step < steps && this.stops.length === 0; step++) {
      this.reached++
      this.stopWhere()
    }
  }

  /** A breakpoint `7` holds at every step that 7 divides. */
  private stopWhere(): void {
    const { breakpoint: expression, reached: step } = this
    if (expression === undefined || step % Number(expression) !== 0) return
    this.stops = [{ step, by: 3, expression, fault: undefined }]
    this.paused = true
  }

  look(query: ViewQuery): Promise<View> {
    return Promise.resolve(viewAt(this.reached, query))
  }

  vitals(): Promise<LiveVitals> {
    const { reached: step, paused, stops, pace, ended } = this
    return Promise.resolve({
      step, paused, stops, pace, ended,
      phases: [[1, step, 2 * step], [2, step, step]],
      rings: [{ name: 'recorder', bytesUsed: 100, bytes: 1000, highWater: 200, stalls: 0, drops: 0, records: step }],
      slabs: [{ name: 'sheep', bytesUsed: 1000, bytesReserved: 1e6 }],
      actors: [{ name: 'director', state: ended === undefined ? 'stepping' : 'stopped', event: 'START', step: 0 }, { name: 'supervisor', state: 'watching', event: '', step: 0 }],
    })
  }

  setPaused(paused: boolean): Promise<void> {
    this.paused = paused
    if (!paused) this.stops = []
    return Promise.resolve()
  }

  release(): Promise<void> {
    return this.setPaused(false)
  }

  step(steps: number): Promise<void> {
    this.goOn(steps)
    return Promise.resolve()
  }

  setBreakpoint(expression: string | undefined): Promise<number> {
    if (Number.isNaN(Number(expression ?? 1))) return Promise.reject(new MetabonkError({ code: 'usage', what: `'${String(expression)}' is no number` }))
    this.breakpoint = expression
    this.stopWhere()
    return Promise.resolve(3)
  }

  setPace(pace: number | undefined): Promise<void> {
    this.pace = pace
    return Promise.resolve()
  }

  send(input: Input): Promise<number> {
    this.sent.push(input)
    return Promise.resolve(this.reached)
  }

  flush(): Promise<void> {
    this.flushed = this.reached
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

/** A recording up to a step. */
export class FakeRecorded implements RecordedSession {
  readonly form = 'recorded'
  about: RunAbout
  readonly first = 0
  readonly keyframes = [0, 50, 100]
  readonly inputs = [20]
  last: number
  at: number
  closed = false
  /** How often it was read on, and the parts it was turned to. */
  reads = 0
  readonly turns: string[] = []
  private readonly recorded: () => number

  /** `recorded` is the last step that is in the file by now. */
  constructor(last: number, path = 'runs/clockwork.mcap', recorded = () => last) {
    this.last = last
    this.recorded = recorded
    this.at = last
    this.about = { ...about, pid: undefined, recording: path }
  }

  look(query: ViewQuery): Promise<View> {
    return Promise.resolve(viewAt(this.at, query))
  }

  goTo(step: number): Promise<void> {
    this.at = step
    return Promise.resolve()
  }

  readOn(): Promise<void> {
    this.reads++
    this.last = this.recorded()
    return Promise.resolve()
  }

  turnTo(path: string): Promise<void> {
    this.turns.push(path)
    this.about = { ...this.about, recording: path }
    this.last = this.recorded()
    return Promise.resolve()
  }

  events(step: number): Promise<readonly string[]> {
    return Promise.resolve([`something happened in step ${String(step)}`])
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

/** A world around a screen in which everything is at hand. */
export function fakePorts(live?: FakeLive): Ports & { readonly files: Map<string, Uint8Array>; readonly opened: FakeRecorded[] } {
  const files = new Map<string, Uint8Array>()
  const opened: FakeRecorded[] = []
  return {
    files,
    opened,
    openRecording: (path) => {
      if (path.includes('missing')) return Promise.reject(new MetabonkError({ code: 'recording-invalid', what: 'there is no such file', where: path }))
      const recorded = (): number => (live?.ended === undefined ? live?.flushed : live.reached) ?? 120
      const session = new FakeRecorded(recorded(), path, recorded)
      opened.push(session)
      return Promise.resolve(session)
    },
    partWith: (path) => path,
    firstStep: () => 0,
    endSearch: () => undefined,
    close: () => Promise.resolve(),
    find: (_, expression, { from, to, backwards, most }) => {
      const last = Math.min(to, 120)
      const hits = Array.from({ length: Math.max(0, last - from + 1) }, (__, i) => from + i).filter((step) => step % Number(expression) === 0).map((step) => ({ from: step, to: step }))
      return Promise.resolve((backwards ? hits.reverse() : hits).slice(0, most))
    },
    why: (_, step, target) => Promise.resolve({ rows: [[target, 'it was set'], ['by', 'system wander']], step: step - 3 }),
    bisect: (a, b) => Promise.resolve({ rows: [['A', a], ['B', b], ['first difference', 'step 33']], step: 33 }),
    fork: () => Promise.resolve(new FakeLive()),
    recordings: () => ['runs/a.mcap', 'runs/b.mcap'],
    attach: (name) => (name === '1' ? Promise.resolve(new FakeLive()) : Promise.reject(new MetabonkError({ code: 'usage', what: `there is no run '${name}'` }))),
    runs: () => Promise.resolve(['1 clockwork, seed 7, step 3']),
    write: (path, bytes) => {
      files.set(path, bytes)
    },
  }
}
