import type { MessagePort } from 'node:worker_threads'
import { runThread } from '../harness/thread-pair.ts'
import { checkMessages, messageWords, writeMessages } from './message-words.ts'

await runThread<MessagePort>(({ role, link }) => (role === 'producer' ? (messages) => send(link, messages) : (messages) => take(link, messages)))

function send(port: MessagePort, messages: number): void {
  const words = new Int32Array(messageWords)
  const bytes = new Uint8Array(words.buffer)
  for (let sent = 0; sent < messages; sent++) {
    writeMessages(words, 1, sent)
    port.postMessage(bytes)
  }
}

/** Takes messages until the last of them is there. A wrong word ends the thread with an error. */
function take(port: MessagePort, messages: number): Promise<void> {
  return new Promise((resolve) => {
    let taken = 0
    port.on('message', (bytes: Uint8Array<ArrayBuffer>) => {
      checkMessages(new Int32Array(bytes.buffer, bytes.byteOffset, messageWords), 1, taken)
      if (++taken < messages) return
      port.removeAllListeners('message')
      resolve()
    })
  })
}
