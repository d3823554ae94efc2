/** A world of which everything can be recorded: policies, masks, rewards, mail, machines, pictures; and rows that die and are born again. */
import { assign, setup } from 'xstate'
import { box, camera, defineWorld, discrete, f32, kind, message, observe, meshes, system, torus, u16, vec, visual } from 'metabonk'

const Flash = message('Flash', { light: f32, tint: vec(u16, 3) })

export const Lantern = kind('lantern', { published: { at: vec(f32, 2) }, rowsMax: 64 })
export const Seer = kind('seer', {
  published: { at: vec(f32, 2) },
  columns: { flashes: u16 },
  receives: [Flash],
  rowsMax: 256,
  policy: { observation: box([3], -1e6, 1e6), action: discrete(5, { masked: true }) },
})

const seer = setup({ types: Seer.types }).createMachine({
  id: 'seer',
  initial: 'calm',
  context: Seer.context,
  states: {
    calm: { on: { Flash: { target: 'dazzled', actions: assign({ flashes: ({ context }) => context.flashes + 1 }) } } },
    dazzled: { after: { 3: 'calm' } },
  },
})

/** Every eighth seer stands before a lantern; the others see nothing but the dark. */
export default defineWorld({
  name: 'lanterns',
  space: torus(1000, 1000),
  stepMillis: 1,
  kinds: [Seer.with(seer), Lantern],
  init: ({ spawn }) => {
    for (let i = 0; i < 20; i++) spawn(Lantern, { at: [i * 48 + 2, 500] })
    for (let i = 0; i < 140; i++) spawn(Seer, { at: [i % 8 === 0 ? (i / 8) * 48 : i * 4, i % 8 === 0 ? 500 : 100], actionMask: [1, 0, 1, 1, 0] })
  },
  systems: [
    system({ name: 'shine', kind: Seer, run: (rows, world) => {
      const { reward, terminated, truncated } = rows.write
      for (let row = rows.begin; row < rows.end; row++) {
        if (rows.alive[row] !== 1) continue
        const rng = world.rng('shine', row)
        const luck = rng.below(40)
        reward[row] = luck === 0 ? 1.5 : 0
        terminated[row] = luck === 1 ? 1 : 0
        truncated[row] = luck === 2 ? 1 : 0
        if (luck === 3) world.kill(row)
        if (luck === 4) world.spawn(row, Seer, { at: [row, 200], actionMask: [0, 1, 0, 1, 1] })
        if (luck > 30) world.send(row, Flash, rows.id(row), { light: luck, tint: [row, luck, world.step] })
      }
    } }),
  ],
  observers: [
    observe({ kind: Seer, run: ({ row, read, out, offset }, world) => {
      out[offset] = row
      out[offset + 1] = world.step
      out[offset + 2] = read.flashes[row]
    } }),
  ],
  scene: () => ({
    visuals: [visual(Lantern, { mesh: meshes.cylinder(), size: [3, 3, 1], lift: 0.5, segmentation: 1, colour: [255, 240, 200] })],
    cameras: [camera(Seer, { view: { from: 'above', altitude: 8 }, fieldOfView: 80, near: 0.5, far: 20, width: 16, height: 16, channels: ['rgb', 'depth', 'segmentation'] })],
  }),
  report: { seers: (view) => view.count(Seer), light: (view) => view.sum(Seer, 'flashes'), nothing: () => NaN },
})
