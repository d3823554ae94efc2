/** What kind of thing went wrong; programs switch on it, people read the message. */
export type ErrorCode =
  | 'usage'
  | 'world-not-found'
  | 'world-invalid'
  | 'world-threw'
  | 'world-forbidden'
  | 'config'
  | 'schema'
  | 'machine'
  | 'limit'
  | 'foreign-write'
  | 'order-dependence'
  | 'recording-invalid'
  | 'recording-torn'
  | 'recording-foreign'
  | 'recording-contract'
  | 'recording-mismatch'
  | 'disk'
  | 'tool'
  | 'worker-stuck'
  | 'worker-dead'
  | 'stopped'
  | 'native'
  | 'memory'
  | 'ring'
  | 'peer-dead'
  | 'reader-late'

/** Fields of a {@link MetabonkError}: one sentence each, without a final full stop. */
export interface ErrorParts {
  readonly code: ErrorCode
  /** What went wrong. */
  readonly what: string
  /** Where: a file, a kind and column, a step, a configuration path. */
  readonly where?: string
  /** What the reader can do about it. */
  readonly todo?: string
  readonly cause?: unknown
}

/**
 * Every operating error of the package: bad input, a limit, a broken file, a world that misbehaves.
 * The message is one line that says what, where and what to do. Programmer errors are {@link AssertionError}s instead.
 */
export class MetabonkError extends Error {
  override readonly name = 'MetabonkError'
  readonly code: ErrorCode
  readonly what: string
  readonly where: string | undefined
  readonly todo: string | undefined

  constructor(parts: ErrorParts) {
    const where = parts.where === undefined ? '' : ` (${parts.where})`
    const todo = parts.todo === undefined ? '' : `; ${parts.todo}`
    super(`${parts.what}${where}${todo}`, parts.cause === undefined ? undefined : { cause: parts.cause })
    this.code = parts.code
    this.what = parts.what
    this.where = parts.where
    this.todo = parts.todo
  }

  /** Plain data that survives a thread boundary. */
  toParts(): ErrorParts {
    return {
      code: this.code,
      what: this.what,
      ...(this.where === undefined ? {} : { where: this.where }),
      ...(this.todo === undefined ? {} : { todo: this.todo }),
    }
  }
}

/** A broken invariant of our own: always a bug in the package, never bad input. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Stops at a broken invariant; stays on in production. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new AssertionError(`broken invariant: ${invariant}`)
}
