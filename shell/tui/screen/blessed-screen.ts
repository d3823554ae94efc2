/**
 * What blessed does for us: it knows keys and reports of the mouse, where panes lie, and which of them a place belongs to. What
 * it would draw goes nowhere. Its types lack much of what it has: what is used of it is declared here.
 */
import { Readable, Writable } from 'node:stream'
import { cellWidth } from './cell-width.ts'
import type { Rect } from './cells.ts'

/** A key that was pressed. */
export interface Key {
  /** A character as typed (`G`, `>`), or of keys without: `escape enter tab space backspace delete insert home end pageup pagedown up down left right f1` ... `f12`. */
  readonly name: string
  /** What it adds to a text; '' for keys that are no characters, and with ctrl or meta. */
  readonly text: string
  readonly ctrl: boolean
  /** Alt. */
  readonly meta: boolean
  /** Of keys that are no characters only: those come as they are typed. */
  readonly shift: boolean
}

export type MouseAction = 'down' | 'up' | 'drag' | 'wheel-up' | 'wheel-down'

/** What the mouse did. */
export interface MouseEvent {
  readonly action: MouseAction
  readonly x: number
  readonly y: number
  /** Undefined of the wheel. */
  readonly button: 'left' | 'middle' | 'right' | undefined
  /** The pane under it, and where in it. */
  readonly pane: { readonly name: string; readonly x: number; readonly y: number } | undefined
}

export interface DecodedEvents {
  key(key: Key): void
  mouse(event: MouseEvent): void
}

interface BlessedKey {
  readonly name?: string
  readonly ctrl?: boolean
  readonly meta?: boolean
  readonly shift?: boolean
}

interface BlessedMouse {
  readonly type?: string
  readonly action?: string
  readonly button?: string
  readonly x?: number
  readonly y?: number
  readonly raw?: readonly [number, ...unknown[]]
}

interface BlessedBox {
  left: number
  top: number
  width: number
  height: number
  show(): void
  hide(): void
  setFront(): void
  on(event: 'mouse', listener: () => void): void
}

interface BlessedRoot {
  enableKeys(): void
  enableMouse(): void
  render(): void
  destroy(): void
  on(event: 'keypress', listener: (character: string | undefined, key: BlessedKey) => void): void
  on(event: 'mouse', listener: (report: BlessedMouse) => void): void
}

interface Blessed {
  screen(options: { readonly input: Readable; readonly output: Writable; readonly terminal: string; readonly fullUnicode: boolean }): BlessedRoot
  box(options: Rect & { readonly parent: BlessedRoot; readonly left: number; readonly top: number; readonly clickable: boolean; readonly keyable: boolean }): BlessedBox
}

/** The output that blessed sees: of a size, and nowhere. */
class Nowhere extends Writable {
  readonly isTTY = true
  columns: number
  rows: number

  constructor(columns: number, rows: number) {
    super({ write: (_chunk, _encoding, done) => done() })
    this.columns = columns
    this.rows = rows
  }
}

const buttons = ['left', 'middle', 'right'] as const
/** Bits of the code of a report: moved, wheel, further buttons. */
const moved = 32
const wheel = 64
const further = 128

function actionOf(code: number, report: BlessedMouse): MouseAction | undefined {
  if ((code & further) !== 0) return undefined
  // Bit 1 of the wheel: sideways.
  if ((code & wheel) !== 0) return (code & 2) !== 0 ? undefined : (code & 1) !== 0 ? 'wheel-down' : 'wheel-up'
  if ((code & 3) === 3 && report.action !== 'mouseup') return undefined
  if ((code & moved) !== 0) return 'drag'
  return report.action === 'mouseup' ? 'up' : 'down'
}

/** What a report says, from its code: blessed's own names know no drag, and differ between terminals. */
function mouseOf(report: BlessedMouse): Omit<MouseEvent, 'pane'> | undefined {
  const { raw, x, y } = report
  if (raw === undefined || x === undefined || y === undefined) return undefined
  const code = report.type === 'sgr' ? raw[0] : raw[0] - 32
  const action = actionOf(code, report)
  if (action === undefined) return undefined
  // Old reports do not say which button was released.
  const button = action.startsWith('wheel') ? undefined : buttons[(code & 3) % 3]
  return { action, x, y, button }
}

function isText(sequence: string): boolean {
  const point = sequence.codePointAt(0) ?? 0
  return sequence.length === String.fromCodePoint(point).length && cellWidth(point) >= 0
}

const otherNames: Readonly<Record<string, string>> = { linefeed: 'enter', return: 'enter', '`': 'space' }

