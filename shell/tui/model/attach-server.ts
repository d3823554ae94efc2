/** Serves a run on a Unix socket, so that `metabonk top` in another terminal can look at it. Nobody attached, it costs the run nothing. */
import { createServer, type Server, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { MetabonkError } from '../../../actors/index.ts'
import { answerTo, type Methods, type Request } from './calls.ts'
import { checkedRequest, protocolVersion, type CheckedMethods } from './check-request.ts'
import { FrameAssembler, frameBytes } from './frames.ts'
import type { LiveSession, RunAbout } from './model.ts'
import { makeRunFolder, removeSocket, socketPath } from './run-folder.ts'

/** Bytes of the largest message that is taken from who looks at a run. */
const requestBytesMost = 256 * 1024
/** A reader that is so many bytes behind, or has asked so much at once, is let go. */
const unsentBytesMost = 64 * 1024 * 1024
const askedMost = 64
const clientsMost = 32

/** What a run says to who attaches. */
export interface Hello {
  readonly version: number
  readonly about: RunAbout
  readonly step: number
}

/** A run that can be attached to. */
export interface ServedRun {
  /** The socket. */
  readonly path: string
  /** Lets everybody go and removes the socket. */
  close(): Promise<void>
}

/** Who has attached to the run. */
class Client {
  private readonly socket: Socket
  private readonly session: LiveSession
  private readonly assembler = new FrameAssembler(requestBytesMost)
  private asked = 0
  /** It has said that it leaves the run as it is. */
  private hasLeft = false

  constructor(socket: Socket, session: LiveSession) {
    this.socket = socket
    this.session = session
    const methods = this.methods()
    socket.unref()
    socket.on('data', (piece: Buffer) => { this.take(piece, methods) })
    // What broke the connection matters to nobody here: it is closed, and that is all.
    socket.on('error', () => undefined)
    socket.on('close', () => { void this.end() })
  }

  /** Lets the client go. */
  drop(): void {
    this.socket.destroy()
  }

  private methods(): Methods {
    const { session } = this
    const methods: CheckedMethods = {
      hello: async (version): Promise<Hello> => {
        if (version !== protocolVersion) throw new MetabonkError({ code: 'usage', what: 'the run is one of another version of metabonk', todo: 'look at it with the version that runs it' })
        const { about } = session
        // Who attaches may be in another folder.
        const recording = about.recording === undefined ? undefined : resolve(about.recording)
        return { version: protocolVersion, about: { ...about, recording }, step: (await session.vitals()).step }
      },
      look: (query) => session.look(query),
      vitals: () => session.vitals(),
      setPaused: (paused) => session.setPaused(paused),
      release: () => session.release(),
      step: (steps) => session.step(steps),
      setPace: (pace) => session.setPace(pace),
      setBreakpoint: (expression) => session.setBreakpoint(expression),
      send: (input) => session.send(input),
      flush: () => session.flush(),
      leave: () => {
        this.hasLeft = true
      },
    }
    return { ...methods }
  }

  /** Takes what came; who sends what is no request is let go. */
  private take(piece: Buffer, methods: Methods): void {
    try {
      for (const value of this.assembler.take(piece)) this.answer(checkedRequest(value), methods)
    } catch (error) {
      if (!(error instanceof MetabonkError)) throw error
      this.drop()
    }
  }

  private answer(request: Request, methods: Methods): void {
    this.asked++
    if (this.asked > askedMost) {
      this.drop()
      return
    }
    void answerTo(methods, request).then((answer) => {
      this.asked--
      if (this.socket.destroyed) return
      this.socket.write(frameBytes(answer))
      if (this.socket.writableLength > unsentBytesMost) this.drop()
      // What can't be sent is nobody's who attaches.
    }).catch(() => { this.drop() })
  }

  /** What was paused by somebody who then vanished goes on; who leaves with a word leaves it as it is. */
  private async end(): Promise<void> {
    if (!this.hasLeft) await this.session.release().catch(() => undefined)
    await this.session.close().catch(() => undefined)
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((done, reject) => {
    server.once('error', (cause) => {
      reject(new MetabonkError({ code: 'disk', what: `the run can't announce itself: ${cause.message}`, where: path, cause }))
    })
    server.listen({ path }, done)
  })
}

/**
 * Announces a run of this process and answers who attaches to it, each with a session of its own. It never keeps the process alive. Throws `usage` or
 * `disk` where no socket can be made.
 */
export async function serveRun(world: string, open: () => LiveSession): Promise<ServedRun> {
  const path = socketPath(makeRunFolder(), process.pid, world)
  // Left by a dead process that had the same number.
  removeSocket(path)
  const clients = new Set<Client>()
  const server = createServer((socket) => {
    const client = new Client(socket, open())
    clients.add(client)
    socket.on('close', () => clients.delete(client))
  })
  server.maxConnections = clientsMost
  await listening(server, path)
  server.unref()
  // A client that can't be accepted is no harm to the run.
  server.on('error', () => undefined)
  return {
    path,
    close: () =>
      new Promise((done) => {
        server.close(() => { done() })
        for (const client of clients) client.drop()
        removeSocket(path)
      }),
  }
}
