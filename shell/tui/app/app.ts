import type { LiveVitals } from '../../../actors/index.ts'
import { panes } from '../panes/index.ts'
import { paneNames, type PaneAction, type PaneName } from '../panes/pane.ts'
import type { Cells, Rect } from '../screen/cells.ts'
import type { LiveSession, RecordedSession } from '../model/model.ts'
import type { Key, MouseEvent } from '../screen/blessed-screen.ts'
import type { ThemeName } from '../screen/theme.ts'
import { Canvas } from './canvas.ts'
import { completionsOf, runCommand } from './commands/index.ts'
import { Desk, isOvertaken, type Ports, type Tab } from './desk.ts'
import { helpRows } from './help.ts'
import { bindingOf, nameOf } from './keys.ts'
import { Looking, tableLines } from './looking.ts'
import { News, stopLine } from './news.ts'
import { Prompt } from './prompt.ts'

const wheelLines = 3
/** Of a run that goes on, what is read changes so often at most: nobody reads numbers that change thirty times a second. */
const readMillis = 90
/** A recording that stands at a step for so long is asked what happened in it. */
const eventsMillis = 200
const eventsMost = 40

/** A run on a screen: keys, mouse and time go in, cells come out. It knows no terminal and no clock. */
export class App {
  readonly desk: Desk
  readonly canvas: Canvas
  private readonly looking: Looking
  private readonly news = new WeakMap<Tab, News>()
  private readonly commandHistory: string[] = []
  private readonly filterHistory: string[] = []
  private prompt: Prompt | undefined
  /** The filter as it was before it was typed at. */
  private filterBefore = ''
  /** Everything is to be drawn: somebody did something, or what is shown stands still. */
  private isDirty = true
  /** A run that goes on has been seen again. */
  private hasMoved = false
  /** What was drawn last. */
  cells: Cells | undefined
  private drawnVitals: LiveVitals | undefined
  /** When everything was drawn last, and whether only some of it was since. */
  private wholeAt = -Infinity
  private isBehind = false
  private toldStep = { tab: undefined as Tab | undefined, step: -1, since: 0, told: -1 }
  private dragged: PaneName | undefined

  constructor(sessions: readonly (LiveSession | RecordedSession)[], ports: Ports, look: { readonly theme: ThemeName; readonly width: number; readonly height: number }) {
    this.desk = new Desk(sessions, ports, look.theme)
    this.canvas = new Canvas(this.desk, look.width, look.height)
    this.looking = new Looking(this.desk, this.canvas)
    this.canvas.arrange()
  }

  get hasQuit(): boolean {
    return this.desk.hasQuit
  }

  /** Clicks are for the screen; else they are for the terminal's own selection. */
  get wantsMouse(): boolean {
    return !this.desk.isCopying
  }

  /** Gets on with what time brings. `now` in milliseconds, from any start. */
  async tick(now: number): Promise<void> {
    const { desk } = this
    desk.tick(now)
    const { tab } = desk
    tab.playhead.tick(now)
    const { vitals } = tab.playhead
    let news = this.news.get(tab)
    if (news === undefined) {
      news = new News((line) => {
        desk.note(line)
      })
      this.news.set(tab, news)
    }
    if (vitals !== undefined) news.vitals(vitals)
    this.tellStops(now)
    if (await this.looking.look(now)) {
      if (desk.playhead.isPaused) this.isDirty = true
      else this.hasMoved = true
    }
    if (tab.view !== undefined && tab.playhead.running !== undefined) news.view(tab.view, now)
    await this.tellEvents(now)
  }

  /** Says which runs have stopped at a breakpoint, also where they are not shown. `now` in milliseconds. */
  private tellStops(now: number): void {
    const { desk } = this
    for (const { playhead } of desk.tabs) {
      const isShown = playhead === desk.playhead
      if (!isShown && playhead.breakpoint !== undefined) playhead.listen(now)
      for (const stop of playhead.takeStops()) {
        desk.note(stopLine(isShown ? 'the run' : playhead.about.world, stop))
        this.isDirty = true
      }
    }
  }

  /** Puts what happened in the step that is shown into the log, once one stays there. */
  private async tellEvents(now: number): Promise<void> {
    const { desk, toldStep } = this
    const { tab, playhead } = desk
    const { recorded, at } = playhead
    if (tab !== toldStep.tab || at !== toldStep.step) {
      this.toldStep = { tab, step: at, since: now, told: tab === toldStep.tab ? toldStep.told : -1 }
      return
    }
    if (playhead.running !== undefined || recorded === undefined || at === toldStep.told || now - toldStep.since < eventsMillis) return
    toldStep.told = at
    try {
      this.noteEvents(at, await recorded.events(at))
    } catch (error) {
      if (playhead.at === at && !isOvertaken(error)) desk.refuse(error)
    }
  }

