import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../runtime/host/index.ts'
import { commitText, machineText } from './harness/machine.ts'
import { keepReport, tableText, type SuiteReport } from './harness/report.ts'
import type { Suite, SuiteOptions } from './harness/suite.ts'
import { compositor } from './suites/compositor.ts'
import { core } from './suites/core.ts'
import { recording } from './suites/recording.ts'
import { slab } from './suites/slab.ts'
import { statechart } from './suites/statechart.ts'
import { tui } from './suites/tui.ts'

const suites: readonly Suite[] = [compositor, core, recording, slab, statechart, tui]

const usage = `usage: npm run bench -- [suite ...] [--json] [--quick]

  --json    print one JSON object a suite and nothing else
  --quick   small counts, seconds: shows that everything runs; its numbers are not kept

suites: ${suites.map(({ name }) => name).join(', ')}`

interface Request {
  readonly chosen: readonly Suite[]
  readonly json: boolean
  readonly quick: boolean
}

/** What the command line asks for; text when it is wrong. */
function readRequest(args: readonly string[]): Request | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: { json: { type: 'boolean' }, quick: { type: 'boolean' } }, allowPositionals: true })
    const unknown = positionals.find((name) => !suites.some((suite) => suite.name === name))
    if (unknown !== undefined) return `there is no suite '${unknown}'`
    const chosen = positionals.length === 0 ? suites : suites.filter(({ name }) => positionals.includes(name))
    return { chosen, json: values.json ?? false, quick: values.quick ?? false }
  } catch (error) {
    return (error as Error).message
  }
}

async function measure({ chosen, json, quick }: Request): Promise<void> {
  const notes: string[] = []
  const options: SuiteOptions = {
    quick,
    note: (what) => notes.push(what),
    say: (what) => {
      if (!json && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`)
    },
  }
  for (const suite of chosen) {
    const metrics = await suite.run(options)
    const report: SuiteReport = { suite: suite.name, machine: machineText(), commit: commitText(), metrics, notes: notes.splice(0) }
    options.say('')
    console.log(json ? JSON.stringify(report) : tableText(report))
    if (!quick) keepReport(join(packageRoot, 'bench', 'results'), report)
  }
}

const request = readRequest(process.argv.slice(2))
if (typeof request === 'string') {
  console.error(`${request}\n\n${usage}`)
  process.exitCode = 2
} else await measure(request)
