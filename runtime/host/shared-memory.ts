import { closeSync } from 'node:fs'
import { loadSharedMemory, type MappedMemory, type SharedMemoryPort } from '../../native/index.ts'
import { MetabonkError } from '../errors.ts'
import { attachSlab, formatSlab, slabBytes, type Region, type RegionPlan, type Slab } from '../slab/slab.ts'
import type { Parker } from '../ring/wait.ts'
import { listSharedSlabs, writeOwner, type SharedSlabInfo } from './slab-owners.ts'

/** What system errors mean for a reader of the message, and what to do. */
const memoryErrors: Readonly<Record<string, readonly [what: string, todo: string]>> = {
  ENOSPC: ['no space is left in /dev/shm', 'remove slabs of dead processes (metabonk debug slabs --remove), or enlarge /dev/shm'],
  ENOMEM: ['the system has no memory or address space left for it', 'make smaller slabs, or close some'],
  EFBIG: ['it is larger than the 4 GiB that can be mapped at once', 'make several smaller slabs'],
  EEXIST: ['a slab of that name is there already', 'choose another name, or remove it when its owner is dead (metabonk debug slabs)'],
  ENOENT: ['there is no slab of that name', 'look at the names that there are with metabonk debug slabs'],
  EINVAL: ['it is empty or no memory: its maker has not finished it, or it is something else', 'attach when the other side has said that it is ready'],
  EACCES: ['it belongs to another user', 'run both processes as the same user'],
  EPERM: ['permission is denied', 'run both processes as the same user'],
  EMFILE: ['too many files are open', 'close some slabs, or raise the limit (ulimit -n)'],
  ENFILE: ['too many files are open on this machine', 'close some slabs'],
  EBADF: ['the descriptor is not open', 'give an open descriptor'],
  ENOTSOCK: ['the descriptor is no socket', 'give the descriptor of a Unix socket'],
  ETIMEDOUT: ['nothing came in time', 'look whether the other side is alive, or wait longer'],
  ECONNRESET: ['the other side has closed the socket', 'look whether it is alive'],
  EPIPE: ['the other side has closed the socket', 'look whether it is alive'],
  EPROTO: ['a byte without a descriptor came', 'let nothing but descriptors be sent over this socket'],
  ENOSYS: ['this system can\'t do that', 'use Linux 5.3 or newer; threads share slabs on every system'],
}

/** Runs a call of the addon; what the system refuses becomes a `memory` error. */
function attempt<Result>(doing: string, where: string, action: () => Result): Result {
  try {
    return action()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (!(cause instanceof Error) || code === undefined || cause instanceof MetabonkError) throw cause
    const [what, todo] = memoryErrors[code] ?? [cause.message, 'look the error up in the manual of your system']
    throw new MetabonkError({ code: 'memory', what: `${doing}: ${what}`, where, todo, cause })
  }
}

/** The addon's functions. Throws `native` where it is not there: nothing else can map memory. */
function memoryPort(): SharedMemoryPort {
  const port = loadSharedMemory()
  if (port !== null) return port
  throw new MetabonkError({ code: 'native', what: 'memory can\'t be shared between processes without the addon', todo: 'build it with npm run build where there is a C++20 compiler, and leave METABONK_NATIVE unset' })
}

const namePattern = /^[A-Za-z0-9._-]{1,200}$/

function checkName(name: string): void {
  if (namePattern.test(name)) return
  throw new MetabonkError({ code: 'memory', what: 'the name of a slab can\'t be used', where: name, todo: 'take 1 to 200 letters, digits, \'.\', \'_\' or \'-\'' })
}

function placeOf(name: string | undefined): string {
  return name === undefined ? 'anonymous slab' : `/dev/shm/metabonk-${name}`
}

/**
 * A slab that other processes can attach. Its buffer is an ArrayBuffer, on which Atomics work but for wait and notify ({@link futexParker} has
 * those). It can't be handed to another thread, which attaches for itself, by name or descriptor.
 */
export class SharedSlab implements Slab<ArrayBuffer> {
  /** Undefined for anonymous memory. */
  readonly name: string | undefined
  /** Stands for the memory: {@link sendSlab} sends it. Ends with `close`. */
  readonly fd: number
  readonly buffer: ArrayBuffer
  readonly regions: readonly Region[]

  constructor(name: string | undefined, { fd }: MappedMemory, slab: Slab<ArrayBuffer>) {
    this.name = name
    this.fd = fd
    this.buffer = slab.buffer
    this.regions = slab.regions
  }

  /** Unmaps it here: every view of it is empty from now on. Others keep theirs, and a name stays until `unlink`. */
  close(): void {
    memoryPort().closeMemory(this.buffer)
  }

  /** Removes the name, if it has one and nobody has removed it. Who is attached stays so; the memory ends with the last of them. */
  unlink(): void {
    if (this.name !== undefined) unlinkSlab(this.name)
  }
}

