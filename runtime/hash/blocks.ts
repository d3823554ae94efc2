/**
 * Hash of the blocks of a column, made so that C++ runs it in vector registers and JavaScript in locals with the same bits.
 *
 * A block is rows of eight words, and each row goes through eight 32-bit lanes. A word enters its own lane before the multiplication and
 * the lane beside it, halves exchanged, after: two unlike traces in 64 bits of state. Then the even lanes go into the low half of the
 * hash, which holds seed and block index, the odd lanes into the high half, which holds seed and word count, and both halves are sealed.
 * Each of these is a bijection of its lane: one changed word always changes the hash. Other changes keep it with a chance of about 2^-64.
 */
import { assert } from '../errors.ts'
import { hashJobWords } from '../kernels.ts'
import { seal, take } from './words.ts'

const laneCount = 8
const laneStep = 0x9e3779b9
/** Multipliers of the even and the odd lanes. */
const spreadEven = 0x9e3779b1
const spreadOdd = 0xc2b2ae3f

/** Element classes of a hash job; that of a float is its number of words. */
const plain = 0
const float32 = 1
const float64 = 2

const magnitude = 0x7fffffff
const infinity32 = 0x7f800000
const infinity64 = 0x7ff00000
/** By element class: beyond this magnitude a word may be (the high word of) a NaN. */
const numberMax = [magnitude, infinity32, infinity64 - 1] as const

/** `Kernels.hashBlocks` in plain TypeScript: the specification of the native one. */
export function hashBlocksTwin(memory: Uint32Array, jobs: Uint32Array, jobCount: number, sums: Uint32Array): void {
  assert(jobCount * hashJobWords <= jobs.length && jobCount * 2 <= sums.length, 'every hash job has its words and its sum')
  const hash = new Uint32Array(2)
  for (let job = 0; job < jobCount; job++) {
    const blocks = readJob(jobs, job * hashJobWords)
    assert(blocks.words % laneCount === 0 && blocks.elementClass <= float64, 'a hashed block has rows of eight words of a known class')
    assert(blocks.first <= blocks.end && blocks.offset + blocks.end * blocks.words <= memory.length, 'hashed blocks lie in memory')
    let low = 0
    let high = 0
    for (let index = blocks.first; index < blocks.end; index++) {
      hashBlock(memory, blocks, index, hash)
      low = (low + hash[0]) | 0
      high = (high + hash[1]) | 0
    }
    sums[job * 2] = low
    sums[job * 2 + 1] = high
  }
}

interface Blocks {
  readonly offset: number
  readonly words: number
  readonly elementClass: number
  readonly first: number
  readonly end: number
  readonly seedLow: number
  readonly seedHigh: number
}

function readJob(jobs: Uint32Array, at: number): Blocks {
  return {
    offset: jobs[at],
    words: jobs[at + 1],
    elementClass: jobs[at + 2],
    first: jobs[at + 3],
    end: jobs[at + 4],
    seedLow: jobs[at + 5] | 0,
    seedHigh: jobs[at + 6] | 0,
  }
}

function hashBlock(memory: Uint32Array, blocks: Blocks, index: number, hash: Uint32Array): void {
  const from = blocks.offset + index * blocks.words
  enter(blocks, index, hash)
  if (absorb(memory, from, blocks, hash)) {
    enter(blocks, index, hash)
    absorb(canonical(memory.slice(from, from + blocks.words), blocks.elementClass), 0, blocks, hash)
  }
  seal(hash)
}

function enter(blocks: Blocks, index: number, hash: Uint32Array): void {
  hash[0] = take(blocks.seedLow, index)
  hash[1] = take(blocks.seedHigh, blocks.words)
}

/** Runs one block through fresh lanes and these into `hash`. True when there may be a NaN: then the block must go in as `canonical`. */
function absorb(memory: Uint32Array, from: number, { words, elementClass }: Blocks, hash: Uint32Array): boolean {
  let a0 = laneStep | 0
  let a1 = (a0 + laneStep) | 0
  let a2 = (a1 + laneStep) | 0
  let a3 = (a2 + laneStep) | 0
  let a4 = (a3 + laneStep) | 0
  let a5 = (a4 + laneStep) | 0
  let a6 = (a5 + laneStep) | 0
  let a7 = (a6 + laneStep) | 0
  let excess = 0
  const max = numberMax[elementClass] | 0
  const end = from + words
  // Two words at a time: with all eight loaded first, V8 runs out of registers and loses 15 %.
  for (let at = from; at < end; at += laneCount) {
    const w0 = memory[at]
    const w1 = memory[at + 1]
    a0 = (turn(a0 ^ w0, spreadEven) + swap(w1)) | 0
    a1 = (turn(a1 ^ w1, spreadOdd) + swap(w0)) | 0
    const w2 = memory[at + 2]
    const w3 = memory[at + 3]
    a2 = (turn(a2 ^ w2, spreadEven) + swap(w3)) | 0
    a3 = (turn(a3 ^ w3, spreadOdd) + swap(w2)) | 0
    const w4 = memory[at + 4]
    const w5 = memory[at + 5]
    a4 = (turn(a4 ^ w4, spreadEven) + swap(w5)) | 0
    a5 = (turn(a5 ^ w5, spreadOdd) + swap(w4)) | 0
    const w6 = memory[at + 6]
    const w7 = memory[at + 7]
    a6 = (turn(a6 ^ w6, spreadEven) + swap(w7)) | 0
    a7 = (turn(a7 ^ w7, spreadOdd) + swap(w6)) | 0
    if (elementClass !== plain) excess |= room(w1, max) | room(w3, max) | room(w5, max) | room(w7, max)
    if (elementClass === float32) excess |= room(w0, max) | room(w2, max) | room(w4, max) | room(w6, max)
  }
  hash[0] = take(take(take(take(hash[0], a0), a2), a4), a6)
  hash[1] = take(take(take(take(hash[1], a1), a3), a5), a7)
  return excess < 0
}

function turn(word: number, spread: number): number {
  return Math.imul((word << 13) | (word >>> 19), spread)
}

/** Exchanges the 16-bit halves. Without it, 234 pairs among the 490,000 of two f32 integers below 700, eight words apart, share a hash. */
function swap(word: number): number {
  return (word << 16) | (word >>> 16)
}

/** Negative when the magnitude in a word is beyond `max`. */
function room(word: number, max: number): number {
  return (max - (word & magnitude)) | 0
}

/** Gives every NaN among the words the one bit pattern that counts: 0x7fc00000 as f32, 0x7ff8000000000000 as f64. */
function canonical(words: Uint32Array, elementClass: number): Uint32Array {
  for (let at = 0; at < words.length; at += elementClass) {
    if (elementClass === float32) {
      if (room(words[at], infinity32) < 0) words[at] = 0x7fc00000
    } else if (room(words[at + 1], infinity64) < (words[at] === 0 ? 0 : 1)) {
      words[at] = 0
      words[at + 1] = 0x7ff80000
    }
  }
  return words
}
