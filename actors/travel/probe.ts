import { frameWords, limits, rowOfAddress, type Checker, type KindTable, type Lane } from '../../runtime/index.ts'
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
  /**
   * Messages without which, each by itself, it would have come out otherwise, in the order they were taken. Where no single one decides: those after which
   * it was another one.
   */
  readonly letters: readonly Letter[]
  /** How many messages, the last of very many, were not tried. */
  readonly untried: number
  /** True when a machine changed it without any message: by its clock or a timer. */
  readonly byClock: boolean
  /** Of a birth or death: the parts of the step that asked for it, and the kind they acted for. */
  readonly askedBy: readonly string[]
}

type Blame = Pick<PartChange, 'letters' | 'untried' | 'byClock' | 'askedBy'>

const nobodyAsked: Blame = { letters: [], untried: 0, byClock: false, askedBy: [] }

/** More mail than this is not tried message by message. */
const lettersMax = 256

/** Runs the parts of a step one by one, and notes which of them change what is watched. Idle until it is given something. */
export class StepProbe implements Checker {
  readonly changes: PartChange[] = []
  private readonly lane: Lane
  private watched: Watched | undefined
  private last = ''
  private readonly lives: LifeRequests

  constructor(lane: Lane) {
    this.lane = lane
    this.lives = new LifeRequests(lane)
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
    if (part === 'inputs') this.note('inputs')
    else this.note('births and deaths', { ...nobodyAsked, askedBy: this.lives.askedBy(this.watched?.agent) })
  }

  runSequential(system: number, run: () => void): void {
    run()
    this.ended(`system ${this.lane.state.program.systems[system].name}`)
  }

  runStage(stage: SystemStage, first: boolean): void {
    const { lane } = this
    const { program } = lane.state
    if (first) {
      // What the step before has sent is gone now: that is no part's doing.
      this.last = this.watched?.look() ?? ''
      this.lives.open(this.watched?.agent)
      program.kinds.forEach((_, kind) => {
        this.decide(kind)
      })
    }
    for (const system of stage.parallel) {
      lane.runSystem(system)
      this.ended(`system ${program.systems[system].name}`)
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
      this.ended(part)
      return
    }
    behaviour.decide(begin, row)
    this.note(part)
    const outcomes = this.outcomes(kind, row)
    behaviour.decide(row, row + 1)
    this.note(part, { ...nobodyAsked, ...outcomes })
    behaviour.decide(row + 1, end)
    this.ended(part)
  }

  private ended(part: string): void {
    if (this.watched !== undefined) this.lives.collect(part)
    this.note(part)
  }

  /** What a row comes to without each of its messages, and without any. */
  private outcomes(kind: number, row: number): Pick<PartChange, 'letters' | 'untried' | 'byClock'> {
    const { lane, watched } = this
    if (watched === undefined) return nobodyAsked
    const { inbox } = lane
    const [begin, end] = [inbox.begin(kind, row), inbox.end(kind, row)]
    const ends = letterEnds(inbox.words, begin, end)
    const letters = readLetters(lane.state, { words: inbox.words, begin, end })
    const before = watched.look()
    const mail = inbox.words.slice(begin, end)
    const tried = Math.min(letters.length, lettersMax)
    const all = this.tryWith(kind, row, mail)
    const without = (i: number): Uint32Array => Uint32Array.from([...mail.subarray(0, ends[i] - begin), ...mail.subarray(ends[i + 1] - begin)])
    const decisive = letters.slice(0, tried).filter((_, i) => this.tryWith(kind, row, without(i)) !== all)
    const untried = letters.length - tried
    // Where it comes out the same without any single one, those are named after which it was another one.
    const guilty = decisive.length > 0 || untried > 0 ? decisive : this.turning({ kind, row, mail, ends, letters })
    return { letters: guilty, untried, byClock: this.tryWith(kind, row, new Uint32Array(0)) !== before }
  }

