/** What agents have come to: how many are in each state, and the sum of each field, by name. */
export type Digest = ReadonlyMap<string, number>

/** Agents of one library, all of which get the same events as those of the others. */
export interface Crowd {
  /** Runs steps [begin, end); gives the seconds of what is compared. */
  run(begin: number, end: number): number
  digest(): Digest
}

/** One agent as a digest sees it. */
export interface CrowdMember {
  /** Paths of its active leaf states. */
  readonly states: readonly string[]
  readonly context: Readonly<Record<string, unknown>>
}

/** Sums up agents, in their order: sums of f64 depend on it. */
export function digestOf(members: Iterable<CrowdMember>, fields: readonly string[]): Digest {
  const digest = new Map<string, number>()
  const add = (key: string, value: number): unknown => digest.set(key, (digest.get(key) ?? 0) + value)
  for (const { states, context } of members) {
    for (const state of states) add(`in ${state}`, 1)
    for (const field of fields) add(`sum of ${field}`, context[field] as number)
  }
  return digest
}

/** Throws unless two crowds have come to exactly the same. */
export function expectSame(name: string, found: Digest, wanted: Digest): void {
  for (const key of new Set([...found.keys(), ...wanted.keys()])) {
    if (found.get(key) !== wanted.get(key)) throw new Error(`${name} came to ${found.get(key) ?? 0} ${key}, not ${wanted.get(key) ?? 0}`)
  }
}
