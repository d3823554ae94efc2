/** Above this many bytes the engine's own copy is faster than a loop. */
const loopMax = 32
/** First byte of a character of so many bytes in UTF-8. */
const leads = [0, 0, 0xc0, 0xe0, 0xf0] as const

/**
 * Writes a field of `length` bytes: bytes, or text as UTF-8 (a lone surrogate is U+FFFD), zero padded. What is longer is cut at a whole
 * character; returns whether all of it is there.
 */
export function writeBytes(memory: Uint8Array, at: number, length: number, value: Uint8Array | string): boolean {
  return typeof value === 'string' ? writeText(memory, at, length, value) : writeArray(memory, at, length, value)
}

function writeArray(memory: Uint8Array, at: number, length: number, value: Uint8Array): boolean {
  const whole = value.length <= length
  if (value.length > loopMax) memory.set(whole ? value : value.subarray(0, length), at)
  else for (let i = 0; i < value.length && i < length; i++) memory[at + i] = value[i]
  if (whole) zeroBytes(memory, at + value.length, at + length)
  return whole
}

function writeText(memory: Uint8Array, begin: number, length: number, text: string): boolean {
  const end = begin + length
  let at = begin
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80 && at < end) {
      memory[at++] = unit
      continue
    }
    const code = characterAt(text, i)
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    if (at + size > end) {
      zeroBytes(memory, at, end)
      return false
    }
    for (let k = size - 1, rest = code; k >= 0; k--, rest >>>= 6) memory[at + k] = k === 0 ? leads[size] | rest : 0x80 | (rest & 63)
    at += size
    if (size === 4) i++
  }
  zeroBytes(memory, at, end)
  return true
}

function characterAt(text: string, at: number): number {
  const code = text.codePointAt(at) ?? 0
  return code >= 0xd800 && code < 0xe000 ? 0xfffd : code
}

function zeroBytes(memory: Uint8Array, begin: number, end: number): void {
  if (end - begin > loopMax) memory.fill(0, begin, end)
  else for (let at = begin; at < end; at++) memory[at] = 0
}
