/**
 * Measures, in one run on one machine: the whole process of `synth`, and runs of the Action against bare
 * Terraform on the same files and the same emulator, side by side. Prints the table that the README shows.
 *
 * The lifecycle rule is off: its first creation takes 55 s in either, and would hide everything else.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { ACTIONS_NODE, runStep } from '../test/support/action-runner'
import { s3Client } from '../test/support/describe-aws'
import { startEmulator } from '../test/support/emulator'
import { terraformEnvironment } from '../test/support/terraform-environment'
import { startValohaiStandIn } from '../test/support/valohai-stand-in'

const PROJECT = path.resolve(import.meta.dirname, '..')
const CACHE = path.join(PROJECT, '.cache')
const CLI = path.join(PROJECT, 'dist', 'cli.js')
const BUCKET = 'my-valohai-bucket'
const ROUNDS = Number(process.argv[2] ?? 5)

/** What is compared: a run of ours with its inputs, and the bare commands that come to the same. */
interface Comparison {
  readonly name: string
  readonly inputs: Readonly<Record<string, string>>
  readonly bare: readonly (readonly string[])[]
  /** How many times as long as bare Terraform it may take. */
  readonly goal: string
}

const PLAN = ['plan', '-input=false', '-no-color', '-detailed-exitcode', '-out=tfplan']
const INIT = ['init', '-input=false', '-no-color']

const COMPARISONS = {
  nothing: {
    name: '`apply` from nothing',
    inputs: {},
    bare: [INIT, PLAN, ['apply', '-input=false', '-no-color', 'tfplan']],
    goal: '≤ 1.15',
  },
  unchanged: { name: '`apply`, nothing to change', inputs: {}, bare: [INIT, PLAN], goal: '≤ 1.05' },
  plan: {
    name: '`plan` with its diff',
    inputs: { command: 'plan', tags: 'team=ml' },
    bare: [INIT, PLAN, ['show', '-no-color', 'tfplan']],
    goal: '≤ 1.15',
  },
} as const satisfies Record<string, Comparison>

const directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-bench-'))
const emulator = await startEmulator(CACHE)
const valohai = await startValohaiStandIn({ s3Endpoint: emulator.url })
const environment = { ...emulator.environment, ...terraformEnvironment(CACHE) }
const samples = new Map<string, number[]>()

async function measure<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const begin = performance.now()
  const result = await work()
  const seconds = (performance.now() - begin) / 1000
  samples.set(name, [...(samples.get(name) ?? []), seconds])
  console.error(`${name}: ${seconds.toFixed(2)} s`)
  return result
}

function execute(program: string, args: readonly string[], cwd: string): void {
  const { status, stderr, stdout } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...environment, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' },
    encoding: 'utf8',
  })
  // With -detailed-exitcode, 2 tells of changes.
  if (status !== 0 && status !== 2)
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`)
}

/** Measures a run. Returns the directory of the Terraform that it ran. */
async function ours({ name, inputs }: Comparison): Promise<string> {
  const { exitCode, stdout, outputs } = await measure(name, () =>
    runStep({
      directory,
      environment,
      inputs: {
        bucket: BUCKET,
        region: 'eu-west-1',
        'valohai-project': 'acme/churn-model',
        'valohai-token': valohai.token,
        'valohai-url': valohai.url,
        'abort-multipart-days': '0',
        ...inputs,
      },
    }),
  )
  if (exitCode !== 0) throw new Error(stdout)
  return outputs['terraform-dir'] ?? ''
}

const bareName = ({ name }: Comparison): string => `${name}, bare Terraform`

/** Measures bare Terraform on the same files, in a directory that it has not seen. */
async function bare(comparison: Comparison, files: string): Promise<void> {
  const cwd = path.join(directory, 'bare')
  rmSync(cwd, { recursive: true, force: true })
  mkdirSync(cwd)
  for (const file of readdirSync(files))
    if (/\.tf(vars)?(\.json)?$/.test(file)) cpSync(path.join(files, file), path.join(cwd, file))
  await measure(bareName(comparison), () => {
    for (const args of comparison.bare) execute('terraform', args, cwd)
  })
}

async function round(): Promise<void> {
  const { nothing, unchanged, plan } = COMPARISONS
  await emulator.reset()
  valohai.state.stores.length = 0
  const files = await ours(nothing)
  for (const comparison of [unchanged, plan]) await bare(comparison, await ours(comparison))

  // Bare Terraform starts from the same nothing, besides the state bucket, which it cannot make itself.
  await emulator.reset()
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const
  await s3Client(emulator).send(
    new CreateBucketCommand({ Bucket: `${BUCKET}-tfstate`, CreateBucketConfiguration }),
  )
  await bare(nothing, files)
}

function median(name: string): number {
  const seconds = [...(samples.get(name) ?? [])].sort((a, b) => a - b)
  return seconds[Math.floor(seconds.length / 2)] ?? Number.NaN
}

function print(): void {
  const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const seconds = (name: string): string => `${median(name).toFixed(2)} s`
  const rows = Object.values(COMPARISONS).map((comparison) => {
    const { name, goal } = comparison
    const ratio = (median(name) / median(bareName(comparison))).toFixed(2)
    return row(name, seconds(name), seconds(bareName(comparison)), ratio, goal)
  })
  console.log(
    [
      row('what', 'this', 'bare Terraform', 'ratio', 'goal'),
      row('---', '---', '---', '---', '---'),
      row('`synth`, whole process', seconds('synth'), '', '', '≤ 0.5 s'),
      ...rows,
      '',
      `Medians of ${ROUNDS} rounds (${ROUNDS * 3} of \`synth\`), ${new Date().toISOString().slice(0, 10)}.`,
    ].join('\n'),
  )
}

const [load = 0] = loadavg()
if (load > availableParallelism() / 2)
  console.error(`This machine is busy (load ${load.toFixed(1)}): do not trust these figures.`)
try {
  const out = path.join(directory, 'synth')
  const synth = [CLI, 'synth', '--bucket', BUCKET, '--region', 'eu-west-1', '--force', '--out', out]
  for (let turn = 0; turn < ROUNDS * 3; turn++)
    await measure('synth', () => execute(ACTIONS_NODE, synth, directory))
  for (let turn = 0; turn < ROUNDS; turn++) await round()
  print()
} finally {
  await valohai.close()
  await emulator.close()
  rmSync(directory, { recursive: true, force: true })
}
