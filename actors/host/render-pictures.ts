import { frameOf, Frames, type Picture } from '../../compositor/index.ts'
import { hostKernels } from '../../runtime/host/index.ts'
import { MetabonkError, type KindType } from '../../runtime/index.ts'
import { recordedKinds } from '../travel/recorded-tables.ts'
import { Replica } from '../travel/replica.ts'
import { openRun, type LoadedRun, type ReplayOptions } from './recorded.ts'
import { travelTo } from './travel-to.ts'

/** Who sees: the camera of an agent, or a free one by its name. */
export type PictureView = { readonly kind: string; readonly row: number } | { readonly camera: string }

/** How large a picture shall be, and how many samples along either edge of a pixel are averaged: 1, or more against jagged edges. */
export interface PictureSize {
  readonly width: number
  readonly height: number
  readonly samples: number
}

/** All that a camera saw. The arrays are valid until the next picture is asked for. */
export interface RenderedPicture extends Picture {
  /** Metres to what is seen; Infinity where there is nothing. */
  readonly depth: Float32Array
  /** What is seen, as the scene numbers it; 0 where there is nothing. */
  readonly segmentation: Uint16Array
}

/** A recorded run, as its cameras saw it. */
export interface RecordedPictures {
  /** The last step it has. */
  readonly steps: number
  /** Milliseconds that a step stands for; 0 where the world does not say. */
  readonly stepMillis: number
  /** Kinds whose agents have a camera. */
  readonly kinds: readonly KindType[]
  /** Names of the free cameras. */
  readonly cameras: readonly string[]
  /** The size that the world gave a camera. */
  sizeOf(view: PictureView): Pick<PictureSize, 'width' | 'height'>
  /**
   * What a camera saw at a step; undefined when its agent did not live then. Throws `usage` for a step that was not recorded and a size that can't be
   * drawn, and what replaying throws.
   */
  pictureOf(step: number, view: PictureView, size: PictureSize, watch: Pick<ReplayOptions, 'signal' | 'onProgress'>): Promise<RenderedPicture | undefined>
  /** Closes the recording. */
  close(): void
}

/** The pictures that the run itself drew, step by step. */
class RecordedFrames implements RecordedPictures {
  readonly kinds: readonly KindType[]
  readonly cameras: readonly string[] = []
  readonly steps: number
  readonly stepMillis: number
  private readonly run: LoadedRun
  private readonly replica: Replica
  private drawn = -1

  constructor(run: LoadedRun) {
    this.run = run
    this.replica = new Replica(run, hostKernels(), { cacheBytes: 0 })
    this.steps = run.recording.steps
    this.stepMillis = run.recording.manifest.stepMillis
    this.kinds = recordedKinds(this.replica.state).filter(({ hasCamera }) => hasCamera).map(({ type }) => type)
  }

  sizeOf(view: PictureView): Pick<PictureSize, 'width' | 'height'> {
    const { size } = new Frames(this.replica.state.stages, this.kindOf(view))
    return { width: size, height: size }
  }

  async pictureOf(step: number, view: PictureView, size: PictureSize, watch: Pick<ReplayOptions, 'signal' | 'onProgress'>): Promise<RenderedPicture | undefined> {
    const { replica, run } = this
    const kind = this.kindOf(view)
    const { width, height } = this.sizeOf(view)
    if (size.width !== width || size.height !== height || size.samples !== 1) {
      throw new MetabonkError({ code: 'usage', what: `pictures of ${kind.name} are drawn with ${width}x${height} pixels only`, where: run.path, todo: 'leave --size and --quality out' })
    }
    if (this.drawn !== step) await travelTo(replica, step, { ...watch, drawn: true })
    this.drawn = step
    const { state } = replica
    if ('camera' in view || state.tables.find((table) => table.kind === kind)?.isAlive(view.row) !== true) return undefined
    const { rgb, depth, segmentation } = frameOf(state.stages, kind, view.row, step)
    return { width, height, rgb, depth, segmentation }
  }

  close(): void {
    this.run.recording.source.close?.()
  }

  private kindOf(view: PictureView): KindType {
    const found = 'camera' in view ? undefined : this.kinds.find(({ name }) => name === view.kind)
    if (found !== undefined) return found
    throw new MetabonkError({ code: 'usage', what: 'camera' in view ? `there is no free camera '${view.camera}'` : `no camera sees for ${view.kind}`, where: this.run.path, todo: 'name an agent with a camera: --agent kind:row' })
  }
}

/** Opens a recording for its pictures. Throws as `openRecording` does. */
export async function openPictures(path: string, options: Pick<ReplayOptions, 'world'> = {}): Promise<RecordedPictures> {
  return new RecordedFrames(await openRun(path, options))
}
