import { loadNative } from '../../native/index.ts'
import type { Kernels } from '../kernels.ts'
import { twinKernels } from '../kernels-twin.ts'

/** The compiled kernels where the addon is there and not switched off by METABONK_NATIVE=0, else their twins: same bits. */
export function hostKernels(): Kernels {
  return loadNative() ?? twinKernels
}