  private noteEvents(step: number, lines: readonly string[]): void {
    const { desk } = this
    for (const text of lines.slice(0, eventsMost)) desk.note({ step, level: 'event', text })
    if (lines.length > eventsMost) desk.note({ step, level: 'event', text: `and ${String(lines.length - eventsMost)} more` })
    this.isDirty = true
  }

  /** Draws what has changed since; undefined when nothing has. */
  draw(): Cells | undefined {
    const { hasMoved, desk: { playhead: { vitals }, time, popup } } = this
    const isNew = hasMoved || this.isBehind || vitals !== this.drawnVitals
    const isWhole = this.isDirty || (isNew && time - this.wholeAt >= readMillis)
    if (!isWhole && !hasMoved) return undefined
    this.hasMoved = false
    if (!isWhole && popup === undefined && this.prompt === undefined) {
      this.isBehind = true
      return this.canvas.drawMoving()
    }
    Object.assign(this, { isDirty: false, isBehind: false, drawnVitals: vitals, wholeAt: time })
    this.cells = this.canvas.draw(this.prompt)
    return this.cells
  }

  /** A picture of a pane that was asked for since: its file, and where the pane lies. */
  takeShot(): { readonly file: string; readonly rect: Rect } | undefined {
    const { desk } = this
    const file = desk.shot
    if (file === undefined) return undefined
    desk.shot = undefined
    const rect = this.canvas.arrange().find(({ pane }) => pane === desk.focus)?.rect
    return rect === undefined ? undefined : { file, rect }
  }

  resize(width: number, height: number): void {
    this.canvas.resize(width, height)
    this.canvas.arrange()
    this.isDirty = true
  }

  key(key: Key): void {
    this.isDirty = true
    const { desk } = this
    if (this.prompt !== undefined) {
      this.promptKey(this.prompt, key)
      return
    }
    const name = nameOf(key)
    if (desk.popup !== undefined && this.popupKey(name)) return
    if (name === 'escape') {
      this.escape()
      return
    }
    const binding = bindingOf(name, desk.focus)
    if (binding === undefined) return
    if (binding.command.endsWith(' ')) this.open(binding.command)
    else void this.perform(binding.command === 'page' ? `page ${name}` : binding.command)
  }

  /** Pasted text is text: it is typed where something is typed, and else nothing. */
  paste(text: string): void {
    this.prompt?.insert(text)
    this.typed()
    this.isDirty = true
  }

  private escape(): void {
    const { desk } = this
    if (desk.isCopying) desk.isCopying = false
    else if (desk.zoomed !== undefined) desk.zoomed = undefined
    else if (desk.tab.other !== undefined) desk.tab.other = undefined
    else if (desk.tab.filter !== '') desk.filterBy('')
  }

  /** Begins a line: a filter, or a command. */
  private open(command: string): void {
    const { desk } = this
    const isFilter = command === 'filter '
    this.filterBefore = desk.tab.filter
    this.prompt = new Prompt(isFilter ? '/' : ':', isFilter ? desk.tab.filter : command.trimStart(), {
      completions: isFilter ? () => [] : (line) => completionsOf(desk, line),
      history: isFilter ? this.filterHistory : this.commandHistory,
    })
  }

  private promptKey(prompt: Prompt, key: Key): void {
    const outcome = prompt.key(key)
    if (outcome === 'typing') {
      this.typed()
      return
    }
    this.prompt = undefined
    if (prompt.label === '/') {
      this.desk.filterBy(outcome === 'done' ? prompt.text.trim() : this.filterBefore)
    } else if (outcome === 'done') void this.perform(prompt.text)
  }

  /** A filter works as it is typed. */
  private typed(): void {
    const { prompt, desk } = this
    if (prompt?.label === '/' && prompt.text.trim() !== desk.tab.filter) desk.filterBy(prompt.text.trim())
  }

