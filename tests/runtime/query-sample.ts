import type { QueryScope, QuerySource } from '../../runtime/query/index.ts'
import { kindType } from '../../runtime/schema/kind.ts'
import { agentId, bool, enumOf, f32, f64, i32, vec } from '../../runtime/schema/types.ts'
import { KindTable } from '../../runtime/state/table.ts'

export const modes = ['calm', 'hunting', 'fleeing'] as const
export const paths = ['idle', 'armed', 'armed.reloading', 'flee'] as const
const tags = ['dangerous', 'slow'] as const
const enemy = kindType('enemy', { published: { at: vec(f32, 2) }, columns: { health: i32, mode: enumOf(...modes), stunned: bool }, rowsMax: 12_000 })
const hero = kindType('hero', { published: { at: vec(f32, 3) }, columns: { score: f64, hp: i32, mode: enumOf(...modes), target: agentId, dead: bool }, rowsMax: 64 })

export const scope: QueryScope = {
  kinds: [enemy, hero],
  machines: [{ states: paths, tags }, undefined],
  config: { speed: 2.5, mode: 'hard', fog: true, 'wave.size': 12 },
  reports: ['kills', 'mean hp'],
}
/** A world of enemies alone. */
export const single: QueryScope = { kinds: [enemy], machines: [scope.machines[0]], config: {}, reports: [] }

/** An agent of the sample, as its columns are set. */
export interface Enemy {
  readonly alive: boolean
  readonly at: readonly number[]
  readonly health: number
  readonly mode: (typeof modes)[number]
  readonly stunned: boolean
  readonly state: (typeof paths)[number]
  readonly tagged: boolean
}

export interface Hero {
  readonly alive: boolean
  readonly at: readonly number[]
  readonly score: number
  readonly hp: number
  readonly mode: (typeof modes)[number]
  readonly dead: boolean
}

export interface Sample {
  readonly enemies: readonly Enemy[]
  readonly heroes: readonly Hero[]
  readonly step: number
}

const values = { speed: 2.5, mode: 'hard', fog: true, 'wave.size': 12 }

function tableOf(index: number, rows: readonly { readonly alive: boolean }[]): KindTable {
  const kind = scope.kinds[index]
  const table = new KindTable({ kind, index, hidden: [], firstColumn: 0, workers: 1 })
  for (const given of rows) {
    const row = table.takeRow()
    for (const { name } of kind.plan) table.set(table.column(name), row, (given as unknown as Readonly<Record<string, unknown>>)[name] ?? 0)
  }
  rows.forEach(({ alive }, row) => {
    if (!alive) table.freeRow(row)
  })
  return table
}

export function inState(state: string, path: string): boolean {
  return state === path || state.startsWith(`${path}.`)
}

/** The sample as tables, to be queried. Enemies have machines, heroes have none. */
export function sourceOf({ enemies, heroes, step }: Sample): QuerySource {
  return {
    tables: [tableOf(0, enemies), tableOf(1, heroes)],
    states: [{ matches: (row, path) => inState(enemies[row].state, path), hasTag: (row, tag) => tag === 'dangerous' && enemies[row].tagged }, undefined],
    step: () => step,
    config: () => values,
    report: (name) => (name === 'kills' ? 7 : 0.5),
  }
}

export const oneEnemy: Enemy = { alive: true, at: [1, 2], health: 4, mode: 'fleeing', stunned: false, state: 'armed.reloading', tagged: true }
export const oneHero: Hero = { alive: true, at: [3, 4, 5], score: 10, hp: 3, mode: 'calm', dead: false }
