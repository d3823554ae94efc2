/** A run on a screen: a terminal that is xterm, a clock that a test turns, and keys as bytes. */
import type { App } from '../../../shell/tui/app/app.ts'
import { RunScreen } from '../../../shell/tui/app/show.ts'
import type { Ports } from '../../../shell/tui/app/desk.ts'
import type { ColourDepth } from '../../../shell/tui/screen/colours.ts'
import { OpeningScreen } from '../../../shell/tui/screen/opening.ts'
import { FakeHost, FakeInput, FakeOutput } from './fake-terminal.ts'
import { FakeLive, FakeRecorded, fakePorts } from './fake-run.ts'
import { feed, lineText, screenOf, type Screen } from './screen-text.ts'

const frameMillis = 50

/** A screen that a test types on and looks at. */
export interface TestScreen {
  readonly screen: RunScreen
  readonly app: App
  readonly xterm: Screen
  readonly host: FakeHost
  readonly output: FakeOutput
  /** Types bytes, and lets some time pass. */
  readonly type: (bytes: string) => Promise<void>
  /** Lets frames pass. */
  readonly frames: (count: number, before?: () => void) => Promise<void>
  readonly resize: (columns: number, rows: number) => Promise<void>
  /** All lines of the screen. */
  readonly lines: () => string[]
}

export interface OpenedScreen extends Omit<TestScreen, 'frames'> {
  readonly live: FakeLive
  readonly ports: ReturnType<typeof fakePorts>
  /** Lets frames pass; the run goes on by itself with `steps` in each. */
  readonly frames: (count: number, steps?: number) => Promise<void>
}

interface ScreenSize {
  readonly columns?: number
  readonly rows?: number
  readonly colours?: ColourDepth
}

export interface ScreenWish extends ScreenSize {
  readonly recorded?: boolean
}

/** Opens a screen on sessions. */
export async function screenOn(sessions: ConstructorParameters<typeof RunScreen>[1], ports: Ports, { columns = 120, rows = 42, colours = '24-bit' }: ScreenSize = {}): Promise<TestScreen> {
  const [input, output, host] = [new FakeInput(), new FakeOutput(columns, rows), new FakeHost()]
  const xterm = screenOf(columns, rows)
  const opening = new OpeningScreen('a run', { input, output, colours, term: 'xterm-256color', host })
  await opening.terminal.ready
  const screen = new RunScreen(opening, sessions, ports)
  const { app } = screen
  let now = 0
  const frames: TestScreen['frames'] = async (count, before) => {
    for (let i = 0; i < count; i++) {
      before?.()
      now += frameMillis
      await screen.frame(now)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await screen.frame(now)
    await feed(xterm, output.take())
  }
  const opened: TestScreen = {
    screen, app, xterm, host, output, frames,
    type: async (bytes) => {
      input.write(bytes)
      // A lone escape is known as one after a while.
      if (bytes.endsWith('\u001b')) await new Promise((resolve) => setTimeout(resolve, 120))
      await frames(4)
    },
    resize: async (width, height) => {
      output.columns = width
      output.rows = height
      xterm.resize(width, height)
      output.emit('resize')
      await frames(2)
    },
    lines: () => Array.from({ length: xterm.rows }, (_, line) => lineText(xterm, line)),
  }
  await frames(6)
  return opened
}

/** Opens a screen on the clockwork. */
export async function openScreen({ recorded = false, ...size }: ScreenWish = {}): Promise<OpenedScreen> {
  const live = new FakeLive()
  const ports = fakePorts(live)
  const opened = await screenOn([recorded ? new FakeRecorded(120) : live], ports, size)
  return {
    ...opened, live, ports,
    frames: (count, steps = 0) => opened.frames(count, () => {
      live.run(steps)
    }),
  }
}
