import { checkOptions, type ConfigValues, type KindType, type LiveRows, type ParallelSystem, type ParallelWorld, type Rows, type SequentialSystem, type SequentialWorld, type StepWorld } from '../../runtime/index.ts'
import type { ConfigDeclaration, ConfigOf } from '../config/index.ts'

type ConfigIn<D> = D extends ConfigDeclaration ? ConfigOf<D> : ConfigValues

/** Options of {@link system}. */
export interface SystemOptions<K extends KindType, D extends ConfigDeclaration | undefined> {
  readonly name: string
  readonly kind: K
  /** The world's settings, for the type of `world.config`. */
  readonly config?: D
  /** Called every step with rows this thread owns. Loop over all of them and skip the dead. */
  readonly run: (rows: Rows<K>, world: ParallelWorld<ConfigIn<D>>) => void
}

/** Options of {@link sequential}. */
export interface SequentialOptions<D extends ConfigDeclaration | undefined> {
  readonly name: string
  /** The kinds whose live rows it reads and writes. */
  readonly kinds: readonly KindType[]
  /** Order of `world.order(kind)`: ascending rows, or shuffled by seed and step. Default `rows`. */
  readonly order?: 'rows' | 'seeded'
  readonly config?: D
  readonly run: (world: SequentialWorld<ConfigIn<D>>) => void
}

/** Options of {@link observe}. */
export interface ObserveOptions<K extends KindType, D extends ConfigDeclaration | undefined> {
  readonly kind: K
  readonly config?: D
  /**
   * Writes the observation of `row` into `out` from element `offset`. Called for every live row after births and deaths, when all
   * positions are those of the state being observed; `world.others` reads them live.
   */
  readonly run: (view: ObservedRow<K>, world: StepWorld<ConfigIn<D>>) => void
}

/** The row being observed and where its observation goes. */
export interface ObservedRow<K extends KindType = KindType> {
  readonly row: number
  readonly read: LiveRows<K>['read']
  readonly out: Float32Array
  readonly offset: number
}

/** How a kind with a policy sees the world. */
export interface Observer {
  readonly kind: KindType
  readonly config: ConfigDeclaration | undefined
  readonly run: (view: ObservedRow, world: StepWorld) => void
}

/** A declared system, with the settings it was typed against. */
export type DeclaredSystem = (ParallelSystem | SequentialSystem) & { readonly config: ConfigDeclaration | undefined }

/** Declares a parallel system: a plain function over own rows, run on all threads, every step. */
export function system<K extends KindType, D extends ConfigDeclaration | undefined = undefined>(options: SystemOptions<K, D>): DeclaredSystem {
  checkOptions('a system', options, ['name', 'kind', 'run'], ['config'])
  return Object.freeze({ form: 'parallel', name: options.name, kind: options.kind, config: options.config, run: options.run })
}

/** Declares a sequential system: it runs alone, sees live rows and its own kills at once. */
export function sequential<D extends ConfigDeclaration | undefined = undefined>(options: SequentialOptions<D>): DeclaredSystem {
  checkOptions('a sequential system', options, ['name', 'kinds', 'run'], ['order', 'config'])
  return Object.freeze({
    form: 'sequential',
    name: options.name,
    kinds: options.kinds,
    order: options.order ?? 'rows',
    config: options.config,
    run: options.run,
  })
}

/** Declares what the agents of a kind with a policy observe. */
export function observe<K extends KindType, D extends ConfigDeclaration | undefined = undefined>(options: ObserveOptions<K, D>): Observer {
  checkOptions('an observer', options, ['kind', 'run'], ['config'])
  return Object.freeze({ kind: options.kind, config: options.config, run: options.run as unknown as Observer['run'] })
}
