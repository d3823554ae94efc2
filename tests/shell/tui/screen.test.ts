import { afterEach, describe, expect, it } from 'vitest'
import { bindings } from '../../../shell/tui/app/keys.ts'
import { commands } from '../../../shell/tui/app/commands/index.ts'
import { paneNames } from '../../../shell/tui/panes/pane.ts'
import { openScreen, type OpenedScreen, type ScreenWish } from './open-screen.ts'
import { expectGolden, screenText } from './screen-text.ts'

let opened: OpenedScreen

async function open(wish: ScreenWish = {}): Promise<OpenedScreen> {
  opened = await openScreen(wish)
  return opened
}

function shown(text: string | RegExp): boolean {
  return opened.lines().some((line) => (typeof text === 'string' ? line.includes(text) : text.test(line)))
}

afterEach(() => opened.screen.close())

describe('a run on the screen', () => {
  it.each([['120x42', 120, 42, '24-bit'], ['160x50', 160, 50, '24-bit'], ['80x24', 80, 24, '256'], ['80x24-16', 80, 24, '16'], ['80x24-none', 80, 24, 'none'], ['40x12', 40, 12, '24-bit']] as const)('looks as it did (%s)', async (name, columns, rows, colours) => {
    const { frames, xterm } = await open({ columns, rows, colours })
    await frames(60, 3)
    expectGolden(`screen-${name}`, screenText(xterm))
  })

  it('has every key do what help says of it', () => {
    const names = [...commands.map(({ name }) => name), 'help', 'move', 'focus-next', 'focus-previous', 'redraw', '']
    for (const { command, keys, does } of bindings) {
      expect([keys, names.includes(command.trim().split(' ')[0])]).toEqual([keys, true])
      expect(does).not.toBe('')
    }
    // No key means two things at one place.
    for (const pane of paneNames) {
      const keys = bindings.filter(({ panes }) => panes === undefined || panes.includes(pane)).flatMap((each) => each.keys)
      expect([pane, keys.filter((key, i) => keys.indexOf(key) !== i)]).toEqual([pane, []])
    }
  })

  it('pauses with space, steps with . and goes back with ,', async () => {
    const { type, frames, live } = await open()
    await frames(5, 10)
    await type(' ')
    expect([live.paused, shown('paused')]).toEqual([true, true])
    await type('..')
    expect(live.reached).toBe(52)
    await type('>')
    expect(live.reached).toBe(112)
    await type(',')
    expect(shown(/past/)).toBe(true)
    await type('<')
    expect(opened.app.desk.playhead.at).toBe(51)
    await type('G')
    expect(opened.app.desk.playhead.at).toBe(112)
    await type(' ')
    expect(live.paused).toBe(false)
  })

  it('holds still what is read while a run goes on, and shows where it is as soon as it is paused', async () => {
    const { type, frames, lines } = await open()
    const read: string[] = []
    for (let frame = 0; frame < 12; frame++) {
      await frames(1, 7)
      read.push((/step +(\d+)/.exec(lines().join('\n')))?.[1] ?? '')
    }
    // Frames are 50 ms apart here: of two that follow each other, one is enough to be read.
    expect(new Set(read).size).toBeGreaterThan(3)
    expect(new Set(read).size).toBeLessThan(9)
    await type(' ')
    expect(lines().join('\n')).toMatch(new RegExp(`step +${String(opened.live.reached)}`))
    await type('.')
    expect(lines().join('\n')).toMatch(new RegExp(`step +${String(opened.live.reached)}`))
  })

  it('goes to a step that is typed, and to marks', async () => {
    const { type, app } = await open({ recorded: true })
    await type('g77\r')
    expect(app.desk.playhead.at).toBe(77)
    await type('m')
    expect(shown('marked as a')).toBe(true)
    await type(':42\r')
    await type(':mark lunch\r')
    await type(':go a\r')
    expect(app.desk.playhead.at).toBe(77)
    await type("'")
    expect(app.desk.playhead.at).toBe(42)
  })

  it('stops at a breakpoint, and goes from one to the next', async () => {
    const { type, app } = await open({ recorded: true })
    await type('g3\r')
    await type('b50\r')
    expect(shown('3 stretches where 50')).toBe(true)
    await type('n')
    expect(app.desk.playhead.at).toBe(50)
    await type('n')
    await type('n')
    expect([app.desk.playhead.at, shown('it does not hold at any later step')]).toEqual([100, true])
    await type('N')
    expect(app.desk.playhead.at).toBe(50)
    await type(':break off\r')
    await type('n')
    expect(shown('there is no breakpoint to look for')).toBe(true)
  })

  it('says where a live run has stopped, also one that is not shown', async () => {
    const { type, app, live, frames } = await open()
    await frames(1, 1)
    await type('b7\r')
    expect([shown('the run stops where 7'), app.desk.playhead.mode]).toEqual([true, 'live, to a breakpoint'])
    await frames(10, 3)
    expect([live.reached, shown('the run has stopped where 7'), shown('live, paused')]).toEqual([7, true, true])
    await type(':attach 1\r')
    expect([app.desk.place, shown('clockwork has stopped')]).toEqual([1, false])
    await app.desk.tabs[0].playhead.togglePause()
    await frames(10, 3)
    expect([live.reached, shown('clockwork has stopped where 7'), app.desk.playhead.mode]).toEqual([14, true, 'live'])
  })

  it('asks why, compares, bisects and forks', async () => {
    const { type, app, frames } = await open({ recorded: true })
    await type('whealth\r')
    expect([shown('why sheep[0].health at step 120'), shown('system wander'), shown('Enter: go 117')]).toEqual([true, true, true])
    await type('\r')
    expect(app.desk.playhead.at).toBe(117)
    await type('d100\r')
    expect(app.desk.tab.other?.agent?.fields[0].value).toBe(String((100 * 7) % 100))
    await type('xruns/b.mcap\r')
    expect([shown('first difference'), shown('step 33')]).toEqual([true, true])
    await type('\u001b')
    await type('fspeed=3\r')
    await frames(3)
    expect([app.desk.tabs.length, shown('1 clockwork 7')]).toEqual([2, true])
    await type('{')
    expect(app.desk.place).toBe(0)
    await type('}')
    await type(':close\r')
    expect(app.desk.tabs.length).toBe(1)
  })
})

