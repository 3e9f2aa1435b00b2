/** Shows the whole thing without any account: the bundle, run twice, on an AWS emulator and a stand-in for Valohai. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describeStore } from './describe-aws'
import { runStep, type StepResult } from './action-runner'
import { startEmulator } from './emulator'
import { terraformEnvironment } from './terraform-environment'
import { startValohaiStandIn } from './valohai-stand-in'

const CACHE = path.resolve(__dirname, '..', '..', '.cache')
const BUCKET = 'my-valohai-bucket'

async function demo(): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-demo-'))
  const emulator = await startEmulator(CACHE)
  const valohai = await startValohaiStandIn({ s3Endpoint: emulator.url })
  const step = (title: string): Promise<StepResult> => {
    heading(title)
    return runStep({
      directory,
      environment: { ...emulator.environment, ...terraformEnvironment(CACHE) },
      inputs: {
        bucket: BUCKET,
        region: 'eu-west-1',
        'valohai-project': 'acme/churn-model',
        'valohai-token': valohai.token,
        'valohai-url': valohai.url,
        tags: 'team=ml\ncost-center=1234',
      },
      onLine: (line) => {
        const shown = forTerminal(line)
        if (shown !== undefined) console.log(shown)
      },
    })
  }
  try {
    const first = await step('First run: from nothing to the default store')
    showOutputs(first)
    if (first.exitCode !== 0) throw new Error('The first run failed.')

    heading('What stands in AWS, as the AWS SDK reads it')
    console.log(await describeStore(emulator, BUCKET))
    heading('What stands in Valohai')
    for (const { configuration, ...store } of valohai.state.stores) {
      const shown = { ...configuration, secret_access_key: '***' }
      console.log(JSON.stringify({ store: { ...store, configuration: shown } }, null, 2))
    }
    console.log(`Default store of acme/churn-model: ${String(valohai.state.projects[0]?.default_store)}`)

    const second = await step('Second run: nothing to change')
    showOutputs(second)
    const { outputs } = second
    if (second.exitCode !== 0 || outputs.changes !== 'false' || outputs['store-action'] !== 'unchanged') {
      throw new Error('The second run was to change nothing.')
    }
    const made = valohai.state.requests.filter(
      ({ method, path: at }) => method === 'POST' && at.endsWith('/stores/'),
    )
    console.log(
      `\nThe store is the default, and the second run changed nothing. POST stores/ in all: ${made.length}.`,
    )
  } finally {
    await valohai.close()
    await emulator.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

function heading(text: string): void {
  console.log(`\n━━━ ${text} ${'━'.repeat(Math.max(3, 90 - text.length))}\n`)
}

/** The runner's commands as its log shows them. */
function forTerminal(line: string): string | undefined {
  if (line.startsWith('::add-mask::') || line === '::endgroup::' || line === '') return undefined
  if (line.startsWith('::group::')) return `▸ ${line.slice('::group::'.length)}`
  return line.startsWith('✓') || line.startsWith('✗') ? line : `    ${line}`
}

function showOutputs({ outputs }: StepResult): void {
  console.log('\nOutputs:')
  for (const [name, value] of Object.entries(outputs)) console.log(`    ${name}=${value}`)
}

demo().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
