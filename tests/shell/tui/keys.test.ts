import { afterEach, describe, expect, it, vi } from 'vitest'
import { counts, testSeed } from '../../counts.ts'
import { openFake } from './fake-terminal.ts'
import { dice } from './random-cells.ts'

const seed = testSeed('terminal input', 20262)
const letters = 'abcdefghijklmnopqrstuvwxyz'
/** Letters that are keys of their own with ctrl: h, i, j, m; z suspends. */
const controls = Array.from('abcdefgklnopqrstuvwxy')

/** What terminals send, and what it is. */
const keys: readonly (readonly [string, string])[] = [
  ...Array.from(`${letters}${letters.toUpperCase()}0123456789!?/:;.,<>[]{}()'"\`~@#$%^&*-_=+\\|é世😀`).map((text) => [text, `${text} "${text}"`] as const),
  ...controls.map((letter) => [String.fromCharCode(letter.charCodeAt(0) - 96), `ctrl ${letter}`] as const),
  ...Array.from('abcdxyzABZ019.,<>é').map((letter) => [`\u001b${letter}`, `alt ${letter}`] as const),
  [' ', 'space " "'],
  ['\0', 'ctrl space'],
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\t', 'tab'],
  ['\u007f', 'backspace'],
  ['\b', 'backspace'],
  ['\u001b[Z', 'shift tab'],
  ['\u001b\r', 'alt enter'],
  ['\u001b\u007f', 'alt backspace'],
  ...['up', 'down', 'right', 'left'].flatMap((name, i) => [
    [`\u001b[${'ABCD'[i]}`, name] as const,
    [`\u001bO${'ABCD'[i]}`, name] as const,
    [`\u001b[1;2${'ABCD'[i]}`, `shift ${name}`] as const,
    [`\u001b[1;3${'ABCD'[i]}`, `alt ${name}`] as const,
    [`\u001b[1;5${'ABCD'[i]}`, `ctrl ${name}`] as const,
  ]),
  ...(['home', 'insert', 'delete', 'end', 'pageup', 'pagedown'] as const).flatMap((name, i) => [
    [`\u001b[${i + 1}~`, name] as const,
    [`\u001b[${i + 1};5~`, `ctrl ${name}`] as const,
  ]),
  ['\u001b[H', 'home'],
  ['\u001b[F', 'end'],
  ['\u001bOH', 'home'],
  ['\u001bOF', 'end'],
  ['\u001b[3$', 'shift delete'],
  ...['P', 'Q', 'R', 'S'].flatMap((letter, i) => [[`\u001bO${letter}`, `f${i + 1}`] as const, [`\u001b[1;2${letter}`, `shift f${i + 1}`] as const]),
  ...['A', 'B', 'C', 'D', 'E'].map((letter, i) => [`\u001b[[${letter}`, `f${i + 1}`] as const),
  ...[15, 17, 18, 19, 20, 21, 23, 24].map((code, i) => [`\u001b[${code}~`, `f${i + 5}`] as const),
  ['\u001b[<0;11;6M', 'down left 10,5'],
  ['\u001b[<1;11;6m', 'up middle 10,5'],
  ['\u001b[<34;1;1M', 'drag right 0,0'],
  ['\u001b[<64;80;24M', 'wheel-up 79,23'],
  ['\u001b[<65;80;24M', 'wheel-down 79,23'],
  ['\u001b[M !!', 'down left 0,0'],
  ['\u001b[200~q\u001b[A\r\u0003\u001b[201~', 'paste "q\\u001b[A\\r\\u0003"'],
]

/** What is no key: answers of terminals, reports of what was not asked for. */
const silent = ['\u001b[?2026;2$y', '\u001b[>0;276;0c', '\u001b[12;40R', '\u001b]11;rgb:1212/1515/1b1b\u001b\\', '\u001bP1$r0m\u001b\\', '\u001b[I', '\u001b[O', '\u001b[97;5u', '\u001b[<35;3;3M', '\u001b[<66;3;3M', '\u001c', '\u009b']

afterEach(() => vi.useRealTimers())