describe('the table of agents on the screen', () => {
  it('moves, scrolls and inspects with the keys of vim and with arrows', async () => {
    const { type, app } = await open()
    const { desk } = app
    await type(':focus agents\r')
    await type('jj')
    expect([desk.tab.cursor, desk.tab.row]).toEqual([2, 2])
    await type('\u001b[A')
    expect([desk.tab.cursor, desk.tab.row]).toEqual([1, 1])
    await type('\u001b[6~\u001b[6~')
    expect(desk.tab.from).toBeGreaterThan(0)
    await type('\u001b[F')
    expect([desk.tab.cursor, desk.tab.row, desk.tab.from > 20]).toEqual([39, 39, true])
    await type('\u001b[H')
    expect([desk.tab.cursor, desk.tab.from]).toEqual([0, 0])
    await type(']')
    expect([desk.tab.kind, shown('agents: wolf')]).toEqual(['wolf', true])
  })

  it('filters while it is typed, and comes back when it is left', async () => {
    const { type, app } = await open()
    const { desk } = app
    await type('/3')
    expect([desk.tab.filter, desk.tab.view?.table?.total]).toEqual(['3', 13])
    await type('9\r')
    expect([desk.tab.filter, desk.tab.row]).toEqual(['39', 39])
    await type('/x\u001b')
    expect(desk.tab.filter).toBe('39')
    await type('\u001b')
    expect(desk.tab.filter).toBe('')
  })

  it('sorts by a column, once more the other way', async () => {
    const { type, app } = await open()
    await type('ohealth\r')
    expect(app.desk.tab.sort).toEqual({ by: 'health', descending: false })
    await type(':sort health\r')
    expect(app.desk.tab.sort).toEqual({ by: 'health', descending: true })
    await type(':sort helth\r')
    expect(shown("sheep has no column 'helth'")).toBe(true)
  })
})

