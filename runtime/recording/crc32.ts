/** CRC-32 (IEEE 802.3, reflected polynomial 0xEDB88320) of `bytes`, continued from `seed`: the checksum of what came before, 0 at the start. */
export type Crc32 = (bytes: Uint8Array, seed: number) => number

/** Four tables of 256: table k holds the checksum of a byte followed by k zero bytes, so that four bytes go in one round. */
const tables = buildTables()

function buildTables(): Int32Array {
  const built = new Int32Array(1024)
  for (let byte = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
    built[byte] = value
  }
  for (let entry = 256; entry < 1024; entry++) {
    const before = built[entry - 256]
    built[entry] = (before >>> 8) ^ built[before & 255]
  }
  return built
}

/** The plain TypeScript {@link Crc32}; the host gives a compiled one where it has it. */
export const crc32: Crc32 = (bytes, seed) => {
  let crc = ~seed
  let at = 0
  for (const end = bytes.length - 3; at < end; at += 4) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
    crc = tables[768 + (crc & 255)] ^ tables[512 + ((crc >>> 8) & 255)] ^ tables[256 + ((crc >>> 16) & 255)] ^ tables[crc >>> 24]
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]) & 255]
  return ~crc >>> 0
}

/** Powers of x modulo the polynomial: entry k is x^(2^k), the highest bit standing for x^0. */
const powers = buildPowers()

function buildPowers(): Int32Array {
  const built = new Int32Array(32)
  let power = 1 << 30
  for (let place = 0; place < 32; place++) {
    built[place] = power
    power = timesModulo(power, power)
  }
  return built
}

/** Product of two polynomials modulo that of the checksum. */
function timesModulo(a: number, b: number): number {
  let product = 0
  let factor = b
  for (let bit = 31; bit >= 0; bit--) {
    if (((a >>> bit) & 1) !== 0) product ^= factor
    factor = (factor & 1) === 1 ? (factor >>> 1) ^ 0xedb88320 : factor >>> 1
  }
  return product
}

/**
 * Checksum of two pieces one after the other, by the checksum of each and the size of the second: that of the first goes
 * through as many zero bytes, a multiplication by x^(8 bytes).
 */
export function joinCrc32(first: number, second: number, secondBytes: number): number {
  let shifted = first
  let place = 3
  for (let bytes = secondBytes; bytes > 0; bytes = Math.floor(bytes / 2)) {
    if (bytes % 2 === 1) shifted = timesModulo(powers[place & 31], shifted)
    place += 1
  }
  return (shifted ^ second) >>> 0
}
