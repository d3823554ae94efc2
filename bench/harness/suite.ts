/** One measured number with its spread over the repetitions. */
export interface Metric {
  /** Median of the repetitions, where a metric says nothing else. */
  readonly value: number
  readonly unit: string
  readonly min: number
  readonly max: number
  /** What it shall be at least, or at most; nothing for a figure that only tells. */
  readonly wanted?: string
}

/** Metrics by their names. */
export type Metrics = Readonly<Record<string, Metric>>

/** How a suite is to measure. */
export interface SuiteOptions {
  /** Small counts that take seconds: whether it runs, not how fast. */
  readonly quick: boolean
  /** Says what is being measured; silent where nobody reads along. */
  readonly say: (what: string) => void
  /** Keeps what was left out, and why, beside the metrics. */
  readonly note: (what: string) => void
}

/** A set of related measurements. */
export interface Suite {
  readonly name: string
  /** Measures; keys are `<suite>.<metric>`. */
  readonly run: (options: SuiteOptions) => Promise<Metrics>
}

/** Sums up repetitions by their median, least and most. */
export function metricOf(samples: readonly number[], unit: string): Metric {
  const sorted = [...samples].sort((a, b) => a - b)
  const { length } = sorted
  if (length === 0) throw new RangeError(`a metric in ${unit} needs a sample`)
  return { value: (sorted[(length - 1) >> 1] + sorted[length >> 1]) / 2, unit, min: sorted[0], max: sorted[length - 1] }
}

/** Some of what a suite measures. */
export interface MetricGroup<Counts> {
  readonly what: string
  /** What could not be measured here is noted. */
  readonly measure: (counts: Counts, note: (what: string) => void) => Promise<Metrics>
}

/** A suite of groups that are measured one after the other, in full or with small counts. */
export function suiteOf<Counts>(name: string, counts: { readonly full: Counts; readonly quick: Counts }, groups: readonly MetricGroup<Counts>[]): Suite {
  return {
    name,
    run: async ({ quick, say, note }) => {
      let metrics: Metrics = {}
      for (const { what, measure } of groups) {
        say(`${name}: ${what}`)
        metrics = { ...metrics, ...(await measure(quick ? counts.quick : counts.full, note)) }
      }
      return metrics
    },
  }
}

/** Sums up repetitions by the value that a share of them stays under, their least and their most. */
export function quantileOf(samples: readonly number[], share: number, unit: string): Metric {
  const { min, max } = metricOf(samples, unit)
  const sorted = [...samples].sort((a, b) => a - b)
  return { value: sorted[Math.ceil(share * sorted.length) - 1], unit, min, max }
}
