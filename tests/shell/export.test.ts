import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateSync } from 'node:zlib'
import foxglove from '@foxglove/schemas/jsonschema.js'
import { McapIndexedReader } from '@mcap/core'
import { Ajv } from 'ajv'
import { unzipSync } from 'fflate'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { beforeAll, describe, expect, it } from 'vitest'
import { openRecording, prepareWorld, runWorld, type Input, type RecordedState } from '../../actors/index.ts'
import { single } from '../../shell/export/cells.ts'
import { foxgloveSchemas } from '../../shell/export/foxglove-schemas.ts'
import { exportRecording, type ExportOptions } from '../../shell/export/formats.ts'
import { OutputFile } from '../../shell/output-files.ts'
import { parquetWriter } from '../../shell/export/parquet.ts'
import { garbageCollector } from '../collect.ts'
import { built, commandLine, json, main } from './command.ts'

type Row = Record<string, unknown>

const steps = 60
const stretch = { from: 3, until: 57, every: 9 }
const at = [3, 12, 21, 30, 39, 48, 57]
const inputs: readonly Input[] = [{ form: 'set', kind: 'probe', row: 0, column: 'small', value: -0 }, { form: 'spawn', kind: 'rock', values: { n: 7 } }]

const { folder, metabonk } = commandLine()
const recording = join(folder, 'odd.mcap')

/** Exports in this thread. */
async function exported(options: ExportOptions, signal: AbortSignal = new AbortController().signal): ReturnType<typeof exportRecording> {
  return exportRecording(recording, options, { signal, onProgress: () => undefined })
}

/** All rows of a kind at the exported steps, as the recording gives them one by one. */
async function expectedRows(kind: string): Promise<Row[]> {
  const run = await openRecording(recording)
  return at.flatMap((step) => {
    const state = run.stateAt(step)
    const { rows, alive, stateOf } = state.table(kind)
    const live = Array.from({ length: rows }, (_, row) => row).filter((row) => alive[row] === 1)
    return live.map((row) => {
      const all = state.agent(kind, row)
      const declared = Object.entries(all).filter(([name]) => !name.startsWith('$')).map(([name, value]) => [name === 'step' || name === 'state' ? `${kind}.${name}` : name, value])
      return { step, row, generation: all['$generation'], ...(stateOf === undefined ? {} : { state: stateOf(row) }), ...(Object.fromEntries(declared) as Row) }
    })
  })
}

/** Lines of cells, quotes taken off. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    lines[lines.length - 1].push((quoted as string | undefined)?.replaceAll('""', '"') ?? plain)
    if (end === '\n') lines.push([])
  }
  lines.pop()
  return lines
}

/** What a line of CSV says of a row, in the order of its headings. */
function csvRow(row: Row): string[] {
  const text = (value: unknown): string => (Object.is(value, -0) ? '-0' : String(value))
  return Object.values(row).flatMap((value) => (Array.isArray(value) ? value.map(text) : [text(value)]))
}

/** JSON lines have texts for numbers that JSON has not. */
function jsonRow(row: Row): Row {
  const plain = (value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value)
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Array.isArray(value) ? value.map(plain) : plain(value)]))
}

/** Goes over the states of the stretch, with what was seen. */
async function eachDrawn(look: (state: RecordedState, place: number) => void): Promise<void> {
  const run = await openRecording(recording)
  let place = 0
  for await (const state of run.states({ from: stretch.from, to: stretch.until, every: stretch.every, drawn: true })) look(state, place++)
}

interface Npy {
  readonly type: string
  readonly shape: readonly number[]
  readonly data: Uint8Array
}

function readNpy(bytes: Uint8Array): Npy {
  const head = Buffer.from(bytes.subarray(0, 8)).toString('latin1')
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true)
  const text = Buffer.from(bytes.subarray(10, 10 + length)).toString('latin1')
  const found = /^\{'descr': '(.+)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n$/.exec(text)
  expect([head, (10 + length) % 64, found === null]).toEqual(['\u0093NUMPY\u0001\u0000', 0, false])
  return { type: found?.[1] ?? '', shape: (found?.[2] ?? '').split(',').filter((part) => part.trim() !== '').map(Number), data: bytes.slice(10 + length) }
}

