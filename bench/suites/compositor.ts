import { inTurns } from '../harness/measure.ts'
import { metricOf, suiteOf, type Metrics, type Suite } from '../harness/suite.ts'
import { boxField, boxFieldFocal, boxFieldRange } from '../models/box-field.ts'
import { viewsOf } from '../models/camera-view.ts'
import { boxFieldScene } from '../vulkan/box-field-scene.ts'
import { openLavapipe, type Lavapipe, type ViewsOfScene } from '../vulkan/lavapipe.ts'

/** How much a measurement repeats. */
interface Counts {
  /** Distinct cameras, and frames that are timed over them. */
  readonly cameras: number
  readonly frames: number
  readonly rounds: number
}

const fullCounts: Counts = { cameras: 1_024, frames: 1_024, rounds: 5 }
const quickCounts: Counts = { cameras: 64, frames: 64, rounds: 1 }

const seed = 1
const sizes = [64, 128] as const
/** Cells along a square of the ground where it is drawn coarsely: what is left of it is fewer triangles than the boxes have. */
const coarseCells = 4

/** Frames per second of processor time, as the driver draws them: each with its submission, or 64 in one picture. */
async function rateOf(lavapipe: Lavapipe, views: ViewsOfScene, { frames }: Counts, side: 1 | 8): Promise<number> {
  const drawn = await lavapipe.time(views, { frames, side })
  return drawn.frames / drawn.processorSeconds
}

/** Mesa's driver of Vulkan on the box field: colour, depth and segmentation of every camera, read back; the ground in full, or four cells a square. */
async function lavapipeMetrics(counts: Counts, note: (what: string) => void): Promise<Metrics> {
  const lavapipe = await openLavapipe()
  if ('missing' in lavapipe) {
    note(`lavapipe skipped: ${lavapipe.missing}`)
    return {}
  }
  const field = boxField(seed, counts.cameras)
  const [full, coarse] = [boxFieldScene(field, 1), boxFieldScene(field, coarseCells)]
  let metrics: Metrics = {}
  for (const size of sizes) {
    const at = { views: viewsOf(field.cameras, { focal: boxFieldFocal(size), ...boxFieldRange }), width: size, height: size }
    const samples = await inTurns(counts.rounds, {
      '': () => rateOf(lavapipe, { scene: full, ...at }, counts, 1),
      _atlas: () => rateOf(lavapipe, { scene: full, ...at }, counts, 8),
      _coarse: () => rateOf(lavapipe, { scene: coarse, ...at }, counts, 1),
      _coarse_atlas: () => rateOf(lavapipe, { scene: coarse, ...at }, counts, 8),
    })
    const found = Object.entries(samples).map(([way, rates]) => [`compositor.lavapipe_${size}${way}_frames_per_cpu_s`, metricOf(rates, 'frames/s')] as const)
    metrics = { ...metrics, ...Object.fromEntries(found) }
  }
  return metrics
}

/** Drawing: what every camera of a field of boxes sees. */
export const compositor: Suite = suiteOf('compositor', { full: fullCounts, quick: quickCounts }, [{ what: 'the box field by lavapipe', measure: lavapipeMetrics }])
