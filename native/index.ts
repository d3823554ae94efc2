import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Geometry of a uniform grid; see `GridShape` of the runtime. */
interface GridShape {
  readonly columns: number
  readonly lines: number
  readonly cellWidth: number
  readonly cellHeight: number
  readonly width: number
  readonly height: number
  readonly wraps: boolean
}

/** See `DenseLayer` of the runtime. */
interface DenseLayer {
  readonly inputs: number
  readonly outputs: number
  readonly rectified: boolean
  readonly weights: Float32Array
  readonly biases: Float32Array
}
/** See `DenseBatch` of the runtime. */
interface DenseBatch {
  readonly input: Float32Array | Uint8Array
  readonly starts: Uint32Array
  readonly count: number
  readonly output: Float32Array
}

type DrawJob = Readonly<
  Record<
    | 'numbers' | 'meshes' | 'vertices' | 'faces' | 'planes' | 'bounds' | 'bodies' | 'tags' | 'details' | 'texels' | 'texelKinds' | 'views'
    | 'rgb' | 'grey' | 'depth' | 'depthMillis' | 'segmentation',
    ArrayBufferView
  >
>

/** Memory mapped into this process, and the descriptor that stands for it. Both end with `closeMemory`. */
export interface MappedMemory {
  readonly fd: number
  readonly buffer: ArrayBuffer
}

/**
 * Memory shared between processes, and what two processes need beside it: futexes, descriptors over sockets, handles of processes. Linux
 * only; elsewhere every function throws ENOSYS. Waits block the thread, at most `millis` milliseconds, which may be Infinity.
 *
 * Arguments of a wrong type, length or index throw TypeError. What the system refuses throws an Error whose `code` is the name of the errno.
 */
export interface SharedMemoryPort {
  /**
   * Zeroed memory of 1 to 2^32 bytes. With a name (letters, digits, '.', '_', '-'; up to 200) it is /dev/shm/metabonk-NAME until unlinked,
   * for this user only, and takes all its pages at once: ENOSPC when they are not there, EEXIST when the name is.
   */
  createMemory(bytes: number, name: string | null): MappedMemory
  openMemory(name: string): MappedMemory
  /** Maps what the descriptor stands for. The memory gets a descriptor of its own; the given one stays the caller's. */
  openDescriptor(fd: number): MappedMemory
  /** Detaches the buffer, then unmaps it and closes its descriptor. A buffer that was closed before stays closed. */
  closeMemory(buffer: ArrayBuffer): void
  unlinkMemory(name: string): void
  /** Sleeps while `words[index]` is `expected`. 'woken' may come without a wake: look at the word again. */
  futexWait(words: Int32Array, index: number, expected: number, millis: number): FutexOutcome
  /** Wakes up to `count` sleepers on the word, in any process; returns how many there were. */
  futexWake(words: Int32Array, index: number, count: number): number
  /** Two connected Unix sockets, blocking: keep one, pass the other to a child as its stdio. Close them with `closeSync` of node:fs. */
  openSocketPair(): [own: number, other: number]
  /** Sends a descriptor with one byte ('M') over a Unix socket. */
  sendDescriptor(socketFd: number, fd: number): void
  /** The next descriptor from the socket, now the caller's. ETIMEDOUT, ECONNRESET at the stream's end, EPROTO for a byte without one. */
  receiveDescriptor(socketFd: number, millis: number): number
  /** A descriptor that stands for the process, also when its number is used again. ESRCH when there is none. */
  openPid(pid: number): number
  /** Whether the process of that descriptor has ended. May return false early when a signal arrives. */
  waitPid(fd: number, millis: number): boolean
}

const futexOutcomes = ['woken', 'changed', 'timeout'] as const
/** How a wait ended: woken, not begun because the word was another, or over. */
export type FutexOutcome = (typeof futexOutcomes)[number]

interface Addon extends Omit<SharedMemoryPort, 'futexWait'> {
  /** Returns an index of `futexOutcomes`. */
  readonly futexWait: (words: Int32Array, index: number, expected: number, millis: number) => number
  readonly hashBlocks: (memory: Uint32Array, jobs: Uint32Array, jobCount: number, sums: Uint32Array) => void
  readonly buildGrid: (grid: Float64Array, at: Float32Array, alive: Uint8Array, rows: number, start: Uint32Array, sorted: Uint32Array) => number
  /** All parts of layer and batch, one by one: every property read by the addon would cost a handle. */
  readonly runDense: (inputs: number, outputs: number, rectified: number, ...rest: readonly unknown[]) => void
  /** The arrays of a job, one by one: every property read by the addon would cost a handle. */
  readonly drawViews: (count: number, ...arrays: readonly unknown[]) => void
}

