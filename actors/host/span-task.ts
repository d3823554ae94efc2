import type { ConfigValues, ErrorParts } from '../../runtime/index.ts'
import type { SpanJob, SpanResult } from '../travel/jobs.ts'
import type { ReplicaOptions } from '../travel/replica.ts'
import type { Span } from '../travel/spans.ts'
import type { LoadedWorld } from './load-world.ts'

/** What a thread needs to replay spans; plain data and shared memory. */
export interface SpanTask {
  readonly path: string
  readonly world: LoadedWorld
  readonly config: ConfigValues
  readonly job: SpanJob
  readonly compare: ReplicaOptions['compare']
  /** All spans, in the order they are to be done. */
  readonly spans: readonly Span[]
  readonly board: SharedArrayBuffer
}

/** What one thread has done: results by place of their span. */
export interface SpanReport {
  readonly results: readonly (readonly [place: number, result: SpanResult])[]
  readonly error?: ErrorParts
}
