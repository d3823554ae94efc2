import { Buffer } from 'node:buffer'
import { exitCodes } from '../../output.ts'
import type { LiveSession, RecordedSession } from '../model/model.ts'
import { colourDepth, type ColourDepth } from '../screen/colours.ts'
import { ansiShot, plainShot, pngShot } from '../screen/shot.ts'
import { checkTerminal, openTerminal, type Terminal, type TerminalOptions } from '../screen/terminal.ts'
import type { PlacedPane } from '../panes/layout.ts'
import type { Key } from '../screen/blessed-screen.ts'
import { Cells, textCells } from '../screen/cells.ts'
import { themeOf, type ThemeName } from '../screen/theme.ts'
import { App } from './app.ts'
import type { Ports } from './desk.ts'

const frameMillis = 33
const themeOfDepth: Readonly<Record<ColourDepth, ThemeName>> = { '24-bit': 'dark', 256: 'dark', 16: '16', none: 'none' }

/** The terminal a screen is on. */
export type ScreenStreams = Pick<TerminalOptions, 'input' | 'output' | 'colours' | 'term' | 'host'>

type Sessions = readonly (LiveSession | RecordedSession)[]

/** What a screen begins with. */
export interface ScreenParts {
  readonly ports: Ports
  readonly depth: ColourDepth
  /** What is being opened: said until it is. */
  readonly opening: string
}

/**
 * Runs on a terminal: what is typed goes to the app, what it draws to the terminal. Until there are runs to show it says what it waits for. It has no
 * clock: whoever owns it calls {@link RunScreen.frame}.
 */
export class RunScreen {
  private readonly terminal: Terminal
  private readonly parts: ScreenParts
  private shown: App | undefined
  private isLeft = false
  private placed: readonly PlacedPane[] = []
  private isTicking = false

  constructor(terminal: Terminal, parts: ScreenParts) {
    this.terminal = terminal
    this.parts = parts
  }

  /** What is shown; undefined while it is being opened. */
  get app(): App | undefined {
    return this.shown
  }

  /** The user wants to leave. */
  get hasQuit(): boolean {
    return this.isLeft || this.shown?.hasQuit === true
  }

  /** Shows runs from now on. */
  show(sessions: Sessions): App {
    const { terminal, parts } = this
    this.shown = new App(sessions, parts.ports, { theme: themeOfDepth[parts.depth], width: terminal.width, height: terminal.height })
    return this.shown
  }

  key(key: Key): void {
    if (this.shown !== undefined) this.shown.key(key)
    else if (key.name === 'q' || key.name === 'escape' || (key.ctrl && key.name === 'c')) this.isLeft = true
  }

  leave(): void {
    this.isLeft = true
  }

  /** Draws what is there, and gets on with what time brings. `now` in milliseconds. Resolves when all that was asked is answered; until then another frame only draws. */
  async frame(now: number): Promise<void> {
    const { shown } = this
    if (shown === undefined) {
      this.drawOpening()
      return
    }
    this.draw(shown)
    if (this.isTicking) return
    this.isTicking = true
    try {
      await shown.tick(now)
    } finally {
      this.isTicking = false
    }
  }

  private drawOpening(): void {
    const { width, height } = this.terminal
    const cells = new Cells(width, height)
    const { surface } = cells
    const theme = themeOf(themeOfDepth[this.parts.depth])
    surface.fill(theme.text)
    const text = `opening ${this.parts.opening} \u2026`
    surface.text(Math.max(0, (width - textCells(text)) >> 1), height >> 1, text, theme.dim)
    this.terminal.draw(cells)
  }

  private draw(app: App): void {
    const { terminal } = this
    if (app.wantsRedraw) {
      app.wantsRedraw = false
      terminal.redraw()
    }
    terminal.setMouse(app.wantsMouse)
    const cells = app.draw()
    if (cells !== undefined) {
      this.placePanes(app)
      terminal.draw(cells)
    }
    this.takeShot(app)
  }

  /** Tells the terminal where the panes are, when that has changed: it finds out which of them the mouse is on. */
  private placePanes(app: App): void {
    const panes = app.canvas.arrange()
    if (panes === this.placed) return
    for (const { pane: name } of this.placed) if (!panes.some(({ pane }) => pane === name)) this.terminal.hide(name)
    for (const { pane, rect } of panes) this.terminal.place(pane, rect)
    this.placed = panes
  }

  /** Writes the picture of a pane that was asked for. */
  private takeShot(app: App): void {
    const { ports, depth } = this.parts
    const { cells } = app
    const shot = app.takeShot()
    if (shot === undefined || cells === undefined) return
    const { file, rect } = shot
    try {
      ports.write(file, file.endsWith('.png') ? pngShot(cells, rect) : Buffer.from(file.endsWith('.ansi') ? ansiShot(cells, rect, depth) : plainShot(cells, rect)))
      app.desk.say(`written: ${file}`)
    } catch (error) {
      app.desk.refuse(error)
    }
  }

  /** Gives the terminal back, and leaves the runs. */
  async close(): Promise<void> {
    this.terminal.close()
    await this.shown?.close()
  }
}

/** Opens a screen on a terminal. Throws `usage` where there is none that could be drawn on. */
export async function openRunScreen(parts: Pick<ScreenParts, 'ports' | 'opening'>, streams: ScreenStreams): Promise<RunScreen> {
  const opened: { screen?: RunScreen } = {}
  const terminal = await openTerminal({
    ...streams,
    onKey: (key) => {
      opened.screen?.key(key)
    },
    onMouse: (event) => {
      opened.screen?.app?.mouse(event)
    },
    onPaste: (text) => {
      opened.screen?.app?.paste(text)
    },
    onResize: (width, height) => {
      opened.screen?.app?.resize(width, height)
    },
    onSignal: () => {
      process.exitCode = exitCodes.interrupted
      opened.screen?.leave()
    },
  })
  opened.screen = new RunScreen(terminal, { ...parts, depth: streams.colours })
  return opened.screen
}

/** The terminal of this process. */
function ownTerminal(): Pick<ScreenStreams, 'input' | 'output' | 'term'> {
  const { stdin: input, stdout: output, env } = process
  return { input, output, term: env['TERM'] }
}

/** Draws until the user leaves, or drawing fails. */
function drawUntilLeft(screen: RunScreen): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: unknown): void => {
      clearInterval(timer)
      if (error === undefined) resolve()
      else reject(error instanceof Error ? error : new Error('the screen failed', { cause: error }))
    }
    const frame = (): void => {
      if (screen.hasQuit) end()
      else screen.frame(performance.now()).catch(end)
    }
    const timer = setInterval(frame, frameMillis)
    frame()
  })
}

/**
 * Opens runs and shows them in the terminal until the user leaves. There is a first picture before they are open. The terminal is as it was afterwards,
 * whatever happens. Throws as {@link openRunScreen} and `open` do.
 */
export async function showOnScreen(open: () => Promise<Sessions>, parts: Pick<ScreenParts, 'ports' | 'opening'>): Promise<void> {
  checkTerminal(ownTerminal())
  const sessions = open()
  // Its error is told once the terminal is there to be given back.
  sessions.catch(() => undefined)
  const screen = await openRunScreen(parts, { ...ownTerminal(), colours: colourDepth(process.env, process.stdout) })
  try {
    const drawn = drawUntilLeft(screen)
    const isOpen = await Promise.race([drawn.then(() => false), sessions.then(() => true)])
    if (isOpen) screen.show(await sessions)
    else void sessions.then((all) => all.map((session) => session.close()), () => undefined)
    await drawn
  } finally {
    await screen.close()
  }
}