interface FoxgloveMessage {
  readonly topic: string
  readonly schema: string
  readonly time: bigint
  readonly body: Row
}

async function readFoxglove(path: string): Promise<{ profile: string; messages: FoxgloveMessage[] }> {
  const bytes = readFileSync(path)
  const readable = { size: () => Promise.resolve(BigInt(bytes.length)), read: (offset: bigint, length: bigint) => Promise.resolve(new Uint8Array(bytes.subarray(Number(offset), Number(offset + length)))) }
  const reader = await McapIndexedReader.Initialize({ readable })
  const messages: FoxgloveMessage[] = []
  for await (const { channelId, logTime, data } of reader.readMessages({ validateCrcs: true })) {
    const channel = reader.channelsById.get(channelId)
    const schema = reader.schemasById.get(channel?.schemaId ?? 0)
    expect([channel?.messageEncoding, schema?.encoding]).toEqual(['json', 'jsonschema'])
    messages.push({ topic: channel?.topic ?? '', schema: schema?.name ?? '', time: logTime, body: JSON.parse(Buffer.from(data).toString()) as Row })
  }
  return { profile: reader.header.profile, messages }
}

/** A schema without what is only read by people. */
function bare(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema, (key, part: unknown) => ((key === 'description' || key === '$comment') && typeof part === 'string' ? undefined : part)))
}

/** The pixels of a PNG without filters. */
function readPng(bytes: Buffer): { readonly width: number; readonly height: number; readonly rgb: number[] } {
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  const at = bytes.indexOf('IDAT')
  const lines = inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4)))
  return { width, height, rgb: Array.from({ length: height }, (_, line) => [...lines.subarray(line * (3 * width + 1) + 1, (line + 1) * (3 * width + 1))]).flat() }
}

const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0

beforeAll(async () => {
  if (!built) return
  const world = await prepareWorld(fileURLToPath(new URL('./worlds/oddments.ts', import.meta.url)))
  await runWorld({ world, seed: 5, steps, workers: 1, record: recording, inputs: inputs.map((input, sequence) => ({ step: 20, source: 2, sequence, input })) })
})

