import { assign, setup } from 'xstate'
import { defineWorld, f32, int, kind, math, message, system, torus, vec } from 'metabonk'

const settings = {
  sheep: int(1_000, { min: 0, max: 100_000, about: 'sheep on the meadow' }),
  wolves: int(2, { min: 0, max: 100, about: 'wolves around them' }),
}

/** A wolf's howl, heard where it is. */
const Alarm = message('Alarm', { at: vec(f32, 2) }, { perSender: 100_000 })

const Sheep = kind('sheep', { published: { at: vec(f32, 2) }, columns: { fear: f32, danger: vec(f32, 2) }, receives: [Alarm], cell: 10 })
const Wolf = kind('wolf', { published: { at: vec(f32, 2) }, columns: { heading: f32 } })

const sheep = setup({
  types: Sheep.types,
  guards: { calm: ({ context }) => context.fear < 0.1 },
}).createMachine({
  id: 'sheep',
  initial: 'grazing',
  context: Sheep.context,
  on: { Alarm: { target: '.fleeing', actions: assign({ fear: 1, danger: ({ event }) => event.at }) } },
  states: {
    grazing: {},
    fleeing: {
      on: {
        STEP: [
          { guard: 'calm', target: 'grazing', actions: assign({ fear: 0 }) },
          { actions: assign({ fear: ({ context }) => context.fear * 0.95 }) },
        ],
      },
    },
  },
})

/** From one coordinate to another on a torus, the shortest way. */
function across(from: number, to: number, size: number): number {
  const way = to - from
  return way > size / 2 ? way - size : way < size / -2 ? way + size : way
}

/** A coordinate brought back onto the torus. */
function onto(at: number, size: number): number {
  return at - Math.floor(at / size) * size
}

/** Calm sheep amble about; afraid ones run from where the alarm was, the faster the greater their fear. */
const wander = system({
  name: 'wander',
  kind: Sheep,
  run: (rows, world) => {
    const { width, height } = world.space
    const { fear, danger } = rows.read
    const { at } = rows.write
    for (let row = rows.begin; row < rows.end; row++) {
      if (rows.alive[row] !== 1) continue
      const x = 2 * row
      const y = x + 1
      const rng = world.rng('amble', row)
      const awayX = across(danger[x], at[x], width)
      const awayY = across(danger[y], at[y], height)
      const stride = (0.6 * fear[row]) / Math.max(math.hypot(awayX, awayY), 1)
      at[x] = onto(at[x] + stride * awayX + 0.2 * (rng.unit() - 0.5), width)
      at[y] = onto(at[y] + stride * awayY + 0.2 * (rng.unit() - 0.5), height)
    }
  },
})

/** Wolves prowl along a slowly turning heading, and howl every second: all sheep within 12 metres hear it. */
const cryWolf = system({
  name: 'cryWolf',
  kind: Wolf,
  run: (rows, world) => {
    const flock = world.others(Sheep)
    const hearing = new Uint32Array(flock.rows)
    const { at, heading } = rows.write
    for (let row = rows.begin; row < rows.end; row++) {
      if (rows.alive[row] !== 1) continue
      const x = 2 * row
      const y = x + 1
      heading[row] += 0.2 * world.rng('turn', row).normal()
      at[x] = onto(at[x] + 0.4 * math.cos(heading[row]), world.space.width)
      at[y] = onto(at[y] + 0.4 * math.sin(heading[row]), world.space.height)
      if (world.step % 10 !== 0) continue
      const count = world.grid(Sheep).near(at[x], at[y], 12, hearing)
      for (let i = 0; i < count; i++) world.send(row, Alarm, flock.id(hearing[i]), { at: [at[x], at[y]] })
    }
  },
})

export default defineWorld({
  name: 'meadow',
  config: settings,
  space: torus(100, 100),
  stepMillis: 100,
  kinds: [Sheep.with(sheep), Wolf],
  init: ({ config, rng, spawn }) => {
    for (let i = 0; i < config.sheep; i++) spawn(Sheep, { at: [rng.unit() * 100, rng.unit() * 100] })
    for (let i = 0; i < config.wolves; i++) spawn(Wolf, { at: [rng.unit() * 100, rng.unit() * 100], heading: rng.unit() * 2 * Math.PI })
  },
  systems: [wander, cryWolf],
  report: {
    afraid: (view) => view.count(Sheep, 'fleeing'),
    fear: (view) => view.mean(Sheep, 'fear'),
  },
})
