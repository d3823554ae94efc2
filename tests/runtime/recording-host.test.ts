import { McapIndexedReader } from '@mcap/core'
import { spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { zstdCompression } from '../../runtime/host/compression.ts'
import { hostCrc32, openFileSink } from '../../runtime/host/files.ts'
import { runRecorder } from '../../runtime/host/recorder.ts'
import { hostReadPorts } from '../../runtime/host/read-ports.ts'
import { sha256 } from '../../runtime/host/seal.ts'
import { FeedProducer, createFeed, stopFeed } from '../../runtime/recording/feed.ts'
import { RecordingWriter } from '../../runtime/recording/recording-writer.ts'
import { openRecording } from '../../runtime/recording/recording.ts'
import type { Recording } from '../../runtime/recording/recording.ts'
import { rewriteRecording } from '../../runtime/recording/rewrite.ts'
import { bundleOf, differenceFrom, memorySource, randomSample, sampleBytes, sampleManifest, MemorySink } from './recording-sample.ts'

/** Free space that is claimed to be there, and which operation on files fails, counted down, in which way. */
const { free, failing } = vi.hoisted(() => ({ free: { blocks: undefined as number | undefined }, failing: { after: Infinity, code: '', short: false } }))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const fail = (): void => {
    if (failing.after-- === 0) throw Object.assign(new Error(failing.code), { code: failing.code })
  }
  return {
    ...fs,
    statfsSync: (path: string) => (free.blocks === undefined ? fs.statfsSync(path) : { bavail: free.blocks, bsize: 1024, blocks: 1024 * 1024 }),
    writeSync: (file: number, bytes: Uint8Array, ...[at, length, position]: [number?, number?, (number | null)?]) => {
      fail()
      return fs.writeSync(file, bytes, at, failing.short && length !== undefined ? Math.ceil(length / 2) : length, position)
    },
    fsyncSync: (file: number) => {
      fail()
      fs.fsyncSync(file)
    },
    ftruncateSync: (file: number, length: number) => {
      fail()
      fs.ftruncateSync(file, length)
    },
    renameSync: (from: string, to: string) => {
      fail()
      fs.renameSync(from, to)
    },
  }
})

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'metabonk-recording-'))
  path = join(folder, 'run.mcap')
})
afterEach(() => {
  free.blocks = undefined
  Object.assign(failing, { after: Infinity, code: '', short: false })
  rmSync(folder, { recursive: true, force: true })
})

const none = new Uint32Array(0)
const end = { steps: 2, finalHash: 'ff', reason: 'steps' }
const ports = hostReadPorts()

function opened(bytes: Uint8Array): Recording {
  return openRecording(memorySource(bytes), hostCrc32, ports)
}

function recorded(): Recording {
  return opened(readFileSync(path))
}

/** Records hashes from step `first` on through a feed; ends at step 2 or is stopped. */
function run(first: number, last: number, task: Partial<Parameters<typeof runRecorder>[0]> = {}): ReturnType<typeof runRecorder> {
  const feed = createFeed(65_536)
  const producer = new FeedProducer(feed)
  for (let step = first; step <= last; step++) producer.hash(step, step, 9, none, 0)
  if (last === end.steps) producer.close(end)
  else stopFeed(feed)
  return runRecorder({ feed, path, manifest: sampleManifest, ...task })
}

