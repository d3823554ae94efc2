import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metric } from './suite.ts'

/** What a suite found, where and on which code. */
export interface SuiteReport {
  readonly suite: string
  readonly machine: string
  readonly commit: string
  readonly metrics: Readonly<Record<string, Metric>>
  /** What was left out, and why. */
  readonly notes: readonly string[]
}

/** Three or four significant digits; large numbers in groups of three. */
function numberText(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(4)))
}

/** The report as people read it; what was wanted in a column of its own, where anything was. */
export function tableText({ suite, machine, commit, metrics, notes }: SuiteReport): string {
  const head = ['metric', 'median', 'unit', 'min .. max', 'wanted']
  const rows = Object.entries(metrics).map(([name, { value, unit, min, max, wanted = '' }]) => [name, numberText(value), unit, `${numberText(min)} .. ${numberText(max)}`, wanted])
  const columns = [...head.keys()].filter((column) => rows.some((row) => row[column] !== ''))
  const lines = [head, ...rows].map((line) => columns.map((column) => line[column]))
  const widths = columns.map((column) => Math.max(...lines.map((line) => line[column].length)))
  const text = lines.map((line) => line.map((cell, column) => (column === 1 ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join('  ').trimEnd())
  return [`${suite} at ${commit} on ${machine}`, ...text, ...notes].join('\n')
}

/** Keeps a report as `<suite>.json` in a folder. */
export function keepReport(folder: string, report: SuiteReport): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${report.suite}.json`), `${JSON.stringify(report, undefined, 2)}\n`)
}
