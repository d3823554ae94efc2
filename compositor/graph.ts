/** Pictures are made in passes: each says what it reads and what it makes, and only those run that what is asked for needs. */
import { assert, MetabonkError } from '../runtime/index.ts'

type Name<V> = keyof V & string

/** A part of the way to a picture. */
export interface Pass<V> {
  readonly name: string
  readonly reads: readonly Name<V>[]
  readonly makes: readonly Name<V>[]
  /** Makes what is asked for of all that it can make; it may make more. */
  readonly run: (values: V, asked: ReadonlySet<Name<V>>) => Partial<V>
}

interface TypedPass<V, R extends Name<V>, M extends Name<V>> {
  readonly name: string
  readonly reads: readonly R[]
  readonly makes: readonly M[]
  readonly run: (values: Pick<V, R>, asked: ReadonlySet<Name<V>>) => Partial<Pick<V, M>>
}

/** For passes over these values: one that uses what it does not declare to read, or makes what it does not declare, does not compile. */
export function passesOver<V>(): <R extends Name<V>, M extends Name<V>>(pass: TypedPass<V, R, M>) => Pass<V> {
  return (pass) => pass as unknown as Pass<V>
}

/** Passes that can't be put in an order. */
export class GraphError extends MetabonkError {
  /** The pass that can't run; undefined where it is about what was asked for. */
  readonly pass: string | undefined

  constructor(pass: string | undefined, what: string, todo: string) {
    super({ code: 'usage', what, where: pass === undefined ? 'render graph' : `pass ${pass}`, todo })
    this.pass = pass
  }
}

/** A pass with what is asked of it. */
interface PlannedPass<V> {
  readonly pass: Pass<V>
  readonly asked: Set<Name<V>>
}

/** Declared passes, and the way through them to whatever is asked for. */
export class RenderGraph<V extends object> {
  private readonly makers = new Map<Name<V>, Pass<V>>()

  /** Throws {@link GraphError} where two passes make the same. */
  constructor(passes: readonly Pass<V>[]) {
    for (const pass of passes) {
      for (const made of pass.makes) {
        const other = this.makers.get(made)
        if (other !== undefined) throw new GraphError(pass.name, `'${made}' is made by ${other.name} already`, 'keep one of the two')
        this.makers.set(made, pass)
      }
    }
  }

  /**
   * The passes that are needed for some values, each after those it reads from; what is given is not made. Throws {@link GraphError} for a value
   * that nothing makes, and for passes that wait for one another.
   */
  plan(wanted: readonly Name<V>[], given: ReadonlySet<string> = new Set()): PlannedPass<V>[] {
    const plan: PlannedPass<V>[] = []
    const met = new Map<Pass<V>, PlannedPass<V>>()
    const way: Pass<V>[] = []
    const need = (value: Name<V>): void => {
      if (given.has(value)) return
      const pass = this.makers.get(value)
      if (pass === undefined) throw new GraphError(way.at(-1)?.name, `nothing makes '${value}'`, 'add a pass that does, or give it')
      if (way.includes(pass)) throw new GraphError(pass.name, `it waits for itself: ${[...way.slice(way.indexOf(pass)), pass].map(({ name }) => name).join(' <- ')}`, 'let one of them read something else')
      const planned = met.get(pass) ?? { pass, asked: new Set<Name<V>>() }
      planned.asked.add(value)
      if (met.has(pass)) return
      met.set(pass, planned)
      way.push(pass)
      pass.reads.forEach(need)
      way.pop()
      plan.push(planned)
    }
    wanted.forEach(need)
    return plan
  }

  /** Makes some values from those that are given, and returns them. Throws as {@link plan} does, and what passes throw. */
  compute<K extends Name<V>>(wanted: readonly K[], given: Partial<V>): Pick<V, K> {
    const values: Partial<V> = { ...given }
    for (const { pass, asked } of this.plan(wanted, new Set(Object.keys(given)))) {
      Object.assign(values, pass.run(values as V, asked))
      for (const value of asked) assert(values[value] !== undefined, `pass ${pass.name} makes ${value}`)
    }
    return values as Pick<V, K>
  }
}
