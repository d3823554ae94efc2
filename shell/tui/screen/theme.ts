import { attribute, plain, type Colour, type Style } from './cells.ts'

/** What colours stand for. A pane names meanings; a theme gives them. */
export interface Theme {
  readonly name: ThemeName
  readonly text: Style
  /** Said less loudly: units, labels, what is empty. */
  readonly dim: Style
  /** A title, and what leads the eye. */
  readonly strong: Style
  readonly good: Style
  readonly warn: Style
  readonly bad: Style
  readonly border: Style
  /** Border of the pane that has the keys. */
  readonly borderFocus: Style
  /** Key names in hints. */
  readonly key: Style
  /** The line at the bottom, and other bars. */
  readonly bar: Style
  /** The line of a list that is chosen. */
  readonly selected: Style
  /** Kinds, states, workers: by number, in turn. */
  readonly series: readonly Colour[]
  /** From little to much. */
  readonly ramp: readonly Colour[]
}

export const themeNames = ['dark', 'light', '16', 'none'] as const
export type ThemeName = (typeof themeNames)[number]

function styles(fg: Colour, bg: Colour): (colour?: Colour, attributes?: number, back?: Colour) => Style {
  return (colour = fg, attributes = 0, back = bg) => ({ fg: colour, bg: back, attributes })
}

const { bold, dim, inverse, underline } = attribute

/** Colours of a theme for terminals that have all of them. */
interface Palette extends Readonly<Record<'text' | 'back' | 'dim' | 'strong' | 'good' | 'warn' | 'bad' | 'border' | 'accent' | 'bar' | 'barBack' | 'selected' | 'selectedBack', Colour>>, Pick<Theme, 'series' | 'ramp'> {}

const dark: Palette = {
  text: 0xd5d9e0, back: 0x12151b, dim: 0x7a8594, strong: 0xffffff, good: 0x63d297, warn: 0xf2c14e, bad: 0xff6b6b,
  border: 0x3a4452, accent: 0x5db7ff, bar: 0xb4bdc9, barBack: 0x1d232d, selected: 0xffffff, selectedBack: 0x24456b,
  series: [0x5db7ff, 0xff8f5e, 0x63d297, 0xd991ff, 0xf2c14e, 0x4fd6d2, 0xff7ab2, 0xa3b86c],
  ramp: [0x1b2a41, 0x1f4e6b, 0x1f7a7a, 0x3fa76b, 0x9ac44a, 0xf2c14e, 0xf58a4b, 0xff5d5d],
}

const light: Palette = {
  text: 0x22272e, back: 0xfafbfc, dim: 0x6a737d, strong: 0x000000, good: 0x1a7f37, warn: 0x9a6700, bad: 0xcf222e,
  border: 0xc4ccd4, accent: 0x0969da, bar: 0x3b434c, barBack: 0xe9edf1, selected: 0x000000, selectedBack: 0xcfe4ff,
  series: [0x0969da, 0xbc4c00, 0x1a7f37, 0x8250df, 0x9a6700, 0x1b7c83, 0xbf3989, 0x57606a],
  ramp: [0xdbe9f6, 0xb0d2e7, 0x6fb1d6, 0x3787c0, 0x5ba35b, 0xb59a00, 0xd9730d, 0xcf222e],
}

function paletteTheme(name: ThemeName, { series, ramp, ...colours }: Palette): Theme {
  const style = styles(colours.text, colours.back)
  return {
    name,
    text: style(),
    dim: style(colours.dim),
    strong: style(colours.strong, bold),
    good: style(colours.good),
    warn: style(colours.warn),
    bad: style(colours.bad, bold),
    border: style(colours.border),
    borderFocus: style(colours.accent),
    key: style(colours.accent, bold, colours.barBack),
    bar: style(colours.bar, 0, colours.barBack),
    selected: style(colours.selected, 0, colours.selectedBack),
    series,
    ramp,
  }
}

/** The colours of terminals that have sixteen, as most of them draw those. */
const vga = { black: 0x000000, red: 0xcd0000, green: 0x00cd00, yellow: 0xcdcd00, blue: 0x0000ee, magenta: 0xcd00cd, cyan: 0x00cdcd, white: 0xe5e5e5, grey: 0x7f7f7f, bright: 0xffffff } as const

function sixteenTheme(): Theme {
  const style = styles(plain, plain)
  return {
    name: '16',
    text: style(),
    dim: style(vga.grey),
    strong: style(vga.bright, bold),
    good: style(vga.green),
    warn: style(vga.yellow),
    bad: style(vga.red, bold),
    border: style(vga.grey),
    borderFocus: style(vga.cyan),
    key: style(vga.cyan, bold),
    bar: style(plain, 0),
    selected: style(vga.bright, bold, vga.blue),
    series: [vga.cyan, vga.yellow, vga.green, vga.magenta, vga.red, vga.blue, vga.white, vga.grey],
    ramp: [vga.blue, vga.blue, vga.cyan, vga.cyan, vga.green, vga.yellow, vga.yellow, vga.red],
  }
}

function plainTheme(): Theme {
  const style = styles(plain, plain)
  return {
    name: 'none',
    text: style(),
    dim: style(plain, dim),
    strong: style(plain, bold),
    good: style(),
    warn: style(plain, bold),
    bad: style(plain, bold | underline),
    border: style(plain, dim),
    borderFocus: style(plain, bold),
    key: style(plain, bold),
    bar: style(),
    selected: style(plain, inverse),
    series: [plain],
    ramp: [plain],
  }
}

/** A theme by its name. */
export function themeOf(name: ThemeName): Theme {
  const themes = { dark: () => paletteTheme('dark', dark), light: () => paletteTheme('light', light), '16': sixteenTheme, none: plainTheme }
  return themes[name]()
}
