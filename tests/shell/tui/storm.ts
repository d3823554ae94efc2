/** Somebody who types, clicks, pastes and pulls at the window without any sense; everything comes from a seed. */

const printable = ' .,<>gGbnNmdxfw+-*/:?hjklocz123456789{}syt\'"[]()=abcxyz\u00e9\u{1f40f}'
const sequences = [
  '\u001b[A', '\u001b[B', '\u001b[C', '\u001b[D', '\u001b[5~', '\u001b[6~', '\u001b[H', '\u001b[F', '\u001b[3~', '\u001b[Z', '\u001bOP', '\t', '\r', '\r', '\u007f', '\u0001', '\u0005', '\u0015', '\u000b', '\u0017', '\u000c',
  '\u001bx', '\u001b[1;5C', '\u001b[200~go 3\nquit\u001b[201~', '\u001b[999;999H', '\u001b[<0;1;1', '\u001b]0;title\u0007', '\u0000', '\u001b[?1;2c',
] as const
/** What can be typed at `:` that changes no state, whole or in part. */
const lines = ['go 5', 'go end', 'step -7', 'step 3', 'pace 200', 'pace max', 'pace -1', 'mark x', 'nextmark', 'break 7', 'break off', 'break (', 'why health', 'diff 3', 'diff off', 'bisect runs/b.mcap', 'kind next', 'agent sheep[3]', 'agent x[', 'filter 3', 'filter', 'sort health', 'sort row down', 'channel', 'zoom', 'page 2', 'page 1', 'focus log', 'focus map', 'theme none', 'theme dark', 'copy', 'shot a.txt', 'run next', 'open runs/a.mcap', 'close', 'help', 'nonsense', ''] as const

export interface Storm {
  /** Between 0 and `below`, whole. */
  below(count: number): number
  /** The next thing that is done: bytes for the terminal, or another size of it. */
  next(columns: number, rows: number): { readonly bytes: string } | { readonly columns: number; readonly rows: number }
}

/** A storm by its seed (an xorshift generator). */
export function stormOf(seed: number): Storm {
  let state = (seed * 2654435761 + 1) >>> 0 || 1
  const below = (count: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % count
  }
  const characters = Array.from(printable)
  return {
    below,
    next: (columns, rows) => {
      const what = below(100)
      if (what < 45) return { bytes: characters[below(characters.length)] }
      if (what < 65) return { bytes: sequences[below(sequences.length)] }
      if (what < 72) return { bytes: `\u001b\u001b:${lines[below(lines.length)]}\r` }
      if (what < 98) return { bytes: `\u001b[<${String([0, 0, 32, 64, 65, 2][below(6)])};${String(1 + below(columns + 3))};${String(1 + below(rows + 3))}${below(3) === 0 ? 'm' : 'M'}` }
      return { columns: 1 + below(below(4) === 0 ? 250 : 130), rows: 1 + below(70) }
    },
  }
}
