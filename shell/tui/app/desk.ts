import { MetabonkError, type Input } from '../../../actors/index.ts'
import type { AnswerRow } from '../../answers.ts'
import type { AgentView, LiveSession, RecordedSession, TableQuery, View } from '../model/model.ts'
import type { Chosen, LogLine, PaneName } from '../panes/pane.ts'
import { themeNames, type ThemeName } from '../screen/theme.ts'
import { SeenHistory, SeenLife } from './history.ts'
import { Playhead, type PlayheadPorts } from './playhead.ts'

/** How the runs are compared, asked and made that a screen looks at. */
export interface Ports extends PlayheadPorts {
  why(path: string, step: number, target: string): Promise<{ readonly rows: readonly AnswerRow[]; readonly step: number }>
  /** The first step in which two recordings differ. */
  bisect(a: string, b: string): Promise<{ readonly rows: readonly AnswerRow[]; readonly step: number | undefined }>
  /** Starts a run that shares the states of a recorded one up to a step. */
  fork(path: string, at: number, changes: readonly string[]): Promise<LiveSession>
  /** The first step of a run that is recorded: later ones than 0 where parts of it are gone. */
  firstStep(path: string): number
  /** Recordings that are near at hand, also beside one. */
  recordings(beside: string | undefined): readonly string[]
  /** Runs of other processes. */
  attach(name: string): Promise<LiveSession>
  runs(): Promise<readonly string[]>
  /** Writes a file; refuses to replace one. */
  write(path: string, bytes: Uint8Array): void
  /** Ends what was begun for answers. */
  close(): Promise<void>
}

/** A run on the screen, and what of it is chosen. */
export interface Tab {
  readonly playhead: Playhead
  readonly history: SeenHistory
  view: View | undefined
  kind: string
  row: number | undefined
  /** The agent at the cursor is to be inspected, once it is known who that is. */
  isPicking: boolean
  from: number
  cursor: number
  sort: TableQuery['sort']
  filter: string
  other: { readonly name: string; readonly agent: AgentView | undefined } | undefined
  readonly life: SeenLife
}

/** A box of lines over the panes: an answer, or help. */
export interface Popup {
  readonly title: string
  readonly rows: readonly AnswerRow[]
  scroll: number
  /** What Enter does, as a command, and to which run. */
  readonly then?: { readonly command: string; readonly tab: Tab } | undefined
}

/** What was asked of a recording that is looked at no more, since another one is. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof MetabonkError && error.code === 'stopped'
}

const logLinesMax = 500
const channels = ['rgb', 'depth', 'segmentation'] as const

function newTab(playhead: Playhead): Tab {
  const kind = playhead.about.kinds.at(0)?.name ?? ''
  return { playhead, history: new SeenHistory(), view: undefined, kind, row: undefined, isPicking: true, from: 0, cursor: 0, sort: undefined, filter: '', other: undefined, life: new SeenLife() }
}

/** Everything a screen knows: the runs it shows, what is chosen of them, and what it says. Commands and keys change it; drawing reads it. */
export class Desk {
  readonly ports: Ports
  readonly log: LogLine[] = []
  readonly tabs: Tab[] = []
  place = 0
  focus: PaneName = 'agents'
  /** The pane that has the keys was asked for by its name: the page is to be turned to where it is. */
  isSeekingFocus = false
  zoomed: PaneName | undefined
  page = 1
  theme: ThemeName
  channel: Chosen['channel'] = 'rgb'
  readonly scroll: Partial<Record<PaneName, number>> = {}
  popup: Popup | undefined
  /** The terminal's own selection of text works: no mouse, one pane, no border. */
  isCopying = false
  /** A picture of a pane that is to be made at the next drawing. */
  shot: string | undefined
  hasQuit = false
  private isClosed = false
  /** What was said last that is no event of a run, and when, in milliseconds. */
  said: { readonly line: LogLine; readonly at: number } | undefined
  /** Work that is under way, for the line at the bottom. */
  working = 0
  /** When that began, in milliseconds. */
  workingSince = 0

  constructor(sessions: readonly (LiveSession | RecordedSession)[], ports: Ports, theme: ThemeName) {
    this.ports = ports
    this.theme = theme
    for (const session of sessions) this.open(session)
    this.place = 0
  }

  get tab(): Tab {
    return this.tabs[this.place]
  }

  get playhead(): Playhead {
    return this.tab.playhead
  }

  get chosen(): Chosen {
    const { kind, row, cursor, other, life } = this.tab
    return { kind, row, channel: this.channel, table: this.tableQuery(0), cursor, scroll: this.scroll, transitions: life.states, other }
  }

  /** The rows that a table of so many lines shows. */
  tableQuery(count: number): TableQuery {
    const { kind, from, sort, filter } = this.tab
    return { kind, from, count, sort, filter }
  }

  /** Shows one run more. */
  open(session: LiveSession | RecordedSession): void {
    // The screen was left while it was opened.
    if (this.isClosed) void session.close()
    this.tabs.push(newTab(new Playhead(session, this.ports)))
    this.place = this.tabs.length - 1
  }

  /** Leaves the run that is shown; the last one is not left. */
  async closeTab(): Promise<void> {
    if (this.tabs.length === 1) throw new MetabonkError({ code: 'usage', what: 'this is the only run here', todo: 'quit with q' })
    const [closed] = this.tabs.splice(this.place, 1)
    this.place = Math.min(this.place, this.tabs.length - 1)
    await closed.playhead.close()
  }

  /** Turns to a run, when it was not left meanwhile. */
  turnTo(tab: Tab): boolean {
    const place = this.tabs.indexOf(tab)
    if (place >= 0) this.place = place
    return place >= 0
  }

