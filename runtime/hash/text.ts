/** 32-bit hash of a text, over its UTF-16 code units (the rounds and the finish of MurmurHash3). */
export function hashText(text: string): number {
  let hash = text.length
  for (let at = 0; at < text.length; at++) {
    const mixed = Math.imul(text.charCodeAt(at), 0xcc9e2d51)
    hash ^= Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** 64-bit hash of a text, in two u32. */
export function hashPair(text: string): { readonly low: number; readonly high: number } {
  return { low: hashText(text), high: hashText(`${text}.`) }
}
