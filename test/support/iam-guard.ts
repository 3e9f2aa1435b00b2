import { once } from 'node:events'
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AwsCall, type AwsRequest, callsOf, type Entities, noteEntity, signatureOf } from './aws-calls'
import { allows, DEPLOYER } from './judge'

/** A server in front of the emulator that lets a deployer do what its policy allows, as IAM would. */
export interface IamGuard {
  readonly url: string
  /** Every call that was asked for with the deployer's key, in order, allowed or not. */
  readonly calls: readonly AwsCall[]
  /** Those that were refused. May be emptied. */
  readonly refused: AwsCall[]
  /** Judges by another policy from now on. */
  setPolicy(policy: object): void
  close(): Promise<void>
}

/**
 * Starts it on a free loopback port. The emulator itself ignores the resources of IAM requests and conditions on
 * them, and keeps no boundary of a user: both are the guard's.
 *
 * @param target the emulator
 * @param deployer id of the key whose requests are judged; those of other keys pass
 */
export async function startIamGuard(target: string, deployer: string, policy: object): Promise<IamGuard> {
  const calls: AwsCall[] = []
  const refused: AwsCall[] = []
  const entities: Entities = { boundaries: new Map(), arns: new Map() }
  let current = policy

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const content = Buffer.concat(chunks)
    const request: AwsRequest = {
      method: incoming.method ?? '',
      url: incoming.url ?? '/',
      headers: incoming.headers,
      body: content.toString('utf8'),
    }
    const asked = signatureOf(request).keyId === deployer ? callsOf(request, entities) : []
    for (const call of asked) {
      calls.push(call)
      if (await allows(current, call)) continue
      refused.push(call)
      outgoing.writeHead(403, { 'content-type': 'application/xml' }).end(denial(call))
      return
    }
    noteEntity(request, asked, entities)
    const { method, headers } = incoming
    const passedOn = send(new URL(request.url, target), { method, headers })
    passedOn.on('error', () => outgoing.destroy())
    passedOn.end(content)
    const [answer] = (await once(passedOn, 'response')) as [IncomingMessage]
    const parts: Buffer[] = []
    for await (const part of answer) parts.push(part as Buffer)
    const body = withBoundary(Buffer.concat(parts), entities)
    const kept = Object.entries(answer.headers).filter(([name]) => name !== 'transfer-encoding')
    const length = method === 'HEAD' ? {} : { 'content-length': String(body.length) }
    outgoing.writeHead(answer.statusCode ?? 502, { ...Object.fromEntries(kept), ...length }).end(body)
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      // A request that the table does not know must not pass unseen.
      outgoing.writeHead(500).end(String(error))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    refused,
    setPolicy: (policy) => (current = policy),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A refusal in AWS's words. */
function denial({ action, resource }: AwsCall): string {
  const words = `User: ${DEPLOYER} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`
  const error = `<Code>AccessDenied</Code><Message>${words}</Message>`
  return action.startsWith('iam:')
    ? `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>${error}</Error><RequestId>1</RequestId></ErrorResponse>`
    : `<?xml version="1.0" encoding="UTF-8"?><Error>${error}<RequestId>1</RequestId></Error>`
}

/** The emulator's answer about a user with the boundary that it does not keep. */
function withBoundary(body: Buffer, { boundaries }: Entities): Buffer {
  const text = body.toString('utf8')
  const arn = /<User>[^]*?<Arn>([^<]+)<\/Arn>/.exec(text)?.[1]
  const boundary = arn === undefined ? undefined : boundaries.get(arn)
  if (boundary === undefined) return body
  const element = `<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType><PermissionsBoundaryArn>${boundary}</PermissionsBoundaryArn></PermissionsBoundary>`
  return Buffer.from(text.replace('</User>', `${element}</User>`))
}
