import { assert, MetabonkError } from '../errors.ts'
import { cos, log } from '../math/index.ts'
import { cosSin } from '../math/trig.ts'
import { domains, fraction, philoxWork, placeCounter, scopeKey, streamKey, type RngKey } from './key.ts'
import { counterAt, mulHigh, outputAt, philox4x32, philoxWords } from './philox.ts'

const two32 = 0x1_0000_0000
const tau = 6.283185307179586

/** What {@link Rng.pick} reads from: an array or a typed array. */
interface Items<T> {
  readonly length: number
  readonly [index: number]: T
}

/**
 * Random numbers of one stream. The numbers of (step, agent) are a pure function of key, step and agent: how much was drawn for
 * another agent, in another step or stream never shifts them. One object serves all agents in turn and allocates nothing.
 *
 * @example
 * const rng = createRng(42, streamId('sheep', 'wander', 'turn'))
 * rng.at(0, 0).u32()      // 1511950354
 * rng.at(7, 3).unit()     // 0.3568167086668429
 * rng.at(7, 3).below(6)   // 2
 * rng.at(7, 3).normal()   // -0.32532536027528847
 */
export class Rng {
  private readonly key: RngKey
  private readonly work: Int32Array
  private next = philoxWords
  private draw = 0

  /** Stands at step 0, agent 0, draw 0. */
  constructor(key: RngKey) {
    this.key = key
    this.work = philoxWork(key)
  }

  /** Goes to draw 0 of an agent (u32) in a step (safe integer). */
  at(step: number, agent: number): this {
    placeCounter(this.work, domains.draw, step, agent)
    this.draw = 0
    this.next = philoxWords
    return this
  }

  /** The same stream for one episode (safe integer) in one arena (u32), with a step count of its own. */
  scope(arena: number, episode: number): Rng {
    return new Rng(scopeKey(this.key, arena, episode))
  }

  /** An integer in [0, 2^32). */
  u32(): number {
    return this.word() >>> 0
  }

  /** A float in [0, 1), a multiple of 2^-53; takes two words. */
  unit(): number {
    const high = this.word()
    return fraction(high, this.word())
  }

  /** So many floats of {@link unit} as `into[at]` and on, so that none becomes an object on the heap. No f32 array: one of them may be 1 there. */
  units(into: number[] | Float64Array, at: number, count: number): void {
    for (let i = at; i < at + count; i++) {
      const high = this.word()
      into[i] = fraction(high, this.word())
    }
  }

  /** A float in [0, 1) that an f32 holds exactly: a multiple of 2^-24. */
  unitF32(): number {
    return (this.word() >>> 8) / 0x100_0000
  }

  /**
   * An integer in [0, count), each equally likely. Source: Lemire, "Fast random integer generation in an interval", 2019.
   *
   * @param count an integer from 1 to 2^32.
   * @throws MetabonkError `world-invalid` for any other count.
   */
  below(count: number): number {
    if (count >>> 0 !== count || count === 0) return this.edge(count)
    let word = this.word()
    if (Math.imul(word, count) >>> 0 < count) {
      const biased = (two32 - count) % count
      while (Math.imul(word, count) >>> 0 < biased) word = this.word()
    }
    return mulHigh(word, count) >>> 0
  }

  /**
   * An integer from `low` to `high`, both included.
   *
   * @throws MetabonkError `world-invalid` unless both are safe integers with at most 2^32 values between them.
   */
  between(low: number, high: number): number {
    const count = high - low + 1
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || count < 1 || count > two32) {
      throw noAnswer(`between(${String(low)}, ${String(high)})`, 'give two integers in ascending order, at most 2^32 values apart')
    }
    return low + this.below(count)
  }

  /** A float of the normal distribution with mean 0 and deviation 1 (Box-Muller, one of the pair); takes four words. */
  normal(): number {
    const radius = Math.sqrt(-2 * log(1 - this.unit()))
    return radius * cos(tau * this.unit())
  }

  /** A direction in the plane, each equally likely: cosine and sine of an angle as `into[at]` and `into[at + 1]`, so that neither becomes an object on the heap; takes two words. */
  direction(into: Record<number, number>, at: number): void {
    const high = this.word()
    cosSin(tau * fraction(high, this.word()), into, at)
  }

  /**
   * True with the given probability: never for 0, always for 1.
   *
   * @throws MetabonkError `world-invalid` for NaN.
   */
  chance(probability: number): boolean {
    if (Number.isNaN(probability)) throw noAnswer('chance(NaN)', 'check what the probability is computed from')
    return this.unit() < probability
  }

  /**
   * One of the items, each equally likely.
   *
   * @throws MetabonkError `world-invalid` when there is none.
   */
  pick<T>(items: Items<T>): T {
    if (items.length === 0) throw noAnswer('pick from nothing', 'check for an empty array first')
    return items[this.below(items.length)]
  }

  /** Puts an array or typed array in random order, in place: swaps from the last item down (Fisher-Yates). */
  shuffle<T>(items: { readonly length: number; [index: number]: T }): void {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.below(last + 1)
      const item = items[last]
      items[last] = items[other]
      items[other] = item
    }
  }

  /** As i32, which V8 returns without a heap number. */
  private word(): number {
    if (this.next === philoxWords) this.refill()
    return this.work[this.next++]
  }

  private refill(): void {
    assert(this.draw < two32, 'an agent draws fewer than 2^34 words in a step')
    this.work[counterAt] = this.draw++
    philox4x32(this.work)
    this.next = outputAt
  }

  /** `below` at the ends of its range. */
  private edge(count: number): number {
    if (count === two32) return this.u32()
    throw noAnswer(`below(${String(count)})`, 'give an integer from 1 to 4294967296')
  }
}

/** Random numbers of a stream (u32, see `streamId`) under a seed (see `seedKey`). */
export function createRng(seed: number | bigint, stream: number): Rng {
  return new Rng(streamKey(seed, stream))
}

function noAnswer(asked: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'world-invalid', what: `random ${asked} has no answer`, todo })
}
