import { stillFrames } from '../../bench/models/still-job.ts'
import { numberAt, numberCount } from '../../compositor/draw/layout.ts'
import type { Channel } from '../../compositor/index.ts'
import type { DrawJob } from '../../runtime/index.ts'

/** Numbers of a job by their names. */
export type JobNumbers = Partial<Record<keyof typeof numberAt, number>>

const nothing: Pick<DrawJob, 'meshes' | 'vertices' | 'faces' | 'planes' | 'bounds' | 'bodies' | 'tags' | 'details' | 'texels' | 'texelKinds'> = {
  meshes: new Uint32Array(0),
  vertices: new Float32Array(0),
  faces: new Uint32Array(0),
  planes: new Float32Array(0),
  bounds: new Float32Array(0),
  bodies: new Float32Array(0),
  tags: new Uint32Array(0),
  details: new Float32Array(0),
  texels: new Uint32Array(0),
  texelKinds: new Uint16Array(0),
}

/** A job of these arrays, in a space without borders nearby, under even light; all else is nothing. */
export function plainJob(given: JobNumbers & { readonly width: number; readonly height: number }, arrays: Partial<DrawJob> & Pick<DrawJob, 'views'>, channels: readonly Channel[]): DrawJob {
  const numbers = new Float64Array(numberCount)
  for (const [name, value] of Object.entries({ spaceWidth: 1e6, spaceHeight: 1e6, ambient: 1, ...given })) numbers[numberAt[name as keyof typeof numberAt]] = value
  return { ...nothing, numbers, ...stillFrames({ views: arrays.views, width: given.width, height: given.height, channels }), ...arrays }
}
