import { meshInvalid } from './mesh.ts'

/** Elements of a list of objects. */
const listMax = 100_000

/** A value in a JSON text that somebody else wrote, and the path to it: says what it is or throws `world-invalid` with the path. */
export class JsonPlace {
  readonly where: string
  private readonly value: unknown

  constructor(value: unknown, where: string) {
    this.value = value
    this.where = where
  }

  fail(what: string, todo = 'export the file again'): never {
    throw meshInvalid(this.where, what, todo)
  }

  has(key: string): boolean {
    return Object.hasOwn(this.record(), key)
  }

  /** The member of an object; one that is not there is undefined, which nothing but `has` takes. */
  at(key: string): JsonPlace {
    return new JsonPlace(this.has(key) ? this.record()[key] : undefined, `${this.where}.${key}`)
  }

  /** The elements of a list; none where there is no such member. */
  list(key: string): JsonPlace[] {
    if (!this.has(key)) return []
    const { where, value } = this.at(key)
    if (!Array.isArray(value)) throw meshInvalid(where, 'this is no list', 'export the file again')
    if (value.length > listMax) throw meshInvalid(where, `the list has ${value.length} elements`, `simplify the file: a list has at most ${listMax}`)
    return value.map((each: unknown, i) => new JsonPlace(each, `${where}[${i}]`))
  }

  integer(low: number, high: number): number {
    const { value } = this
    if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value
    return this.fail(`${printed(value)} is no integer from ${low} to ${high}`)
  }

  /** An integer from 0 that may be left out. */
  count(key: string, otherwise: number): number {
    return this.has(key) ? this.at(key).integer(0, Number.MAX_SAFE_INTEGER) : otherwise
  }

  /** The element of a list of the whole file that this counts to. */
  of(list: readonly JsonPlace[]): JsonPlace {
    return list[this.integer(0, list.length - 1)]
  }

  /** A list of so many finite numbers. */
  numbers(key: string, otherwise: readonly number[]): readonly number[] {
    if (!this.has(key)) return otherwise
    const { value } = this.at(key)
    const fits = Array.isArray(value) && value.length === otherwise.length && value.every((each) => typeof each === 'number' && Number.isFinite(each))
    return fits ? (value as number[]) : this.at(key).fail(`this is no list of ${otherwise.length} numbers`)
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : this.fail('this is no text')
  }

  isTrue(key: string): boolean {
    return this.has(key) && this.at(key).value === true
  }

  private record(): Readonly<Record<string, unknown>> {
    const { value } = this
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
    return this.fail('this is no object')
  }
}

function printed(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 30)
}
