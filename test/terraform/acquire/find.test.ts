import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findTerraform, isSuitable, OPENTOFU } from '../../../src/terraform/acquire/find'
import { VersionMemory } from '../../../src/terraform/acquire/versions'
import { removeDirectories, temporaryDirectory, writeScript } from '../../support/terraform-scripts'

let root: string

beforeEach(() => {
  root = temporaryDirectory()
})

afterEach(removeDirectories)

/** A Terraform of a version, in a directory of its own. */
function terraform(directory: string, version: string, name = 'terraform'): string {
  const answer = JSON.stringify({ terraform_version: version, platform: 'linux_amd64' }, null, 2)
  return writeScript(
    path.join(root, directory, name),
    `if (process.argv.slice(2).join(' ') !== 'version -json') process.exit(64)
     console.log(${JSON.stringify(answer)})`,
  )
}

const pathOf = (...directories: string[]): string =>
  directories.map((directory) => path.join(root, directory)).join(path.delimiter)

describe('along PATH', () => {
  it('takes the first that will do', async () => {
    const first = terraform('a', '1.11.4')
    terraform('b', '1.12.0')
    const { program } = await findTerraform({ PATH: pathOf('empty', 'a', 'b') }, isSuitable)
    expect(program).toEqual({ path: first, version: '1.11.4' })
  })

  it('passes over one that is too old, and tells of it', async () => {
    const old = terraform('a', '1.5.7')
    const recent = terraform('b', '1.11.0')
    expect(await findTerraform({ PATH: pathOf('a', 'b') }, isSuitable)).toEqual({
      program: { path: recent, version: '1.11.0' },
      found: [
        { path: old, version: '1.5.7' },
        { path: recent, version: '1.11.0' },
      ],
    })
  })

  it('tells of all where none will do', async () => {
    terraform('a', '1.5.7')
    terraform('b', '1.9.8')
    const { program, found } = await findTerraform({ PATH: pathOf('a', 'b') }, isSuitable)
    expect(program).toBeUndefined()
    expect(found.map(({ version }) => version)).toEqual(['1.5.7', '1.9.8'])
  })

  it('asks the caller which versions will do', async () => {
    terraform('a', '1.12.0')
    const wanted = terraform('b', '1.11.4')
    const { program } = await findTerraform({ PATH: pathOf('a', 'b') }, (version) => version === '1.11.4')
    expect(program?.path).toBe(wanted)
  })

  it.each([undefined, '', path.delimiter])('finds none where it is %j', async (value) => {
    expect(await findTerraform({ PATH: value }, isSuitable)).toEqual({ program: undefined, found: [] })
  })
})

describe('what is no Terraform is passed over', () => {
  const nothingButB = async (): Promise<void> => {
    const real = terraform('b', '1.11.4')
    const { program, found } = await findTerraform({ PATH: pathOf('a', 'b') }, isSuitable)
    expect(program?.path).toBe(real)
    expect(found).toHaveLength(1)
  }

  it.each([
    ['prints garbage', 'console.log("hello from another tool")'],
    ['prints nothing', ''],
    ['prints other JSON', 'console.log(JSON.stringify({ version: "1.11.4" }))'],
    ['has a version that is no text', 'console.log(JSON.stringify({ terraform_version: 1 }))'],
    ['fails', 'console.log(JSON.stringify({ terraform_version: "1.11.4" })); process.exit(1)'],
  ])('a program that %s', async (_what, code) => {
    writeScript(path.join(root, 'a', 'terraform'), code)
    await nothingButB()
  })

  it('a file that may not be run', async () => {
    writeScript(path.join(root, 'a', 'terraform'), 'console.log("{}")', 0o644)
    await nothingButB()
  })

  it('a directory of that name', async () => {
    mkdirSync(path.join(root, 'a', 'terraform'), { recursive: true })
    await nothingButB()
  })
})

