import { attachShared, Coordinator, createSharedMemory, twinKernels, type InitWorld, type KindTable, type KindType, type Program, type RegionPlan, type Slab, type Stage, type StagePort, type WorldSpace } from '../../runtime/index.ts'
import { stageWorld } from '../../runtime/lockstep/context.ts'

/** What a test's world consists of. */
export interface WorldParts {
  /** Sorted by name. */
  readonly kinds: readonly KindType[]
  readonly stages: readonly Stage[]
  readonly regions: readonly RegionPlan[]
  readonly space: WorldSpace
  readonly init: (world: InitWorld) => void
}

/** A world that stands at step 0: born, settled, its stages run. */
export interface StartedWorld {
  readonly slab: Slab
  /** Completes one more step. */
  step(): void
  table(kind: KindType): KindTable
  /** What a stage is bound to, in this thread. */
  port(stage: Stage): StagePort
}

/** Starts a world in this thread, seed 7. */
export function startWorld({ kinds, stages, regions, space, init }: WorldParts): StartedWorld {
  const program: Program = {
    name: 'test',
    kinds,
    behaviours: kinds.map(() => undefined),
    types: [],
    systems: [],
    stages,
    regions,
    space,
    config: {},
    seed: 7,
    stepMillis: 0,
    init,
  }
  const state = attachShared(program, createSharedMemory(program, 1), twinKernels)
  const coordinator = new Coordinator(state, { wait: { spins: 0, stallSlices: 1 } })
  coordinator.start()
  let pass = 0
  return {
    slab: state.stages,
    step: () => coordinator.runStep(),
    table: (kind) => state.tables[kinds.indexOf(kind)],
    port: (stage) => ({ tables: state.tables, world: stageWorld(state, stage), slab: state.stages, lane: 0, kernels: twinKernels, pass: () => ++pass }),
  }
}

/** Bytes of all regions: frames, stamps, observations. */
export function bytesOf(slab: Slab): Uint8Array {
  return new Uint8Array(slab.buffer, slab.regions[0].byteOffset)
}
