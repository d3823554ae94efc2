import { PassThrough, Writable } from 'node:stream'
import { Cells } from '../../../shell/tui/screen/cells.ts'
import type { Key, MouseEvent } from '../../../shell/tui/screen/blessed-screen.ts'
import type { EndSignal, HostEvent, HostProcess } from '../../../shell/tui/screen/host-process.ts'
import { Terminal, type TerminalOptions } from '../../../shell/tui/screen/terminal.ts'

/** What somebody types. */
export class FakeInput extends PassThrough {
  readonly isTTY: boolean = true
  isRaw = false

  setRawMode(raw: boolean): this {
    this.isRaw = raw
    return this
  }
}

/** What is written to the terminal; slow if `isBlocked`. */
export class FakeOutput extends Writable {
  readonly isTTY: boolean = true
  columns: number
  rows: number
  isBlocked = false
  #text = ''
  #release: (() => void) | undefined

  constructor(columns: number, rows: number) {
    super({ highWaterMark: 16 })
    this.columns = columns
    this.rows = rows
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#text += chunk.toString('utf8')
    if (this.isBlocked) this.#release = done
    else done()
  }

  /** Goes on taking bytes. */
  release(): void {
    this.isBlocked = false
    const release = this.#release
    this.#release = undefined
    release?.()
  }

  /** What was written since the last call. */
  take(): string {
    const text = this.#text
    this.#text = ''
    return text
  }
}

/** A process that stops and ends for a test only. */
export class FakeHost implements HostProcess {
  readonly listeners = new Map<HostEvent, Set<() => void>>()
  readonly done: string[] = []

  on(event: HostEvent, listener: () => void): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener))
  }

  off(event: HostEvent, listener: () => void): void {
    this.listeners.get(event)?.delete(listener)
  }

  stop(): void {
    this.done.push('stop')
  }

  end(signal: EndSignal): void {
    this.done.push(signal)
  }

  emit(event: HostEvent): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener()
  }

  get count(): number {
    return [...this.listeners.values()].reduce((sum, { size }) => sum + size, 0)
  }
}

export interface Opened {
  readonly input: FakeInput
  readonly output: FakeOutput
  readonly host: FakeHost
  readonly terminal: Terminal
  /** Everything that came out, in order. */
  readonly events: string[]
  readonly cells: Cells
}

function keyWords({ name, text, ctrl, meta, shift }: Key): string {
  return [ctrl && 'ctrl', meta && 'alt', shift && 'shift', name, text !== '' && `"${text}"`].filter((word) => word !== false).join(' ')
}

function mouseWords({ action, button, x, y, pane }: MouseEvent): string {
  return [action, button, `${x},${y}`, pane && `in ${pane.name} ${pane.x},${pane.y}`].filter((word) => word !== undefined).join(' ')
}

/** A terminal on fake streams. */
export async function openFake(options: Partial<TerminalOptions> = {}): Promise<Opened> {
  const [input, output, host] = [new FakeInput(), new FakeOutput(80, 24), new FakeHost()]
  const events: string[] = []
  const terminal = new Terminal({
    input,
    output,
    host,
    colours: '24-bit',
    term: 'xterm-256color',
    onKey: (key) => events.push(keyWords(key)),
    onMouse: (event) => events.push(mouseWords(event)),
    onPaste: (text) => events.push(`paste ${JSON.stringify(text)}`),
    onResize: (width, height) => events.push(`resize ${width}x${height}`),
    ...options,
  })
  await terminal.ready
  return { input, output, host, terminal, events, cells: new Cells(80, 24) }
}
