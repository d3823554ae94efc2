import { attribute, type Style, type Surface } from '../screen/cells.ts'
import type { MapView, RunAbout } from '../model/model.ts'
import type { Theme } from '../screen/theme.ts'
import { dotBits, dotsAcross, dotsDown, noDots } from './braille.ts'
import { hasShades, inColour, markerOf, mixed, seriesStyle } from './colours.ts'
import { drawNotice } from './lines.ts'
import { clamped, count, measure } from './numbers.ts'
import type { Pane, PaneContext } from './pane.ts'
import { drawLeft, drawPieces, drawRight, type Piece } from './text.ts'

type Space = NonNullable<RunAbout['space']>

/** Where the map stands in a pane, in cells, and where its legend. */
interface Place {
  readonly width: number
  readonly height: number
  readonly legend: 'right' | 'below' | 'none'
}

const legendCells = 18
const legendLeast = 14
/** Lines from which on one of them is for the legend. */
const legendFrom = 5
const inspectedGlyph = 0x25c9

/** The largest picture of a space in so many cells: dots are as high as wide. */
function fitted(width: number, height: number, space: Space | undefined): { readonly width: number; readonly height: number } {
  const most = { width: Math.max(0, dotsAcross * width), height: Math.max(0, dotsDown * height) }
  if (space === undefined || !(space.width > 0 && space.height > 0)) return most
  const scale = Math.min(most.width / space.width, most.height / space.height)
  if (!Number.isFinite(scale)) return most
  return { width: Math.min(most.width, Math.max(1, Math.round(space.width * scale))), height: Math.min(most.height, Math.max(1, Math.round(space.height * scale))) }
}

function placeOf(width: number, height: number, space: Space | undefined): Place {
  const alone = fitted(width, height, space)
  if (width - Math.ceil(alone.width / dotsAcross) >= legendLeast) return { width: width - Math.min(legendCells, width - Math.ceil(alone.width / dotsAcross)), height, legend: 'right' }
  return height >= legendFrom ? { width, height: height - 1, legend: 'below' } : { width, height, legend: 'none' }
}

/** Dots to ask a map for that is to fill the inside of a pane, in the proportions of the space. */
export function mapDots(width: number, height: number, space?: Space): { readonly width: number; readonly height: number } {
  const place = placeOf(width, height, space)
  return fitted(place.width, place.height, space)
}

/** What is in the dots of a cell. */
interface Crowd {
  readonly bits: number
  readonly agents: number
  /** The kind with the most agents, from 1. */
  readonly kind: number
}

function crowdAt({ width, height, kinds, counts }: MapView, column: number, line: number): Crowd {
  let [pattern, agents, kind, most] = [0, 0, 0, 0]
  for (let dot = 0; dot < dotBits.length; dot++) {
    const [x, y] = [dotsAcross * column + (dot & 1), dotsDown * line + (dot >> 1)]
    if (x >= width || y >= height) continue
    const at = y * width + x
    if (!(kinds[at] > 0)) continue
    pattern |= dotBits[dot]
    agents += counts[at]
    if (counts[at] > most) [most, kind] = [counts[at], kinds[at]]
  }
  return { bits: pattern, agents, kind: Math.max(1, kind) }
}

const dimmest = 0.5
/** Agents in a cell from which on it is as bright as can be. */
const crowdMost = 32

function crowdStyle(theme: Theme, { agents, kind }: Crowd, ground: number): Style {
  const density = clamped(Math.log2(1 + agents) / Math.log2(1 + crowdMost), 0, 1)
  const { fg } = seriesStyle(theme, kind - 1)
  if (hasShades(theme)) return { fg: mixed(ground, fg, dimmest + (1 - dimmest) * density), bg: ground, attributes: density > 0.8 ? attribute.bold : 0 }
  return inColour(theme, fg, density > 0.5 ? attribute.bold : 0)
}

