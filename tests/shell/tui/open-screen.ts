/** A run on a screen: a terminal that is xterm, a clock that a test turns, and keys as bytes. */
import type { App } from '../../../shell/tui/app/app.ts'
import { openRunScreen, type RunScreen } from '../../../shell/tui/app/show.ts'
import type { ColourDepth } from '../../../shell/tui/screen/colours.ts'
import { FakeHost, FakeInput, FakeOutput } from './fake-terminal.ts'
import { FakeLive, FakeRecorded, fakePorts } from './fake-run.ts'
import { feed, lineText, screenOf, type Screen } from './screen-text.ts'

const frameMillis = 50

export interface OpenedScreen {
  readonly screen: RunScreen
  readonly app: App
  readonly xterm: Screen
  readonly live: FakeLive
  readonly host: FakeHost
  readonly output: FakeOutput
  readonly ports: ReturnType<typeof fakePorts>
  /** Types bytes, and lets some time pass. */
  readonly type: (bytes: string) => Promise<void>
  /** Lets frames pass; the run goes on by itself with `steps` in each. */
  readonly frames: (count: number, steps?: number) => Promise<void>
  readonly resize: (columns: number, rows: number) => Promise<void>
  /** All lines of the screen. */
  readonly lines: () => string[]
}

export interface ScreenWish {
  readonly columns?: number
  readonly rows?: number
  readonly colours?: ColourDepth
  readonly recorded?: boolean
}

/** Opens a screen on the clockwork. */
export async function openScreen({ columns = 120, rows = 42, colours = '24-bit', recorded = false }: ScreenWish = {}): Promise<OpenedScreen> {
  const [input, output, host, live] = [new FakeInput(), new FakeOutput(columns, rows), new FakeHost(), new FakeLive()]
  const ports = fakePorts(live)
  const xterm = screenOf(columns, rows)
  const screen = await openRunScreen({ ports, opening: 'clockwork' }, { input, output, colours, term: 'xterm-256color', host })
  const app = screen.show([recorded ? new FakeRecorded(120) : live])
  let now = 0
  const opened: OpenedScreen = {
    screen, app, xterm, live, host, output, ports,
    type: async (bytes) => {
      input.write(bytes)
      // A lone escape is known as one after a while.
      if (bytes.endsWith('\u001b')) await new Promise((resolve) => setTimeout(resolve, 120))
      await opened.frames(4)
    },
    frames: async (count, steps = 0) => {
      for (let i = 0; i < count; i++) {
        live.run(steps)
        now += frameMillis
        await screen.frame(now)
        await new Promise((resolve) => setImmediate(resolve))
      }
      await screen.frame(now)
      await feed(xterm, output.take())
    },
    resize: async (width, height) => {
      output.columns = width
      output.rows = height
      xterm.resize(width, height)
      output.emit('resize')
      await opened.frames(2)
    },
    lines: () => Array.from({ length: xterm.rows }, (_, line) => lineText(xterm, line)),
  }
  await opened.frames(6)
  return opened
}
