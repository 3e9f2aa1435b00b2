import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import nock from 'nock'
import { httpClient } from '../../../src/http'
import { type InstallOptions, installTerraform } from '../../../src/terraform/acquire/install'
import {
  fakeTerraform,
  hostPlatform,
  makeRelease,
  makeReleaseKey,
  type ReleaseServer,
  sha256,
  signDetached,
  startReleaseServer,
  type TestKey,
  zip,
} from '../../support/release-server'
import { removeDirectories, temporaryDirectory, writeScript } from '../../support/terraform-scripts'

const VERSION = '1.11.4'
const ARCHIVE = `/terraform/${VERSION}/terraform_${VERSION}_${hostPlatform()}.zip`
const SUMS = `/terraform/${VERSION}/terraform_${VERSION}_SHA256SUMS`
const SIGNATURE = `${SUMS}.sig`

/**
 * What `zip -X -fd - terraform | cat` made of `fakeTerraform(VERSION)`: to a pipe, so sizes come in a data
 * descriptor behind the content, as in the archives that Go writes.
 */
const STREAMED = [
  'UEsDBBQACAAIAAAAIVAAAAAAAAAAAFYAAAAJAAAAdGVycmFmb3JtU1bUT8rM0y/O4IpWUFLRUlKwVVAqSy0qzszPU9DNKs7PU1KI',
  'VaipUUityCxRMDPhSk3OyFdQr1YqSS0qSkzLL8qNh6pWslIy1DM01DNRqlXnAgBQSwcIJY+EOlMAAABWAAAAUEsBAh4DFAAIAAgA',
  'AAAhUCWPhDpTAAAAVgAAAAkAAAAAAAAAAQAAAO2BAAAAAHRlcnJhZm9ybVBLBQYAAAAAAQABADcAAACKAAAAAAA=',
].join('')

let key: TestKey
let server: ReleaseServer
let cacheDirectory: string
let told: string[]

beforeAll(async () => {
  key = await makeReleaseKey()
})

beforeEach(async () => {
  nock.enableNetConnect('127.0.0.1')
  server = await startReleaseServer(await makeRelease({ version: VERSION, key }))
  cacheDirectory = path.join(temporaryDirectory(), 'cache')
  told = []
})

afterEach(async () => {
  await server.close()
  removeDirectories()
})

function options(changes: Partial<InstallOptions> = {}): InstallOptions {
  return {
    environment: { TERRAFORM_RELEASES_URL: server.url, PATH: process.env.PATH },
    http: httpClient({}),
    cacheDirectory,
    releaseKey: key.releaseKey,
    retryBaseMs: 0,
    info: (message) => told.push(message),
    ...changes,
  }
}

/** Everything in the cache, directories included. */
function cached(): string[] {
  return existsSync(cacheDirectory) ? readdirSync(cacheDirectory, { recursive: true, encoding: 'utf8' }) : []
}

/** The message of the refusal, which must leave nothing behind. */
async function refusal(changes: Partial<InstallOptions> = {}): Promise<string> {
  const error: unknown = await installTerraform(VERSION, options(changes)).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(error).toBeInstanceOf(Error)
  const { message } = error as Error
  expect(message).toMatch(/^Terraform 1\.11\.4 could not be installed: .*\. Nothing was installed\. .+\.$/s)
  expect(message).toContain('Nothing was installed')
  expect(message).not.toContain('..')
  expect(cached()).toEqual([])
  return message
}

/** Replaces the archive by another, with sums and signature as they should be. */
async function publish(archive: Buffer): Promise<void> {
  for (const [file, content] of await makeRelease({ version: VERSION, key, archive })) {
    server.files.set(file, content)
  }
}

async function signSums(sums: string): Promise<void> {
  server.files.set(SUMS, Buffer.from(sums))
  server.files.set(SIGNATURE, await signDetached(Buffer.from(sums), key))
}

