import { Nearest, sequential, system, type ParallelWorld, type Rows } from 'metabonk'
import { heroesOf, type Heroes } from './crowds.ts'
import { Blow, Enemy, Gem, Hit } from './kinds.ts'
import { settings } from './settings.ts'
import { landUnder, survey } from './terrain.ts'
import { onto } from './torus.ts'
import { vicinityOf } from './vicinity.ts'

/** Metres an enemy sees, and reaches. */
const sight = 20
const reach = 1.5
/** Metres a step. */
const stride = 0.15
/** Steps between two looks around, between two blows, and from a blow until it moves on. */
const lookSteps = 4
const strikeSteps = 20
const recoilSteps = 10
/** Steps for which an enemy that sees nobody keeps its heading. */
const strollSteps = 40

/** What an enemy can take and deals, by tier. */
export function healthOf(tier: number): number {
  return 16 + 4 * tier
}

function damageOf(tier: number): number {
  return 4 + tier
}

// What is sent or born is copied: one object for all of them, where one for each would be garbage.
const hit = new Blow()
const left = { at: [0, 0] as [number, number], xp: 0 }
const newcomer = { at: [0, 0] as [number, number], health: 0, tier: 0 }

type EnemyRows = Rows<typeof Enemy>

/** Turns to the nearest hero in sight, or now and then anywhere. */
function turn(rows: EnemyRows, world: ParallelWorld<unknown>, row: number, prey: Nearest): void {
  const { heading } = rows.write
  if (prey.count > 0) {
    const length = Math.sqrt(prey.squares[0])
    heading[2 * row] = length > 0 ? prey.awayX[0] / length : 0
    heading[2 * row + 1] = length > 0 ? prey.awayY[0] / length : 0
  } else if ((world.step + row) % strollSteps === 0) {
    world.rng('stroll', row).direction(heading, 2 * row)
  }
}

function isUpright({ alive, read: { staggered, slain } }: EnemyRows, row: number): boolean {
  return alive[row] === 1 && staggered[row] === 0 && slain[row] === 0
}

/** Finds the nearest hero that stands. */
function seek(prey: Nearest, heroes: readonly Heroes[]): void {
  for (let i = 0; i < heroes.length; i++) prey.among(heroes[i].grid, heroes[i].stands)
}

function isWithinReach({ count, squares }: Nearest): boolean {
  return count > 0 && squares[0] <= reach * reach
}

/** Enemies run at the nearest hero they see, and hit it when they are there. */
export function chaseOf(kind: typeof Enemy) {
  const prey = new Nearest(1)
  return system({
    name: 'chase',
    kind,
    config: settings,
    run: (rows, world) => {
      const land = landUnder(world)
      const heroes = heroesOf(world)
      const { step, space } = world
      const vicinity = vicinityOf(world).around(heroes, reach, step)
      const { heading, tier } = rows.read
      const { at, ready } = rows.write
      for (let row = rows.begin; row < rows.end; row++) {
        if (!isUpright(rows, row)) continue
        const looks = (step + row) % lookSteps === 0
        const strikes = step >= ready[row] && vicinity.has(at, row)
        if (looks || strikes) seek(prey.around(at, row, looks ? sight : reach), heroes)
        if (looks) turn(rows, world, row, prey)
        if (strikes && isWithinReach(prey)) {
          hit.damage = damageOf(tier[row])
          world.send(row, Hit, heroes[prey.grids[0]].id(prey.rows[0]), hit)
          ready[row] = step + strikeSteps
        }
        if (step + strikeSteps < ready[row] + recoilSteps) continue
        land.places[0] = at[2 * row]
        land.places[1] = at[2 * row + 1]
        survey(land, 1)
        const length = stride * land.footing[0]
        at[2 * row] = onto(at[2 * row] + length * heading[2 * row], space.width)
        at[2 * row + 1] = onto(at[2 * row + 1] + length * heading[2 * row + 1], space.height)
      }
    },
  })
}

/** Slain enemies leave a gem, the worth of their tier. */
export const reap = system({
  name: 'reap',
  kind: Enemy,
  run: (rows, world) => {
    const { slain, tier, at } = rows.read
    for (let row = rows.begin; row < rows.end; row++) {
      if (rows.alive[row] !== 1 || slain[row] === 0) continue
      left.at[0] = at[2 * row]
      left.at[1] = at[2 * row + 1]
      left.xp = 1 + tier[row]
      world.spawn(row, Gem, left)
      world.kill(row)
    }
  },
})

/** Gems that were taken, or faded, vanish. */
export const vanish = system({
  name: 'vanish',
  kind: Gem,
  run: (rows, world) => {
    const { gone } = rows.read
    for (let row = rows.begin; row < rows.end; row++) if (rows.alive[row] === 1 && gone[row] === 1) world.kill(row)
  },
})

const waveSteps = 100
const wavesPerTier = 5
const tierMax = 20
/** Share of `enemies` that a wave of difficulty 1 brings, and metres from its middle to its rim. */
const waveShare = 0.25
const waveRadius = 12

/** Every five seconds a wave comes from somewhere, as large as the difficulty says, as far as there is room for more enemies. */
export const waves = sequential({
  name: 'waves',
  kinds: [Enemy],
  config: settings,
  run: (world) => {
    if (world.step % waveSteps !== 0) return
    const { width, height } = world.space
    const { enemies, difficulty } = world.config
    const { alive, end } = world.rows(Enemy)
    let room = enemies
    for (let row = 0; row < end; row++) room -= alive[row]
    const wave = world.step / waveSteps
    newcomer.tier = Math.min(Math.floor(wave / wavesPerTier), tierMax)
    newcomer.health = healthOf(newcomer.tier)
    const rng = world.rng('wave', 0)
    const { at } = newcomer
    rng.units(at, 0, 2)
    const x = at[0] * width
    const y = at[1] * height
    const count = Math.min(Math.ceil(enemies * waveShare * difficulty), room)
    for (let i = 0; i < count; i++) {
      rng.units(at, 0, 2)
      at[0] = onto(x + (2 * at[0] - 1) * waveRadius, width)
      at[1] = onto(y + (2 * at[1] - 1) * waveRadius, height)
      world.spawn(Enemy, newcomer)
    }
  },
})
