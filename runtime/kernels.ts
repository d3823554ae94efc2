/**
 * The hot kernels behind one port. Each member has a plain TypeScript twin with the same bits (`twinKernels`); the addon
 * in `native/` offers the same members compiled. Which one runs never changes a result.
 */
export interface Kernels {
  /** Where the code comes from: for `doctor` and manifests, never for decisions. */
  readonly origin: 'native' | 'twin'

  /**
   * Hashes blocks of columns in one call. `jobs` holds {@link hashJobWords} u32 words for each job: offset of block 0 in
   * `memory` (u32 words), words per block (a multiple of 8), element class (0 plain, 1 f32, 2 f64: NaN is canonicalised), first
   * block, end block, seed low, seed high, unused. `sums` receives, per job, two u32: the lane-wise wrapping sum of the 64-bit block
   * hashes, each seeded by (seed, block index). So the sum does not depend on how blocks are dealt to callers.
   *
   * @throws when a job does not fit its arrays: AssertionError from the twin, RangeError from the addon.
   */
  hashBlocks(memory: Uint32Array, jobs: Uint32Array, jobCount: number, sums: Uint32Array): void

  /**
   * Builds a uniform grid by counting sort: rows ascend inside a cell. `at` holds x, y pairs by row; dead rows are skipped.
   * `start` has cells + 1 entries; `sorted` receives the live rows, cell by cell. Returns how many rows were placed.
   *
   * @throws when rows or cells do not fit their arrays: AssertionError from the twin, RangeError from the addon.
   */
  buildGrid(grid: GridShape, at: Float32Array, alive: Uint8Array, rows: number, start: Uint32Array, sorted: Uint32Array): number

  /** Computes layers of networks; only the addon offers it here. Its twin is the brain's. */
  readonly runDense?: RunDense | undefined

  /** Draws pictures; only the addon offers it here. Its twin is the compositor's. */
  readonly drawViews?: DrawViews | undefined
}

/**
 * Draws the first `count` views of a job, each into its frame. Where the arrays of a job don't hold what its numbers say, throws:
 * AssertionError from the twin, RangeError from the addon.
 */
export type DrawViews = (job: DrawJob, count: number) => void

/**
 * Everything there is to draw, who looks at it, and where pictures go. The compositor says what each word means (compositor/draw/layout.ts).
 * Arrays are made once and filled anew; a job is never copied.
 */
export interface DrawJob {
  /** f64: sizes, the space, light, fog, sky and ground. */
  readonly numbers: Float64Array
  /** Meshes: their table, corner coordinates (x, y, z), faces (corners and colour), planes of faces (normal and offset). */
  readonly meshes: Uint32Array
  readonly vertices: Float32Array
  readonly faces: Uint32Array
  readonly planes: Float32Array
  /** Instances: bounding spheres (x.., y.., z.., radius..), transforms, and mesh, colour, segmentation. */
  readonly bounds: Float32Array
  readonly bodies: Float32Array
  readonly tags: Uint32Array
  /** Ground: height and levels of detail of each corner; colour and segmentation of each cell. */
  readonly details: Float32Array
  readonly texels: Uint32Array
  readonly texelKinds: Uint16Array
  readonly views: Float64Array
  /** Frames, one after the other; an empty array where a channel is not asked for. */
  readonly rgb: Uint8Array
  readonly grey: Uint8Array
  readonly depth: Float32Array
  readonly depthMillis: Uint16Array
  readonly segmentation: Uint16Array
}

/** Computes the outputs of a layer for each input of a batch. Where the arrays don't hold them, throws: AssertionError from the twin, RangeError from the addon. */
export type RunDense = (layer: DenseLayer, batch: DenseBatch) => void

/** A fully connected layer in f32. The brain says how it computes (brain/dense.ts). */
export interface DenseLayer {
  readonly inputs: number
  readonly outputs: number
  /** Outputs below 0 are 0. */
  readonly rectified: boolean
  /** f32 [outputs / 16 rounded up, inputs, 16]: sixteen outputs for input 0, then for input 1, and so on. 0 where there is no output. */
  readonly weights: Float32Array
  /** f32 [outputs, rounded up to sixteens]. */
  readonly biases: Float32Array
}

/** Inputs of a layer, and where its outputs go. */
export interface DenseBatch {
  /** Numbers as they are; or bytes, which stand for 255th parts of 1. */
  readonly input: Float32Array | Uint8Array
  /** u32 [count]: first element of each input. */
  readonly starts: Uint32Array
  readonly count: number
  /** f32 [count, outputs]. */
  readonly output: Float32Array
}

/** u32 words of one job of {@link Kernels.hashBlocks}. */
export const hashJobWords = 8

/** Geometry of a uniform grid: `columns * lines` cells of `cellWidth` by `cellHeight` from the origin. */
export interface GridShape {
  readonly columns: number
  readonly lines: number
  readonly cellWidth: number
  readonly cellHeight: number
  /** World size; positions are in [0, width) x [0, height), wrapped when `wraps`, clamped to the border cells when not; NaN is at 0. */
  readonly width: number
  readonly height: number
  readonly wraps: boolean
}
