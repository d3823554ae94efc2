import { existsSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const sharedMemory = '/dev/shm'

/** Where files lie in memory; where there is no such file system, the folder for temporary files. */
export const memoryFolder: string = existsSync(sharedMemory) ? sharedMemory : tmpdir()

/** Does some work in a new folder, which is removed with all that is in it. */
export async function inFolder<Result>(work: (folder: string) => Result | Promise<Result>, parent = tmpdir()): Promise<Result> {
  const folder = await mkdtemp(join(parent, 'bench-metabonk-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
