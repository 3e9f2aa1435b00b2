import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { faultsOf } from '../after-kill'
import { openIntercepted, type Intercepted } from '../intercepted'
import type { Passing, Verdict } from '../../support/proxy'

const BUCKET = 'acme-unsaved'
const CLI = path.resolve(__dirname, '..', '..', '..', 'dist', 'cli.js')

interface Ended {
  readonly exitCode: number
  readonly log: string
}

const asStep = async (sandbox: Intercepted): Promise<Ended> => {
  const { exitCode, stdout } = await sandbox.step({}, { environment: sandbox.environment })
  return { exitCode, log: stdout }
}

const asCommand = ({ directory, environment, valohai, valohaiUrl }: Intercepted): Promise<Ended> =>
  new Promise((resolve) => {
    const options = [
      ...['--bucket', BUCKET, '--region', 'eu-west-1', '--valohai-project', 'acme/churn-model'],
      ...['--valohai-url', valohaiUrl, '--abort-multipart-days', '0'],
    ]
    const { PATH, HOME } = process.env
    const own = { XDG_CACHE_HOME: path.join(directory, 'cache'), VALOHAI_TOKEN: valohai.token }
    const env = { PATH, HOME, ...environment, ...own }
    const child = execFile('node', [CLI, 'apply', ...options], { env }, (_error, _stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, log: stderr }),
    )
  })

// Neither door keeps the directory of a run that went well where nobody asked for it.
test.each([
  ['as a step', asStep],
  ['from the command line', asCommand],
])(
  '%s: a state that cannot be saved is kept, its place is told, and the next run goes on',
  async (_, run) => {
    const sandbox = await openIntercepted(BUCKET)
    try {
      const before = ({ method, url }: Passing): Verdict =>
        method === 'PUT' && /\.tfstate(\?|$)/.test(url) ? 403 : 'pass'
      const { exitCode, log } = await sandbox.through({ before }, () => run(sandbox))
      expect({ exitCode, log }).toMatchObject({ exitCode: 1 })
      const [, file = ''] = /it is kept in (\S+errored\.tfstate)/.exec(log) ?? []
      expect(existsSync(file)).toBe(true)

      const next = await sandbox.step({})
      expect(next).toMatchObject({ exitCode: 0, outputs: { 'store-action': 'created' } })
      expect(await faultsOf(sandbox, BUCKET, 1)).toEqual([])
      expect(await sandbox.step({})).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
    } finally {
      await sandbox.close()
    }
  },
)
