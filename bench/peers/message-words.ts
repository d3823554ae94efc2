/** 32-bit words of a message of 64 bytes. */
export const messageWords = 16

/** Writes messages side by side: word k of message i is i + k, so every word says where it belongs. */
export function writeMessages(words: Int32Array, count: number, message: number): void {
  for (let i = 0, at = 0; i < count; i++) {
    for (let k = 0; k < messageWords; k++, at++) words[at] = message + i + k
  }
}

/** Throws when a word is not as `writeMessages` made it. */
export function checkMessages(words: Int32Array, count: number, message: number): void {
  let wrong = 0
  for (let i = 0, at = 0; i < count; i++) {
    for (let k = 0; k < messageWords; k++, at++) wrong |= words[at] ^ (message + i + k)
  }
  if (wrong !== 0) throw new Error(`a word of the messages from ${message} on did not arrive as it was written`)
}
