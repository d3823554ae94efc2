import { blockRegions, ringRegion, type RegionPlan } from '../../runtime/index.ts'
import { recordBytes, recordSchema } from './ring-records.ts'

/** What a side is to do: a while with each form, and that again and again. */
export interface SoakTask {
  readonly buffer: SharedArrayBuffer
  readonly role: 'write' | 'read'
  readonly rounds: number
  readonly formMillis: number
}

/** What a side tells when it has been through all forms, once or more often. */
export interface SoakReport {
  /** When all garbage is collected. */
  readonly heapUsed: number
  /** Of each form in turn. */
  readonly messages: readonly number[]
}

export function soakPlans(): RegionPlan[] {
  return [
    ringRegion('records', { form: 'records', capacity: 1024, recordBytes, schema: recordSchema }),
    ringRegion('frames', { form: 'frames', capacity: 1 << 16, recordBytes: 0, schema: recordSchema }),
    ringRegion('many', { form: 'many', capacity: 1024, recordBytes, schema: recordSchema }),
    ...blockRegions('pool', { count: 16, blockBytes: 4096 }),
    { name: 'phases', kind: 'words', dtype: 'i32', shape: [2] },
  ]
}
