import { readBucket } from '../../support/describe-aws'
import { openSandbox } from '../sandbox'

const BUCKET = 'acme-lifecycle-rule'

// On its first creation Terraform waits 55 s for the rule, in real S3 too, so every other test leaves it out.
test('unfinished uploads are removed after the days asked for, and a second run changes nothing', async () => {
  const sandbox = await openSandbox(BUCKET)
  try {
    const inputs = { 'abort-multipart-days': '5', versioning: 'true' }
    expect(await sandbox.step(inputs)).toMatchObject({ exitCode: 0, outputs: { 'to-add': '13' } })
    const { lifecycle } = await readBucket(sandbox.emulator, BUCKET)
    expect(lifecycle).toEqual([
      expect.objectContaining({
        Status: 'Enabled',
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 5 },
      }),
    ])
    expect(lifecycle?.[0]).not.toHaveProperty('Expiration')
    expect(await sandbox.step(inputs)).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
  } finally {
    await sandbox.close()
  }
})
