import { readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { exportTerraform } from '../../src/export'
import { parsed, type Values } from '../config/source'
import { removeDirectories, temporaryDirectory } from '../support/terraform-scripts'

let directory: string
let file: string

beforeEach(() => {
  directory = temporaryDirectory()
  file = path.join(directory, 'terraform.tfvars.json')
})

afterEach(removeDirectories)

const synth = (options: Values = {}) =>
  exportTerraform(parsed({ command: 'synth', 'output-dir': directory, ...options }))
const values = (): Record<string, unknown> =>
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
const edit = (change: object): void => {
  writeFileSync(file, JSON.stringify({ ...values(), ...change }))
}

const ROTATED = { access_key_generations: ['2'] }
const RULES = { other_cors_rules: [{ allowed_methods: ['GET'], allowed_origins: ['*'] }] }

test('other options right after the first edit: the generation of the key in use is kept', async () => {
  await synth()
  edit(ROTATED)
  await synth({ versioning: 'true' })
  expect(values()).toMatchObject({ ...ROTATED, noncurrent_days: 90 })
})

test("what was kept is no less somebody's once it was written here: another bucket is refused", async () => {
  await synth()
  edit(ROTATED)
  await synth()
  await expect(synth({ bucket: 'another-bucket' })).rejects.toThrow('it is of another bucket')
  expect(values()).toMatchObject(ROTATED)
})

test('a bucket that was mistyped is corrected where nobody has edited anything', async () => {
  await synth({ bucket: 'my-valohai-buckt' })
  await synth()
  expect(values()).toMatchObject({ bucket_name: 'my-valohai-bucket' })
})

test('rules of others are not lost with the part of the bucket that they belong to', async () => {
  await synth()
  edit(RULES)
  await expect(synth({ cors: 'false' })).rejects.toThrow('has no variable for')
  edit({ other_cors_rules: [] })
  await synth({ cors: 'false' })
  expect(values()).not.toHaveProperty('other_cors_rules')
})

test('taken to another directory with the list of files, it is exported with other options', async () => {
  await synth()
  edit(ROTATED)
  const from = directory
  directory = temporaryDirectory()
  for (const name of ['terraform.tfvars.json', '.valohai-s3-files.json'])
    renameSync(path.join(from, name), path.join(directory, name))
  file = path.join(directory, 'terraform.tfvars.json')
  await synth({ versioning: 'true' })
  expect(values()).toMatchObject(ROTATED)
})

describe('values that cannot be read are not overwritten, even with --force', () => {
  const refused = async (why: string): Promise<void> => {
    const before = readFileSync(path.join(directory, 'main.tf'), 'utf8')
    await expect(synth({ force: 'true', versioning: 'true' })).rejects.toThrow(why)
    expect(readFileSync(path.join(directory, 'main.tf'), 'utf8')).toBe(before)
  }

  test.each(['', '{"access_key_generations": ["2"],}'])('%j', async (text) => {
    await synth()
    writeFileSync(file, text)
    await refused('no JSON object')
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  test('a symbolic link', async () => {
    await synth()
    const elsewhere = path.join(temporaryDirectory(), 'values.json')
    renameSync(file, elsewhere)
    symlinkSync(elsewhere, file)
    await refused('symbolic link')
  })

  test('a module has no such file, so one that is there does not matter', async () => {
    writeFileSync(file, 'mine')
    await synth({ layout: 'module' })
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })
})
