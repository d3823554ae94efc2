import type { LiveVitals } from '../../../actors/index.ts'
import type { AgentView, CameraChannel, RunAbout, TableQuery, View } from '../model/model.ts'
import type { Surface } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'

export const paneNames = ['overview', 'timeline', 'phases', 'rings', 'actors', 'swarm', 'agents', 'inspector', 'camera', 'map', 'learning', 'log'] as const
export type PaneName = (typeof paneNames)[number]

/** A line of the log. */
export interface LogLine {
  /** The step it is about; undefined for what is about none. */
  readonly step: number | undefined
  readonly level: 'event' | 'info' | 'warn' | 'error'
  readonly text: string
}

/** The axis of time. */
export interface Timeline {
  readonly first: number
  readonly last: number
  /** The step that is shown. */
  readonly at: number
  readonly keyframes: readonly number[]
  readonly inputs: readonly number[]
  readonly marks: readonly { readonly name: string; readonly step: number }[]
  /** Where the breakpoint's expression holds, as far as that is known. */
  readonly hits: readonly { readonly from: number; readonly to: number }[]
}

/** What has been seen lately: one number a look, the newest last. */
export interface History {
  /** By a name like `steps/s`, `agents/enemy`, `state/enemy/hunting`, `reward/enemy`, `deaths/enemy`, `report/kills`. */
  series(name: string): readonly number[]
}

/** What has the eye of the user. */
export interface Chosen {
  readonly kind: string
  /** The agent that is inspected. */
  readonly row: number | undefined
  readonly channel: CameraChannel
  readonly table: TableQuery
  /** Place of the cursor in the table, counted from its first row. */
  readonly cursor: number
  /** Lines that a pane is scrolled by. */
  readonly scroll: Readonly<Partial<Record<PaneName, number>>>
  /** States that the machine of the inspected agent was seen in lately, each with the first step it was seen there; the newest last. */
  readonly transitions: readonly { readonly step: number; readonly state: string }[]
  /** The inspected agent at another step or in another run, to be compared with. */
  readonly other: { readonly name: string; readonly agent: AgentView | undefined } | undefined
}

/** Everything a pane draws from. */
export interface PaneContext {
  readonly theme: Theme
  readonly about: RunAbout
  /** Undefined until the first answer. */
  readonly view: View | undefined
  /** Undefined of a recording. */
  readonly vitals: LiveVitals | undefined
  /** `live`, `live, paused`, `recorded`, ...: one word or two for the overview. */
  readonly mode: string
  readonly stepsPerSecond: number
  readonly timeline: Timeline
  readonly history: History
  readonly log: readonly LogLine[]
  readonly chosen: Chosen
  readonly focused: boolean
}

/** What a click or a key in a pane asks for. */
export type PaneAction =
  | { readonly form: 'go'; readonly step: number }
  | { readonly form: 'kind'; readonly kind: string }
  | { readonly form: 'filter'; readonly kind: string; readonly filter: string }
  | { readonly form: 'cursor'; readonly place: number }
  | { readonly form: 'sort'; readonly by: string }
  | { readonly form: 'channel' }

/** A pane: draws what it is about into a surface, inside the border that the screen gives it. It keeps nothing. */
export interface Pane {
  readonly name: PaneName
  /** It shows movement and is drawn at every frame; others are read, and hold still for a moment while a run goes on. */
  readonly moves?: true
  title(context: PaneContext): string
  /** Said at the right of the title: a number, a unit; '' for nothing. */
  note(context: PaneContext): string
  draw(surface: Surface, context: PaneContext): void
  /** What a click on a cell of it means. */
  click?(context: PaneContext, place: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }): PaneAction | undefined
  /** Lines it could show, for panes that scroll. */
  lines?(context: PaneContext): number
}
