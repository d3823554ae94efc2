import type { DrawViews, Kernels, StepWorld } from '../runtime/index.ts'
import { addFreeView, AgentViews, Views } from './cameras.ts'
import { checkExtent } from './check-scene.ts'
import { SceneJobs } from './draw-job.ts'
import { createTwin } from './draw/twin.ts'
import { DrawList } from './draw-list.ts'
import { footprintsOf, type Footprints } from './overlay/paths.ts'
import { channelGraph, pictureGraph, type PictureValues, type Shot, type Staging, type StillChannel, type StillLook, type StillSize } from './picture-passes.ts'
import type { Picture } from './picture/picture.ts'
import type { Camera, FreeCamera, Scene } from './scene.ts'

/** What a camera sees; drawn when it is asked for, until the next state is gathered. */
export class Still {
  private readonly shot: Shot

  constructor(shot: Shot) {
    this.shot = shot
  }

  /** These channels alone. */
  channels<C extends StillChannel>(wanted: readonly C[]): Pick<PictureValues, C> {
    return channelGraph.compute(wanted, { shot: this.shot })
  }

  /** In colours: without and with what is drawn over them. What is given beside is what its look needs: the range of depths, the trail of paths. */
  shown(look: StillLook, given: Partial<Pick<PictureValues, 'range' | 'trail'>>): { readonly colours: Picture; readonly picture: Picture } {
    return pictureGraph(look).compute(['colours', 'picture'], { ...given, shot: this.shot })
  }
}

/** Draws what anybody might see of a state, of any size, outside of its step: nothing of the run is written. */
export class Stills {
  private readonly staging: Staging
  private readonly world: Pick<StepWorld, 'space' | 'others'>

  /** For a scene that its program was made with. */
  constructor(scene: Scene, world: Pick<StepWorld, 'space' | 'others'>, kernels: Kernels) {
    this.world = world
    const list = new DrawList(scene, world, true)
    const draw: DrawViews = kernels.drawViews ?? createTwin()
    this.staging = { list, jobs: new SceneJobs(scene, world.space, list), draw, space: world.space, scene }
  }

  /** Gathers the state as it is now: what is drawn until the next time shows it. */
  gather(): void {
    this.staging.list.gather()
  }

  /** Where those who were gathered are. */
  footprints(): Footprints {
    return footprintsOf(this.staging.list)
  }

  /** What the camera of a live row sees. Throws `world-invalid` for a size that can't be. */
  ofAgent(camera: Camera, row: number, size: StillSize): Still {
    const views = new Views(1)
    new AgentViews(camera, size.height * size.samples, this.staging.list, this.world.others(camera.kind)).add(views, row, 0)
    return this.still(size, views, camera)
  }

  /** What a free camera sees. Throws `world-invalid` for a size that can't be. */
  ofFree(free: FreeCamera, size: StillSize): Still {
    const views = new Views(1)
    addFreeView(views, free, this.staging.list.land, size.height * size.samples)
    return this.still(size, views, free)
  }

  private still(size: StillSize, { words }: Views, { segmentation = 'kind', clear = false }: Partial<Pick<Camera, 'segmentation' | 'clear'>>): Still {
    checkExtent('a picture', size)
    return new Still({ staging: this.staging, view: words, size, sight: { segmentation, clear } })
  }
}
