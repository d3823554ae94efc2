import { frameWords, type Checker, type KindTable, type Lane } from '../../runtime/index.ts'
import { readLetters, type Letter } from './mail.ts'

type SystemStage = Parameters<Checker['runStage']>[0]

/** What a probe looks at after every part of a step. */
export interface Watched {
  /** What is looked at, as text: it changed when the text did. */
  look(): string
  /** The agent whose messages may be to blame, by index of its kind. */
  readonly agent?: { readonly kind: number; readonly row: number }
}

/** A part of a step that changed what was looked at. */
export interface PartChange {
  /** `inputs`, `the machine of enemy`, `system chase`, `births and deaths`, `think of hero`. */
  readonly part: string
  readonly before: string
  readonly after: string
  /** Messages without which it would have come out otherwise, in the order they were taken. */
  readonly letters: readonly Letter[]
  /** True when a machine changed it without any message: by its clock or a timer. */
  readonly byClock: boolean
}

/** More mail than this is not tried message by message. */
const lettersMax = 256

/** Runs the parts of a step one by one, and notes which of them change what is watched. Idle until it is given something. */
export class StepProbe implements Checker {
  readonly changes: PartChange[] = []
  private readonly lane: Lane
  private watched: Watched | undefined
  private last = ''

  constructor(lane: Lane) {
    this.lane = lane
    lane.guard = (name, _kind, _columns, run) => {
      run()
      this.note(name)
    }
  }

  /** Watches from now on. */
  arm(watched: Watched): void {
    this.watched = watched
    this.last = watched.look()
  }

  after(part: 'inputs' | 'settle'): void {
    this.note(part === 'inputs' ? 'inputs' : 'births and deaths')
  }

  runSequential(system: number, run: () => void): void {
    run()
    this.note(`system ${this.lane.state.program.systems[system].name}`)
  }

  runStage(stage: SystemStage, first: boolean): void {
    const { lane } = this
    const { program } = lane.state
    if (first) {
      // What the step before has sent is gone now: that is no part's doing.
      this.last = this.watched?.look() ?? ''
      program.kinds.forEach((_, kind) => {
        this.decide(kind)
      })
    }
    for (const system of stage.parallel) {
      lane.runSystem(system)
      this.note(`system ${program.systems[system].name}`)
    }
  }

  private decide(kind: number): void {
    const { lane, watched } = this
    const behaviour = lane.behaviours[kind]
    if (behaviour === undefined) return
    const part = `the machine of ${lane.state.program.kinds[kind].name}`
    const [begin, end] = [lane.begin(kind), lane.end(kind)]
    const row = watched?.agent?.kind === kind ? watched.agent.row : -1
    if (row < begin || row >= end) {
      behaviour.decide(begin, end)
      this.note(part)
      return
    }
    behaviour.decide(begin, row)
    this.note(part)
    const outcomes = this.outcomes(kind, row)
    behaviour.decide(row, row + 1)
    this.note(part, { letters: outcomes.guilty, byClock: outcomes.byClock })
    behaviour.decide(row + 1, end)
    this.note(part)
  }

  /** What a row comes to with none of its messages, with the first, with the first two, and so on. */
  private outcomes(kind: number, row: number): { readonly guilty: readonly Letter[]; readonly byClock: boolean } {
    const { lane, watched } = this
    if (watched === undefined) return { guilty: [], byClock: false }
    const { inbox } = lane
    const ends = this.letterEnds(kind, row)
    const letters = readLetters(lane.state, { words: inbox.words, begin: ends[0], end: ends[ends.length - 1] })
    const before = watched.look()
    const values = ends.map((end) => this.tryWith(kind, row, end))
    return { guilty: letters.filter((_, i) => values[i + 1] !== values[i]), byClock: values[0] !== before }
  }

  /** Where the row's mail begins, and where each of its messages ends. */
  private letterEnds(kind: number, row: number): number[] {
    const { inbox } = this.lane
    const ends = [inbox.begin(kind, row)]
    for (let at = ends[0]; at < inbox.end(kind, row) && ends.length <= lettersMax; ) {
      at += frameWords(inbox.words[at])
      ends.push(at)
    }
    return ends
  }

  /** What is watched after the row has taken its mail up to a word; everything is put back. */
  private tryWith(kind: number, row: number, mailEnd: number): string {
    const { lane } = this
    const marks = { outbox: lane.outbox.mark(), requests: lane.requests.mark() }
    const table = lane.table(kind)
    const copy = rowCopy(table, row)
    const dirty = table.takeDirty()
    const places = lane.inbox.places(kind)
    const end = places[row + 1]
    if (lane.inbox.hasMail(kind)) places[row + 1] = mailEnd
    try {
      lane.behaviours[kind]?.decide(row, row + 1)
      return this.watched?.look() ?? ''
    } finally {
      if (lane.inbox.hasMail(kind)) places[row + 1] = end
      copy()
      table.takeDirty()
      table.mergeDirty(dirty)
      lane.outbox.rewind(marks.outbox)
      lane.requests.rewind(marks.requests)
    }
  }

  private note(part: string, by: Pick<PartChange, 'letters' | 'byClock'> = { letters: [], byClock: false }): void {
    if (this.watched === undefined) return
    const now = this.watched.look()
    if (now === this.last) return
    this.changes.push({ part, before: this.last, after: now, ...by })
    this.last = now
  }
}

/** Copies a row; the result puts it back. */
function rowCopy(table: KindTable, row: number): () => void {
  const copies = table.columns.map(({ live, type }) => live.slice(row * type.width, (row + 1) * type.width))
  return () => {
    table.columns.forEach(({ live, type }, i) => {
      live.set(copies[i], row * type.width)
    })
  }
}
