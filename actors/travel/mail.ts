import { addressOf, frameWords, kindOfAddress, mailHeaderWords, mailWord, memoryOf, rowOfAddress, type Program, type SharedState } from '../../runtime/index.ts'

/** One end of a message: an agent, or the director, which has no row. */
export interface Correspondent {
  readonly kind: string
  readonly row: number
}

/** A message on its way, as people read it. */
export interface Letter {
  readonly type: string
  readonly to: Correspondent
  /** Undefined when the director sent it, for a sequential system. */
  readonly from: Correspondent | undefined
  readonly payload: Readonly<Record<string, unknown>>
}

/** Words of messages, one after the other. */
interface MailWords {
  readonly words: Uint32Array
  readonly begin: number
  readonly end: number
}

/** The undelivered mail of a state, in canonical order. */
export function mailOf(state: SharedState): Letter[] {
  return readLetters(state, mailWordsOf(state))
}

function mailWordsOf({ memory, control }: SharedState): MailWords {
  return { words: new Uint32Array(memory.inboxes[0]), begin: 0, end: control.mailWords(0) }
}

/** The first of the undelivered messages to an agent, at most so many. */
export function mailTo(state: SharedState, { kind, row, most }: Correspondent & { readonly most: number }): Letter[] {
  const address = addressOf(state.program.kinds.findIndex(({ name }) => name === kind), row)
  const mail = mailWordsOf(state)
  const letters: Letter[] = []
  for (let begin = 0, end = 0; begin < mail.end && letters.length < most; begin = end) {
    end = begin + frameWords(mail.words[begin])
    if (mail.words[begin + mailWord.to] === address) letters.push(...readLetters(state, { words: mail.words, begin, end }))
  }
  return letters
}

/** The messages among some words. */
export function readLetters({ program: { kinds, types } }: { readonly program: Pick<Program, 'kinds' | 'types'> }, { words, begin, end }: MailWords): Letter[] {
  const memory = memoryOf(words.buffer)
  const ends = (address: number): Correspondent | undefined => (kindOfAddress(address) < 0 ? undefined : { kind: kinds[kindOfAddress(address)].name, row: rowOfAddress(address) })
  const letters: Letter[] = []
  for (let at = begin; at < end; at += frameWords(words[at])) {
    const type = types[words[at + mailWord.type]]
    const to = ends(words[at + mailWord.to])
    if (to === undefined) continue
    letters.push({ type: type.name, to, from: ends(words[at + mailWord.from]), payload: type.codec.read(memory, words.byteOffset + (at + mailHeaderWords) * 4) })
  }
  return letters
}
