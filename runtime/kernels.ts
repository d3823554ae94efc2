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
