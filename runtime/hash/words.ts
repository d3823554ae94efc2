const spread = 0x85ebca77

/**
 * 64-bit hash of the words in [begin, end), of any number, into `out[0]` (low) and `out[1]` (high). Not for input chosen by an enemy.
 *
 * Every step is a bijection of the 64 bits for a given word, and of the word for given 64 bits: one changed word always changes the hash.
 */
export function hashWords(words: Uint32Array, begin: number, end: number, seedLow: number, seedHigh: number, out: Uint32Array): void {
  let low = take(seedLow, end - begin)
  let high = take(seedHigh, low)
  for (let at = begin; at < end; at++) {
    low = take(low, words[at])
    high = take(high, low)
  }
  out[0] = low
  out[1] = high
  seal(out)
}

/** 32 bits of state after a word: a bijection of either. */
export function take(state: number, word: number): number {
  const mixed = state ^ word
  return Math.imul(mixed ^ (mixed >>> 15), spread)
}

/** Spreads every bit of a 64-bit state (low, high) over all of it, one to one. */
export function seal(state: Uint32Array): void {
  let low = state[0] | 0
  let high = state[1] | 0
  for (let round = 0; round < 3; round++) {
    low = take(low, high)
    high = take(high, low)
  }
  state[0] = low ^ (low >>> 15)
  state[1] = high ^ (high >>> 15)
}
