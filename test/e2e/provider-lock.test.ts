import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AWS_PROVIDER_VERSION } from '../../src/config/versions'
import { providerLock } from '../../src/export/provider-lock'
import { terraformEnvironment } from '../support/terraform-environment'
import { CACHE } from './sandbox'

/** How `init` ends with a lock file that it may not change. */
function init(lock: string): { readonly status: number | null; readonly stderr: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-lock-'))
  try {
    const aws = { source: 'hashicorp/aws', version: AWS_PROVIDER_VERSION }
    writeFileSync(
      path.join(directory, 'main.tf.json'),
      JSON.stringify({ terraform: { required_providers: { aws } } }),
    )
    writeFileSync(path.join(directory, '.terraform.lock.hcl'), lock)
    return spawnSync('terraform', ['init', '-input=false', '-no-color', '-lockfile=readonly'], {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, ...terraformEnvironment(CACHE), CHECKPOINT_DISABLE: '1' },
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const lock = providerLock(AWS_PROVIDER_VERSION).get('.terraform.lock.hcl') ?? ''

test("an exported root's checksums are those of the provider that is installed", () => {
  expect(init(lock)).toMatchObject({ status: 0 })
})

test('with other checksums it is refused', () => {
  const others = lock.replaceAll(/(?<="(h1|zh):)./g, (first) => (first === '0' ? '1' : '0'))
  const { status, stderr } = init(others)
  expect(status).toBe(1)
  expect(stderr).toContain('checksums')
})
