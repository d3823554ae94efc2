import type { Reporter, TestModule } from 'vitest/node'

interface Tally {
  passed: number
  failed: number
}

/** A module that fails without a failed test failed as a whole: it does not load, or a hook threw. */
function count(tally: Tally, module: TestModule): Tally {
  let failed = 0
  for (const test of module.children.allTests()) {
    const { state } = test.result()
    if (state === 'passed') tally.passed++
    if (state === 'failed') failed++
  }
  tally.failed += failed === 0 && !module.ok() ? 1 : failed
  return tally
}

/** Prints `N passed, N failed` alone on the last line of a run, for programs that read it. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const { passed, failed } = modules.reduce(count, { passed: 0, failed: errors.length })
    process.once('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`))
  }
}