describe.skipIf(!built)('exported tables (needs the build)', () => {
  it('csv: every value of every live row, exactly', async () => {
    const { files } = await exported({ to: 'csv', ...stretch })
    expect(files.map(({ path }) => path)).toEqual([join(folder, 'odd.agents.probe.csv'), join(folder, 'odd.agents.rock.csv')])
    const [head, ...lines] = parseCsv(readFileSync(files[0].path, 'utf8'))
    expect(head).toEqual([
      'step', 'row', 'generation', 'state', 'at.0', 'at.1', 'mood', 'small', 'wide_0', 'wide_1', 'wide_2', 'at_0', 'probe.step', 'probe.state', 'friend', 'awake', 'low', 'count', 'heard',
      'action_0', 'action_1', 'reward', 'terminated', 'truncated',
    ])
    const rows = await expectedRows('probe')
    expect(lines).toEqual(rows.map(csvRow))
    expect([files[0].rows, files[0].bytes]).toEqual([rows.length, readFileSync(files[0].path).length])
    for (const special of ['NaN', 'Infinity', '-Infinity', '-0', '5e-324', 'two\nlines', 'a "b", c']) expect(lines.some((line) => line.includes(special)), special).toBe(true)
  })

  it('jsonl: one object a line, exactly', async () => {
    const { files } = await exported({ to: 'jsonl', kind: ['probe'], ...stretch })
    const lines = readFileSync(files[0].path, 'utf8').trimEnd().split('\n')
    expect([files.length, files[0].path]).toEqual([1, join(folder, 'odd.jsonl')])
    expect(lines.map((line) => JSON.parse(line) as Row)).toEqual((await expectedRows('probe')).map(jsonRow))
  })

  it('parquet: columns of their types, vectors as lists, exactly', async () => {
    const { files } = await exported({ to: 'parquet', ...stretch })
    for (const [i, kind] of ['probe', 'rock'].entries()) {
      const bytes = readFileSync(files[i].path)
      const file = { byteLength: bytes.length, slice: (from: number, to?: number) => bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + (to ?? bytes.length)) }
      const read = await parquetReadObjects({ file })
      const wide = (row: Row): Row => ({ ...row, step: BigInt(row['step'] as number), ...('friend' in row ? { friend: BigInt(row['friend'] as number) } : {}) })
      expect(read).toEqual((await expectedRows(kind)).map(wide))
    }
  })

  it('a machine’s states are those that are counted', async () => {
    const run = await openRecording(recording)
    for (const step of at) {
      const state = run.stateAt(step)
      const { rows, alive, stateOf } = state.table('probe')
      const paths = Array.from({ length: rows }, (_, row) => (alive[row] === 1 ? (stateOf?.(row) ?? '') : ''))
      for (const each of state.states()[0].states) expect(paths.filter((path) => path.split(' & ').some((leaf) => leaf === each.state || leaf.startsWith(`${each.state}.`))).length, each.state).toBe(each.agents)
    }
  })

  it('inputs, hashes, messages and report numbers', async () => {
    const run = await openRecording(recording)
    const read = async (what: 'inputs' | 'hashes' | 'messages' | 'report'): Promise<Row[]> => {
      const { files } = await exported({ to: 'jsonl', what, ...(what === 'inputs' ? {} : { from: 2 }) })
      expect(files[0].path).toBe(join(folder, `odd.${what}.jsonl`))
      return readFileSync(files[0].path, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Row)
    }
    expect(await read('inputs')).toEqual([
      { step: 20, source: 2, sequence: 0, input: '{"form":"set","kind":"probe","row":0,"column":"small","value":{"$number":"-0"}}' },
      { step: 20, source: 2, sequence: 1, input: JSON.stringify(inputs[1]) },
    ])
    const later = Array.from({ length: steps - 1 }, (_, i) => i + 2)
    expect(await read('hashes')).toEqual(later.map((step) => ({ step, hash: run.hashAt(step) })))
    expect(await read('report')).toEqual(later.map((step) => ({ step, probes: run.stateAt(step).agents['probe'], 'report.step': step / 3 })))
    const messages = await read('messages')
    const mail = later.flatMap((step) => run.stateAt(step).mail().map(({ type, to }) => ({ step, type, to: `${to.kind}[${String(to.row)}]` })))
    expect(messages.map(({ step, type, to }) => ({ step, type, to }))).toEqual(mail)
    expect(messages.find(({ from }) => from === 'director')).toMatchObject({ type: 'Note', payload: expect.stringContaining('"weight":0.5') as string })
    expect(messages.find(({ from }) => from !== 'director')).toMatchObject({ from: expect.stringMatching(/^probe\[\d+\]$/) as string, payload: expect.stringContaining('{"$number":"-0"}') as string })
  })
})

