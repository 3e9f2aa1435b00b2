import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32, deflateRawSync } from 'node:zlib'
import { createMessage, generateKey, type PrivateKey, sign } from 'openpgp'
import type { ReleaseKey } from '../../src/terraform/acquire/verify'

/** One file of a zip archive. */
export interface ZipFile {
  readonly name: string
  readonly content: Buffer | string
  /** Whether it is deflated, as HashiCorp's are, or stored. @default true */
  readonly isDeflated?: boolean
}

/** Writes a zip archive, with nothing checked: a test may want a bad one. */
export function zip(files: readonly ZipFile[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, isDeflated = true } of files) {
    const plain = Buffer.from(content)
    const data = isDeflated ? deflateRawSync(plain) : plain
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(isDeflated ? 8 : 0, 4)
    common.writeUInt32LE(crc32(plain), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(plain.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), data])
    parts.push(local)
    directory.push(Buffer.from('PK\x01\x02\x14\x03'), common, place, Buffer.from(name))
    offset += local.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, entries, end])
}

/** A key pair that signs releases in tests. */
export interface TestKey {
  readonly privateKey: PrivateKey
  readonly releaseKey: ReleaseKey
}

/** Makes a key with a subkey for signing, as HashiCorp's has. */
export async function makeReleaseKey(
  options: { date?: Date; keyExpirationTime?: number } = {},
): Promise<TestKey> {
  const { privateKey } = await generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ name: 'A test of valohai-s3-action' }],
    subkeys: [{ sign: true }],
    format: 'object',
    ...options,
  })
  return testKey(privateKey)
}

/** A private key with what is told to people about its public half. */
export function testKey(privateKey: PrivateKey): TestKey {
  const publicKey = privateKey.toPublic()
  return { privateKey, releaseKey: { fingerprint: publicKey.getFingerprint(), armored: publicKey.armor() } }
}

/** A detached binary signature. */
export async function signDetached(
  content: Buffer,
  { privateKey }: TestKey,
  date = new Date(),
): Promise<Buffer> {
  const message = await createMessage({ binary: new Uint8Array(content) })
  const signature: unknown = await sign({
    message,
    signingKeys: privateKey,
    detached: true,
    format: 'binary',
    date,
  })
  return Buffer.from(signature as Uint8Array)
}

/** The files of a release by their path on the server; a number is an HTTP status without a body. */
export type ReleaseFiles = Map<string, Buffer | number>

export interface ReleaseOptions {
  readonly version: string
  readonly key: TestKey
  /** In HashiCorp's words. @default - this machine's */
  readonly platform?: string
  /** @default - a shell script that is a Terraform of this version as far as `version -json` goes */
  readonly archive?: Buffer
}

/** This machine in HashiCorp's words, e.g. `linux_amd64`. */
export function hostPlatform(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const processor = ({ x64: 'amd64', ia32: '386' } as Record<string, string>)[process.arch] ?? process.arch
  return `${system}_${processor}`
}

/** A shell script that answers `version -json` as Terraform does, and nothing else. */
export function fakeTerraform(version: string): string {
  return `#!/bin/sh\n[ "$*" = "version -json" ] || exit 64\necho '{"terraform_version":"${version}"}'\n`
}

/** Archive, SHA256SUMS and signature of one release, as `releases.hashicorp.com` has them. */
export async function makeRelease({
  version,
  key,
  platform,
  archive,
}: ReleaseOptions): Promise<ReleaseFiles> {
  const content =
    archive ??
    zip([
      { name: 'LICENSE.txt', content: 'A licence\n' },
      { name: 'terraform', content: fakeTerraform(version) },
    ])
  const prefix = `/terraform/${version}/terraform_${version}_`
  const name = `terraform_${version}_${platform ?? hostPlatform()}.zip`
  const sums = Buffer.from(
    [`${'0'.repeat(64)}  terraform_${version}_plan9_mips.zip`, `${sha256(content)}  ${name}`, ''].join('\n'),
  )
  return new Map([
    [`/terraform/${version}/${name}`, content],
    [`${prefix}SHA256SUMS`, sums],
    [`${prefix}SHA256SUMS.sig`, await signDetached(sums, key)],
  ])
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

export interface ReleaseServer {
  /** For TERRAFORM_RELEASES_URL. */
  readonly url: string
  /** The paths that were asked for, in order. */
  readonly requests: readonly string[]
  /** What is served; may be changed at any time. */
  readonly files: ReleaseFiles
  close(): Promise<void>
}

/**
 * Serves releases on a free loopback port.
 *
 * @param base path the releases are under. @default - none
 */
export async function startReleaseServer(files: ReleaseFiles, base = ''): Promise<ReleaseServer> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const url = request.url ?? ''
    requests.push(url)
    const file = url.startsWith(base) ? files.get(url.slice(base.length)) : undefined
    if (Buffer.isBuffer(file)) response.writeHead(200, { 'content-length': file.length }).end(file)
    else response.writeHead(file ?? 404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    requests,
    files,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}
