/**
 * The terminal as ours for a while: the alternate screen in raw mode, with the mouse. However it ends, by `close`, a signal, an error nobody
 * caught or the end of the process, everything is restored.
 */
import type { Readable, Writable } from 'node:stream'
import { MetabonkError } from '../../../runtime/index.ts'
import { openBlessed, type BlessedScreen, type Key, type MouseEvent } from './blessed-screen.ts'
import type { Cells, Rect } from './cells.ts'
import type { ColourDepth } from './colours.ts'
import { hostProcess, type EndSignal, type HostEvent, type HostProcess } from './host-process.ts'
import { InputSequences } from './input.ts'
import { ScreenWriter } from './writer.ts'

export type TerminalInput = Readable & { readonly isTTY?: boolean | undefined; setRawMode?(raw: boolean): unknown }
export type TerminalOutput = Writable & { readonly isTTY?: boolean | undefined; readonly columns?: number; readonly rows?: number }

export interface TerminalEvents {
  onKey(key: Key): void
  onMouse(event: MouseEvent): void
  /** Pasted text, with all that was in it. */
  onPaste(text: string): void
  /** Draw anew: cells of the size before are not shown any more. */
  onResize(width: number, height: number): void
  /** After the terminal is restored. Without it the process ends by the signal; with it, ending is up to the owner. SIGHUP: the terminal is gone. */
  onSignal?(signal: EndSignal): void
}

export interface TerminalOptions extends TerminalEvents {
  readonly input: TerminalInput
  readonly output: TerminalOutput
  readonly colours: ColourDepth
  /** TERM of the environment. */
  readonly term: string | undefined
  readonly host?: HostProcess
}

/** Buttons and drags of the mouse, in decimal numbers. */
const mouseOn = '\u001b[?1000h\u001b[?1002h\u001b[?1006h'
const mouseOff = '\u001b[?1006l\u001b[?1002l\u001b[?1000l'
/** Alternate screen, no wrapping, no cursor, pastes marked, keys of the cursor as usual. */
const begin = `\u001b[?1049h\u001b[?7l\u001b[?25l\u001b[?2004h\u001b[?1l\u001b>${mouseOn}`
const restore = `\u001b[?2026l\u001b[m${mouseOff}\u001b[?2004l\u001b[?25h\u001b[?7h\u001b[?1049l`
const usualSize = { columns: 80, rows: 24 } as const
/** Beyond these a terminal is not drawn on. */
const columnsMax = 1000
const rowsMax = 500
const endSignals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const
/** Where a process may not be stopped, it goes on at once, and nobody says so. */
const notStoppedMillis = 100

type Listeners = readonly (readonly [HostEvent, () => void])[]

function sizeOf({ columns = 0, rows = 0 }: TerminalOutput): { readonly width: number; readonly height: number } {
  const cells = (count: number, usual: number, most: number): number => Math.min(most, count > 0 ? count : usual)
  return { width: cells(columns, usualSize.columns, columnsMax), height: cells(rows, usualSize.rows, rowsMax) }
}

/** Throws a usage error where there is no terminal that could be drawn on. */
function checkTerminal({ input, output, term }: Pick<TerminalOptions, 'input' | 'output' | 'term'>): void {
  const wrong =
    term === 'dumb' ? 'TERM is dumb' : output.isTTY !== true ? 'standard output is not a terminal' : input.isTTY !== true ? 'standard input is not a terminal' : undefined
  if (wrong !== undefined) throw new MetabonkError({ code: 'usage', what: 'the screen needs a terminal to draw on', where: wrong, todo: 'use --once or --stream' })
}


/** Can be drawn on at once; what is typed waits until blessed, which decodes it, is loaded. */
export class Terminal {
  /** Resolves when it takes what is typed. */
  readonly ready: Promise<void>
  readonly #options: TerminalOptions
  readonly #host: HostProcess
  #blessed: BlessedScreen | undefined
  /** What blessed is to be told as soon as it is there. */
  readonly #untold: ((blessed: BlessedScreen) => void)[] = []
  readonly #sequences: InputSequences
  readonly #always: Listeners
  readonly #whileOpen: Listeners
  #writer: ScreenWriter
  #state: 'open' | 'suspended' | 'closed' = 'suspended'
  /** A frame is on its way: its bytes are still in use. */
  #isWriting = false
  /** What was asked to be shown last, and whether it had to wait. */
  #cells: Cells | undefined
  #isWaiting = false
  #isMouseOurs = true

