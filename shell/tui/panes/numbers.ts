/** Numbers as people read them: thousands apart, and as wide from one look to the next as can be. */

/** Said where there is no number. */
const noNumber = '–'
const thousand = 1000
/** Above, digits say less than the size. */
const digitsMost = 1e15
/** Below, two decimals would show nothing. */
const hundredth = 0.005

function unusual(value: number): string | undefined {
  if (Number.isNaN(value)) return noNumber
  if (Number.isFinite(value)) return Math.abs(value) >= digitsMost ? value.toExponential(2) : undefined
  return value > 0 ? '∞' : '-∞'
}

/** Digits in threes, from the right. */
function grouped(digits: string): string {
  let [end, text] = [digits.length - 3, digits.slice(-3)]
  for (; end > 0; end -= 3) text = `${digits.slice(Math.max(0, end - 3), end)} ${text}`
  return text
}

/** A number with so many decimals: `1 234.50`. */
export function decimals(value: number, places: number): string {
  const special = unusual(value)
  if (special !== undefined) return special
  const digits = Math.abs(value).toFixed(places)
  const whole = places === 0 ? digits.length : digits.length - places - 1
  const text = grouped(digits.slice(0, whole)) + digits.slice(whole)
  return value < 0 && Number(digits) > 0 ? `-${text}` : text
}

/** A whole number: `1 234 567`. */
export function count(value: number | undefined): string {
  return value === undefined ? noNumber : decimals(value, 0)
}

/** A number of any kind: whole ones without decimals, others with two, those below one with four, very small ones by their size. */
export function measure(value: number): string {
  if (Number.isInteger(value)) return count(value)
  if (Math.abs(value) < hundredth) return unusual(value) ?? value.toExponential(1)
  return decimals(value, Math.abs(value) < 1 ? 4 : 2)
}

/** A part of one, as `61 %`. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${count(Math.round(100 * share))} %` : noNumber
}

function stepped(value: number, base: number, units: readonly string[]): { readonly scaled: number; readonly unit: number } {
  let [scaled, unit] = [value, 0]
  while (Math.abs(scaled) >= base && unit < units.length - 1) {
    scaled /= base
    unit++
  }
  return { scaled, unit }
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
const kibi = 1024

/** A size: `512 B`, `1.5 MiB`. */
export function byteSize(value: number): string {
  const { scaled, unit } = stepped(value, kibi, byteUnits)
  return `${decimals(scaled, unit === 0 || scaled >= 100 ? 0 : 1)} ${byteUnits[unit]}`
}

const shortUnits = ['', 'k', 'M', 'G', 'T'] as const

/** As few characters as an axis has room for: `-3.4k`. */
export function brief(value: number): string {
  const special = unusual(value)
  if (special !== undefined) return special
  const { scaled, unit } = stepped(value, thousand, shortUnits)
  const places = Number.isInteger(scaled) || Math.abs(scaled) >= 100 ? 0 : Math.abs(scaled) >= 10 ? 1 : 2
  return `${decimals(scaled, places)}${shortUnits[unit]}`
}

/** Kept between two bounds; what is no number is the lower one. */
export function clamped(value: number, low: number, high: number): number {
  return value > low ? Math.min(value, high) : low
}