describe('a good release', () => {
  it('is verified, put into the cache and runs', async () => {
    const program = await installTerraform(VERSION, options())
    expect(program).toEqual({
      path: path.join(cacheDirectory, 'terraform', VERSION, process.arch, 'terraform'),
      version: VERSION,
    })
    expect(readFileSync(program.path, 'utf8')).toBe(fakeTerraform(VERSION))
    expect(statSync(program.path).mode & 0o777).toBe(0o755)
    expect(server.requests).toEqual([SUMS, SIGNATURE, ARCHIVE])
    expect(cached().sort()).toEqual(
      [
        'terraform',
        `terraform/${VERSION}`,
        `terraform/${VERSION}/${process.arch}`,
        `terraform/${VERSION}/${process.arch}.complete`,
        `terraform/${VERSION}/${process.arch}/terraform`,
      ].sort(),
    )
  })

  it('tells what is downloaded, how much in which time, and where it went', async () => {
    const { path: program } = await installTerraform(VERSION, options())
    expect(told).toEqual([
      `Terraform ${VERSION} is downloaded: ${server.url}${ARCHIVE}`,
      expect.stringMatching(/^terraform_1\.11\.4_\w+\.zip: \d+\.\d MB in \d+\.\d s$/),
      `Terraform ${VERSION}: ${program}, signature and SHA-256 verified`,
    ])
  })

  it.each([
    ['stored', [{ name: 'terraform', content: fakeTerraform(VERSION), isDeflated: false }]],
    [
      'with more files',
      [
        { name: 'docs/', content: '' },
        { name: 'docs/terraform', content: 'a trap' },
        { name: 'terraform', content: fakeTerraform(VERSION) },
      ],
    ],
  ])('may be %s', async (_what, files) => {
    await publish(zip(files))
    const { path: program } = await installTerraform(VERSION, options())
    expect(readFileSync(program, 'utf8')).toBe(fakeTerraform(VERSION))
    expect(readdirSync(path.dirname(program))).toEqual(['terraform'])
  })

  it('may be made by zip, streamed and with a comment', async () => {
    const archive = Buffer.from(STREAMED, 'base64')
    const comment = Buffer.from('a comment at the end')
    archive.writeUInt16LE(comment.length, archive.length - 2)
    await publish(Buffer.concat([archive, comment]))
    const { path: program } = await installTerraform(VERSION, options())
    expect(readFileSync(program, 'utf8')).toBe(fakeTerraform(VERSION))
  })
})

describe('the mirror', () => {
  it.each(['/artifactory/hashicorp', '/artifactory/hashicorp/', '/a%20b//'])(
    'may have a path: %s',
    async (given) => {
      const mirror = await startReleaseServer(server.files, given.replace(/\/+$/, ''))
      try {
        const url = `${new URL(mirror.url).origin}${given}`
        await installTerraform(VERSION, options({ environment: { TERRAFORM_RELEASES_URL: url } }))
        expect(mirror.requests).toHaveLength(3)
        expect(server.requests).toEqual([])
      } finally {
        await mirror.close()
      }
    },
  )

  it.each([
    ['artifacts.example.com/hashicorp', 'is not a URL'],
    ['http://artifacts.example.com/x', 'is not https: http://artifacts.example.com'],
    ['http://127.0.0.1.example.com', 'is not https'],
    ['ftp://artifacts.example.com', 'is not https'],
    ['https://robot:hunter2@artifacts.example.com', 'has a user name or password in it'],
    ['https://artifacts.example.com/?token=hunter2', 'has a query or a fragment'],
  ])('is refused as %s', async (url, why) => {
    const message = await refusal({ environment: { TERRAFORM_RELEASES_URL: url } })
    expect(message).toContain(`TERRAFORM_RELEASES_URL ${why}`)
    expect(message).not.toContain('hunter2')
    expect(server.requests).toEqual([])
  })

  it("is HashiCorp's own where none is given", async () => {
    for (const given of [undefined, '', ' ']) {
      const message = await refusal({ environment: { TERRAFORM_RELEASES_URL: given } })
      expect(message).toContain(`https://releases.hashicorp.com${SUMS} could not be downloaded`)
      expect(message).toContain('HTTPS_PROXY')
      expect(message).toContain('TERRAFORM_RELEASES_URL')
      expect(message).toContain('hashicorp/setup-terraform')
    }
  })
})

