import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import util from 'node:util'
import nock from 'nock'
import { httpClient } from '../../../src/http'
import { requireTerraform, type TerraformSurroundings } from '../../../src/terraform/acquire'
import {
  fakeTerraform,
  makeRelease,
  makeReleaseKey,
  type ReleaseServer,
  startReleaseServer,
  type TestKey,
} from '../../support/release-server'
import { removeDirectories, temporaryDirectory } from '../../support/terraform-scripts'

const OUR_DEFAULT = '1.11.4'

let key: TestKey
let server: ReleaseServer
let root: string
let workspace: string
let told: string[]
let warned: string[]

beforeAll(async () => {
  key = await makeReleaseKey()
})

beforeEach(async () => {
  nock.enableNetConnect('127.0.0.1')
  const files = await Promise.all([OUR_DEFAULT, '1.12.2'].map((version) => makeRelease({ version, key })))
  server = await startReleaseServer(new Map(files.flatMap((one) => [...one])))
  root = temporaryDirectory()
  workspace = path.join(root, 'workspace')
  mkdirSync(workspace)
  told = []
  warned = []
})

afterEach(async () => {
  await server.close()
  removeDirectories()
})

/** Puts a program of a version on PATH. */
function onPath(version: string, name = 'terraform'): string {
  const file = path.join(root, 'bin', name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, fakeTerraform(version), { mode: 0o755 })
  return file
}

/** With a version as the input says it, or with our default. */
function find(version?: string, changes: Partial<TerraformSurroundings> = {}) {
  return requireTerraform(
    {
      version: version ?? OUR_DEFAULT,
      versionIsExplicit: version !== undefined,
      awsProviderVersion: '5.100.0',
      backend: { type: 'local', settings: {} },
    },
    {
      environment: { PATH: path.join(root, 'bin'), TERRAFORM_RELEASES_URL: server.url },
      cacheDirectory: path.join(root, 'cache'),
      http: httpClient({}),
      workspace,
      releaseKey: key.releaseKey,
      retryBaseMs: 0,
      info: (message) => told.push(message),
      warning: (message) => warned.push(message),
      ...changes,
    },
  )
}

const installed = (version: string): string =>
  path.join(root, 'cache', 'terraform', version, process.arch, 'terraform')

/** A file outside of the workspace. */
function secretFile(content = 's3cret'): string {
  const file = path.join(root, 'outside')
  writeFileSync(file, content)
  return file
}

function terraformVersionFile(content: string): void {
  writeFileSync(path.join(workspace, '.terraform-version'), content)
}

describe('on PATH', () => {
  it('takes any that is recent enough, and says which', async () => {
    const program = onPath('1.13.0')
    expect(await find()).toEqual({ path: program, version: '1.13.0' })
    expect(told).toEqual([`Terraform 1.13.0: ${program}`])
    expect(server.requests).toEqual([])
  })

  it('takes the exact version where one is asked for', async () => {
    const program = onPath('1.12.2')
    expect(await find('1.12.2')).toEqual({ path: program, version: '1.12.2' })
    expect(server.requests).toEqual([])
  })
})

