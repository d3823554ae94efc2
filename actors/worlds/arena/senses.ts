import { Nearest, observe, type ReadColumn, type StepWorld } from 'metabonk'
import { enemiesOf, gemsOf, heroesOf } from './crowds.ts'
import { directions } from './hero-systems.ts'
import { lifeMillis, staminaMax, xpPerLevel } from './heroes.ts'
import { roles, stepMillis, type Role } from './kinds.ts'
import { alliesSeen, enemiesSeen, gemsSeen, ownElements, seenElements, slopeElements } from './observation.ts'
import { remembered } from './remembered.ts'
import { settings } from './settings.ts'
import { heightMax, landUnder, survey, type Land } from './terrain.ts'

/** Metres a hero sees. */
const sight = 12
/** Metres over which it feels the slope of the land. */
const slopeMetres = 3
const lifeSteps = lifeMillis / stepMillis

/** The hero that observes, and where it does. */
interface View {
  readonly row: number
  readonly read: { readonly at: ReadColumn }
  readonly out: Float32Array
  readonly offset: number
}

/** Keeps the first elements within what an observation may be. */
function clamp({ out, offset }: View, elements: number): void {
  for (let i = offset; i < offset + elements; i++) out[i] = Math.max(-1, Math.min(out[i], 1))
}

/** Writes, from an element on, how well one walks here, and how much the land rises in each direction. */
function writeLand({ row, read, out, offset }: View, land: Land, element: number): void {
  const { at } = read
  const { places, heights, footing } = land
  for (let i = 0; i < directions.length; i++) {
    places[2 * i] = at[2 * row] + slopeMetres * directions[i][0]
    places[2 * i + 1] = at[2 * row + 1] + slopeMetres * directions[i][1]
  }
  survey(land, directions.length)
  out[offset + element] = footing[0]
  for (let i = 1; i < directions.length; i++) out[offset + element + i] = (heights[i] - heights[0]) / heightMax
}

/** Writes the agents that were found, nearest first; where there are fewer than places for them, the rest stays 0. */
function writeSeen(found: Nearest, out: Float32Array, offset: number): void {
  for (let i = 0; i < found.count; i++) {
    out[offset + seenElements * i] = found.awayX[i] / sight
    out[offset + seenElements * i + 1] = found.awayY[i] / sight
    out[offset + seenElements * i + 2] = 1 - Math.sqrt(found.squares[i]) / sight
  }
}

const surroundingsOf = remembered((world: StepWorld<{ readonly map: number }>) => ({ land: landUnder(world), enemies: enemiesOf(world), gems: gemsOf(world), heroes: heroesOf(world) }))

/** What a hero of a role observes. */
export function sensesOf(role: Role) {
  const enemies = new Nearest(enemiesSeen)
  const gems = new Nearest(gemsSeen)
  const allies = new Nearest(alliesSeen)
  const own = roles.indexOf(role)
  return observe({
    kind: role,
    config: settings,
    run: (view, world) => {
      const { row, read, out, offset } = view
      const around = surroundingsOf(world)
      out[offset] = read.health[row] / read.healthMax[row]
      out[offset + 1] = read.level[row] / 20
      out[offset + 2] = read.xp[row] / (xpPerLevel * read.level[row])
      out[offset + 3] = read.ready[row] <= world.step ? 1 : 0
      out[offset + 4] = read.pace[row] - 1
      out[offset + 5] = read.guard[row] - 1
      out[offset + 6] = read.fury[row] - 1
      out[offset + 7] = read.stamina[row] / staminaMax
      out[offset + 8] = read.age[row] / lifeSteps
      clamp(view, ownElements - 1)
      writeLand(view, around.land, ownElements - 1)
      let place = offset + ownElements + slopeElements
      writeSeen(enemies.around(read.at, row, sight).among(around.enemies.grid), out, place)
      place += seenElements * enemiesSeen
      writeSeen(gems.around(read.at, row, sight).among(around.gems.grid), out, place)
      place += seenElements * gemsSeen
      allies.around(read.at, row, sight)
      for (let i = 0; i < around.heroes.length; i++) allies.among(around.heroes[i].grid, around.heroes[i].stands, i === own ? row : -1)
      writeSeen(allies, out, place)
    },
  })
}
