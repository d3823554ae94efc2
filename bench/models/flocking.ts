import { prepareWorld, type PreparedWorld } from '../../actors/index.ts'

/** The built-in flocking world with `agents` birds, as dense as 200 of them on 100 x 100. */
export function denseFlocking(agents: number): Promise<PreparedWorld> {
  return prepareWorld('flocking', { overrides: [`agents=${agents}`, `size=${100 * Math.sqrt(agents / 200)}`] })
}
