/** True when the full counts run (`npm run test:full`). */
const fullCounts = process.env['METABONK_TEST_FULL'] === '1'

/** The count of a random or long test: reduced in `npm test`, full in `npm run test:full`. */
export function counts(reduced: number, full: number): number {
  return fullCounts ? full : reduced
}

/** The seed of a random test: `METABONK_TEST_SEED` or the given default; printed so that a failure can be repeated. */
export function testSeed(name: string, fallback: number): number {
  const seed = Number(process.env['METABONK_TEST_SEED'] ?? fallback)
  console.log(`${name}: seed ${String(seed)}`)
  return seed
}
