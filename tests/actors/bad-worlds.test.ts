import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { MetabonkError, prepareWorld, recordingInfo, runWorld, verifyRecording, type RunOptions } from '../../actors/index.ts'

const built = existsSync(fileURLToPath(new URL('../../dist/actors/index.js', import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const imports = `import { defineWorld, kind, u32, system } from 'metabonk'\n`

/** A world whose only system has this body; a block starts at rows.begin. */
function worldText({ body = '', top = '', options = '' }: { body?: string; top?: string; options?: string }): string {
  return `${imports}${top}
const K = kind('k', { columns: { n: u32 }, ${options} })
export default defineWorld({ name: 'bad', kinds: [K], init: ({ spawn }) => { for (let i = 0; i < 300; i++) spawn(K, {}) }, systems: [
  system({ name: 's', kind: K, run(rows, world) {
    ${body}
  } }),
] })\n`
}

let files = 0

async function run(text: string, options: Partial<RunOptions> = {}): Promise<{ error: MetabonkError | undefined; hash: string | undefined }> {
  files++
  const path = join(folder, `world${String(files)}.ts`)
  writeFileSync(path, text)
  try {
    const world = await prepareWorld(path)
    return { error: undefined, hash: (await runWorld({ world, seed: 1, steps: 20, workers: 2, ...options })).finalHash }
  } catch (error) {
    if (!(error instanceof MetabonkError)) throw error
    return { error, hash: undefined }
  }
}

/** The message without the number of the file. */
function said(error: MetabonkError | undefined): string {
  return `${String(error?.code)}: ${String(error?.message).replaceAll(/world\d+\.ts/g, 'world.ts')}`
}

describe.skipIf(!built)('a world that (needs the build)', () => {
  it.each([
    ['reads the clock', 'Date.now()', /^world-forbidden: Date\.now is not available in a simulation \(step 0, world\.ts:6:10\); use world\.step/],
    ['makes a date', 'new Date()', /^world-forbidden: Date is not available/],
    ['draws from Math.random', 'Math.random()', /^world-forbidden: Math\.random is not available .*; use world\.rng/],
    ['sets a timer', 'setTimeout(() => undefined, 1)', /^world-forbidden: setTimeout is not available/],
    ['reads the environment', 'process.env.HOME', /^world-forbidden: process\.env is not available/],
    ['asks for entropy', 'crypto.randomUUID()', /^world-forbidden: crypto\.randomUUID is not available/],
    ['looks at the machine', 'process.cpuUsage()', /^world-forbidden: process\.cpuUsage is not available/],
    ['asks the host for a module', "process.getBuiltinModule('fs')", /^world-forbidden: process\.getBuiltinModule is not available/],
    ['makes code from text', "eval('2 ** 0.3')", /^world-forbidden: eval is not available in a simulation \(step 0, world\.ts:6:5\); write the code out/],
    ['compares by locale', "'a'.localeCompare('b')", /^world-forbidden: String\.prototype\.localeCompare is not available/],
    ['ends a row that is none', 'world.kill(99_999)', /^foreign-write: system s ends row 99999 of k, which is outside the rows it was given \(step 0, world\.ts:6:11\)/],
    ["sends in another's name", 'world.spawn(0.5, K, {})', /^foreign-write: system s asks for a birth in the name of row 0\.5 of k/],
    ['draws for no agent', "world.rng('a', -1)", /^world-invalid: a random stream has no agent -1 \(step 0, world\.ts:6:11\)/],
    ['hangs in a thread that does not coordinate', 'if (world.step === 5 && rows.begin > 0) for (;;) {}', /^worker-stuck: .*worker 1 in system s/],
    ['returns a promise', 'return Promise.resolve() as never', /^world-invalid: system s returned a promise \(step 0\)/],
    ['throws in a step', "if (world.step === 5) throw new Error('boom')", /^world-threw: the world threw: boom \(step 5, world\.ts:6:33\)/],
    ['hangs', 'if (world.step === 5) for (;;) {}', /^worker-stuck: .* \(step 5, .*system s\)/],
    ['is born too often', 'for (let i = 0; i < 500; i++) world.spawn(rows.begin, K, {})', /^limit: more than 100 births of k in one step \(step 0\)/],
  ])('%s fails by name', async (_, body, message) => {
    const { error } = await run(worldText({ body, options: 'birthsMax: 100' }), { stallSeconds: 1 })
    expect(said(error)).toMatch(message)
  })

  it.each([
    ['imports node:fs', worldText({ top: "import { readFileSync } from 'node:fs'\nreadFileSync('/x')" }), /^world-forbidden: the world imports node:fs \(world\.ts:2:\d+\)/],
    ['imports dynamically', worldText({ body: "void import('./other.ts')" }), /^world-forbidden: the world imports \.\/other\.ts dynamically/],
    ['imports by a computed name', worldText({ top: "const name = 'x'\nvoid import(name)" }), /^world-forbidden: the world imports a module by a computed name \(world\.ts:3:\d+\)/],
    ['requires by a computed name', worldText({ top: "const name = 'x'\nrequire(name)" }), /^world-forbidden: the world requires a module by a computed name \(world\.ts:3:\d+\)/],
    ['imports an addon', worldText({ top: "import './fast.node'" }), /^world-forbidden: the world imports \.\/fast\.node \(world\.ts:2:\d+\)/],
    ['awaits at top level', worldText({ top: 'await 1' }), /^world-forbidden: the world awaits at top level/],
    ['does not compile', `${imports}export default {{{`, /^world-invalid: the world does not compile: .* \(world\.ts:2:\d+\)/],
    ['exports no world', `export const a = 1\n`, /^world-invalid: the file does not export a world/],
    ['has a system that is async', worldText({}).replace('run(rows', 'async run(rows'), /^world-invalid: system s is an async function \(world\.ts:4:16, world bad\)/],
    ['starts by a generator', worldText({}).replace('init:', '*init() {}, scene:'), /^world-invalid: init is a generator \(world\.ts:4:16, world bad\)/],
    ['has an option that is none', worldText({}).replace('systems:', 'sistems:'), /^world-invalid: world bad has no option 'sistems' \(world\.ts:4:16\); did you mean systems\?/],
    ['has a kind with an option that is none', worldText({ options: 'rowMax: 5' }), /^world-invalid: kind k has no option 'rowMax' \(world\.ts:3:11\); did you mean rowsMax\?/],
    ['does not say how it starts', worldText({}).replace('init:', 'scene:'), /^world-invalid: world bad lacks its init \(world\.ts:4:16\); give it name, kinds, init/],
    ['throws while it loads', `${imports}throw new Error('early')\n`, /^world-threw: the world threw while it was loaded: early \(world\.ts:2:7\)/],
    ['has two kinds of one name', `${imports}const K = kind('k', {})\nexport default defineWorld({ name: 'w', kinds: [K, kind('k', {})], init: () => undefined })`, /^world-invalid: two kinds are named k/],
  ])('%s is refused', async (_, text, message) => {
    const { error } = await run(text)
    expect(said(error)).toMatch(message)
  })

})

describe.skipIf(!built)('a world that (needs the build)', () => {
  it('reaches its rowsMax stops by name, or refuses where it says so', async () => {
    const body = 'world.spawn(rows.begin, K, {})'
    expect(said((await run(worldText({ body, options: 'rowsMax: 310' }))).error)).toMatch(/^limit: kind k has reached its rowsMax of 310 \(step 5\)/)
    expect((await run(worldText({ body, options: "rowsMax: 310, whenFull: 'refuse'" }))).error).toBeUndefined()
  })

  it("writes another's row is caught by --check with step, kind, column and row", async () => {
    const { error } = await run(worldText({ body: 'if (world.step === 3 && rows.begin > 0) rows.write.n[0] = 5' }), { check: true, workers: 1 })
    expect(said(error)).toBe('foreign-write: system s wrote k.n of row 0, which is outside the rows of k it was given (step 3); write own rows only, and tell others by message')
    expect(said((await run(worldText({}), { check: true, workers: 2 })).error)).toMatch(/^usage: a check can't run on 2 workers/)
  })

  it('keeps a module-level counter is caught by verify with kind, row, column and both values', async () => {
    const record = join(folder, 'counter.mcap')
    const top = 'let counter = 0'
    const body = 'const { n } = rows.write; for (let row = rows.begin; row < rows.end; row++) n[row] = counter++'
    await run(worldText({ top, body }), { record })
    await expect(verifyRecording(record, { workers: 1 })).rejects.toThrow(/step 1: k 128, column n: recorded 0, now 128 \(recorded with 2 workers, run again with 1\)/)
    const long = join(folder, 'counter-long.mcap')
    await run(worldText({ top, body }), { record: long, steps: 250 })
    // Whichever thread takes which part: no part comes to its states after another one.
    await expect(verifyRecording(long, { workers: 2 })).rejects.toThrow(/step \d+: k \d+, column n: recorded \d+, now \d+|the run from the keyframe at step \d+ does not/)
  })

  it('ends each of its rows many times ends it once', async () => {
    const body = 'if (world.step === 2) for (let i = 0; i < 9; i++) for (let row = rows.begin; row < rows.end; row += 2) world.kill(row)'
    const { error, hash } = await run(worldText({ body, options: 'rowsMax: 300' }), { workers: 1 })
    expect([error, hash]).toEqual([undefined, (await run(worldText({ body, options: 'rowsMax: 300' }), { workers: 3 })).hash])
  })

  it('throws leaves a recording that is complete up to the step before', async () => {
    const record = join(folder, 'threw.mcap')
    const { error } = await run(worldText({ body: "if (world.step === 15) throw new Error('late')" }), { record })
    expect(error?.code).toBe('world-threw')
    expect(recordingInfo(record)).toMatchObject({ steps: 15, complete: true })
  })
})
