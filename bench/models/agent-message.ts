import { Packr } from 'msgpackr'
import { agentId, bool, enumOf, f32, f64, memoryOf, message, u32, vec, type AgentId, type Cursor, type ValuesOf } from '../../runtime/host/slabs.ts'

/** What an agent could tell another about itself. */
const Report = message('Report', {
  from: agentId,
  target: agentId,
  step: f64,
  energy: f64,
  at: vec(f64, 3),
  velocity: vec(f64, 3),
  acceleration: vec(f64, 3),
  goal: vec(f64, 3),
  facing: vec(f32, 4),
  up: vec(f32, 4),
  health: f32,
  armour: f32,
  stamina: f32,
  fear: f32,
  team: u32,
  score: u32,
  level: u32,
  region: u32,
  role: enumOf('scout', 'killer', 'tank'),
  armed: bool,
})
type Values = ValuesOf<typeof Report.fields>
type Writable = { -readonly [K in keyof Values]: Values[K] }

const report: Writable = {
  from: 7 as AgentId,
  target: 12 as AgentId,
  step: 1_200,
  energy: 0.75,
  at: [1.5, 2.5, 3.5],
  velocity: [0.25, -0.5, 0.125],
  acceleration: [0, 0.5, 0],
  goal: [10, 20, 30],
  facing: [0, 0, 0, 1],
  up: [0, 1, 0, 0],
  health: 0.5,
  armour: 0.25,
  stamina: 1,
  fear: 0,
  team: 3,
  score: 1_000,
  level: 4,
  region: 99,
  role: 'tank',
  armed: true,
}

/** Bytes of the message. */
export const reportBytes = Report.codec.bytes

const memory = memoryOf(new SharedArrayBuffer(Report.codec.bytes))

/** Sum over every value of a report: who reads it has looked at all of it. */
function sumOf(values: Values): number {
  return values.from + values.target + values.step + values.energy + values.at[0] + values.at[1] + values.at[2] + values.velocity[0] + values.velocity[1] + values.velocity[2] + values.acceleration[0] + values.acceleration[1] + values.acceleration[2] + values.goal[0] + values.goal[1] + values.goal[2] + values.facing[0] + values.facing[1] + values.facing[2] + values.facing[3] + values.up[0] + values.up[1] + values.up[2] + values.up[3] + values.health + values.armour + values.stamina + values.fear + values.team + values.score + values.level + values.region + (values.role === 'tank' ? 1 : 0) + (values.armed ? 1 : 0)
}

function encodeInPlace(fields: Cursor<typeof Report.fields>, values: Values): void {
  fields.from = values.from
  fields.target = values.target
  fields.step = values.step
  fields.energy = values.energy
  fields.at = values.at
  fields.velocity = values.velocity
  fields.acceleration = values.acceleration
  fields.goal = values.goal
  fields.facing = values.facing
  fields.up = values.up
  fields.health = values.health
  fields.armour = values.armour
  fields.stamina = values.stamina
  fields.fear = values.fear
  fields.team = values.team
  fields.score = values.score
  fields.level = values.level
  fields.region = values.region
  fields.role = values.role
  fields.armed = values.armed
}

function sumInPlace(fields: Cursor<typeof Report.fields>): number {
  return fields.from + fields.target + fields.step + fields.energy + fields.at_0 + fields.at_1 + fields.at_2 + fields.velocity_0 + fields.velocity_1 + fields.velocity_2 + fields.acceleration_0 + fields.acceleration_1 + fields.acceleration_2 + fields.goal_0 + fields.goal_1 + fields.goal_2 + fields.facing_0 + fields.facing_1 + fields.facing_2 + fields.facing_3 + fields.up_0 + fields.up_1 + fields.up_2 + fields.up_3 + fields.health + fields.armour + fields.stamina + fields.fear + fields.team + fields.score + fields.level + fields.region + (fields.role === 'tank' ? 1 : 0) + (fields.armed ? 1 : 0)
}

/** Writes and reads the message over and over, by `pass`, which gives the sum of what it read; `step` differs each time. */
function repeatedly(pass: (values: Values) => number): (times: number) => void {
  const values = { ...report }
  const rest = sumOf(report) - report.step
  return (times) => {
    let wrong = 0
    for (let i = 0; i < times; i++) {
      values.step = i
      if (pass(values) !== rest + i) wrong++
    }
    if (wrong > 0) throw new Error(`${wrong} of ${times} reports came out wrong`)
  }
}

function accessors(): (times: number) => void {
  const fields = Report.cursor(memory)
  return repeatedly((values) => {
    encodeInPlace(fields, values)
    return sumInPlace(fields)
  })
}

function packed(): (times: number) => void {
  const packr = new Packr({ structures: [] })
  return repeatedly((values) => sumOf(packr.unpack(packr.pack(values)) as Values))
}

/** Encode and decode the message so many times: in place with accessors, with the checked codec, and with msgpackr and shared structures. */
export const reporters = {
  accessors: accessors(),
  codec: repeatedly((values) => {
    Report.codec.encode(values, memory, 0)
    return sumOf(Report.codec.read(memory, 0))
  }),
  msgpackr: packed(),
} as const
