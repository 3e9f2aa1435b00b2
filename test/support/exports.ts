import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { COMMANDS } from '../../src/commands'
import { parseRequest } from '../../src/config'
import { exportedFiles } from '../../src/export'

/** Writes what synth exports for these inputs of the Action, and returns the directory. */
export function writeExport(directory: string, inputs: Readonly<Record<string, string>>): string {
  const given: Readonly<Record<string, string>> = {
    command: 'synth',
    bucket: 'my-valohai-bucket',
    region: 'eu-west-1',
    ...inputs,
  }
  const { request } = parseRequest({ get: (name) => given[name], environment: {} }, COMMANDS)
  for (const [name, text] of exportedFiles(request)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true })
    writeFileSync(path.join(directory, name), text)
  }
  return directory
}
