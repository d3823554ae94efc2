/** Where panes stand on a screen. */
import type { Rect } from '../screen/cells.ts'
import { paneNames, type PaneName } from './pane.ts'

export interface PlacedPane {
  readonly pane: PaneName
  readonly rect: Rect
}

/** A pane, or several side by side or one below the other. */
type Split = PaneName | { readonly way: 'across' | 'down'; readonly parts: readonly Part[] }

/** Shares of the room; `cells` are so many whatever the room is. */
interface Part {
  readonly of: Split
  readonly share: number
  readonly cells?: number
}

function across(...parts: readonly Part[]): Split {
  return { way: 'across', parts }
}

function down(...parts: readonly Part[]): Split {
  return { way: 'down', parts }
}

function part(of: Split, share: number): Part {
  return { of, share }
}

function fixed(of: Split, cells: number): Part {
  return { of, share: 0, cells }
}

/** All panes, at leisure. */
const large: Split = down(
  part(
    across(
      part(down(part('overview', 18), part('phases', 9), part('rings', 8), part('actors', 8)), 27),
      part(down(part('swarm', 17), part('agents', 15), part('learning', 10)), 38),
      part(down(part('map', 18), part(across(part('inspector', 55), part('camera', 45)), 16), part('log', 8)), 37),
    ),
    1,
  ),
  fixed('timeline', 6),
)

/** All panes, close together. */
const medium: Split = down(
  part(
    across(
      part(down(part('overview', 13), part('phases', 8), part('rings', 7), part('actors', 7)), 34),
      part(
        down(
          part(across(part('swarm', 1), part('map', 1)), 13),
          part(across(part('agents', 1), part('inspector', 1)), 12),
          part(across(part('log', 36), part('learning', 30), part('camera', 20)), 10),
        ),
        86,
      ),
    ),
    1,
  ),
  fixed('timeline', 5),
)

/** What one looks at first, where not all fits. */
const small: Split = down(part(across(part('overview', 1), part(down(part('swarm', 1), part('map', 1)), 1)), 1), fixed('timeline', 6))

/** Pages behind the first one, at every size. */
const pages: readonly Split[] = [
  across(part('agents', 58), part('inspector', 42)),
  across(part('phases', 1), part(down(part('rings', 1), part('actors', 1)), 1)),
  across(part('camera', 1), part('map', 1)),
  down(part('learning', 3), part('log', 2)),
]

/** Two lines less than a terminal has: they are for bars. */
const sizes = { large: { width: 160, height: 43 }, medium: { width: 120, height: 38 }, small: { width: 80, height: 22 } } as const

function isAtLeast(width: number, height: number, least: { readonly width: number; readonly height: number }): boolean {
  return width >= least.width && height >= least.height
}

/** Pages of a screen so large, the first one at number 1. */
function pagesOf(width: number, height: number): readonly Split[] {
  if (isAtLeast(width, height, sizes.large)) return [large, ...pages]
  if (isAtLeast(width, height, sizes.medium)) return [medium, ...pages]
  if (isAtLeast(width, height, sizes.small)) return [small, ...pages]
  return paneNames
}

function panesOf(split: Split): readonly PaneName[] {
  return typeof split === 'string' ? [split] : split.parts.flatMap(({ of }) => panesOf(of))
}

/** Lengths of parts in a room: they fill it to the cell. */
function lengthsOf(parts: readonly Part[], room: number): number[] {
  const shares = parts.reduce((sum, { share }) => sum + share, 0)
  const free = Math.max(0, room - parts.reduce((sum, { cells }) => sum + (cells ?? 0), 0))
  let [passed, taken] = [0, 0]
  return parts.map(({ share, cells }) => {
    if (cells !== undefined) return Math.min(cells, room)
    passed += share
    const length = Math.round((free * passed) / shares) - taken
    taken += length
    return length
  })
}

function place(split: Split, rect: Rect): PlacedPane[] {
  if (typeof split === 'string') return [{ pane: split, rect }]
  const isAcross = split.way === 'across'
  const lengths = lengthsOf(split.parts, isAcross ? rect.width : rect.height)
  let [x, y] = [rect.x, rect.y]
  return split.parts.flatMap(({ of }, index) => {
    const inside: Rect = isAcross ? { x, y, width: lengths[index], height: rect.height } : { x, y, width: rect.width, height: lengths[index] }
    if (isAcross) x += lengths[index]
    else y += lengths[index]
    return place(of, inside)
  })
}

/** Names of the panes of each page of a screen so large: page 1 is the first. */
export function pagesAt(width: number, height: number): readonly (readonly PaneName[])[] {
  return pagesOf(width, height).map(panesOf)
}

/** The page, from 1, on which a pane is to be seen first. */
export function pageOf(pane: PaneName, width: number, height: number): number {
  return Math.max(0, pagesAt(width, height).findIndex((names) => names.includes(pane))) + 1
}

/** Where panes stand on a screen so large: those of a page (from 1; one that is not there is the last), or the one that is zoomed. */
export function layoutOf(width: number, height: number, zoomed: PaneName | undefined, page: number): readonly PlacedPane[] {
  const all: Rect = { x: 0, y: 0, width: Math.max(0, width), height: Math.max(0, height) }
  if (zoomed !== undefined) return [{ pane: zoomed, rect: all }]
  const there = pagesOf(width, height)
  return place(there[Math.min(Math.max(1, Math.floor(page)), there.length) - 1], all)
}
