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

interface Addon {
  readonly hashBlocks: (memory: Uint32Array, jobs: Uint32Array, jobCount: number, sums: Uint32Array) => void
  readonly buildGrid: (grid: Float64Array, at: Float32Array, alive: Uint8Array, rows: number, start: Uint32Array, sorted: Uint32Array) => number
}

/**
 * The compiled kernels: the members of the runtime's `Kernels`, with the bits of its twins. They check types and lengths before use and
 * throw TypeError or RangeError.
 */
export interface NativeKernels extends Pick<Addon, 'hashBlocks'> {
  readonly origin: 'native'
  readonly buildGrid: (grid: GridShape, at: Float32Array, alive: Uint8Array, rows: number, start: Uint32Array, sorted: Uint32Array) => number
}

/** Whether the addon runs here, and why not; `detail` is its path or the reason. */
export interface NativeStatus {
  readonly state: 'loaded' | 'disabled' | 'absent' | 'failed'
  readonly detail: string
}

/** The compiled kernels, or null where they are switched off (`METABONK_NATIVE=0`), not built, or can't be loaded. */
export function loadNative(): NativeKernels | null {
  return open().kernels
}

/** What {@link loadNative} finds, in words. */
export function nativeStatus(): NativeStatus {
  return open().status
}

interface Opened {
  readonly kernels: NativeKernels | null
  readonly status: NativeStatus
}

/** Node remembers a loaded addon, so there is nothing to remember here. */
function open(): Opened {
  if (process.env['METABONK_NATIVE'] === '0') return without('disabled', 'METABONK_NATIVE=0 is set')
  const file = addonFile()
  if (file === undefined) return without('absent', 'dist/native/metabonk.node is not there; npm run build makes it where there is a compiler')
  try {
    const addon = createRequire(import.meta.url)(file) as Addon
    return { kernels: kernelsOf(addon), status: { state: 'loaded', detail: file } }
  } catch (cause) {
    return without('failed', `${file} can't be loaded: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

function kernelsOf({ hashBlocks, buildGrid }: Addon): NativeKernels {
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
  }
}

function without(state: NativeStatus['state'], detail: string): Opened {
  return { kernels: null, status: { state, detail } }
}

/** The addon lies in dist/native, whether this code is there, in a chunk of the build or in the sources. */
function addonFile(): string | undefined {
  const places = ['./metabonk.node', '../native/metabonk.node', '../dist/native/metabonk.node']
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((file) => existsSync(file))
}
