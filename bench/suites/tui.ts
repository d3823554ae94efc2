import { join } from 'node:path'
import { prepareWorld, runWorld } from '../../actors/index.ts'
import { inFolder } from '../harness/folder.ts'
import { seed } from '../harness/runs.ts'
import { metricOf, quantileOf, suiteOf, type Metric, type Metrics, type Suite } from '../harness/suite.ts'
import { drawFor, frameMillis, mainThreadSeconds, paintMillis, withScreen, type Paint, type WatchedRun } from '../models/watched-run.ts'

interface Counts {
  readonly warmMillis: number
  readonly windowMillis: number
  readonly windows: number
  /** Pairs of a stretch that is looked at and one that is not. */
  readonly pairs: number
  readonly pairMillis: number
  readonly paints: number
  readonly scrolls: number
  /** Agents of the flock that is looked at, and of the one that is scrolled through. */
  readonly agents: number
  readonly rows: number
}

const fullCounts: Counts = { warmMillis: 4000, windowMillis: 4000, windows: 5, pairs: 20, pairMillis: 1500, paints: 7, scrolls: 300, agents: 10_000, rows: 100_000 }
const quickCounts: Counts = { warmMillis: 200, windowMillis: 200, windows: 1, pairs: 1, pairMillis: 200, paints: 1, scrolls: 5, agents: 500, rows: 2000 }

function wanted(what: string, metric: Metric): Metric {
  return { ...metric, wanted: what }
}

function flock(agents: number): string[] {
  return [`agents=${agents}`, `size=${Math.round(100 * Math.sqrt(agents / 200))}`]
}

/** What the screen takes of its thread. */
async function costOf({ screen, sent }: WatchedRun, { warmMillis, windowMillis, windows }: Counts): Promise<Metrics & { readonly 'tui.frame_p50_ms': Metric }> {
  await drawFor(screen, warmMillis, () => undefined)
  const frames: number[] = []
  const shares: number[] = []
  const bytes = sent()
  for (let window = 0; window < windows; window++) {
    const before = mainThreadSeconds()
    const begin = performance.now()
    await drawFor(screen, windowMillis, (millis) => frames.push(millis))
    const after = mainThreadSeconds()
    if (before !== undefined && after !== undefined) shares.push((100_000 * (after - before)) / (performance.now() - begin))
  }
  return {
    ...(shares.length === 0 ? {} : { 'tui.core_share': wanted('<= 8', metricOf(shares, '%')) }),
    'tui.frame_p50_ms': wanted('<= 3', quantileOf(frames, 0.5, 'ms')),
    'tui.frame_p99_ms': wanted('<= 10', quantileOf(frames, 0.99, 'ms')),
    'tui.frame_bytes': metricOf([(sent() - bytes) / frames.length], 'B'),
  }
}

/** How much slower a run is while it is looked at: stretches of the same run in turns. */
async function slowdownOf({ screen, session }: WatchedRun, { pairs, pairMillis, warmMillis }: Counts): Promise<number[]> {
  const pace = async (look: boolean): Promise<number> => {
    const [from, begin] = [(await session.vitals()).step, performance.now()]
    await (look ? drawFor(screen, pairMillis, () => undefined) : new Promise((resolve) => setTimeout(resolve, pairMillis)))
    return ((await session.vitals()).step - from) / (performance.now() - begin)
  }
  await drawFor(screen, warmMillis, () => undefined)
  const changes: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const first = await pace(pair % 2 === 0)
    const second = await pace(pair % 2 !== 0)
    const [watched, alone] = pair % 2 === 0 ? [first, second] : [second, first]
    if (alone > 0) changes.push(100 * (1 - watched / alone))
  }
  return changes
}

async function watchMetrics(counts: Counts): Promise<Metrics> {
  const overrides = flock(counts.agents)
  const one = await withScreen({ world: 'flocking', overrides, workers: 1 }, async (run) => ({ ...(await costOf(run, counts)), 'tui.slowdown_one_worker': wanted('<= 2', metricOf(await slowdownOf(run, counts), '%')) }))
  const two = await withScreen({ world: 'flocking', overrides, workers: 2 }, async (run) => ({ 'tui.slowdown_two_workers': metricOf(await slowdownOf(run, counts), '%') }))
  const arena = await withScreen({ world: 'arena', overrides: ['agents=1024', 'map=256'], workers: 1 }, (run) => costOf(run, counts))
  return { ...one, ...two, ...Object.fromEntries(Object.entries(arena).map(([name, metric]) => [name.replace('tui.', 'tui.arena_'), { ...metric, wanted: undefined }])) }
}

/** From the start of the command to the first picture. */
async function paintMetrics({ paints }: Counts, note: (what: string) => void): Promise<Metrics> {
  return await inFolder(async (folder): Promise<Metrics> => {
    const path = join(folder, 'flocking.mcap')
    await runWorld({ world: await prepareWorld('flocking'), seed, workers: 1, steps: 50, record: path })
    const all: Paint[] = []
    for (let paint = 0; paint < paints; paint++) {
      const taken = await paintMillis(['replay', path, '--tui'])
      if (taken !== undefined) all.push(taken)
    }
    if (all.length > 0) return { 'tui.first_paint_ms': wanted('<= 300', metricOf(all.map(({ first }) => first), 'ms')), 'tui.first_view_ms': metricOf(all.map(({ run }) => run), 'ms') }
    note('first paint: there is no `script` here to make a terminal with')
    return {}
  })
}

/** From a key in the table of many agents to the picture that shows what it did. */
async function scrollMetrics({ rows, scrolls, warmMillis }: Counts): Promise<Metrics> {
  return await withScreen({ world: 'flocking', overrides: flock(rows), workers: 1 }, async ({ screen, app, session }) => {
    await session.setPaused(true)
    await drawFor(screen, warmMillis, () => undefined)
    await app.perform('focus agents')
    await app.perform('sort velocity')
    await drawFor(screen, warmMillis, () => undefined)
    const millis: number[] = []
    for (let scroll = 0; scroll < scrolls; scroll++) {
      const begin = performance.now()
      await app.perform(scroll % 7 === 6 ? 'move page' : 'move 1')
      await screen.frame(begin)
      await screen.frame(begin + frameMillis)
      millis.push(performance.now() - begin)
    }
    return { 'tui.scroll_p50_ms': quantileOf(millis, 0.5, 'ms'), 'tui.scroll_p99_ms': wanted(`<= ${frameMillis}`, quantileOf(millis, 0.99, 'ms')) }
  })
}

/** The screen in the terminal: what looking costs, and whom. */
export const tui: Suite = suiteOf('tui', { full: fullCounts, quick: quickCounts }, [
  { what: 'what the screen costs', measure: watchMetrics },
  { what: 'the first picture', measure: paintMetrics },
  { what: 'scrolling through many agents', measure: scrollMetrics },
])
