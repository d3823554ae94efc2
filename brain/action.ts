import { math, MetabonkError, type KindTable, type KindType, type PolicySpec, type Space } from '../runtime/index.ts'

/** Turns what a policy put out for a row, from one of its elements on, into the row's action. */
export type Act = (output: Float32Array, from: number, row: number) => void

/** A kind with a policy. */
export type PolicyKind = KindType & { readonly policy: PolicySpec }

/**
 * How many outputs the policy of a kind has: one for each choice, or for each element of a box.
 *
 * @throws MetabonkError `world-invalid` for a box that is no column or has no bounds.
 */
export function outputsOf({ name, policy }: PolicyKind): number {
  const { form, shape, low, high, choices, column } = policy.action
  if (form === 'discrete') return choices
  const elements = shape.reduce((product, extent) => product * extent, 1)
  if (elements === column.width && Number.isFinite(low) && Number.isFinite(high)) return elements
  throw new MetabonkError({
    code: 'world-invalid',
    what: `a policy can't act in a box of ${elements} elements from ${low} to ${high}`,
    where: `kind ${name}`,
    todo: 'give the action few enough elements for a column, and finite bounds',
  })
}

/** Binds acting to the memory of the kind. */
export function bindAct(kind: PolicyKind, table: KindTable): Act {
  const { action } = kind.policy
  const actions = table.column('action').live
  const mask = action.masked ? table.column('actionMask').live : undefined
  const outputs = outputsOf(kind)
  const check = checkOf(kind, outputs)
  const choose = choiceOf(mask, outputs)
  const act: Act =
    action.form === 'discrete'
      ? (output, from, row) => {
          actions[row] = choose(output, from, row)
        }
      : (output, from, row) => {
          for (let i = 0; i < outputs; i++) actions[row * outputs + i] = squash(output[from + i], action)
        }
  return (output, from, row) => {
    check(output, from, row)
    act(output, from, row)
  }
}

/** Takes the valid choice with the largest output, the lowest of equals; 0 when none is valid. */
function choiceOf(mask: ArrayLike<number> | undefined, choices: number): (output: Float32Array, from: number, row: number) => number {
  return (output, from, row) => {
    let best = -1
    for (let i = 0; i < choices; i++) {
      if (mask?.[row * choices + i] === 0) continue
      if (best < 0 || output[from + i] > output[from + best]) best = i
    }
    return Math.max(best, 0)
  }
}

/** From any number into [low, high]: low + (tanh + 1) / 2 x (high - low), each operation rounded to f32. */
function squash(value: number, { low, high }: Space): number {
  const lowest = Math.fround(low)
  const highest = Math.fround(high)
  const part = Math.fround(Math.fround(Math.fround(math.tanh(value)) + 1) * 0.5)
  const up = Math.fround(part * Math.fround(highest - lowest))
  // The rounded width of the box may lead one step past its end.
  return Math.min(Math.fround(lowest + up), highest)
}

function checkOf({ name }: PolicyKind, outputs: number): Act {
  return (output, from, row) => {
    for (let i = 0; i < outputs; i++) {
      if (output[from + i] === output[from + i]) continue
      throw new MetabonkError({
        code: 'world-invalid',
        what: `output ${i} of the policy is not a number for ${name} ${row}`,
        where: `observations of ${name}`,
        todo: 'keep observations small: sums over them overflowed',
      })
    }
  }
}
