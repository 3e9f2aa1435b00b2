import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { runStep, type StepResult } from '../support/action-runner'
import { s3Client } from '../support/describe-aws'
import { writeExport } from '../support/exports'
import { startProxy, type Passing } from '../support/proxy'
import type { StandInStore } from '../support/valohai-stand-in'
import { filesBelow, openSandbox, shownLog, type Sandbox } from './sandbox'

const CLI = path.resolve(__dirname, '..', '..', 'dist', 'cli.js')
const LOG_SOCKETS = path.resolve(__dirname, '..', 'support', 'log-sockets.cjs')
const LINE = /^terraform output -json \| valohai-s3 (connect .*)$/m

/** An exported root that is applied, and `connect` by the line of its README. */
export interface Connecting {
  readonly sandbox: Sandbox
  readonly root: string
  terraform(args: readonly string[], cwd?: string): string
  /** What `terraform output -json` prints; the secrets in it are known from then on. */
  outputs(cwd?: string): string
  /** The README's line, after its pipe, where neither Terraform nor AWS credentials are. */
  connect(
    input?: string,
    more?: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<{ readonly exitCode: number | null; readonly text: string }>
  /** The same by the bundle of the Action, with these outputs. */
  step(file: string, inputs?: Readonly<Record<string, string>>): Promise<StepResult>
  onlyStore(): StandInStore
  /** Number of requests to Valohai so far that were no questions. */
  writes(): number
  /** Every secret that the outputs had so far. */
  readonly secrets: readonly string[]
  /** Where a secret was said, written or sent, besides to Valohai as that of a store. */
  leaks(): string[]
  close(): Promise<void>
}

export async function openConnecting(bucket: string): Promise<Connecting> {
  const sandbox = await openSandbox(bucket)
  const passed: Passing[] = []
  const aws = await startProxy(sandbox.emulator.url, { before: (request) => (passed.push(request), 'pass') })
  const root = writeExport(path.join(sandbox.directory, 'root'), {
    bucket,
    'abort-multipart-days': '0',
    'valohai-url': sandbox.valohai.url,
  })
  await s3Client(sandbox.emulator).send(
    new CreateBucketCommand({
      Bucket: `${bucket}-tfstate`,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  )
  const secrets: string[] = []
  const said: string[] = []
  const sockets = path.join(sandbox.directory, 'sockets.log')

  /** Neither Terraform nor anything of AWS is within reach, besides where the emulator stands in for it. */
  const bare = (): Record<string, string> => ({
    PATH: '/nonexistent',
    HOME: path.join(sandbox.directory, 'home'),
    AWS_ENDPOINT_URL: aws.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    VALOHAI_TOKEN: sandbox.valohai.token,
    NODE_OPTIONS: `--require ${LOG_SOCKETS}`,
    SOCKETS_LOG: sockets,
  })
  const terraform: Connecting['terraform'] = (args, cwd = root) =>
    execFileSync('terraform', args, {
      cwd,
      env: { ...process.env, CHECKPOINT_DISABLE: '1', ...sandbox.environment },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
  const outputs: Connecting['outputs'] = (cwd = root) => {
    const text = terraform(['output', '-json'], cwd)
    secrets.push(
      ...[...text.matchAll(/"secret_access_key":\s*(?:\{[^}]*"value":\s*)?"([^"]+)"/g)]
        .map(([, one]) => one!)
        // Of an object's outputs Terraform prints the types too.
        .filter((one) => one !== 'string'),
    )
    return text
  }
  terraform(['init', '-input=false'])
  terraform(['apply', '-input=false', '-auto-approve'])
  return {
    sandbox,
    root,
    terraform,
    outputs,
    secrets,
    // The stand-in answers in this process, so it must not be blocked.
    connect: async (input = outputs(), more = [], environment = {}) => {
      const [, line = ''] = LINE.exec(readFileSync(path.join(root, 'README.md'), 'utf8')) ?? []
      const child = spawn(process.execPath, [CLI, ...line.split(' '), ...more], {
        env: { ...bare(), ...environment },
        cwd: sandbox.directory,
      })
      let [stdout, stderr] = ['', '']
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
      child.stdin.on('error', () => undefined).end(input)
      const [exitCode] = (await once(child, 'close')) as [number | null]
      said.push(stdout, stderr)
      return { exitCode, text: `${stderr}\n${stdout}` }
    },
    step: async (file, inputs = {}) => {
      const result = await runStep({
        directory: sandbox.directory,
        environment: bare(),
        inputs: {
          command: 'connect',
          'valohai-project': 'acme/churn-model',
          'valohai-token': sandbox.valohai.token,
          'valohai-url': sandbox.valohai.url,
          'outputs-file': file,
          ...inputs,
        },
      })
      said.push(shownLog(result), result.stderr, result.summary, JSON.stringify(result.outputs))
      return result
    },
    onlyStore: () => {
      expect(sandbox.valohai.state.stores).toHaveLength(1)
      return sandbox.valohai.state.stores[0]!
    },
    writes: () => sandbox.valohai.state.requests.filter(({ method }) => method !== 'GET').length,
    leaks: () => {
      const { valohai } = sandbox
      const written = Object.entries(filesBelow(sandbox.directory))
        // Terraform's own states, and the outputs that a test wrote.
        .filter(([file]) => !/terraform\.tfstate|outputs\.json$/.test(file))
      const toValohai = valohai.state.requests.map(({ method, path: at, query, body, headers }) => {
        const isOfStore = at.includes('/stores/') && method !== 'GET'
        return [
          `${method} ${at}`,
          JSON.stringify([at, query, headers, isOfStore ? withoutSecret(body) : body]),
        ]
      })
      const places = [
        ...written,
        ...said.map((text, index) => [`said ${index}`, text]),
        ...passed.map((request) => [`${request.method} ${request.url} of AWS`, JSON.stringify(request)]),
        ...toValohai,
      ] as [string, string][]
      const found = secrets.flatMap((secret) =>
        places
          .filter(([, text]) => formsOf(secret).some((form) => text.includes(form)))
          .map(([name]) => name),
      )
      const known = [aws.url, valohai.url].map((url) => new URL(url).host)
      const reached = existsSync(sockets) ? readFileSync(sockets, 'utf8').trim().split('\n') : []
      expect(new Set(reached)).toEqual(new Set(known))
      return found
    },
    close: async () => {
      await aws.close()
      await sandbox.close()
    },
  }
}

/** As a secret may look where it was put into another text. */
const formsOf = (secret: string): string[] => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=*$/, ''),
  Buffer.from(secret).toString('base64url'),
  Buffer.from(secret).toString('hex'),
  encodeURIComponent(secret),
  secret.replaceAll('/', '\\/'),
]

/** A store's body less the one place that the secret is meant for. */
function withoutSecret(body: Readonly<Record<string, unknown>> | undefined): unknown {
  return JSON.parse(
    JSON.stringify(body ?? null, (name, value: unknown) =>
      name === 'secret_access_key' ? undefined : value,
    ),
  )
}
