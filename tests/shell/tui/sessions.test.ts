import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MetabonkError, openRecording, prepareWorld, runWorld, type Input, type LiveRun, type LiveStop, type LiveVitals } from '../../../actors/index.ts'
import { serveRun, type ServedRun } from '../../../shell/tui/model/attach-server.ts'
import { frameBytes, FrameAssembler } from '../../../shell/tui/model/frames.ts'
import { LiveSessions } from '../../../shell/tui/model/live-session.ts'
import type { LiveSession, RunAbout, View, ViewQuery } from '../../../shell/tui/model/model.ts'
import { openRecordedSession } from '../../../shell/tui/model/recorded-session.ts'
import { discoverRuns, openRemoteSession } from '../../../shell/tui/model/remote-session.ts'
import { runFolder } from '../../../shell/tui/model/run-folder.ts'
import { ViewKept, viewOf } from '../../../shell/tui/model/view.ts'
import { counts, testSeed } from '../../counts.ts'
import { built } from '../command.ts'

const folder = mkdtempSync(join(tmpdir(), 'mb-'))
const sockets = join(folder, 'metabonk')
const runtimeBefore = process.env['XDG_RUNTIME_DIR']

beforeAll(() => {
  process.env['XDG_RUNTIME_DIR'] = folder
})

afterAll(() => {
  if (runtimeBefore === undefined) delete process.env['XDG_RUNTIME_DIR']
  else process.env['XDG_RUNTIME_DIR'] = runtimeBefore
  rmSync(folder, { recursive: true, force: true })
})

const about: RunAbout = { world: 'fake', seed: 7, recording: undefined, workers: 2, pid: process.pid, config: {}, kinds: [], phases: ['waiting'], until: undefined, stepMillis: 1, space: undefined }

/** A live run that is none: notes what it is told. */
class FakeRun {
  step = 41
  paused = false
  stops: readonly LiveStop[] = []
  readonly said: string[] = []
  open = 0

  session(): LiveSession {
    const own = this.open++
    let holds = false
    const note = (text: string): Promise<void> => {
      this.said.push(text)
      return Promise.resolve()
    }
    return {
      form: 'live',
      about,
      look: (query) => Promise.resolve({ step: this.step, hash: '00', kinds: [], report: {}, table: undefined, agent: query.agent && { ...query.agent, alive: true, generation: 1, state: undefined, fields: [], inbox: [] }, map: undefined, camera: undefined } satisfies View),
      vitals: () => Promise.resolve({ step: this.step, paused: this.paused, stops: this.stops, pace: undefined, ended: undefined, phases: [], rings: [], slabs: [], actors: [] } satisfies LiveVitals),
      setPaused: (paused) => {
        this.paused = paused
        holds = paused
        return note(`paused ${String(paused)}`)
      },
      release: () => (holds ? note('release') : Promise.resolve()),
      step: (steps) => note(`step ${String(steps)}`),
      setPace: (pace) => note(`pace ${String(pace)}`),
      setBreakpoint: (expression) => (expression === 'bad' ? Promise.reject(new MetabonkError({ code: 'usage', what: 'it is no condition' })) : note(`break ${String(expression)}`).then(() => own)),
      send: (input: Input) => (input.form === 'kill' ? Promise.reject(new MetabonkError({ code: 'usage', what: 'nobody dies', where: 'here', todo: 'live' })) : Promise.resolve(this.step + 1)),
      flush: () => note('flush'),
      close: () => {
        this.open--
        return Promise.resolve()
      },
    }
  }
}

let served: ServedRun | undefined

async function serve(run = new FakeRun()): Promise<{ readonly run: FakeRun; readonly path: string }> {
  served = await serveRun('fake', () => run.session())
  return { run, path: served.path }
}

afterEach(async () => {
  await served?.close()
  served = undefined
})

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500 && !(await holds()); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(await holds()).toBe(true)
}

