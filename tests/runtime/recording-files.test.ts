import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hostCrc32, openFileSink, openFileSource } from '../../runtime/host/files.ts'
import { runRecorder } from '../../runtime/host/recorder.ts'
import type { RecorderReport } from '../../runtime/host/recorder.ts'
import { FeedProducer, createFeed, stopFeed } from '../../runtime/recording/feed.ts'
import { openRecording } from '../../runtime/recording/recording.ts'
import type { Recording } from '../../runtime/recording/recording.ts'
import { bundleOf, differenceFrom, randomSample, sampleManifest, writeSample } from './recording-sample.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'metabonk-recording-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const none = new Uint32Array(0)
const end = { steps: 2, finalHash: 'ff', reason: 'steps' }

function read<Result>(path: string, use: (recording: Recording) => Result): Result {
  const source = openFileSource(path)
  try {
    return use(openRecording(source, hostCrc32))
  } finally {
    source.close()
  }
}

describe('openFileSink', () => {
  it('makes parent folders, and what it writes reads back', () => {
    const sample = randomSample(40, 31)
    const path = join(folder, 'a', 'b', 'run.mcap')
    writeSample(sample, openFileSink(path))
    read(path, (recording) => {
      expect([recording.complete, recording.steps, differenceFrom(sample, recording)]).toEqual([true, 40, undefined])
      recording.check()
    })
  })

  it('replaces a finished recording, and leaves nothing else behind', () => {
    const path = join(folder, 'run.mcap')
    for (const steps of [20, 5]) writeSample(randomSample(steps, 1), openFileSink(path))
    expect(read(path, (recording) => recording.steps)).toBe(5)
    expect(readdirSync(folder)).toEqual(['run.mcap'])
  })

  it('refuses a path that another writer holds, and does not disturb it', () => {
    const sample = randomSample(20, 2)
    const path = join(folder, 'run.mcap')
    const first = openFileSink(path)
    const held = expect.objectContaining({ code: 'disk', what: `process ${String(process.pid)} is writing it`, where: path, todo: expect.stringContaining('another path') as string }) as Error
    expect(() => openFileSink(path)).toThrow(held)
    writeSample(sample, first)
    expect(read(path, (recording) => differenceFrom(sample, recording))).toBe(undefined)
    writeSample(sample, openFileSink(path))
  })

  it('refuses a file that is something else', () => {
    const path = join(folder, 'world.ts')
    writeFileSync(path, 'export default 1')
    expect(() => openFileSink(path)).toThrow(expect.objectContaining({ code: 'disk' }))
    expect(readFileSync(path, 'utf8')).toBe('export default 1')
  })

  it('says what is wrong with a path', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => openFileSink(folder)).toThrow(/path is a folder/)
    expect(() => openFileSink(join(folder, 'file', 'run.mcap'))).toThrow(/part of the path is a file/)
    expect(() => openFileSink(join(folder, `${'x'.repeat(300)}.mcap`))).toThrow(/too long/)
  })

  it('removes a file to which nothing was written', () => {
    const path = join(folder, 'run.mcap')
    openFileSink(path).close()
    expect(existsSync(path)).toBe(false)
  })

  it.skipIf(!existsSync('/dev/full'))('says when the disk is full', () => {
    expect(() => { writeSample(randomSample(5, 1), openFileSink('/dev/full')) }).toThrow(expect.objectContaining({
      code: 'disk', message: expect.stringMatching(/no space is left on the disk \(\/dev\/full\); free some space/) as string,
    }))
  })
})

describe('openFileSource', () => {
  it('says what is wrong with a path', () => {
    mkdirSync(join(folder, 'sub'))
    expect(() => openFileSource(join(folder, 'none.mcap'))).toThrow(expect.objectContaining({ code: 'recording-invalid', what: 'recording does not exist' }))
    expect(() => openFileSource(join(folder, 'sub'))).toThrow(/not a file/)
  })

  it('says when the file became shorter', () => {
    const path = join(folder, 'run.mcap')
    writeSample(randomSample(20, 3), openFileSink(path))
    const source = openFileSource(path)
    const recording = openRecording(source, hostCrc32)
    writeFileSync(path, '')
    expect(() => recording.loadKeyframe(20)).toThrow(expect.objectContaining({ code: 'recording-invalid', message: expect.stringContaining('shorter') as string }))
    source.close()
  })
})

