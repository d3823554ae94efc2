/**
 * Where a random number comes from. Every number is one word of one Philox block, and the block is named by
 *
 * ```
 *   key      64 bits   hash of (seed, stream), or of (parent key, arena, episode) below a scope
 *   word 0   32 bits   draw: how many blocks this agent has used in this step; for a roll, the hash of its name
 *   word 1   32 bits   agent: the row
 *   word 2   32 bits   step, low bits
 *   word 3   21 bits   step, high bits
 *            11 bits   domain: what the block is for
 * ```
 *
 * Step, agent and draw stand in the counter as they are, so under one key no two of them share a block; a roll can't meet a draw, for
 * their domains differ. Only the stream is hashed, into the key, by a Philox block in a domain of its own under the seed as key:
 * 128 bits cut to 64, so streams of one seed, or the same stream of two seeds, are as unrelated as two random keys.
 */
import { assert, MetabonkError } from '../errors.ts'
import { counterAt, keyAt, outputAt, philox4x32, philoxWords } from './philox.ts'

/** A 64-bit Philox key, as two u32. */
export interface RngKey {
  readonly low: number
  readonly high: number
}

/** What a block is for: the upper 11 bits of its counter. */
export const domains = { draw: 0, roll: 1, stream: 2, scope: 3 } as const
export type Domain = (typeof domains)[keyof typeof domains]

const two32 = 0x1_0000_0000
const domainShift = 21

/**
 * The key of a seed: its low and high 32 bits.
 *
 * @param seed a safe integer from 0, or a bigint of up to 64 bits. The same number in either form is the same seed.
 * @throws MetabonkError `config` for anything else.
 */
export function seedKey(seed: number | bigint): RngKey {
  const fits = typeof seed === 'bigint' ? seed >= 0n && seed < 1n << 64n : Number.isSafeInteger(seed) && seed >= 0
  if (!fits) {
    throw new MetabonkError({
      code: 'config',
      what: `seed ${String(seed)} is no seed`,
      todo: `give an integer from 0 to ${String(Number.MAX_SAFE_INTEGER)}, or a bigint below 2n ** 64n`,
    })
  }
  const wide = BigInt(seed)
  return { low: Number(wide & 0xffff_ffffn), high: Number(wide >> 32n) }
}

/** The key of one stream (u32, see `streamId`) under a seed. */
export function streamKey(seed: number | bigint, stream: number): RngKey {
  return derive(seedKey(seed), domains.stream, 0, stream)
}

/** The key of one episode (safe integer) in one arena (u32) below another key. */
export function scopeKey(parent: RngKey, arena: number, episode: number): RngKey {
  return derive(parent, domains.scope, episode, arena)
}

/** A Philox work array under a key, its counter at zero. */
export function philoxWork(key: RngKey): Int32Array {
  const work = new Int32Array(philoxWords)
  work[keyAt] = key.low
  work[keyAt + 1] = key.high
  return work
}

/** Writes the counter words above word 0: domain, step (safe integer from 0) and agent (u32). Throws `world-invalid` for no such agent. */
export function placeCounter(work: Int32Array, domain: Domain, step: number, agent: number): void {
  assert(Number.isSafeInteger(step) && step >= 0, 'a step is a safe integer from 0')
  if (agent >>> 0 !== agent) throw new MetabonkError({ code: 'world-invalid', what: `a random stream has no agent ${String(agent)}`, todo: 'give a row, an integer from 0' })
  const low = step >>> 0
  work[counterAt + 1] = agent
  work[counterAt + 2] = low
  work[counterAt + 3] = (step - low) / two32 | (domain << domainShift)
}

/** The 53-bit fraction in [0, 1) of two random words. */
export function fraction(high: number, low: number): number {
  return ((high >>> 5) * 0x400_0000 + (low >>> 6)) / 0x20_0000_0000_0000
}

function derive(key: RngKey, domain: Domain, step: number, agent: number): RngKey {
  const work = philoxWork(key)
  placeCounter(work, domain, step, agent)
  philox4x32(work)
  return { low: work[outputAt] >>> 0, high: work[outputAt + 1] >>> 0 }
}
