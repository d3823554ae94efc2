/**
 * Cuts what a terminal sends into whole sequences: one key, one report of the mouse, one pasted text each. blessed decodes those one by one; given
 * bytes as they arrive it would take half a sequence for keys, read one report of several, and run what is pasted as commands.
 */
import { StringDecoder } from 'node:string_decoder'

/** A whole sequence. `alt`: it came behind an escape. */
export interface InputEvents {
  key(sequence: string, alt: boolean): void
  mouse(sequence: string): void
  paste(text: string): void
}

const escape = '\u001b'
/** An escape that nothing follows for so long is the key. */
const escapeMillis = 40
/** A paste whose end is lost ends when nothing more comes. */
const pasteMillis = 1000
const sequenceCharsMax = 256
const stringCharsMax = 4096
const pasteCharsMax = 1 << 20
const pasteBegins = '\u001b[200~'
const pasteEnds = '\u001b[201~'
/** Introducers of strings that terminals answer questions with: OSC, DCS, APC, PM, SOS. Nobody here asks, a program before may have. */
const strings = ']P_^X'

/** Control sequences end with their first character of a certain range; except the function keys of the Linux console, the old reports of the mouse, and keys with shift of rxvt. */
const wholeControl = /^\u001b\[(?:\[(?:\D|\d+\D)|M[^]{3}|\d+\$|(?![[M])[^@-~]*[@-~])$/

/** Whether what has begun with an escape is all there. */
function isWhole(sequence: string): boolean {
  const kind = sequence[1]
  if (kind === '[') return wholeControl.test(sequence)
  if (kind === 'O') return sequence.length > 2 && !/[\d;]$/.test(sequence)
  if (strings.includes(kind)) return sequence.endsWith('\u0007') || sequence.endsWith('\u001b\\')
  return true
}

const mouseReport = /^\u001b\[(?:<\d{1,4};\d{1,4};\d{1,4}[Mm]|\d{1,4};\d{1,4};\d{1,4}M|M[ -~]{3})$/
/** Keys with modifiers that xterm sends as control sequences, and blessed knows in the other form only. */
const functionKey = /^\u001b\[1;(\d+)([PQRS])$/
/** Control sequences that are keys. */
const controlKey = /^\u001b(?:\[(?:1;\d{1,2})?[A-HZa-e]|\[\d{1,2}(?:;\d{1,2})?[~^$]|\[\[(?:[A-E]|[56]~)|O(?:1;)?\d{0,2}[A-HP-Sa-e])$/

/** A paste whose end has not come. */
class Pasted {
  readonly #pieces: string[] = []
  #chars = 0
  /** What may be the beginning of the end. */
  #tail = ''

  /** Takes text; returns what follows the end of the paste, or undefined where it has not come. */
  take(text: string): string | undefined {
    const all = this.#tail + text
    const end = all.indexOf(pasteEnds)
    const until = end >= 0 ? end : Math.max(0, all.length - pasteEnds.length + 1)
    this.#tail = end >= 0 ? '' : all.slice(until)
    const piece = all.slice(0, Math.min(until, pasteCharsMax - this.#chars))
    this.#pieces.push(piece)
    this.#chars += piece.length
    return end >= 0 ? all.slice(end + pasteEnds.length) : undefined
  }

  get text(): string {
    return this.#pieces.join('') + this.#tail
  }
}

export class InputSequences {
  readonly #events: InputEvents
  readonly #decoder = new StringDecoder('utf8')
  /** A sequence that is not whole yet. */
  #begun = ''
  #pasted: Pasted | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(events: InputEvents) {
    this.#events = events
  }

  /** Takes what has arrived, cut anywhere. */
  write(bytes: Uint8Array): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    let text = this.#decoder.write(Buffer.from(bytes))
    while (text !== '') text = this.#pasted === undefined ? this.#takeKeys(text) : this.#takePasted(this.#pasted, text)
    if (this.#pasted !== undefined) this.#timer = setTimeout(() => this.#endPaste(), pasteMillis)
    else if (this.#begun !== '') this.#timer = setTimeout(() => this.#giveUp(), escapeMillis)
  }

  /** Forgets what is half there. */
  close(): void {
    clearTimeout(this.#timer)
    this.#begun = ''
    this.#pasted = undefined
  }

  /** Takes characters up to the end, or up to where a paste begins; returns the rest. */
  #takeKeys(text: string): string {
    let at = 0
    while (at < text.length && this.#pasted === undefined) {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
      at += character.length
      if (this.#begun !== '') this.#takeSequence(character)
      else if (character === escape) this.#begun = character
      else this.#key(character, false)
    }
    return text.slice(at)
  }

  #takePasted(pasted: Pasted, text: string): string {
    const rest = pasted.take(text)
    if (rest !== undefined) this.#endPaste()
    return rest ?? ''
  }

  #takeSequence(character: string): void {
    const isString = this.#begun.length > 1 && strings.includes(this.#begun[1])
    if (character === escape && !isString) {
      // A new sequence begins: what was there before it was typed by hand, or is broken.
      this.#giveUp()
      this.#begun = character
      return
    }
    this.#begun += character
    if (!isWhole(this.#begun)) {
      if (this.#begun.length > (isString ? stringCharsMax : sequenceCharsMax)) this.#begun = ''
      return
    }
    const sequence = this.#begun
    this.#begun = ''
    this.#sequence(sequence)
  }

  #sequence(sequence: string): void {
    if (sequence === pasteBegins) this.#pasted = new Pasted()
    else if (mouseReport.test(sequence)) this.#events.mouse(sequence)
    else if (controlKey.test(sequence)) this.#events.key(sequence, false)
    else if (functionKey.test(sequence)) this.#events.key(sequence.replace(functionKey, '\u001bO$1$2'), false)
    else if (sequence[1] !== '[' && sequence[1] !== 'O' && !strings.includes(sequence[1])) this.#key(sequence.slice(1), true)
  }

  /** What could have gone on does not: an escape alone, or with one character, is what somebody typed. */
  #giveUp(): void {
    const sequence = this.#begun
    this.#begun = ''
    if (sequence === escape) this.#events.key(sequence, false)
    else if (sequence.length === 2) this.#key(sequence[1], true)
  }

  #key(character: string, alt: boolean): void {
    if (character !== '\ufffd') this.#events.key(character, alt)
  }

  #endPaste(): void {
    const text = this.#pasted?.text ?? ''
    this.#pasted = undefined
    this.#events.paste(text)
  }
}