  turnTab(by: number): void {
    this.place = (this.place + by + this.tabs.length) % this.tabs.length
  }

  say(text: string, level: LogLine['level'] = 'info'): void {
    this.note({ step: this.playhead.at, level, text })
  }

  /** Puts a line into the log. */
  note(line: LogLine): void {
    this.log.push(line)
    if (line.level !== 'event') this.said = { line, at: this.now }
    if (this.log.length > logLinesMax) this.log.splice(0, this.log.length - logLinesMax)
  }

  /** Says what went wrong; nothing that is refused ends the screen. */
  refuse(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    this.say(text.replaceAll(/\s*\n\s*/g, ' '), 'error')
  }

  answer(title: string, rows: readonly AnswerRow[], then?: Popup['then']): void {
    this.popup = { title, rows, scroll: 0, then }
  }

  /** Takes what was seen; `tab` is where it was asked for. */
  see(tab: Tab, view: View): void {
    tab.view = view
    tab.history.add(view, this.speed(tab))
    tab.life.add(view)
    const { table } = view
    if (table?.kind === tab.kind) {
      tab.cursor = Math.max(0, Math.min(tab.cursor, table.total - 1))
      const found = table.rows.at(tab.cursor - table.from)
      if (tab.isPicking && tab.cursor >= table.from && found !== undefined) {
        tab.row = found.row
        tab.isPicking = false
      }
    }
  }

  private readonly speeds = new WeakMap<Tab, { step: number; at: number; perSecond: number }>()
  private now = 0

  /** Measures how fast the run that is shown goes. `now` in milliseconds. */
  tick(now: number): void {
    this.now = now
    const { tab, speeds } = this
    const { running, at, vitals } = tab.playhead
    // Until a live run has said where it is, nothing is known of its speed.
    const step = running === undefined ? at : vitals?.step
    if (step === undefined) return
    const before = speeds.get(tab)
    if (before === undefined || step < before.step) {
      speeds.set(tab, { step, at: now, perSecond: 0 })
      return
    }
    if (now - before.at < 500) return
    speeds.set(tab, { step, at: now, perSecond: ((step - before.step) * 1000) / (now - before.at) })
  }

  speed(tab: Tab = this.tab): number {
    return this.speeds.get(tab)?.perSecond ?? 0
  }

  get time(): number {
    return this.now
  }

  chooseKind(name: string): void {
    const { tab } = this
    if (!tab.playhead.about.kinds.some((each) => each.name === name)) throw new MetabonkError({ code: 'usage', what: `there is no kind '${name}'`, todo: `choose from ${tab.playhead.about.kinds.map((each) => each.name).join(', ')}` })
    if (name === tab.kind) return
    Object.assign(tab, { kind: name, row: undefined, isPicking: true, from: 0, cursor: 0, sort: undefined, filter: '', other: undefined })
  }

  turnKind(by: number): void {
    const { kinds } = this.playhead.about
    const place = kinds.findIndex((each) => each.name === this.tab.kind)
    if (kinds.length > 0) this.chooseKind(kinds[(place + by + kinds.length) % kinds.length].name)
  }

  inspect(kind: string, row: number): void {
    this.chooseKind(kind)
    this.tab.row = row
    this.tab.isPicking = false
    this.tab.other = undefined
  }

  /** Moves the cursor of the table so that it stays among the `lines` lines that are shown. */
  moveCursor(place: number, lines: number): void {
    const { tab } = this
    const last = Math.max(0, (tab.view?.table?.total ?? 1) - 1)
    tab.cursor = Math.max(0, Math.min(last, place))
    if (tab.cursor < tab.from) tab.from = tab.cursor
    if (tab.cursor >= tab.from + lines) tab.from = tab.cursor - lines + 1
    tab.isPicking = true
    tab.other = undefined
  }

  filterBy(filter: string): void {
    Object.assign(this.tab, { filter, from: 0, cursor: 0, isPicking: true })
  }

  /** Sorts by a column; once more the other way round. */
  sortBy(by: string, descending?: boolean): void {
    const { tab } = this
    const columns = ['row', 'state', ...(tab.playhead.about.kinds.find((each) => each.name === tab.kind)?.columns.map(({ name }) => name) ?? [])]
    if (!columns.includes(by)) throw new MetabonkError({ code: 'usage', what: `${tab.kind} has no column '${by}'`, todo: `choose from ${columns.join(', ')}` })
    const turned = tab.sort?.by === by ? !tab.sort.descending : false
    tab.sort = { by, descending: descending ?? turned }
    Object.assign(tab, { from: 0, cursor: 0, isPicking: true })
  }

  turnChannel(): void {
    this.channel = channels[(channels.indexOf(this.channel) + 1) % channels.length]
  }

  setTheme(name: string): void {
    const found = themeNames.find((each) => each === name)
    if (found === undefined) throw new MetabonkError({ code: 'usage', what: `there is no theme '${name}'`, todo: `choose from ${themeNames.join(', ')}` })
    this.theme = found
  }

  /** Sends what changes the state to the run that is shown. */
  async send(input: Input): Promise<void> {
    const { running } = this.playhead
    if (running === undefined) throw new MetabonkError({ code: 'usage', what: 'the past can not be changed', todo: 'make another run from here with f (fork), or come back to a live one with G' })
    this.say(`taken before step ${String(await running.send(input))}: ${JSON.stringify(input)}`)
  }

  async close(): Promise<void> {
    this.isClosed = true
    await Promise.all([...this.tabs.map(({ playhead }) => playhead.close()), this.ports.close()])
  }
}
