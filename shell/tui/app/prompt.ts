import type { Key } from '../screen/blessed-screen.ts'
import { nameOf } from './keys.ts'

const wordEnd = /\S*\s*$/
const remembered = 100

/** A line that is being typed: at `:` a command, at `/` a filter. */
export class Prompt {
  /** Said before it: `:` or `/`. */
  readonly label: string
  text: string
  /** Characters before the cursor. */
  cursor: number
  private readonly completions: (line: string) => readonly string[]
  private readonly history: string[]
  private place: number
  private offered: { readonly lines: readonly string[]; place: number } | undefined

  constructor(label: string, text: string, parts: { readonly completions: (line: string) => readonly string[]; readonly history: string[] }) {
    this.label = label
    this.text = text
    this.cursor = text.length
    this.completions = parts.completions
    this.history = parts.history
    this.place = parts.history.length
  }

  /** What it could become. */
  get offers(): readonly string[] {
    return this.offered?.lines ?? this.completions(this.text)
  }

  /** The one of the offers that it is now; -1 when none was taken. */
  get offer(): number {
    return this.offered?.place ?? -1
  }

  /** Takes a key: whether it is done, given up, or goes on. */
  key(key: Key): 'typing' | 'done' | 'left' {
    const name = nameOf(key)
    if (name === 'tab' || name === 'S-tab') {
      this.complete(name === 'tab' ? 1 : -1)
      return 'typing'
    }
    this.offered = undefined
    if (name === 'enter') {
      this.remember()
      return 'done'
    }
    const isLeft = name === 'escape' || name === 'C-c' || (name === 'backspace' && this.text === '')
    if (isLeft) return 'left'
    if (!this.edit(name)) this.insert(key.text)
    return 'typing'
  }

  /** Writes text at the cursor; of more than one line the first. */
  insert(text: string): void {
    const line = (text.split(/[\r\n]/).find((each) => each !== '') ?? '').replaceAll(/\p{Cc}/gu, '')
    this.text = this.text.slice(0, this.cursor) + line + this.text.slice(this.cursor)
    this.cursor += line.length
  }

  private edit(name: string): boolean {
    const { text, cursor } = this
    const before = cursor - (cursor > 1 && text.codePointAt(cursor - 2) !== text.charCodeAt(cursor - 2) ? 2 : 1)
    const after = cursor + ((text.codePointAt(cursor) ?? 0) > 0xffff ? 2 : 1)
    const edits: Readonly<Record<string, () => void>> = {
      left: () => { this.cursor = Math.max(0, before) },
      right: () => { this.cursor = Math.min(text.length, after) },
      home: () => { this.cursor = 0 },
      end: () => { this.cursor = text.length },
      backspace: () => { this.cut(Math.max(0, before), cursor) },
      delete: () => { this.cut(cursor, Math.min(text.length, after)) },
      'C-u': () => { this.cut(0, cursor) },
      'C-k': () => { this.cut(cursor, text.length) },
      'C-w': () => { this.cut(cursor - (wordEnd.exec(text.slice(0, cursor))?.[0].length ?? 0), cursor) },
      up: () => { this.recall(-1) },
      down: () => { this.recall(1) },
    }
    const sames: Readonly<Record<string, string>> = { 'C-a': 'home', 'C-e': 'end', 'C-b': 'left', 'C-f': 'right', 'C-h': 'backspace', 'C-d': 'delete', 'C-p': 'up', 'C-n': 'down' }
    const edit = (edits as Readonly<Record<string, (() => void) | undefined>>)[(sames as Readonly<Record<string, string | undefined>>)[name] ?? name]
    edit?.()
    return edit !== undefined
  }

  private cut(from: number, to: number): void {
    this.text = this.text.slice(0, from) + this.text.slice(to)
    this.cursor = from
  }

  private recall(by: number): void {
    const { history } = this
    this.place = Math.max(0, Math.min(history.length, this.place + by))
    this.text = history.at(this.place) ?? ''
    this.cursor = this.text.length
  }

  private complete(by: number): void {
    this.offered ??= { lines: this.completions(this.text), place: by > 0 ? -1 : 0 }
    const { lines } = this.offered
    if (lines.length === 0) {
      this.offered = undefined
      return
    }
    this.offered.place = (this.offered.place + by + lines.length) % lines.length
    this.text = lines[this.offered.place]
    this.cursor = this.text.length
    // A single completion is done; the next Tab completes what follows.
    if (lines.length === 1) this.offered = undefined
  }

  private remember(): void {
    const { history, text } = this
    if (text.trim() === '' || history.at(-1) === text) return
    history.push(text)
    if (history.length > remembered) history.shift()
  }
}
