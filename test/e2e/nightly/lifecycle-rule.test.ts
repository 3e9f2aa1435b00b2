import { readBucket } from '../../support/describe-aws'
import { openSandbox } from '../sandbox'

const BUCKET = 'acme-lifecycle-rule'

// On their first creation Terraform waits 55 s for such rules, in real S3 too, so every other test leaves them out.
test('unfinished uploads and old versions go after the days asked for, and a second run changes nothing', async () => {
  const sandbox = await openSandbox(BUCKET)
  try {
    const inputs = { 'abort-multipart-days': '5', versioning: 'true', 'noncurrent-days': '30' }
    expect(await sandbox.step(inputs)).toMatchObject({ exitCode: 0, outputs: { 'to-add': '13' } })
    const { versioning, lifecycle } = await readBucket(sandbox.emulator, BUCKET)
    expect(versioning).toBe('Enabled')
    expect(lifecycle).toHaveLength(2)
    expect(lifecycle).toContainEqual(
      expect.objectContaining({
        ID: 'abort-incomplete-multipart-uploads',
        Status: 'Enabled',
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 5 },
      }),
    )
    expect(lifecycle).toContainEqual(
      expect.objectContaining({
        ID: 'expire-noncurrent-versions',
        Status: 'Enabled',
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
      }),
    )
    // No rule takes a current object.
    for (const rule of lifecycle ?? []) expect(rule).not.toHaveProperty('Expiration')
    expect(await sandbox.step(inputs)).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
  } finally {
    await sandbox.close()
  }
})
