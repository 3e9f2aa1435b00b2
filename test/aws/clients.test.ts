import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { HeadBucketCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import nock from 'nock'
import { s3Client } from '../../src/aws/clients'
import { findAccount } from '../../src/aws/account'

const OWNER = '123456789012'
const environment = { ...process.env }
const servers: Server[] = []
let directory: string

const portOf = (server: Server): number => (server.address() as AddressInfo).port

async function listen(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return portOf(server)
}

/** A certificate of an authority of its own, for a host. */
function certificate(host: string): { readonly ca: string; readonly key: string; readonly cert: string } {
  const at = (name: string): string => path.join(directory, name)
  const openssl = (...parameters: string[]): Buffer =>
    execFileSync('openssl', parameters, { cwd: directory, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=The proxy')
  openssl('req', ...key.slice(0, -2), '-keyout', 'host.key', '-out', 'host.csr', '-subj', `/CN=${host}`)
  writeFileSync(at('names'), `subjectAltName=DNS:${host}`)
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names']
  openssl('x509', '-req', '-in', 'host.csr', ...signing, '-out', 'host.pem')
  const [ca, hostKey, cert] = ['ca.pem', 'host.key', 'host.pem'].map(at)
  return { ca: ca ?? '', key: hostKey ?? '', cert: cert ?? '' }
}

const client = (): S3Client => s3Client({ region: 'eu-west-1', owner: OWNER })
const head = (s3: S3Client): Promise<unknown> => s3.send(new HeadBucketCommand({ Bucket: 'my-bucket' }))

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-tls-'))
  nock.restore()
  for (const name of Object.keys(process.env)) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    if (/^AWS_|proxy$/i.test(name)) delete process.env[name]
  }
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_CONFIG_FILE: path.join(directory, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: path.join(directory, 'credentials'),
    AWS_MAX_ATTEMPTS: '1',
  })
})

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  process.env = { ...environment }
  rmSync(directory, { recursive: true, force: true })
})

describe('a proxy over plain http', () => {
  let seen: string[]

  beforeEach(async () => {
    seen = []
    const proxy = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      response.writeHead(404).end()
    })
    process.env.HTTP_PROXY = `http://127.0.0.1:${await listen(proxy)}`
    process.env.AWS_ENDPOINT_URL = 'http://aws.invalid'
  })

  it('is used where the environment names it', async () => {
    await expect(head(client())).rejects.toMatchObject({ name: 'NotFound' })
    expect(seen).toEqual([expect.stringMatching(/^HEAD http:\/\/(my-bucket\.)?aws\.invalid\//)])
  })

  it('is not used where NO_PROXY says so', async () => {
    process.env.NO_PROXY = 'aws.invalid,.aws.invalid'
    await expect(head(client())).rejects.toThrow(/aws\.invalid/)
    expect(seen).toEqual([])
  })
})

describe('a proxy that looks into TLS, with an authority of its own', () => {
  let connects: string[]
  let bundle: string

  beforeEach(async () => {
    connects = []
    const { ca, key, cert } = certificate('sts.eu-west-1.amazonaws.com')
    bundle = ca
    const files = execFileSync('cat', [key, cert], { encoding: 'utf8' })
    const inside = await listen(
      createTlsServer({ key: files, cert: files }, (_request, response) =>
        response.end(
          `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::${OWNER}:user/u</Arn><Account>${OWNER}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
        ),
      ),
    )
    const proxy = createServer().on('connect', ({ url = '' }, socket) => {
      connects.push(url)
      const tunnel = connect(inside, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        tunnel.pipe(socket).pipe(tunnel)
      })
      socket.on('error', () => tunnel.destroy())
    })
    process.env.HTTPS_PROXY = `http://127.0.0.1:${await listen(proxy)}`
  })

  it('is trusted by AWS_CA_BUNDLE', async () => {
    process.env.AWS_CA_BUNDLE = bundle
    await expect(findAccount('eu-west-1')).resolves.toMatchObject({ id: OWNER })
    expect(connects).toEqual(['sts.eu-west-1.amazonaws.com:443'])
  })

  it("is trusted by the profile's ca_bundle", async () => {
    writeFileSync(path.join(directory, 'config'), `[profile ci]\nca_bundle = ${bundle}\n`)
    const credentials = ['[ci]', 'aws_access_key_id = AKIA', 'aws_secret_access_key = secret']
    writeFileSync(path.join(directory, 'credentials'), credentials.join('\n'))
    delete process.env.AWS_ACCESS_KEY_ID
    delete process.env.AWS_SECRET_ACCESS_KEY
    process.env.AWS_PROFILE = 'ci'
    await expect(findAccount('eu-west-1')).resolves.toMatchObject({ id: OWNER })
  })

  it('is not trusted otherwise, and the message names the variable, at the first try', async () => {
    process.env.AWS_MAX_ATTEMPTS = '3'
    await expect(findAccount('eu-west-1')).rejects.toThrow(/certificate.*AWS_CA_BUNDLE/)
    expect(connects).toHaveLength(1)
  })

  it('is not asked where the bundle cannot be read', async () => {
    process.env.AWS_CA_BUNDLE = path.join(directory, 'missing.pem')
    await expect(findAccount('eu-west-1')).rejects.toThrow(/AWS_CA_BUNDLE could not be read.*ENOENT/)
    expect(connects).toEqual([])
  })
})

describe('the owner of a bucket', () => {
  it('is expected in every request', async () => {
    const owners: unknown[] = []
    const port = await listen(
      createServer(({ headers }, response) => {
        owners.push(headers['x-amz-expected-bucket-owner'])
        response.end('<ListBucketResult></ListBucketResult>')
      }),
    )
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`
    const s3 = client()
    await head(s3)
    await s3.send(new ListObjectsV2Command({ Bucket: 'my-bucket' }))
    expect(owners).toEqual([OWNER, OWNER])
  })
})