describe('the lock of a recording', () => {
  it('lies beside it while it is written, and is gone afterwards', () => {
    const sink = openFileSink(path)
    expect(JSON.parse(readFileSync(`${path}.lock`, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() })
    sink.discard()
    expect(readdirSync(folder)).toEqual([])
  })

  it('names another process that writes, and its machine', async () => {
    const child = spawn('sleep', ['60'])
    try {
      const started = readFileSync(`/proc/${String(child.pid)}/stat`, 'utf8').split(') ')[1].split(' ')[19]
      const lock = (host: string): void => { writeFileSync(`${path}.lock`, JSON.stringify({ pid: child.pid, started, host })) }
      lock(hostname())
      expect(() => openFileSink(path)).toThrow(expect.objectContaining({ code: 'disk', what: `process ${String(child.pid)} is writing it` }))
      lock('elsewhere')
      expect(() => openFileSink(path)).toThrow(/of machine elsewhere is writing it/)
    } finally {
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
    }
  })

  it('does not hold when its process is no more, or another one has its number', () => {
    for (const holder of [{ pid: 2 ** 22 + 7, started: '12' }, { pid: process.pid, started: '12' }]) {
      writeFileSync(`${path}.lock`, JSON.stringify({ ...holder, host: hostname() }))
      openFileSink(path).discard()
    }
    writeFileSync(`${path}.lock`, '')
    expect(() => openFileSink(path)).toThrow(/a lock that names no process/)
  })
})

describe('a recording that is gone on with', () => {
  it('reads as one, sealed', () => {
    expect(run(0, 1)).toMatchObject({ complete: false })
    expect([recorded().complete, recorded().steps]).toEqual([false, 1])
    expect(run(2, 2, { resumeAfter: 1 })).toMatchObject({ complete: true })
    const recording = recorded()
    recording.check()
    expect([recording.complete, recording.steps, recording.hashAt(2)]).toEqual([true, 2, { lo: 2, hi: 9 }])
    expect(readdirSync(folder)).toEqual(['run.mcap'])
  })

  it('is left as it was when it is not what the run goes on from', () => {
    run(0, 1)
    const before = readFileSync(path)
    expect(run(7, 8, { resumeAfter: 6 })).toMatchObject({ complete: false, error: { code: 'recording-mismatch' } })
    expect(Buffer.compare(readFileSync(path), before)).toBe(0)
    expect(readdirSync(folder)).toEqual(['run.mcap'])
  })
})

describe('fsync', () => {
  it('by step: no step that was acknowledged is lost when the recorder is killed', async () => {
    const text = await bundleOf(`
      import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
      import { runRecorder } from 'RUNTIME/host/recorder.ts'
      import { FeedProducer, createFeed } from 'RUNTIME/recording/feed.ts'
      import { writeSync } from 'node:fs'
      if (isMainThread) {
        const feed = createFeed(65536, 'step')
        new Worker(__filename, { workerData: feed })
        const producer = new FeedProducer(feed)
        for (let step = 0; step < 40; step++) { producer.hash(step, step, 9, new Uint32Array(0), 0); writeSync(1, step + '\\n') }
        process.kill(process.pid, 'SIGKILL')
      } else runRecorder({ feed: workerData, path: ${JSON.stringify(path)}, manifest: ${JSON.stringify(sampleManifest)} })
    `, folder)
    const script = join(folder, 'run.cjs')
    writeFileSync(script, text)
    const { stdout, signal } = spawnSync(process.execPath, [script])
    expect([signal, stdout.toString().trim().split('\n').at(-1)]).toEqual(['SIGKILL', '39'])
    expect(recorded().steps).toBe(39)
  })

  it('by interval: the recording is on the disk while the run goes on', async () => {
    const feed = createFeed(65_536, 'interval')
    const thread = new Worker(await bundleOf(`
      import { workerData } from 'node:worker_threads'
      import { runRecorder } from 'RUNTIME/host/recorder.ts'
      runRecorder(workerData)
    `, folder), { eval: true, workerData: { feed, path, manifest: sampleManifest } })
    const exited = new Promise((resolve, reject) => thread.once('exit', resolve).once('error', reject))
    const producer = new FeedProducer(feed)
    producer.hash(0, 0, 9, none, 0)
    await expect.poll(() => existsSync(path) && statSync(path).size > 1000 && recorded().steps, { timeout: 10_000 }).toBe(0)
    for (const step of [1, 2]) producer.hash(step, step, 9, none, 0)
    producer.close(end)
    await exited
    expect(recorded().complete).toBe(true)
  })
})

describe('a disk that fails', () => {
  /** Records three steps, the last one gone on with; undefined when it went well, else what it ended with. */
  function runTwice(): string | undefined {
    const first = run(0, 1)
    if (first.error !== undefined) return first.error.code
    return run(2, 2, { resumeAfter: 1 }).error?.code
  }

  it('at any of its operations is told, leaves an exact prefix or nothing, and no lock', () => {
    for (const code of ['ENOSPC', 'EIO']) {
      for (let after = 0; ; after++) {
        rmSync(path, { force: true })
        Object.assign(failing, { after, code })
        const ended = runTwice()
        failing.after = Infinity
        expect(readdirSync(folder).filter((name) => name !== 'run.mcap')).toEqual([])
        if (ended === undefined) {
          expect(after).toBeGreaterThan(8)
          break
        }
        expect([after, ended]).toEqual([after, 'disk'])
        if (!existsSync(path)) continue
        try {
          const recording = recorded()
          for (let step = 0; step <= recording.steps; step++) expect(recording.hashAt(step)).toEqual({ lo: step, hi: 9 })
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^recording-(torn|invalid)$/)
        }
      }
    }
  })

  /** Records 60 steps in parts; gives what it ended with, undefined when it went well. */
  function runInParts(keep: number | undefined): string | undefined {
    const feed = createFeed(1024 * 1024)
    const producer = new FeedProducer(feed)
    for (let step = 0; step < 60; step++) {
      producer.hash(step, step, 9, none, 0)
      if (step % 10 === 0) producer.keyframe(step, new Uint8Array(4000).fill(step))
    }
    producer.close({ ...end, steps: 59 })
    return runRecorder({ feed, path, manifest: sampleManifest, rotate: { bytes: 6000, keep } }).error?.code
  }

  it.each([undefined, 2])('at any of its operations ends a run in parts with parts that are whole or an exact prefix, one after the other (keep %s)', (keep) => {
    for (let after = 0; ; after++) {
      rmSync(folder, { recursive: true, force: true })
      Object.assign(failing, { after, code: 'ENOSPC' })
      const ended = runInParts(keep)
      failing.after = Infinity
      const names = (existsSync(folder) ? readdirSync(folder) : []).sort()
      expect(names.filter((name) => !name.endsWith('.mcap'))).toEqual([])
      let last = -1
      for (const [place, name] of names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).entries()) {
        const part = tried(join(folder, name))
        // Only the part that was being written may hold nothing, and then it is the first.
        if (part === undefined) expect([names.length, ended]).toEqual([1, 'disk'])
        else expect([after, name, part.complete || place === names.length - 1, last < 0 || part.first === last, part.hashAt(part.steps).lo]).toEqual([after, name, true, true, part.steps])
        last = part?.steps ?? -1
      }
      if (ended !== undefined) continue
      expect([last, names.length]).toEqual([59, keep ?? 3])
      expect(after).toBeGreaterThan(30)
      break
    }
  })

  /** A recording; undefined when it was cut before its first state. */
  function tried(file: string): Recording | undefined {
    try {
      const recording = opened(readFileSync(file))
      recording.check()
      return recording
    } catch (error) {
      expect((error as { code: string }).code).toMatch(/^recording-(torn|invalid)$/)
      return undefined
    }
  }

  it('writes all of a piece, however short it writes', () => {
    failing.short = true
    expect(runTwice()).toBe(undefined)
    recorded().check()
  })
})