/** Removes a name from /dev/shm; one that is gone is fine. Throws `memory`. */
function unlinkSlab(name: string): void {
  attempt('shared memory can\'t be removed', placeOf(name), () => {
    try {
      memoryPort().unlinkMemory(name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  })
}

/**
 * Makes a slab that other processes can attach: by name, or without one by its descriptor. A named slab stays until it is unlinked, beyond
 * the end of its process (see `listSharedSlabs`). Throws `memory`: the name is taken, /dev/shm is full.
 */
export function createSharedSlab(name: string | undefined, plans: readonly RegionPlan[]): SharedSlab {
  if (name !== undefined) checkName(name)
  // What counts beyond the safe integers is too large in any case.
  const bytes = Math.min(slabBytes(plans), Number.MAX_SAFE_INTEGER)
  const mapped = attempt('shared memory can\'t be made', `${placeOf(name)}, ${String(bytes)} bytes`, () => memoryPort().createMemory(bytes, name ?? null))
  try {
    writeOwner(mapped.buffer)
    return new SharedSlab(name, mapped, formatSlab(mapped.buffer, plans))
  } catch (error) {
    memoryPort().closeMemory(mapped.buffer)
    if (name !== undefined) unlinkSlab(name)
    throw error
  }
}

function attachMapped(name: string | undefined, mapped: MappedMemory): SharedSlab {
  try {
    return new SharedSlab(name, mapped, attachSlab(mapped.buffer))
  } catch (error) {
    memoryPort().closeMemory(mapped.buffer)
    throw error
  }
}

/** Attaches a named slab of another process. Throws `memory` when there is none, `schema` when it is no usable slab. */
export function attachSharedSlab(name: string): SharedSlab {
  checkName(name)
  return attachMapped(name, attempt('shared memory can\'t be attached', placeOf(name), () => memoryPort().openMemory(name)))
}

/** Attaches the slab that a descriptor stands for. The descriptor stays the caller's. Throws `memory`, or `schema` when it is no usable slab. */
export function attachDescriptor(fd: number): SharedSlab {
  return attachMapped(undefined, attempt('shared memory can\'t be attached', `descriptor ${String(fd)}`, () => memoryPort().openDescriptor(fd)))
}

/** Removes the named slabs whose process has ended, and returns them. Who is attached to one stays so. Throws `memory`. */
export function removeDeadSlabs(): SharedSlabInfo[] {
  const dead = listSharedSlabs().filter(({ state }) => state === 'dead')
  for (const { name } of dead) unlinkSlab(name)
  return dead
}

/** Two connected Unix sockets: keep one, pass the other to a child process in its `stdio`. Throws `memory`. */
export function openSocketPair(): [own: number, other: number] {
  return attempt('a pair of sockets can\'t be opened', 'Unix sockets', () => memoryPort().openSocketPair())
}

/** Sends a slab over a Unix socket. Throws `memory` when the other side is gone. */
export function sendSlab(socketFd: number, slab: SharedSlab): void {
  attempt('a slab can\'t be sent', `socket ${String(socketFd)}`, () => {
    memoryPort().sendDescriptor(socketFd, slab.fd)
  })
}

/** Attaches the next slab that comes over a Unix socket; blocks the thread, at most `millis`. Throws `memory`, or `schema` for no usable slab. */
export function receiveSlab(socketFd: number, millis: number): SharedSlab {
  const fd = attempt('a slab can\'t be received', `socket ${String(socketFd)}`, () => memoryPort().receiveDescriptor(socketFd, millis))
  try {
    return attachDescriptor(fd)
  } finally {
    closeSync(fd)
  }
}

/** Sleeping between processes, on words of mapped memory: what Atomics.wait and notify are between threads. Throws `native`. */
export function futexParker(): Parker {
  const port = memoryPort()
  return {
    park: (words, index, expected, millis) => {
      port.futexWait(words, index, expected, millis)
    },
    wake: (words, index) => {
      port.futexWake(words, index, 0xffffffff)
    },
  }
}

/** Looks whether one process has ended. */
export interface ProcessWatch {
  /** Whether it has; waits for that at most `millis`, blocking the thread. A signal ends the wait early. */
  hasEnded(millis: number): boolean
  close(): void
}

/** What the system says of a number that stands for nothing, or for a thread within a process. */
const noProcess = ['ESRCH', 'EINVAL', 'ENOENT']

/** Watches the process that has this pid now. One that is not there has ended. Throws `memory`. */
export function watchProcess(pid: number): ProcessWatch {
  const port = memoryPort()
  const where = `process ${String(pid)}`
  const fd = attempt('a process can\'t be watched', where, () => {
    try {
      return port.openPid(pid)
    } catch (error) {
      if (noProcess.includes(String((error as NodeJS.ErrnoException).code))) return undefined
      throw error
    }
  })
  if (fd === undefined) return { hasEnded: () => true, close: () => undefined }
  return {
    hasEnded: (millis) => attempt('a process can\'t be watched', where, () => port.waitPid(fd, millis)),
    close: () => {
      closeSync(fd)
    },
  }
}
