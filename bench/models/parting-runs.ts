import { hostCrc32, openFileSink } from '../../runtime/host/index.ts'
import { createRng, hashHex, RecordingWriter, streamId } from '../../runtime/index.ts'
import { madeUpManifest } from './writer.ts'

/** Two runs of which every state has a hash, and no more than that. */
export interface PartingRuns {
  readonly steps: number
  /** The first step at which they are not the same. */
  readonly partAt: number
}

/** Columns of their world; all of them change in every step. */
const columns = 12

/** Records one of the two runs. */
export function recordParting(path: string, { steps, partAt }: PartingRuns, side: 0 | 1): void {
  const writer = new RecordingWriter(openFileSink(path), madeUpManifest(columns), { crc32: hostCrc32 })
  const rng = createRng(1, streamId('bench', '', 'parting'))
  const changed = new Uint32Array(3 * columns)
  const root = new Uint32Array(2)
  for (let step = 0; step <= steps; step++) {
    rng.at(step, step < partAt ? 0 : side)
    for (let column = 0; column < columns; column++) changed.set([column, rng.u32(), rng.u32()], 3 * column)
    root.set([rng.u32(), rng.u32()])
    writer.hash(step, root[0], root[1], changed, columns)
  }
  writer.close({ steps, finalHash: hashHex(root[0], root[1]), reason: 'steps' })
}
