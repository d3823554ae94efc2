import { numberAt, viewAt, viewWords } from '../../compositor/draw/layout.ts'
import { SceneJobs } from '../../compositor/draw-job.ts'
import { DrawList } from '../../compositor/draw-list.ts'
import type { Channel, Scene } from '../../compositor/index.ts'
import type { DrawJob, WorldSpace } from '../../runtime/index.ts'

/** Who looks at a scene: views as `viewsOf` has them, the pixels of a frame, and what of them is kept. */
export interface StillViews {
  readonly views: Float64Array
  readonly width: number
  readonly height: number
  readonly channels: readonly Channel[]
}

/** Room for the frames of views: an empty array for a channel that is not kept. */
export function stillFrames({ views, width, height, channels }: StillViews): Pick<DrawJob, Channel> {
  let frames = 0
  for (let at: number = viewAt.frame; at < views.length; at += viewWords) frames = Math.max(frames, views[at] + 1)
  const pixels = (channel: Channel): number => (channels.includes(channel) ? width * height * frames : 0)
  return {
    rgb: new Uint8Array(3 * pixels('rgb')),
    grey: new Uint8Array(pixels('grey')),
    depth: new Float32Array(pixels('depth')),
    depthMillis: new Uint16Array(pixels('depthMillis')),
    segmentation: new Uint16Array(pixels('segmentation')),
  }
}

/** A scene where nobody lives as a job of pictures, as the stages of a world would make it. */
export function stillJob(scene: Scene, space: WorldSpace, look: StillViews): DrawJob {
  const others = (): never => {
    throw new RangeError('a still scene has scenery and ground, and nobody who moves')
  }
  const list = new DrawList(scene, { space, others })
  list.gather()
  const job = new SceneJobs(scene, space, list).job({ ...stillFrames(look), width: look.width, height: look.height }, look.views, { segmentation: 'kind', clear: false })
  job.numbers[numberAt.instances] = list.instances.count
  return job
}