function keyOf(key: BlessedKey, sequence: string, alt: boolean): Key | undefined {
  if (isText(sequence)) return { name: sequence === ' ' ? 'space' : sequence, text: alt ? '' : sequence, ctrl: false, meta: alt, shift: false }
  if (key.name === undefined) return undefined
  return { name: otherNames[key.name] ?? key.name, text: '', ctrl: key.ctrl === true, meta: alt || key.meta === true, shift: key.shift === true }
}

/** Signals that blessed would end the process by; the terminal has its own mind about them. */
const handledByBlessed = ['uncaughtException', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'exit'] as const

/** Runs something, and takes away what it has the process listen to. */
function withoutListeners<T>(run: () => T): T {
  const events: NodeJS.EventEmitter = process
  const before = handledByBlessed.map((event) => new Set(events.listeners(event)))
  const result = run()
  for (const [i, event] of handledByBlessed.entries()) {
    for (const listener of events.listeners(event)) if (!before[i].has(listener)) events.off(event, listener as () => void)
  }
  return result
}

/** Loads blessed, which takes some time, and opens a screen of it. */
export async function openBlessed(width: number, height: number, events: DecodedEvents): Promise<BlessedScreen> {
  const { default: module } = await import('blessed')
  return new BlessedScreen(module as unknown as Blessed, new Nowhere(width, height), events)
}

export class BlessedScreen {
  readonly #blessed: Blessed
  readonly #input = new Readable({ read: () => undefined })
  readonly #output: Nowhere
  readonly #root: BlessedRoot
  readonly #events: DecodedEvents
  readonly #boxes = new Map<string, BlessedBox>()
  /** What blessed is to decode, until it has. */
  #pressed: { readonly sequence: string; readonly alt: boolean } | undefined
  /** The pane that the mouse is over, while a report is decoded. */
  #under: string | undefined
  /** Panes have moved since blessed last laid them out. */
  #isStale = true

  constructor(blessed: Blessed, output: Nowhere, events: DecodedEvents) {
    this.#blessed = blessed
    this.#output = output
    this.#events = events
    this.#root = withoutListeners(() => {
      const root = blessed.screen({ input: this.#input, output, terminal: 'xterm-256color', fullUnicode: true })
      root.enableKeys()
      root.enableMouse()
      return root
    })
    this.#root.on('keypress', (_character, key) => this.#onKey(key))
    this.#root.on('mouse', (report) => this.#onMouse(report))
  }

  /** Decodes the sequence of one key. */
  key(sequence: string, alt: boolean): void {
    this.#pressed = { sequence, alt }
    this.#input.emit('data', Buffer.from(sequence))
    this.#pressed = undefined
  }

  /** Decodes one report of the mouse. */
  mouse(sequence: string): void {
    if (this.#isStale) {
      this.#output.emit('resize')
      this.#isStale = false
    }
    this.#under = undefined
    this.#input.emit('data', Buffer.from(sequence))
  }

  resize(width: number, height: number): void {
    this.#output.columns = width
    this.#output.rows = height
    this.#isStale = true
  }

  /** Puts a pane somewhere, above all others there. */
  place(name: string, { x, y, width, height }: Rect): void {
    const box = this.#boxes.get(name) ?? this.#newBox(name)
    Object.assign(box, { left: x, top: y, width, height })
    box.show()
    box.setFront()
    this.#isStale = true
  }

  /** Takes a pane off the screen. */
  hide(name: string): void {
    this.#boxes.get(name)?.hide()
    this.#isStale = true
  }

  close(): void {
    this.#root.destroy()
  }

  #newBox(name: string): BlessedBox {
    const box = this.#blessed.box({ parent: this.#root, x: 0, y: 0, left: 0, top: 0, width: 1, height: 1, clickable: true, keyable: true })
    this.#boxes.set(name, box)
    box.on('mouse', () => {
      this.#under = name
    })
    return box
  }

  #onKey(key: BlessedKey): void {
    // blessed may say several keys for one sequence: Enter is two, a character beyond 16 bits comes in halves.
    const pressed = this.#pressed
    this.#pressed = undefined
    if (pressed === undefined) return
    const decoded = keyOf(key, pressed.sequence, pressed.alt)
    if (decoded !== undefined) this.#events.key(decoded)
  }

  #onMouse(report: BlessedMouse): void {
    const event = mouseOf(report)
    if (event === undefined) return
    const box = this.#under === undefined ? undefined : this.#boxes.get(this.#under)
    const pane = this.#under === undefined || box === undefined ? undefined : { name: this.#under, x: event.x - box.left, y: event.y - box.top }
    this.#events.mouse({ ...event, pane })
  }
}