  /** Opens the terminal. Throws a usage error where there is none that could be drawn on. */
  constructor(options: TerminalOptions) {
    checkTerminal(options)
    this.#options = options
    this.#host = options.host ?? hostProcess
    const { width, height } = sizeOf(options.output)
    this.#writer = new ScreenWriter(width, height, options.colours)
    this.#sequences = new InputSequences({
      key: (sequence, alt) => this.#typed((blessed) => blessed.key(sequence, alt)),
      mouse: (sequence) => this.#typed((blessed) => blessed.mouse(sequence)),
      paste: (text) => this.#typed(() => options.onPaste(text)),
    })
    this.#whileOpen = [...endSignals.map((signal) => [signal, () => this.#end(signal)] as const), ['SIGTSTP', () => this.suspend()]]
    // An error is said after the terminal is restored: it is to be read on the main screen.
    this.#always = [['SIGCONT', () => this.#resume()], ['exit', () => this.close()], ['uncaughtExceptionMonitor', () => this.close()]]
    this.#listen('on', this.#always)
    options.output.on('error', this.#onGone)
    options.output.on('resize', this.#onSize)
    options.input.on('error', this.#onGone)
    options.input.on('end', this.#onGone)
    options.input.on('data', this.#onData)
    this.#begin()
    this.ready = this.#loadBlessed()
  }

  get width(): number {
    return this.#writer.width
  }

  get height(): number {
    return this.#writer.height
  }

  /** Shows cells of the terminal's size. False if they are not written now: the terminal is slow (they are when it is ready, as they are then), suspended, or of another size. */
  draw(cells: Cells): boolean {
    this.#cells = cells
    if (this.#state !== 'open' || cells.width !== this.width || cells.height !== this.height) return false
    this.#isWaiting = this.#isWriting
    if (this.#isWriting) return false
    const frame = this.#writer.frame(cells)
    if (frame.length === 0) return true
    this.#isWriting = true
    this.#options.output.write(frame, () => {
      this.#isWriting = false
      if (this.#isWaiting && this.#cells !== undefined) this.draw(this.#cells)
    })
    return true
  }

  /** Tells where a pane is, so that clicks find it; what is placed last lies on top. */
  place(pane: string, rect: Rect): void {
    this.#tell((blessed) => blessed.place(pane, rect))
  }

  /** A pane is not on the screen any more. */
  hide(pane: string): void {
    this.#tell((blessed) => blessed.hide(pane))
  }

  /** Takes the mouse, or leaves it to the terminal's own selection of text. */
  setMouse(isOurs: boolean): void {
    if (isOurs === this.#isMouseOurs) return
    this.#isMouseOurs = isOurs
    if (this.#state === 'open') this.#options.output.write(isOurs ? mouseOn : mouseOff)
  }

  /** Writes everything again at the next drawing: somebody else may have written on the screen. */
  redraw(): void {
    this.#writer.forget()
  }

  /** Restores the terminal and stops the process, until it is continued. Ctrl-Z does the same. */
  suspend(): void {
    if (this.#state !== 'open') return
    this.#restore('suspended')
    this.#host.stop()
    setTimeout(() => this.#resume(), notStoppedMillis).unref()
  }

  /** Restores the terminal. Does nothing the second time. */
  close(): void {
    if (this.#state === 'closed') return
    if (this.#state === 'open') this.#restore('closed')
    this.#state = 'closed'
    this.#listen('off', this.#always)
    const { input, output } = this.#options
    output.off('resize', this.#onSize)
    input.off('data', this.#onData)
    input.off('end', this.#onGone)
    input.pause()
    this.#sequences.close()
    this.#tell((blessed) => blessed.close())
  }

  async #loadBlessed(): Promise<void> {
    const blessed = await openBlessed(this.width, this.height, { key: (key) => this.#pressed(key), mouse: (event) => this.#options.onMouse(event) })
    this.#blessed = blessed
    for (const tell of this.#untold.splice(0)) tell(blessed)
  }

  #tell(tell: (blessed: BlessedScreen) => void): void {
    if (this.#blessed === undefined) this.#untold.push(tell)
    else tell(this.#blessed)
  }

  /** Takes a key that was decoded. */
  #pressed(key: Key): void {
    if (key.ctrl && key.name === 'z') this.suspend()
    else this.#options.onKey(key)
  }

  readonly #onData = (bytes: Uint8Array): void => this.#sequences.write(bytes)

  readonly #onGone = (): void => this.#end('SIGHUP')

  readonly #onSize = (): void => {
    const { width, height } = sizeOf(this.#options.output)
    // The terminal may have moved what it shows, whatever its size is now.
    this.#writer.forget()
    if (width === this.width && height === this.height) {
      if (this.#cells !== undefined) this.draw(this.#cells)
      return
    }
    this.#writer = new ScreenWriter(width, height, this.#options.colours)
    this.#tell((blessed) => blessed.resize(width, height))
    this.#options.onResize(width, height)
  }

  /** Tells of something that was typed, unless the terminal is not ours by then. */
  #typed(tell: (blessed: BlessedScreen) => void): void {
    this.#tell((blessed) => {
      if (this.#state === 'open') tell(blessed)
    })
  }

  #listen(how: 'on' | 'off', listeners: Listeners): void {
    for (const [event, listener] of listeners) this.#host[how](event, listener)
  }

  #begin(): void {
    const { input, output } = this.#options
    this.#state = 'open'
    this.#listen('on', this.#whileOpen)
    input.setRawMode?.(true)
    input.resume()
    output.write(begin)
    if (!this.#isMouseOurs) output.write(mouseOff)
    this.#writer.forget()
  }

  #restore(state: 'suspended' | 'closed'): void {
    const { input, output } = this.#options
    this.#state = state
    this.#isWaiting = false
    this.#listen('off', this.#whileOpen)
    if (!output.destroyed) output.write(restore)
    input.setRawMode?.(false)
  }

  #resume(): void {
    if (this.#state !== 'suspended') return
    this.#begin()
    this.#onSize()
  }

  #end(signal: EndSignal): void {
    if (this.#state === 'closed') return
    this.close()
    if (this.#options.onSignal === undefined) this.#host.end(signal)
    else this.#options.onSignal(signal)
  }
}