describe('a run on a socket', () => {
  it('answers several who look at once', async () => {
    const { run, path } = await serve()
    const [a, b] = await Promise.all([openRemoteSession(path), openRemoteSession(path)])
    expect(a.about).toEqual(about)
    const looks = await Promise.all([a, b, a, b].map((session, i) => session.look({ agent: { kind: 'a', row: i } })))
    expect(looks.map(({ agent }) => agent?.row)).toEqual([0, 1, 2, 3])
    await a.setPaused(true)
    await b.step(5)
    await a.setPace(60)
    await a.setPace(undefined)
    await b.flush()
    expect([await a.setBreakpoint('step > 3'), await b.setBreakpoint(undefined)].sort()).toEqual([0, 1])
    await expect(a.setBreakpoint('bad')).rejects.toMatchObject({ code: 'usage', what: 'it is no condition' })
    expect(run.said).toEqual(['paused true', 'step 5', 'pace 60', 'pace undefined', 'flush', 'break step > 3', 'break undefined'])
    run.stops = [{ step: 41, by: 1, expression: 'step > 3', fault: undefined }]
    expect((await a.vitals()).stops).toEqual(run.stops)
    expect(await b.vitals()).toMatchObject({ step: 41, paused: true })
    expect(await a.send({ form: 'config', key: 'x', value: 1 })).toBe(42)
    await expect(b.send({ form: 'kill', kind: 'a', row: 0 })).rejects.toMatchObject({ code: 'usage', what: 'nobody dies', where: 'here', todo: 'live' })
    await Promise.all([a.close(), b.close()])
    await until(() => run.open === 0)
  })

  it('takes back the pause of who vanishes, and leaves that of who says goodbye', async () => {
    const { run, path } = await serve()
    const polite = await openRemoteSession(path)
    await polite.setPaused(true)
    await polite.close()
    await until(() => run.open === 0)
    expect(run.said).toEqual(['paused true'])
    const socket = createConnection({ path })
    socket.write(frameBytes({ id: 0, method: 'setPaused', args: [true] }))
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
    await until(() => run.open === 0 && run.said.length === 3)
    expect(run.said).toEqual(['paused true', 'paused true', 'release'])
  })

  it('tells who looks that the run has ended', async () => {
    const { path } = await serve()
    const session = await openRemoteSession(path)
    await served?.close()
    await expect(session.vitals()).rejects.toMatchObject({ code: 'peer-dead' })
    await session.close()
    await expect(openRemoteSession(path)).rejects.toMatchObject({ code: 'peer-dead' })
    expect(existsSync(path)).toBe(false)
  })

  it('is found by its pid, world and seed', async () => {
    const { path } = await serve()
    expect(await discoverRuns()).toEqual([{ pid: process.pid, world: 'fake', seed: 7, step: 41, path }])
  })
})

/** Sends bytes and waits until the connection is closed, or a moment has passed. */
function closedAfter(path: string, send: (socket: Socket) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path })
    const timer = setTimeout(() => {
      socket.destroy()
      resolve(false)
    }, 1000)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(true)
    })
    socket.on('connect', () => { send(socket) })
    socket.resume()
  })
}

function length(bytes: number): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt32LE(bytes)
  return header
}

