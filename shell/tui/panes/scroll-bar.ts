import type { Surface } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'
import { clamped } from './numbers.ts'

const track = 0x2502
const thumb = 0x2503

/** What is seen of a list. */
interface Seen {
  readonly from: number
  readonly shown: number
  readonly total: number
}

/** Where one is in a list, down the right edge; nothing when all of it is seen. */
export function drawScrollBar(surface: Surface, { from, shown, total }: Seen, theme: Theme): void {
  const { width, height } = surface
  if (!(total > shown) || height < 2) return
  const size = clamped(Math.round((height * shown) / total), 1, height)
  const top = Math.round((height - size) * clamped(from / (total - shown), 0, 1))
  for (let y = 0; y < height; y++) {
    const isThumb = y >= top && y < top + size
    surface.put(width - 1, y, isThumb ? thumb : track, isThumb ? theme.borderFocus : theme.border)
  }
}
