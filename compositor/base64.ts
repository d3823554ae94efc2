const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The bytes of a base64 text, padded or not; undefined when it is none. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const body = text.replace(/={1,2}$/, '')
  if (body.length % 4 === 1) return undefined
  const values = new Map(Array.from(digits, (digit, value) => [digit.charCodeAt(0), value] as const))
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4))
  let bits = 0
  let at = 0
  for (let i = 0; i < body.length; i++) {
    const value = values.get(body.charCodeAt(i))
    if (value === undefined) return undefined
    bits = ((bits << 6) | value) & 0xffff
    if (i % 4 !== 0) bytes[at++] = (bits >>> (6 - 2 * (i % 4))) & 255
  }
  return bytes
}
