import { drawPixels } from './half-blocks.ts'
import { drawNotice } from './lines.ts'
import { count } from './numbers.ts'
import type { Pane, PaneContext } from './pane.ts'

/** Pixels that a pane so large can show: what is to be asked for at most. */
export function cameraPixels(width: number, height: number): { readonly width: number; readonly height: number } {
  return { width: Math.max(0, width), height: Math.max(0, 2 * height) }
}

function absence({ about, chosen, view }: PaneContext): string {
  if (!about.kinds.some(({ hasCamera }) => hasCamera)) return `${about.world} has no cameras as it is set; metabonk run arena obs=pixels --tui has`
  const kind = about.kinds.find(({ name }) => name === chosen.kind)
  if (kind?.hasCamera === false) return `${chosen.kind} has no camera; choose an agent of ${about.kinds.filter(({ hasCamera }) => hasCamera).map(({ name }) => name).join(', ')}`
  if (chosen.row === undefined) return 'no agent is chosen: enter on a row of the table'
  return view?.agent?.alive === false ? 'it is dead and sees nothing' : 'waiting for its picture'
}

export const cameraPane: Pane = {
  name: 'camera',
  moves: true,
  title: ({ chosen, view }) => `camera: ${view?.camera?.channel ?? chosen.channel}`,
  note: ({ view }) => (view?.camera === undefined ? '' : `${view.camera.kind}[${String(view.camera.row)}] · step ${count(view.camera.step)}`),
  draw: (surface, context) => {
    const { theme, view } = context
    if (view?.camera === undefined) drawNotice(surface, theme, absence(context))
    else drawPixels(surface, view.camera, theme)
  },
  click: () => ({ form: 'channel' }),
}
