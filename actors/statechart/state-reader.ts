import { MetabonkError, type KindTable, type StateReader } from '../../runtime/index.ts'
import type { Chart } from './chart.ts'
import { configurationsMax } from './configuration.ts'

/** What systems may ask of a configuration. */
interface Reading {
  readonly paths: ReadonlySet<string>
  readonly tags: ReadonlySet<string>
  readonly meta: Readonly<Record<string, unknown>>
}

/** Reads the states of a kind's machines off their columns. A configuration is looked at once, as long as they are not too many. */
export class MachineStates implements StateReader {
  private readonly chart: Chart
  private readonly table: KindTable
  private readonly words: Uint32Array
  private readonly readings = new Map<number | string, Reading>()
  private readonly paths: ReadonlySet<string>
  private readonly tags: ReadonlySet<string>

  constructor(chart: Chart, table: KindTable) {
    this.chart = chart
    this.table = table
    this.words = table.column('$state').live as Uint32Array
    this.paths = new Set(chart.space.nodes.filter((node) => node.type !== 'history').map((node) => node.path.join('.')))
    this.tags = new Set(chart.space.nodes.flatMap((node) => node.tags))
  }

  matches(row: number, path: string): boolean {
    if (!this.paths.has(path)) throw this.unknown('state', path, this.paths)
    return this.of(row).paths.has(path)
  }

  hasTag(row: number, tag: string): boolean {
    if (!this.tags.has(tag)) throw this.unknown('tag', tag, this.tags)
    return this.of(row).tags.has(tag)
  }

  meta(row: number): Readonly<Record<string, unknown>> {
    return this.of(row).meta
  }

  /** How many live agents are in each state, by path in document order, those nobody is in included. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const path of this.paths) if (path !== '') counts.set(path, 0)
    const { alive, rows } = this.table
    const agents = new Map<Reading, number>()
    for (let row = 0; row < rows; row++) {
      if (alive[row] !== 1) continue
      const reading = this.of(row)
      agents.set(reading, (agents.get(reading) ?? 0) + 1)
    }
    for (const [{ paths }, count] of agents) {
      for (const path of paths) if (path !== '') counts.set(path, (counts.get(path) ?? 0) + count)
    }
    return counts
  }

  private of(row: number): Reading {
    const { space } = this.chart
    const at = row * space.words
    const key = space.words === 1 ? this.words[at] : this.words.subarray(at, at + space.words).join()
    const known = this.readings.get(key)
    if (known !== undefined) return known
    const nodes = space.decode(this.words, at)
    const made: Reading = {
      paths: new Set(nodes.map((node) => node.path.join('.'))),
      tags: new Set(nodes.flatMap((node) => node.tags)),
      meta: Object.freeze(Object.fromEntries(nodes.filter((node) => node.meta !== undefined).map((node) => [node.id, node.meta]))),
    }
    if (this.readings.size >= configurationsMax) this.readings.clear()
    this.readings.set(key, made)
    return made
  }

  private unknown(what: string, name: string, known: ReadonlySet<string>): MetabonkError {
    return new MetabonkError({
      code: 'world-invalid',
      what: `the machine of ${this.chart.kind.name} has no ${what} '${name}'`,
      todo: known.size === 0 ? `give its states ${what}s` : `choose from ${[...known].filter((each) => each !== '').join(', ')}`,
    })
  }
}
