import type { AgentId, Grid, KindType, Others, StepWorld } from 'metabonk'
import { Enemy, fateCode, Gem, roles } from './kinds.ts'
import { remembered } from './remembered.ts'

/** Agents of one kind, to be searched. */
export interface Crowd {
  readonly grid: Grid
  readonly id: (row: number) => AgentId
}

/** Heroes of a role, of whom only those that stand count. */
export interface Heroes extends Crowd {
  readonly others: Others
  readonly stands: (row: number) => boolean
}

const standing = fateCode('standing')

/** The heroes, role by role. */
export const heroesOf = remembered((world: StepWorld<unknown>): readonly Heroes[] =>
  roles.map((role) => {
    const others = world.others(role)
    const { fate } = others.columns
    return { others, grid: world.grid(role), id: (row) => others.id(row), stands: (row) => fate[row] === standing }
  }),
)

function crowdOf(world: StepWorld<unknown>, kind: KindType): Crowd {
  const others: Others = world.others(kind)
  return { grid: world.grid(kind), id: (row) => others.id(row) }
}

export const enemiesOf = remembered((world: StepWorld<unknown>) => crowdOf(world, Enemy))
export const gemsOf = remembered((world: StepWorld<unknown>) => crowdOf(world, Gem))
