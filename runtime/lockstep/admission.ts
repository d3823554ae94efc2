import { MetabonkError } from '../errors.ts'
import { withConfig, type Input } from './inputs.ts'
import { SharedConfig, type SharedState } from './shared.ts'

/** The error of an input for a row where nobody lives. */
export function noSuchAgent({ form, kind, row }: Extract<Input, { readonly row: number }>): MetabonkError {
  return new MetabonkError({ code: 'usage', what: `an input can't be applied: ${kind} ${row} is not alive`, where: `input ${form}`, todo: 'name a live row' })
}

/** Whether an input ends that agent. */
function kills(input: Input, { kind, row }: Extract<Input, { readonly row: number }>): boolean {
  return input.form === 'kill' && input.kind === kind && input.row === row
}

function checkRoom({ tables }: SharedState, due: readonly Input[], { kind }: Extract<Input, { readonly form: 'spawn' }>): void {
  const table = tables.find((each) => each.kind.name === kind)
  if (table === undefined || table.kind.whenFull === 'refuse') return
  const births = due.filter((each) => each.form === 'spawn' && each.kind === kind).length
  if (table.aliveCount + births < table.kind.rowsMax) return
  throw new MetabonkError({ code: 'limit', what: `kind ${kind} has reached its rowsMax of ${table.kind.rowsMax}`, where: 'input spawn', todo: `kill one first, or declare rowsMax higher` })
}

/** Refuses an input that would end the run if it were applied to a state after those that are due there: nothing else shows it before its turn. */
export function checkAdmissible(state: SharedState, due: readonly Input[], input: Input): void {
  switch (input.form) {
    case 'config': {
      const values = [...due, input].reduce((all, each) => (each.form === 'config' ? withConfig(all, each.key, each.value) : all), state.config.current)
      SharedConfig.encode(values)
      return
    }
    case 'spawn':
      checkRoom(state, due, input)
      return
    default: {
      const table = state.tables.find((each) => each.kind.name === input.kind)
      if (table?.isAlive(input.row) !== true || due.some((each) => kills(each, input))) throw noSuchAgent(input)
    }
  }
}
