import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { TerraformCli, type TerraformOptions } from '../../src/terraform/client'
import { TerraformError } from '../../src/terraform/diagnostics'
import { removeDirectories, temporaryDirectory, writeScript } from '../support/terraform-scripts'

/** What the fake does for one command, e.g. for `plan`. */
interface Answer {
  readonly stdout?: readonly (string | object)[]
  readonly stderr?: string
  readonly exitCode?: number
  /** Writes the file that `-out=` names, as a plan does. */
  readonly savesPlan?: boolean
  /** Goes on until SIGINT comes, and ends with this code then. */
  readonly untilInterrupted?: number
}

let directory: string
let program: string
let told: string[]
let warnings: string[]
let logged: string[]

/** Writes a program that records how it is called and answers as it is told to. */
function fakeTerraform(answers: Readonly<Record<string, Answer>>): void {
  program = writeScript(
    path.join(directory, 'bin', 'terraform'),
    `const fs = require('node:fs')
     const [command, ...args] = process.argv.slice(2)
     fs.appendFileSync(${JSON.stringify(path.join(directory, 'calls'))}, JSON.stringify({ command, args, environment: process.env, cwd: process.cwd() }) + '\\n')
     const answers = ${JSON.stringify(answers)}
     // By an argument, or by the command.
     const answer = answers[[...args, command].find((one) => answers[one] !== undefined)] ?? {}
     const out = args.find((one) => one.startsWith('-out='))
     if (answer.savesPlan) fs.writeFileSync(out.slice('-out='.length), 'a plan, with values')
     if (answer.untilInterrupted !== undefined) {
       const stop = setInterval(() => {}, 1000)
       process.on('SIGINT', () => { clearInterval(stop); process.exitCode = answer.untilInterrupted })
     }
     for (const line of answer.stdout ?? []) console.log(typeof line === 'string' ? line : JSON.stringify(line))
     if (answer.stderr) process.stderr.write(answer.stderr)
     process.exitCode = answer.exitCode ?? 0`,
  )
}

interface Call {
  readonly command: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly cwd: string
}

