import { Buffer } from 'node:buffer'
import type { LiveSession, RecordedSession } from '../model/model.ts'
import type { OpeningScreen } from '../screen/opening.ts'
import { ansiShot, plainShot, pngShot } from '../screen/shot.ts'
import type { PlacedPane } from '../panes/layout.ts'
import { App } from './app.ts'
import type { Ports } from './desk.ts'

const frameMillis = 33

type Sessions = readonly (LiveSession | RecordedSession)[]

/** Runs on a terminal: what is typed goes to the app, what it draws to the terminal. It has no clock: whoever owns it calls {@link RunScreen.frame}. */
export class RunScreen {
  readonly app: App
  private readonly opening: OpeningScreen
  private readonly ports: Ports
  private isLeft = false
  private placed: readonly PlacedPane[] = []
  private isTicking = false

  /** Takes over a terminal. */
  constructor(opening: OpeningScreen, sessions: Sessions, ports: Ports) {
    const { terminal, theme } = opening
    const app = new App(sessions, ports, { theme, width: terminal.width, height: terminal.height })
    this.opening = opening
    this.ports = ports
    this.app = app
    opening.handTo({
      onKey: (key) => { app.key(key) },
      onMouse: (event) => { app.mouse(event) },
      onPaste: (text) => { app.paste(text) },
      onResize: (width, height) => { app.resize(width, height) },
      onSignal: () => { this.isLeft = true },
    })
  }

  /** The user wants to leave. */
  get hasQuit(): boolean {
    return this.isLeft || this.app.hasQuit
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
    const { app, opening: { terminal } } = this
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
    const { app, opening: { terminal } } = this
    const panes = app.canvas.arrange()
    if (panes === this.placed) return
    for (const { pane: name } of this.placed) if (!panes.some(({ pane }) => pane === name)) terminal.hide(name)
    for (const { pane, rect } of panes) terminal.place(pane, rect)
    this.placed = panes
  }

  /** Writes the picture of a pane that was asked for. */
  private takeShot(): void {
    const { app, ports, opening: { depth } } = this
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
    this.opening.close()
    await this.app.close()
  }
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

/** What runs are shown with. */
export interface ShowParts {
  readonly ports: Ports
  /** Opens the runs; not asked when the user has left before. */
  readonly open: () => Promise<Sessions>
  /** The user leaves: nothing of his is to go on. */
  readonly leave: () => void
}

/** Opens runs and shows them in the terminal until the user leaves. The terminal is as it was afterwards, whatever happens. Throws as `open` does. */
export async function showOnScreen(opening: OpeningScreen, { ports, open, leave }: ShowParts): Promise<void> {
  try {
    await opening.terminal.ready
    if (opening.hasLeft) return
    const sessions = open()
    const opened = await Promise.race([opening.left, sessions])
    if (opened === undefined) {
      void sessions.then((all) => all.map((session) => session.close()), () => undefined)
      return
    }
    const screen = new RunScreen(opening, opened, ports)
    try {
      await drawUntilLeft(screen)
    } finally {
      leave()
      await screen.close()
    }
  } finally {
    opening.close()
  }
}
