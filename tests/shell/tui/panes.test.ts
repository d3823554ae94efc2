import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { drawFrame, insideOf } from '../../../shell/tui/panes/frame.ts'
import { panes } from '../../../shell/tui/panes/index.ts'
import { layoutOf, pageOf, pagesAt } from '../../../shell/tui/panes/layout.ts'
import { mapDots } from '../../../shell/tui/panes/map.ts'
import { paneNames, type PaneContext, type PaneName } from '../../../shell/tui/panes/pane.ts'
import { cellWidth } from '../../../shell/tui/screen/cell-width.ts'
import { Cells, wideRest, type Rect } from '../../../shell/tui/screen/cells.ts'
import { themeNames, type ThemeName } from '../../../shell/tui/screen/theme.ts'
import { counts, testSeed } from '../../counts.ts'
import { cellsText, lineText } from './cells-text.ts'
import { arenaContext, mapView, recordedContext, waitingContext } from './pane-contexts.ts'
import { RandomContexts } from './random-contexts.ts'

const folder = fileURLToPath(new URL('./golden', import.meta.url))
const renew = process.env['METABONK_GOLDEN'] === 'renew'

/** A screen of one pane. */
function screenOf(pane: PaneName, context: PaneContext, [width, height]: readonly [number, number]): Cells {
  const cells = new Cells(width, height)
  const inside = insideOf({ x: 0, y: 0, width, height })
  const dots = mapDots(inside.width, inside.height, context.about.space)
  const view = context.view === undefined ? undefined : { ...context.view, map: mapView(dots.width, dots.height) }
  drawFrame(cells.surface, panes[pane], { ...context, view })
  return cells
}

/** The words of a pane, without its border. */
function wordsOf(pane: PaneName, context: PaneContext, size: readonly [number, number]): string {
  const cells = new Cells(...size)
  cells.surface.fill(context.theme.text)
  panes[pane].draw(cells.surface, context)
  return Array.from({ length: cells.height }, (_, y) => lineText(cells, y).trimEnd()).join('\n')
}

const looks: readonly (readonly [string, (theme: ThemeName) => PaneContext, ThemeName, readonly [number, number]])[] = [
  ['live', arenaContext, 'dark', [60, 16]],
  ['live', arenaContext, '16', [34, 9]],
  ['recorded', recordedContext, 'none', [80, 14]],
  ['recorded', recordedContext, 'light', [24, 6]],
  ['waiting', waitingContext, 'none', [40, 5]],
  ['live', arenaContext, 'none', [20, 3]],
]

describe('panes', () => {
  it.each(paneNames)('%s: looks as in tests/shell/tui/golden', (pane) => {
    const screens = looks.map(([what, make, theme, size]) => {
      const context = make(theme)
      return `${what}, ${theme}, ${size.join(' x ')}\n${cellsText(screenOf(pane, context, size), context.theme)}`
    })
    const path = `${folder}/${pane}.txt`
    if (renew) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(path, screens.join('\n'))
    }
    expect(screens.join('\n')).toBe(readFileSync(path, 'utf8'))
  })

  it('say in words what colours say, when there are none', () => {
    const context = arenaContext('none')
    expect(wordsOf('log', context, [60, 6])).toMatch(/^12 336 warn {2}ring/m)
    expect(wordsOf('actors', context, [60, 10])).toMatch(/compositor\s+✗ faulted/)
    expect(wordsOf('overview', { ...context, mode: 'live, paused' }, [40, 5])).toMatch(/‖ live, paused$/m)
    const cells = screenOf('agents', context, [50, 10])
    expect(cellsText(cells, context.theme)).toMatch(/^5: .*selected/m)
  })

  it('say what is missing, and why', () => {
    const recorded = recordedContext('dark')
    expect(wordsOf('phases', recorded, [60, 5])).toContain('a recording has no phases')
    expect(wordsOf('rings', recorded, [60, 5])).toContain('a recording has no rings')
    const kinds = recorded.about.kinds.map((kind) => ({ ...kind, hasCamera: false, hasPolicy: false }))
    const blind = { ...recorded, about: { ...recorded.about, world: 'meadow', kinds, space: undefined }, view: undefined }
    expect(wordsOf('camera', blind, [80, 5])).toContain('obs=pixels')
    expect(wordsOf('map', blind, [60, 5])).toContain('meadow has no space')
    const { view } = recorded
    const unlearning = { ...recorded, view: view && { ...view, kinds: view.kinds.map((kind) => ({ ...kind, reward: undefined })) } }
    expect(wordsOf('learning', unlearning, [70, 5])).toContain('no kind with a policy')
    const dead = { ...recorded, view: view?.agent && { ...view, agent: { ...view.agent, alive: false } } }
    expect(wordsOf('inspector', dead, [60, 5])).toMatch(/dead[^]*nobody lives in this row now/)
  })

  it('mark what differs from another step by a sign', () => {
    const words = wordsOf('inspector', recordedContext('none'), [80, 20])
    expect(words).toMatch(/^health\s.*86\.5.*≠.*120/m)
    expect(words).toMatch(/^state\s.*fighting\s+≠ idle/m)
    expect(words).toMatch(/^level\s[^≠]*$/m)
  })

  it('keep their columns where they are when numbers grow', () => {
    const small = arenaContext('dark')
    const large = { ...small, view: small.view && { ...small.view, kinds: small.view.kinds.map((kind) => ({ ...kind, agents: kind.agents * 100 })) } }
    const [before, after] = [small, large].map((context) => wordsOf('swarm', context, [60, 20]))
    const ends = (words: string, number: string) => words.indexOf(number) + number.length
    expect(ends(before, ' 512 ')).toBe(ends(after, ' 51 200 '))
    expect(ends(before, ' 403 ')).toBe(ends(after, ' 403 '))
  })

  it('are drawn in about a millisecond, all together', () => {
    const context = arenaContext('dark')
    const cells = new Cells(120, 40)
    const placed = layoutOf(120, 40, undefined, 1).map(({ pane, rect }) => {
      const inside = insideOf(rect)
      const dots = mapDots(inside.width, inside.height, context.about.space)
      return { pane: panes[pane], surface: cells.surface.part(rect.x, rect.y, rect.width, rect.height), context: { ...context, view: context.view && { ...context.view, map: mapView(dots.width, dots.height) } } }
    })
    expect(placed).toHaveLength(paneNames.length)
    const times = Array.from({ length: 300 }, () => {
      const start = performance.now()
      for (const { pane, surface, context: one } of placed) drawFrame(surface, pane, one)
      return performance.now() - start
    }).sort((a, b) => a - b)
    console.log(`all panes at 120x40: median ${times[150].toFixed(3)} ms, p99 ${times[297].toFixed(3)} ms`)
    // The benchmark holds the number; here the frames that nobody else on the machine disturbed.
    expect(times[30]).toBeLessThan(4)
  })
})