describe('a disk that is nearly full', () => {
  it('ends the recording properly before it is too late', () => {
    free.blocks = 30_000
    const writer = new RecordingWriter(openFileSink(path), sampleManifest, { crc32: hostCrc32 })
    for (let step = 0; step < 5; step++) writer.hash(step, step, 9, none, 0)
    writer.flush()
    writer.hash(5, 5, 9, none, 0)
    free.blocks = 3_000
    const full = expect.objectContaining({ code: 'disk', what: 'the disk is nearly full', where: path }) as Error
    expect(() => { writer.keyframe(5, new Uint8Array(100)) }).toThrow(full)
    expect(() => { writer.flush() }).toThrow(full)
    writer.closeEarly('the disk was nearly full')
    const recording = recorded()
    recording.check()
    expect([recording.complete, recording.steps, recording.keyframes, recording.end?.reason]).toEqual([true, 5, [], 'the disk was nearly full'])
  })

  it('is told to the run, whose recording is complete', () => {
    free.blocks = 3_000
    const error = { code: 'disk', what: 'the disk is nearly full', where: path }
    expect(run(0, 1)).toMatchObject({ complete: true, error })
    expect(recorded().end).toMatchObject({ steps: 1, finalHash: '0000000900000001', reason: 'the disk was nearly full' })
    expect(readdirSync(folder)).toEqual(['run.mcap'])
  })
})

