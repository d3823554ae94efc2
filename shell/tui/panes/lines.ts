import type { Surface } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'
import { clamped } from './numbers.ts'
import { drawCentred, wrapped } from './text.ts'

/** Draws itself into a surface one cell high. */
export type Line = (line: Surface) => void

export const emptyLine: Line = () => undefined

/** The first line that is seen, when so many were to be scrolled away. */
export function scrolledTo(lines: number, height: number, scroll = 0): number {
  return Math.floor(clamped(scroll, 0, Math.max(0, lines - height)))
}

/** Draws lines one below the other, from the one scrolled to. */
export function drawLines(surface: Surface, lines: readonly Line[], scroll = 0): void {
  const first = scrolledTo(lines.length, surface.height, scroll)
  const shown = Math.min(surface.height, lines.length - first)
  for (let y = 0; y < shown; y++) lines[first + y](surface.part(0, y, surface.width, 1))
}

/** Says something in the middle of an empty pane. */
export function drawNotice(surface: Surface, theme: Theme, text: string): void {
  const lines = wrapped(text, surface.width - 2)
  const top = Math.max(0, (surface.height - lines.length) >> 1)
  const shown = Math.min(lines.length, surface.height - top)
  for (let line = 0; line < shown; line++) drawCentred(surface, { x: 0, y: top + line, width: surface.width }, lines[line], theme.dim)
}
