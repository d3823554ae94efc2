import { MetabonkError } from '../errors.ts'
import { limits } from '../limits.ts'
import { createCodec, type RecordCodec } from './codec.ts'
import { checkName, type EventOf, type MessageType } from './message.ts'
import { checkOptions } from './options.ts'
import { maskColumn, type Space } from './spaces.ts'
import { bool, f32, type ColumnType, type Fields, type FieldType, type ValueOf } from './types.ts'

/** What a policy sees and does for the agents of a kind. It adds columns to the kind: see {@link PolicyColumns}. */
export interface PolicySpec<A extends Space = Space> {
  readonly observation: Space
  readonly action: A
}

/** The columns a policy adds: the action it chose, and what the world says of the outcome of a step. */
export type PolicyColumns<S> =
  S extends PolicySpec<infer A>
    ? {
        readonly action: A['column']
        readonly actionMask: ColumnType<readonly number[], Uint8Array>
        readonly reward: typeof f32
        readonly terminated: typeof bool
        readonly truncated: typeof bool
      }
    : unknown

type NoFields = Readonly<Record<never, ColumnType>>

/** Options of `kind`. */
export interface KindOptions<P extends Fields, C extends Fields, R extends readonly MessageType[], S extends PolicySpec | undefined> {
  /** Columns that others may read, as they were at the start of the step. `at: vec(f32, 2)` puts the kind in space. */
  readonly published?: P
  /** Columns that only the agent itself reads and writes. */
  readonly columns?: C
  /** Message types its machine (or a system) understands. */
  readonly receives?: R
  /** Most rows alive at once; reaching it is an error or refuses births. */
  readonly rowsMax?: number
  /** What happens when `rowsMax` is reached: stop the run with an error (default), or refuse further births, counted. */
  readonly whenFull?: 'stop' | 'refuse'
  /** Most messages the kind may receive in one step. */
  readonly mailMax?: number
  /** Most births in one step. */
  readonly birthsMax?: number
  /** Cell size of the neighbour grid, in units of the world's space; no grid when absent. Best near the usual query radius. */
  readonly cell?: number
  readonly policy?: S
}

/** All fields of a kind: published, private, and those its policy adds. */
export type FieldsOf<K> = K extends KindType<string, infer P, infer C, readonly MessageType[], infer S> ? P & C & PolicyColumns<S> : never

/** Event a machine of the kind gets: the clock, or a message it declared. */
export type EventsOf<R extends readonly MessageType[]> = { readonly type: 'STEP' } | EventOf<R[number]>

/** One column of a kind. Hidden ones (names starting with `$`) belong to the runtime. */
export interface ColumnPlan {
  readonly name: string
  readonly type: ColumnType
  readonly published: boolean
}

/** A kind of agent: what its rows hold and what they receive. */
export interface KindType<
  N extends string = string,
  P extends Fields = Fields,
  C extends Fields = Fields,
  R extends readonly MessageType[] = readonly MessageType[],
  S extends PolicySpec | undefined = PolicySpec | undefined,
> {
  readonly name: N
  readonly published: P
  readonly columns: C
  readonly receives: R
  readonly rowsMax: number
  readonly whenFull: 'stop' | 'refuse'
  readonly mailMax: number
  readonly birthsMax: number
  readonly cell: number | undefined
  readonly policy: S
  /** All columns in order: published, private, policy. */
  readonly plan: readonly ColumnPlan[]
  /** Values of all columns in `plan`, as births carry them. */
  readonly codec: RecordCodec
}

function policyFields(policy: PolicySpec | undefined): Fields {
  if (policy === undefined) return {}
  const fields: Record<string, ColumnType> = { action: policy.action.column, reward: f32, terminated: bool, truncated: bool }
  if (policy.action.masked) fields['actionMask'] = maskColumn(policy.action)
  return fields
}

function planOf(name: string, published: Fields, columns: Fields, policy: PolicySpec | undefined): ColumnPlan[] {
  const plan: ColumnPlan[] = []
  const add = (fields: Fields, isPublished: boolean): void => {
    for (const [column, type] of Object.entries(fields)) {
      checkName(`a column of kind ${name}`, column)
      if ((type as FieldType | undefined)?.form === 'bytes') {
        throw new MetabonkError({ code: 'schema', what: `column '${column}' of kind ${name} can't be bytes`, todo: 'take vec(u8, length), or send bytes in a message' })
      }
      if (plan.some((each) => each.name === column)) {
        throw new MetabonkError({ code: 'schema', what: `kind ${name} declares the column '${column}' twice`, todo: 'keep one: published, private and policy columns share their names' })
      }
      plan.push({ name: column, type, published: isPublished })
    }
  }
  add(published, true)
  add(columns, false)
  add(policyFields(policy), false)
  return plan
}

function checkCount(name: string, what: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return
  throw new MetabonkError({ code: 'schema', what: `kind ${name}: ${what} can't be ${value}`, todo: `give an integer from 1 to ${max}` })
}

/** Declares the data of a kind of agent; `actors` adds the behaviour. */
export function kindType<
  const N extends string,
  const P extends Fields = NoFields,
  const C extends Fields = NoFields,
  const R extends readonly MessageType[] = readonly [],
  const S extends PolicySpec | undefined = undefined,
>(name: N, options: KindOptions<P, C, R, S>): KindType<N, P, C, R, S> {
  checkName('a kind', name)
  checkOptions(`kind ${name}`, options, [], ['published', 'columns', 'receives', 'cell', 'rowsMax', 'whenFull', 'mailMax', 'birthsMax', 'policy'])
  const rowsMax = options.rowsMax ?? limits.rowsDefault
  const mailMax = options.mailMax ?? limits.messagesPerKind
  const birthsMax = options.birthsMax ?? limits.birthsPerKind
  checkCount(name, 'rowsMax', rowsMax, limits.rowsMax)
  checkCount(name, 'mailMax', mailMax, limits.rowsMax)
  checkCount(name, 'birthsMax', birthsMax, limits.rowsMax)
  if (options.cell !== undefined && !(options.cell > 0)) throw new MetabonkError({ code: 'schema', what: `kind ${name}: cell can't be ${options.cell}`, todo: 'give a positive size' })
  const published = (options.published ?? {}) as P
  const columns = (options.columns ?? {}) as C
  const policy = options.policy as S
  if (policy !== undefined) checkOptions(`the policy of kind ${name}`, policy, ['observation', 'action'], [])
  const plan = planOf(name, published, columns, policy)
  return Object.freeze({
    name,
    published,
    columns,
    receives: (options.receives ?? []) as unknown as R,
    rowsMax,
    whenFull: options.whenFull ?? 'stop',
    mailMax,
    birthsMax,
    cell: options.cell,
    policy,
    plan,
    codec: createCodec(name, Object.fromEntries(plan.map((column) => [column.name, column.type])), `spawn ${name}`),
  })
}

/** Context of a machine of the kind: every column is a field. */
export type ContextOf<K> = { readonly [F in keyof FieldsOf<K>]: ValueOf<FieldsOf<K>[F]> }
