import { readFileSync } from 'node:fs'
import { callInChild } from './child.ts'
import { interleave } from './measure.ts'

/** A small heap, and a way to empty it. */
const flags = ['--expose-gc', '--max-semi-space-size=1'] as const
/** glibc gives back at once what is freed, and does not learn to keep it: else a size that needs more at its start is lent what it has freed later. */
const environment = { MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_TRIM_THRESHOLD_: '65536' } as const
/** What a collection finds is freed beside it, and is gone for certain at the end of the next. */
const collections = 3

/** Bytes of memory that this process has for itself while something is held, garbage left out. For functions that {@link bytesOfEach} calls. */
export function residentWith(held: object): number {
  const holder = new Set([held])
  for (let i = 0; i < collections; i++) globalThis.gc?.()
  const bytes = ownBytes()
  return holder.has(held) ? bytes : 0
}

/** Where the system tells it, memory that is in no file: how much of Node's own code has been read is another matter. */
function ownBytes(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss()
  const told = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  return told === null ? process.memoryUsage.rss() : 1024 * Number(told[1])
}

/** A function that makes as many of something as it is told, and returns what {@link residentWith} says of them. */
export interface Resident {
  /** Compiled module that exports the function. */
  readonly url: string
  readonly name: string
}

/** Bytes that each of many adds to a process that holds a few: by pairs of processes, one with a few, one with many. */
export async function bytesOfEach({ url, name }: Resident, { few, many, pairs }: { readonly few: number; readonly many: number; readonly pairs: number }): Promise<number[]> {
  const resident = (argument: number) => (): Promise<number> => callInChild<number>({ url, name, argument, flags, environment })
  const { first, second } = await interleave({ first: resident(few), second: resident(many) }, pairs)
  return second.map((bytes, pair) => (bytes - first[pair]) / (many - few))
}
