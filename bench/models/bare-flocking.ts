import type { Simulation } from '../../actors/index.ts'
import { createGridShape } from '../../runtime/grid/shape.ts'
import { torus, type ConfigValues, type GridShape, type Kernels, type KindType } from '../../runtime/index.ts'

/** Positions and velocities: x, y pairs by bird. */
interface Birds {
  readonly at: Float32Array
  readonly velocity: Float32Array
}

interface Cells {
  readonly shape: GridShape
  readonly start: Uint32Array
  readonly sorted: Uint32Array
}

type Rules = Readonly<Record<'size' | 'vision' | 'speed' | 'separation' | 'cohere' | 'separate' | 'match', number>>

function numberOf(config: ConfigValues, key: string): number {
  const value = config[key]
  if (typeof value !== 'number') throw new TypeError(`the flocking world has no number '${key}'`)
  return value
}

function readRules(config: ConfigValues): Rules {
  const read = (key: keyof Rules): number => numberOf(config, key)
  return { size: read('size'), vision: read('vision'), speed: read('speed'), separation: read('separation'), cohere: read('cohere'), separate: read('separate'), match: read('match') }
}

function around(way: number, half: number, size: number): number {
  if (way > half) return way - size
  return way < -half ? way + size : way
}

function inside(at: number, size: number): number {
  const back = Math.fround(at - Math.floor(at / size) * size)
  return back < size ? back : 0
}

/* eslint-disable max-depth -- what the runtime is compared with: one plain loop, as one writes it without a runtime */
/** The flock's step over bare arrays: from where all birds are now to where they are next. */
function flyAll(now: Birds, next: Birds, { shape, start, sorted }: Cells, rules: Rules): void {
  const { size, speed, cohere, separate, match } = rules
  const { at, velocity } = now
  const { columns, cellWidth } = shape
  const half = size / 2
  const visible = rules.vision * rules.vision
  const crowded = rules.separation * rules.separation
  const reach = Math.ceil(rules.vision / cellWidth)
  const wide = Math.min(2 * reach + 1, columns)
  // Cell by cell, as the world does: what is compared is the runtime, not the order of the loop.
  for (let turn = 0; turn < at.length / 2; turn++) {
    const bird = sorted[turn]
    const x = at[2 * bird]
    const y = at[2 * bird + 1]
    const left = (Math.min(Math.floor(x / cellWidth), columns - 1) - reach + columns) % columns
    let line = (Math.min(Math.floor(y / cellWidth), columns - 1) - reach + columns) % columns
    let count = 0
    let pullX = 0
    let pullY = 0
    for (let i = 0; i < wide; i++) {
      // The cells of a line lie side by side: one run of places, or two where the line goes around.
      let column = left
      let rest = wide
      while (rest > 0) {
        const run = Math.min(rest, columns - column)
        const end = start[line * columns + column + run]
        for (let place = start[line * columns + column]; place < end; place++) {
          const other = sorted[place]
          const wayX = around(at[2 * other] - x, half, size)
          const wayY = around(at[2 * other + 1] - y, half, size)
          const square = wayX * wayX + wayY * wayY
          if (square > visible || other === bird) continue
          const pull = cohere - (square < crowded ? separate : 0)
          pullX += pull * wayX + match * velocity[2 * other]
          pullY += pull * wayY + match * velocity[2 * other + 1]
          count++
        }
        rest -= run
        column = 0
      }
      line = line + 1 === columns ? 0 : line + 1
    }
    const headX = velocity[2 * bird] + pullX / Math.max(count, 1)
    const headY = velocity[2 * bird + 1] + pullY / Math.max(count, 1)
    const length = Math.sqrt(headX * headX + headY * headY)
    next.velocity[2 * bird] = length > 0 ? headX / length : velocity[2 * bird]
    next.velocity[2 * bird + 1] = length > 0 ? headY / length : velocity[2 * bird + 1]
    next.at[2 * bird] = inside(x + next.velocity[2 * bird] * speed, size)
    next.at[2 * bird + 1] = inside(y + next.velocity[2 * bird + 1] * speed, size)
  }
}
/* eslint-enable max-depth -- as above */

/**
 * The flocking world without a runtime: two copies of four arrays, the same grid kernel, one loop. Its birds are bit for bit where the
 * world's are; what it lacks is everything else.
 */
export class BareFlock {
  private readonly cells: Cells
  private readonly rules: Rules
  private readonly kernels: Kernels
  private readonly alive: Uint8Array
  private now: Birds
  private next: Birds

  /** A flock that goes on from where that of a simulation is. */
  constructor(simulation: Simulation, bird: KindType, config: ConfigValues, kernels: Kernels) {
    const rows = simulation.rows(bird)
    this.kernels = kernels
    this.rules = readRules(config)
    const shape = createGridShape(torus(this.rules.size, this.rules.size), bird.cell ?? this.rules.vision)
    this.cells = { shape, start: new Uint32Array(shape.columns * shape.lines + 1), sorted: new Uint32Array(rows) }
    this.alive = new Uint8Array(rows).fill(1)
    this.now = birdsOf(simulation, bird)
    this.next = birdsOf(simulation, bird)
  }

  step(count: number): void {
    for (let step = 0; step < count; step++) {
      this.kernels.buildGrid(this.cells.shape, this.now.at, this.alive, this.alive.length, this.cells.start, this.cells.sorted)
      flyAll(this.now, this.next, this.cells, this.rules)
      const { now } = this
      this.now = this.next
      this.next = now
    }
  }

  /** Throws unless the birds of the simulation are exactly where these are. */
  expectBirdsOf(simulation: Simulation, bird: KindType): void {
    const theirs = birdsOf(simulation, bird)
    for (const column of ['at', 'velocity'] as const) {
      const place = this.now[column].findIndex((value, i) => !Object.is(value, theirs[column][i]))
      if (place >= 0) throw new Error(`${column} of bird ${place >> 1} is ${theirs[column][place]} in the runtime and ${this.now[column][place]} in the bare loop`)
    }
  }
}

function birdsOf(simulation: Simulation, bird: KindType): Birds {
  const birds = { at: new Float32Array(2 * simulation.rows(bird)), velocity: new Float32Array(2 * simulation.rows(bird)) }
  for (let row = 0; row < birds.at.length / 2; row++) {
    birds.at.set(simulation.get(bird, row, 'at') as number[], 2 * row)
    birds.velocity.set(simulation.get(bird, row, 'velocity') as number[], 2 * row)
  }
  return birds
}
