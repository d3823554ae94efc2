/** Pictures in a terminal, in half blocks. */
import { setTimeout as wait } from 'node:timers/promises'
import { halfBlocks, reduced, type FrameRate, type Picture, type TerminalColours, type Tile } from '../../compositor/index.ts'
import type { PictureWriter } from './writers.ts'

/** What a terminal can show. */
export interface Screen {
  readonly columns: number
  /** Undefined where text may be as long as it likes. */
  readonly lines: number | undefined
  readonly colours: TerminalColours
  write(text: string): void
}

const columnsDefault = 80
const colourBits = 24

/** The screen that stdout is; of a file or a pipe, one that is as high as it likes. */
export function stdoutScreen(): Screen {
  const { stdout } = process
  const write = (text: string): void => {
    stdout.write(text)
  }
  if (!stdout.isTTY) return { columns: Number(process.env['COLUMNS'] ?? 0) || columnsDefault, lines: undefined, colours: '24-bit', write }
  return { columns: stdout.columns || columnsDefault, lines: stdout.rows, colours: stdout.getColorDepth() >= colourBits ? '24-bit' : 256, write }
}

/** Lines of a screen that are not for pictures: the label, and where the cursor comes to stand. */
const linesTaken = 2

/** A picture as small as it must be, by a whole factor. */
function fitting(picture: Picture, { columns, lines }: Screen): Picture {
  const across = Math.ceil(picture.width / columns)
  const down = lines === undefined ? 1 : Math.ceil(picture.height / (2 * Math.max(1, lines - linesTaken)))
  return reduced(picture, Math.min(Math.max(across, down), picture.width, picture.height))
}

/** Shows pictures on a screen: one after the other in their own time where it is a terminal, else one below the other. */
export function terminalWriter(assembled: (tiles: readonly Tile[]) => Picture, { pictures, seconds }: FrameRate, screen: Screen): PictureWriter {
  let up = 0
  let due = performance.now()
  return {
    add: async (tiles) => {
      const text = [tiles.length === 1 ? tiles[0].label : `${tiles[0].label} and ${String(tiles.length - 1)} more`, ...halfBlocks(fitting(assembled(tiles), screen), screen.colours)]
      const isPlayed = screen.lines !== undefined
      if (isPlayed && up > 0) {
        await wait(Math.max(0, due - performance.now()))
        screen.write(`\u001b[${String(up)}A`)
      }
      due = performance.now() + (1000 * seconds) / pictures
      up = text.length
      screen.write(text.map((line) => `${line}${isPlayed ? '\u001b[K' : ''}\n`).join(''))
    },
    finish: () => undefined,
    abort: () => undefined,
  }
}
