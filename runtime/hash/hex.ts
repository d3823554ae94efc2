/** A 64-bit hash, given as two u32, in 16 hexadecimal digits, highest first. */
export function hashHex(low: number, high: number): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}
