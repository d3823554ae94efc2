import { Nearest, system, type ParallelWorld } from 'metabonk'
import { enemiesOf, gemsOf, heroesOf } from './crowds.ts'
import { Blow, fateCode, Hit, Claim, regionsPerEdge, Scout, Speedrunner, Tank, type Role } from './kinds.ts'
import { settings } from './settings.ts'
import { landUnder, survey } from './terrain.ts'
import { onto } from './torus.ts'

const standing = fateCode('standing')
const lying = fateCode('lying')
const fell = fateCode('fell')
const retired = fateCode('retired')
const returns = fateCode('returns')

/** Where each action leads: nowhere, or in one of eight directions, counterclockwise from east. */
export const directions = [
  [0, 0],
  [1, 0],
  [Math.SQRT1_2, Math.SQRT1_2],
  [0, 1],
  [-Math.SQRT1_2, Math.SQRT1_2],
  [-1, 0],
  [-Math.SQRT1_2, -Math.SQRT1_2],
  [0, -1],
  [Math.SQRT1_2, -Math.SQRT1_2],
] as const

/** Metres a step. */
const stride = 0.2

/** A hero that returns does so anywhere. It happens rarely, and by itself: among much else V8 would make objects of the coordinates. */
function appear(at: Float32Array, row: number, world: ParallelWorld<unknown>, place: Float64Array): void {
  const { width, height } = world.space
  world.rng('place', row).units(place, 0, 2)
  at[2 * row] = onto(place[0] * width, width)
  at[2 * row + 1] = onto(place[1] * height, height)
}

/** Heroes go where their policy steers them, as fast as their condition and the land allow. */
export function strideOf(role: Role) {
  const place = new Float64Array(2)
  return system({
    name: `stride-${role.name}`,
    kind: role,
    config: settings,
    run: (rows, world) => {
      const land = landUnder(world)
      const { width, height } = world.space
      const { action, pace } = rows.read
      const { at, fate, heading } = rows.write
      for (let row = rows.begin; row < rows.end; row++) {
        if (rows.alive[row] !== 1) continue
        const x = 2 * row
        const y = x + 1
        if (fate[row] === returns) {
          appear(at, row, world, place)
          fate[row] = standing
        }
        if (fate[row] !== standing || action[row] === 0) continue
        heading[row] = action[row] - 1
        const direction = directions[action[row]]
        land.places[0] = at[x]
        land.places[1] = at[y]
        survey(land, 1)
        const length = stride * pace[row] * land.footing[0]
        at[x] = onto(at[x] + length * direction[0], width)
        at[y] = onto(at[y] + length * direction[1], height)
      }
    },
  })
}

/** Metres that a hero's blows and its hands reach. */
const reach = 4
const grasp = 2
const strikeSteps = 10
const blow = 8

// What is sent is copied: one object for all messages of a type, where one for each would be garbage.
const claim = {}
const hit = new Blow()

/** Heroes strike at the nearest enemies whenever they are ready, and reach for every gem nearby. */
export function strikeOf(role: Role) {
  const struck = new Nearest(3)
  const reached = new Nearest(8)
  return system({
    name: `strike-${role.name}`,
    kind: role,
    run: (rows, world) => {
      const enemies = enemiesOf(world)
      const gems = gemsOf(world)
      const { step } = world
      const { at, fate, fury, level } = rows.read
      const { ready } = rows.write
      for (let row = rows.begin; row < rows.end; row++) {
        if (rows.alive[row] !== 1 || fate[row] !== standing) continue
        reached.around(at, row, grasp).among(gems.grid)
        for (let i = 0; i < reached.count; i++) world.send(row, Claim, gems.id(reached.rows[i]), claim)
        if (step < ready[row] || fury[row] === 0) continue
        struck.around(at, row, reach).among(enemies.grid)
        if (struck.count === 0) continue
        hit.damage = blow * fury[row] * (1 + 0.2 * (level[row] - 1))
        for (let i = 0; i < struck.count; i++) world.send(row, Hit, enemies.id(struck.rows[i]), hit)
        ready[row] = step + strikeSteps
      }
    },
  })
}

/** A scout is rewarded for every region it sees for the first time in its life. */
export const chart = system({
  name: 'chart',
  kind: Scout,
  run: (rows, world) => {
    const { at, fate } = rows.read
    const { charted, merit } = rows.write
    const words = Scout.columns.charted.width
    for (let row = rows.begin; row < rows.end; row++) {
      if (rows.alive[row] !== 1 || fate[row] !== standing) continue
      const column = Math.floor((at[2 * row] / world.space.width) * regionsPerEdge)
      const line = Math.floor((at[2 * row + 1] / world.space.height) * regionsPerEdge)
      const region = line * regionsPerEdge + column
      const word = row * words + (region >>> 5)
      const bit = 1 << (region & 31)
      if ((charted[word] & bit) === 0) merit[row] += 1
      charted[word] |= bit
    }
  },
})

/** A speedrunner pays for its time. */
export const hurry = system({
  name: 'hurry',
  kind: Speedrunner,
  run: (rows) => {
    const { fate } = rows.read
    const { merit } = rows.write
    for (let row = rows.begin; row < rows.end; row++) if (rows.alive[row] === 1 && fate[row] === standing) merit[row] -= 0.01
  },
})

/** Metres around a tank in which heroes are under its protection. */
const shelter = 8

/** Tanks are rewarded for heroes that stand by them. */
export function protectOf(kind: typeof Tank) {
  const sheltered = new Nearest(16)
  return system({
    name: 'protect',
    kind,
    run: (rows, world) => {
      const heroes = heroesOf(world)
      const { at, fate } = rows.read
      const { merit } = rows.write
      for (let row = rows.begin; row < rows.end; row++) {
        if (rows.alive[row] !== 1 || fate[row] !== standing) continue
        sheltered.around(at, row, shelter)
        for (let i = 0; i < heroes.length; i++) sheltered.among(heroes[i].grid, heroes[i].stands)
        merit[row] += 0.002 * sheltered.count
      }
    },
  })
}

/** Pays out what a step earned, and says whose episode ended. */
export function scoreOf(role: Role) {
  return system({
    name: `score-${role.name}`,
    kind: role,
    run: (rows) => {
      const { age, fate, merit, reward, score, terminated, truncated } = rows.write
      for (let row = rows.begin; row < rows.end; row++) {
        if (rows.alive[row] !== 1) continue
        reward[row] = merit[row]
        score[row] += merit[row]
        merit[row] = 0
        terminated[row] = fate[row] === fell ? 1 : 0
        truncated[row] = fate[row] === retired ? 1 : 0
        if (fate[row] === standing) age[row]++
        else fate[row] = lying
      }
    },
  })
}
