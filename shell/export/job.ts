import type { RecordedRun } from '../../actors/index.ts'
import type { Watch } from '../watched.ts'
import type { Content, Format } from './choices.ts'
import type { OutputFiles } from '../output-files.ts'

/** The steps of an export. */
export interface Stretch {
  readonly from: number
  readonly until: number
  readonly every: number
}

/** An agent whose pictures are wanted. */
export interface Camera {
  readonly kind: string
  readonly row: number
}

/** A file that was written. */
export interface WrittenFile {
  readonly path: string
  /** Rows of a table, lives by steps of an archive, messages of a log. */
  readonly rows: number
  readonly bytes: number
}

/** An export under way. */
export interface ExportJob {
  readonly run: RecordedRun
  readonly request: Stretch & {
    readonly to: Format
    readonly kinds: readonly string[] | undefined
    readonly content: Content
    readonly cameras: readonly Camera[]
    /** The path of a file: of the only one, or of one of several by its name. */
    readonly pathOf: (name: string | undefined) => string
  }
  readonly outputs: OutputFiles
  readonly watch: Watch
}