function groundOf(theme: Theme): number {
  return hasShades(theme) ? mixed(theme.text.bg, theme.border.fg, 0.22) : theme.text.bg
}

/** Cells of a map that was asked for at another size are cut. */
function drawCrowds(surface: Surface, map: MapView, theme: Theme): void {
  const ground = groundOf(theme)
  const [across, down] = [Math.min(surface.width, Math.ceil(map.width / dotsAcross)), Math.min(surface.height, Math.ceil(map.height / dotsDown))]
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const crowd = crowdAt(map, x, y)
      if (crowd.bits === 0) surface.put(x, y, 0x20, { ...theme.text, bg: ground })
      else surface.put(x, y, theme.name === 'none' ? (markerOf(crowd.kind - 1).codePointAt(0) ?? noDots) : noDots + crowd.bits, crowdStyle(theme, crowd, ground))
    }
  }
  if (map.at === undefined) return
  const mark = theme.name === 'none' ? theme.selected : { ...theme.strong, bg: ground }
  surface.put(Math.floor(map.at.x / dotsAcross), Math.floor(map.at.y / dotsDown), inspectedGlyph, mark)
}

function legendPieces({ theme, view }: PaneContext): { readonly sign: Piece; readonly agents: string }[] {
  return (view?.kinds ?? []).map(({ name, agents }, index) => ({
    sign: { text: `${markerOf(theme.name === 'none' ? index : 0)} ${name}`, style: seriesStyle(theme, index) },
    agents: count(agents),
  }))
}

function inspectedText({ view, chosen }: PaneContext): string {
  return view?.map?.at === undefined ? '' : `◉ ${chosen.kind}[${String(chosen.row)}]`
}

function drawLegendRight(surface: Surface, context: PaneContext): void {
  const { theme } = context
  const agentsCells = 8
  const width = Math.max(0, surface.width - agentsCells)
  const pieces = legendPieces(context)
  for (const [y, { sign, agents }] of pieces.slice(0, surface.height).entries()) {
    drawLeft(surface, { x: 0, y, width: width - 1 }, sign.text, sign.style)
    drawRight(surface, { x: width, y, width: agentsCells }, agents, theme.dim)
  }
  drawLeft(surface, { x: 0, y: pieces.length + 1, width: surface.width }, inspectedText(context), theme.strong)
}

function drawLegendBelow(surface: Surface, y: number, context: PaneContext): void {
  const pieces: Piece[] = legendPieces(context).map(({ sign }) => ({ text: `${sign.text}  `, style: sign.style }))
  drawPieces(surface, { x: 0, y, width: surface.width }, [...pieces, { text: inspectedText(context), style: context.theme.strong }])
}

function drawMap(surface: Surface, context: PaneContext, map: MapView): void {
  const place = placeOf(surface.width, surface.height, context.about.space)
  const [across, down] = [Math.min(place.width, Math.ceil(map.width / dotsAcross)), Math.min(place.height, Math.ceil(map.height / dotsDown))]
  // Beside a legend it stands at the left, else in the middle.
  const left = place.legend === 'right' ? Math.max(0, (place.width - across - 1) >> 1) : (place.width - across) >> 1
  drawCrowds(surface.part(left, (place.height - down) >> 1, across, down), map, context.theme)
  if (place.legend === 'right') drawLegendRight(surface.part(place.width + 1, 0, surface.width - place.width - 1, surface.height), context)
  if (place.legend === 'below') drawLegendBelow(surface, surface.height - 1, context)
}

export const mapPane: Pane = {
  name: 'map',
  moves: true,
  title: () => 'map',
  note: ({ about }) => (about.space === undefined ? '' : `${measure(about.space.width)} × ${measure(about.space.height)}`),
  draw: (surface, context) => {
    const { theme, view, about } = context
    if (view?.map !== undefined) drawMap(surface, context, view.map)
    else drawNotice(surface, theme, about.space === undefined ? `${about.world} has no space` : 'waiting for the first map')
  },
}
