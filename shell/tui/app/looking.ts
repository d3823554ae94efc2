import { agentRows } from '../panes/agents.ts'
import { cameraPixels } from '../panes/camera.ts'
import { mapDots } from '../panes/map.ts'
import type { ViewQuery } from '../model/model.ts'
import type { PaneName } from '../panes/pane.ts'
import type { Rect } from '../screen/cells.ts'
import type { Canvas } from './canvas.ts'
import { isOvertaken, type Desk, type Tab } from './desk.ts'

/** A run that stands still is looked at again after this time: somebody else may have moved it. */
const restMillis = 1000

/** Lines of the table of agents. */
export function tableLines(canvas: Canvas): number {
  const inner = canvas.innerOf('agents')
  return inner === undefined ? 1 : Math.max(1, agentRows(inner.height))
}

/** The inside of a pane, when there is any to be seen. */
function roomOf(canvas: Canvas, pane: PaneName): Rect | undefined {
  const inner = canvas.innerOf(pane)
  return inner === undefined || inner.width < 1 || inner.height < 1 ? undefined : inner
}

/** What the panes that are shown want to see. */
function queryFor(desk: Desk, canvas: Canvas): ViewQuery {
  const { tab, playhead } = desk
  const { kind, row } = tab
  const [map, camera] = [roomOf(canvas, 'map'), roomOf(canvas, 'camera')]
  const shown = canvas.innerOf('agents') !== undefined
  const seer = cameraOf(desk)
  return {
    ...(shown || tab.isPicking ? { table: { ...desk.tableQuery(tableLines(canvas)), ...(shown ? {} : { from: tab.cursor }) } } : {}),
    ...(row === undefined || !playhead.about.kinds.some(({ name }) => name === kind) ? {} : { agent: { kind, row } }),
    ...(map === undefined ? {} : { map: mapDots(map.width, map.height, playhead.about.space) }),
    ...(camera === undefined || seer === undefined ? {} : { camera: { ...seer, channel: desk.channel, ...cameraPixels(camera.width, camera.height) } }),
  }
}

/** Who is looked through: the inspected agent, else the first of a kind that has cameras. */
function cameraOf({ tab, playhead }: Desk): { readonly kind: string; readonly row: number } | undefined {
  const seeing = playhead.about.kinds.filter(({ hasCamera }) => hasCamera)
  if (tab.row !== undefined && seeing.some(({ name }) => name === tab.kind)) return { kind: tab.kind, row: tab.row }
  const [first] = seeing
  return seeing.length === 0 ? undefined : { kind: first.name, row: 0 }
}

/** Asks the run that is shown what there is to see: never twice at once, and not again while nothing can have changed. */
export class Looking {
  private readonly desk: Desk
  private readonly canvas: Canvas
  private asked = ''
  private askedOf: Tab | undefined
  private at = -Infinity
  private under = false
  private failed = ''

  constructor(desk: Desk, canvas: Canvas) {
    this.desk = desk
    this.canvas = canvas
  }

  /** Looks, when there is something new to see. Resolves to whether there was. */
  async look(now: number): Promise<boolean> {
    const { desk, canvas } = this
    const { tab, playhead } = desk
    if (this.under) return false
    const query = queryFor(desk, canvas)
    const text = JSON.stringify(query)
    const isSame = text === this.asked && tab === this.askedOf
    if (isSame && !playhead.isMoving && now - this.at < restMillis) return false
    Object.assign(this, { asked: text, askedOf: tab, at: now, under: true })
    try {
      desk.see(tab, await playhead.look(query))
      this.failed = ''
      return true
    } catch (error) {
      this.asked = ''
      const message = error instanceof Error ? error.message : String(error)
      // Of a run that was left meanwhile, nobody wants to hear.
      if (message !== this.failed && !isOvertaken(error) && desk.tabs.includes(tab)) desk.refuse(error)
      this.failed = message
      return true
    } finally {
      this.under = false
    }
  }
}
