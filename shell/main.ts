#!/usr/bin/env node
import { guardOutput, reportFailure } from './output.ts'
import { buildCommands } from './program.ts'

const json = process.argv.includes('--json')
guardOutput()
process.on('uncaughtException', (error) => {
  void reportFailure(error, json).finally(() => process.exit())
})
try {
  await buildCommands().parseAsync(process.argv)
} catch (error) {
  await reportFailure(error, json)
}
