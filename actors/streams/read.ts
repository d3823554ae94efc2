import { recordingEncoding, type Program, type RecordedMessage, type RecordedTopic } from '../../runtime/index.ts'
import { mailReader, type MailMessage } from './mail.ts'
import { readFrame, type FrameMessage } from './pictures.ts'
import { rowsReader, type RowsMessage } from './rows.ts'

/** A message of JSON, with the step it is of. */
export type JsonMessage = Readonly<Record<string, unknown>> & { readonly step: number }

/** What the messages of a topic are read as. */
export type MessageOf<T extends string> = T extends `${'observations' | 'actions' | 'rewards' | 'frameHashes'}/${string}`
  ? RowsMessage
  : T extends `frames/${string}`
    ? FrameMessage
    : T extends 'messages'
      ? MailMessage
      : T extends 'metrics' | 'logs' | `states/${string}`
        ? JsonMessage
        : RowsMessage | FrameMessage | MailMessage | JsonMessage | RecordedMessage

function readJson({ step, bytes }: RecordedMessage): JsonMessage {
  return { ...(JSON.parse(new TextDecoder().decode(bytes)) as object), step }
}

/** How the messages of a topic are read: ours and JSON as what they mean, others as bytes. */
export function readerOf({ topic, encoding, schemaName, schema }: RecordedTopic, program: Pick<Program, 'kinds' | 'types'>): (message: RecordedMessage) => MessageOf<string> {
  if (encoding === 'json') return readJson
  if (encoding !== recordingEncoding) return (message) => message
  switch (schemaName) {
    case 'metabonk.Rows':
      return rowsReader(topic, schema)
    case 'metabonk.Mail':
      return mailReader(program)
    case 'metabonk.Frame':
      return readFrame
    default:
      return (message) => message
  }
}
