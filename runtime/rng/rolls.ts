import { domains, fraction, philoxWork, placeCounter, scopeKey, streamKey, type RngKey } from './key.ts'
import { counterAt, outputAt, philox4x32 } from './philox.ts'

/**
 * Random numbers with names instead of an order, for guards: however often and in whatever order they are asked for, the answer for
 * (step, agent, name) stays the same. They never meet the draws of an `Rng` of the same key. Allocates nothing when asked.
 *
 * @example
 * const rolls = createRolls(42, streamId('sheep', '', 'machine'))
 * rolls.rollOf(7, 3, hashText('startle'))   // 0.8237616875323306
 */
export class Rolls {
  private readonly key: RngKey
  private readonly work: Int32Array

  constructor(key: RngKey) {
    this.key = key
    this.work = philoxWork(key)
  }

  /** The float in [0, 1), a multiple of 2^-53, of a name (u32, see `hashText`) for an agent (u32) in a step (safe integer). */
  rollOf(step: number, agent: number, name: number): number {
    const work = this.work
    placeCounter(work, domains.roll, step, agent)
    work[counterAt] = name
    philox4x32(work)
    return fraction(work[outputAt], work[outputAt + 1])
  }

  /** The same stream for one episode (safe integer) in one arena (u32), with a step count of its own. */
  scope(arena: number, episode: number): Rolls {
    return new Rolls(scopeKey(this.key, arena, episode))
  }
}

/** Rolls of a stream (u32, see `streamId`) under a seed (see `seedKey`). */
export function createRolls(seed: number | bigint, stream: number): Rolls {
  return new Rolls(streamKey(seed, stream))
}
