/** One measured number with its spread over the repetitions. */
export interface Metric {
  /** Median of the repetitions, where a metric says nothing else. */
  readonly value: number
  readonly unit: string
  readonly min: number
  readonly max: number
}

/** How a suite is to measure. */
export interface SuiteOptions {
  /** Small counts that take seconds: whether it runs, not how fast. */
  readonly quick: boolean
  /** Says what is being measured; silent where nobody reads along. */
  readonly say: (what: string) => void
}

/** A set of related measurements. */
export interface Suite {
  readonly name: string
  /** Measures; keys are `<suite>.<metric>`. */
  readonly run: (options: SuiteOptions) => Promise<Readonly<Record<string, Metric>>>
}

/** Sums up repetitions by their median, least and most. */
export function metricOf(samples: readonly number[], unit: string): Metric {
  const sorted = [...samples].sort((a, b) => a - b)
  const { length } = sorted
  if (length === 0) throw new RangeError(`a metric in ${unit} needs a sample`)
  return { value: (sorted[(length - 1) >> 1] + sorted[length >> 1]) / 2, unit, min: sorted[0], max: sorted[length - 1] }
}
