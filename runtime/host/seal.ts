import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { MetabonkError } from '../errors.ts'
import type { Digest, Sign, Signed } from '../recording/ports.ts'

/** Starts a SHA-256. */
export function sha256(): Digest {
  const hash = createHash('sha256')
  return {
    update: (bytes) => { hash.update(bytes) },
    finish: () => hash.digest('hex'),
  }
}

/** Signs with an Ed25519 private key, PEM. Throws `usage` when it is none. */
export function ed25519Sign(pem: string): Sign {
  const key = privateKey(pem)
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')
  return (digest) => ({ signature: sign(null, Buffer.from(digest, 'hex'), key).toString('base64'), publicKey })
}

function privateKey(pem: string): KeyObject {
  let key: KeyObject | undefined
  try {
    key = createPrivateKey(pem)
  } catch {
    // Said below, together with keys of another kind.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new MetabonkError({ code: 'usage', what: 'the key to sign with is no Ed25519 private key (PEM)', todo: 'make one with: openssl genpkey -algorithm ed25519 -out key.pem' })
}

/** Whether a signature is that of a digest, by the key that comes with it. */
export function isSigned(digest: string, { signature, publicKey }: Signed): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der' })
    return key.asymmetricKeyType === 'ed25519' && verify(null, Buffer.from(digest, 'hex'), key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
