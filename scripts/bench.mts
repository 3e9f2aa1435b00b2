/**
 * Measures, in one run on one machine: the whole process of `synth`, and `apply` against bare Terraform on
 * the same files and the same emulator. Prints the table that the README shows.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ACTIONS_NODE, runStep } from '../test/support/action-runner'
import { startEmulator } from '../test/support/emulator'
import { terraformEnvironment } from '../test/support/terraform-environment'
import { startValohaiStandIn } from '../test/support/valohai-stand-in'

const PROJECT = path.resolve(import.meta.dirname, '..')
const CACHE = path.join(PROJECT, '.cache')
const CLI = path.join(PROJECT, 'dist', 'cli.js')
const BUCKET = 'my-valohai-bucket'
const ROUNDS = Number(process.argv[2] ?? 3)

const directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-bench-'))
const emulator = await startEmulator(CACHE)
const valohai = await startValohaiStandIn({ s3Endpoint: emulator.url })
const environment = { ...emulator.environment, ...terraformEnvironment(CACHE) }

interface Sample {
  readonly name: string
  readonly seconds: number[]
}
const samples = new Map<string, Sample>()

async function measure(name: string, work: () => unknown): Promise<void> {
  const begin = performance.now()
  await work()
  const sample = samples.get(name) ?? { name, seconds: [] }
  sample.seconds.push((performance.now() - begin) / 1000)
  samples.set(name, sample)
  console.error(`${name}: ${sample.seconds.at(-1)?.toFixed(2)} s`)
}

function execute(program: string, args: readonly string[], cwd: string): void {
  const { status, stderr, stdout } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...environment, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' },
    encoding: 'utf8',
  })
  if (status !== 0 && status !== 2)
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`)
}

async function step(): Promise<string> {
  const { exitCode, stdout, outputs } = await runStep({
    directory,
    environment,
    inputs: {
      bucket: BUCKET,
      region: 'eu-west-1',
      'valohai-project': 'acme/churn-model',
      'valohai-token': valohai.token,
      'valohai-url': valohai.url,
    },
  })
  if (exitCode !== 0) throw new Error(stdout)
  return outputs['terraform-dir'] ?? ''
}

/** The same files, in a directory that Terraform has not seen. */
function freshCopy(of: string, name: string): string {
  const to = path.join(directory, name)
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to)
  for (const file of readdirSync(of))
    if (/\.tf(vars)?(\.json)?$/.test(file)) cpSync(path.join(of, file), path.join(to, file))
  return to
}

async function bare(name: string, files: string, apply: boolean): Promise<void> {
  const cwd = freshCopy(files, 'bare')
  await measure(name, () => {
    execute('terraform', ['init', '-input=false', '-no-color'], cwd)
    execute('terraform', ['plan', '-input=false', '-no-color', '-detailed-exitcode', '-out=tfplan'], cwd)
    if (apply) execute('terraform', ['apply', '-input=false', '-no-color', 'tfplan'], cwd)
  })
}

try {
  const synth = [
    CLI,
    'synth',
    '--bucket',
    BUCKET,
    '--region',
    'eu-west-1',
    '--force',
    '--out',
    path.join(directory, 'synth'),
  ]
  for (let round = 0; round < ROUNDS * 3; round++)
    await measure('synth', () => execute(ACTIONS_NODE, synth, directory))

  let files = ''
  for (let round = 0; round < ROUNDS; round++) {
    await emulator.reset()
    valohai.state.stores.length = 0
    await measure('apply', async () => {
      files = await step()
    })
    await measure('apply, nothing to change', step)
    await bare('bare, nothing to change', files, false)
    // Bare Terraform starts from the same nothing: only the state bucket, which it cannot make itself.
    await emulator.reset()
    await makeStateBucket()
    await bare('bare', files, true)
  }
  print()
} finally {
  await valohai.close()
  await emulator.close()
  rmSync(directory, { recursive: true, force: true })
}

async function makeStateBucket(): Promise<void> {
  const answer = await fetch(`${emulator.url}/${BUCKET}-tfstate`, {
    method: 'PUT',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=AKIADEPLOYER/20260101/eu-west-1/s3/aws4_request' },
    body: '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>',
  })
  if (!answer.ok) throw new Error(`The state bucket could not be made: ${await answer.text()}`)
}

function median(name: string): number {
  const seconds = [...(samples.get(name)?.seconds ?? [])].sort((a, b) => a - b)
  return seconds[Math.floor(seconds.length / 2)] ?? Number.NaN
}

function print(): void {
  const ratio = (ours: string, bareName: string): string => (median(ours) / median(bareName)).toFixed(2)
  const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const seconds = (name: string): string => `${median(name).toFixed(2)} s`
  console.log(
    [
      row('what', 'this', 'bare Terraform', 'ratio', 'goal'),
      row('---', '---', '---', '---', '---'),
      row('`synth`, whole process', seconds('synth'), '', '', '≤ 0.5 s'),
      row('`apply` from nothing', seconds('apply'), seconds('bare'), ratio('apply', 'bare'), '≤ 1.15'),
      row(
        '`apply`, nothing to change',
        seconds('apply, nothing to change'),
        seconds('bare, nothing to change'),
        ratio('apply, nothing to change', 'bare, nothing to change'),
        '≤ 1.15',
      ),
    ].join('\n'),
  )
}
