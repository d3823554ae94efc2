import { hostKernels, compiledModule } from '../../runtime/host/index.ts'
import type { DrawViews } from '../../runtime/index.ts'
import { garbageOf, type Garbage } from '../harness/garbage.ts'
import { runPair, type SideWork } from '../harness/thread-pair.ts'
import { boxField, type BoxField } from './box-field.ts'
import { boxFieldJob } from './box-field-job.ts'

/** The seed of the field that drawing is measured on. */
export const fieldSeed = 1

/** Cameras that one of two threads draws of a field, in frames of 64 x 64. */
export interface FieldShare {
  readonly cameras: number
  readonly first: number
  readonly end: number
}

const side = 64

/** The addon's kernel of pictures. */
export function nativeDrawing(): DrawViews {
  const { drawViews } = hostKernels()
  if (drawViews === undefined) throw new Error('the addon is not built: npm run build')
  return drawViews
}

/** A field with cameras from `first` to `end` alone. */
function fieldOf({ cameras, first, end }: FieldShare): BoxField {
  const field = boxField(fieldSeed, cameras)
  return { ...field, cameras: field.cameras.slice(first, end) }
}

/** Draws a share of so many frames of the whole field. */
export function drawShare(share: FieldShare): SideWork {
  const [job, draw, count] = [boxFieldJob(fieldOf(share), side, side), nativeDrawing(), share.end - share.first]
  return (frames) => {
    for (let drawn = 0; drawn < frames && count > 0; drawn += share.cameras) draw(job, count)
  }
}

/** Frames per second of two threads, the first of which draws so many of the cameras and the second the others. */
export async function framesOfThreads(cameras: number, ofFirst: number, frames: number): Promise<number> {
  const links = { producer: { cameras, first: 0, end: ofFirst }, consumer: { cameras, first: ofFirst, end: cameras } }
  const { rate } = await runPair<FieldShare>({ url: compiledModule('bench/models/box-field.worker'), links, rounds: [cameras, frames] })
  return rate
}

/** Heap that batches of 64 frames leave, for each. Wants a process of its own. */
export async function garbageOfBatches(batches: number): Promise<Garbage> {
  const [job, draw] = [boxFieldJob(boxField(fieldSeed, side), side, side), nativeDrawing()]
  const run = (count: number): void => {
    for (let batch = 0; batch < count; batch++) draw(job, side)
  }
  run(batches)
  const { bytesPerStep, collections } = await garbageOf(run, batches)
  return { bytesPerStep: bytesPerStep.map((bytes) => bytes / side), collections }
}
