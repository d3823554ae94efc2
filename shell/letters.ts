import type { Letter } from '../actors/index.ts'

/** `Hit {"damage":3} from enemy[14]`. */
export function sentText({ type, payload, from }: Letter): string {
  const sender = from === undefined ? 'the director' : `${from.kind}[${String(from.row)}]`
  const given = JSON.stringify(payload, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))
  return `${type} ${given === '{}' ? '' : `${given} `}from ${sender}`
}

/** `Hit {"damage":3} from enemy[14] to killer[2]`. */
export function letterText(letter: Letter): string {
  return `${sentText(letter)} to ${letter.to.kind}[${String(letter.to.row)}]`
}
