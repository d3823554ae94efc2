import { plain, type Colour, type Style } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'
import { clamped } from './numbers.ts'

/** Text in another colour. */
export function inColour({ text }: Theme, fg: Colour, attributes = 0): Style {
  return { fg, bg: text.bg, attributes }
}

/** The colour of the kind, state or worker of a number. */
export function seriesStyle(theme: Theme, index: number, attributes = 0): Style {
  return inColour(theme, theme.series[index % theme.series.length], attributes)
}

/** True where there are colours between two others. */
export function hasShades({ name }: Theme): boolean {
  return name === 'dark' || name === 'light'
}

function channelBetween(from: number, to: number, share: number): number {
  return Math.round(from + (to - from) * share)
}

/** The colour so far on the way from one to another. */
export function mixed(from: Colour, to: Colour, share: number): Colour {
  if (from === plain || to === plain) return to
  const part = clamped(share, 0, 1)
  let colour = 0
  for (const shift of [16, 8, 0]) colour |= channelBetween((from >> shift) & 0xff, (to >> shift) & 0xff, part) << shift
  return colour
}

const markers = ['•', '+', 'x', 'o', '▪', '*', '◆', '#'] as const

/** What stands for a kind where colours do not tell them apart. */
export function markerOf(index: number): string {
  return markers[index % markers.length]
}