const calls = (): Call[] =>
  readFileSync(path.join(directory, 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Call)

const client = (options: Partial<TerraformOptions> = {}): TerraformCli =>
  new TerraformCli({
    program: { path: program, version: '1.11.4' },
    directory,
    environment: { PATH: process.env.PATH, AWS_REGION: 'eu-west-1', TF_IN_AUTOMATION: '0', TF_INPUT: '1' },
    lockTimeout: '7m',
    info: (message) => told.push(message),
    warning: (message) => warnings.push(message),
    debug: (message) => logged.push(message),
    ...options,
  })

const diagnostic = (severity: string, summary: string, more: object = {}): object => ({
  type: 'diagnostic',
  diagnostic: { severity, summary, ...more },
})

const planned = (addr: string, action: string): object => ({
  type: 'planned_change',
  change: { resource: { addr, resource_type: addr.split('.')[0] }, action },
})

const applied = (addr: string, action: string): object => ({
  type: 'apply_complete',
  '@message': `${addr}: ${action} complete`,
  hook: { resource: { addr }, action },
})

beforeEach(() => {
  directory = temporaryDirectory()
  told = []
  warnings = []
  logged = []
})

afterEach(removeDirectories)

it('is killed where another run works on the state by now, and the reason is what is told', async () => {
  fakeTerraform({ apply: { stdout: [applied('aws_s3_bucket.store', 'create')], untilInterrupted: 0 } })
  const lost = new AbortController()
  const terraform = client({ kill: lost.signal })
  const applying = terraform.apply(() => lost.abort(new Error('another run took over')))
  await expect(applying).rejects.toThrow('another run took over')
  await expect(terraform.plan({ lock: true })).rejects.toThrow('another run took over')
  expect(calls().map(({ command }) => command)).toEqual(['apply'])
})

describe('a lock on the state', () => {
  const LOCKED = { stdout: [diagnostic('error', 'Error acquiring the state lock')], exitCode: 1 }
  const ended = (): string[] =>
    calls().map(({ command, args }) =>
      [command, args.find((one) => /lock-timeout|own/.test(one)) ?? ''].join(' ').trim(),
    )

  it("that is this run's, whose answer was lost, is released, and the command is run again", async () => {
    fakeTerraform({ '-lock-timeout=10s': LOCKED })
    const terraform = client({ ownLock: () => Promise.resolve('our-own') })
    await terraform.plan({ lock: true })
    await terraform.apply(() => undefined)
    expect(ended()).toEqual([
      'plan -lock-timeout=10s',
      'force-unlock our-own',
      'plan -lock-timeout=7m',
      'apply -lock-timeout=10s',
      'force-unlock our-own',
      'apply -lock-timeout=7m',
    ])
    expect(told.join()).toContain("Released Terraform's lock our-own")
  })

  it("that is somebody's is waited for, and never released", async () => {
    fakeTerraform({ plan: LOCKED })
    const terraform = client({ ownLock: () => Promise.resolve(undefined) })
    await expect(terraform.plan({ lock: true })).rejects.toThrow('Error acquiring the state lock')
    expect(ended()).toEqual(['plan -lock-timeout=10s', 'plan -lock-timeout=7m'])
  })

  it('is no matter of another failure, which is told at once', async () => {
    fakeTerraform({ plan: { stdout: [diagnostic('error', 'No valid credential')], exitCode: 1 } })
    await expect(client().plan({ lock: true })).rejects.toThrow('No valid credential')
    expect(ended()).toEqual(['plan -lock-timeout=10s'])
  })
})

describe('the arguments of', () => {
  it.each<[string, (terraform: TerraformCli) => Promise<unknown>, string[]]>([
    ['init', (terraform) => terraform.init(), ['-json', '-input=false']],
    ['state', (terraform) => terraform.pull(), ['pull']],
    [
      'plan',
      (terraform) => terraform.plan({ lock: true }),
      ['-json', '-input=false', '-detailed-exitcode', '-out=plan.tfplan', '-lock-timeout=10s'],
    ],
    [
      'plan',
      (terraform) => terraform.plan({ lock: false, targets: ['aws_iam_access_key.store["2"]', 'a.b'] }),
      [
        '-json',
        '-input=false',
        '-detailed-exitcode',
        '-out=plan.tfplan',
        '-lock=false',
        '-target=aws_iam_access_key.store["2"]',
        '-target=a.b',
      ],
    ],
    ['show', (terraform) => terraform.show(), ['-no-color', 'plan.tfplan']],
    [
      'apply',
      (terraform) => terraform.apply(() => undefined),
      ['-json', '-input=false', '-lock-timeout=10s', 'plan.tfplan'],
    ],
  ])('%s', async (command, work, args) => {
    fakeTerraform({})
    await work(client())
    expect(calls()).toMatchObject([{ command, args, cwd: directory }])
    // The caller's environment, besides what makes Terraform ask questions or call home.
    expect(calls()[0]?.environment).toMatchObject({
      AWS_REGION: 'eu-west-1',
      TF_IN_AUTOMATION: '1',
      TF_INPUT: '0',
      CHECKPOINT_DISABLE: '1',
    })
    expect(calls()[0]?.environment).not.toHaveProperty('HOME')
  })
})

describe('plan', () => {
  const stdout = [
    { type: 'version', terraform: '1.11.4' },
    planned('aws_s3_bucket.store', 'create'),
    planned('aws_iam_access_key.store["1"]', 'update'),
    { type: 'change_summary', changes: { add: 1, change: 1, remove: 0, import: 0, operation: 'plan' } },
  ]

  it('tells what changes', async () => {
    fakeTerraform({ plan: { stdout, exitCode: 2 } })
    await expect(client().plan({ lock: true })).resolves.toEqual({
      hasChanges: true,
      toAdd: 1,
      toChange: 1,
      toDestroy: 0,
      changes: [
        { address: 'aws_s3_bucket.store', type: 'aws_s3_bucket', action: 'create' },
        { address: 'aws_iam_access_key.store["1"]', type: 'aws_iam_access_key', action: 'update' },
      ],
    })
  })

  it.each([
    [0, false],
    [2, true],
  ])('goes by the exit code, as outputs alone may change: %d', async (exitCode, hasChanges) => {
    fakeTerraform({ plan: { exitCode } })
    const plan = await client().plan({ lock: false })
    expect(plan).toEqual({ hasChanges, toAdd: 0, toChange: 0, toDestroy: 0, changes: [] })
  })

  it('tells in our words that Terraform refused to destroy the bucket', async () => {
    const detail = 'Resource aws_s3_bucket.store has lifecycle.prevent_destroy set, but …'
    fakeTerraform({
      plan: {
        stdout: [...stdout, diagnostic('error', 'Instance cannot be destroyed', { detail })],
        exitCode: 1,
      },
    })
    await expect(client().plan({ lock: true })).rejects.toThrow(
      'The plan would delete or replace the bucket (aws_s3_bucket.store)',
    )
  })
})

it('the state, which may hold secrets, never reaches the log', async () => {
  fakeTerraform({ state: { stdout: ['{', '  "version": 4', '}'] } })
  await expect(client().pull()).resolves.toBe('{\n  "version": 4\n}')
  expect([told, warnings]).toEqual([[], []])
})

it('show gives the text of the plan', async () => {
  fakeTerraform({ show: { stdout: ['', 'Terraform will perform …', '  + bucket', ''] } })
  await expect(client().show()).resolves.toBe('Terraform will perform …\n  + bucket')
})

describe('apply', () => {
  const saved = (): string => path.join(directory, 'plan.tfplan')

  it('tells what is made as it is made, and nothing else', async () => {
    const stdout = [
      applied('aws_s3_bucket.store', 'create'),
      applied('aws_iam_user.store', 'update'),
      applied('aws_iam_access_key.store["1"]', 'delete'),
      applied('data.aws_region.current', 'read'),
    ]
    fakeTerraform({ apply: { stdout } })
    const made: string[] = []
    await client().apply((address) => made.push(address))
    expect(made).toEqual(['aws_s3_bucket.store'])
    expect(told).toEqual([
      'aws_s3_bucket.store: create complete',
      'aws_iam_user.store: update complete',
      'aws_iam_access_key.store["1"]: delete complete',
    ])
  })

  it('tells what was made before it failed', async () => {
    const stdout = [applied('aws_s3_bucket.store', 'create'), diagnostic('error', 'No rights')]
    fakeTerraform({ apply: { stdout, exitCode: 1 } })
    const made: string[] = []
    await expect(client().apply((address) => made.push(address))).rejects.toThrow('No rights')
    expect(made).toEqual(['aws_s3_bucket.store'])
  })

  it.each([0, 1])(
    'removes the saved plan, whose values are nobody else’s business (exit code %d)',
    async (exitCode) => {
      fakeTerraform({ plan: { savesPlan: true, exitCode: 2 }, apply: { exitCode } })
      const terraform = client()
      await terraform.plan({ lock: true })
      expect(existsSync(saved())).toBe(true)
      await terraform.apply(() => undefined).catch(() => undefined)
      expect(existsSync(saved())).toBe(false)
    },
  )

  it('leaves the other files alone', async () => {
    fakeTerraform({})
    writeFileSync(path.join(directory, 'main.tf'), '')
    await client().apply(() => undefined)
    expect(existsSync(path.join(directory, 'main.tf'))).toBe(true)
  })
})

describe('a command that fails', () => {
  it('gives all of its errors, and the resource of each', async () => {
    const stdout = [
      diagnostic('error', 'creating S3 Bucket: AccessDenied', {
        address: 'aws_s3_bucket.store',
        detail: 'why',
      }),
      diagnostic('warning', 'Deprecated'),
      diagnostic('error', 'creating IAM User: EntityAlreadyExists', { address: 'aws_iam_user.store' }),
    ]
    fakeTerraform({ apply: { stdout, exitCode: 1 } })
    const error = await client()
      .apply(() => undefined)
      .catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(TerraformError)
    expect((error as Error).message).toBe(
      [
        'terraform apply failed.',
        'aws_s3_bucket.store: creating S3 Bucket: AccessDenied',
        '  why',
        'aws_iam_user.store: creating IAM User: EntityAlreadyExists',
      ].join('\n'),
    )
  })

  it.each<[string, (terraform: TerraformCli) => Promise<unknown>]>([
    ['init', (terraform) => terraform.init()],
    ['state', (terraform) => terraform.pull()],
    ['plan', (terraform) => terraform.plan({ lock: false })],
    ['show', (terraform) => terraform.show()],
    ['apply', (terraform) => terraform.apply(() => undefined)],
  ])('shows stderr where the stream has no error: %s', async (command, work) => {
    fakeTerraform({ [command]: { stderr: 'panic: it broke', exitCode: 11 } })
    await expect(work(client())).rejects.toThrow(`terraform ${command} failed.\npanic: it broke`)
  })

  it.each<[string, (terraform: TerraformCli) => Promise<unknown>]>([
    ['init', (terraform) => terraform.init()],
    ['state', (terraform) => terraform.pull()],
    ['apply', (terraform) => terraform.apply(() => undefined)],
  ])('only of a plan is the exit code 2 a success: %s', async (command, work) => {
    fakeTerraform({ [command]: { stdout: ['{}'], exitCode: 2 } })
    await expect(work(client())).rejects.toThrow(TerraformError)
  })
})

describe('warnings', () => {
  const stdout = [
    diagnostic('warning', 'Deprecated', { detail: 'Soon gone.' }),
    diagnostic('warning', 'Deprecated', { detail: 'Soon gone.' }),
    diagnostic('warning', 'Deprecated', { detail: 'Soon gone.', address: 'aws_s3_bucket.store' }),
    diagnostic('warning', 'Incomplete lock file information for providers', { detail: 'linux only' }),
    diagnostic('warning', 'Resource targeting is in effect'),
    diagnostic('warning', 'Applied changes may be incomplete'),
  ]

  it('are passed on once a run, not once a command', async () => {
    fakeTerraform({ plan: { stdout }, apply: { stdout } })
    const terraform = client()
    await terraform.plan({ lock: true })
    await terraform.apply(() => undefined)
    expect(warnings).toEqual(['Deprecated\n  Soon gone.', 'aws_s3_bucket.store: Deprecated\n  Soon gone.'])
  })

  it('are no errors', async () => {
    fakeTerraform({ plan: { stdout, exitCode: 1, stderr: 'the reason' } })
    await expect(client().plan({ lock: true })).rejects.toThrow(/^terraform plan failed\.\nthe reason$/)
  })
})

it('a cancelled run stops the command and fails, with what Terraform said', async () => {
  const controller = new AbortController()
  const stdout = [applied('aws_s3_bucket.store', 'create'), diagnostic('error', 'execution halted')]
  fakeTerraform({ apply: { stdout, untilInterrupted: 1 } })
  const made: string[] = []
  const terraform = client({ signal: controller.signal })
  const apply = terraform.apply((address) => {
    made.push(address)
    controller.abort()
  })
  await expect(apply).rejects.toThrow('execution halted')
  expect(made).toEqual(['aws_s3_bucket.store'])
})

describe('what Terraform logs', () => {
  const stderr = '2026-11-25T23:32:10.702Z [DEBUG] asks\n  body=\n  | <x/>\nError: no state\n'

  it('is told as such, and is no part of a failure', async () => {
    fakeTerraform({ state: { stderr, exitCode: 1 } })
    await expect(client().pull()).rejects.toThrow(/^terraform state failed\.\nError: no state$/)
    expect(logged).toEqual(['2026-11-25T23:32:10.702Z [DEBUG] asks', '  body=', '  | <x/>'])
  })
})

describe('a provider that cannot be had', () => {
  it('is told of with the way to a mirror, in the words of the Terraform that is there', async () => {
    const aws = { source: 'hashicorp/aws', version: '5.100.0' }
    const configuration = { terraform: { required_providers: { aws } } }
    writeFileSync(path.join(directory, 'main.tf.json'), JSON.stringify(configuration))
    // A mirror on a port that nobody listens at.
    const rc = path.join(directory, 'terraform.rc')
    writeFileSync(
      rc,
      'provider_installation {\n  network_mirror {\n    url = "https://127.0.0.1:9/"\n  }\n}\n',
    )
    const terraform = client({
      program: { path: 'terraform', version: '1.11.4' },
      environment: { PATH: process.env.PATH, TF_CLI_CONFIG_FILE: rc },
    })
    const message = await terraform.init().catch(String)
    expect(message).toContain('Failed to query available provider packages')
    expect(message).toContain('network_mirror or filesystem_mirror')
    expect(message).toContain('TF_CLI_CONFIG_FILE')
  })

  it('is not what another failure is told with', async () => {
    fakeTerraform({ init: { stdout: [diagnostic('error', 'Backend initialization required')], exitCode: 1 } })
    expect(await client().init().catch(String)).not.toContain('mirror')
  })
})
