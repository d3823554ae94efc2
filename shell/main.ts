#!/usr/bin/env node
import { buildCommands } from './program.ts'
import { reportFailure } from './output.ts'

const program = buildCommands()
try {
  await program.parseAsync(process.argv)
} catch (error) {
  reportFailure(error, process.argv.includes('--json'))
}