  private popupKey(name: string): boolean {
    const { desk, canvas } = this
    const { popup } = desk
    if (popup === undefined) return false
    const page = Math.max(1, canvas.height - 6)
    const moves: Readonly<Record<string, number | undefined>> = { up: -1, k: -1, down: 1, j: 1, pageup: -page, pagedown: page, ' ': page, home: -Infinity, end: Infinity }
    const move = moves[name]
    if (move !== undefined) {
      popup.scroll = Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, popup.scroll + move))
      return true
    }
    desk.popup = undefined
    if (name === 'enter' && popup.then !== undefined && desk.turnTo(popup.then.tab)) void this.perform(popup.then.command)
    // A key that means something else closes the box and is taken for what it means.
    return ['enter', 'escape', 'q', '?'].includes(name)
  }

  /** Runs a command. What is refused is said, and ends nothing. */
  async perform(line: string): Promise<void> {
    const { desk } = this
    const [name, given] = line.split(' ')
    const own = this.ownCommands[name] as ((given: string) => void) | undefined
    this.isDirty = true
    if (own !== undefined) {
      own(given)
      return
    }
    if (desk.working === 0) desk.workingSince = desk.time
    desk.working += 1
    // What was said before is no answer to this.
    desk.said = undefined
    try {
      await runCommand(desk, line)
    } catch (error) {
      if (!isOvertaken(error)) desk.refuse(error)
    } finally {
      desk.working -= 1
      this.isDirty = true
    }
  }

  /** What only makes sense as a key: it depends on what lies where on the screen. */
  private readonly ownCommands: Readonly<Record<string, (given: string) => void>> = {
    help: () => {
      this.desk.answer(`help: ${this.desk.focus}`, helpRows(this.desk.focus))
    },
    'focus-next': () => {
      this.turnFocus(1)
    },
    'focus-previous': () => {
      this.turnFocus(-1)
    },
    move: (given) => {
      this.move(given)
    },
    redraw: () => {
      this.wantsRedraw = true
    },
  }

  /** The terminal may show something else than what was drawn: everything is to be written again. */
  wantsRedraw = false

  private turnFocus(by: number): void {
    const { desk } = this
    const placed = this.canvas.arrange()
    if (desk.zoomed !== undefined) {
      const order = Object.keys(panes) as PaneName[]
      desk.focus = order[(order.indexOf(desk.focus) + by + order.length) % order.length]
      desk.zoomed = desk.focus
      return
    }
    const place = placed.findIndex(({ pane }) => pane === desk.focus)
    desk.focus = placed[(place + by + placed.length) % placed.length].pane
  }

  /** Moves the cursor of the table, or scrolls a pane. */
  private move(given: string): void {
    const { desk, canvas } = this
    const lines = desk.focus === 'agents' ? tableLines(canvas) : Math.max(1, canvas.innerOf(desk.focus)?.height ?? 1)
    const ways: Readonly<Record<string, number>> = { first: -Infinity, last: Infinity, page: lines, '-page': -lines }
    this.moveBy(desk.focus, (ways as Readonly<Record<string, number | undefined>>)[given] ?? Number(given))
  }

  private moveBy(pane: PaneName, by: number): void {
    const { desk, canvas } = this
    if (pane === 'agents') {
      const last = desk.tab.view?.table?.total ?? 0
      desk.moveCursor(Math.max(0, Math.min(last, desk.tab.cursor + by)), tableLines(canvas))
      return
    }
    const height = canvas.innerOf(pane)?.height ?? 0
    const most = Math.max(0, (panes[pane].lines?.(canvas.context(pane)) ?? 0) - height)
    // The log is read from its newest line at the bottom: there, up is further back.
    const way = pane === 'log' ? -by : by
    desk.scroll[pane] = Math.max(0, Math.min(most, (desk.scroll[pane] ?? 0) + way))
  }

  mouse({ action, x, y, pane }: Pick<MouseEvent, 'action' | 'x' | 'y' | 'pane'>): void {
    this.isDirty = true
    const { desk } = this
    const wheel = action === 'wheel-up' ? -wheelLines : action === 'wheel-down' ? wheelLines : 0
    if (desk.popup !== undefined) {
      desk.popup.scroll = Math.max(0, desk.popup.scroll + wheel)
      if (action === 'down') desk.popup = undefined
      return
    }
    const name = paneNames.find((each) => each === pane?.name)
    if (action === 'up') this.dragged = undefined
    else if (name !== undefined && wheel !== 0) this.moveBy(name, wheel)
    else if (name !== undefined && (action === 'down' || this.dragged === name)) this.press(name, action, { x, y })
  }

  /** A button goes down in a pane, or is dragged in it. */
  private press(name: PaneName, action: MouseEvent['action'], { x, y }: { readonly x: number; readonly y: number }): void {
    const { desk } = this
    desk.focus = name
    if (action === 'down') this.dragged = name === 'timeline' ? name : undefined
    this.click(name, x, y)
  }

  private click(pane: PaneName, x: number, y: number): void {
    const inner = this.canvas.innerOf(pane)
    if (inner === undefined || x < inner.x || y < inner.y || x >= inner.x + inner.width || y >= inner.y + inner.height) return
    const action = panes[pane].click?.(this.canvas.context(pane), { x: x - inner.x, y: y - inner.y, width: inner.width, height: inner.height })
    if (action !== undefined) this.act(action)
  }

  private act(action: PaneAction): void {
    const { desk } = this
    const acts: { readonly [F in PaneAction['form']]: (given: Extract<PaneAction, { form: F }>) => void } = {
      go: ({ step }) => void this.perform(`go ${String(step)}`),
      kind: ({ kind }) => void this.perform(`kind ${kind}`),
      filter: ({ kind, filter }) => {
        desk.chooseKind(kind)
        desk.filterBy(filter)
      },
      cursor: ({ place }) => {
        desk.moveCursor(place, tableLines(this.canvas))
      },
      sort: ({ by }) => void this.perform(`sort ${by}`),
      channel: () => {
        desk.turnChannel()
      },
    }
    ;(acts[action.form] as (given: PaneAction) => void)(action)
  }

  /** Leaves all runs; one of another process goes on. */
  close(): Promise<void> {
    return this.desk.close()
  }
}
