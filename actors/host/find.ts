import { MetabonkError, parseQuery } from '../../runtime/index.ts'
import type { Hit } from '../travel/jobs.ts'
import { programOf, stepWithin } from '../travel/opened-run.ts'
import { checkCondition, scopeOf } from '../travel/query.ts'
import { spansBetween } from '../travel/spans.ts'
import { openRun, type LoadedRun, type ReplayOptions } from './recorded.ts'
import { replaySpans } from './span-pool.ts'

/** Options of {@link findInRecording}. */
export interface FindOptions extends ReplayOptions {
  /** First step to look at. Default 0. */
  readonly from?: number
  /** Last step to look at. Default: the last. */
  readonly to?: number
  /** Look from the last step backwards: the latest hits first. */
  readonly backwards?: boolean
  /** Most hits to be told. Default 20. */
  readonly most?: number
}

/** Steps of a recorded run at which a condition holds. */
export interface Found {
  /** The kind whose rows are looked at; undefined for a condition on the state as a whole. */
  readonly kind: string | undefined
  /** Runs of steps, by their first step (backwards: by their last, latest first). */
  readonly hits: readonly Hit[]
  /** There are more hits than were asked for. */
  readonly more: boolean
  readonly seconds: number
}

const mostDefault = 20
/** Hits of one span, when all are wanted. */
const hitsMost = 1_000_000

/**
 * Looks for the steps of a recorded run at which a condition holds, such as `enemy.health < 5 and state == 'fleeing'`: replays it in parallel, part by part, and
 * stops when it has enough. Throws `usage` for an expression that the world can't be asked.
 */
export async function findInRecording(path: string, expression: string, options: FindOptions = {}): Promise<Found> {
  const run = await openRun(path, options)
  const query = parseQuery(expression, scopeOf(programOf(run), run.definition))
  checkCondition(query)
  const first = stepWithin(run, options.from ?? run.recording.first)
  const last = stepWithin(run, options.to ?? run.recording.steps)
  if (first > last) throw new MetabonkError({ code: 'usage', what: `there is no step from ${first} to ${last}`, where: path, todo: 'give --from before --to' })
  const most = options.most ?? mostDefault
  const search: Search = { run, query: expression, first, last, most, backwards: options.backwards === true }
  const { hits, more, seconds } = await searchSpans(search, options)
  return { kind: query.subject?.name, hits: hits.slice(0, most), more: more || hits.length > most, seconds }
}

interface Search {
  readonly run: LoadedRun
  readonly query: string
  readonly first: number
  readonly last: number
  readonly most: number
  readonly backwards: boolean
}

/** Looks through the spans until there are enough hits, and none of these goes on beyond what was looked at. */
async function searchSpans({ run, query, first, last, most, backwards }: Search, options: ReplayOptions): Promise<Pick<Found, 'hits' | 'more' | 'seconds'>> {
  // The state a part starts from belongs to the part before it.
  let spans = spansBetween(run.recording, Math.max(run.recording.first, first - 1), last)
  if (backwards) spans.reverse()
  let hits: Hit[] = []
  let [more, seconds, enough] = [false, 0, false]
  while (spans.length > 0 && !enough) {
    // Once there are enough hits, the last of them may go on: that is looked at span by span.
    const isEnough = hits.length > most
    const found = await replaySpans(run, { form: 'find', query, first, hitsMax: isEnough ? hitsMost : most + 1, backwards }, isEnough ? spans.slice(0, 1) : spans, options)
    const done = spans.slice(0, found.results.length)
    spans = spans.slice(done.length)
    hits = joined([...hits, ...found.results.flatMap((each) => each.hits ?? [])])
    if (backwards) hits.sort((a, b) => b.to - a.to || a.row - b.row)
    more ||= found.results.some((each) => each.more === true)
    seconds += found.seconds
    const edge = done[done.length - 1]
    enough = hits.length > most && hits.slice(0, most).every(({ from, to }) => (backwards ? from > edge.from + 1 : to < edge.to))
  }
  return { hits, more, seconds }
}

/** Hits that go on over the end of a span are one. */
function joined(hits: readonly Hit[]): Hit[] {
  const all: Hit[] = []
  const open = new Map<number, number>()
  for (const hit of [...hits].sort((a, b) => a.from - b.from || a.row - b.row)) {
    const place = open.get(hit.row)
    if (place !== undefined && all[place].to === hit.from - 1) {
      all[place] = { ...all[place], to: hit.to }
      continue
    }
    open.set(hit.row, all.length)
    all.push(hit)
  }
  return all
}