describe('commands on the screen', () => {
  it('are completed with Tab, and remembered', async () => {
    const { type, app } = await open()
    await type(':the\t')
    await type('li\t\r')
    expect(app.desk.theme).toBe('light')
    await type(':\u001b[A')
    expect(shown(': theme light')).toBe(true)
    await type('\u001b')
    expect(shown(': theme light')).toBe(false)
  })

  it('change the state of a live run by inputs', async () => {
    const { type, live } = await open()
    await type(':set sheep[3].health=12\r')
    await type(':set at=[1,2]\r')
    await type(':kill wolf[2]\r')
    await type(':spawn wolf health=3\r')
    await type(':config speed=4\r')
    expect(live.sent).toEqual([
      { form: 'set', kind: 'sheep', row: 3, column: 'health', value: 12 },
      { form: 'set', kind: 'sheep', row: 0, column: 'at', value: [1, 2] },
      { form: 'kill', kind: 'wolf', row: 2 },
      { form: 'spawn', kind: 'wolf', values: { health: 3 } },
      { form: 'config', key: 'speed', value: 4 },
    ])
    await type(',')
    await type(':kill wolf[2]\r')
    expect([live.sent.length, shown('the past can not be changed')]).toEqual([5, true])
  })

  it.each([['nothing', "there is no command 'nothing'"], ['thme', 'did you mean theme?'], ['go nowhere', "go can't take 'nowhere'"], ['step much', "step can't take 'much'"], ['pace -1', "pace can't take '-1'"], ['shot a.gif', 'ends in .png'], ['open missing.mcap', 'there is no such file'], ['attach 99', "there is no run '99'"], ['page 0', "page can't take '0'"], ['kill wolf', "kill can't take 'wolf'"]])('refuse what they can not take (%s)', async (line, said) => {
    const { type, app } = await open()
    await type(`:${line}\r`)
    expect(app.desk.log.at(-1)?.text).toContain(said)
  })

  it('show other runs, and help', async () => {
    const { type, screen, app } = await open()
    await type(':open runs/a.mcap\r')
    await type(':attach 1\r')
    expect(app.desk.tabs.length).toBe(3)
    await type('?')
    expect(shown('everywhere')).toBe(true)
    await type('q')
    expect([screen.hasQuit, shown('everywhere')]).toEqual([false, false])
    await type('q')
    expect(screen.hasQuit).toBe(true)
  })

  it('take pictures of a pane', async () => {
    const { type, ports } = await open()
    await type(':shot a.txt\r')
    await type(':shot b.ansi\r')
    await type('s')
    const [text, ansi, png] = [...ports.files.values()].map((bytes) => Buffer.from(bytes).toString('latin1'))
    expect([...ports.files.keys()]).toEqual(['a.txt', 'b.ansi', 'clockwork-agents-0.png'])
    expect([text.includes('agents'), ansi.includes('\u001b['), png.startsWith('\u0089PNG')]).toEqual([true, true, true])
  })
})

describe('the mouse on the screen', () => {
  it('gives keys to a pane, chooses rows and steps, and scrolls', async () => {
    const { type, app, lines } = await open({ recorded: true })
    const { desk } = app
    const line = lines().findIndex((text) => text.includes('agents: sheep'))
    const column = lines()[line].indexOf('agents: sheep') + 1
    await type(`\u001b[<0;${String(column + 1)};${String(line + 5)}M\u001b[<0;${String(column + 1)};${String(line + 5)}m`)
    expect([desk.focus, desk.tab.cursor]).toEqual(['agents', 2])
    await type(`\u001b[<65;${String(column + 1)};${String(line + 5)}M`)
    expect(desk.tab.cursor).toBe(5)
    const time = lines().findIndex((text) => text.includes(' timeline '))
    await type(`\u001b[<0;60;${String(time + 2)}M`)
    expect([desk.focus, Math.abs(desk.playhead.at - 60) < 5]).toEqual(['timeline', true])
    await type(`\u001b[<32;100;${String(time + 2)}M\u001b[<0;100;${String(time + 2)}m`)
    expect(desk.playhead.at).toBeGreaterThan(80)
  })

  it('is left to the terminal while text is copied', async () => {
    const { type, xterm, app } = await open()
    expect(xterm.modes.mouseTrackingMode).toBe('drag')
    await type('y')
    expect([xterm.modes.mouseTrackingMode, app.desk.isCopying, shown('select with the mouse')]).toEqual(['none', true, true])
    await type('\u001b')
    expect(xterm.modes.mouseTrackingMode).toBe('drag')
  })
})

describe('the screen itself', () => {
  it('zooms a pane, turns pages and follows the size of the terminal', async () => {
    const { type, resize, app } = await open()
    await type(':focus map\r')
    await type('z')
    expect([shown(' map '), shown(' overview ')]).toEqual([true, false])
    await type('\u001b')
    await type('2')
    expect([shown(' inspector '), shown(' overview ')]).toEqual([true, false])
    await type('1')
    await resize(80, 24)
    expect(opened.lines()[23]).toContain('space')
    await type(':focus log\r')
    expect([app.desk.focus, app.desk.page, shown(' overview ')]).toEqual(['log', 5, false])
    await type('1')
    await resize(9, 3)
    await resize(200, 60)
    expect(paneNames.every((name) => opened.lines().some((line) => line.includes(name === 'rings' ? 'rings and slabs' : name)))).toBe(true)
    expect(app.canvas.width).toBe(200)
  })

  it('tells what happens, and that the run has ended', async () => {
    const { frames, live } = await open()
    await frames(60, 5)
    expect(shown('born and died: sheep')).toBe(true)
    live.ended = 'finished'
    await frames(10)
    expect(shown('the run has ended: finished')).toBe(true)
  })

  it('gives the terminal back', async () => {
    const { type, xterm, host, screen, frames } = await open()
    host.emit('SIGTERM')
    await frames(1)
    expect([screen.hasQuit, xterm.buffer.active.type, xterm.modes.mouseTrackingMode]).toEqual([true, 'normal', 'none'])
    process.exitCode = undefined
    await type('q')
  })
})
