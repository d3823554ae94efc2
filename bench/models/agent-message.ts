import { Packr } from 'msgpackr'
import { agentId, bytes, f32, f64, memoryOf, message, u32, vec, type AgentId, type GivenOf } from '../../runtime/index.ts'

/** What an agent of 200 bytes would say to another. */
const Report = message('Report', {
  from: agentId,
  target: agentId,
  step: f64,
  energy: f64,
  at: vec(f64, 3),
  velocity: vec(f32, 3),
  health: f32,
  team: u32,
  score: u32,
  name: bytes(16),
  seen: vec(f32, 26),
})

const report: GivenOf<typeof Report.fields> = {
  from: 7 as AgentId,
  target: 12 as AgentId,
  step: 1_200,
  energy: 0.75,
  at: [1.5, 2.5, 3.5],
  velocity: [0.25, -0.5, 0.125],
  health: 0.5,
  team: 3,
  score: 1_000,
  name: new Uint8Array(16).fill(65),
  seen: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25],
}

/** Bytes of the message. */
export const reportBytes = Report.codec.bytes

/** Encodes and decodes the message so many times: with the generated code, and with msgpackr and shared structures. */
export const reporters = {
  codec: (times: number): void => {
    const memory = memoryOf(new SharedArrayBuffer(Report.codec.bytes))
    for (let i = 0; i < times; i++) {
      Report.codec.encode(report, memory, 0)
      if (Report.codec.read(memory, 0).score !== 1_000) throw new Error('the report came out wrong')
    }
  },
  msgpackr: (times: number): void => {
    const packr = new Packr({ structures: [] })
    for (let i = 0; i < times; i++) {
      if ((packr.unpack(packr.pack(report)) as typeof report).score !== 1_000) throw new Error('the report came out wrong')
    }
  },
} as const
