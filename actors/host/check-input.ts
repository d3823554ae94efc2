import { checkTimedInput, type Program, type TimedInput } from '../../runtime/index.ts'
import type { WorldDefinition } from '../world/define.ts'
import { checkLiveSetting } from './resolve-config.ts'

/** Refuses an input that no state of the world could take, or that changes a setting which is not live or to a wrong value. */
export function checkWorldInput(world: WorldDefinition, program: Program, timed: TimedInput): void {
  checkTimedInput(program.kinds, timed)
  const { input } = timed
  if (input.form === 'config') checkLiveSetting(world.config, input.key, input.value)
}
