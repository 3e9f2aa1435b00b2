import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ACTIONS_NODE } from '../support/action-runner'

const CLI = path.resolve(__dirname, '..', '..', 'dist', 'cli.js')
const OPTIONS = ['--bucket', 'my-valohai-bucket', '--region', 'eu-west-1']
const OFFLINE = path.join(__dirname, '..', 'support', 'no-sockets.cjs')

let directory: string

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-synth-'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Runs the built command with no more environment than Node needs. */
const synth = (out: string, options: readonly string[], environment: Record<string, string> = {}) =>
  spawnSync(ACTIONS_NODE, [CLI, 'synth', '--out', out, ...options], {
    cwd: directory,
    env: { PATH: process.env.PATH, ...environment },
    encoding: 'utf8',
  })

/** The same, for a name, which becomes a directory; fails the test where it fails. */
const exported = (name: string, options: readonly string[]): string => {
  const out = path.join(directory, name)
  const { status, stderr } = synth(out, options)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return out
}

test('reads nothing from a network, and needs no Terraform', () => {
  const out = path.join(directory, 'offline')
  const { status, stderr } = synth(out, OPTIONS, {
    PATH: '/nonexistent',
    NODE_OPTIONS: `--require ${OFFLINE}`,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(existsSync(path.join(out, 'main.tf'))).toBe(true)
})

test('leaves nothing beside what it wrote', () => {
  const cwd = path.join(directory, 'empty')
  mkdirSync(cwd)
  const { status } = spawnSync(ACTIONS_NODE, [CLI, 'synth', '--out', 'out', ...OPTIONS], { cwd, env: {} })
  expect(status).toBe(0)
  expect(readdirSync(cwd)).toEqual(['out'])
})

test('prints what it wrote', () => {
  const { stdout } = synth('printed', OPTIONS)
  const written = readdirSync(path.join(directory, 'printed'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.valohai-s3-files.json')
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
  expect(stdout.trim().split('\n').sort()).toEqual(written.sort())
})

test('the same options give the same bytes', () => {
  const read = (root: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((file) => [path.relative(root, file), readFileSync(file, 'utf8')]),
    )
  const options = [...OPTIONS, '--versioning', '--tags', 'cost-center=1', '--tags', 'a.b:c/d=x y']
  expect(read(exported('once', options))).toEqual(read(exported('again', options)))
})

test('a file edited since is named and not overwritten; --force overwrites it', () => {
  const out = exported('edited', OPTIONS)
  const file = path.join(out, 'main.tf')
  writeFileSync(file, '# mine\n')
  const { status, stderr } = synth(out, OPTIONS)
  expect(status).toBe(1)
  expect(stderr).toContain('main.tf was edited')
  expect(readFileSync(file, 'utf8')).toBe('# mine\n')
  expect(synth(out, [...OPTIONS, '--force']).status).toBe(0)
  expect(readFileSync(file, 'utf8')).toContain('resource "aws_s3_bucket" "store"')
})

test("somebody else's files are left, and one of our names is not overwritten", () => {
  const out = path.join(directory, 'theirs')
  mkdirSync(out)
  writeFileSync(path.join(out, 'network.tf'), '# theirs\n')
  expect(synth(out, OPTIONS).status).toBe(0)
  expect(readFileSync(path.join(out, 'network.tf'), 'utf8')).toBe('# theirs\n')
  const other = path.join(directory, 'theirs-too')
  mkdirSync(other)
  writeFileSync(path.join(other, 'main.tf'), '# theirs\n')
  const { status, stderr } = synth(other, OPTIONS)
  expect(status).toBe(1)
  expect(stderr).toContain('main.tf was not written by valohai-s3')
  expect(readdirSync(other)).toEqual(['main.tf'])
})

test('from root to module, the files that belong there no longer go, and nothing else', () => {
  const out = exported('changed', OPTIONS)
  writeFileSync(path.join(out, '.terraform.lock.hcl'), '')
  const { status } = synth(out, [...OPTIONS, '--layout', 'module'])
  expect(status).toBe(0)
  expect(readdirSync(out)).not.toContain('backend.tf')
  expect(readdirSync(out)).toContain('.terraform.lock.hcl')
})
