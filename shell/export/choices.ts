/** The files that a run can be exported to. */
export const formats = ['parquet', 'csv', 'jsonl', 'npz', 'foxglove'] as const
export type Format = (typeof formats)[number]

/** What of a run tables can be of. */
export const contents = ['agents', 'inputs', 'hashes', 'messages', 'report'] as const
export type Content = (typeof contents)[number]
