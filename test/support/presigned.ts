import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { readKeys, s3Client } from './describe-aws'
import type { Emulator } from './emulator'

/** What signs requests in the AWS SDK; its types know the half of it that signs headers only. */
interface Presigner {
  presign(request: object, options: { expiresIn: number }): Promise<{ query: Record<string, string> }>
}

export interface Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Executions that are under way: they read and write through URLs that were signed when they began. */
export interface Traffic {
  /** Requests so far, by the status that S3 answered with. */
  readonly answers: Readonly<Record<number, number>>
  /** Sends nothing while `work` is done: some work with the emulator concerns all requests. */
  pauseFor(work: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

/** A server in front of S3 that refuses what S3 refuses: a URL whose key is deactivated or gone. */
export interface PresignedS3 {
  /** Signs a URL for reading and one for writing with this key, and goes on using both. */
  startTraffic(key: Key, object: { readonly bucket: string; readonly key: string }): Promise<Traffic>
  close(): Promise<void>
}

const SEVEN_DAYS = 604_800

/** Signs a URL as Valohai does, for as long as AWS allows. */
export async function presignUrl(key: Key, method: string, at: URL): Promise<string> {
  const { signer } = s3Client({ url: at.origin }, key).config as unknown as {
    signer: (scheme: object) => Promise<Presigner>
  }
  const scheme = { name: 'sigv4', signingName: 's3', signingRegion: 'eu-west-1', properties: {} }
  const { protocol, hostname, port, host, pathname } = at
  const where = { protocol, hostname, port: Number(port), headers: { host } }
  const request = { method, path: pathname, query: {}, ...where }
  const { query } = await (await signer(scheme)).presign(request, { expiresIn: SEVEN_DAYS })
  return `${at.href}?${new URLSearchParams(query).toString()}`
}

/**
 * Starts it on a free loopback port. The emulator verifies no presigned URL; whether a key is active, its IAM
 * knows.
 *
 * @param userName whose keys sign
 */
export async function startPresignedS3(emulator: Emulator, userName: string): Promise<PresignedS3> {
  const server = createServer((incoming, outgoing) => {
    const at = new URL(incoming.url ?? '/', emulator.url)
    const [keyId = ''] = (at.searchParams.get('X-Amz-Credential') ?? '').split('/')
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk as Buffer)
      const keys = await readKeys(emulator, userName)
      if (keys[keyId] !== 'Active') return outgoing.writeHead(403).end()
      const { method = 'GET' } = incoming
      const answer = await fetch(at, { method, ...(method === 'PUT' && { body: Buffer.concat(chunks) }) })
      await answer.arrayBuffer()
      return outgoing.writeHead(answer.status).end()
    })().catch(() => outgoing.writeHead(500).end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const signedUrl = (method: string, key: Key, path: string): Promise<string> =>
    presignUrl(key, method, new URL(path, `http://127.0.0.1:${port}`))

  return {
    startTraffic: async (key, object) => {
      const path = `/${object.bucket}/${object.key}`
      const [write, read] = [await signedUrl('PUT', key, path), await signedUrl('GET', key, path)]
      const answers: Record<number, number> = {}
      const ask = async (url: string, init: RequestInit): Promise<void> => {
        const { status } = await fetch(url, init)
        answers[status] = (answers[status] ?? 0) + 1
      }
      const over = new AbortController()
      let [paused, underWay] = [Promise.resolve(), Promise.resolve()]
      const turn = async (): Promise<void> => {
        await ask(write, { method: 'PUT', body: new Date().toISOString() })
        await ask(read, { method: 'GET' })
      }
      const work = (async () => {
        while (!over.signal.aborted) {
          await paused
          await (underWay = turn())
          await sleep(100)
        }
      })()
      return {
        answers,
        pauseFor: async (other) => {
          let resume = (): void => undefined
          paused = new Promise((resolve) => (resume = resolve))
          await underWay
          await other().finally(resume)
        },
        stop: () => {
          over.abort()
          return work
        },
      }
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
