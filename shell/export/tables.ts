/** What can be exported as tables, and the rows of each. */
import { MetabonkError, type Letter, type RecordedKind, type RecordedRun, type RecordedState } from '../../actors/index.ts'
import { exactJson, loadValue } from '../../runtime/index.ts'
import { exported, single, type Cell, type TableColumn } from './cells.ts'
import type { Content } from './choices.ts'
import type { Stretch } from './job.ts'

/** A table of an export. */
export interface TableShape {
  readonly name: string
  readonly columns: readonly TableColumn[]
}

/** Takes a row of the table at a place. */
export type Put = (table: number, row: readonly Cell[]) => void

/** Tables of a run and where their rows come from: from its states, or from what the recording holds without them. */
export interface Extract {
  readonly tables: readonly TableShape[]
  readonly ofState?: (state: RecordedState, put: Put) => void
  readonly ofFile?: (put: Put) => void
}

/** The kinds of those names, in the world's order; all without any. Throws `usage` for one that is not there. */
export function kindsNamed(kinds: readonly RecordedKind[], names: readonly string[] | undefined): RecordedKind[] {
  const known = kinds.map(({ type }) => type.name)
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new MetabonkError({ code: 'usage', what: `there is no kind '${unknown}' to export`, where: '--kind', todo: `choose from ${known.join(', ')}` })
  return kinds.filter(({ type }) => names === undefined || names.includes(type.name))
}

const step = single('step', 'integer')

function agentTable({ type, hasMachine }: RecordedKind): TableShape {
  const own = [step, single('row', 'u32'), single('generation', 'u32'), ...(hasMachine ? [single('state', 'text')] : [])]
  const taken = new Set(own.map(({ name }) => name))
  const declared = type.plan.map((column) => exported(taken.has(column.name) ? `${type.name}.${column.name}` : column.name, column.type))
  return { name: type.name, columns: [...own, ...declared] }
}

function agents(kinds: readonly RecordedKind[]): Extract {
  const ofKind = (state: RecordedState, kind: string, put: (row: readonly Cell[]) => void): void => {
    const { rows, alive, generation, columns, stateOf } = state.table(kind)
    for (let row = 0; row < rows; row++) {
      if (alive[row] !== 1) continue
      const cells: Cell[] = [state.step, row, generation[row]]
      if (stateOf !== undefined) cells.push(stateOf(row))
      for (const { type, values } of columns) cells.push(loadValue(type, values, row * type.width) as Cell)
      put(cells)
    }
  }
  return {
    tables: kinds.map(agentTable),
    ofState: (state, put) => {
      kinds.forEach(({ type }, i) => {
        ofKind(state, type.name, (row) => {
          put(i, row)
        })
      })
    },
  }
}

function inputs(run: RecordedRun, { from, until }: Stretch): Extract {
  return {
    tables: [{ name: 'inputs', columns: [step, single('source', 'integer'), single('sequence', 'integer'), single('input', 'text')] }],
    ofFile: (put) => {
      for (const each of run.inputs) if (each.step >= from && each.step <= until) put(0, [each.step, each.source, each.sequence, exactJson(each.input)])
    },
  }
}

function hashes(run: RecordedRun, { from, until, every }: Stretch): Extract {
  return {
    tables: [{ name: 'hashes', columns: [step, single('hash', 'text')] }],
    ofFile: (put) => {
      for (let at = from; at <= until; at += every) put(0, [at, run.hashAt(at)])
    },
  }
}

/** `enemy[3]`, or `director`. */
function endText(end: Letter['from']): string {
  return end === undefined ? 'director' : `${end.kind}[${String(end.row)}]`
}

function messages(): Extract {
  return {
    tables: [{ name: 'messages', columns: [step, single('type', 'text'), single('from', 'text'), single('to', 'text'), single('payload', 'text')] }],
    ofState: (state, put) => {
      for (const { type, from, to, payload } of state.mail()) put(0, [state.step, type, endText(from), endText(to), exactJson(payload)])
    },
  }
}

function report(run: RecordedRun): Extract {
  const names = run.reports
  return {
    tables: [{ name: 'report', columns: [step, ...names.map((name) => single(name === 'step' ? 'report.step' : name, 'f64'))] }],
    ofState: (state, put) => {
      put(0, [state.step, ...names.map((name) => state.report[name])])
    },
  }
}

/** The tables of what is asked for. Throws `usage` for kinds that are not there. */
export function extractOf(run: RecordedRun, content: Content, stretch: Stretch, kinds: readonly string[] | undefined): Extract {
  switch (content) {
    case 'agents':
      return agents(kindsNamed(run.kinds, kinds))
    case 'inputs':
      return inputs(run, stretch)
    case 'hashes':
      return hashes(run, stretch)
    case 'messages':
      return messages()
    case 'report':
      return report(run)
  }
}
