import type { TextFile } from './project.ts'

const functionLinesMax = 70
const libm = 'a?(?:sin|cos|tan)h?|atan2|exp|exp2|expm1|log|log1p|log2|log10|pow|cbrt|hypot|tgamma|lgamma|erfc?|fma'

/** The source without comments and with empty strings; as many lines as before. */
function bare(text: string): string {
  const keepLines = (match: string): string => match.replace(/[^\n]/g, ' ')
  return text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, (match) => (match.startsWith('/') ? keepLines(match) : `""`))
}

/** Calls and settings in a C++ source that give other bits on another machine. */
export function inexactCpp({ path, text }: TextFile): string[] {
  const source = bare(text)
  const qualified = `(?:(?<!\\w)(?:std)?::|__builtin_)(?:${libm})[fl]?\\s*\\(`
  const plain = /#\s*include\s*<(cmath|math\.h)>/.test(source) ? `|(?<![\\w.>:])(?:${libm})[fl]?\\s*\\(` : ''
  const bans: readonly (readonly [RegExp, string])[] = [
    [new RegExp(qualified + plain, 'g'), 'libm differs between machines; use the twin of runtime/math'],
    [/_mm\d*_fn?m(add|sub)\w*|\bvfm[as]q?_f\w+/g, 'a fused multiply-add rounds once instead of twice; multiply, then add'],
    [/#\s*pragma[^\n]*(fast-math|FP_CONTRACT\s+ON|reassociate)/gi, 'contraction and reassociation change bits; leave them off'],
    [/#\s*include\s*<(random|chrono|ctime|time\.h)>|\brand\s*\(/g, 'no clock and no chance in a kernel; pass the step or a Philox counter'],
  ]
  return bans.flatMap(([pattern, instead]) =>
    [...source.matchAll(pattern)].map((found) => `${path}:${source.slice(0, found.index).split('\n').length}: ${found[0].trim()}: ${instead}`),
  )
}

/** What is wrong with the compiler's flags in a binding.gyp. */
export function inexactBuild({ path, text }: TextFile): string[] {
  const missing = text.includes('-ffp-contract=off') ? [] : [`${path}: -ffp-contract=off is missing; without it multiply and add are fused on some machines`]
  const fast = [...text.matchAll(/(?<!no)-f?fast-math|-Ofast|-funsafe-math-optimizations|-fassociative-math|-freciprocal-math|-march=native/g)]
  return [...missing, ...fast.map((found) => `${path}: ${found[0]} changes bits; take it out`)]
}

const notAFunction = /^\s*(namespace|class|struct|enum|union|extern|if|for|while|switch|else|do|try|catch)\b/

interface OpenFunction {
  readonly name: string
  readonly at: number
  readonly depth: number
}

/** The name of the function whose body an opening brace starts, given the text between it and the statement or brace before it. */
function openedBy(before: string): string | undefined {
  const head = before.replace(/^\s*#.*$/gm, '').replace(/^\s*template\s*<[^{}]*?>\s*(?=\w)/, '')
  return notAFunction.test(head) ? undefined : /([\w:~]+)\s*\(/.exec(head)?.[1]
}

/** Functions of a C++ source that are longer than 70 lines, not counting blank ones and comments. */
export function longCpp({ path, text }: TextFile): string[] {
  const source = bare(text)
  const complaints: string[] = []
  let depth = 0
  let from = 0
  let open: OpenFunction | undefined
  for (const { 0: mark, index: at } of source.matchAll(/[{};]/g)) {
    if (mark === '{') {
      const name = openedBy(source.slice(from, at))
      if (name !== undefined) open ??= { name, at, depth }
      depth++
    }
    if (mark === '}' && --depth === open?.depth) {
      const lines = source.slice(open.at, at).split('\n').filter((line) => line.trim() !== '').length
      if (lines > functionLinesMax) complaints.push(`${path}: ${open.name} has ${lines} lines; ${functionLinesMax} is the most`)
      open = undefined
    }
    from = at + 1
  }
  return complaints
}
