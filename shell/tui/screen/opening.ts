import { exitCodes } from '../../output.ts'
import { Cells, textCells } from './cells.ts'
import { colourDepth, type ColourDepth } from './colours.ts'
import { Terminal, type TerminalEvents, type TerminalOptions } from './terminal.ts'
import { themeOf, type ThemeName } from './theme.ts'

/** The terminal a screen is on. */
export type ScreenStreams = Pick<TerminalOptions, 'input' | 'output' | 'colours' | 'term' | 'host'>

const themeOfDepth: Readonly<Record<ColourDepth, ThemeName>> = { '24-bit': 'dark', 256: 'dark', 16: '16', none: 'none' }

/**
 * The terminal with a first picture, which says what is being opened. It needs so little of the program that it is there before the rest is loaded, which
 * then takes it over.
 */
export class OpeningScreen {
  readonly terminal: Terminal
  readonly depth: ColourDepth
  /** Resolves when the user leaves before there is anything else to see. */
  readonly left: Promise<void>
  private readonly opening: string
  private owner: TerminalEvents | undefined
  private leave: () => void = () => undefined
  private isLeft = false

  /** `opening`: the name of what is opened. Throws `usage` where there is no terminal that could be drawn on. */
  constructor(opening: string, streams: ScreenStreams) {
    this.opening = opening
    this.depth = streams.colours
    this.left = new Promise((resolve) => {
      this.leave = () => {
        this.isLeft = true
        resolve()
      }
    })
    this.terminal = new Terminal({
      ...streams,
      onKey: (key) => {
        if (this.owner !== undefined) this.owner.onKey(key)
        else if (key.name === 'q' || key.name === 'escape' || (key.ctrl && key.name === 'c')) this.leave()
      },
      onMouse: (event) => { this.owner?.onMouse(event) },
      onPaste: (text) => { this.owner?.onPaste(text) },
      onResize: (width, height) => {
        if (this.owner === undefined) this.draw()
        else this.owner.onResize(width, height)
      },
      onSignal: (signal) => {
        process.exitCode = exitCodes.interrupted
        this.owner?.onSignal?.(signal)
        this.leave()
      },
    })
    // Who waits for it hears of it.
    this.terminal.ready.catch(() => undefined)
    this.draw()
  }

  /** The user has left before there was anything else to see. */
  get hasLeft(): boolean {
    return this.isLeft
  }

  /** The theme that the terminal's colours allow. */
  get theme(): ThemeName {
    return themeOfDepth[this.depth]
  }

  /** Somebody else draws from now on, and gets what is typed. */
  handTo(owner: TerminalEvents): void {
    this.owner = owner
  }

  /** Gives the terminal back. Does nothing the second time. */
  close(): void {
    this.terminal.close()
  }

  private draw(): void {
    const { width, height } = this.terminal
    const cells = new Cells(width, height)
    const { surface } = cells
    const theme = themeOf(this.theme)
    surface.fill(theme.text)
    const text = `opening ${this.opening} \u2026`
    surface.text(Math.max(0, (width - textCells(text)) >> 1), height >> 1, text, theme.dim)
    this.terminal.draw(cells)
  }
}

/** Opens a screen on the terminal of this process. Throws `usage` where it is none that could be drawn on. */
export function openScreen(opening: string): OpeningScreen {
  const { stdin: input, stdout: output, env } = process
  return new OpeningScreen(opening, { input, output, term: env['TERM'], colours: colourDepth(env, output) })
}
