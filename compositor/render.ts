import { assert, type DrawViews, type DrawJob, type KindTable, type RegionPlan, type Slab, type Stage, type StagePort, type WorldSpace } from '../runtime/index.ts'
import { AgentViews, Views } from './cameras.ts'
import { checkScene } from './check-scene.ts'
import { createTwin } from './draw/twin.ts'
import { numberAt } from './draw/layout.ts'
import { SceneJobs } from './draw-job.ts'
import { DrawList } from './draw-list.ts'
import { cameraRegions, Frames } from './frames.ts'
import { readerRegions } from './readers.ts'
import type { Camera, Scene } from './scene.ts'

/** Pictures drawn by one call of the kernel at most. */
const viewsMax = 4096

/** The shared regions a scene's cameras need. Throws `world-invalid` for a scene that can't be drawn in that space. */
export function frameRegions(scene: Scene, space: WorldSpace): RegionPlan[] {
  checkScene(scene, space)
  return scene.cameras.length === 0 ? [] : [...scene.cameras.flatMap(cameraRegions), ...readerRegions()]
}

/** What the cameras of a scene have in common in one thread: gathered once a step, whoever comes first. */
class Gathering {
  readonly list: DrawList
  readonly jobs: SceneJobs
  readonly draw: DrawViews
  private readonly port: StagePort
  private pass = -1

  constructor(scene: Scene, port: StagePort) {
    this.port = port
    this.list = new DrawList(scene, port.world)
    this.jobs = new SceneJobs(scene, port.world.space, this.list)
    this.draw = port.kernels.drawViews ?? createTwin()
  }

  /** Gathers, unless another camera has done so in the same round of stages. */
  gather(): void {
    const pass = this.port.pass()
    if (pass === this.pass) return
    this.pass = -1
    this.list.gather()
    this.pass = pass
  }
}

/** The frames of one camera's agents, in one thread. */
class Painter {
  private readonly gathering: Gathering
  private readonly port: StagePort
  private readonly table: KindTable
  private readonly frames: Frames
  private readonly eyes: AgentViews
  private readonly views: Views
  private readonly job: DrawJob
  private readonly endings: readonly ArrayLike<number>[]

  constructor(gathering: Gathering, camera: Camera, port: StagePort) {
    const { kind, segmentation = 'kind', clear = false } = camera
    const table = port.tables.find((each) => each.kind.name === kind.name)
    assert(table !== undefined, 'a kind with a camera has a table')
    this.gathering = gathering
    this.port = port
    this.table = table
    this.frames = new Frames(port.slab, kind)
    this.eyes = new AgentViews(camera, camera.height, gathering.list, port.world.others(kind))
    this.views = new Views(Math.min(kind.rowsMax, viewsMax))
    this.job = gathering.jobs.job(this.frames, this.views.words, { segmentation, clear })
    this.endings = kind.policy === undefined ? [] : [table.column('terminated').live, table.column('truncated').live]
  }

  /** Draws what the live rows of a range see. */
  paint(begin: number, end: number): void {
    const { gathering, job } = this
    gathering.gather()
    job.numbers[numberAt.instances] = gathering.list.instances.count
    for (let from = begin; from < end; from = this.paintBatch(from, end));
  }

  /** As many rows as there is room for views; returns the row after the last. */
  private paintBatch(begin: number, end: number): number {
    const { views, frames, table, gathering } = this
    const { step } = this.port.world
    let row = begin
    for (views.count = 0; row < end && views.count < viewsMax; row++) {
      if (table.alive[row] === 1) this.eyes.add(views, row, frames.open(row, step))
    }
    gathering.draw(this.job, views.count)
    for (let drawn = begin; drawn < row; drawn++) {
      if (table.alive[drawn] === 1) frames.stamp(drawn, step, table.generation[drawn], this.ends(drawn))
    }
    return row
  }

  private ends(row: number): boolean {
    for (const flags of this.endings) if (flags[row] === 1) return true
    return false
  }
}

/**
 * The stages that draw what each live agent with a camera sees, one for each camera, into the regions of {@link frameRegions}. A pixel shows
 * what covers its centre and is nearest; of what is equally near, what the scene lists first, then the lower row, then the face listed first,
 * and the ground last. Throws `world-invalid`, with kind, row and column, for an agent that is nowhere.
 */
export function renderStages(scene: Scene): Stage[] {
  const gatherings = new WeakMap<Slab, Gathering>()
  const gatheringOf = (port: StagePort): Gathering => {
    const gathering = gatherings.get(port.slab) ?? new Gathering(scene, port)
    gatherings.set(port.slab, gathering)
    return gathering
  }
  return scene.cameras.filter(({ channels }) => channels?.length !== 0).map((camera) => ({
    name: 'render',
    kind: camera.kind,
    writes: [],
    bind: (port) => {
      const painter = new Painter(gatheringOf(port), camera, port)
      return (begin, end) => {
        painter.paint(begin, end)
      }
    },
  }))
}