describe('bytes that are no requests', () => {
  it.each([
    ['a frame too large', Buffer.concat([length(0xffffffff), Buffer.alloc(100)])],
    ['what v8 can\'t read', Buffer.concat([length(5), Buffer.from('hello')])],
    ['an empty frame', length(0)],
    ['no request', frameBytes('hello')],
    ['nothing', frameBytes(null)],
    ['an unknown method', frameBytes({ id: 0, method: 'exit', args: [] })],
    ['a method of every object', frameBytes({ id: 0, method: 'constructor', args: [] })],
    ['too much given', frameBytes({ id: 0, method: 'vitals', args: [1] })],
    ['a query of another form', frameBytes({ id: 0, method: 'look', args: [{ table: { kind: 3 } }] })],
    ['a map too large', frameBytes({ id: 0, method: 'look', args: [{ map: { width: 1e9, height: 1e9 } }] })],
    ['an input of another form', frameBytes({ id: 0, method: 'send', args: [{ form: 'toString' }] })],
    ['a pace that is none', frameBytes({ id: 0, method: 'setPace', args: [-1] })],
    ['a breakpoint that is no text', frameBytes({ id: 0, method: 'setBreakpoint', args: [7] })],
    ['lists in lists', Buffer.concat([length(200_002), Buffer.from([0xff, 0x0f]), Buffer.alloc(200_000, 'A')])],
  ])('%s: the client is let go, and the run is there for others', async (_, bytes) => {
    const { run, path } = await serve()
    expect(await closedAfter(path, (socket) => { socket.write(bytes) })).toBe(true)
    const session = await openRemoteSession(path)
    expect(await session.vitals()).toMatchObject({ step: 41 })
    expect(run.said).toEqual([])
    await session.close()
  })

  it('lets who asks without reading go, and takes random bytes', async () => {
    const { path } = await serve()
    const request = frameBytes({ id: 0, method: 'vitals', args: [] })
    expect(await closedAfter(path, (socket) => { socket.write(Buffer.concat(Array.from({ length: 200 }, () => request))) })).toBe(true)
    let seed = testSeed('bytes', 3)
    const next = (most: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed % most
    }
    for (let i = 0; i < counts(100, 3000); i++) {
      const socket = createConnection({ path })
      socket.on('error', () => undefined)
      const bytes = Buffer.from(frameBytes({ id: i, method: 'look', args: [{ agent: { kind: 'a', row: 1 }, table: { kind: 'a', from: 0, count: 5, filter: '', sort: undefined } } satisfies ViewQuery] }))
      for (let k = 0; k < 1 + next(5); k++) bytes[next(bytes.length)] = next(256)
      socket.end(bytes)
      await new Promise((resolve) => {
        socket.once('close', resolve)
        socket.resume()
        setTimeout(() => socket.destroy(), 20)
      })
    }
    const session = await openRemoteSession(path)
    expect(await session.vitals()).toMatchObject({ step: 41 })
    await session.close()
  })

  it('puts frames together from pieces of any size', () => {
    const values = [1, 'two', { three: [3] }, undefined, Float32Array.from([4, 5])]
    const bytes = Buffer.concat(values.map(frameBytes))
    for (const size of [1, 2, 3, 5, 7, 64, bytes.length]) {
      const assembler = new FrameAssembler(1000)
      const taken: unknown[] = []
      for (let at = 0; at < bytes.length; at += size) taken.push(...assembler.take(bytes.subarray(at, at + size)))
      expect(taken).toEqual(values)
    }
  })
})

