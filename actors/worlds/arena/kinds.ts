import { bool, box, discrete, enumOf, f32, kind, message, u16, u32, u8, unit, vec } from 'metabonk'
import { observationElements } from './observation.ts'

/** Milliseconds that a step stands for. */
export const stepMillis = 50

/** A blow. What it does is up to the machine of whom it hits. */
export const Hit = message('Hit', { damage: f32 })
/** The payload of a Hit. A literal would have the shape of the fields above, and V8 would put every number that it is given on the heap. */
export class Blow {
  damage = 0
}
/** A hero reaches for a gem. */
export const Claim = message('Claim', {})
/** The gem is yours: sent to one of those who claimed it. */
export const Granted = message('Granted', { xp: f32 })
/** Your blow was deadly. */
export const Slain = message('Slain', {})

const fates = ['standing', 'lying', 'fell', 'retired', 'returns'] as const

/** Code of a hero's fate in its column. Machines write the last three, and systems act on them in the same step. */
export function fateCode(fate: (typeof fates)[number]): number {
  return fates.indexOf(fate)
}

/** Regions of the map along an edge, by which a scout knows where it has been. */
export const regionsPerEdge = 16

const place = unit(vec(f32, 2), 'm')
const steps = unit(u32, 'steps')

function hero<const N extends string>(name: N) {
  return kind(name, {
    published: {
      at: place,
      fate: enumOf(...fates),
      /** Where it went last: eighths of a turn, counterclockwise from east. */
      heading: u8,
    },
    columns: {
      health: f32,
      healthMax: f32,
      level: u16,
      /** Since the last level. */
      xp: f32,
      /** Of this life. */
      age: steps,
      kills: u32,
      gems: u32,
      deaths: u32,
      /** Step from which it can strike again. */
      ready: u32,
      /** What its condition makes of its speed, of the damage it takes and of the damage it deals. */
      pace: f32,
      guard: f32,
      fury: f32,
      stamina: f32,
      /** A bit for each region it has been to in this life. */
      charted: vec(u32, (regionsPerEdge * regionsPerEdge) / 32),
      /** Reward earned in this step so far, and in all steps before. */
      merit: f32,
      score: f32,
    },
    receives: [Hit, Granted, Slain],
    rowsMax: 1024,
    cell: 8,
    /** Actions: 0 stays, 1 to 8 are directions, counterclockwise from east. */
    policy: { observation: box([observationElements], -1, 1), action: discrete(9) },
  })
}

export const Scout = hero('scout')
export const Speedrunner = hero('speedrunner')
export const Killer = hero('killer')
export const Tank = hero('tank')
export const roles = [Scout, Speedrunner, Killer, Tank] as const
export type Role = (typeof roles)[number]

export const Enemy = kind('enemy', {
  published: { at: place },
  columns: { health: f32, tier: u16, heading: vec(f32, 2), ready: u32, staggered: bool, slain: bool },
  receives: [Hit],
  rowsMax: 1 << 17,
  cell: 4,
})

export const Gem = kind('gem', {
  published: { at: place },
  columns: { xp: f32, gone: bool },
  receives: [Claim],
  rowsMax: 1 << 17,
  whenFull: 'refuse',
  cell: 4,
})
