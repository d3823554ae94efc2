import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** The built command line. */
export const main = fileURLToPath(new URL('../../dist/shell/main.js', import.meta.url))
export const built = existsSync(main)

export interface Result {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A command that runs on, and what it has written so far. */
export interface Running {
  readonly child: ChildProcess
  /** Resolves when stderr has said this. */
  said(pattern: RegExp): Promise<void>
  readonly ended: Promise<Result>
}

interface CommandLine {
  readonly folder: string
  /** Runs a command to its end. */
  readonly metabonk: (...args: string[]) => Result
  /** Starts a command. */
  readonly start: (...args: string[]) => Running
}

/** The command line in an empty folder of its own, which is removed after the tests of the file. */
export function commandLine(): CommandLine {
  const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    folder,
    metabonk: (...args) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
      return { code: status, out: stdout, err: stderr }
    },
    start: (...args) => running(spawn(process.execPath, [main, ...args], { cwd: folder })),
  }
}

function running(child: ReturnType<typeof spawn>): Running {
  const text = { out: '', err: '' }
  child.stdout?.on('data', (piece: Buffer) => (text.out += piece.toString()))
  child.stderr?.on('data', (piece: Buffer) => (text.err += piece.toString()))
  const ended = new Promise<Result>((resolve) => child.on('close', (code) => { resolve({ code, ...text }) }))
  const said = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(text.err)) resolve()
      }
      child.stderr?.on('data', look)
      void ended.then(() => { reject(new Error(`ended before it said ${String(pattern)}: ${text.err}`)) })
      look()
    })
  return { child, said, ended }
}

export function json(result: Result): Record<string, unknown> {
  return JSON.parse(result.out) as Record<string, unknown>
}
