import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { Emulator } from '../support/emulator'
import { readBucket, readState, s3Client } from '../support/describe-aws'
import { startStall } from '../support/stall'
import { openSandbox } from './sandbox'

/** Keys of the state bucket, and the types of the resources in the state. */
async function stateOf(emulator: Emulator, bucket: string) {
  const s3 = s3Client(emulator)
  const Bucket = `${bucket}-tfstate`
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
  const state = JSON.parse(await readState(emulator, bucket)) as { resources: { type: string }[] }
  return { keys: Contents.map(({ Key }) => Key), types: state.resources.map(({ type }) => type) }
}

/**
 * Signals a run, one signal 300 ms after the other, while its Terraform waits for AWS: state saved, locks gone,
 * and the next run completes.
 */
export async function expectCleanCancel(bucket: string, signals: readonly NodeJS.Signals[]): Promise<void> {
  const sandbox = await openSandbox(bucket, { ownProvider: true })
  const stall = await startStall(
    sandbox.emulator.url,
    ({ method, url }) => method === 'PUT' && url.includes('?cors'),
  )
  const environment = { ...sandbox.environment, AWS_ENDPOINT_URL: stall.url }
  try {
    const cancelled = await sandbox.step(
      {},
      {
        environment,
        onLine: (line, kill) => {
          if (!line.includes('aws_iam_access_key.store["1"]: Creation complete')) return
          void stall.reached.then(() => {
            signals.forEach((signal, index) => setTimeout(() => kill(signal), index * 300))
          })
        },
      },
    )
    expect(cancelled.exitCode).toBe(1)
    expect(cancelled.stdout).toContain('The run was cancelled')
    expect(cancelled.stdout).toContain('aws_s3_bucket.store, made by this run.')

    const { keys, types } = await stateOf(sandbox.emulator, bucket)
    // Terraform's own lock is gone; the run's object stays, marked free.
    expect(keys).toEqual([`valohai-s3/${bucket}.tfstate`, `valohai-s3/${bucket}.tfstate.run-lock`])
    expect(types).toEqual(expect.arrayContaining(['aws_s3_bucket', 'aws_iam_user', 'aws_iam_access_key']))
    expect((await readBucket(sandbox.emulator, bucket)).cors).toBeUndefined()
    expect(sandbox.valohai.state.stores).toEqual([])

    const again = await sandbox.step({}, { environment })
    if (again.exitCode !== 0) throw new Error(again.stdout)
    expect(again).toMatchObject({
      exitCode: 0,
      outputs: { 'store-action': 'created', 'default-store': 'true' },
    })
    expect((await readBucket(sandbox.emulator, bucket)).cors).toHaveLength(2)
  } finally {
    await stall.close()
    await sandbox.close()
  }
}
