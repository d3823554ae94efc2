import { createTwin } from '../../compositor/draw/twin.ts'
import { loadNative } from '../../native/index.ts'
import type { DrawViews } from '../../runtime/index.ts'

/** The kernels of pictures that there are here, by name: what holds for one shall hold for the other. */
export const bothKernels: readonly (readonly [name: string, draw: DrawViews])[] = [['the twin', createTwin()], ...[loadNative()].flatMap((native) => (native === null ? [] : [['the addon', native.drawViews] as const]))]
