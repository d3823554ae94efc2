import { exactJson, type Recording, type RecordingManifest } from '../../runtime/index.ts'
import { differencesOf, type Difference } from './differences.ts'
import { mailOf, type Letter } from './mail.ts'
import type { Replica } from './replica.ts'

/** Something two recordings say of themselves in which they are not the same. */
export interface ManifestDifference {
  /** `seed`, `world`, `config.difficulty`, ... */
  readonly field: string
  readonly a: string
  readonly b: string
}

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : exactJson(value)
}

const compared = ['world', 'codeHash', 'seed', 'stepMillis', 'layout', 'contract'] as const

/** What two runs were told differently from the start. */
export function manifestDifferences(a: RecordingManifest, b: RecordingManifest): ManifestDifference[] {
  const values = ({ config, ...rest }: RecordingManifest): Map<string, unknown> =>
    new Map<string, unknown>([...compared.map((field): [string, unknown] => [field, rest[field]]), ...Object.entries(config).map(([key, value]): [string, unknown] => [`config.${key}`, value])])
  const [left, right] = [values(a), values(b)]
  return [...new Set([...left.keys(), ...right.keys()])].map((field) => ({ field, a: textOf(left.get(field)), b: textOf(right.get(field)) })).filter((each) => each.a !== each.b)
}

/** The first step whose states differ, by the recorded hashes alone; undefined when all steps both have are the same. */
export function firstDifferentStep(a: Recording, b: Recording): number | undefined {
  const first = Math.max(a.first, b.first)
  const words = 2 * (Math.min(a.steps, b.steps) + 1 - first)
  const [left, right] = [a, b].map(({ roots, first: start }) => roots.subarray(2 * (first - start)))
  for (let i = 0; i < words; i++) if (left[i] !== right[i]) return first + (i >> 1)
  return undefined
}

/** Where columns of two recordings come apart. */
export interface ColumnsApart {
  readonly step: number
  /** `kind.column` of those that differ there. */
  readonly columns: readonly string[]
}

/** The first step from `from` on at which a column differs; the states before `from` are the same. */
export function firstDifferentColumns(a: Recording, b: Recording, from: number): ColumnsApart | undefined {
  const apart = new Set<string>()
  const sides = [a, b].map((recording) => ({ recording, hashes: new Map<string, string>() }))
  for (let step = from; step <= Math.min(a.steps, b.steps); step++) {
    const touched = new Set<string>()
    for (const { recording, hashes } of sides) {
      for (const { column, lo, hi } of recording.changedAt(step)) {
        const name = columnName(recording, column)
        hashes.set(name, `${lo},${hi}`)
        touched.add(name)
      }
    }
    for (const name of touched) {
      const [left, right] = sides.map(({ recording, hashes }) => hashes.get(name) ?? hashBefore(recording, name, from))
      if (left === right) apart.delete(name)
      else apart.add(name)
    }
    if (apart.size > 0) return { step, columns: [...apart].sort() }
  }
  return undefined
}

function columnName({ manifest }: Recording, id: number): string {
  const { kind, column } = manifest.columns[id]
  return `${kind}.${column}`
}

function hashBefore(recording: Recording, name: string, step: number): string | undefined {
  const id = recording.manifest.columns.findIndex((_, i) => columnName(recording, i) === name)
  const found = id < 0 || step <= recording.first ? undefined : recording.columnHashAt(step - 1, id)
  return found === undefined ? undefined : `${found.lo},${found.hi}`
}

/** The mail that an agent takes in a step, in two runs whose states may differ already. */
export interface MailApart {
  /** Messages that both have. */
  readonly both: readonly Letter[]
  readonly onlyA: readonly Letter[]
  readonly onlyB: readonly Letter[]
}

/** What an agent is sent in two states. */
export function mailApart(a: readonly Letter[], b: readonly Letter[], { kind, row }: { readonly kind: string; readonly row: number }): MailApart {
  const [left, right] = [a, b].map((letters) => letters.filter(({ to }) => to.kind === kind && to.row === row))
  const rest = right.map((letter) => exactJson(letter))
  const both: Letter[] = []
  const onlyA: Letter[] = []
  for (const letter of left) {
    const place = rest.indexOf(exactJson(letter))
    if (place < 0) onlyA.push(letter)
    else both.push(letter)
    if (place >= 0) rest[place] = ''
  }
  return { both, onlyA, onlyB: right.filter((_, place) => rest[place] !== '') }
}

/** Two states of one step side by side. */
export interface StatesApart {
  /** Values that differ, the first of them. */
  readonly values: readonly Difference[]
  /** The first undelivered message that only one of them has, or that they have differently. */
  readonly mail: { readonly a: Letter | undefined; readonly b: Letter | undefined } | undefined
  /** Settings in force that differ. */
  readonly settings: readonly ManifestDifference[]
}

/** What two states differ in, at most `most` values of it. */
export function statesApart(a: Replica['state'], b: Replica['state'], most: number): StatesApart {
  const [left, right] = [mailOf(a), mailOf(b)]
  let i = 0
  while (i < Math.max(left.length, right.length) && sameLetter(left.at(i), right.at(i))) i++
  const [mine, theirs] = [a.config.current, b.config.current]
  const keys = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])]
  return {
    values: differencesOf(a.tables, b.tables, most),
    mail: i < Math.max(left.length, right.length) ? { a: left.at(i), b: right.at(i) } : undefined,
    settings: keys.filter((key) => !Object.is(mine[key], theirs[key])).map((key) => ({ field: `config.${key}`, a: textOf(mine[key]), b: textOf(theirs[key]) })),
  }
}

function sameLetter(a: Letter | undefined, b: Letter | undefined): boolean {
  return a !== undefined && b !== undefined && exactJson(a) === exactJson(b)
}