describe("hashicorp/setup-terraform's wrapper", () => {
  it('is bypassed: the program beside it is taken, and the wrapper never run', async () => {
    const trace = path.join(root, 'the-wrapper-ran')
    writeScript(
      path.join(root, 'cli', 'terraform'),
      `require('node:fs').writeFileSync(${JSON.stringify(trace)}, '')
       console.log('[command] terraform-bin version -json'); console.log('{"terraform_version":"1.11.4"}')`,
    )
    const real = terraform('cli', '1.11.4', 'terraform-bin')
    const environment = { PATH: pathOf('cli'), TERRAFORM_CLI_PATH: path.join(root, 'cli') }
    const { program } = await findTerraform(environment, isSuitable)
    expect(program).toEqual({ path: real, version: '1.11.4' })
    expect(existsSync(trace)).toBe(false)
  })

  it('is bypassed where its directory is not on PATH', async () => {
    terraform('a', '1.12.0')
    const real = terraform('cli', '1.11.4', 'terraform-bin')
    const environment = { PATH: pathOf('a'), TERRAFORM_CLI_PATH: path.join(root, 'cli') }
    expect((await findTerraform(environment, isSuitable)).program?.path).toBe(real)
  })

  it('may be left out: then Terraform has its own name', async () => {
    const real = terraform('cli', '1.11.4')
    const environment = { PATH: pathOf('cli'), TERRAFORM_CLI_PATH: path.join(root, 'cli') }
    expect((await findTerraform(environment, isSuitable)).program?.path).toBe(real)
  })

  it('does not hide another Terraform where its own is too old', async () => {
    terraform('cli', '1.5.7', 'terraform-bin')
    const real = terraform('b', '1.11.4')
    const environment = { PATH: pathOf('cli', 'b'), TERRAFORM_CLI_PATH: path.join(root, 'cli') }
    expect((await findTerraform(environment, isSuitable)).program?.path).toBe(real)
  })
})

it('finds OpenTofu behind the wrapper of its own setup action, and takes it for no Terraform', async () => {
  const environment = { PATH: pathOf('tofu'), TOFU_CLI_PATH: path.join(root, 'tofu') }
  terraform('tofu', '1.9.0', 'tofu')
  const real = terraform('tofu', '1.11.0', 'tofu-bin')
  const { program } = await findTerraform(environment, isSuitable, { kind: OPENTOFU })
  expect(program).toEqual({ path: real, version: '1.11.0' })
  expect(await findTerraform(environment, isSuitable)).toEqual({ program: undefined, found: [] })
})

it('reads the version behind what a wrapper prints first', async () => {
  writeScript(
    path.join(root, 'a', 'terraform'),
    'console.log("[command]/opt/terraform version -json"); console.log(\'{"terraform_version":"1.11.4"}\')',
  )
  expect((await findTerraform({ PATH: pathOf('a') }, isSuitable)).program?.version).toBe('1.11.4')
})

it.each([
  ['1.11.0', true],
  ['1.11.5', true],
  ['1.11.4', true],
  ['2.0.0', true],
  ['1.12.0-rc1', true],
  ['1.9.9', false],
  ['1.11.0-beta1', false],
  ['0.15.5', false],
  ['opentofu', false],
  ['', false],
])('isSuitable(%j) is %s', (version, expected) => {
  expect(isSuitable(version)).toBe(expected)
})

describe('a version that is remembered', () => {
  it('is asked for once, and again where the program has changed', async () => {
    const counter = path.join(root, 'starts')
    const answering = (version: string): string =>
      writeScript(
        path.join(root, 'a', 'terraform'),
        `require('node:fs').appendFileSync(${JSON.stringify(counter)}, '.')
         console.log(${JSON.stringify(JSON.stringify({ terraform_version: version }))})`,
      )
    answering('1.11.4')
    const find = async (): Promise<string | undefined> => {
      const memory = new VersionMemory(path.join(root, 'cache'))
      return (await findTerraform({ PATH: pathOf('a') }, isSuitable, { memory })).program?.version
    }
    expect([await find(), await find()]).toEqual(['1.11.4', '1.11.4'])
    expect(readFileSync(counter, 'utf8')).toBe('.')
    answering('1.12.10')
    expect(await find()).toBe('1.12.10')
    writeFileSync(path.join(root, 'cache', 'terraform-versions.json'), '{ half')
    expect(await find()).toBe('1.12.10')
    expect(readFileSync(counter, 'utf8')).toBe('...')
  })
})
