/** Questions and answers between two sides that only pass plain data: threads, or processes on a socket. */
import { MetabonkError } from '../../../actors/index.ts'
import type { ErrorParts } from '../../../runtime/index.ts'

/** A question: the answer has its number. */
export interface Request {
  readonly id: number
  readonly method: string
  readonly args: readonly unknown[]
}

/** The answer to a question, or why there is none. */
export type Answer = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: ErrorParts }

/** What answers questions, by name. */
export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>

interface Pending {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/** The side that asks. */
export class Caller {
  private readonly send: (request: Request) => void
  private readonly pending = new Map<number, Pending>()
  private next = 0
  private failure: MetabonkError | undefined

  constructor(send: (request: Request) => void) {
    this.send = send
  }

  /** Asks, and resolves with the answer; rejects with the error that the other side met, or the one that ended the connection. */
  call<T>(method: string, ...args: readonly unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.failure !== undefined) {
        reject(this.failure)
        return
      }
      const id = this.next++
      this.pending.set(id, { resolve, reject })
      this.send({ id, method, args })
    })
  }

  /** Takes an answer. What answers nothing is ignored. */
  take(answer: Answer): void {
    const asked = this.pending.get(answer.id)
    if (asked === undefined) return
    this.pending.delete(answer.id)
    if ('error' in answer) asked.reject(new MetabonkError(answer.error))
    else asked.resolve(answer.value as never)
  }

  /** Nobody answers any more: everything asked and everything that will be is rejected. */
  end(failure: MetabonkError): void {
    this.failure ??= failure
    for (const { reject } of this.pending.values()) reject(this.failure)
    this.pending.clear()
  }
}

/** Any error, as parts that can be sent. */
function partsOf(error: unknown): ErrorParts {
  if (error instanceof MetabonkError) return error.toParts()
  return { code: 'usage', what: `unexpected: ${error instanceof Error ? error.message : String(error)}`, todo: 'please report it' }
}

/** Answers a question; whatever is thrown is an answer too. */
export async function answerTo(methods: Methods, { id, method, args }: Request): Promise<Answer> {
  try {
    if (!Object.hasOwn(methods, method)) throw new MetabonkError({ code: 'usage', what: `nothing answers to '${method.slice(0, 40)}'` })
    return { id, value: await methods[method](...(args as never[])) }
  } catch (error) {
    return { id, error: partsOf(error) }
  }
}
