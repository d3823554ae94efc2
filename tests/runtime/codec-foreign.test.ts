import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { describe, expect, it, type TestContext } from 'vitest'
import { hashHex } from '../../runtime/index.ts'
import { agentId, bool, bytes, cHeader, enumOf, f32, f64, i32, memoryOf, message, numpyDtype, u16, u32, u8, vec, type AgentId } from '../../runtime/host/slabs.ts'

const Small = message('Small', { flag: bool })
const Mixed = message('Mixed', { one: u8, target: agentId, double: f64, at: vec(f32, 3), short: u16, mood: enumOf('calm', 'say "\\"'), text: bytes(5), one_element: vec(i32, 1), double_: u32 })
const Empty = message('Empty', {})
const types = [Small, Mixed, Empty]

function run(command: string, args: readonly string[]): { readonly status: number | null; readonly out: string; readonly told: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' }) as { status: number | null; stdout: string | null; stderr: string | null }
  return { status, out: stdout ?? '', told: stderr ?? '' }
}

function skipWithout(context: TestContext, what: string, command: string, args: readonly string[]): void {
  if (run(command, args).status !== 0) context.skip(`no ${what} here`)
}

/** The names of C members: those that are words of C, or taken by such, have underscores. */
const members: readonly (readonly [string, typeof Small | typeof Mixed, readonly string[]])[] = [
  ['Small', Small, ['flag']],
  ['Mixed', Mixed, ['one', 'target', 'double__', 'at', 'short_', 'mood', 'text', 'one_element', 'double_']],
]

function program(): string {
  const prints = members.flatMap(([name, , fields]) => [
    `  printf("%u %llx\\n", (unsigned)sizeof(struct metabonk_${name}), METABONK_SCHEMA_${name});`,
    ...fields.map((field) => `  printf("%u %u\\n", (unsigned)offsetof(struct metabonk_${name}, ${field}), (unsigned)sizeof(((struct metabonk_${name}*)0)->${field}));`),
  ])
  return `#include "records.h"\n#include <stdio.h>\nint main(void) {\n${prints.join('\n')}\n  return METABONK_SLAB_ENTRY_BYTE_STRIDES == 136u && METABONK_DTYPE_F16 == 10u ? 0 : 1;\n}\n`
}

const elementSizes = { f32: 4, f64: 8, i32: 4, u32: 4, u16: 2, u8: 1 }

function expectedOutput(): string {
  const lines = members.flatMap(([, { codec }]) => [
    `${codec.bytes} ${hashHex(codec.hash.low, codec.hash.high).replace(/^0+/, '')}`,
    ...codec.fields.map(({ type, byteOffset }) => `${byteOffset} ${type.width * elementSizes[type.dtype]}`),
  ])
  return `${lines.join('\n')}\n`
}

describe('the C header', () => {
  it.for([['C11', 'cc', 'c', '-std=c11'], ['C++20', 'c++', 'cc', '-std=c++20']])('compiles as %s to the sizes and places of the codec', ([name, compiler, extension, standard], context) => {
    skipWithout(context, `compiler of ${name}`, compiler, ['--version'])
    const folder = mkdtempSync(join(tmpdir(), 'metabonk-header-'))
    try {
      writeFileSync(join(folder, 'records.h'), cHeader(types))
      writeFileSync(join(folder, `main.${extension}`), program())
      const compiled = run(compiler, [standard, '-Wall', '-Wextra', '-Werror', '-pedantic', join(folder, `main.${extension}`), '-o', join(folder, 'main')])
      expect(compiled).toEqual({ status: 0, out: '', told: '' })
      expect(run(join(folder, 'main'), [])).toEqual({ status: 0, out: expectedOutput(), told: '' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  it('of the layouts alone is the one in native/src (vitest -u writes it anew)', async () => {
    await expect(cHeader([])).toMatchFileSnapshot(fileURLToPath(new URL('../../native/src/slab_layout.h', import.meta.url)))
  })
})

describe('the numpy dtype', () => {
  it('reads a record in Python, and Python writes one back', (context) => {
    skipWithout(context, 'python3 with numpy', 'python3', ['-c', 'import numpy'])
    const values = { one: 3, target: (7 * 4294967296 + 5) as AgentId, double: -0.25, at: [1, 2, 3], short: 65535, mood: 'say "\\"', text: 'añ', one_element: [-9], double_: 4294967295 } as const
    const memory = memoryOf(new ArrayBuffer(Mixed.codec.bytes))
    Mixed.codec.encode(values, memory, 0)
    const script = `
import ast, sys, numpy
dtype = numpy.dtype(ast.literal_eval(sys.argv[1]))
record = numpy.frombuffer(bytearray.fromhex(sys.argv[2]), dtype)
print([record[name][0].tolist() for name in dtype.names], dtype.itemsize)
record['double'] *= 2
record['at'][0][1] = 7
record['text'][0] = list(b'Hello')
print(record.tobytes().hex())
print(numpy.dtype(ast.literal_eval(sys.argv[3])), numpy.dtype(ast.literal_eval(sys.argv[4])).itemsize)
`
    const { out, told } = run('python3', ['-c', script, numpyDtype(Mixed), Buffer.from(memory.u8).toString('hex'), numpyDtype(Small), numpyDtype(Empty)])
    expect(told).toBe('')
    const [read, written, others] = out.split('\n')
    expect(read).toBe('[3, [5, 7], -0.25, [1.0, 2.0, 3.0], 65535, 1, [97, 195, 177, 0, 0], [-9], 4294967295] 56')
    memory.u8.set(Buffer.from(written, 'hex'))
    expect(Mixed.codec.read(memory, 0)).toEqual({ ...values, double: -0.5, at: [1, 7, 3], text: new TextEncoder().encode('Hello') })
    expect(others).toBe("{'names': ['flag'], 'formats': ['?'], 'offsets': [0], 'itemsize': 8} 0")
  })
})

it('a codec and a cursor are made and work in a realm that was locked before', async () => {
  const entry = new URL('../../runtime/index.ts', import.meta.url)
  const { outputFiles } = await build({ entryPoints: [fileURLToPath(entry)], bundle: true, write: false, format: 'iife', globalName: 'runtime', logLevel: 'silent' })
  const scope = createContext({ TextEncoder, TextDecoder })
  runInContext(outputFiles[0].text, scope)
  runInContext('const { bytes, enumOf, f32, lockRealm, memoryOf, message, vec } = runtime\nlockRealm(globalThis)', scope)
  expect(() => void runInContext("new Function('return 1')", scope)).toThrow('Function is not available in a simulation')
  const text = runInContext(`
    const Hit = message('Hit', { at: vec(f32, 2), kind: enumOf('cut', 'burn'), name: bytes(4) })
    const memory = memoryOf(new SharedArrayBuffer(64))
    Hit.codec.encode({ at: [1, 2], kind: 'burn', name: 'ab' }, memory, 8)
    const hit = Hit.cursor(memory)
    hit.$at = 8
    hit.at_1 += 0.5
    const read = Hit.codec.read(memory, 8)
    let told = ''
    try { Hit.codec.encode({ name: 'abcde' }, memory, 8) } catch (error) { told = error.message }
    JSON.stringify([read, told])
  `, scope) as string
  expect(JSON.parse(text)).toEqual([{ at: [1, 2.5], kind: 'burn', name: { 0: 97, 1: 98, 2: 0, 3: 0 } }, "field 'name': expected at most 4 bytes, got 5 (message Hit)"])
})
