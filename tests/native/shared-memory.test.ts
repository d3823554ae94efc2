import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, statfsSync, symlinkSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadSharedMemory, nativeStatus, type SharedMemoryPort } from '../../native/index.ts'
import { MetabonkError, regionArray, type ErrorCode, type RegionPlan } from '../../runtime/index.ts'
import {
  attachDescriptor,
  attachSharedSlab,
  createSharedSlab,
  futexParker,
  listSharedSlabs,
  openSocketPair,
  receiveSlab,
  removeDeadSlabs,
  sendSlab,
  watchProcess,
  type SharedSlab,
  type SharedSlabInfo,
} from '../../runtime/host/index.ts'
import { headerWord, ownerByte } from '../../runtime/slab/layout.ts'
import { garbageCollector } from '../collect.ts'
import { peerFolder } from './peer-script.ts'
import { wordPlans } from './slab-words.ts'

const loaded = loadSharedMemory()
const isHere = loaded !== null && process.platform === 'linux'
const port = loaded as SharedMemoryPort
const prefix = `test-${String(process.pid)}-`
const pathOf = (name: string): string => `/dev/shm/metabonk-${name}`
const bytePlans = (bytes: number): RegionPlan[] => [{ name: 'bytes', kind: 'words', dtype: 'u8', shape: [bytes] }]
const wordsOf = (slab: SharedSlab): Int32Array => regionArray(slab, 'words', 'i32')

/** The code and the message of what `action` throws. */
function failure(action: () => unknown): { readonly code: ErrorCode | undefined; readonly message: string } {
  try {
    action()
  } catch (error) {
    return { code: error instanceof MetabonkError ? error.code : undefined, message: String(error) }
  }
  return { code: undefined, message: 'nothing was thrown' }
}

describe('loadSharedMemory', () => {
  it('gives nothing under METABONK_NATIVE=0, and slabs say so', () => {
    vi.stubEnv('METABONK_NATIVE', '0')
    expect(loadSharedMemory()).toBeNull()
    expect(failure(() => createSharedSlab(undefined, wordPlans))).toMatchObject({ code: 'native', message: expect.stringContaining('without the addon') as string })
    vi.unstubAllEnvs()
  })
})