/**
 * The compiled kernels: the members of the runtime's `Kernels`, with the bits of its twins. They check types and lengths before use and
 * throw TypeError or RangeError.
 */
export interface NativeKernels extends Pick<Addon, 'hashBlocks'> {
  readonly origin: 'native'
  readonly buildGrid: (grid: GridShape, at: Float32Array, alive: Uint8Array, rows: number, start: Uint32Array, sorted: Uint32Array) => number
  readonly runDense: (layer: DenseLayer, batch: DenseBatch) => void
  readonly drawViews: (job: DrawJob, count: number) => void
}

/** Whether the addon runs here, and why not; `detail` is its path or the reason. */
export interface NativeStatus {
  readonly state: 'loaded' | 'disabled' | 'absent' | 'failed'
  readonly detail: string
}

/** The compiled kernels, or null where they are switched off (`METABONK_NATIVE=0`), not built, or can't be loaded. */
export function loadNative(): NativeKernels | null {
  const { addon } = open()
  return addon === null ? null : kernelsOf(addon)
}

/** The functions for shared memory, or null where {@link loadNative} gives none. */
export function loadSharedMemory(): SharedMemoryPort | null {
  const { addon } = open()
  if (addon === null) return null
  return { ...addon, futexWait: (words, index, expected, millis) => futexOutcomes[addon.futexWait(words, index, expected, millis)] }
}

/** What {@link loadNative} finds, in words. */
export function nativeStatus(): NativeStatus {
  return open().status
}

interface Opened {
  readonly addon: Addon | null
  readonly status: NativeStatus
}

/** Node remembers a loaded addon, so there is nothing to remember here. */
function open(): Opened {
  if (process.env['METABONK_NATIVE'] === '0') return without('disabled', 'METABONK_NATIVE=0 is set')
  const file = addonFile()
  if (file === undefined) return without('absent', 'dist/native/metabonk.node is not there; npm run build makes it where there is a compiler')
  try {
    const addon = createRequire(import.meta.url)(file) as Addon
    return { addon, status: { state: 'loaded', detail: file } }
  } catch (cause) {
    return without('failed', `${file} can't be loaded: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

function kernelsOf({ hashBlocks, buildGrid, runDense, drawViews }: Addon): NativeKernels {
  // The shape goes as seven numbers in one array: every number read from an object by the addon would be garbage of that step.
  const shape = new Float64Array(7)
  return {
    origin: 'native',
    hashBlocks,
    buildGrid: (grid, at, alive, rows, start, sorted) => {
      shape[0] = grid.columns
      shape[1] = grid.lines
      shape[2] = grid.cellWidth
      shape[3] = grid.cellHeight
      shape[4] = grid.width
      shape[5] = grid.height
      shape[6] = typeof grid.wraps === 'boolean' ? Number(grid.wraps) : NaN
      return buildGrid(shape, at, alive, rows, start, sorted)
    },
    runDense: ({ inputs, outputs, rectified, weights, biases }, { input, starts, count, output }) => {
      runDense(inputs, outputs, Number(rectified), weights, biases, input, starts, count, output)
    },
    drawViews: ({ numbers, meshes, vertices, faces, planes, bounds, bodies, tags, details, texels, texelKinds, views, rgb, grey, depth, depthMillis, segmentation }, count) => {
      // Each on its own: an array of them would be garbage of every batch.
      drawViews(count, numbers, meshes, vertices, faces, planes, bounds, bodies, tags, details, texels, texelKinds, views, rgb, grey, depth, depthMillis, segmentation)
    },
  }
}

function without(state: NativeStatus['state'], detail: string): Opened {
  return { addon: null, status: { state, detail } }
}

/** The addon lies in dist/native, whether this code is there, in a chunk of the build or in the sources. */
function addonFile(): string | undefined {
  const places = ['./metabonk.node', '../native/metabonk.node', '../dist/native/metabonk.node']
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((file) => existsSync(file))
}
