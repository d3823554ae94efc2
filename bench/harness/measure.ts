import { Bench } from 'tinybench'

/** Seconds that `work` takes. */
export function secondsOf(work: () => void): number {
  const begin = performance.now()
  work()
  return (performance.now() - begin) / 1000
}

/** Seconds until `work` has ended. */
export async function secondsUntil(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1000
}

/** Two ways of doing the same work, for comparison. Each call gives its seconds, or what else it is measured in. */
export interface Pair {
  readonly first: () => number | Promise<number>
  readonly second: () => number | Promise<number>
}

/** What both ways took, round by round. */
export interface PairSamples {
  readonly first: number[]
  readonly second: number[]
  /** second / first of each round. */
  readonly ratios: number[]
}

/** Measures two ways in turns, the order changing every round, so that what else the machine does hits both alike. */
export async function interleave(pair: Pair, rounds: number): Promise<PairSamples> {
  const samples: PairSamples = { first: [], second: [], ratios: [] }
  for (let round = 0; round < rounds; round++) {
    const early = round % 2 === 0 ? await pair.first() : await pair.second()
    const late = round % 2 === 0 ? await pair.second() : await pair.first()
    const [first, second] = round % 2 === 0 ? [early, late] : [late, early]
    samples.first.push(first)
    samples.second.push(second)
    samples.ratios.push(second / first)
  }
  return samples
}

/** Repeats things that are compared in turns, so that what else the machine does hits all alike; gives the samples of each. */
export async function inTurns<Name extends string>(rounds: number, things: Readonly<Record<Name, () => Promise<number | undefined>>>): Promise<Record<Name, number[]>> {
  const names = Object.keys(things) as Name[]
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const sample = await things[name]()
      if (sample !== undefined) samples[name].push(sample)
    }
  }
  return samples
}

/** Seconds of each of many repetitions of short work in this thread, after a warm-up. */
export async function repeat(name: string, work: () => void, options: { readonly millis: number }): Promise<readonly number[]> {
  const bench = new Bench({ time: options.millis, iterations: 8, warmupTime: options.millis / 2, warmupIterations: 4, retainSamples: true, throws: true })
  bench.add(name, work)
  const [task] = await bench.run()
  const { result } = task
  if (result.state !== 'completed') throw new Error(`${name} was not measured: ${result.state}`)
  return (result.latency.samples ?? []).map((millis) => millis / 1000)
}
