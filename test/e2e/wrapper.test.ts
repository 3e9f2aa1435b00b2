import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openSandbox } from './sandbox'

test("setup-terraform's wrapper is bypassed, exit code 2 is seen, and Terraform gets no token", async () => {
  const sandbox = await openSandbox('acme-wrapper', { ownProvider: true })
  try {
    // As setup-terraform leaves it: the wrapper first on PATH, which hides exit codes and publishes stdout.
    const directory = path.join(sandbox.directory, 'setup-terraform')
    mkdirSync(directory)
    const real = execFileSync('sh', ['-c', 'command -v terraform'], { encoding: 'utf8' }).trim()
    const environment = path.join(sandbox.directory, 'environment-of-terraform')
    writeFileSync(
      path.join(directory, 'terraform-bin'),
      `#!/bin/sh\nenv >> ${environment}\nexec ${real} "$@"\n`,
    )
    chmodSync(path.join(directory, 'terraform-bin'), 0o755)
    const started = path.join(sandbox.directory, 'wrapper-was-started')
    writeFileSync(
      path.join(directory, 'terraform'),
      `#!/bin/sh\ntouch ${started}\n${directory}/terraform-bin "$@"\nexit 0\n`,
    )
    chmodSync(path.join(directory, 'terraform'), 0o755)

    const step = await sandbox.step(
      { command: 'plan' },
      {
        environment: {
          ...sandbox.environment,
          PATH: `${directory}${path.delimiter}${process.env.PATH ?? ''}`,
          TERRAFORM_CLI_PATH: directory,
          VH_API_TOKEN: sandbox.valohai.token,
        },
      },
    )
    expect(step).toMatchObject({ exitCode: 0, outputs: { changes: 'true', 'to-add': '11' } })
    expect(existsSync(started)).toBe(false)
    // Nor does Terraform get what it has no use for.
    const seen = readFileSync(environment, 'utf8')
    expect(seen).toContain('TF_IN_AUTOMATION=1')
    expect(seen).not.toContain(sandbox.valohai.token)
    expect(seen).not.toContain('INPUT_')
  } finally {
    await sandbox.close()
  }
})
