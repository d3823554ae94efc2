import { execFile, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../runtime/host/index.ts'

const run = promisify(execFile)

/** Source of the C++ ring and its measurements. */
export const ringSource = join(packageRoot, 'bench', 'peers', 'ring_bench.cc')

/** The C++ compiler of this machine, when there is one. */
export function cppCompiler(): string | undefined {
  const named = process.env['CXX']
  return [...(named === undefined ? [] : [named]), 'c++', 'g++', 'clang++'].find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0)
}

/** A stream of messages from one thread to another. */
export interface Stream {
  readonly recordBytes: 16 | 64
  /** Records the ring holds, a power of two. */
  readonly capacity: number
  /** Records a publish hands over at most. */
  readonly batch: number
  readonly messages: number
}

/** Times of a pair of threads. */
export interface PairTimes {
  readonly nanosecondsP50: number
  readonly nanosecondsP99: number
}

/** The same rings in C++, compiled for this machine. Each call is a process of its own; a wrong word is an error. */
export interface NativePeer {
  /** Messages per second through the C++ ring. */
  readonly ring: (stream: Stream) => Promise<number>
  /** Messages per second through boost::lockfree::spsc_queue; undefined where Boost is not installed. */
  readonly boost: (stream: Stream) => Promise<number | undefined>
  readonly roundTrips: (pairs: { readonly recordBytes: 16 | 64; readonly capacity: number; readonly trips: number }) => Promise<PairTimes>
  /** Meetings of two threads that look at a word each: the least that any message between them takes. */
  readonly looks: (meetings: number) => Promise<PairTimes>
  /** Meetings of two threads that sleep on futexes; undefined on other systems than Linux. */
  readonly futex: (meetings: number) => Promise<PairTimes | undefined>
  /** Removes the program. */
  readonly close: () => void
}

/** Compiles the C++ peers into a temporary folder; undefined without a compiler. */
export async function compileNativePeer(): Promise<NativePeer | undefined> {
  const compiler = cppCompiler()
  if (compiler === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'metabonk-peer-'))
  const close = (): void => rmSync(folder, { recursive: true, force: true })
  const program = join(folder, 'ring_bench')
  try {
    await run(compiler, ['-O3', '-std=c++20', '-pthread', ringSource, '-o', program])
  } catch (error) {
    close()
    throw error
  }
  const ask = async <Answer>(mode: string, ...numbers: number[]): Promise<Answer> => JSON.parse((await run(program, [mode, ...numbers.map(String)])).stdout) as Answer
  const rate = async (mode: string, { recordBytes, capacity, batch, messages }: Stream): Promise<number | undefined> => {
    const { messagesPerSecond } = await ask<{ messagesPerSecond: number | null }>(mode, recordBytes, capacity, batch, messages)
    return messagesPerSecond ?? undefined
  }
  return {
    ring: async (stream) => (await rate('stream', stream)) ?? Number.NaN,
    boost: (stream) => rate('boost', stream),
    roundTrips: ({ recordBytes, capacity, trips }) => ask('round-trip', recordBytes, capacity, trips),
    looks: (meetings) => ask('look', meetings),
    futex: async (meetings) => {
      const { nanosecondsP50, nanosecondsP99 } = await ask<{ nanosecondsP50: number | null; nanosecondsP99: number | null }>('futex', meetings)
      return nanosecondsP50 === null || nanosecondsP99 === null ? undefined : { nanosecondsP50, nanosecondsP99 }
    },
    close,
  }
}
