/** What lies over the panes: an answer or help, the line that is typed with what it could become, the line at the bottom. */
import { wrapped } from '../panes/text.ts'
import { textCells, type Surface } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'
import type { Desk, Popup } from './desk.ts'
import { hintsFor } from './help.ts'
import type { Prompt } from './prompt.ts'

const offersMost = 8
const messageMillis = 6000
/** Work is spoken of when it takes longer. */
const patienceMillis = 200
const bar = { horizontal: 0x2500, vertical: 0x2502, corners: [0x256d, 0x256e, 0x2570, 0x256f] } as const

function box(surface: Surface, theme: Theme, title: string): Surface {
  const { width, height } = surface
  surface.fill(theme.text)
  for (let x = 0; x < width; x++) for (const y of [0, height - 1]) surface.put(x, y, bar.horizontal, theme.borderFocus)
  for (let y = 0; y < height; y++) for (const x of [0, width - 1]) surface.put(x, y, bar.vertical, theme.borderFocus)
  const [topLeft, topRight, bottomLeft, bottomRight] = bar.corners
  surface.put(0, 0, topLeft, theme.borderFocus)
  surface.put(width - 1, 0, topRight, theme.borderFocus)
  surface.put(0, height - 1, bottomLeft, theme.borderFocus)
  surface.put(width - 1, height - 1, bottomRight, theme.borderFocus)
  surface.text(2, 0, ` ${title} `, theme.strong, Math.max(0, width - 4))
  return surface.part(2, 1, width - 4, height - 2)
}

/** Draws an answer in the middle. */
export function drawPopup(surface: Surface, theme: Theme, popup: Popup): void {
  const names = Math.min(34, popup.rows.reduce((most, [name]) => Math.max(most, textCells(name)), 0))
  const widest = popup.rows.reduce((most, [, value]) => Math.max(most, textCells(String(value))), 0)
  const width = Math.min(surface.width - 2, Math.max(40, names + widest + 7, textCells(popup.title) + 6))
  const room = Math.max(8, width - names - 6)
  const lines = popup.rows.flatMap(([name, value]) => wrapped(String(value), room).map((text, i) => ({ name: i === 0 ? name : '', text, isTitle: value === '' && name !== '' })))
  const height = Math.min(surface.height - 1, lines.length + 4)
  const inner = box(surface.part((surface.width - width) >> 1, (surface.height - height) >> 1, width, height), theme, popup.title)
  const shown = Math.max(1, inner.height - 2)
  popup.scroll = Math.max(0, Math.min(popup.scroll, lines.length - shown))
  lines.slice(popup.scroll, popup.scroll + shown).forEach(({ name, text, isTitle }, y) => {
    inner.text(0, y, name, isTitle ? theme.strong : theme.good, names)
    inner.text(names + 2, y, text, theme.text)
  })
  const more = lines.length > shown ? `${String(popup.scroll + 1)}\u2013${String(Math.min(lines.length, popup.scroll + shown))} of ${String(lines.length)}   ` : ''
  inner.text(0, inner.height - 1, `${more}${popup.then === undefined ? '' : `Enter: ${popup.then.command}   `}Esc: close`, theme.dim)
}

/** Draws the line that is typed, and above it what it could become. */
export function drawPrompt(surface: Surface, theme: Theme, prompt: Prompt): void {
  const y = surface.height - 1
  surface.fill(theme.bar, undefined, { x: 0, y, width: surface.width, height: 1 })
  const start = 1 + surface.text(1, y, `${prompt.label} `, theme.key)
  const room = Math.max(4, surface.width - start - 2)
  const before = textCells(prompt.text.slice(0, prompt.cursor))
  const skipped = Math.max(0, before - room + 1)
  const shown = Array.from(prompt.text).slice(skipped).join('')
  surface.text(start, y, shown, theme.bar)
  const at = start + before - skipped
  const under = prompt.text.slice(prompt.cursor)
  surface.put(at, y, under === '' ? 32 : (under.codePointAt(0) ?? 32), { fg: theme.bar.bg, bg: theme.bar.fg, attributes: theme.bar.fg < 0 ? theme.selected.attributes : 0 })
  const { offers, offer } = prompt
  if (offers.length === 0 || prompt.label !== ':') return
  const first = Math.max(0, Math.min(offer - offersMost + 1, offers.length - offersMost))
  const lines = offers.slice(first, first + offersMost)
  const width = Math.min(surface.width - 2, Math.max(12, ...lines.map((line) => textCells(line) + 2)))
  lines.forEach((line, i) => {
    const style = first + i === offer ? theme.selected : theme.bar
    const top = y - lines.length + i
    surface.fill(style, undefined, { x: start - 1, y: top, width, height: 1 })
    surface.text(start, top, line, style, width - 2)
  })
}

/** Draws hints, and at the right what was said last. */
export function drawFooter(surface: Surface, theme: Theme, desk: Desk): void {
  const y = surface.height - 1
  surface.fill(theme.bar, undefined, { x: 0, y, width: surface.width, height: 1 })
  const { said } = desk
  const isFresh = said !== undefined && desk.time - said.at < messageMillis
  const message = desk.working > 0 && desk.time - desk.workingSince > patienceMillis ? 'working \u2026' : isFresh ? said.line.text : ''
  const style = { error: theme.bad, warn: theme.warn, info: theme.bar, event: theme.bar }[said?.line.level ?? 'info']
  const room = Math.max(0, surface.width - 2)
  if (message !== '') {
    surface.text(1, y, message, { ...style, bg: theme.bar.bg }, room)
    return
  }
  let x = 1
  for (const { key, hint } of desk.isCopying ? [{ key: 'y', hint: 'back from copying: select with the mouse' }] : hintsFor(desk.focus)) {
    const cells = textCells(key) + textCells(hint) + 3
    if (x + cells > room) break
    x += surface.text(x, y, key, theme.key) + 1
    x += surface.text(x, y, hint, theme.bar) + 2
  }
}

/** Draws the names of the runs, when there are several; returns how many lines that took. */
export function drawTabs(surface: Surface, theme: Theme, desk: Desk): number {
  if (desk.tabs.length < 2) return 0
  surface.fill(theme.bar, undefined, { x: 0, y: 0, width: surface.width, height: 1 })
  let x = 1
  desk.tabs.forEach((tab, i) => {
    const { about, mode } = tab.playhead
    x += surface.text(x, 0, ` ${String(i + 1)} ${about.world} ${String(about.seed)} \u00b7 ${mode} `, i === desk.place ? theme.selected : theme.bar) + 1
  })
  return 1
}
