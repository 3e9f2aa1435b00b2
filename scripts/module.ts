import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { COMMANDS } from '../src/commands'
import { parseRequest } from '../src/config'
import { exportedFiles } from '../src/export'

const DIRECTORY = 'dist/module'

const SOURCE = 'github.com/org/valohai-s3-action//dist/module'

/** The bucket and the region are what the README's examples show; everything else is the inputs' default. */
const INPUTS: Readonly<Record<string, string>> = {
  command: 'synth',
  layout: 'module',
  bucket: 'my-valohai-bucket',
  region: 'eu-west-1',
}

/** Writes the module with its defaults, for people who call it from their own Terraform. Returns its directory. */
export async function writeModule(): Promise<string> {
  const { request } = parseRequest({ get: (name) => INPUTS[name], environment: {} }, COMMANDS)
  await rm(DIRECTORY, { recursive: true, force: true })
  for (const [name, text] of exportedFiles(request, { source: SOURCE })) {
    const file = path.join(DIRECTORY, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  return DIRECTORY
}
