/**
 * A value of numbers, texts, booleans, lists and plain objects as JSON that gives every number back: what JSON has no word for
 * (NaN, the infinities, -0) is written as `{"$number": "..."}`, typed arrays are written as lists.
 */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'number' && (!Number.isFinite(part) || Object.is(part, -0))) return { $number: Object.is(part, -0) ? '-0' : String(part) }
    return ArrayBuffer.isView(part) ? Array.from(part as Float64Array) : part
  })
}

/** The inverse of {@link exactJson}. Throws a SyntaxError where the text is no JSON. */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || !('$number' in part)) return part
    return Number(part.$number)
  })
}