describe.skipIf(!built)('exported arrays (needs the build)', () => {
  it('npz: what policies saw and did, step by step', async () => {
    const { files } = await exported({ to: 'npz', ...stretch })
    const entries = unzipSync(readFileSync(files[0].path))
    const arrays = Object.fromEntries(Object.entries(entries).map(([name, bytes]) => [name.replace(/\.npy$/, ''), readNpy(bytes)]))
    const rows = arrays['probe_alive'].shape[1]
    expect(Object.fromEntries(Object.entries(arrays).map(([name, { type, shape }]) => [name, [type, ...shape]]))).toEqual({
      steps: ['<i8', at.length], probe_observations: ['<f4', at.length, rows, 2, 3], probe_actions: ['<f4', at.length, rows, 2], probe_rewards: ['<f4', at.length, rows],
      probe_terminated: ['|b1', at.length, rows], probe_truncated: ['|b1', at.length, rows], probe_alive: ['|b1', at.length, rows],
    })
    expect([...new BigInt64Array(arrays['steps'].data.buffer)]).toEqual(at.map(BigInt))
    const floats = (name: string): Float32Array => new Float32Array(arrays[name].data.buffer)
    await eachDrawn((state, place) => {
      const { alive } = state.table('probe')
      const seen = state.observations('probe')
      for (let row = 0; row < rows; row++) {
        const here = place * rows + row
        const agent = alive[row] === 1 ? state.agent('probe', row) : { action: [0, 0], reward: 0, terminated: false, truncated: false }
        expect(arrays['probe_alive'].data[here]).toBe(alive[row])
        expect([...floats('probe_observations').subarray(6 * here, 6 * here + 6)]).toEqual(alive[row] === 1 ? [...seen.subarray(6 * row, 6 * row + 6)] : [0, 0, 0, 0, 0, 0])
        expect([[...floats('probe_actions').subarray(2 * here, 2 * here + 2)], floats('probe_rewards')[here], arrays['probe_terminated'].data[here] === 1, arrays['probe_truncated'].data[here] === 1]).toEqual([agent['action'], agent['reward'], agent['terminated'], agent['truncated']])
        if (alive[row] === 1) expect(seen[6 * row]).toBe(Math.fround((agent as { at: number[] }).at[0] + (state.step % 10)))
      }
    })
  })

  it.skipIf(!hasNumpy)('npz: NumPy reads it (skipped where python3 has no numpy)', async () => {
    const { files } = await exported({ to: 'npz', out: join(folder, 'numpy.npz') })
    const script = "import sys, json, numpy; z = numpy.load(sys.argv[1]); print(json.dumps([z['steps'].tolist(), z['probe_observations'].shape, str(z['probe_terminated'].dtype), float(z['probe_rewards'][7, 1])]))"
    const { stdout, stderr } = spawnSync('python3', ['-c', script, files[0].path], { encoding: 'utf8' })
    expect(stderr).toBe('')
    const [read, shape, type, reward] = JSON.parse(stdout) as [number[], number[], string, number]
    const state = (await openRecording(recording)).stateAt(7)
    expect([read, shape.length, type, reward]).toEqual([Array.from({ length: steps + 1 }, (_, i) => i), 4, 'bool', state.agent('probe', 1)['reward']])
  })
})

describe.skipIf(!built)('exported messages for Foxglove (needs the build)', () => {
  it('foxglove: messages of its schemas, in the order of their time', async () => {
    const { files } = await exported({ to: 'foxglove', cameras: [{ kind: 'probe', row: 1 }], ...stretch })
    const { profile, messages } = await readFoxglove(files[0].path)
    expect([profile, messages.length, files[0].path]).toEqual(['', files[0].rows, join(folder, 'odd.foxglove.mcap')])
    const official = new Map<string, object>([['foxglove.SceneUpdate', foxglove.SceneUpdate], ['foxglove.Log', foxglove.Log], ['foxglove.CompressedImage', foxglove.CompressedImage]])
    for (const [name, schema] of Object.entries(foxgloveSchemas)) expect(schema).toEqual(bare(official.get(name)))
    const ajv = new Ajv({ strict: false })
    for (const { schema, body, time } of messages) {
      expect(ajv.validate(official.get(schema) ?? {}, body), ajv.errorsText()).toBe(true)
      const timestamp = (schema === 'foxglove.SceneUpdate' ? (body['entities'] as Row[])[0]['timestamp'] : body['timestamp']) as { sec: number; nsec: number }
      expect(BigInt(timestamp.sec) * 1_000_000_000n + BigInt(timestamp.nsec)).toBe(time)
    }
    const logs = messages.filter(({ topic }) => topic === '/log')
    expect(logs.map(({ time, body }) => [time, body['name'], body['message']])).toEqual(inputs.map((input, i) => [1_000_000_000n, 'source 2', i === 0 ? (expect.stringContaining('-0') as string) : JSON.stringify(input)]))
    const scenes = messages.filter(({ topic }) => topic === '/agents')
    const pictures = messages.filter(({ topic }) => topic === '/camera/probe/1')
    let shown = 0
    await eachDrawn((state, place) => {
      const { rows, alive } = state.table('probe')
      const live = Array.from({ length: rows }, (_, row) => row).filter((row) => alive[row] === 1)
      const [{ id, spheres }] = scenes[place].body['entities'] as { id: string; spheres: { pose: { position: { x: number; y: number } } }[] }[]
      expect([id, spheres.map(({ pose: { position } }) => [position.x, position.y])]).toEqual(['probe', live.map((row) => state.agent('probe', row)['at'])])
      if (alive[1] !== 1) return
      const { rgb, width, height } = state.picture('probe', 1)
      expect(readPng(Buffer.from(pictures[shown++].body['data'] as string, 'base64'))).toEqual({ width, height, rgb: [...rgb] })
    })
    expect([scenes.length, pictures.length]).toEqual([at.length, shown])
  })
})

