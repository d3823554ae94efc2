import { Buffer } from 'node:buffer'
import { exitCodes } from '../../output.ts'
import type { LiveSession, RecordedSession } from '../model/model.ts'
import { colourDepth, type ColourDepth } from '../screen/colours.ts'
import { ansiOf, plainTextOf, pngOf } from '../screen/shot.ts'
import { openTerminal, type Terminal } from '../screen/terminal.ts'
import type { ThemeName } from '../screen/theme.ts'
import { App } from './app.ts'
import type { Ports } from './desk.ts'

const frameMillis = 33
const themeOfDepth: Readonly<Record<ColourDepth, ThemeName>> = { '24-bit': 'dark', 256: 'dark', 16: '16', none: 'none' }

/** Writes the picture of a pane that was asked for. */
function takeShot(app: App, ports: Ports): void {
  const { cells } = app
  const shot = app.takeShot()
  if (shot === undefined || cells === undefined) return
  const { file, rect } = shot
  try {
    const make = file.endsWith('.png') ? pngOf(cells, rect) : Buffer.from(file.endsWith('.ansi') ? ansiOf(cells, rect) : plainTextOf(cells, rect))
    ports.write(file, make)
    app.desk.say(`written: ${file}`)
  } catch (error) {
    app.desk.refuse(error)
  }
}

/** Tells the terminal where the panes are, when that has changed: it finds out which of them the mouse is on. */
class Placing {
  private readonly terminal: Terminal
  private placed = ''
  private names: readonly string[] = []

  constructor(terminal: Terminal) {
    this.terminal = terminal
  }

  follow(panes: ReturnType<App['canvas']['arrange']>): void {
    const text = JSON.stringify(panes)
    if (text === this.placed) return
    this.placed = text
    for (const name of this.names) if (!panes.some(({ pane }) => pane === name)) this.terminal.hide(name)
    for (const { pane, rect } of panes) this.terminal.place(pane, rect)
    this.names = panes.map(({ pane }) => pane)
  }
}

/** Draws until the user leaves. Gets on with time, and never asks while an answer is under way. */
async function loop(app: App, terminal: Terminal, ports: Ports): Promise<void> {
  let isTicking = false
  const placing = new Placing(terminal)
  await new Promise<void>((resolve) => {
    const frame = (): void => {
      if (app.hasQuit) {
        clearInterval(timer)
        resolve()
        return
      }
      if (!isTicking) {
        isTicking = true
        void app.tick(performance.now()).finally(() => {
          isTicking = false
        })
      }
      const cells = app.draw()
      if (app.wantsRedraw) {
        app.wantsRedraw = false
        terminal.redraw()
      }
      terminal.setMouse(app.wantsMouse)
      if (cells !== undefined) {
        placing.follow(app.canvas.arrange())
        terminal.draw(cells)
      }
      takeShot(app, ports)
    }
    const timer = setInterval(frame, frameMillis)
    frame()
  })
}

/** Shows a run in the terminal until the user leaves. Throws `usage` where there is no terminal. The terminal is as it was afterwards, whatever happens. */
export async function showOnScreen(session: LiveSession | RecordedSession, ports: Ports): Promise<void> {
  const { stdin: input, stdout: output } = process
  const depth = colourDepth(process.env, output)
  let app: App | undefined
  const terminal = await openTerminal({
    input,
    output,
    colours: depth,
    term: process.env['TERM'],
    onKey: (key) => {
      app?.key(key)
    },
    onMouse: (event) => {
      app?.mouse(event)
    },
    onPaste: (text) => {
      app?.paste(text)
    },
    onResize: (width, height) => {
      app?.resize(width, height)
    },
    onSignal: () => {
      process.exitCode = exitCodes.interrupted
      if (app !== undefined) app.desk.hasQuit = true
    },
  })
  try {
    app = new App(session, ports, { theme: themeOfDepth[depth], width: terminal.width, height: terminal.height })
    await loop(app, terminal, ports)
  } finally {
    terminal.close()
    await app?.close()
  }
}
