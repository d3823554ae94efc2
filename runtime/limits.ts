/**
 * Every limit of the runtime, in one place. Units are last in the name. A limit that a world may declare differently says so.
 * None of them changes a result before it is reached; reaching one is a typed error at the same step for any worker count.
 */
export const limits = {
  /** Agent kinds in one world: six bits of an agent's address, less one for the director. */
  kindsMax: 63,
  /** Rows of one kind that an address can name: 26 bits. A kind declares its own with `rowsMax`. */
  rowsMax: 1 << 26,
  /** Rows of a kind that declares no `rowsMax`. */
  rowsDefault: 1 << 20,
  /** Lives of one row: an id must stay a safe integer (21 bits above the 32-bit address). */
  generationMax: (1 << 21) - 1,
  /** Columns of one kind, hidden ones included. */
  columnsMax: 256,
  /** Elements of one vector column. */
  vectorMax: 64,
  /** Labels of an enum column, and of a choice action. */
  labelsMax: 256,
  /** Message types of one world. */
  messagesMax: 1024,
  /** Bytes of one field of bytes. */
  bytesMax: 4096,
  /** Bytes of one message's payload. */
  payloadBytesMax: 8192,
  /** Messages one agent may send in one step, unless the message type declares `perSender`. */
  messagesPerSender: 64,
  /** Messages one kind may receive in one step, unless the kind declares `mailMax`. */
  messagesPerKind: 1 << 20,
  /** Bytes of all mail of one step, 24 a message and its payload. */
  mailBytesMax: 1 << 30,
  /** Births of one kind in one step, unless the kind declares `birthsMax`. */
  birthsPerKind: 1 << 18,
  /** Simulation threads. */
  workersMax: 64,
  /** Rows hashed, owned and handed to a worker as one block. Part of the numerics contract: it enters the hash. */
  blockRows: 64,
  /** Elements of one observation. */
  observationMax: 1 << 20,
  /** Iterations a waiting thread spins before it sleeps (about 8 ns each), when every thread has a core. */
  barrierSpins: 20_000,
  /** Longest sleep of a waiting thread before it looks whether the others are alive. */
  waitSliceMillis: 50,
  /** Slices a step may stall before the stuck worker is named: 30 seconds, unless the run says otherwise. */
  stallSlices: 600,
  /** Characters of one query. */
  queryCharsMax: 4096,
  /** Parentheses, `not`, minus signs and calls inside one another in a query. */
  queryDepthMax: 64,
} as const

/** Version of the numerics contract: the hash, the generator, the order of everything. Replay is gated on it. */
export const contractVersion = 1
