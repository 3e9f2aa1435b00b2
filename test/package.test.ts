import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.resolve(__dirname, '..')
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>

it('brings no other package with it: everything is bundled', () => {
  for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies']) {
    expect(manifest[kind]).toBeUndefined()
  }
})

it('is at most 10 MB, and has what runs', () => {
  const printed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  const { unpackedSize, files } = Object.values(
    JSON.parse(printed) as Record<string, { unpackedSize: number; files: { path: string }[] }>,
  )[0]!
  expect(unpackedSize).toBeLessThan(10_000_000)
  expect(files.map((file) => file.path)).toEqual(
    expect.arrayContaining(['dist/cli.js', 'dist/THIRD-PARTY-NOTICES.txt', 'LICENSE', 'README.md']),
  )
})
