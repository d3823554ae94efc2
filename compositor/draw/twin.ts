import { assert, type DrawViews } from '../../runtime/index.ts'
import { Bodies, Slots } from './bodies.ts'
import { Canvas } from './canvas.ts'
import { faultOfJob } from './check-job.ts'
import { Eye } from './eye.ts'
import { Ground } from './ground.ts'
import { numberAt, viewAt, viewWords } from './layout.ts'
import { Polygon } from './polygon.ts'
import { Resolver } from './resolve.ts'

/**
 * The plain drawing kernel: specification of the addon's, its oracle, and what draws where there is no addon.
 *
 * A pixel shows the face that covers its centre and is nearest; of equally near ones the instance that comes first, then its face that comes
 * first; the ground comes last. Nearness is 1/depth in f32, a function of pixel and face alone, so no order of drawing shows.
 */
export function createTwin(): DrawViews {
  const eye = new Eye()
  const canvas = new Canvas()
  const slots = new Slots()
  const polygon = new Polygon(eye, canvas)
  const bodies = new Bodies(eye, polygon, slots)
  const ground = new Ground(eye, polygon)
  const resolver = new Resolver(canvas, slots)
  return (job, count) => {
    const fault = faultOfJob(job, count)
    assert(fault === undefined, `drawViews: ${fault ?? ''}`)
    const { numbers, views } = job
    for (let view = 0; view < count; view++) {
      eye.open(job, view)
      slots.clear()
      canvas.begin(numbers[numberAt.width], numbers[numberAt.height], eye.far)
      bodies.drawAll(job, views[view * viewWords + viewAt.unseen])
      if (numbers[numberAt.columns] > 0) ground.draw(job)
      resolver.write(job, eye, views[view * viewWords + viewAt.frame])
    }
  }
}
