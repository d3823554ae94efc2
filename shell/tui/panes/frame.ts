import { type Rect, type Surface } from '../screen/cells.ts'
import type { Pane, PaneContext } from './pane.ts'
import { drawLeft, drawRight } from './text.ts'

/** Corners from the upper left one clockwise, then the lines across and down. */
const light = [0x256d, 0x256e, 0x256f, 0x2570, 0x2500, 0x2502] as const
const heavy = [0x250f, 0x2513, 0x251b, 0x2517, 0x2501, 0x2503] as const
/** Cells of the border before the title and behind the note. */
const indent = 2
const noteLeast = 4

/** What a border leaves of a rectangle. */
export function insideOf({ x, y, width, height }: Rect): Rect {
  return { x: x + 1, y: y + 1, width: Math.max(0, width - 2), height: Math.max(0, height - 2) }
}

function drawBorder(surface: Surface, { theme, focused }: PaneContext): void {
  const [right, bottom] = [surface.width - 1, surface.height - 1]
  const style = focused ? theme.borderFocus : theme.border
  const [upperLeft, upperRight, lowerRight, lowerLeft, across, down] = focused ? heavy : light
  for (let x = 1; x < right; x++) {
    surface.put(x, 0, across, style)
    surface.put(x, bottom, across, style)
  }
  for (let y = 1; y < bottom; y++) {
    surface.put(0, y, down, style)
    surface.put(right, y, down, style)
  }
  surface.put(0, 0, upperLeft, style)
  surface.put(right, 0, upperRight, style)
  surface.put(right, bottom, lowerRight, style)
  surface.put(0, bottom, lowerLeft, style)
}

/** Draws a pane: its border with title and note, heavier where the keys go, and in it what it is about. */
export function drawFrame(surface: Surface, pane: Pane, context: PaneContext): void {
  const { theme, focused } = context
  surface.fill(theme.text)
  if (surface.width < 2 || surface.height < 2) return
  drawBorder(surface, context)
  const room = surface.width - 2 * indent
  const title = pane.title(context)
  const titled = room > 2 ? drawLeft(surface, { x: indent, y: 0, width: room }, ` ${title} `, focused ? theme.borderFocus : theme.strong) : 0
  const note = pane.note(context)
  const left = room - titled - 1
  if (note !== '' && left >= noteLeast + 2) drawRight(surface, { x: indent + titled + 1, y: 0, width: left }, ` ${note} `, theme.dim)
  const inside = insideOf({ x: 0, y: 0, width: surface.width, height: surface.height })
  const body = surface.part(inside.x, inside.y, inside.width, inside.height)
  if (body.width > 0 && body.height > 0) pane.draw(body, context)
}
