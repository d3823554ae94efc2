import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Compression } from '../recording/ports.ts'

/** What the compiled library shows once it runs; places are bytes of its memory. */
interface ZstdModule {
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(place: number): void
  _compressBound(bytes: number): number
  _compress(to: number, toBytes: number, from: number, fromBytes: number, level: number): number
  _decompress(to: number, toBytes: number, from: number, fromBytes: number): number
}

interface WasmInstance {
  readonly exports: object
}

/** WebAssembly, as far as it is used here; Node's types do not have it. */
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => WasmInstance
}

/** Zstandard's own default. */
const level = 3

/** Zstandard for the chunks of recordings. The library starts at the first use, which takes some milliseconds. */
export function zstdCompression(): Compression {
  let started: ZstdModule | undefined
  const zstd = (): ZstdModule => (started ??= startZstd())
  return {
    name: 'zstd',
    compress: (bytes) => {
      const room = zstd()._compressBound(bytes.length)
      return transform(zstd(), bytes, room, (to, from) => zstd()._compress(to, room, from, bytes.length, level))
    },
    decompress: (bytes, size) => {
      const result = transform(zstd(), bytes, size, (to, from) => zstd()._decompress(to, size, from, bytes.length))
      if (result.length !== size) throw new Error(`${String(result.length)} bytes instead of ${String(size)}`)
      return result
    },
  }
}

/**
 * Starts the library without waiting: its own entry compiles it in the background, but a recording is read in one go. The
 * hook for that is Emscripten's.
 */
function startZstd(): ZstdModule {
  const require = createRequire(import.meta.url)
  const factory = require('@foxglove/wasm-zstd/dist/wasm-zstd.js') as (module: object) => unknown
  const wasm = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly
  const compiled = new wasm.Module(readFileSync(require.resolve('@foxglove/wasm-zstd/dist/wasm-zstd.wasm')))
  const module = {
    instantiateWasm: (imports: object, receive: (instance: WasmInstance) => void) => {
      const instance = new wasm.Instance(compiled, imports)
      receive(instance)
      return instance.exports
    },
  }
  factory(module)
  return module as unknown as ZstdModule
}

/** Runs a function of the library from one buffer in its memory to another, which has `room` bytes. */
function transform(zstd: ZstdModule, bytes: Uint8Array, room: number, run: (to: number, from: number) => number): Uint8Array {
  const from = zstd._malloc(Math.max(1, bytes.length))
  const to = zstd._malloc(Math.max(1, room))
  try {
    if (from === 0 || to === 0) throw new Error('not enough memory')
    zstd.HEAPU8.set(bytes, from)
    const length = run(to, from)
    if (length < 0) throw new Error('not a Zstandard frame')
    return zstd.HEAPU8.slice(to, to + length)
  } finally {
    zstd._free(from)
    zstd._free(to)
  }
}
