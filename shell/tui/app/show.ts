import { Buffer } from 'node:buffer'
import { exitCodes } from '../../output.ts'
import type { LiveSession, RecordedSession } from '../model/model.ts'
import { colourDepth, type ColourDepth } from '../screen/colours.ts'
import { ansiShot, plainShot, pngShot } from '../screen/shot.ts'
import { checkTerminal, openTerminal, type Terminal, type TerminalOptions } from '../screen/terminal.ts'
import type { ThemeName } from '../screen/theme.ts'
import { App } from './app.ts'
import type { Ports } from './desk.ts'

const frameMillis = 33
const themeOfDepth: Readonly<Record<ColourDepth, ThemeName>> = { '24-bit': 'dark', 256: 'dark', 16: '16', none: 'none' }

/** The terminal a screen is on. */
export type ScreenStreams = Pick<TerminalOptions, 'input' | 'output' | 'colours' | 'term' | 'host'>

/** A run on a terminal: what is typed goes to the app, what it draws to the terminal. It has no clock: whoever owns it calls {@link RunScreen.frame}. */
export class RunScreen {
  readonly app: App
  private readonly terminal: Terminal
  private readonly ports: Ports
  private readonly depth: ColourDepth
  private placed = ''
  private names: readonly string[] = []
  private isTicking = false

  constructor(app: App, terminal: Terminal, parts: { readonly ports: Ports; readonly depth: ColourDepth }) {
    this.app = app
    this.terminal = terminal
    this.ports = parts.ports
    this.depth = parts.depth
  }

  /** Draws what is there, and gets on with what time brings. `now` in milliseconds. Resolves when all that was asked is answered; until then another frame only draws. */
  async frame(now: number): Promise<void> {
    this.draw()
    if (this.isTicking) return
    this.isTicking = true
    try {
      await this.app.tick(now)
    } finally {
      this.isTicking = false
    }
  }

  private draw(): void {
    const { app, terminal } = this
    if (app.wantsRedraw) {
      app.wantsRedraw = false
      terminal.redraw()
    }
    terminal.setMouse(app.wantsMouse)
    const cells = app.draw()
    if (cells !== undefined) {
      this.placePanes()
      terminal.draw(cells)
    }
    this.takeShot()
  }

  /** Tells the terminal where the panes are, when that has changed: it finds out which of them the mouse is on. */
  private placePanes(): void {
    const panes = this.app.canvas.arrange()
    const text = JSON.stringify(panes)
    if (text === this.placed) return
    this.placed = text
    for (const name of this.names) if (!panes.some(({ pane }) => pane === name)) this.terminal.hide(name)
    for (const { pane, rect } of panes) this.terminal.place(pane, rect)
    this.names = panes.map(({ pane }) => pane)
  }

  /** Writes the picture of a pane that was asked for. */
  private takeShot(): void {
    const { app, ports, depth } = this
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
    await this.app.close()
  }
}

/** Opens a screen on a terminal, on one run or several. Throws `usage` where there is none that could be drawn on. */
export async function openRunScreen(sessions: readonly (LiveSession | RecordedSession)[], ports: Ports, streams: ScreenStreams): Promise<RunScreen> {
  const opened: { app?: App } = {}
  const terminal = await openTerminal({
    ...streams,
    onKey: (key) => {
      opened.app?.key(key)
    },
    onMouse: (event) => {
      opened.app?.mouse(event)
    },
    onPaste: (text) => {
      opened.app?.paste(text)
    },
    onResize: (width, height) => {
      opened.app?.resize(width, height)
    },
    onSignal: () => {
      process.exitCode = exitCodes.interrupted
      if (opened.app !== undefined) opened.app.desk.hasQuit = true
    },
  })
  const app = new App(sessions, ports, { theme: themeOfDepth[streams.colours], width: terminal.width, height: terminal.height })
  opened.app = app
  return new RunScreen(app, terminal, { ports, depth: streams.colours })
}

/** The terminal of this process. */
function ownTerminal(): Pick<ScreenStreams, 'input' | 'output' | 'term'> {
  const { stdin: input, stdout: output, env } = process
  return { input, output, term: env['TERM'] }
}

/** Throws `usage` where this process has no terminal that could be drawn on: before a run is begun for it. */
export function needTerminal(): void {
  checkTerminal(ownTerminal())
}

/** Shows runs in the terminal until the user leaves. The terminal is as it was afterwards, whatever happens. Throws as {@link openRunScreen} does. */
export async function showOnScreen(sessions: readonly (LiveSession | RecordedSession)[], ports: Ports): Promise<void> {
  const screen = await openRunScreen(sessions, ports, { ...ownTerminal(), colours: colourDepth(process.env, process.stdout) })
  try {
    await new Promise<void>((resolve, reject) => {
      const frame = (): void => {
        if (screen.app.hasQuit) {
          clearInterval(timer)
          resolve()
          return
        }
        screen.frame(performance.now()).catch((error: unknown) => {
          clearInterval(timer)
          reject(error instanceof Error ? error : new Error(String(error)))
        })
      }
      const timer = setInterval(frame, frameMillis)
      frame()
    })
  } finally {
    await screen.close()
  }
}