describe('a bad signature', () => {
  it('of other sums is refused before the archive is asked for', async () => {
    server.files.set(SIGNATURE, await signDetached(Buffer.from('something else'), key))
    const message = await refusal()
    expect(message).toContain(`the signature of ${server.url}${SUMS} is not good`)
    expect(message).toContain('Do not use these files')
    expect(server.requests).toEqual([SUMS, SIGNATURE])
  })

  it('by another key is refused, naming both', async () => {
    const other = await makeReleaseKey()
    server.files.set(SIGNATURE, await signDetached(server.files.get(SUMS) as Buffer, other))
    const message = await refusal()
    expect(message).toMatch(/is a signature by key [0-9A-F]{16}, not by HashiCorp's key [0-9A-F]{40}/)
    expect(message).toContain(key.releaseKey.fingerprint.toUpperCase())
    expect(server.requests).not.toContain(ARCHIVE)
  })

  it('is not made good by a key that has another fingerprint', async () => {
    const releaseKey = { ...key.releaseKey, fingerprint: 'c874'.repeat(10) }
    await expect(installTerraform(VERSION, options({ releaseKey }))).rejects.toThrow(
      `The embedded release key is ${key.releaseKey.fingerprint}, not ${releaseKey.fingerprint}`,
    )
    expect(cached()).toEqual([])
  })

  it.each([
    ['a login page', Buffer.from('<html>Please log in</html>')],
    ['nothing', Buffer.alloc(0)],
  ])('that is %s is refused', async (_what, content) => {
    server.files.set(SIGNATURE, content)
    expect(await refusal()).toMatch(/SHA256SUMS\.sig is (no OpenPGP signature|a signature by nobody)/)
  })

  it('is what a changed SHA256SUMS has', async () => {
    const evil = zip([{ name: 'terraform', content: '#!/bin/sh\necho evil\n' }])
    server.files.set(ARCHIVE, evil)
    server.files.set(SUMS, Buffer.from(`${sha256(evil)}  ${path.basename(ARCHIVE)}\n`))
    expect(await refusal()).toContain('is not good')
  })
})

describe('a bad archive', () => {
  it('with another sum is refused', async () => {
    server.files.set(ARCHIVE, zip([{ name: 'terraform', content: '#!/bin/sh\necho evil\n' }]))
    expect(await refusal()).toMatch(/the SHA-256 of http\S+ \(\d+ bytes\) is \w{64}, SHA256SUMS says \w{64}/)
  })

  it('that is cut short is refused', async () => {
    const whole = server.files.get(ARCHIVE) as Buffer
    server.files.set(ARCHIVE, whole.subarray(0, whole.length - 30))
    expect(await refusal()).toContain('The download was cut short or the file was changed')
  })

  it.each([
    ['../evil', 'invalid relative path: ../evil'],
    ['docs/../../evil', 'invalid relative path: docs/../../evil'],
    ['/etc/evil', 'absolute path: /etc/evil'],
    ['C:/evil', 'absolute path: C:/evil'],
    ['C:\\evil', 'invalid characters in fileName: C:\\evil'],
    ['..\\evil', 'invalid characters in fileName: ..\\evil'],
  ])('with a file called %s is refused, even signed', async (name, why) => {
    await publish(
      zip([
        { name: 'terraform', content: fakeTerraform(VERSION) },
        { name, content: 'evil' },
      ]),
    )
    const outside = temporaryDirectory()
    cacheDirectory = path.join(outside, 'deep', 'cache')
    expect(await installTerraform(VERSION, options()).catch(String)).toContain(
      `the archive cannot be unpacked: ${why}`,
    )
    expect(readdirSync(outside)).toEqual([])
  })

  it('without the program is refused, even signed', async () => {
    await publish(zip([{ name: 'bin/terraform', content: fakeTerraform(VERSION) }]))
    expect(await refusal()).toContain('it has no file called terraform')
  })

  it.each([
    ['no zip at all', () => Buffer.from('<html></html>'.repeat(10))],
    ['empty', () => Buffer.alloc(0)],
    [
      'a directory that points past the end',
      (archive: Buffer) => {
        archive.writeUInt32LE(0xfffffff0, archive.length - 6)
        return archive
      },
    ],
    ['deflated data that is none', (archive: Buffer) => archive.fill(0xff, 40 + 'terraform'.length - 10, 60)],
    [
      'a checksum of something else',
      (archive: Buffer) => {
        archive.writeUInt32LE(5, archive.indexOf('PK\x01\x02', 0, 'latin1') + 16)
        return archive
      },
    ],
    [
      'a size that fills the memory',
      (archive: Buffer) => {
        archive.writeUInt32LE(0xf0000000, archive.indexOf('PK\x01\x02', 0, 'latin1') + 24)
        return archive
      },
    ],
    [
      'a size that is too large',
      (archive: Buffer) => {
        archive.writeUInt32LE(5000, archive.indexOf('PK\x01\x02', 0, 'latin1') + 24)
        return archive
      },
    ],
    [
      'a size that is too small',
      (archive: Buffer) => {
        archive.writeUInt32LE(5, archive.indexOf('PK\x01\x02', 0, 'latin1') + 24)
        return archive
      },
    ],
  ])('that is %s is refused, even signed', async (_what, damage) => {
    await publish(damage(zip([{ name: 'terraform', content: fakeTerraform(VERSION) }])))
    expect(await refusal()).toContain('the archive cannot be unpacked')
  })

  it('whose program is of another version is refused', async () => {
    await publish(zip([{ name: 'terraform', content: fakeTerraform('1.5.7') }]))
    expect(await refusal()).toContain('the program in it says that it is 1.5.7')
  })

  it('whose program does not run here is refused', async () => {
    await publish(zip([{ name: 'terraform', content: '#!/bin/sh\necho no such loader >&2; exit 3\n' }]))
    expect(await refusal()).toContain('does not run on this machine (exit code 3: no such loader)')
  })
})

describe('a file that is missing', () => {
  it.each([
    ['SHA256SUMS', SUMS, [SUMS]],
    ['the signature', SIGNATURE, [SUMS, SIGNATURE]],
    ['the archive', ARCHIVE, [SUMS, SIGNATURE, ARCHIVE]],
  ])('is told about, once asked for: %s', async (_what, file, requests) => {
    server.files.delete(file)
    const message = await refusal()
    expect(message).toContain(`${server.url}${file} could not be downloaded (HTTP 404)`)
    expect(message).toContain('Check that this version of Terraform was released')
    expect(server.requests).toEqual(requests)
  })
})

describe('a release for other platforms', () => {
  it('is told about, with the platforms there are', async () => {
    await signSums(
      `${'0'.repeat(64)}  terraform_${VERSION}_linux_s390x.zip\n${'1'.repeat(64)}  terraform_${VERSION}_plan9_mips.zip\n`,
    )
    const message = await refusal()
    expect(message).toContain(`SHA256SUMS has no line for terraform_${VERSION}_${hostPlatform()}.zip`)
    expect(message).toContain('(only for linux_s390x, plan9_mips)')
  })

  it('takes no line of a name that merely contains it, and none that is malformed', async () => {
    const sum = sha256(server.files.get(ARCHIVE) as Buffer)
    const name = path.basename(ARCHIVE)
    await signSums(
      [`${sum}  x${name}`, `${sum}  ${name}.asc`, `${sum} ${name}`, `${sum.slice(1)}  ${name}`, ''].join(
        '\n',
      ),
    )
    expect(await refusal()).toContain('has no line for')
  })

  it('is refused where two lines are for one file', async () => {
    const line = `${sha256(server.files.get(ARCHIVE) as Buffer)}  ${path.basename(ARCHIVE)}\n`
    await signSums(line + line.replace(/^./, '0'))
    expect(await refusal()).toContain('has 2 lines for')
  })

  it.each([
    { os: 'aix', arch: 'ppc64' },
    { os: 'linux', arch: 'riscv64' },
    { os: 'plan9', arch: 'x64' },
  ])('asks for nothing where there never is one: $os $arch', async (platform) => {
    const message = await refusal({ platform })
    expect(message).toContain(`HashiCorp publishes no Terraform for ${platform.os} on ${platform.arch}`)
    expect(server.requests).toEqual([])
  })

  it.each([
    ['win32', 'x64', 'windows_amd64'],
    ['win32', 'arm64', 'windows_arm64'],
    ['darwin', 'arm64', 'darwin_arm64'],
    ['linux', 'arm', 'linux_arm'],
    ['freebsd', 'ia32', 'freebsd_386'],
    ['sunos', 'x64', 'solaris_amd64'],
  ])('has the name HashiCorp gives it: %s %s', async (os, arch, platform) => {
    expect(await refusal({ platform: { os, arch } })).toMatch(
      new RegExp(`(${platform}\\.zip|published for ${platform})`),
    )
  })
})

describe('the cache', () => {
  it('is asked first: a second time makes no request', async () => {
    const first = await installTerraform(VERSION, options())
    const requests = server.requests.length
    told = []
    expect(await installTerraform(VERSION, options())).toEqual(first)
    expect(server.requests).toHaveLength(requests)
    expect(told).toEqual([`Terraform ${VERSION}: ${first.path}, from the tool cache`])
  })

  it.each([
    ['is of another version', fakeTerraform('1.11.0')],
    ['is half of a program', ''],
  ])('is repaired where what it holds %s', async (_what, content) => {
    const directory = path.join(cacheDirectory, 'terraform', VERSION, process.arch)
    mkdirSync(directory, { recursive: true })
    writeFileSync(path.join(directory, 'terraform'), content, { mode: 0o755 })
    const { path: program } = await installTerraform(VERSION, options())
    expect(readFileSync(program, 'utf8')).toBe(fakeTerraform(VERSION))
    expect(readdirSync(path.dirname(directory)).sort()).toEqual([process.arch, `${process.arch}.complete`])
  })

  it('keeps what is in it when an installation of another version fails', async () => {
    await installTerraform(VERSION, options())
    const before = cached()
    await expect(installTerraform('1.12.0', options())).rejects.toThrow('HTTP 404')
    expect(cached()).toEqual(before)
  })

  it.each(['empty', 'broken'])('takes several installations at once where it is %s', async (state) => {
    if (state === 'broken') {
      const directory = path.join(cacheDirectory, 'terraform', VERSION, process.arch)
      mkdirSync(directory, { recursive: true })
      writeFileSync(path.join(directory, 'terraform'), '', { mode: 0o755 })
    }
    const programs = await Promise.all(Array.from({ length: 4 }, () => installTerraform(VERSION, options())))
    expect(new Set(programs.map(({ path: program }) => program)).size).toBe(1)
    expect(readFileSync(programs[0]!.path, 'utf8')).toBe(fakeTerraform(VERSION))
    expect(readdirSync(path.join(cacheDirectory, 'terraform', VERSION)).sort()).toEqual([
      process.arch,
      `${process.arch}.complete`,
    ])
  })

  it('is told about where it cannot be written', async () => {
    mkdirSync(cacheDirectory)
    writeFileSync(path.join(cacheDirectory, 'terraform'), 'a file in the way')
    const message = await installTerraform(VERSION, options()).catch(String)
    expect(message).toContain('it could not be put into the tool cache (E')
    expect(message).toContain('RUNNER_TOOL_CACHE')
    expect(cached()).toEqual(['terraform'])
  })
})

it('runs nothing of an archive before it is verified', async () => {
  const trace = path.join(temporaryDirectory(), 'it-ran')
  const script = writeScript(
    path.join(temporaryDirectory(), 'evil'),
    `require('fs').writeFileSync(${JSON.stringify(trace)}, '')`,
  )
  server.files.set(ARCHIVE, zip([{ name: 'terraform', content: readFileSync(script) }]))
  await refusal()
  expect(existsSync(trace)).toBe(false)
})