describe('clicks', () => {
  const context = arenaContext('dark')

  it('on the axis of time go to a step, on both ends to the first and the last', () => {
    const click = (x: number, width: number) => panes.timeline.click?.(context, { x, y: 0, width, height: 3 })
    expect(click(0, 100)).toEqual({ form: 'go', step: 0 })
    expect(click(99, 100)).toEqual({ form: 'go', step: 12_345 })
    const few = { ...context, timeline: { ...context.timeline, first: 10, last: 13 } }
    expect([0, 33, 66, 99].map((x) => panes.timeline.click?.(few, { x, y: 0, width: 100, height: 3 }))).toEqual([10, 11, 12, 13].map((step) => ({ form: 'go', step })))
    expect(click(0, 1)).toEqual({ form: 'go', step: 0 })
  })

  it('on the table sort by a column and move the cursor', () => {
    const lines = wordsOf('agents', context, [70, 10]).split('\n')
    const click = (x: number, y: number) => panes.agents.click?.(context, { x, y, width: 70, height: 10 })
    expect(click(lines[0].indexOf('health') + 1, 0)).toEqual({ form: 'sort', by: 'health' })
    expect(click(lines[0].indexOf('state'), 0)).toEqual({ form: 'sort', by: 'state' })
    expect(click(lines[0].indexOf('at ', 15), 0)).toBeUndefined()
    expect(click(5, 3)).toEqual({ form: 'cursor', place: 122 })
  })

  it('on the swarm choose a kind and filter by a state', () => {
    const lines = wordsOf('swarm', context, [60, 30]).split('\n')
    const click = (word: string) => panes.swarm.click?.(context, { x: 3, y: lines.findIndex((line) => line.includes(word)), width: 60, height: 30 })
    expect(click('enemy')).toEqual({ form: 'kind', kind: 'enemy' })
    expect(click('hunting')).toEqual({ form: 'filter', kind: 'enemy', filter: 'hunting' })
    expect(click('reward')).toBeUndefined()
    const scrolled = { ...context, chosen: { ...context.chosen, scroll: { swarm: 1 } } }
    expect(panes.swarm.click?.(scrolled, { x: 0, y: 0, width: 60, height: 5 })).toEqual({ form: 'filter', kind: 'tank', filter: 'idle' })
  })

  it('on the camera change its channel', () => {
    expect(panes.camera.click?.(context, { x: 0, y: 0, width: 9, height: 9 })).toEqual({ form: 'channel' })
  })
})

const untouched = 0x23

