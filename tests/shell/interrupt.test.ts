import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { recordingInfo } from '../../actors/index.ts'
import { built, commandLine, json } from './command.ts'

const { folder, metabonk, start } = commandLine()

function world(body: string): string {
  return `import { defineWorld, kind, system, u32 } from 'metabonk'
const K = kind('k', { columns: { n: u32 } })
export default defineWorld({ name: 'w', kinds: [K], init: ({ spawn }) => { spawn(K, {}) }, systems: [
  system({ name: 's', kind: K, run(rows, world) { ${body} } }),
] })
`
}

describe.skipIf(!built)('a signal (needs the build)', () => {
  beforeAll(() => {
    writeFileSync(join(folder, 'hanging.ts'), world('if (world.step === 5) for (;;) {}'))
    writeFileSync(join(folder, 'slow.ts'), world('let n = 1; for (let i = 0; i < 2_000_000; i++) n = Math.imul(n, 3); rows.write.n[0] = n'))
    metabonk('run', 'slow.ts', '--steps', '60', '--workers', '1', '--record', 'slow.mcap')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('%s stops a run at a step boundary with a complete recording', async (signal) => {
    const run = start('run', 'slow.ts', '--workers', '1', '--record', `${signal}.mcap`, '--json', '--log', 'info')
    await run.said(/"msg":"run"/)
    await new Promise((resolve) => setTimeout(resolve, 500))
    run.child.kill(signal)
    const result = await run.ended
    expect(result.code).toBe(0)
    const { steps, finalHash, stopped } = json(result)
    expect(stopped).toBe(true)
    expect(recordingInfo(join(folder, `${signal}.mcap`))).toMatchObject({ complete: true, steps, finalHash })
    expect(json(metabonk('replay', `${signal}.mcap`, '--workers', '1', '--json'))).toMatchObject({ steps, finalHash })
  })

  it('says in words where it stopped', async () => {
    const run = start('run', 'slow.ts', '--workers', '1', '--no-record', '--log', 'info')
    await run.said(/"msg":"run"/)
    run.child.kill('SIGINT')
    const { code, out } = await run.ended
    expect([code, /^stopped at +step \d+ in/m.test(out)]).toEqual([0, true])
  })

  it('a second time ends the process at once, even with a thread that hangs', async () => {
    const run = start('run', 'hanging.ts', '--no-record', '--log', 'info')
    await run.said(/"msg":"run"/)
    run.child.kill('SIGINT')
    await run.said(/stopping at the next step boundary/)
    run.child.kill('SIGINT')
    expect(await run.ended).toMatchObject({ code: 130, out: '' })
  })

  it.each([
    ['verify', ['verify', 'slow.mcap', '--workers', '1']],
    ['find', ['find', 'slow.mcap', 'k[0].n == 1', '--workers', '1']],
  ])('ends %s as failed: it has no result', async (name, args) => {
    const run = start(...args, '--log', 'info')
    await run.said(new RegExp(`"msg":"${name}"`))
    run.child.kill('SIGINT')
    const { code, out, err } = await run.ended
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^metabonk: .*stopped at step \d+/m)
  })
})
