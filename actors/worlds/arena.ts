import { defineWorld, torus, type ReportView } from 'metabonk'
import { enemy, gem } from './arena/enemies.ts'
import { chaseOf, healthOf, reap, vanish, waves } from './arena/enemy-systems.ts'
import { chart, hurry, protectOf, scoreOf, strideOf, strikeOf } from './arena/hero-systems.ts'
import { beginner, killer, scout, speedrunner, tank } from './arena/heroes.ts'
import { Enemy, Gem, Killer, roles, Scout, Speedrunner, stepMillis, Tank } from './arena/kinds.ts'
import { sceneOf } from './arena/scene.ts'
import { sensesOf } from './arena/senses.ts'
import { settings } from './arena/settings.ts'
import { onto } from './arena/torus.ts'

/** A number of all roles together. */
function overRoles(ofRole: (role: (typeof roles)[number]) => number): number {
  return roles.reduce((sum, role) => sum + ofRole(role), 0)
}

const sum = (column: 'kills' | 'gems' | 'deaths' | 'level' | 'score') => (view: ReportView) => overRoles((role) => view.sum(role, column))

/**
 * The built-in flagship: heroes of four roles, steered by policies, against waves of enemies, on a map grown from the seed.
 *
 * Every effect of one agent on another is a message: a blow is a Hit and its receiver's machine says what it does; those who reach for a
 * gem send it a Claim, and its machine grants exactly one; who is slain tells its slayer.
 */
export default defineWorld({
  name: 'arena',
  config: settings,
  space: ({ map }) => torus(map, map),
  stepMillis,
  kinds: [Scout.with(scout), Speedrunner.with(speedrunner), Killer.with(killer), Tank.with(tank), Enemy.with(enemy), Gem.with(gem)],
  init: ({ config, rng, space, spawn }) => {
    const anywhere = () => [onto(rng.unit() * space.width, space.width), onto(rng.unit() * space.height, space.height)] as const
    for (let i = 0; i < config.agents; i++) spawn(roles[i % roles.length], { at: anywhere(), ...beginner })
    for (let i = 0; i < config.enemies / 2; i++) spawn(Enemy, { at: anywhere(), health: healthOf(0) })
  },
  systems: [...roles.map(strideOf), ...roles.map(strikeOf), chart, hurry, protectOf(Tank), ...roles.map(scoreOf), chaseOf(Enemy), reap, vanish, waves],
  observers: roles.map(sensesOf),
  scene: ({ obs, map }, seed) => sceneOf(seed, map, obs !== 'vector'),
  policyInput: ({ obs }) => (obs === 'pixels' ? 'pixels' : 'observations'),
  report: {
    heroes: (view) => overRoles((role) => view.count(role, 'alive')),
    enemies: (view) => view.count(Enemy),
    gems: (view) => view.count(Gem),
    kills: sum('kills'),
    gathered: sum('gems'),
    deaths: sum('deaths'),
    level: (view) => sum('level')(view) / overRoles((role) => view.count(role)),
    reward: sum('score'),
  },
})