/** What is wrong with the cells of a screen of which only a part may be drawn on; undefined when nothing is. */
function faultOf({ glyphs, width, height }: Cells, { x: left, y: top, ...size }: Rect): string | undefined {
  for (let at = 0; at < width * height; at++) {
    const [x, y, glyph] = [at % width, Math.floor(at / width), glyphs[at]]
    const place = `${String(x)},${String(y)}: U+${glyph.toString(16)}`
    const isInside = x >= left && x < left + size.width && y >= top && y < top + size.height
    if (!isInside) {
      if (glyph !== untouched) return `outside, ${place}`
    } else if (glyph === wideRest ? cellWidth(glyphs[at - 1]) !== 2 : cellWidth(glyph) < 1) return `not a character, ${place}`
    else if (cellWidth(glyph) === 2 && (glyphs[at + 1] !== wideRest || x + 1 >= left + size.width)) return `half a character, ${place}`
  }
  return undefined
}

describe('anything', () => {
  it('can be drawn in any size: nothing outside, no control character, no exception', () => {
    const seed = testSeed('panes', 7)
    const contexts = new RandomContexts(seed)
    for (let round = 0; round < counts(200, 5000); round++) {
      const { context, size, place } = contexts.next()
      const cells = new Cells(size.width + 4, size.height + 2)
      for (const pane of paneNames) {
        cells.surface.fill(context.theme.text, untouched)
        const rect = { x: 2, y: 1, ...size }
        const surface = cells.surface.part(rect.x, rect.y, rect.width, rect.height)
        const what = `seed ${String(seed)}, round ${String(round)}, ${pane}, ${String(size.width)}x${String(size.height)}`
        try {
          if (round % 2 === 0) drawFrame(surface, panes[pane], context)
          else panes[pane].draw(surface, context)
          panes[pane].click?.(context, { ...place, ...size })
          panes[pane].lines?.(context)
        } catch (error) {
          throw new Error(what, { cause: error })
        }
        const fault = faultOf(cells, rect)
        if (fault !== undefined) expect.fail(`${what}: ${fault}`)
      }
    }
  })
})

describe('layouts', () => {
  /** How often each cell of a screen is covered. */
  function coverOf(width: number, height: number, rects: readonly Rect[]): Set<number> {
    const cover = new Uint8Array(width * height)
    for (const rect of rects) for (let y = rect.y; y < rect.y + rect.height; y++) for (let x = rect.x; x < rect.x + rect.width; x++) cover[y * width + x] += x < width && y < height ? 1 : 9
    return new Set(cover)
  }

  it('cover every screen with panes that do not overlap, on every page', () => {
    for (let width = 1; width <= 220; width += 13) {
      for (let height = 1; height <= 70; height += 5) {
        const pages = pagesAt(width, height)
        for (let page = 1; page <= pages.length; page++) {
          const layout = layoutOf(width, height, undefined, page)
          expect(layout.map(({ pane }) => pane)).toEqual(pages[page - 1])
          expect([...coverOf(width, height, layout.map(({ rect }) => rect))], `${String(width)}x${String(height)} page ${String(page)}`).toEqual([1])
        }
        expect(new Set(pages.flat()).size).toBe(paneNames.length)
      }
    }
  })

  it('show all panes on a large screen, some on a small one, one on a tiny one, each with room to be read', () => {
    const numbers = ([[200, 60], [160, 45], [120, 40], [80, 24], [60, 20]] as const).map(([width, height]) => pagesAt(width, height)[0].length)
    expect(numbers).toEqual([12, 12, 12, 4, 1])
    for (const [width, height] of [[160, 44], [120, 39], [80, 23]] as const)
      for (const [index] of pagesAt(width, height).entries())
        for (const { pane, rect } of layoutOf(width, height, undefined, index + 1)) {
          expect(rect.width, pane).toBeGreaterThanOrEqual(20)
          expect(rect.height, pane).toBeGreaterThanOrEqual(5)
        }
  })

  it('give a zoomed pane all there is, know on which page a pane is, and take any page for one that is there', () => {
    expect(layoutOf(80, 24, 'log', 1)).toEqual([{ pane: 'log', rect: { x: 0, y: 0, width: 80, height: 24 } }])
    expect([pageOf('map', 80, 24), pageOf('inspector', 80, 24), pageOf('log', 80, 24), pageOf('log', 120, 40)]).toEqual([1, 2, 5, 1])
    expect(layoutOf(80, 24, undefined, 99)).toEqual(layoutOf(80, 24, undefined, 5))
    expect(layoutOf(80, 24, undefined, -1)).toEqual(layoutOf(80, 24, undefined, 1))
  })

  it('ask for as many dots as a map has room for, in the proportions of the space', () => {
    expect(mapDots(40, 3, { width: 100, height: 100 })).toEqual({ width: 12, height: 12 })
    expect(mapDots(40, 10, { width: 100, height: 20 })).toEqual({ width: 80, height: 16 })
    expect(mapDots(0, 0)).toEqual({ width: 0, height: 0 })
    for (const theme of themeNames) expect(wordsOf('map', arenaContext(theme), [40, 12])).toContain('◉')
  })
})
