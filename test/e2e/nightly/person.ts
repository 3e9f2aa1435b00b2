import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ACTIONS_NODE } from '../../support/action-runner'
import { startIamGuard, type IamGuard } from '../../support/iam-guard'
import { opentofuEnvironment } from '../../support/opentofu-environment'
import { prepared } from '../../support/prepare'
import { startProvider } from '../../support/provider'
import { CACHE, openSandbox, type Sandbox } from '../sandbox'

const CLI = path.resolve(__dirname, '..', '..', '..', 'dist', 'cli.js')

/** Who may do everything. */
export const ADMINISTRATOR = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
}

/** Somebody who works through a README at a shell, with git, gpg, the AWS command line and Terraform. */
export interface Person {
  readonly sandbox: Sandbox
  /** Where all their directories are; one git repository. */
  readonly home: string
  /** Judges what they ask of AWS: everything is allowed, until it is given a policy. */
  readonly guard: IamGuard
  /** Runs lines as a shell does, in a directory below `home`. Fails the test where one fails. */
  sh(lines: string, directory: string): Promise<string>
  /** The same for lines that have to fail; returns all that was printed. */
  shInVain(lines: string, directory: string): Promise<string>
  close(): Promise<void>
}

/**
 * @param program Terraform's or OpenTofu's: a README's lines say `terraform`, and that it may be `tofu`
 */
export async function openPerson(bucket: string, program = 'terraform'): Promise<Person> {
  const isTofu = path.basename(program) === 'tofu'
  const sandbox = await openSandbox(bucket, { ownProvider: true })
  const guard = await startIamGuard(sandbox.emulator.url, 'AKIADEPLOYER', ADMINISTRATOR)
  const aws = { ...sandbox.environment, AWS_ENDPOINT_URL: guard.url }
  const provider = await startProvider(prepared().awsProvider, aws)
  const { TF_REATTACH_PROVIDERS: reattach = '', ...others } = provider.environment
  const home = mkdtempSync(path.join(tmpdir(), 'valohai-s3-person-'))
  const bin = path.join(home, 'bin')
  mkdirSync(bin)
  mkdirSync(path.join(home, 'gnupg'), { mode: 0o700 })
  const command = `#!/bin/sh\nexec '${ACTIONS_NODE}' '${CLI}' "$@"\n`
  writeFileSync(path.join(bin, 'valohai-s3'), command, { mode: 0o755 })
  const environment = {
    PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}`,
    HOME: home,
    GNUPGHOME: path.join(home, 'gnupg'),
    GIT_AUTHOR_NAME: 'me',
    GIT_AUTHOR_EMAIL: 'me@example.com',
    GIT_COMMITTER_NAME: 'me',
    GIT_COMMITTER_EMAIL: 'me@example.com',
    TF_INPUT: '0',
    TF_CLI_ARGS: '-no-color',
    CHECKPOINT_DISABLE: '1',
    ...aws,
    ...(isTofu && opentofuEnvironment(CACHE)),
    ...others,
    TF_REATTACH_PROVIDERS: isTofu
      ? reattach.replaceAll('registry.terraform.io', 'registry.opentofu.org')
      : reattach,
    VALOHAI_TOKEN: sandbox.valohai.token,
  }

  // The stand-in of Valohai answers in this process, so it must not be blocked.
  const run = async (
    lines: string,
    directory: string,
  ): Promise<{ status: number; stdout: string; text: string }> => {
    const written = isTofu ? lines.replaceAll(/\bterraform (?=[a-z])/g, `'${program}' `) : lines
    mkdirSync(path.join(home, directory), { recursive: true })
    const shell = spawn('bash', ['-eo', 'pipefail', '-c', written], {
      cwd: path.join(home, directory),
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    shell.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    shell.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    const [status] = (await once(shell, 'close')) as [number]
    return { status, stdout, text: `${stdout}${stderr}` }
  }
  const person: Person = {
    sandbox,
    home,
    guard,
    sh: async (lines, directory) => {
      const { status, stdout, text } = await run(lines, directory)
      expect({ lines, status, output: status === 0 ? '' : text }).toEqual({ lines, status: 0, output: '' })
      return stdout
    },
    shInVain: async (lines, directory) => {
      const { status, text } = await run(lines, directory)
      expect({ lines, failed: status !== 0, output: text }).toEqual({ lines, failed: true, output: text })
      return text
    },
    close: async () => {
      await run('gpgconf --kill all', '.')
      await provider.close()
      await guard.close()
      await sandbox.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
  await person.sh('git init -q', '.')
  await person.sh(
    'gpg --batch --quiet --passphrase "" --quick-generate-key me@example.com default default never',
    '.',
  )
  return person
}