describe('keys and the mouse', () => {
  it.each([1, 2, Infinity])('every key in pieces of %f bytes, one after the other', async (size) => {
    vi.useFakeTimers()
    const { input, events, terminal } = await openFake()
    for (const [sequence] of keys) {
      const bytes = Buffer.from(sequence)
      for (let at = 0; at < bytes.length; at += size) input.emit('data', bytes.subarray(at, at + size))
    }
    expect(events).toEqual(keys.map(([, name]) => name))
    terminal.close()
  })

  it('all of them in one piece', async () => {
    const { input, events, terminal } = await openFake()
    input.emit('data', Buffer.from(keys.map(([sequence]) => sequence).join('')))
    expect(events).toEqual(keys.map(([, name]) => name))
    terminal.close()
  })

  it('what is no key says nothing, and the next key is heard', async () => {
    vi.useFakeTimers()
    const { input, events, terminal } = await openFake()
    for (const sequence of silent) {
      input.emit('data', Buffer.from(sequence))
      vi.advanceTimersByTime(100)
      input.emit('data', Buffer.from('x'))
    }
    expect(events).toEqual(silent.map(() => 'x "x"'))
    terminal.close()
  })

  it('escape alone, twice, and before another key', async () => {
    vi.useFakeTimers()
    const { input, events, terminal } = await openFake()
    for (const sequence of ['\u001b', '\u001b\u001b', '\u001b[', '\u001bO', '\u001b]', '\u001b\u001b[A']) {
      input.emit('data', Buffer.from(sequence))
      vi.advanceTimersByTime(100)
    }
    expect(events).toEqual(['escape', 'escape', 'escape', 'alt [', 'alt O', 'alt ]', 'escape', 'up'])
    terminal.close()
  })

  it('a paste whose end is lost does not swallow what is typed later', async () => {
    vi.useFakeTimers()
    const { input, events, terminal } = await openFake()
    input.emit('data', Buffer.from('\u001b[200~abc\u001b[20'))
    vi.advanceTimersByTime(2000)
    input.emit('data', Buffer.from('q'))
    expect(events).toEqual(['paste "abc\\u001b[20"', 'q "q"'])
    terminal.close()
  })

  it('a paste of many megabytes is cut, and its end is seen', async () => {
    const pasted: number[] = []
    const { input, events, terminal } = await openFake({ onPaste: (text) => pasted.push(text.length) })
    input.emit('data', Buffer.from('\u001b[200~'))
    for (let i = 0; i < 300; i++) input.emit('data', Buffer.alloc(9999, 'a'))
    input.emit('data', Buffer.from('\u001b[201~q'))
    expect([pasted, events]).toEqual([[1 << 20], ['q "q"']])
    terminal.close()
  })

  it('random bytes, halves of sequences and reports leave no exception and no stuck key', async () => {
    vi.useFakeTimers()
    const { input, events, terminal } = await openFake()
    terminal.place('a', { x: 0, y: 0, width: 40, height: 12 })
    const roll = dice(seed)
    for (let event = 0; event < counts(10_000, 100_000); event++) {
      const whole = Buffer.from([...keys, ...silent.map((each) => [each] as const)][roll(keys.length + silent.length)][0])
      const from = roll(2) * roll(whole.length)
      const piece = roll(3) === 0 ? Buffer.from(Array.from({ length: roll(12) }, () => roll(256))) : whole.subarray(from, from + 1 + roll(whole.length))
      input.emit('data', piece)
      if (roll(10) === 0) vi.advanceTimersByTime(roll(60))
      for (const said of events.splice(0)) if (!said.startsWith('paste ')) expect(said).not.toMatch(/undefined|NaN|\ufffd|"\p{Cc}"/u)
      if (roll(1000) === 0) {
        vi.advanceTimersByTime(2000)
        events.length = 0
        input.emit('data', Buffer.from('qq'))
        expect(events.at(-1)).toBe('q "q"')
        events.length = 0
      }
    }
    terminal.close()
  })
})

describe('panes under the mouse', () => {
  const click = (x: number, y: number): Buffer => Buffer.from(`\u001b[<0;${x + 1};${y + 1}M\u001b[<0;${x + 1};${y + 1}m`)

  it('a report names the pane and the place in it', async () => {
    const { input, events, terminal } = await openFake()
    terminal.place('left', { x: 0, y: 0, width: 40, height: 24 })
    terminal.place('right', { x: 40, y: 0, width: 40, height: 20 })
    events.length = 0
    input.emit('data', click(45, 3))
    input.emit('data', click(5, 4))
    input.emit('data', click(50, 22))
    expect(events).toEqual([
      ...['down left 45,3 in right 5,3', 'up left 45,3 in right 5,3'],
      ...['down left 5,4 in left 5,4', 'up left 5,4 in left 5,4'],
      ...['down left 50,22', 'up left 50,22'],
    ])
    terminal.close()
  })

  it('what is placed last lies on top, until it is hidden or another one is placed again', async () => {
    const { input, events, terminal } = await openFake()
    const wheel = (): string[] => {
      events.length = 0
      input.emit('data', Buffer.from('\u001b[<64;11;11M'))
      return [...events]
    }
    terminal.place('below', { x: 0, y: 0, width: 80, height: 24 })
    terminal.place('above', { x: 5, y: 5, width: 20, height: 10 })
    expect(wheel()).toEqual(['wheel-up 10,10 in above 5,5'])
    terminal.hide('above')
    expect(wheel()).toEqual(['wheel-up 10,10 in below 10,10'])
    terminal.place('above', { x: 10, y: 10, width: 20, height: 10 })
    expect(wheel()).toEqual(['wheel-up 10,10 in above 0,0'])
    terminal.place('below', { x: 0, y: 0, width: 80, height: 24 })
    expect(wheel()).toEqual(['wheel-up 10,10 in below 10,10'])
    terminal.close()
  })

  it('panes are found where they are after a resize', async () => {
    const { input, output, events, terminal } = await openFake()
    terminal.place('all', { x: 0, y: 0, width: 80, height: 24 })
    Object.assign(output, { columns: 200, rows: 60 }).emit('resize')
    terminal.place('all', { x: 0, y: 0, width: 200, height: 60 })
    events.length = 0
    input.emit('data', Buffer.from('\u001b[<64;190;55M'))
    expect(events).toEqual(['wheel-up 189,54 in all 189,54'])
    terminal.close()
  })
})
