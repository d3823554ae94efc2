import { MetabonkError } from '../errors.ts'
import { hashText } from '../hash/text.ts'

/**
 * The u32 that names a random stream: a hash of its kind, its system and its own name. Any of them may be empty.
 *
 * @example streamId('sheep', 'wander', 'turn') // 0xd76d9475
 */
export function streamId(kind: string, system: string, name: string): number {
  return hashText(spell({ kind, system, name }))
}

/** The streams a world uses: refuses two that would share their numbers. */
export class StreamNames {
  private readonly taken = new Map<number, StreamName>()

  /**
   * The id of a stream, which may be asked for any number of times.
   *
   * @throws MetabonkError `world-invalid` when another stream has the same id.
   */
  register(kind: string, system: string, name: string): number {
    const id = streamId(kind, system, name)
    const asked = { kind, system, name }
    const holder = this.taken.get(id) ?? asked
    if (spell(holder) !== spell(asked)) {
      throw new MetabonkError({
        code: 'world-invalid',
        what: `random stream ${show(asked)} would draw the same numbers as ${show(holder)}`,
        todo: 'give one of them another name',
      })
    }
    this.taken.set(id, asked)
    return id
  }
}

interface StreamName {
  readonly kind: string
  readonly system: string
  readonly name: string
}

/** One text per triple: the lengths keep ('a', 'bc') apart from ('ab', 'c'). */
function spell({ kind, system, name }: StreamName): string {
  return `${String(kind.length)}:${String(system.length)}:${kind}${system}${name}`
}

function show({ kind, system, name }: StreamName): string {
  return `"${[kind, system, name].filter((part) => part !== '').join('/')}"`
}
