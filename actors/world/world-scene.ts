import type { Scene } from '../../compositor/index.ts'
import { MetabonkError } from '../../runtime/index.ts'
import type { WorldDefinition } from './define.ts'

/** What a world has to show, if anything; unchecked. Throws `world-threw` when its function does. */
export function sceneOf(world: WorldDefinition, config: unknown, seed: number): Scene | undefined {
  try {
    return world.scene?.(config as never, seed)
  } catch (cause) {
    if (cause instanceof MetabonkError) throw cause
    throw new MetabonkError({ code: 'world-threw', what: `the scene threw: ${cause instanceof Error ? cause.message : String(cause)}`, where: `scene of world ${world.name}`, cause })
  }
}
