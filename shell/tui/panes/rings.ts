import type { LiveRing, LiveSlab } from '../../../actors/index.ts'
import type { Style } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'
import { seriesStyle } from './colours.ts'
import { alarm, drawGauge, drawGaugeTick } from './gauge.ts'
import { drawLines, drawNotice, emptyLine, type Line } from './lines.ts'
import { byteSize, clamped, count, percent } from './numbers.ts'
import { isLive } from './mode.ts'
import type { Pane, PaneContext } from './pane.ts'
import { drawCell, drawHeads, placed, widest, type Column, type PlacedColumn } from './table.ts'

const gaugeLeast = 6
const gaugeMost = 24
const nameMost = 18

/** Columns of rings: what matters most at the left. */
function ringColumns(rings: readonly LiveRing[], width: number): PlacedColumn[] {
  const rest: Column[] = [
    { head: 'full', width: 5, isNumber: true },
    { head: 'stalls', width: 6, isNumber: true },
    { head: 'drops', width: 5, isNumber: true },
    { head: 'high', width: 5, isNumber: true },
    { head: 'records', width: 13, isNumber: true },
    { head: 'of', width: 10, isNumber: true },
  ]
  return placed([nameColumn('ring', rings, width), gaugeColumn(width), ...rest], width)
}

function slabColumns(slabs: readonly LiveSlab[], width: number): PlacedColumn[] {
  const sizes: Column[] = [
    { head: 'used', width: 9, isNumber: true },
    { head: 'of', width: 9, isNumber: true },
  ]
  return placed([nameColumn('slab', slabs, width), gaugeColumn(width), ...sizes], width)
}

function nameColumn(head: string, named: readonly { readonly name: string }[], width: number): Column {
  const most = clamped(Math.floor(width * 0.25), 6, nameMost)
  return { head, width: Math.min(most, widest(named.map(({ name }) => name), head.length)), isNumber: false }
}

function gaugeColumn(width: number): Column {
  return { head: '', width: clamped(Math.floor(width * 0.16), gaugeLeast, gaugeMost), isNumber: false }
}

function troubled(theme: Theme, number: number, bad: Style): Style {
  return number > 0 ? bad : theme.dim
}

function ringLine(theme: Theme, ring: LiveRing, columns: readonly PlacedColumn[]): Line {
  const [share, high] = [ring.bytesUsed / ring.bytes, ring.highWater / ring.bytes]
  const texts: readonly (readonly [string, Style])[] = [
    [ring.name, theme.text],
    ['', theme.text],
    [percent(share), theme.text],
    [count(ring.stalls), troubled(theme, ring.stalls, theme.warn)],
    [count(ring.drops), troubled(theme, ring.drops, theme.bad)],
    [percent(high), alarmed(theme, high)],
    [count(ring.records), theme.dim],
    [byteSize(ring.bytes), theme.dim],
  ]
  return (line) => {
    for (const [at, column] of columns.entries()) drawCell(line, column, { y: 0, text: texts[at][0], style: texts[at][1] })
    if (columns.length < 2) return
    const { x, width } = columns[1]
    drawGauge(line, { x, y: 0, width }, share, { theme, style: alarm(theme, share) })
    if (high > 0) drawGaugeTick(line, { x, y: 0, width }, high, alarm(theme, high))
  }
}

/** A share that is high by name too: in warning colours. */
function alarmed(theme: Theme, share: number): Style {
  return share >= 0.6 ? alarm(theme, share) : theme.dim
}

function slabLine(theme: Theme, { name, bytesUsed, bytesReserved }: LiveSlab, columns: readonly PlacedColumn[]): Line {
  const texts = [name, '', byteSize(bytesUsed), byteSize(bytesReserved)]
  return (line) => {
    for (const [at, column] of columns.entries()) drawCell(line, column, { y: 0, text: texts[at], style: at === 3 ? theme.dim : theme.text })
    if (columns.length < 2) return
    const { x, width } = columns[1]
    drawGauge(line, { x, y: 0, width }, bytesUsed / bytesReserved, { theme, style: seriesStyle(theme, 0) })
  }
}

function linesOf({ theme, vitals }: PaneContext, width: number): Line[] {
  if (vitals === undefined) return []
  const [rings, slabs] = [ringColumns(vitals.rings, width), slabColumns(vitals.slabs, width)]
  const ringLines = [heads(theme, rings), ...vitals.rings.map((ring) => ringLine(theme, ring, rings))]
  return vitals.slabs.length === 0 ? ringLines : [...ringLines, emptyLine, heads(theme, slabs), ...vitals.slabs.map((slab) => slabLine(theme, slab, slabs))]
}

function heads(theme: Theme, columns: readonly PlacedColumn[]): Line {
  return (line) => drawHeads(line, 0, columns, theme.dim)
}

function sum(rings: readonly LiveRing[], field: 'stalls' | 'drops'): number {
  return rings.reduce((total, ring) => total + ring[field], 0)
}

export const ringsPane: Pane = {
  name: 'rings',
  title: () => 'rings and slabs',
  note: ({ vitals }) => (vitals === undefined ? '' : `${count(sum(vitals.rings, 'stalls'))} stalls · ${count(sum(vitals.rings, 'drops'))} drops`),
  draw: (surface, context) => {
    if (context.vitals === undefined) drawNotice(surface, context.theme, isLive(context) ? 'no ring has been seen yet' : 'a recording has no rings: they are between the threads of a live run')
    else drawLines(surface, linesOf(context, surface.width), context.chosen.scroll.rings)
  },
  lines: (context) => linesOf(context, 0).length,
}
