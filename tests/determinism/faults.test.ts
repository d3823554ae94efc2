import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { prepareWorld, recordingInfo, runWorld, verifyRecording, type RunOptions } from '../../actors/index.ts'

const built = existsSync(fileURLToPath(new URL('../../dist/actors/index.js', import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

let files = 0

/** A world of 400 cells, threads owning runs of them, whose system does this for each row. */
async function outcome(body: string, options: Partial<RunOptions> = {}): Promise<string> {
  const path = join(folder, `world${String(files++)}.ts`)
  writeFileSync(path, `import { assign, setup } from 'xstate'
import { defineWorld, kind, message, system, u32, u8 } from 'metabonk'
const Ping = message('Ping', { n: u32 }, { perSender: 8 })
const A = kind('aaa', { columns: { n: u32 }, receives: [Ping], mailMax: 64, birthsMax: 10 })
const B = kind('bbb', { columns: { n: u8 }, birthsMax: 10 })
const b = setup({ types: B.types }).createMachine({ id: 'b', context: B.context, entry: assign({ n: ({ context }) => context.n * 2 }) })
export default defineWorld({ name: 'faults', kinds: [A, B.with(b)],
  init: ({ spawn }) => { for (let i = 0; i < 400; i++) spawn(A, { n: i }) },
  systems: [
    system({ name: 's', kind: A, run(rows, world) { for (let row = rows.begin; row < rows.end; row++) { ${body} } } }),
    system({ name: 't', kind: A, run(rows, world) { const { n } = rows.write; for (let row = rows.begin; row < rows.end; row++) n[row] += world.rng('n', row).below(9) } }),
  ] })\n`)
  try {
    return (await runWorld({ world: await prepareWorld(path), seed: 1, steps: 30, ...options })).finalHash
  } catch (error) {
    return (error as Error).message.replace(/world\d+\.ts:\d+:\d+/, 'world.ts')
  }
}

describe.skipIf(!built)('a fault (needs the build)', () => {
  it.each([
    ['in several rows', "if (world.step === 5 && row % 100 === 7) throw new Error('row ' + row)", 'the world threw: row 7 (step 5, world.ts)'],
    ['in two systems', "if (world.step === 5 && row === 399) throw new Error('late row')\nif (world.step === 5) rows.write.n[row] = 1", 'the world threw: late row (step 5, world.ts)'],
    ['of a sender and of a kind over their limits', 'if (row < 64) world.send(row, Ping, rows.id(0), { n: 1 })\nif (row === 64 || row === 300) for (let k = 0; k < 9; k++) world.send(row, Ping, rows.id(0), { n: 1 })', 'an agent sent more than 8 Ping messages in one step (step 0, aaa 64)'],
    ['of a kind over its limit', 'if (row % 6 === 0) world.send(row, Ping, rows.id(0), { n: 1 })', 'kind aaa was sent more than 64 messages in one step (step 0)'],
    ['of two kinds with too many births', 'if (row % 64 < 8) { world.spawn(row, B, {}); if (row < 200) world.spawn(row, A, {}) }', 'more than 10 births of aaa in one step (step 0)'],
  ])('%s is the same for any number of workers', async (_, body, message) => {
    for (const workers of [1, 2, 3, 4]) expect([workers, await outcome(body, { workers })]).toEqual([workers, expect.stringContaining(message)])
  })

  it('that does not come again is got over, in however many threads at once', async () => {
    const once = "const seen = globalThis as { done?: Set<number> }\nif (world.step === 17 && row === rows.begin && !(seen.done ??= new Set()).has(rows.begin)) { seen.done.add(rows.begin); throw new Error('once') }"
    const clean = await outcome('')
    for (const workers of [1, 2, 3]) expect([workers, await outcome(once, { workers })]).toEqual([workers, clean])
  })

  it('of an input ends the run, leaves its neighbours in the recording, and can be verified', async () => {
    const spawn = (n: number) => ({ form: 'spawn', kind: 'bbb', values: { n } }) as const
    const inputs = [spawn(3), spawn(200), spawn(4)].map((input, sequence) => ({ step: 5, source: 0, sequence, input }))
    const record = join(folder, 'input.mcap')
    expect(await outcome('', { inputs, record, workers: 2 })).toContain('bbb.n: expected an integer from 0 to 255, got 400')
    expect(recordingInfo(record)).toMatchObject({ steps: 5, complete: true, inputs: 3 })
    expect((await verifyRecording(record, { workers: 1 })).steps).toBe(5)
  })
})
