import { Packr } from 'msgpackr'
import { agentId, bool, enumOf, f32, f64, memoryOf, message, u32, vec, type AgentId, type ValuesOf } from '../../runtime/host/slabs.ts'

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

const report: Values = {
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

/** Throws when a field of a report did not come out as it went in. */
function check(values: Values): void {
  if (JSON.stringify(values) !== JSON.stringify(report)) throw new Error('the report came out wrong')
}

function withAccessors(): (times: number) => void {
  const fields = Report.cursor(memory)
  const encode = (values: Values): void => {
    fields.$at = 0
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
  const decode = (): Values => {
    fields.$at = 0
    const { from, target, step, energy, at, velocity, acceleration, goal, facing, up, health, armour, stamina, fear, team, score, level, region, role, armed } = fields
    return { from, target, step, energy, at, velocity, acceleration, goal, facing, up, health, armour, stamina, fear, team, score, level, region, role, armed }
  }
  return (times) => {
    let last = report
    for (let i = 0; i < times; i++) {
      encode(report)
      last = decode()
    }
    check(last)
  }
}

/** Encode and decode the message so many times: with accessors in place, with the checked codec, and with msgpackr and shared structures. */
export const reporters = {
  accessors: withAccessors(),
  codec: (times: number): void => {
    let last = report
    for (let i = 0; i < times; i++) {
      Report.codec.encode(report, memory, 0)
      last = Report.codec.read(memory, 0)
    }
    check(last)
  },
  msgpackr: (times: number): void => {
    const packr = new Packr({ structures: [] })
    let last = report
    for (let i = 0; i < times; i++) last = packr.unpack(packr.pack(report)) as Values
    check(last)
  },
} as const
