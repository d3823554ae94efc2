import { generate } from '../schema/generate.ts'

/** Values that generated code names. Equal values get one name. */
export class CodeScope {
  private readonly values: Record<string, unknown>
  private readonly names = new Map<unknown, string>()

  /** `fixed` are values under their own names. */
  constructor(fixed: Readonly<Record<string, unknown>>) {
    this.values = { ...fixed }
  }

  /** An expression for a value: a literal, or a name. */
  name(value: unknown): string {
    if (value === undefined) return 'undefined'
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
    if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value)
    const known = this.names.get(value)
    if (known !== undefined) return known
    const name = `k${this.names.size}`
    this.names.set(value, name)
    this.values[name] = value
    return name
  }

  /** Runs the body of a function that sees the named values. */
  run(body: string): unknown {
    return generate(body, this.values)
  }
}
