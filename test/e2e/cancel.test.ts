import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { readBucket, s3Client } from '../support/describe-aws'
import { openSandbox } from './sandbox'

const stateOf = async (emulator: { url: string }, bucket: string) => {
  const s3 = s3Client(emulator)
  const Bucket = `${bucket}-tfstate`
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `valohai-s3/${bucket}.tfstate` }))
  const state = JSON.parse((await Body?.transformToString()) ?? '{}') as { resources: { type: string }[] }
  return { keys: Contents.map(({ Key }) => Key), types: state.resources.map(({ type }) => type) }
}

// As a person's Ctrl-C, as a runner's end, and as a runner whose first signal is not enough for it.
test.concurrent.each([
  ['SIGINT', ['SIGINT']],
  ['SIGTERM', ['SIGTERM']],
  ['SIGINT and then SIGTERM', ['SIGINT', 'SIGTERM']],
] as const)(
  '%s in the middle of an apply: state saved, locks gone, the next run completes',
  async (name, signals) => {
    const bucket = `acme-${name.toLowerCase().replaceAll(' ', '-')}`
    const sandbox = await openSandbox(bucket)
    try {
      const cancelled = await sandbox.step(
        // Terraform is busy with the rule's creation for 55 s.
        { 'abort-multipart-days': '7' },
        {
          onLine: (line, kill) => {
            if (!line.includes('lifecycle_configuration.store: Still creating')) return
            signals.forEach((signal, index) => setTimeout(() => kill(signal), index * 300))
          },
        },
      )
      expect(cancelled.exitCode).toBe(1)
      expect(cancelled.stdout).toContain('The run was cancelled')
      expect(cancelled.stdout).toContain('aws_s3_bucket.store, made by this run.')

      const { keys, types } = await stateOf(sandbox.emulator, bucket)
      expect(keys).toEqual([`valohai-s3/${bucket}.tfstate`])
      expect(types).toEqual(expect.arrayContaining(['aws_s3_bucket', 'aws_iam_user', 'aws_iam_access_key']))
      expect(sandbox.valohai.state.stores).toEqual([])

      expect(await sandbox.step({ 'abort-multipart-days': '7' })).toMatchObject({
        exitCode: 0,
        outputs: { 'store-action': 'created', 'default-store': 'true' },
      })
      expect((await readBucket(sandbox.emulator, bucket)).lifecycle).toHaveLength(1)
    } finally {
      await sandbox.close()
    }
  },
)
