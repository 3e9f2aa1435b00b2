import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openSandbox } from './sandbox'

test("setup-terraform's wrapper is bypassed, and exit code 2 is seen", async () => {
  const sandbox = await openSandbox('acme-wrapper')
  try {
    // As setup-terraform leaves it: the wrapper first on PATH, which hides exit codes and publishes stdout.
    const directory = path.join(sandbox.directory, 'setup-terraform')
    mkdirSync(directory)
    const real = execFileSync('sh', ['-c', 'command -v terraform'], { encoding: 'utf8' }).trim()
    symlinkSync(real, path.join(directory, 'terraform-bin'))
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
        },
      },
    )
    expect(step).toMatchObject({ exitCode: 0, outputs: { changes: 'true', 'to-add': '11' } })
    expect(existsSync(started)).toBe(false)
  } finally {
    await sandbox.close()
  }
})
