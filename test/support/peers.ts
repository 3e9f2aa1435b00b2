import { accessSync, constants } from 'node:fs'
import path from 'node:path'

const PEERS = path.resolve(__dirname, '..', '..', '.cache', 'peers', 'bin')

/**
 * Where a tool of others is that we run on what we export: in the project's cache, where `scripts/peers.sh`
 * puts it, or on PATH; `undefined` where it is not installed.
 *
 * @throws where it is not installed and `VALOHAI_S3_PEERS=required` says that it must be, as the nightly run does
 */
export function findPeer(name: string): string | undefined {
  const directories = [PEERS, ...(process.env.PATH ?? '').split(path.delimiter)]
  const found = directories.map((directory) => path.join(directory, name)).find(isExecutable)
  if (found === undefined && process.env.VALOHAI_S3_PEERS === 'required') {
    throw new Error(`${name} is not installed. Install it with scripts/peers.sh ${name}.`)
  }
  return found
}

/** `describe` for tests that need the tool; without it they are reported as skipped, and why. */
export function describeWith(name: string, tests: (program: string) => void): void {
  const program = findPeer(name)
  if (program !== undefined) describe(name, () => tests(program))
  else describe.skip(`${name} is not here (scripts/peers.sh ${name})`, () => tests(name))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
