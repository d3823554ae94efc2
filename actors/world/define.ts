import type { Scene } from '../../compositor/index.ts'
import { checkOptions, limits, MetabonkError, type InitWorld, type KindType, type WorldSpace } from '../../runtime/index.ts'
import type { ConfigDeclaration, ConfigOf } from '../config/index.ts'
import type { MachineKind } from './kind.ts'
import type { Report } from './report.ts'
import type { DeclaredSystem, Observer } from './system.ts'

/** What {@link defineWorld} takes. */
export interface WorldOptions<D extends ConfigDeclaration> {
  /** Name of the world: part of recordings and of their file names. */
  readonly name: string
  /** The settings people can change with `key=value`. */
  readonly config?: D
  /** Where agents with a published `at: vec(f32, 2)` live. Default: a torus of 100 by 100. */
  readonly space?: WorldSpace | ((config: ConfigOf<D>) => WorldSpace)
  /** Milliseconds of the modelled time that one step stands for. Needed only where delays are in milliseconds. */
  readonly stepMillis?: number
  /** Kinds of agents, with a machine (`Sheep.with(machine)`) or without. */
  readonly kinds: readonly (KindType | MachineKind)[]
  /** Makes state 0: spawns the first agents. */
  readonly init: (world: InitWorld<ConfigOf<D>>) => void
  /** Run every step in this order, after the machines. */
  readonly systems?: readonly DeclaredSystem[]
  /** What agents with a policy observe; one for each such kind. */
  readonly observers?: readonly Observer[]
  /** What cameras see; undefined when nothing is drawn. A pure function of its arguments. */
  readonly scene?: (config: ConfigOf<D>, seed: number) => Scene | undefined
  /** Whether policies act from observations (default) or from the pixels of their camera. */
  readonly policyInput?: (config: ConfigOf<D>) => 'observations' | 'pixels'
  /** Numbers that sum up a state, by name. */
  readonly report?: Report
}

/** A world as its author defined it, settings not yet resolved. */
export interface WorldDefinition {
  readonly form: 'metabonk world'
  readonly name: string
  readonly config: ConfigDeclaration
  readonly space: WorldSpace | ((config: never) => WorldSpace)
  readonly stepMillis: number
  readonly kinds: readonly (KindType | MachineKind)[]
  readonly init: (world: InitWorld<never>) => void
  readonly systems: readonly DeclaredSystem[]
  readonly observers: readonly Observer[]
  readonly scene: ((config: never, seed: number) => Scene | undefined) | undefined
  readonly policyInput: ((config: never) => 'observations' | 'pixels') | undefined
  readonly report: Report
}

function invalid(name: string, what: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'world-invalid', what, where: `world ${name}`, todo })
}

function checkUnique(world: string, what: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw invalid(world, `two ${what} are named ${twice}`, 'rename one of them')
}

function checkSettings(options: { name: string; config?: ConfigDeclaration; systems?: readonly DeclaredSystem[]; observers?: readonly Observer[] }): void {
  for (const part of [...(options.systems ?? []), ...(options.observers ?? [])]) {
    if (part.config !== undefined && part.config !== options.config) {
      throw invalid(options.name, `${'name' in part ? `system ${part.name}` : `the observer of ${part.kind.name}`} was typed against other settings`, "give it the world's own config object")
    }
  }
}

/** An async function would go on when its step is long over, a generator not even start. */
function checkPlain(world: string, what: string, { run }: { readonly run: unknown }): void {
  const kind = /^\[object (Async|Generator|AsyncGenerator)Function\]$/.exec(Object.prototype.toString.call(run))
  if (kind !== null) throw invalid(world, `${what} is ${kind[1] === 'Async' ? 'an async function' : 'a generator'}`, 'write a plain function: nothing in a step waits')
}

function checkedMillis(name: string, stepMillis: number): number {
  if (stepMillis >= 0 && stepMillis < Infinity) return stepMillis
  throw invalid(name, `a step can't stand for ${stepMillis} milliseconds`, 'give a positive number, or leave it out')
}

function checkFunctions<D extends ConfigDeclaration>(options: WorldOptions<D>): void {
  const { name, systems = [], observers = [], report = {} } = options
  checkPlain(name, 'init', { run: options.init })
  for (const each of systems) checkPlain(name, `system ${each.name}`, each)
  for (const each of observers) checkPlain(name, `the observer of ${each.kind.name}`, each)
  for (const [key, count] of Object.entries(report)) checkPlain(name, `report ${key}`, { run: count })
}

/**
 * Defines a world: kinds of agents, how they start, and what happens every step. The default export of a world file.
 * Throws `world-invalid` with the world's name when parts contradict each other.
 */
export function defineWorld<const D extends ConfigDeclaration = Record<never, never>>(options: WorldOptions<D>): WorldDefinition {
  const { name, kinds } = options
  checkOptions(`world ${name}`, options, ['name', 'kinds', 'init'], ['config', 'space', 'stepMillis', 'systems', 'observers', 'scene', 'policyInput', 'report'])
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) throw invalid(name, `a world can't be named '${name}'`, 'use letters, digits, - and _, a letter first')
  if (kinds.length === 0 || kinds.length > limits.kindsMax) throw invalid(name, `a world can't have ${kinds.length} kinds`, `list 1 to ${limits.kindsMax}`)
  checkUnique(name, 'kinds', kinds.map((each) => kindOf(each).name))
  checkUnique(name, 'systems', (options.systems ?? []).map((each) => each.name))
  checkUnique(name, 'observers', (options.observers ?? []).map((each) => each.kind.name))
  checkSettings(options)
  checkFunctions(options)
  return Object.freeze({
    form: 'metabonk world',
    name,
    config: options.config ?? {},
    space: (options.space as WorldDefinition['space'] | undefined) ?? { width: 100, height: 100, wraps: true },
    stepMillis: checkedMillis(name, options.stepMillis ?? 0),
    kinds,
    init: options.init,
    systems: options.systems ?? [],
    observers: options.observers ?? [],
    scene: options.scene,
    policyInput: options.policyInput,
    report: options.report ?? {},
  })
}

/** The kind of an entry of `kinds`. */
export function kindOf(entry: KindType | MachineKind): KindType {
  return 'machine' in entry ? entry.kind : entry
}

/** Checks that what a world file exports is a world. `where` names the file. */
export function asWorld(exported: unknown, where: string): WorldDefinition {
  if (typeof exported === 'object' && exported !== null && 'form' in exported && exported.form === 'metabonk world') return exported as WorldDefinition
  throw new MetabonkError({ code: 'world-invalid', what: 'the file does not export a world', where, todo: 'write: export default defineWorld({ ... })' })
}
