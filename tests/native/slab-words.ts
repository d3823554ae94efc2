import type { RegionPlan } from '../../runtime/index.ts'

/** A slab of sixteen words, for tests of two processes. */
export const wordPlans: readonly RegionPlan[] = [{ name: 'words', kind: 'words', dtype: 'i32', shape: [16] }]
