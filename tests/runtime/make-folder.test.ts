import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { makeFolder, openFileSink } from '../../runtime/host/index.ts'

const root = mkdtempSync(join(tmpdir(), 'metabonk-folder-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})

describe('makeFolder', () => {
  it('makes what is missing of a path, and nothing of one that is there', () => {
    const deep = join(root, 'a', 'b', 'c')
    makeFolder(deep, 0o700)
    makeFolder(deep)
    expect([deep, join(root, 'a')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700])
  })

  it('refuses a path through a file', () => {
    const file = join(root, 'file')
    writeFileSync(file, 'here')
    for (const path of [file, join(file, 'below', 'it')]) expect(() => { makeFolder(path) }).toThrow(/EEXIST|ENOTDIR/)
  })

  it('ends where a system says of a folder that it can neither be found nor made, as /proc does', () => {
    const nowhere = join('/proc', 'metabonk', 'folder')
    expect(() => { makeFolder(nowhere) }).toThrow(/^E/)
    expect(() => { openFileSink(join(nowhere, 'run.mcap')) }).toThrow(expect.objectContaining({ code: 'disk' }))
  })
})
