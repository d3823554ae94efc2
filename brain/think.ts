import { assert, MetabonkError, type KindType, type RunDense, type Stage } from '../runtime/index.ts'
import { bindAct, outputsOf, type Act } from './action.ts'
import { createMlp, type Forward, type Mlp } from './mlp.ts'
import { hasPolicy, observationSense, pixelSense, type OpenSense, type PixelSource } from './senses.ts'

/** Options of {@link thinkStage}. */
export interface ThinkOptions {
  readonly kind: KindType
  /** Seed of the initial weights. */
  readonly seed: number
  /** The camera's pictures, for a policy that acts from pixels; without, it acts from `observations.KIND`. */
  readonly frames?: PixelSource | undefined
  /** Outputs of each hidden layer. Default: two layers of 32. */
  readonly hidden?: readonly number[]
}

/** A stage that acts by a policy. */
export interface ThinkStage extends Stage {
  /** Identity of the policy: hash of architecture and weights. */
  readonly weightsHash: string
}

const defaultHidden = [32, 32]
/** Agents that think at once: enough that weights are read for many of them. */
const batchMax = 64

/** Agents of one thread who are about to act. */
class Thinkers {
  private readonly forward: Forward
  private readonly take: OpenSense['take']
  private readonly takeAction: Act
  private readonly outputs: number
  private readonly rows = new Uint32Array(batchMax)
  private count = 0

  constructor(mlp: Mlp, { values, take }: OpenSense, runDense: RunDense | undefined, act: Act) {
    this.forward = mlp.open(values, batchMax, runDense)
    this.take = take
    this.takeAction = act
    this.outputs = mlp.outputs
  }

  /** Takes what a row observes; when that is refused, those before it act first, as if all had been one by one. */
  add(row: number, step: number): void {
    if (this.count === batchMax) this.act()
    try {
      this.forward.starts[this.count] = this.take(row, step)
    } catch (error) {
      this.act()
      throw error
    }
    this.rows[this.count++] = row
  }

  /** All of them act, in their order. */
  act(): void {
    const { forward, rows, count, outputs } = this
    this.count = 0
    if (count === 0) return
    forward.run(count)
    for (let i = 0; i < count; i++) this.takeAction(forward.output, i * outputs, rows[i])
  }
}

/**
 * The stage in which a small network acts for every live agent of a kind: it writes the column `action`. A discrete action is the valid choice
 * with the largest output, the lowest of equals, and 0 when `actionMask` leaves none; elements of a box are squashed into its bounds.
 *
 * Throws `world-invalid` for a kind without a policy; while running, for an observation that is not finite (with kind, row and element);
 * and what `frames` throws when a picture is not of this step.
 */
export function thinkStage({ kind, seed, frames, hidden = defaultHidden }: ThinkOptions): ThinkStage {
  if (!hasPolicy(kind)) {
    throw new MetabonkError({ code: 'world-invalid', what: `kind ${kind.name} has no policy`, todo: 'declare policy: { observation, action } in kind(...)' })
  }
  const sense = frames === undefined ? observationSense(kind) : pixelSense(frames)
  const mlp = createMlp({ inputs: sense.elements, hidden, outputs: outputsOf(kind), seed, name: kind.name })
  return {
    name: 'think',
    kind,
    writes: ['action'],
    weightsHash: mlp.weightsHash,
    bind: ({ tables, slab, world, kernels }) => {
      const table = tables.find((each) => each.kind.name === kind.name)
      assert(table !== undefined, 'a kind that thinks has a table')
      const thinkers = new Thinkers(mlp, sense.open(slab), kernels.runDense, bindAct(kind, table))
      return (begin, end) => {
        for (let row = begin; row < end; row++) if (table.alive[row] === 1) thinkers.add(row, world.step)
        thinkers.act()
      }
    },
  }
}
