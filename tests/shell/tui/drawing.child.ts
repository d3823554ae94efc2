/** A program that draws on its terminal until it is ended: by a signal, by an error (x), or by itself (q). */
import { Cells } from '../../../shell/tui/screen/cells.ts'
import { colourDepth } from '../../../shell/tui/screen/colours.ts'
import { Terminal } from '../../../shell/tui/screen/terminal.ts'

const { stdin: input, stdout: output, env } = process
const terminal = new Terminal({
  input,
  output,
  colours: colourDepth(env, output),
  term: env['TERM'],
  onKey: ({ name }) => {
    if (name === 'x') throw new Error('thrown while it was open')
    if (name === 'q') terminal.close()
  },
  onMouse: () => undefined,
  onPaste: () => undefined,
  onResize: () => undefined,
})
const cells = new Cells(terminal.width, terminal.height)
cells.surface.text(0, 0, `drawn ${terminal.width}x${terminal.height}`, { fg: 0x63d297, bg: 0x12151b, attributes: 1 })
terminal.draw(cells)
