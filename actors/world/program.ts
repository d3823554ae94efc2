import { observationRegions, observationsOf, thinkStage } from '../../brain/index.ts'
import { cameraPixels, frameRegions, renderStages, type Scene } from '../../compositor/index.ts'
import { assert, bounded, describe, limits, MetabonkError, torus, type Behaviour, type ConfigValues, type KindType, type Program, type RegionPlan, type Stage, type StepWorld, type WorldSpace } from '../../runtime/index.ts'
import { machineBehaviour, type Executor } from '../statechart/index.ts'
import { kindOf, type WorldDefinition } from './define.ts'
import type { MachineKind } from './kind.ts'
import type { ObservedRow, Observer } from './system.ts'
import { sceneOf } from './world-scene.ts'

/** Settings of one run of a world. */
export interface ProgramOptions {
  readonly seed: number
  readonly config: ConfigValues
  /** How machines run, where their kind does not say. Default `compiled`. */
  readonly machines?: Executor | undefined
}

function byName<T extends { readonly name: string }>(a: T, b: T): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

function checkSeed(seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return
  throw new MetabonkError({ code: 'config', what: `the seed can't be ${seed}`, todo: 'give an integer from 0 to 9007199254740991' })
}

/** What a world, a seed and a configuration amount to, for the runtime. */
export function buildProgram(world: WorldDefinition, options: ProgramOptions): Program {
  checkSeed(options.seed)
  const entries = [...world.kinds].sort((a, b) => byName(kindOf(a), kindOf(b)))
  const kinds = entries.map(kindOf)
  const types = [...new Set(kinds.flatMap((kind) => [...kind.receives]))].sort(byName)
  const twice = types.find((type, i) => types.findIndex((each) => each.name === type.name) !== i)
  if (twice !== undefined) {
    throw new MetabonkError({ code: 'world-invalid', what: `two message types are named ${twice.name}`, where: `world ${world.name}`, todo: 'declare the message once and share it' })
  }
  if (types.length > limits.messagesMax) throw new MetabonkError({ code: 'limit', what: `${types.length} message types`, where: `world ${world.name}`, todo: `declare at most ${limits.messagesMax}` })
  const config = options.config as never
  const scene = sceneOf(world, config, options.seed)
  const space = resolveSpace(world.space, config)
  // First: a scene is checked here.
  const frames = scene === undefined ? [] : frameRegions(scene, space)
  return {
    name: world.name,
    kinds,
    behaviours: behavioursOf(entries, world.stepMillis, options.machines),
    types,
    systems: world.systems,
    stages: stagesOf(world, kinds, scene, options),
    regions: [...frames, ...observationRegions(kinds), counterRegion],
    space,
    config: options.config,
    seed: options.seed,
    stepMillis: world.stepMillis,
    init: world.init,
  }
}

/** A slab needs a region even where a world has neither pictures nor policies. */
const counterRegion: RegionPlan = { name: 'counters', kind: 'counters', dtype: 'u32', shape: [16] }

function resolveSpace(space: WorldDefinition['space'], config: never): WorldSpace {
  if (typeof space !== 'function') return space
  const made = space(config) as WorldSpace | null | undefined
  if (typeof made !== 'object' || made === null) throw new MetabonkError({ code: 'world-invalid', what: `the space of the world is ${describe(made)}`, todo: 'return torus(width, height) or bounded(width, height)' })
  return made.wraps ? torus(made.width, made.height) : bounded(made.width, made.height)
}

function behavioursOf(entries: readonly (KindType | MachineKind)[], stepMillis: number, executor: Executor | undefined): (Behaviour | undefined)[] {
  const programs = new Map()
  return entries.map((entry) => ('machine' in entry ? machineBehaviour(entry.kind, entry.machine, { stepMillis, executor: entry.executor ?? executor, programs }) : undefined))
}

/** Drawing, then observing, then thinking. */
function stagesOf(world: WorldDefinition, kinds: readonly KindType[], scene: Scene | undefined, options: ProgramOptions): Stage[] {
  const source = world.policyInput?.(options.config as never) ?? 'observations'
  return [
    ...(scene === undefined ? [] : renderStages(scene)),
    ...world.observers.map((observer) => observeStage(world, observer)),
    ...kinds.filter((kind) => kind.policy !== undefined).map((kind) => policyStage(kind, { world, scene, source, seed: options.seed })),
  ]
}

interface PolicyParts {
  readonly world: WorldDefinition
  readonly scene: Scene | undefined
  readonly source: 'observations' | 'pixels'
  readonly seed: number
}

/** The stage in which a kind's policy acts, from what the world says it acts from. */
function policyStage(kind: KindType, { world, scene, source, seed }: PolicyParts): Stage {
  const where = `world ${world.name}`
  if (source === 'observations') {
    if (world.observers.some((each) => each.kind.name === kind.name)) return thinkStage({ kind, seed })
    throw new MetabonkError({ code: 'world-invalid', what: `kind ${kind.name} has a policy and no observer`, where, todo: 'add observe({ kind, run }) to observers' })
  }
  const camera = scene?.cameras.find((each) => each.kind.name === kind.name)
  if (camera?.channels?.includes('rgb') === false) throw new MetabonkError({ code: 'world-invalid', what: `the policy of ${kind.name} acts from pixels, and its camera draws no colours`, where, todo: 'add rgb to the channels of the camera' })
  if (camera !== undefined) return thinkStage({ kind, seed, frames: cameraPixels(camera) })
  throw new MetabonkError({ code: 'world-invalid', what: `the policy of ${kind.name} acts from pixels, and no camera sees for it`, where, todo: 'add a camera of that kind to the scene' })
}

/** The stage that lets an observer fill the observations of own rows. */
function observeStage(world: WorldDefinition, observer: Observer): Stage {
  const { policy } = observer.kind
  if (policy === undefined) throw new MetabonkError({ code: 'world-invalid', what: `kind ${observer.kind.name} is observed and has no policy`, where: `world ${world.name}`, todo: 'declare policy: { observation, action } in kind(...)' })
  const elements = policy.observation.shape.reduce((product, extent) => product * extent, 1)
  return {
    name: 'observe',
    kind: observer.kind,
    writes: [],
    bind: (port) => {
      const table = port.tables.find((each) => each.kind.name === observer.kind.name)
      assert(table !== undefined, 'an observed kind has a table')
      const read: Record<string, unknown> = {}
      for (const column of table.columns) if (!column.name.startsWith('$')) read[column.name] = column.live
      const out = observationsOf(port.slab, observer.kind)
      const view = { row: 0, read: read as never, out, offset: 0 } satisfies ObservedRow
      const stepping: StepWorld = port.world
      return (begin, end) => {
        for (let row = begin; row < end; row++) {
          if (table.alive[row] !== 1) continue
          view.row = row
          view.offset = row * elements
          // What it does not write is 0, not what it wrote before: that is in no column. So few elements take fill() longer than a loop.
          for (let i = view.offset; i < view.offset + elements; i++) out[i] = 0
          observer.run(view, stepping)
        }
      }
    },
  }
}
