import { assert, MetabonkError, type KindType, type Stage } from '../runtime/index.ts'
import { bindAct, outputsOf } from './action.ts'
import { createMlp } from './mlp.ts'
import { hasPolicy, observationSense, pixelSense, type PixelSource } from './senses.ts'

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
    bind: ({ tables, slab, world }) => {
      const table = tables.find((each) => each.kind.name === kind.name)
      assert(table !== undefined, 'a kind that thinks has a table')
      const { values, take } = sense.open(slab)
      const output = new Float32Array(mlp.outputs)
      const act = bindAct(kind, table)
      return (begin, end) => {
        for (let row = begin; row < end; row++) {
          if (table.alive[row] !== 1) continue
          mlp.forward(values, take(row, world.step), output, 0)
          act(output, row)
        }
      }
    },
  }
}