describe('shared memory (skipped without the addon, and on other systems than Linux)', { skip: !isHere }, () => {
  const open: SharedSlab[] = []
  const children: ChildProcess[] = []
  let folder = ''
  let names = 0

  /** The peer as one file beside the addon, so that it runs without a build of its own. */
  beforeAll(() => {
    folder = peerFolder(new URL('./slab-peer.ts', import.meta.url))
  })

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    for (const slab of open.splice(0)) {
      slab.close()
      slab.unlink()
    }
  })

  afterAll(() => {
    rmSync(folder, { recursive: true })
    expect(listSharedSlabs().filter(({ name }) => name.startsWith(prefix))).toEqual([])
  })

  const freshName = (): string => `${prefix}${String(names++)}`
  const keep = (slab: SharedSlab): SharedSlab => {
    open.push(slab)
    return slab
  }
  const peer = (args: string[], socket?: number): ChildProcess => {
    const stdio = ['ignore', 'pipe', 'inherit', ...(socket === undefined ? [] : [socket])] as const
    const child = spawn(process.execPath, [join(folder, 'peer.mjs'), ...args], { stdio: [...stdio] })
    children.push(child)
    return child
  }
  const holder = async (name: string): Promise<ChildProcess> => {
    const child = peer(['hold', name])
    if (child.stdout !== null) await once(child.stdout, 'data')
    return child
  }
  const infoOf = (name: string): SharedSlabInfo | undefined => listSharedSlabs().find((each) => each.name === name)

  describe('attachSharedSlab', () => {
    it('sees what another process writes, and the other way round', async () => {
      const slab = keep(createSharedSlab(freshName(), wordPlans))
      const words = wordsOf(slab)
      words.forEach((_, at) => (words[at] = at))
      expect(await once(peer(['square', String(slab.name)]), 'exit')).toEqual([0, null])
      expect([...words]).toEqual(Array.from({ length: 16 }, (_, at) => at * at))
      const again = keep(attachSharedSlab(String(slab.name)))
      expect(again.regions).toEqual(slab.regions)
      expect([...wordsOf(again)]).toEqual([...words])
    })

    it('refuses a name that is taken, missing or no name', () => {
      const slab = keep(createSharedSlab(freshName(), wordPlans))
      const name = String(slab.name)
      expect(failure(() => createSharedSlab(name, wordPlans))).toMatchObject({ code: 'memory', message: expect.stringContaining('of that name is there already') as string })
      expect(wordsOf(keep(attachSharedSlab(name)))).toHaveLength(16)
      expect(failure(() => attachSharedSlab(freshName()))).toMatchObject({ code: 'memory', message: expect.stringContaining('no slab of that name') as string })
      for (const bad of ['', 'a/b', '../a', 'a b', 'ä', 'a\0b', 'a'.repeat(201)]) {
        expect(failure(() => attachSharedSlab(bad)).code).toBe('memory')
        expect(failure(() => createSharedSlab(bad, wordPlans)).code).toBe('memory')
      }
    })

    it('refuses memory that is empty, cut short, or no slab', () => {
      const name = freshName()
      writeFileSync(pathOf(name), '')
      expect(failure(() => attachSharedSlab(name)).code).toBe('memory')
      for (const bytes of [1, 63, 64, 4096]) {
        writeFileSync(pathOf(name), new Uint8Array(bytes))
        expect(failure(() => attachSharedSlab(name)).code).toBe('schema')
      }
      rmSync(pathOf(name))
      const slab = keep(createSharedSlab(freshName(), wordPlans))
      ftruncateSync(slab.fd, 192)
      expect(failure(() => attachSharedSlab(String(slab.name))).code).toBe('schema')
    })
  })

  describe('receiveSlab', () => {
    it('attaches a slab from another process, by descriptor over a pair of Unix sockets', async () => {
      const [own, other] = openSocketPair()
      const slab = keep(createSharedSlab(undefined, wordPlans))
      const words = wordsOf(slab).fill(12)
      const child = peer(['receive', '3'], other)
      closeSync(other)
      sendSlab(own, slab)
      expect(await once(child, 'exit')).toEqual([0, null])
      expect([...words]).toEqual(Array<number>(16).fill(144))
      expect(failure(() => sendSlab(own, slab))).toMatchObject({ code: 'memory', message: expect.stringContaining('closed the socket') as string })
      closeSync(own)
    })

    it('keeps the memory when its maker has closed it', () => {
      const [own, other] = openSocketPair()
      const slab = createSharedSlab(undefined, wordPlans)
      wordsOf(slab).fill(5)
      sendSlab(own, slab)
      slab.close()
      expect([...wordsOf(keep(receiveSlab(other, 1_000)))]).toEqual(Array<number>(16).fill(5))
      closeSync(own)
      closeSync(other)
    })

    it('says when nothing comes, when bytes come without a descriptor, and when the other side is gone', () => {
      const [own, other] = openSocketPair()
      expect(failure(() => receiveSlab(other, 5)).message).toContain('nothing came in time')
      writeSync(own, 'x')
      expect(failure(() => receiveSlab(other, 5)).message).toContain('a byte without a descriptor came')
      closeSync(own)
      expect(failure(() => receiveSlab(other, 5)).message).toContain('closed the socket')
      closeSync(other)
      expect(failure(() => receiveSlab(other, 5))).toMatchObject({ code: 'memory', message: expect.stringContaining('not open') as string })
    })

    it('refuses a descriptor of something that is no memory, and leaks none', () => {
      const [own, other] = openSocketPair()
      const device = openSync('/dev/null', 'r+')
      const descriptors = (): number => spawnSync('ls', ['-l', `/proc/${String(process.pid)}/fd`], { encoding: 'utf8' }).stdout.split('-> /dev/null').length
      expect(failure(() => attachDescriptor(device)).code).toBe('memory')
      const before = descriptors()
      for (let at = 0; at < 20; at++) {
        port.sendDescriptor(own, device)
        expect(failure(() => receiveSlab(other, 100)).code).toBe('memory')
      }
      expect(descriptors()).toBe(before)
      for (const fd of [device, own, other]) closeSync(fd)
    })

    it('gives memory that nobody can cut short', () => {
      const slab = keep(createSharedSlab(undefined, wordPlans))
      expect(() => ftruncateSync(slab.fd, 0)).toThrow('EPERM')
    })
  })

  describe('futexParker', () => {
    it('wakes a process that sleeps, and is woken by it', async () => {
      const slab = keep(createSharedSlab(freshName(), wordPlans))
      const words = wordsOf(slab)
      const child = peer(['answer', String(slab.name)])
      // A wake that meets a sleeper: the other process is asleep on this very word.
      while (port.futexWake(words, 0, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      Atomics.store(words, 0, 41)
      const { park, wake } = futexParker()
      wake(words, 0)
      while (Atomics.load(words, 1) === 0) park(words, 1, 0, 10_000)
      expect(words[1]).toBe(42)
      expect(await once(child, 'exit')).toEqual([0, null])
    })

    it('does not sleep on a word that has changed, and not longer than it may', () => {
      const words = wordsOf(keep(createSharedSlab(undefined, wordPlans)))
      expect(port.futexWait(words, 3, 1, Infinity)).toBe('changed')
      const begin = performance.now()
      expect(port.futexWait(words, 3, 0, 20)).toBe('timeout')
      expect(performance.now() - begin).toBeGreaterThanOrEqual(19.9)
      expect(port.futexWait(words, 3, 0, 0)).toBe('timeout')
      expect(port.futexWake(words, 3, 0xffffffff)).toBe(0)
    })
  })

  describe('watchProcess', () => {
    it('sees within 20 ms that a process was killed', async () => {
      const delays: number[] = []
      for (let at = 0; at < 5; at++) {
        const child = spawn('sleep', ['100'])
        children.push(child)
        await once(child, 'spawn')
        const watch = watchProcess(Number(child.pid))
        expect(watch.hasEnded(0)).toBe(false)
        const begin = performance.now()
        child.kill('SIGKILL')
        expect(watch.hasEnded(2_000)).toBe(true)
        delays.push(performance.now() - begin)
        watch.close()
      }
      // The median: a machine that does other things may delay one of them.
      expect(delays.sort((a, b) => a - b)[2]).toBeLessThan(20)
    })

    it('takes a process that is not there for ended', () => {
      const { pid } = spawnSync('true')
      expect(watchProcess(pid).hasEnded(0)).toBe(true)
    })
  })

  describe('listSharedSlabs', () => {
    it('names the slab of a killed process, which removeDeadSlabs removes; those of the living stay', async () => {
      const [name, own] = [freshName(), freshName()]
      keep(createSharedSlab(own, wordPlans))
      const child = await holder(name)
      expect(infoOf(name)).toMatchObject({ pid: child.pid, state: 'alive' })
      const attached = keep(attachSharedSlab(name))
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(infoOf(name)).toEqual({ name, bytes: attached.buffer.byteLength, pid: child.pid, state: 'dead' })
      expect(removeDeadSlabs().map((each) => each.name)).toContain(name)
      expect(infoOf(name)).toBeUndefined()
      expect([...wordsOf(attached)]).toEqual(Array<number>(16).fill(7))
      expect(infoOf(own)).toMatchObject({ pid: process.pid, state: 'alive' })
    })

    it('does not take another process with the pid of the maker for it', () => {
      const slab = keep(createSharedSlab(freshName(), wordPlans))
      const view = new DataView(slab.buffer)
      view.setFloat64(ownerByte.start, view.getFloat64(ownerByte.start, true) - 1, true)
      expect(infoOf(String(slab.name))?.state).toBe('dead')
    })

    it('does not judge slabs of other containers, of a foreign form, or just being made', () => {
      const slab = keep(createSharedSlab(freshName(), wordPlans))
      const name = String(slab.name)
      const view = new DataView(slab.buffer)
      const namespace = view.getFloat64(ownerByte.namespace, true)
      view.setFloat64(ownerByte.namespace, namespace + 1, true)
      expect(infoOf(name)).toMatchObject({ pid: process.pid, state: 'unknown' })
      view.setFloat64(ownerByte.namespace, namespace, true)
      view.setUint32(headerWord.magic * 4, 1, true)
      expect(infoOf(name)).toMatchObject({ pid: undefined, state: 'unknown' })
      new Uint8Array(slab.buffer).fill(0)
      expect(infoOf(name)).toMatchObject({ pid: undefined, state: 'unknown' })
      const old = Date.now() / 1000 - 120
      utimesSync(pathOf(name), old, old)
      expect(infoOf(name)).toMatchObject({ pid: undefined, state: 'dead' })
    })

    it('is neither led astray by links nor stopped by pipes', () => {
      const [link, pipe] = [freshName(), freshName()]
      symlinkSync('/proc/self/stat', pathOf(link))
      expect(spawnSync('sh', ['-c', 'mkfifo "$0"', pathOf(pipe)]).status).toBe(0)
      expect([infoOf(link)?.state, infoOf(pipe)?.state]).toEqual(['unknown', 'unknown'])
      for (const name of [link, pipe]) rmSync(pathOf(name))
    })
  })

  describe('createSharedSlab', () => {
    it('refuses what is larger than /dev/shm, and leaves nothing there', () => {
      const { blocks, bsize } = statfsSync('/dev/shm')
      const name = freshName()
      for (const bytes of [blocks * bsize + 1, 5 * 1024 ** 3, Number.MAX_SAFE_INTEGER]) {
        expect(failure(() => createSharedSlab(name, bytePlans(bytes))).code).toBe('memory')
        expect(failure(() => createSharedSlab(undefined, bytePlans(Math.max(bytes, 5 * 1024 ** 3)))).code).toBe('memory')
      }
      expect(existsSync(pathOf(name))).toBe(false)
    })

    const withFull = (command: string): string => `unshare -rm sh -c 'mount -t tmpfs -o size=64k metabonk /dev/shm && ${command}' "$0" "$1"`
    const mayMount = spawnSync('sh', ['-c', withFull('true')]).status === 0
    it.skipIf(!mayMount)('says that /dev/shm is full, and does not die of it (skipped where a small one can\'t be mounted)', () => {
      const script = [
        "import { createRequire } from 'node:module'",
        "import { readdirSync } from 'node:fs'",
        `const port = createRequire(import.meta.url)(${JSON.stringify(nativeStatus().detail)})`,
        "const { buffer } = port.createMemory(40_000, 'a')",
        'new Uint8Array(buffer).fill(1)',
        "try { port.createMemory(40_000, 'b') } catch (error) { console.log(error.code, readdirSync('/dev/shm').join()) }",
      ].join('\n')
      const run = spawnSync('sh', ['-c', withFull('exec "$0" --input-type=module -e "$1"'), process.execPath, script], { encoding: 'utf8' })
      expect(run).toMatchObject({ status: 0, stdout: 'ENOSPC metabonk-a\n' })
    })

    it('leaves nothing behind when the plan of the regions is refused', () => {
      const name = freshName()
      expect(failure(() => createSharedSlab(name, [{ ...wordPlans[0], name: 'x'.repeat(65) }])).code).toBe('schema')
      expect(existsSync(pathOf(name))).toBe(false)
    })
  })

  describe('closeMemory', () => {
    const mapped = (): number => readFileSync('/proc/self/maps', 'utf8').split('\n').filter((line) => line.includes('memfd:metabonk')).length

    it('empties every view, at once, and may be repeated', () => {
      const before = mapped()
      for (let at = 0; at < 2_000; at++) {
        const slab = createSharedSlab(undefined, wordPlans)
        const words = wordsOf(slab).fill(1)
        slab.close()
        slab.close()
        expect([slab.buffer.byteLength, words.length]).toEqual([0, 0])
      }
      expect(mapped()).toBe(before)
    })

    it('happens by itself to what nobody holds any more', async () => {
      const collect = garbageCollector()
      const before = mapped()
      for (let at = 0; at < 50; at++) createSharedSlab(undefined, wordPlans)
      for (let tries = 0; tries < 50 && mapped() > before; tries++) {
        collect()
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      expect(mapped()).toBeLessThanOrEqual(before)
    })

    it('happens to the memory of a thread that ends', async () => {
      const before = mapped()
      const code = 'const port = require(require("node:worker_threads").workerData); globalThis.kept = port.createMemory(4096, null)'
      expect(await once(new Worker(code, { eval: true, workerData: nativeStatus().detail }), 'exit')).toEqual([0])
      expect(mapped()).toBe(before)
    })

    it('leaves alone what was moved into another buffer, until that ends', () => {
      const { buffer } = port.createMemory(4096, null)
      new Uint8Array(buffer).fill(3)
      let moved: ArrayBuffer | undefined
      try {
        moved = structuredClone(buffer, { transfer: [buffer] })
      } catch {
        moved = undefined
      }
      port.closeMemory(buffer)
      if (moved !== undefined) expect(new Uint8Array(moved)[4095]).toBe(3)
      expect(buffer.byteLength).toBe(0)
    })
  })

  it('every function of the port refuses wrong arguments', () => {
    const { buffer, fd } = port.createMemory(64, null)
    const words = new Int32Array(buffer)
    const calls = port as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>
    const wrong: readonly (readonly [string, ...unknown[]])[] = [
      ['createMemory'], ['createMemory', 0, null], ['createMemory', -1, null], ['createMemory', 1.5, null], ['createMemory', NaN, null], ['createMemory', 64], ['createMemory', 64, ''], ['createMemory', 64, 'a/b'],
      ['createMemory', '64', null], ['openMemory'], ['openMemory', 'a\0b'], ['openMemory', 'x'.repeat(201)], ['unlinkMemory', '../x'], ['openDescriptor', -1], ['openDescriptor', 2 ** 31], ['openDescriptor', '3'],
      ['closeMemory'], ['closeMemory', new ArrayBuffer(8)], ['closeMemory', new SharedArrayBuffer(8)], ['closeMemory', words], ['closeMemory', {}],
      ['futexWait', words, 16, 0, 0], ['futexWait', words, -1, 0, 0], ['futexWait', words, 0, 0, -1], ['futexWait', words, 0, 0, NaN], ['futexWait', words, 0, 0], ['futexWait', new Uint32Array(4), 0, 0, 0], ['futexWait', new Int32Array(0), 0, 0, 0],
      ['futexWake', words, 16, 1], ['futexWake', words, 0, -1], ['futexWake', {}, 0, 1], ['sendDescriptor', -1, fd], ['sendDescriptor', fd], ['receiveDescriptor', fd], ['receiveDescriptor', fd, -1], ['openPid', -1], ['openPid', '1'], ['waitPid', fd], ['waitPid', fd, NaN],
    ]
    for (const [name, ...args] of wrong) expect(() => calls[name](...args), `${name}(${args.map(String).join()})`).toThrow(TypeError)
    port.closeMemory(buffer)
    expect(() => port.futexWake(words, 0, 1)).toThrow(TypeError)
    for (const [name, ...args] of [['openDescriptor', 1_000_000], ['sendDescriptor', 1_000_000, 0], ['receiveDescriptor', 1_000_000, 0], ['waitPid', 1_000_000, 0]] as const) {
      expect(() => calls[name](...args), name).toThrow(expect.objectContaining({ code: 'EBADF' }) as Error)
    }
  })
})