describe('not on PATH', () => {
  it('installs our default', async () => {
    expect(await find()).toEqual({ path: installed(OUR_DEFAULT), version: OUR_DEFAULT })
    expect(told[0]).toBe('No suitable Terraform on PATH: 1.11.0 or newer is needed, found: none.')
  })

  it('installs our default beside one that is too old', async () => {
    const program = onPath('1.5.7')
    expect((await find()).path).toBe(installed(OUR_DEFAULT))
    expect(told[0]).toContain(`found: 1.5.7 (${program})`)
  })

  it('installs the version asked for beside another', async () => {
    onPath('1.13.0')
    expect(await find('1.12.2')).toEqual({ path: installed('1.12.2'), version: '1.12.2' })
  })

  it('takes it from the cache the second time', async () => {
    await find()
    const requests = server.requests.length
    expect((await find()).path).toBe(installed(OUR_DEFAULT))
    expect(server.requests).toHaveLength(requests)
  })

  it('tells both what was found and why none could be installed', async () => {
    onPath('1.5.7')
    const message = await find('1.12.9').catch(String)
    expect(message).toMatch(
      /No suitable Terraform on PATH: 1\.12\.9 \(terraform-version\) is needed, found: 1\.5\.7/,
    )
    expect(message).toMatch(/Terraform 1\.12\.9 could not be installed: .*HTTP 404.*Nothing was installed\./)
  })

  it('throws the reason alone where the run was cancelled', async () => {
    const reason = new Error('Cancelled by SIGINT.')
    await expect(find(undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('.terraform-version', () => {
  it.each([
    ['1.12.2'],
    ['1.12.2\n'],
    ['  1.12.2  \r\n'],
    ['v1.12.2\n'],
    ['# for the whole team\n\n1.12.2 # not newer\n'],
    ['\uFEFF1.12.2\n'],
  ])('is honoured: %j', async (content) => {
    terraformVersionFile(content)
    onPath('1.13.0')
    expect(await find()).toEqual({ path: installed('1.12.2'), version: '1.12.2' })
    expect(told[0]).toContain(`1.12.2 (${path.join(workspace, '.terraform-version')}) is needed`)
  })

  it('comes after the input', async () => {
    terraformVersionFile('1.12.2\n')
    const program = onPath('1.13.0')
    expect((await find('1.13.0')).path).toBe(program)
  })

  it.each([
    'latest',
    'latest:^1.11',
    'latest-allowed',
    'min-required',
    '~> 1.12',
    '1.12',
    '>= 1.5',
    'rubbish',
  ])('is passed over with a warning where it is no exact version: %s', async (content) => {
    terraformVersionFile(`${content}\n`)
    const program = onPath('1.13.0')
    expect((await find()).path).toBe(program)
    expect(warned).toEqual([expect.stringContaining('is ignored: what it says is not an exact version.')])
    expect(warned[0]).toContain('Write an exact version into it, or set terraform-version.')
    expect(warned[0]).not.toContain(content)
  })

  it.each(['', '\n', '# nothing\n'])('says nothing where it is empty: %j', async (content) => {
    terraformVersionFile(content)
    expect((await find()).path).toBe(installed(OUR_DEFAULT))
    expect(warned).toEqual([])
  })

  it.each(['1.9.8', '0.15.5', 'v1.5.7', '1.11.0-rc1'])(
    'is refused where it is too old: %s',
    async (content) => {
      terraformVersionFile(content)
      onPath('1.13.0')
      const message = await find().catch(String)
      expect(message).toContain(
        `${path.join(workspace, '.terraform-version')} asks for Terraform ${content.replace('v', '')}, but 1.11.0 or newer is needed`,
      )
      expect(message).toContain('Set terraform-version, for example to 1.11.4')
      expect(server.requests).toEqual([])
    },
  )

  it.each<[string, (file: string) => void]>([
    ['a link to another file', (file) => symlinkSync(secretFile(), file)],
    ['a link to a version', (file) => symlinkSync(secretFile('1.12.2'), file)],
    ['a link that leads nowhere', (file) => symlinkSync(path.join(root, 'nowhere'), file)],
    ["a link to the process's environment", (file) => symlinkSync('/proc/self/environ', file)],
    ['a directory', (file) => mkdirSync(file)],
    ['a pipe that nobody writes to', (file) => execFileSync('mkfifo', [file])],
    ['far too large', (file) => writeFileSync(file, `1.12.2\n${'x'.repeat(10_000)}`)],
  ])('is passed over, and nothing of it is shown, where it is %s', async (_what, make) => {
    make(path.join(workspace, '.terraform-version'))
    const program = onPath('1.13.0')
    expect((await find()).path).toBe(program)
    expect(warned).toEqual([expect.stringMatching(/\.terraform-version is ignored: it (is|has)/)])
    expect([...told, ...warned].join()).not.toMatch(/s3cret|PATH=|1\.12\.2/)
  })
})

describe('in the workspace', () => {
  /** Puts a program into the workspace, and it on PATH. */
  const inWorkspace = (): string => {
    const file = path.join(workspace, 'node_modules', '.bin', 'terraform')
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, fakeTerraform('1.13.0'), { mode: 0o755 })
    return file
  }

  it.each<[string, (file: string) => string]>([
    ['itself', (file) => file],
    [
      'behind a link',
      (file) => {
        const link = path.join(root, 'bin', 'terraform')
        mkdirSync(path.dirname(link))
        symlinkSync(file, link)
        return link
      },
    ],
  ])('a Terraform is not run without a word: %s', async (_what, place) => {
    const program = place(inWorkspace())
    const order: string[] = []
    const found = await find(undefined, {
      environment: { PATH: path.dirname(program) },
      warning: (message) => order.push(message),
      info: (message) => order.push(message),
    })
    expect(found.path).toBe(program)
    expect(order[0]).toContain(`${program} lies in the workspace`)
    expect(order).toHaveLength(2)
  })
})

describe('a tool cache that cannot be written', () => {
  it('is used all the same where it has what is needed', async () => {
    await find()
    const requests = server.requests.length
    const options = { readOnlyCache: path.join(root, 'cache'), cacheDirectory: path.join(root, 'other') }
    expect((await find(undefined, options)).path).toBe(installed(OUR_DEFAULT))
    expect(server.requests).toHaveLength(requests)
  })
})

it('starts nothing where Node would print the environment of what it starts', async () => {
  onPath('1.13.0')
  const isOn = jest.spyOn(util, 'debuglog').mockReturnValue({ enabled: true } as util.DebugLogger)
  try {
    await expect(find()).rejects.toThrow('NODE_DEBUG would print the AWS credentials')
  } finally {
    isOn.mockRestore()
  }
})

describe('opentofu', () => {
  it('takes tofu on PATH, and passes over a terraform and a .terraform-version', async () => {
    terraformVersionFile('1.12.2')
    onPath('1.12.2')
    const program = onPath('1.11.5', 'tofu')
    expect(await find('opentofu')).toEqual({ path: program, version: '1.11.5' })
    expect(told).toEqual([`OpenTofu 1.11.5: ${program}`])
  })

  it('bypasses the wrapper of opentofu/setup-opentofu', async () => {
    onPath('1.11.0', 'tofu')
    const program = onPath('1.11.5', 'tofu-bin')
    const directory = path.join(root, 'bin')
    const environment = { PATH: directory, TOFU_CLI_PATH: directory }
    expect(await find('opentofu', { environment })).toEqual({ path: program, version: '1.11.5' })
  })

  it.each([
    ['none', undefined],
    ['an old one', '1.9.1'],
  ])('is not installed where there is %s, and says so', async (_what, version) => {
    const found = version === undefined ? 'none' : `${version} (${onPath(version, 'tofu')})`
    const message = await find('opentofu').catch(String)
    expect(message).toContain(`No suitable OpenTofu on PATH: 1.11.0 or newer is needed, found: ${found}.`)
    expect(message).toContain('opentofu/setup-opentofu')
    expect(server.requests).toEqual([])
  })
})