describe('the folder of runs', () => {
  it('is this user\'s alone', async () => {
    await serve()
    await served?.close()
    chmodSync(sockets, 0o755)
    await expect(serve()).rejects.toThrow(/others may write or read/)
    await expect(discoverRuns()).rejects.toThrow(/others may write or read/)
    rmSync(sockets, { recursive: true })
    symlinkSync(folder, sockets)
    await expect(serve()).rejects.toThrow(/it is no folder/)
    rmSync(sockets)
    writeFileSync(sockets, '')
    await expect(serve()).rejects.toThrow(/can't be made|no folder/)
    rmSync(sockets)
    expect(runFolder()).toBe(sockets)
    expect(await discoverRuns()).toEqual([])
  })

  it('loses the sockets of dead processes, and no others', async () => {
    mkdirSync(sockets, { recursive: true, mode: 0o700 })
    const dead = spawnSync(process.execPath, ['--eval', `require('node:net').createServer().listen(process.argv[1] + '/' + process.pid + '-gone.sock', () => process.kill(process.pid, 'SIGKILL'))`, sockets])
    const alive = join(sockets, `${String(process.pid)}-silent.sock`)
    const silent = createServer().listen(alive)
    writeFileSync(join(sockets, 'note.txt'), '')
    await until(() => existsSync(alive))
    expect(readdirSync(sockets)).toContain(`${String(dead.pid)}-gone.sock`)
    expect(await discoverRuns()).toEqual([])
    expect(readdirSync(sockets).sort()).toEqual([`${String(process.pid)}-silent.sock`, 'note.txt'].sort())
    silent.close()
  })
})

describe.skipIf(!built)('a live run, looked at here and over a socket (needs the build)', () => {
  it('shows whole states of the recording it makes, and takes what it is told', async () => {
    const record = join(folder, 'live.mcap')
    const query: ViewQuery = { table: { kind: 'enemy', from: 0, count: 9, sort: undefined, filter: '' }, map: { width: 40, height: 20 }, agent: { kind: 'scout', row: 1 } }
    const views: View[] = []
    let watching: Promise<void> | undefined
    const stop = new AbortController()
    const watch = async (run: LiveRun): Promise<void> => {
      const sessions = new LiveSessions(run)
      served = await serveRun('arena', () => sessions.open())
      const [near, far] = [sessions.open(), await openRemoteSession(served.path)]
      expect(far.about).toEqual(near.about)
      expect(far.about).toMatchObject({ world: 'arena', seed: 5, recording: record, pid: process.pid, workers: 2 })
      for (let i = 0; i < 20; i++) views.push(...(await Promise.all([near.look(query), far.look(query), far.look({}), near.look(query)])))
      await far.setPaused(true)
      await until(async () => (await far.vitals()).paused)
      // Is taken at a step boundary: the run stands there.
      const taken = await far.send({ form: 'config', key: 'difficulty', value: 3 })
      await expect(far.send({ form: 'config', key: 'difficulty', value: 'much' })).rejects.toMatchObject({ code: expect.stringMatching(/usage|config/) as string })
      const held = (await near.vitals()).step
      await far.step(7)
      await until(async () => (await near.vitals()).step === held + 7)
      expect(taken).toBe(held)
      views.push(await far.look(query))
      expect(views.at(-1)?.step).toBe(held + 7)
      await far.flush()
      const soFar = await openRecording(record)
      expect(soFar.steps).toBeGreaterThanOrEqual(held + 7)
      soFar.close()
      await far.setPaused(false)
      await far.close()
      stop.abort()
    }
    await runWorld({ world: await prepareWorld('arena', { overrides: ['agents=16'] }), seed: 5, workers: 2, record, signal: stop.signal, onLive: (run) => { watching = watch(run).catch((error: unknown) => { stop.abort(); throw error }) } })
    await watching
    const run = await openRecording(record)
    expect(run.inputs).toHaveLength(1)
    expect(new Set(views.map(({ step }) => step)).size).toBeGreaterThan(3)
    for (const view of views) {
      const { table } = view
      const moment = run.stateAt(view.step)
      expect(view).toEqual(viewOf(moment, table === undefined ? {} : query, new ViewKept(run, false)))
    }
  })
})

/** Looks at a real run, which is paused before its first step, and ends it afterwards. Gives the step it had come to. */
async function whileRunning(look: (near: LiveSession, path: string) => Promise<void>): Promise<number> {
  const stop = new AbortController()
  let watching: Promise<void> | undefined
  const watch = async (run: LiveRun): Promise<void> => {
    const sessions = new LiveSessions(run)
    served = await serveRun('arena', () => sessions.open())
    await look(sessions.open(), served.path)
    stop.abort()
  }
  const world = await prepareWorld('arena', { overrides: ['agents=16'] })
  const { outcome } = await runWorld({ world, seed: 5, workers: 2, signal: stop.signal, onLive: (run) => {
    run.setPaused(true)
    watching = watch(run).catch((error: unknown) => { stop.abort(); throw error })
  } })
  await watching
  return outcome.step
}

describe.skipIf(!built)('several who look at a live run (need the build)', () => {
  it('have breakpoints of their own, over a socket too, which vanish with them', async () => {
    const reached = await whileRunning(async (near, path) => {
      const [far, dying] = [await openRemoteSession(path), createConnection({ path })]
      const stopsAt = async (step: number): Promise<number[]> => {
        await until(async () => (await near.vitals()).stops.some((each) => each.step === step))
        const { step: at, paused, stops } = await far.vitals()
        expect([at, paused, stops.map((each) => each.step)]).toEqual([step, true, stops.map(() => step)])
        return stops.map(({ by }) => by)
      }
      await expect(far.setBreakpoint('wolf.age > 3')).rejects.toMatchObject({ code: 'usage' })
      const [here, there] = [await near.setBreakpoint('step == 30'), await far.setBreakpoint('step == 40 or step == 60')]
      await near.setPaused(false)
      expect(await stopsAt(30)).toEqual([here])
      await far.setPaused(false)
      expect(await stopsAt(40)).toEqual([there])
      dying.write(frameBytes({ id: 0, method: 'setBreakpoint', args: ['step == 50'] }))
      await new Promise((resolve) => dying.once('data', resolve))
      await far.setPaused(false)
      await stopsAt(50)
      // Goes on by itself, to the next that is still there.
      dying.destroy()
      expect(await stopsAt(60)).toEqual([there])
      await far.close()
      await until(async () => (await near.vitals()).step > 80)
    })
    expect(reached).toBeGreaterThan(80)
  })

  it('hold it for as long as they are there: a pause goes with who made it, and leaves what others hold', async () => {
    await whileRunning(async (near, path) => {
      const far = await openRemoteSession(path)
      const standsAt = async (step: number): Promise<void> => {
        await until(async () => (await near.vitals()).step === step)
        // It stands there: it has had time to go on.
        await new Promise((resolve) => setTimeout(resolve, 50))
        expect(await near.vitals()).toMatchObject({ step, paused: true })
      }
      await near.setBreakpoint('step == 30 or step == 60')
      await near.setPaused(false)
      await standsAt(30)
      // Stepped on from another's breakpoint, it is held by who did that.
      await far.step(2)
      await standsAt(32)
      await far.release()
      await standsAt(60)
      // Both hold it here: one of them is not enough to let it go on.
      await far.setPaused(true)
      await far.release()
      await standsAt(60)
      const dying = createConnection({ path })
      dying.write(frameBytes({ id: 0, method: 'setPaused', args: [true] }))
      await new Promise((resolve) => dying.once('data', resolve))
      dying.destroy()
      await standsAt(60)
      await near.setPaused(false)
      await until(async () => (await near.vitals()).step > 70)
      await near.setPaused(true)
      await far.setPaused(true)
      await near.release()
      // A step that had begun is done by then.
      await new Promise((resolve) => setTimeout(resolve, 300))
      const { step } = await near.vitals()
      await standsAt(step)
      await far.close()
      await standsAt(step)
      await near.setPaused(false)
      await until(async () => (await near.vitals()).step > step)
    })
  })
})

describe.skipIf(!built)('a recording in a thread of its own (needs the build)', () => {
  const path = join(folder, 'arena.mcap')

  beforeAll(async () => {
    await runWorld({ world: await prepareWorld('arena', { overrides: ['agents=8', 'obs=pixels'] }), seed: 2, steps: 120, workers: 1, record: path, inputs: [{ step: 30, source: 0, sequence: 0, input: { form: 'config', key: 'difficulty', value: 2 } }] })
  })

  it('shows the steps it is moved to as the recording has them', async () => {
    const session = await openRecordedSession(path)
    const run = await openRecording(path)
    expect(session).toMatchObject({ form: 'recorded', first: 0, last: 120, inputs: [30], about: { world: 'arena', seed: 2, recording: path } })
    expect(session.keyframes).toContain(0)
    const query: ViewQuery = { table: { kind: 'enemy', from: 0, count: 9, sort: { by: 'health', descending: false }, filter: '' }, map: { width: 40, height: 20 }, agent: { kind: 'scout', row: 1 } }
    for (const step of [0, 77, 12, 120]) {
      await session.goTo(step)
      expect(await session.look(query)).toEqual(viewOf(run.stateAt(step), query, new ViewKept(run, false)))
    }
    const camera = { kind: 'scout', row: 0, channel: 'rgb', width: 64, height: 64 } as const
    await session.goTo(50)
    const seen = await session.look({ camera })
    expect(seen.camera).toEqual(viewOf(await run.seek(50, { drawn: true }), { camera }, new ViewKept(run, false)).camera)
    expect(await session.events(31)).toContain('[CONFIG] difficulty = 2')
    await expect(session.goTo(121)).rejects.toMatchObject({ code: 'usage' })
    expect((await session.look({})).step).toBe(50)
    await session.close()
    await expect(session.look({})).rejects.toMatchObject({ code: 'stopped' })
  })

  it('lets a newer way overtake an older one', async () => {
    const session = await openRecordedSession(path)
    const steps = [...Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 120 - i : i)), 3]
    const ways = steps.map((step) => session.goTo(step).then(() => 'there', (error: unknown) => (error as MetabonkError).code))
    const looked = session.look({ camera: { kind: 'scout', row: 0, channel: 'depth', width: 9, height: 9 } })
    const ends = await Promise.all(ways)
    // On a busy machine a way may be gone before the next one is asked for.
    expect(new Set(ends.slice(0, -1))).toContain('stopped')
    expect(ends.every((end) => end === 'stopped' || end === 'there')).toBe(true)
    expect(ends.at(-1)).toBe('there')
    expect((await looked).step).toBe(3)
    await session.close()
  })

  it('says what it can\'t open', async () => {
    await expect(openRecordedSession(join(folder, 'none.mcap'))).rejects.toBeInstanceOf(MetabonkError)
  })
})
