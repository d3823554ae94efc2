import { mailWord } from '../mail/layout.ts'
import { frameWords } from '../ring/bulk.ts'
import { generate } from '../schema/generate.ts'
import type { ColumnArray } from '../schema/types.ts'

/** What the loops over rows work on. */
export interface LoopScene {
  readonly alive: Uint8Array
  /** `$state`. */
  readonly state: Uint32Array
  /** `$timers`, and how many a row has. */
  readonly due: ColumnArray | undefined
  readonly timers: number
  /** Words of the inbox. */
  readonly words: Uint32Array
  /** Where each row's mail begins: that of the next row is where it ends. */
  readonly starts: Uint32Array
  /** The place of STEP after those of the message types. */
  readonly stepPlace: number
  readonly fireTimers: (row: number) => void
  /** Whether a row's machine handles STEP. */
  readonly handlesStep: (row: number) => boolean
  /** Runs a message that lies at `at`, or STEP, for a row, up to where the row rests; `arrival` is the number of the message type. */
  readonly runOne: (row: number, at: number, arrival: number) => void
}

/** What is known of a machine with so few configurations that each has a line in a table. */
export interface CellTable {
  /** By configuration, then number of the message type, STEP last: {@link unknownCell}, {@link idleCell}, or the number of the cell. */
  readonly numbers: Uint32Array
  /** Events by which the table is laid out. */
  readonly stride: number
  /** Numbers there may be, with those of no cell: for each entry one that others share, and one that they turned out not to. */
  readonly cellsMax: number
  readonly chains: Chains
  /** Runs a cell for the rows of a chain. */
  readonly runAll: (number: number, chain: Chain) => void
}

/** Nobody has asked yet what the event does in this configuration. */
export const unknownCell = 0
/** It does nothing. */
export const idleCell = 1

/** Rows that get a step's events together: what there is to know of them stays in the cache that is a core's own. */
const chunkRows = 8_192

/** Rows of a chunk, each in a chain with those whose event does the same. */
export interface Chains {
  /** By place in the chunk: 1 + the place that follows, 0 at the end. */
  readonly following: Uint32Array
  /** By place in the chunk: where the row's message lies. */
  readonly mail: Uint32Array
}

/** Room for the rows of a chunk, at most so many as there are. */
export function chainsOf(rowsMax: number): Chains {
  const length = Math.min(rowsMax, chunkRows)
  return { following: new Uint32Array(length), mail: new Uint32Array(length) }
}

/** Where a chain begins: 1 + a place, in the chunk whose first row is `base`. */
export interface Chain {
  first: number
  base: number
}

/** Leaves only the rows before this one in a chain. */
export function cutChain(chain: Chain, { following }: Chains, row: number): void {
  const end = row - chain.base
  if (chain.first > end) {
    chain.first = 0
    return
  }
  let last = chain.first - 1
  while (following[last] !== 0 && following[last] <= end) last = following[last] - 1
  following[last] = 0
}

/** Runs timers, mail and STEP of the live rows [begin, end) of a step. */
export type Loop = (begin: number, end: number, hasMail: boolean, step: number) => void

/** Row by row: for machines whose configurations are too many to be sorted by. */
export function rowLoop({ alive, timers, words, starts, stepPlace, fireTimers, handlesStep, runOne }: LoopScene): Loop {
  return (begin, end, hasMail) => {
    for (let row = begin; row < end; row++) {
      if (alive[row] !== 1) continue
      if (timers > 0) fireTimers(row)
      for (let at = hasMail ? starts[row] : 0, last = hasMail ? starts[row + 1] : 0; at < last; at += frameWords(words[at])) runOne(row, at, words[at + mailWord.type])
      if (handlesStep(row)) runOne(row, 0, stepPlace)
    }
  }
}

/** Puts the row into the chain of its cell; runs at once what is unknown. `entry` is its place in the line of the table, `at` where the message lies. */
function linkCode(entry: string, at: string): string {
  return `const number = numbers[imul(state[row], stride) + ${entry}]
if (number > ${idleCell}) {
const place = row - from
const first = firsts[number]
if (first === 0) met[kinds++] = number
following[place] = first
firsts[number] = place + 1
${at === '0' ? '' : `mail[place] = ${at}`}
} else if (number === ${unknownCell}) runOne(row, ${at}, ${entry})`
}

/** Runs chain by chain, and leaves none for the next time. */
const runCode = `for (let k = 0; k < kinds; k++) {
const number = met[k]
chain.first = firsts[number]
chain.base = from
firsts[number] = 0
runAll(number, chain)
}`

/** Links a row's message at `at`; if more follow, notes it for the next round. */
const mailCode = `${linkCode(`words[at + ${mailWord.type}]`, 'at')}
const next = at + frameWords(words[at])
if (next < starts[row + 1]) {
moreRows[more] = row
morePlaces[more++] = next
}`

/**
 * Cell by cell: in each round every row gets the next of its messages, all rows for which it does the same one after the other, and at last STEP. A
 * row's own events keep their order, and rows see nothing of each other. It is generated, so that it holds all arrays itself; `name` must be the
 * kind's own: V8 would let loops of the same text share what it learns.
 *
 * Rows are linked from the last one on: a chain grows at its head, so it runs upwards, and what its rows send is in order for the most part.
 *
 * To find out who goes together takes a few nanoseconds a row; it saves a call whose target nobody can foresee, and lets the code of each cell keep
 * in registers what is the same for all its rows.
 */
export function chainedLoop(name: string, scene: LoopScene, table: CellTable): Loop {
  const timers = Array.from({ length: scene.timers }, (_, i) => `(due[row * ${scene.timers} + ${i}] !== 0 && due[row * ${scene.timers} + ${i}] <= step)`).join(' || ')
  const body = `function first_${name}(from, to, hasMail, step) {
let kinds = 0
let more = 0
for (let row = to - 1; row >= from; row--) {
if (alive[row] !== 1) continue
${timers === '' ? '' : `if (${timers}) fireTimers(row)`}
if (!hasMail) continue
const at = starts[row]
if (at === starts[row + 1]) continue
${mailCode}
}
${runCode}
return more
}
function next_${name}(from, count) {
let kinds = 0
let more = 0
for (let i = 0; i < count; i++) {
const row = moreRows[i]
const at = morePlaces[i]
${mailCode}
}
${runCode}
return more
}
function tick_${name}(from, to) {
let kinds = 0
for (let row = to - 1; row >= from; row--) {
if (alive[row] !== 1) continue
${linkCode(String(scene.stepPlace), '0')}
}
${runCode}
}
return function loop_${name}(begin, end, hasMail, step) {
for (let from = begin; from < end; from += ${chunkRows}) {
const to = from + ${chunkRows} < end ? from + ${chunkRows} : end
let more = first_${name}(from, to, hasMail, step)
while (more > 0) more = next_${name}(from, more)
tick_${name}(from, to)
}
}`
  const { following, mail } = table.chains
  const room = { moreRows: new Uint32Array(mail.length), morePlaces: new Uint32Array(mail.length), met: new Uint32Array(mail.length), firsts: new Uint32Array(table.cellsMax) }
  const chain: Chain = { first: 0, base: 0 }
  return generate(body, { ...scene, ...table, ...room, following, mail, chain, frameWords, imul: Math.imul }) as Loop
}
