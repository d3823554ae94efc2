import { afterEach, describe, expect, it } from 'vitest'
import { showOnScreen } from '../../../shell/tui/app/show.ts'
import { OpeningScreen } from '../../../shell/tui/screen/opening.ts'
import type { LiveSession } from '../../../shell/tui/model/model.ts'
import { FakeLive, fakePorts } from './fake-run.ts'
import { FakeHost, FakeInput, FakeOutput } from './fake-terminal.ts'
import { feed, lineText, screenOf } from './screen-text.ts'

const [columns, rows] = [60, 20]
const ends = '\u001b[?1049l'

function opened() {
  const [input, output, host] = [new FakeInput(), new FakeOutput(columns, rows), new FakeHost()]
  return { input, output, host, opening: new OpeningScreen('arena', { input, output, colours: '24-bit', term: 'xterm-256color', host }) }
}

async function linesOf(bytes: string, width: number = columns): Promise<string> {
  const xterm = screenOf(width, rows)
  await feed(xterm, bytes)
  return Array.from({ length: rows }, (_, line) => lineText(xterm, line)).join('\n')
}

afterEach(() => {
  process.exitCode = undefined
})

describe('a screen that is opening', () => {
  it('says what it opens before it can take a key', async () => {
    const { output, opening } = opened()
    // Nothing was awaited since: this was written at once.
    expect(await linesOf(output.take())).toMatch(/^ +opening arena … *$/m)
    opening.close()
    await opening.terminal.ready
    expect(output.take()).toContain(ends)
  })

  it('takes keys that were typed before it could, also for those who come after it', async () => {
    const { input, opening } = opened()
    const keys: string[] = []
    input.write('a\u001b[B')
    opening.handTo({ onKey: ({ name }) => keys.push(name), onMouse: () => undefined, onPaste: () => undefined, onResize: () => undefined })
    expect(keys).toEqual([])
    await new Promise(setImmediate)
    await opening.terminal.ready
    expect(keys).toEqual(['a', 'down'])
    opening.close()
  })

  it('is drawn anew in another size', async () => {
    const { output, opening } = opened()
    // The picture before has to be written.
    await new Promise(setImmediate)
    output.take()
    output.columns = 30
    output.emit('resize')
    expect(await linesOf(output.take(), 30)).toMatch(/^ {7}opening arena …/m)
    opening.close()
  })

  it.each(['q', '\u0003'])('is left with %j, and what is opened later is closed', async (key) => {
    const { input, output, opening } = opened()
    const live = new FakeLive()
    let open: (sessions: readonly LiveSession[]) => void = () => undefined
    const shown = showOnScreen(opening, { ports: fakePorts(live), open: () => new Promise((resolve) => { open = resolve }), leave: () => undefined })
    await opening.terminal.ready
    input.write(key)
    await shown
    expect(output.take()).toContain(ends)
    expect(live.closed).toBe(false)
    open([live])
    await new Promise(setImmediate)
    expect(live.closed).toBe(true)
  })

  it('that was left before it is asked to open something opens nothing', async () => {
    const { input, opening } = opened()
    input.write('q')
    await new Promise(setImmediate)
    await opening.left
    let asked = 0
    await showOnScreen(opening, { ports: fakePorts(new FakeLive()), open: () => Promise.resolve([]).finally(() => asked++), leave: () => undefined })
    expect([opening.hasLeft, asked]).toEqual([true, 0])
  })

  it('is left with a signal, which the process then ends by', async () => {
    const { output, host, opening } = opened()
    const shown = showOnScreen(opening, { ports: fakePorts(new FakeLive()), open: () => new Promise(() => undefined), leave: () => undefined })
    await opening.terminal.ready
    host.emit('SIGTERM')
    expect(output.take()).toContain(ends)
    await shown
    expect(process.exitCode).toBe(130)
  })

  it('gives the terminal back when there is nothing to show', async () => {
    const { output, host, opening } = opened()
    await expect(showOnScreen(opening, { ports: fakePorts(new FakeLive()), open: () => Promise.reject(new Error('no such run')), leave: () => undefined })).rejects.toThrow('no such run')
    expect(output.take()).toContain(ends)
    expect(host.count).toBe(0)
  })
})
