import { observe } from 'metabonk'
import { directions } from './hero-systems.ts'
import { lifeMillis, staminaMax, xpPerLevel } from './heroes.ts'
import { Enemy, Gem, stepMillis, type Role } from './kinds.ts'
import { crowdOf, heroesOf, Nearest } from './nearest.ts'
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

function writeSlopes(land: Land, [x, y]: readonly [number, number], out: Float32Array, offset: number): void {
  const height = heightAt(land, x, y)
  directions.forEach(([east, north], i) => {
    const ahead = heightAt(land, x + slopeMetres * east, y + slopeMetres * north)
    out[offset + i] = (ahead - height) / heightMax
  })
}

/** What a hero of a role observes. */
export function sensesOf(role: Role) {
  const enemies = new Nearest(enemiesSeen, Enemy.rowsMax)
  const gems = new Nearest(gemsSeen, Gem.rowsMax)
  const allies = new Nearest(alliesSeen, role.rowsMax)
  return observe({
    kind: role,
    config: settings,
    run: ({ row, read, out, offset }, world) => {
      const land = landOf(world.seed, world.config.map)
      const [x, y] = [read.at[2 * row], read.at[2 * row + 1]]
      out[offset] = within(read.health[row] / read.healthMax[row])
      out[offset + 1] = within(read.level[row] / 20)
      out[offset + 2] = within(read.xp[row] / (xpPerLevel * read.level[row]))
      out[offset + 3] = read.ready[row] <= world.step ? 1 : 0
      out[offset + 4] = within(read.pace[row] - 1)
      out[offset + 5] = within(read.guard[row] - 1)
      out[offset + 6] = within(read.fury[row] - 1)
      out[offset + 7] = within(read.stamina[row] / staminaMax)
      out[offset + 8] = within(read.age[row] / lifeSteps)
      out[offset + 9] = footing(heightAt(land, x, y))
      let place = offset + ownElements
      writeSlopes(land, [x, y], out, place)
      place += slopeElements
      writeSeen(enemies.open(x, y, sight).add(crowdOf(world, Enemy)), enemiesSeen, out, place)
      place += seenElements * enemiesSeen
      writeSeen(gems.open(x, y, sight).add(crowdOf(world, Gem)), gemsSeen, out, place)
      place += seenElements * gemsSeen
      allies.open(x, y, sight)
      for (const crowd of heroesOf(world)) allies.add(crowd, crowd.others === world.others(role) ? row : -1)
      writeSeen(allies, alliesSeen, out, place)
    },
  })
}
