import type { DrawJob } from '../../runtime/index.ts'

/** A job and how many of its views are drawn. */
export interface CountedJob {
  readonly job: DrawJob
  readonly count: number
}

/** The arrays of a job in the order of draw-isa.cc, those of frames last. */
function arraysOf(job: DrawJob): { readonly given: readonly ArrayBufferView[]; readonly frames: readonly ArrayBufferView[] } {
  const { numbers, meshes, vertices, faces, planes, bounds, bodies, tags, details, texels, texelKinds, views } = job
  const { rgb, grey, depth, depthMillis, segmentation } = job
  return { given: [numbers, meshes, vertices, faces, planes, bounds, bodies, tags, details, texels, texelKinds, views], frames: [rgb, grey, depth, depthMillis, segmentation] }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function length(count: number): Uint8Array {
  return new Uint8Array(BigUint64Array.of(BigInt(count)).buffer)
}

/** The file that draw-isa.cc reads. */
export function jobFile(jobs: readonly CountedJob[]): Buffer {
  return Buffer.concat(
    jobs.flatMap(({ job, count }) => {
      const { given, frames } = arraysOf(job)
      return [length(count), ...given.flatMap((array) => [length(array.byteLength), bytesOf(array)]), ...frames.map(({ byteLength }) => length(byteLength))]
    }),
  )
}

/** FNV-1a over the frames of a job, as draw-isa.cc prints it. */
export function frameHash(job: DrawJob): string {
  let hash = 2_166_136_261
  for (const array of arraysOf(job).frames) for (const byte of bytesOf(array)) hash = Math.imul(hash ^ byte, 16_777_619)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
