import { assign, setup } from 'xstate'
import { agentId, bool, box, bytes, camera, defineWorld, enumOf, f32, f64, i32, kind, message, nobody, observe, sequential, meshes, system, torus, u16, u32, u8, vec, visual } from 'metabonk'

/** Columns of every type, values and names that are hard to write, births and deaths, mail, a policy and a camera. */
const Note = message('Note', { text: bytes(12), weight: f32 })

const Probe = kind('probe', {
  published: { at: vec(f32, 2), mood: enumOf('calm', 'a "b", c', 'two\nlines') },
  columns: { small: f32, wide: vec(f64, 3), at_0: f32, step: u32, state: u8, friend: agentId, awake: bool, low: i32, count: u16, heard: u32 },
  receives: [Note],
  cell: 5,
  rowsMax: 4096,
  policy: { observation: box([2, 3], -100, 100), action: box([2], -1, 1) },
})
const Rock = kind('rock', { columns: { n: u32 } })

const probe = setup({ types: Probe.types }).createMachine({
  id: 'probe',
  context: Probe.context,
  type: 'parallel',
  states: {
    ears: { initial: 'open', states: { open: { on: { Note: { target: 'shut', actions: assign({ heard: ({ context }) => context.heard + 1 }) } } }, shut: { after: { 2: 'open' } } } },
    legs: { initial: 'still', states: { still: { after: { 3: 'moving' } }, moving: { after: { 4: 'still' } } } },
  },
})

const singles = [Number.NaN, Infinity, -Infinity, -0, 0.1, 1e-45]
const doubles = [Number.NaN, Infinity, -Infinity, -0, 1 / 3, 5e-324, 1.7976931348623157e308]

const live = system({
  name: 'live',
  kind: Probe,
  run(rows, world) {
    const { small, wide, at, at_0, step, friend, awake, low, count, mood, state, reward, terminated, truncated } = rows.write
    for (let row = rows.begin; row < rows.end; row++) {
      if (rows.alive[row] !== 1) continue
      const turn = row + world.step
      small[row] = singles[turn % singles.length]
      for (let i = 0; i < 3; i++) wide[3 * row + i] = doubles[(turn + i) % doubles.length]
      at[2 * row] = (at[2 * row] + 0.37) % 20
      at_0[row] = turn
      step[row] = 4294967295 - turn
      state[row] = turn % 256
      low[row] = -turn
      count[row] = 65535 - turn
      awake[row] = turn % 2
      mood[row] = turn % 3
      friend[2 * row] = rows.id(row) % 4294967296
      friend[2 * row + 1] = Math.floor(rows.id(row) / 4294967296)
      reward[row] = turn / 7
      terminated[row] = turn % 5 === 0 ? 1 : 0
      truncated[row] = turn % 6 === 0 ? 1 : 0
      if (turn % 9 === 0) world.send(row, Note, rows.id(row), { text: 'a,"b"', weight: -0 })
      if (turn % 13 === 0) world.kill(row)
      if (turn % 12 === 0) world.spawn(row, Probe, { at: [turn % 20, 3], friend: nobody })
    }
  },
})

const post = sequential({
  name: 'post',
  kinds: [Probe],
  run(world) {
    const rows = world.rows(Probe)
    for (const row of world.order(Probe)) if (world.step % 10 === row) world.send(Note, rows.id(row), { text: 'from above', weight: 0.5 })
  },
})

export default defineWorld({
  name: 'oddments',
  space: torus(20, 20),
  stepMillis: 50,
  kinds: [Rock, Probe.with(probe)],
  init: ({ spawn, rng }) => {
    for (let i = 0; i < 6; i++) spawn(Probe, { at: [rng.unit() * 20, rng.unit() * 20] })
    for (let i = 0; i < 3; i++) spawn(Rock, { n: i })
  },
  systems: [live, post],
  observers: [
    observe({
      kind: Probe,
      run: ({ row, read, out, offset }, world) => {
        for (let i = 0; i < 6; i++) out[offset + i] = read.at[2 * row] + i + (world.step % 10)
      },
    }),
  ],
  scene: () => ({
    visuals: [visual(Probe, { mesh: meshes.box(), lift: 0.5, colour: [200, 40, 48], segmentation: 1 })],
    cameras: [camera(Probe, { view: { from: 'above', altitude: 8 }, fieldOfView: 64, near: 0.5, far: 10, width: 24, height: 16 })],
  }),
  report: { probes: (view) => view.count(Probe), step: (view) => view.step / 3 },
})