describe.skipIf(!built)('an export (needs the build)', () => {
  it('refuses what makes no sense, by name, and leaves nothing behind', async () => {
    const before = readdirSync(folder).sort()
    const faults: [ExportOptions, string][] = [
      [{ to: 'csv', kind: ['dragon'] }, "there is no kind 'dragon' to export (--kind); choose from probe, rock"],
      [{ to: 'csv', until: 61 }, `steps 0 to 61 are not in the recording (${recording}); give steps from 0 to 60`],
      [{ to: 'csv', from: 9, until: 8 }, `steps 9 to 8 are not in the recording (${recording}); give steps from 0 to 60`],
      [{ to: 'npz', kind: ['rock'] }, "kind 'rock' has no policy (--kind); export its columns as parquet, csv or jsonl"],
      [{ to: 'npz', what: 'agents' }, 'npz holds what it holds (--what); leave --what out, or export to parquet, csv or jsonl'],
      [{ to: 'csv', what: 'inputs', every: 2 }, 'inputs come when they come (--every); leave --every out'],
      [{ to: 'csv', what: 'report', kind: ['rock'] }, 'report are not told apart by kind (--kind); leave --kind out'],
      [{ to: 'csv', cameras: [{ kind: 'probe', row: 0 }] }, 'csv holds no pictures (--camera); export to foxglove'],
      [{ to: 'foxglove', cameras: [{ kind: 'rock', row: 0 }] }, "agents of kind 'rock' have no camera (--camera); choose from probe"],
      [{ to: 'csv', what: 'hashes', out: recording, force: true }, `a recording is not written over itself (${recording}); choose another path with --out`],
      [{ to: 'csv', what: 'hashes', out: folder }, `the path is a folder (${folder}); give the path of a file with --out`],
      [{ to: 'csv', what: 'hashes', out: '/dev/null', force: true }, 'the path is a device (/dev/null); give the path of a file with --out'],
      [{ to: 'csv', what: 'hashes', out: join(recording, 'a.csv') }, `the file can't be written: not a directory (${join(recording, 'a.csv')}); choose another path with --out, or make room`],
    ]
    for (const [options, message] of faults) await expect(exported(options), message).rejects.toThrow(message)
    expect(readdirSync(folder).sort()).toEqual(before)
  })

  it('leaves a file that is there alone, unless it is told to replace it', async () => {
    const out = join(folder, 'there', 'a.csv')
    mkdirSync(join(folder, 'there'))
    writeFileSync(join(folder, 'there', 'a.rock.csv'), 'mine')
    await expect(exported({ to: 'csv', out })).rejects.toThrow('a file is already there')
    expect(readdirSync(join(folder, 'there'))).toEqual(['a.rock.csv'])
    expect(readFileSync(join(folder, 'there', 'a.rock.csv'), 'utf8')).toBe('mine')
    await exported({ to: 'csv', out, force: true })
    expect(readdirSync(join(folder, 'there'))).toEqual(['a.probe.csv', 'a.rock.csv'])
  })

  it.each(['csv', 'parquet', 'npz', 'foxglove'] as const)('a stopped export to %s leaves nothing', async (to) => {
    const stop = new AbortController()
    const out = join(folder, 'stopped', 'a')
    const progress = (): void => {
      stop.abort()
    }
    await expect(exportRecording(recording, { to, out }, { signal: stop.signal, onProgress: progress })).rejects.toMatchObject({ code: 'stopped' })
    expect(readdirSync(join(folder, 'stopped'))).toEqual([])
    rmSync(join(folder, 'stopped'), { recursive: true })
  })
})