describe('the seal', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const signKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')

  it('is the digest of the file, signed where a key is given', () => {
    run(0, 2)
    expect(recorded().checkSeal()).toMatchObject({ publicKey: undefined, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
    expect(() => recorded().checkSeal(key)).toThrow(/seal is not signed/)
    rmSync(path)
    run(0, 2, { signKey })
    expect(recorded().checkSeal(key)).toMatchObject({ publicKey: key })
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    expect(() => recorded().checkSeal(other)).toThrow(/signed with another key/)
  })

  it('is broken by another byte, even where every checksum is right, and by a forged signature', () => {
    const forged = (sign: (digest: string) => { signature: string; publicKey: string }, digest = sha256): Recording => {
      const sink = new MemorySink()
      const writer = new RecordingWriter(sink, sampleManifest, { digest, sign })
      writer.hash(0, 1, 2, none, 0)
      writer.close({ ...end, steps: 0 })
      return opened(sink.bytes())
    }
    const wrong = (): ReturnType<typeof sha256> => ({ update: () => undefined, finish: () => 'ab'.repeat(32) })
    expect(() => { forged(() => ({ signature: '', publicKey: key }), wrong).check() }).toThrow(/seal is broken/)
    expect(() => { forged(() => ({ signature: Buffer.alloc(64).toString('base64'), publicKey: key })).check() }).toThrow(/signature of the seal is not of this recording/)
    expect(() => forged(() => ({ signature: 'x', publicKey: 'y' })).checkSeal()).toThrow(/signature of the seal/)
  })

  it('needs an Ed25519 key', () => {
    expect(run(0, 2, { signKey: 'no key' })).toMatchObject({ error: { code: 'usage', todo: expect.stringContaining('openssl genpkey') as string } })
  })
})

describe('compressed recordings', () => {
  const sample = randomSample(60, 3)
  const large = { ...sample, keyframes: sample.keyframes.map(({ step }) => ({ step, bytes: new Uint8Array(50_000).fill(step) })) }
  const bytes = sampleBytes(large, { chunkBytes: 4096 })

  function compressed(): Uint8Array {
    const sink = new MemorySink()
    Array.from(rewriteRecording(opened(bytes), sink, { compression: zstdCompression(), crc32: hostCrc32, digest: sha256 }))
    return sink.bytes()
  }

  it('are smaller and hold the same, also when they were cut off', () => {
    const small = compressed()
    expect(small.length).toBeLessThan(bytes.length / 10)
    const recording = opened(small)
    recording.check()
    expect([recording.complete, recording.steps, differenceFrom(large, recording)]).toEqual([true, 60, undefined])
    const torn = opened(small.subarray(0, Buffer.from(small).indexOf('metabonk.end') - 20))
    expect([torn.complete, differenceFrom(large, torn)]).toEqual([false, undefined])
  })

  it('are read by @mcap/core, checksums on', async () => {
    const small = compressed()
    const zstd = zstdCompression()
    const reader = await McapIndexedReader.Initialize({
      readable: { size: () => Promise.resolve(BigInt(small.length)), read: (offset, length) => Promise.resolve(small.slice(Number(offset), Number(offset + length))) },
      decompressHandlers: { zstd: (buffer, size) => zstd.decompress(buffer, Number(size)) },
    })
    let keyframes = 0
    for await (const message of reader.readMessages({ topics: ['keyframes'], validateCrcs: true })) keyframes += message.data.length
    expect(keyframes).toBe(7 * 50_008)
  })

  it('are refused where nothing can read them, and when they claim more than a chunk may hold', () => {
    const small = compressed()
    expect(() => { openRecording(memorySource(small), hostCrc32).check() }).toThrow(/compressed by 'zstd', which is not read here/)
    for (const size of [2 ** 31, 49]) {
      const hostile = small.slice()
      const view = new DataView(hostile.buffer)
      const at = Buffer.from(hostile).indexOf('zstd') - 16
      view.setUint32(at, size, true)
      // Without the index at the end the chunk's own sizes count.
      expect(() => { opened(hostile.subarray(0, hostile.length - 1)).check() }).toThrow(/ is damaged| says that it holds | cannot be decompressed/)
    }
  })
})