describe('runRecorder', () => {
  it('writes what came until the end record', () => {
    const feed = createFeed(65_536)
    const path = join(folder, 'run.mcap')
    const producer = new FeedProducer(feed)
    for (let step = 0; step <= 2; step++) producer.hash(step, step, 9, none, 0)
    producer.close(end)
    expect(runRecorder({ feed, path, manifest: sampleManifest })).toMatchObject({ complete: true })
    expect(read(path, (recording) => [recording.end, recording.hashAt(2)])).toMatchObject([end, { lo: 2, hi: 9 }])
  })

  it('closes the file after what it has when the producer died', () => {
    const feed = createFeed(65_536)
    const path = join(folder, 'run.mcap')
    const producer = new FeedProducer(feed)
    for (let step = 0; step <= 2; step++) producer.hash(step, step, 9, none, 0)
    stopFeed(feed)
    expect(runRecorder({ feed, path, manifest: sampleManifest })).toMatchObject({ complete: false })
    expect(read(path, (recording) => [recording.complete, recording.steps])).toEqual([false, 2])
  })

  it('reports a path it cannot write to, to the caller and to the producer', () => {
    const feed = createFeed(65_536)
    const producer = new FeedProducer(feed)
    const report = runRecorder({ feed, path: folder, manifest: sampleManifest })
    expect(report).toMatchObject({ complete: false, error: { code: 'disk', where: folder } })
    expect(() => { producer.hash(0, 1, 2, none, 0) }).toThrow(expect.objectContaining({ code: 'disk', where: folder }))
  })

  const worker = `
    import { parentPort, workerData } from 'node:worker_threads'
    import { runRecorder } from 'RUNTIME/host/recorder.ts'
    parentPort.postMessage(runRecorder(workerData))
  `

  it('records from its own thread, and makes a quiet run readable within a second', async () => {
    const feed = createFeed(65_536)
    const path = join(folder, 'run.mcap')
    const thread = new Worker(await bundleOf(worker, folder), { eval: true, workerData: { feed, path, manifest: sampleManifest } })
    const report = new Promise<RecorderReport>((resolve, reject) => thread.once('message', resolve).once('error', reject))
    const producer = new FeedProducer(feed)
    for (let step = 0; step <= 2; step++) producer.hash(step, step, 9, none, 0)
    await expect.poll(() => {
      try {
        return read(path, ({ complete, steps }) => [complete, steps])
      } catch {
        return undefined
      }
    }, { timeout: 20_000 }).toEqual([false, 2])
    producer.keyframe(2, new Uint8Array(200_000).fill(7))
    producer.close(end)
    expect(await report).toMatchObject({ complete: true })
    expect(read(path, (recording) => recording.loadKeyframe(2).every((byte) => byte === 7))).toBe(true)
  })

  it.skipIf(!existsSync('/dev/full'))('stops the producer when the disk is full, however much is on its way', async () => {
    const feed = createFeed(4096)
    const thread = new Worker(await bundleOf(worker, folder), { eval: true, workerData: { feed, path: '/dev/full', manifest: sampleManifest } })
    const report = new Promise<RecorderReport>((resolve, reject) => thread.once('message', resolve).once('error', reject))
    const producer = new FeedProducer(feed)
    expect(() => {
      for (let step = 0; ; step++) producer.hash(step, step, 9, none, 0)
    }).toThrow(expect.objectContaining({ code: 'disk', where: '/dev/full' }))
    expect(await report).toMatchObject({ complete: false, error: { code: 'disk' } })
  })

  it('leaves a readable recording when the process is killed', async () => {
    const script = join(folder, 'run.cjs')
    const path = join(folder, 'run.mcap')
    writeFileSync(script, await bundleOf(`
      import { openFileSink } from 'RUNTIME/host/files.ts'
      import { RecordingWriter } from 'RUNTIME/recording/recording-writer.ts'
      const writer = new RecordingWriter(openFileSink(${JSON.stringify(path)}), ${JSON.stringify(sampleManifest)}, { chunkBytes: 4096 })
      for (let step = 0; step < 10000; step++) writer.hash(step, step, 9, new Uint32Array(0), 0)
      process.kill(process.pid, 'SIGKILL')
    `, folder))
    expect(spawnSync(process.execPath, [script]).signal).toBe('SIGKILL')
    read(path, (recording) => {
      expect([recording.complete, recording.steps > 9000 && recording.steps < 10000, recording.hashAt(9000).lo]).toEqual([false, true, 9000])
    })
    expect(() => openFileSink(path)).toThrow(/its writer was killed/)
    expect(readdirSync(folder).sort()).toEqual(['run.cjs', 'run.mcap'])
  })
})
