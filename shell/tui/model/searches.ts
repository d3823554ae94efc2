import { findInRecording, partsOfRun, prepareFork, recordingInfo, whyRecording, type PreparedFork, type WhyResult } from '../../../actors/index.ts'
import { recordPath } from '../../record-path.ts'
import type { Stretch } from './model.ts'
import { joined } from './stretches.ts'

/** Where to look for stretches, and for how many. */
export interface SearchRange {
  readonly from: number
  readonly to: number
  /** The latest first. */
  readonly backwards: boolean
  readonly most: number
}

const hitsMost = 100_000

/** The parts of a run that may hold something of a range, with what of it they hold. */
function partsWithin(path: string, { from, to }: Stretch): { readonly path: string; readonly range: Stretch; readonly steps: number | undefined }[] {
  return partsOfRun(path)
    .map(({ path: file, first, end }) => ({ path: file, range: { from: Math.max(from, first), to: Math.min(to, end?.steps ?? Infinity) }, steps: end?.steps }))
    .filter(({ range }) => range.from <= range.to)
}

/** Whether the last stretch that was found may go on beyond what was looked at. */
function goesOn(found: readonly Stretch[], { from, to }: Stretch, backwards: boolean): boolean {
  return backwards ? found.at(0)?.from === from : found.at(-1)?.to === to
}

/**
 * The stretches at which a condition holds in a run, in order, as far as its parts are there. A stretch goes on over the end of a part, so the
 * next part is looked at as well where one does.
 */
async function stretchesIn(path: string, expression: string, { from, to, backwards, most }: SearchRange, signal: AbortSignal): Promise<readonly Stretch[]> {
  const parts = partsWithin(path, { from, to })
  if (backwards) parts.reverse()
  let found: Stretch[] = []
  for (const { path: file, range, steps } of parts) {
    const last = Math.min(range.to, steps ?? recordingInfo(file).steps)
    if (range.from > last) continue
    // Each agent it holds for has hits of its own.
    const { hits } = await findInRecording(file, expression, { from: range.from, to: last, backwards, most: most === 1 ? 1 : hitsMost, signal })
    found = joined([...found, ...hits])
    const surplus = found.length - most
    if (surplus > 0 || (surplus === 0 && !goesOn(found, { from: range.from, to: last }, backwards))) break
  }
  return (backwards ? found.reverse() : found).slice(0, most)
}

/** Prepares a fork of a run at a step, with changes as people write them, to be recorded beside the others. */
export function forkOf(path: string, { at, changes, signal }: { readonly at: number; readonly changes: readonly string[]; readonly signal: AbortSignal }): Promise<PreparedFork> {
  // A part ends where the next one begins; the run ends with the last of them.
  const { manifest, until, complete } = recordingInfo(partsOfRun(path).at(-1)?.path ?? path)
  const record = recordPath(`${manifest.world}-fork`, { seed: manifest.seed, record: true }) ?? ''
  const sets = changes.filter((each) => each.split('=')[0].includes('['))
  const overrides = changes.filter((each) => !sets.includes(each))
  // Of a run that still goes on it is not known yet where it will have ended.
  return prepareFork(path, { at, record, sets, overrides, ...(complete ? {} : { steps: until ?? Infinity }), signal })
}

/** Work on recordings that can be ended before it is done. */
export class Searches {
  private readonly all = new AbortController()
  private searching = new AbortController()

  /** Looks for stretches; a search that is under way is ended by it, with `stopped`. */
  find(path: string, expression: string, range: SearchRange): Promise<readonly Stretch[]> {
    this.searching.abort()
    const search = new AbortController()
    this.searching = search
    return this.until((all) => stretchesIn(path, expression, range, AbortSignal.any([all, search.signal])))
  }

  /** Asks why a value is what it is, in the parts before as well. */
  why(path: string, step: number, target: string): Promise<WhyResult> {
    return this.until((signal) => whyRecording(path, step, target, { signal, parts: true }))
  }

  /** Does work that is ended with all other. */
  until<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return work(this.all.signal)
  }

  /** Ends the search that is under way, or everything. */
  end(what: 'search' | 'all'): void {
    this.searching.abort()
    if (what === 'all') this.all.abort()
  }
}