  private turning({ kind, row, mail, ends, letters }: { readonly kind: number; readonly row: number; readonly mail: Uint32Array; readonly ends: readonly number[]; readonly letters: readonly Letter[] }): Letter[] {
    const values = ends.map((end) => this.tryWith(kind, row, mail.subarray(0, end - ends[0])))
    return letters.filter((_, i) => values[i + 1] !== values[i])
  }

  /** What is watched after the row has taken other mail than its own, of which this is a part; everything is put back. */
  private tryWith(kind: number, row: number, mail: Uint32Array): string {
    const { lane } = this
    const marks = { outbox: lane.outbox.mark(), requests: lane.requests.mark() }
    const table = lane.table(kind)
    const putBack = rowCopy(table, row)
    const dirty = table.takeDirty()
    const { words } = lane.inbox
    const places = lane.inbox.places(kind)
    const hasMail = lane.inbox.hasMail(kind)
    const [begin, end] = [lane.inbox.begin(kind, row), lane.inbox.end(kind, row)]
    const own = words.slice(begin, end)
    words.set(mail, begin)
    if (hasMail) places[row + 1] = begin + mail.length
    try {
      lane.behaviours[kind]?.decide(row, row + 1)
      return this.watched?.look() ?? ''
    } finally {
      words.set(own, begin)
      if (hasMail) places[row + 1] = end
      putBack()
      table.takeDirty()
      table.mergeDirty(dirty)
      lane.outbox.rewind(marks.outbox)
      lane.requests.rewind(marks.requests)
    }
  }

  private note(part: string, by: Blame = nobodyAsked): void {
    if (this.watched === undefined) return
    const now = this.watched.look()
    if (now === this.last) return
    this.changes.push({ part, before: this.last, after: now, ...by })
    this.last = now
  }
}

/** Which parts of a step asked for whose birth and death. */
class LifeRequests {
  private readonly lane: Lane
  private mark: ReturnType<Lane['requests']['mark']>
  private births: { readonly part: string; readonly kind: number; readonly from: number }[] = []
  private deaths: { readonly part: string; readonly kind: number; readonly row: number }[] = []
  /** Generations of the kind that is watched, as they were when the step began. */
  private generations = new Uint32Array(0)

  constructor(lane: Lane) {
    this.lane = lane
    this.mark = lane.requests.mark()
  }

  /** Starts a step, in which somebody is watched. */
  open(agent: Watched['agent']): void {
    this.mark = this.lane.requests.mark()
    this.births = []
    this.deaths = []
    if (agent !== undefined) this.generations = this.lane.table(agent.kind).generation.slice(0, agent.row + 1)
  }

  /** Takes what a part has asked for. */
  collect(part: string): void {
    const { requests } = this.lane
    for (const [kind, from] of requests.birthsSince(this.mark)) this.births.push({ part, kind, from })
    for (const death of requests.deathsSince(this.mark)) this.deaths.push({ part, kind: kindOfDeath(death), row: rowOfAddress(death) })
    this.mark = requests.mark()
  }

  /** Who asked for what became of an agent. Rows are given to births in their canonical order, lowest first. */
  askedBy(agent: Watched['agent']): string[] {
    if (agent === undefined) return []
    const { kind, row } = agent
    const { generation } = this.lane.table(kind)
    const died = this.deaths.filter((each) => each.kind === kind && each.row === row).map(({ part }) => part)
    if (generation[row] === this.generations[row]) return died
    const place = this.generations.subarray(0, row).reduce((count, before, other) => count + (generation[other] === before ? 0 : 1), 0)
    const births = this.births.filter((each) => each.kind === kind).sort((a, b) => a.from - b.from)
    return [...died, ...births.slice(place, place + 1).map(({ part }) => part)]
  }
}

/** The kind of a row that is asked to end: requests number rows from kind 0 on. */
function kindOfDeath(death: number): number {
  return Math.floor(death / limits.rowsMax)
}

/** Where mail begins, and where each of its messages ends. */
function letterEnds(words: Uint32Array, begin: number, end: number): number[] {
  const ends = [begin]
  for (let at = begin; at < end; ) {
    at += frameWords(words[at])
    ends.push(at)
  }
  return ends
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
