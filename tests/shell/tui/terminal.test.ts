import { afterEach, describe, expect, it, vi } from 'vitest'
import { Cells, plain } from '../../../shell/tui/screen/cells.ts'
import { counts, testSeed } from '../../counts.ts'
import { FakeInput, FakeOutput, openFake, type Opened } from './fake-terminal.ts'
import { dice, scribble } from './random-cells.ts'
import { feed, leftovers, lineText, screenOf, screenText, type Screen } from './screen-text.ts'
import { expectShown } from './shown-cells.ts'

const seed = testSeed('terminal', 20263)
const style = { fg: 0x63d297, bg: plain, attributes: 1 }

/** A terminal that shows something of a shell before anything of ours. */
async function usedScreen(): Promise<Screen> {
  const screen = screenOf(80, 24)
  await feed(screen, '$ metabonk top\r\n')
  return screen
}

async function expectRestored({ output, input }: Opened): Promise<void> {
  const [before, screen] = [await usedScreen(), await usedScreen()]
  const written = output.take()
  await feed(screen, written)
  expect(leftovers(screen)).toEqual(leftovers(before))
  expect(screenText(screen)).toBe(screenText(before))
  // What is written next is plain.
  await feed(screen, 'x')
  expect(lineText(screen, 1).trim()).toBe('x')
  expect(screenText(screen)).not.toMatch(/bold|#/)
  const [shown, hidden] = [written.lastIndexOf('\u001b[?25h'), written.lastIndexOf('\u001b[?25l')]
  expect(shown).toBeGreaterThan(hidden)
  expect(input.isRaw).toBe(false)
}

afterEach(() => vi.useRealTimers())

describe('a terminal while it is open', () => {
  it('is the alternate screen, raw, with the mouse and marked pastes, without wrapping', async () => {
    const { output, input, terminal } = await openFake()
    const screen = await usedScreen()
    await feed(screen, output.take())
    const { mouseTrackingMode, bracketedPasteMode, wraparoundMode } = screen.modes
    expect({ mouseTrackingMode, bracketedPasteMode, wraparoundMode, screen: screen.buffer.active.type, raw: input.isRaw }).toEqual({
      mouseTrackingMode: 'drag',
      bracketedPasteMode: true,
      wraparoundMode: false,
      screen: 'alternate',
      raw: true,
    })
    terminal.close()
  })

  it('shows what is drawn and nothing of blessed, whatever happens to panes, keys and size', async () => {
    const { output, input, terminal } = await openFake()
    output.take()
    terminal.place('pane', { x: 3, y: 3, width: 30, height: 10 })
    input.emit('data', Buffer.from('\u001b[<0;5;5M\u001b[<0;5;5mabc'))
    Object.assign(output, { columns: 100, rows: 30 }).emit('resize')
    input.emit('data', Buffer.from('\u001b[<0;5;5M'))
    terminal.hide('pane')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(output.take()).toBe('')
    terminal.close()
  })

  it('resizes at any time end in the screen that is drawn last', async () => {
    const roll = dice(seed)
    const { output, terminal, events } = await openFake()
    const screen = screenOf(80, 24)
    for (let i = 0; i < counts(30, 300); i++) {
      const [columns, rows] = [20 + roll(100), 5 + roll(40)]
      Object.assign(output, { columns, rows }).emit('resize')
      screen.resize(columns, rows)
      const cells = new Cells(columns, rows)
      scribble(cells, roll, 50)
      expect(terminal.draw(new Cells(columns + 1, rows)), 'cells of another size').toBe(false)
      terminal.draw(cells)
      await new Promise((resolve) => setImmediate(resolve))
      await feed(screen, output.take())
      expect([terminal.width, terminal.height]).toEqual([columns, rows])
      expectShown(screen, cells, '24-bit')
    }
    expect(events.length).toBeGreaterThan(20)
    terminal.close()
  })

  it('a size that a terminal does not know is the usual one, and one beyond all screens is cut', async () => {
    const { output, terminal, events } = await openFake()
    Object.assign(output, { columns: 0, rows: 0 }).emit('resize')
    Object.assign(output, { columns: 1e9, rows: 1e9 }).emit('resize')
    expect(events).toEqual(['resize 1000x500'])
    terminal.close()
  })

  it('a slow terminal gets the newest frame when it is ready, and none in between', async () => {
    const { output, terminal, cells } = await openFake()
    output.take()
    output.isBlocked = true
    const drawn = ['one', 'two', 'six'].map((text) => {
      cells.surface.text(0, 0, text, style)
      return terminal.draw(cells)
    })
    expect(drawn).toEqual([true, false, false])
    output.release()
    await vi.waitFor(() => expect(output.take()).toMatch(/one.*six/s))
    terminal.close()
  })
})

describe('a terminal is restored', () => {
  async function opened(options: Parameters<typeof openFake>[0] = {}): Promise<Opened> {
    const fake = await openFake(options)
    fake.cells.surface.text(0, 0, 'something bold', style)
    fake.terminal.draw(fake.cells)
    return fake
  }

  it('by close, once', async () => {
    const fake = await opened()
    fake.terminal.close()
    await expectRestored(fake)
    fake.terminal.close()
    expect(fake.output.take()).toBe('')
    expect(fake.host.count, 'listeners of the process').toBe(0)
    expect(fake.terminal.draw(fake.cells)).toBe(false)
  })

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const)('by %s, which then ends the process', async (signal) => {
    const fake = await opened()
    fake.host.emit(signal)
    await expectRestored(fake)
    expect(fake.host.done).toEqual([signal])
  })

  it('by a signal that the owner handles, before the owner does', async () => {
    const seen: string[] = []
    const fake: Opened = await opened({ onSignal: (signal) => seen.push(signal, String(fake.input.isRaw)) })
    fake.host.emit('SIGTERM')
    await expectRestored(fake)
    expect([seen, fake.host.done]).toEqual([['SIGTERM', 'false'], []])
  })

  it.each(['exit', 'uncaughtExceptionMonitor'] as const)('by %s', async (event) => {
    const fake = await opened()
    fake.host.emit(event)
    await expectRestored(fake)
    expect(fake.host.done).toEqual([])
  })

  it.each(['output', 'input'] as const)('when the %s breaks, which is told as SIGHUP', async (stream) => {
    const fake = await opened()
    fake[stream].emit('error', new Error('EIO'))
    expect(fake.host.done).toEqual(['SIGHUP'])
    fake[stream].emit('error', new Error('EIO'))
    expect(fake.host.done).toEqual(['SIGHUP'])
  })

  it('while it is suspended, and what was drawn is there again after that', async () => {
    const fake = await opened()
    const { input, host, output, terminal, cells } = fake
    const screen = await usedScreen()
    await feed(screen, output.take())
    const drawn = screenText(screen)
    input.emit('data', Buffer.from('\u001a'))
    expect(host.done).toEqual(['stop'])
    const restored = output.take()
    await feed(screen, restored)
    expect(screenText(screen)).toBe(screenText(await usedScreen()))
    expect([input.isRaw, terminal.draw(cells)]).toEqual([false, false])
    host.emit('SIGCONT')
    await feed(screen, output.take())
    expect(screenText(screen)).toBe(drawn)
    expect(input.isRaw).toBe(true)
    terminal.close()
  })

  it('and opened again where nobody could stop the process', async () => {
    vi.useFakeTimers()
    const { input, host, terminal } = await opened()
    host.emit('SIGTSTP')
    expect(input.isRaw).toBe(false)
    vi.advanceTimersByTime(200)
    expect(input.isRaw).toBe(true)
    terminal.close()
  })
})

describe('no terminal to draw on', () => {
  const closed = Object.assign(new FakeOutput(80, 24), { isTTY: false })
  it.each([
    ['TERM=dumb', { term: 'dumb' }],
    ['an output that is a file', { output: closed }],
    ['an input that is a file', { input: Object.assign(new FakeInput(), { isTTY: false }) }],
  ])('%s is refused with what to do instead', async (_, options) => {
    await expect(openFake(options)).rejects.toThrow(/needs a terminal.*use --once or --stream/)
    expect(closed.take()).toBe('')
  })
})
