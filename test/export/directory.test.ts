import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { writeFiles, type WriteOptions } from '../../src/export/directory'
import { removeDirectories, temporaryDirectory } from '../support/terraform-scripts'

let root: string
let directory: string

beforeEach(() => {
  root = temporaryDirectory()
  directory = path.join(root, 'out')
})

afterEach(removeDirectories)

const LOCK = '.terraform.lock.hcl'
const FILES = { 'main.tf': 'main', 'tests/store.tftest.hcl': 'test', [LOCK]: 'lock' }
const write = (files: Readonly<Record<string, string>> = FILES, options: WriteOptions = {}) =>
  writeFiles(directory, new Map(Object.entries(files)), options)
const read = (name: string): string => readFileSync(path.join(directory, name), 'utf8')

describe('a symbolic link is not followed, whatever the list of our files says', () => {
  const outside = (): string => path.join(root, 'outside')

  it.each(['main.tf', '.valohai-s3-files.json', LOCK])('%s', async (name) => {
    await write()
    writeFileSync(outside(), read(name))
    rmSync(path.join(directory, name))
    symlinkSync(outside(), path.join(directory, name))
    const before = readFileSync(outside(), 'utf8')
    for (const force of [false, true])
      await write({ 'main.tf': 'new', [LOCK]: 'new' }, { force }).catch(String)
    expect(readFileSync(outside(), 'utf8')).toBe(before)
  })

  it('a directory', async () => {
    await write()
    rmSync(path.join(directory, 'tests'), { recursive: true })
    mkdirSync(outside())
    symlinkSync(outside(), path.join(directory, 'tests'))
    await expect(write()).rejects.toThrow('- tests was not written by valohai-s3')
    expect(existsSync(path.join(outside(), 'store.tftest.hcl'))).toBe(false)
  })
})

test("a run writes nothing into a folder that was exported, whose values and state are a person's", async () => {
  await write({ 'main.tf': 'main', 'terraform.tfvars.json': '{}', 'README.md': 'text' })
  for (const partial of [false, true]) {
    const files = { 'main.tf': 'of a run', 'terraform.tfvars.json': '{"pgp_key":"thrown away"}' }
    await expect(write(files, { isOfRun: true, partial })).rejects.toThrow('Give another `output-dir`')
  }
  expect([read('main.tf'), read('terraform.tfvars.json')]).toEqual(['main', '{}'])
})

describe('what `terraform init` leaves', () => {
  it('stays where a person works with an export: also a lock file that they have now', async () => {
    await write()
    mkdirSync(path.join(directory, '.terraform', 'providers'), { recursive: true })
    writeFileSync(path.join(directory, LOCK), 'lock, with one more')
    expect((await write({ ...FILES, [LOCK]: 'another' })).written).not.toContain(LOCK)
    expect(read(LOCK)).toBe('lock, with one more')
    expect(existsSync(path.join(directory, '.terraform'))).toBe(true)
  })

  it('is replaced where it is ours alone', async () => {
    await write()
    await write({ ...FILES, [LOCK]: 'of another version' })
    expect(read(LOCK)).toBe('of another version')
    expect((await write({ 'main.tf': 'main', 'tests/store.tftest.hcl': 'test' })).removed).toEqual([LOCK])
  })

  it.each([['.terraform/environment'], [LOCK]])(
    'is in the way of a run, and of what it writes later: %s',
    async (name) => {
      await write({ 'main.tf': 'main' }, { isOfRun: true })
      mkdirSync(path.dirname(path.join(directory, name)), { recursive: true })
      writeFileSync(path.join(directory, name), 'prod')
      for (const partial of [false, true]) {
        await expect(write({ 'main.tf': 'main' }, { isOfRun: true, partial })).rejects.toThrow(
          `- ${name.split('/')[0]} was not written by valohai-s3`,
        )
      }
    },
  )
})

describe('a second time', () => {
  const VALUES = 'terraform.tfvars.json'

  it("leaves a person's own files, and refuses what it would overwrite and lose", async () => {
    await write()
    const own = ['tfplan', 'logging.tf', 'notes/a.md']
    mkdirSync(path.join(directory, 'notes'))
    for (const name of own) writeFileSync(path.join(directory, name), 'mine')
    await write({ ...FILES, 'main.tf': 'other' })
    expect(own.map(read)).toEqual(['mine', 'mine', 'mine'])
    writeFileSync(path.join(directory, 'main.tf'), 'edited')
    await expect(write({ 'main.tf': 'new' })).rejects.toThrow('- main.tf was edited')
    // The very same text loses nothing.
    await write({ ...FILES, 'main.tf': 'edited' })
    await expect(write({ ...FILES, 'logging.tf': 'ours' })).rejects.toThrow('- logging.tf was not written by')
  })

  it("leaves a person's .gitignore, and the values where another layout has none", async () => {
    mkdirSync(directory)
    writeFileSync(path.join(directory, '.gitignore'), 'mine')
    await write({ ...FILES, '.gitignore': 'ours', [VALUES]: '{}' })
    await write()
    expect([read('.gitignore'), read(VALUES)]).toEqual(['mine', '{}'])
  })

  it('knows what an earlier release wrote', async () => {
    await write()
    const hashes = JSON.parse(read('.valohai-s3-files.json')) as Record<string, { whole: string }>
    const plain = Object.fromEntries(Object.entries(hashes).map(([name, { whole }]) => [name, whole]))
    writeFileSync(path.join(directory, '.valohai-s3-files.json'), JSON.stringify(plain))
    expect((await write({ 'main.tf': 'new' })).removed).toEqual(['tests/store.tftest.hcl', LOCK])
  })
})
