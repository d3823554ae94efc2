import { buildGridTwin } from './grid/build.ts'
import { hashBlocksTwin } from './hash/blocks.ts'
import type { Kernels } from './kernels.ts'

/** The kernels in plain TypeScript: specification, test oracle, and what runs where the addon is not there. */
export const twinKernels: Kernels = {
  origin: 'twin',
  hashBlocks: hashBlocksTwin,
  buildGrid: buildGridTwin,
}
