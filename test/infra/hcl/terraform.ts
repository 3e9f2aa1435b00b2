import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** `terraform` without the settings of the person who runs the tests. */
function environment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' }
  delete env.TF_CLI_CONFIG_FILE
  return env
}

function inDirectory<T>(files: Readonly<Record<string, string>>, run: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'hcl-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
    return run(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** What `terraform fmt` would change in these texts, as a diff; empty when it would leave them alone. */
export function fmtDiff(texts: readonly string[]): string {
  const files = Object.fromEntries(texts.map((text, index) => [`sample-${index}.tf`, text]))
  return inDirectory(files, (directory) => {
    const result = spawnSync('terraform', ['fmt', '-check', '-diff', '-no-color', directory], {
      env: environment(),
      encoding: 'utf8',
    })
    if (result.error !== undefined) throw result.error
    return result.status === 0 ? '' : `${result.stdout}${result.stderr}`
  })
}

/** Evaluates an expression in a configuration of one file, with Terraform itself. */
export function evaluate(file: string, text: string, expression: string): unknown {
  return inDirectory({ [file]: text }, (directory) => {
    // Base64, since the console escapes what it prints.
    const output = execFileSync('terraform', ['console'], {
      cwd: directory,
      env: environment(),
      encoding: 'utf8',
      input: `base64encode(jsonencode(${expression}))\n`,
      maxBuffer: 64 * 1024 * 1024,
    })
    return JSON.parse(Buffer.from(output.trim().replace(/"/g, ''), 'base64').toString('utf8')) as unknown
  })
}
