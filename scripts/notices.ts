import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/**
 * The licences of every package whose code is in the bundle.
 *
 * @param inputs the files that were bundled, relative to the project
 * @throws where a package has no licence text and names none: it must not be shipped
 */
export async function notices(inputs: readonly string[]): Promise<string> {
  const directories = new Set(inputs.flatMap((input) => packageDirectory(input) ?? []))
  const sections = await Promise.all([...directories].sort().map(section))
  return [
    'The bundles in this directory contain the packages below, unchanged, under their own licences.',
    'The source of each is on the npm registry under its name and version.',
    '',
    ...sections,
  ].join('\n')
}

function packageDirectory(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
}

async function section(directory: string): Promise<string> {
  const { name, version, license } = JSON.parse(
    await readFile(path.join(directory, 'package.json'), 'utf8'),
  ) as {
    name: string
    version: string
    license?: string
  }
  const file = (await readdir(directory)).sort().find((entry) => /^(licen[cs]e|copying)/i.test(entry))
  const text = file === undefined ? '' : (await readFile(path.join(directory, file), 'utf8')).trim()
  if (text === '' && license === undefined) throw new Error(`${name} ${version} has no licence.`)
  return ['='.repeat(80), `${name} ${version} (${license ?? 'see below'})`, '', text, ''].join('\n')
}
