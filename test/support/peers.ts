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

/** `describe` for tests that need the tool. Where it is not installed, a test of that name says so on stderr. */
export function describeWith(name: string, tests: (program: string) => void): void {
  const program = findPeer(name)
  describe(name, () => {
    if (program !== undefined) tests(program)
    else
      test('is not installed', () => {
        process.stderr.write(
          `${name} is not installed, so nothing is tested with it: scripts/peers.sh ${name}\n`,
        )
        expect(findPeer(name)).toBeUndefined()
      })
  })
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