describe.skipIf(!built)('a long export (needs the build)', () => {
  it('holds no more of a long run than of a short one', async () => {
    const collect = garbageCollector()
    const run = await openRecording(recording, { cacheBytes: 0 })
    const heldAt = new Map<number, number>()
    for await (const { step } of run.states()) {
      if (step !== 20 && step !== steps) continue
      collect()
      heldAt.set(step, process.memoryUsage().heapUsed)
    }
    expect((heldAt.get(steps) ?? 0) - (heldAt.get(20) ?? 0)).toBeLessThan(1 << 20)
  })

  it('parquet goes out in row groups', () => {
    const file = new OutputFile(join(folder, 'groups.parquet'))
    const writer = parquetWriter(file, [single('a', 'u32'), single('b', 'f64')])
    const heads: number[] = []
    for (let row = 0; row < 400_000; row++) {
      writer.write([row, row / 3])
      if (row % 100_000 === 99_999) heads.push(file.bytes)
    }
    writer.finish()
    file.close()
    const bytes = readFileSync(file.draft)
    const { row_groups: groups, num_rows: rows } = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    expect([rows, groups.every((group) => group.num_rows <= 131_072n), groups.length]).toEqual([400_000n, true, 4])
    expect(heads.map((head, i) => head > (heads[i - 1] ?? 0))).toEqual([false, true, true, true])
    file.discard()
  })

  it('a full disk ends it with one line and leaves nothing (a limit stands in for the disk)', () => {
    const before = readdirSync(folder).sort()
    const { status, stderr } = spawnSync('bash', ['-c', 'ulimit -f 8; "$0" "$@"', process.execPath, main, 'export', 'odd.mcap', '--to', 'jsonl', '--kind', 'probe', '--out', 'big.jsonl'], { cwd: folder, encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, "metabonk: the file can't be written: file too large (big.jsonl); choose another path with --out, or make room\n"])
    expect(readdirSync(folder).sort()).toEqual(before)
  })
})

describe.skipIf(!built)('metabonk export (needs the build)', () => {
  it('the command says what it wrote', () => {
    const first = metabonk('export', 'odd.mcap', '--to', 'csv', '--kind', 'rock', '--until', '1', '--out', 'said.csv')
    expect(first).toMatchObject({ code: 0, err: '', out: 'wrote  said.csv: 6 rows, 70 bytes\nsteps  0 to 1\n' })
    expect(existsSync(join(folder, 'said.csv'))).toBe(true)
    expect(json(metabonk('export', 'odd.mcap', '--to', 'parquet', '--kind', 'rock', '--every', '30', '--out', 'said.parquet', '--json'))).toEqual({
      recording: 'odd.mcap', format: 'parquet', from: 0, until: 60, every: 30, files: [{ path: 'said.parquet', rows: 11, bytes: readFileSync(join(folder, 'said.parquet')).length }],
    })
    expect(metabonk('export', 'odd.mcap', '--to', 'csv', '--out', 'said.csv', '--kind', 'rock')).toMatchObject({ code: 2, err: 'metabonk: a file is already there (said.csv); choose another path with --out, or replace it with --force\n' })
    expect(metabonk('export', 'odd.mcap', '--to', 'foxglove', '--camera', 'probe')).toMatchObject({ code: 2, err: "metabonk: 'probe' names no agent (--camera); write kind:row, like enemy:3, or kind[row]\n" })
  })
})
