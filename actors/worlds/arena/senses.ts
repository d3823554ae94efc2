import { observe, type StepWorld } from 'metabonk'
import { directions } from './hero-systems.ts'
import { lifeMillis, staminaMax, xpPerLevel } from './heroes.ts'
import { Enemy, Gem, roles, stepMillis, type Role } from './kinds.ts'
import { crowdOf, heroesOf, Nearest, type Crowd } from './nearest.ts'
import { alliesSeen, enemiesSeen, gemsSeen, ownElements, seenElements, slopeElements } from './observation.ts'
import { settings } from './settings.ts'
import { footing, heightAt, heightMax, landOf, type Land } from './terrain.ts'

/** Metres a hero sees. */
const sight = 12
/** Metres over which it feels the slope of the land. */
const slopeMetres = 3
const lifeSteps = lifeMillis / stepMillis

function within(value: number): number {
  return Math.max(-1, Math.min(value, 1))
}

/** Writes the agents that were found, nearest first, in `places` places. */
function writeSeen(found: Nearest, places: number, out: Float32Array, offset: number): void {
  out.fill(0, offset, offset + places * seenElements)
  for (let i = 0; i < found.count; i++) {
    out[offset + seenElements * i] = found.awayX[i] / sight
    out[offset + seenElements * i + 1] = found.awayY[i] / sight
    out[offset + seenElements * i + 2] = 1 - Math.sqrt(found.squares[i]) / sight
  }
}

/** What the heroes of a role look at. Gathered once for a world: made anew for every hero, it would be most of the garbage of a step. */
class Surroundings {
  private readonly role: Role
  private seen: { readonly world: StepWorld<unknown>; readonly land: Land; readonly enemies: Crowd; readonly gems: Crowd; readonly heroes: readonly Crowd[]; readonly own: number } | undefined

  constructor(role: Role) {
    this.role = role
  }

  in(world: StepWorld<{ readonly map: number }>) {
    if (this.seen?.world === world) return this.seen
    this.seen = { world, land: landOf(world.seed, world.config.map), enemies: crowdOf(world, Enemy), gems: crowdOf(world, Gem), heroes: heroesOf(world), own: roles.indexOf(this.role) }
    return this.seen
  }
}

/** What a hero of a role observes. */
export function sensesOf(role: Role) {
  const enemies = new Nearest(enemiesSeen, Enemy.rowsMax)
  const gems = new Nearest(gemsSeen, Gem.rowsMax)
  const allies = new Nearest(alliesSeen, role.rowsMax)
  const surroundings = new Surroundings(role)
  return observe({
    kind: role,
    config: settings,
    run: ({ row, read, out, offset }, world) => {
      const around = surroundings.in(world)
      const x = read.at[2 * row]
      const y = read.at[2 * row + 1]
      const height = heightAt(around.land, x, y)
      out[offset] = within(read.health[row] / read.healthMax[row])
      out[offset + 1] = within(read.level[row] / 20)
      out[offset + 2] = within(read.xp[row] / (xpPerLevel * read.level[row]))
      out[offset + 3] = read.ready[row] <= world.step ? 1 : 0
      out[offset + 4] = within(read.pace[row] - 1)
      out[offset + 5] = within(read.guard[row] - 1)
      out[offset + 6] = within(read.fury[row] - 1)
      out[offset + 7] = within(read.stamina[row] / staminaMax)
      out[offset + 8] = within(read.age[row] / lifeSteps)
      out[offset + 9] = footing(height)
      let place = offset + ownElements
      for (let i = 0; i < slopeElements; i++) {
        const ahead = heightAt(around.land, x + slopeMetres * directions[i][0], y + slopeMetres * directions[i][1])
        out[place + i] = (ahead - height) / heightMax
      }
      place += slopeElements
      writeSeen(enemies.open(x, y, sight).add(around.enemies), enemiesSeen, out, place)
      place += seenElements * enemiesSeen
      writeSeen(gems.open(x, y, sight).add(around.gems), gemsSeen, out, place)
      place += seenElements * gemsSeen
      allies.open(x, y, sight)
      for (let i = 0; i < around.heroes.length; i++) allies.add(around.heroes[i], i === around.own ? row : -1)
      writeSeen(allies, alliesSeen, out, place)
    },
  })
}
