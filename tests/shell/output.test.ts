import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { built, commandLine, json, main } from './command.ts'

const { folder, metabonk } = commandLine()

describe.skipIf(!built)('what is written, and where (needs the build)', () => {
  it.each([
    [['run', '--stepz', '3'], "unknown option '--stepz' (Did you mean --steps?); add --help for what it takes"],
    [['seek', 'a.mcap', '1e3'], "command-argument value '1e3' is invalid for argument 'step'. Give a whole number from 0 to 9007199254740991; add --help for what it takes"],
    [['run', '--stall', '0x10'], "option '--stall <seconds>' argument '0x10' is invalid. Give seconds above 0, up to 86400; add --help for what it takes"],
    [['verify'], "missing required argument 'run'; add --help for what it takes"],
  ])('wrong usage %j is one line for people and an object for programs', (args, message) => {
    expect(metabonk(...args)).toEqual({ code: 2, out: '', err: `metabonk: ${message}\n` })
    const result = metabonk(...args, '--json')
    expect([result.code, result.err]).toEqual([2, ''])
    expect(json(result)).toMatchObject({ error: { code: 'usage', message } })
  })

  it('without a command the help is shown, as wrong usage', () => {
    expect(metabonk()).toMatchObject({ code: 2, err: expect.stringMatching(/^Usage: metabonk /) as string })
  })

  it('--version is that of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
    expect(metabonk('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it('the stack of an error goes to the log at debug level, nowhere else', () => {
    const { err } = metabonk('verify', 'nothing.mcap', '--log-file', 'logs/verify.log', '--log', 'debug')
    expect(err).toBe('metabonk: recording does not exist (nothing.mcap); give the path of a recording (.mcap)\n')
    expect(readFileSync(join(folder, 'logs/verify.log'), 'utf8')).toMatch(/"stack":"MetabonkError: [^"]*\\n {4}at /)
    expect(metabonk('verify', 'nothing.mcap', '--log', 'info').err).not.toContain('    at ')
  })

  it('a reader that goes away ends nothing with a stack trace', () => {
    const { status, stderr } = spawnSync('bash', ['-c', 'set -o pipefail; "$0" "$@" | true', process.execPath, main, '--help'], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })

  it.skipIf(!existsSync('/dev/full'))('an output that is full is an error', () => {
    const { status, stderr } = spawnSync('bash', ['-c', '"$0" "$@" > /dev/full', process.execPath, main, '--version'], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, "metabonk: the output can't be written: ENOSPC: no space left on device, write\n"])
  })

  it('doctor says that the kernels are off, and stays healthy', () => {
    const { status, stdout } = spawnSync(process.execPath, [main, 'doctor', '--json'], { cwd: folder, encoding: 'utf8', env: { ...process.env, METABONK_NATIVE: '0' } })
    const { healthy, findings } = JSON.parse(stdout) as { healthy: boolean; findings: readonly { name: string; state: string }[] }
    expect([status, healthy]).toEqual([0, true])
    expect(findings).toContainEqual(expect.objectContaining({ name: 'native kernels', state: 'note' }))
  })
})
