import { drawFrame, insideOf } from '../panes/frame.ts'
import { panes } from '../panes/index.ts'
import { layoutOf, pageOf, type PlacedPane } from '../panes/layout.ts'
import type { PaneContext, PaneName } from '../panes/pane.ts'
import { Cells, type Rect } from '../screen/cells.ts'
import { themeOf, type Theme } from '../screen/theme.ts'
import type { Desk } from './desk.ts'
import { drawFooter, drawPopup, drawPrompt, drawTabs } from './overlays.ts'
import type { Prompt } from './prompt.ts'

const footerLines = 1

/** Where everything lies on the screen, and how it is drawn. */
export class Canvas {
  private readonly desk: Desk
  private cells: Cells
  private theme: Theme
  private placed: readonly PlacedPane[] = []
  /** What that came of. */
  private placedBy = ''

  constructor(desk: Desk, width: number, height: number) {
    this.desk = desk
    this.cells = new Cells(width, height)
    this.theme = themeOf(desk.theme)
  }

  get width(): number {
    return this.cells.width
  }

  get height(): number {
    return this.cells.height
  }

  resize(width: number, height: number): void {
    if (width !== this.width || height !== this.height) this.cells = new Cells(width, height)
  }

  private get tabLines(): number {
    return this.desk.tabs.length > 1 && !this.desk.isCopying ? 1 : 0
  }

  /** Places the panes and gives them, in order: the same list until something about it changes. The one that has the keys is among them afterwards. */
  arrange(): readonly PlacedPane[] {
    const { desk, width, height, tabLines } = this
    const room = Math.max(1, height - footerLines - tabLines)
    if (desk.isCopying) return this.place(`copy ${desk.focus} ${String(width)} ${String(room)}`, () => [{ pane: desk.focus, rect: { x: 0, y: 0, width, height: room } }])
    const isSeen = (page: number): boolean => layoutOf(width, room, desk.zoomed, page).some(({ pane }) => pane === desk.focus)
    if (desk.isSeekingFocus && !isSeen(desk.page)) desk.page = pageOf(desk.focus, width, room)
    desk.isSeekingFocus = false
    this.place([width, room, tabLines, desk.zoomed, desk.page].join(' '), () => layoutOf(width, room, desk.zoomed, desk.page).map(({ pane, rect }) => ({ pane, rect: { ...rect, y: rect.y + tabLines } })))
    if (!this.placed.some(({ pane }) => pane === desk.focus) && this.placed.length > 0) desk.focus = this.placed.some(({ pane }) => pane === 'agents') ? 'agents' : this.placed[0].pane
    return this.placed
  }

  private place(key: string, layout: () => readonly PlacedPane[]): readonly PlacedPane[] {
    if (key !== this.placedBy) this.placed = layout()
    this.placedBy = key
    return this.placed
  }

  /** What is inside the border of a pane; undefined when it is not shown. */
  innerOf(name: PaneName): Rect | undefined {
    const found = this.placed.find(({ pane }) => pane === name)
    if (found === undefined) return undefined
    const { rect } = found
    if (this.desk.isCopying) return rect
    return insideOf(rect)
  }

  context(pane: PaneName): PaneContext {
    const { desk, theme } = this
    const { tab, playhead } = desk
    return {
      theme,
      about: playhead.about,
      view: tab.view,
      vitals: playhead.vitals,
      mode: playhead.mode,
      stepsPerSecond: desk.speed(),
      timeline: playhead.timeline,
      history: tab.history,
      log: desk.log,
      chosen: desk.chosen,
      focused: desk.focus === pane,
    }
  }

  /** Draws everything. The cells stay the same object until the size changes. */
  draw(prompt: Prompt | undefined): Cells {
    const { desk, cells } = this
    if (this.theme.name !== desk.theme) this.theme = themeOf(desk.theme)
    const { theme } = this
    const { surface } = cells
    this.drawPanes(this.arrange())
    if (this.tabLines > 0) drawTabs(surface, theme, desk)
    drawFooter(surface, theme, desk)
    if (desk.popup !== undefined) drawPopup(surface.part(0, 0, this.width, this.height - footerLines), theme, desk.popup)
    if (prompt !== undefined) drawPrompt(surface, theme, prompt)
    return cells
  }

  /** Draws only the panes that show movement, over what was drawn last, where no box lay. */
  drawMoving(): Cells {
    this.drawPanes(this.placed.filter(({ pane }) => panes[pane].moves === true))
    return this.cells
  }

  private drawPanes(placed: readonly PlacedPane[]): void {
    const { desk, theme, cells: { surface } } = this
    const shared = this.context(desk.focus)
    for (const { pane, rect } of placed) {
      const context = { ...shared, focused: desk.focus === pane }
      const whole = surface.part(rect.x, rect.y, rect.width, rect.height)
      if (desk.isCopying) {
        whole.fill(theme.text)
        panes[pane].draw(whole, context)
      } else drawFrame(whole, panes[pane], context)
    }
  }
}
