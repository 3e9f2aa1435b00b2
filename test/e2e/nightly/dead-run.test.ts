import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { readUser, s3Client } from '../../support/describe-aws'
import { openSandbox } from '../sandbox'

const BUCKET = 'acme-dead-run'

// Terraform saves its state every 20 s: what it has made by then is known to nobody.
test.each([
  'aws_s3_bucket.store: Creation complete',
  'aws_iam_user.store: Creation complete',
  'aws_iam_role.multipart: Creation complete',
  'aws_iam_access_key.store["1"]: Creation complete',
])('killed at "%s", the next run, started at once, ends well without a person', async (moment) => {
  const sandbox = await openSandbox(BUCKET)
  try {
    const killed = await sandbox.step(
      {},
      {
        onLine: (line, kill) => {
          if (line.includes(moment)) kill('SIGKILL')
        },
      },
    )
    expect(killed.exitCode).not.toBe(0)
    expect(sandbox.storesPosted()).toBe(0)

    const next = await sandbox.step({})
    expect(next).toMatchObject({ exitCode: 0, outputs: { 'store-action': 'created' } })
    const { keys } = await readUser(sandbox.emulator, `valohai-${BUCKET}`)
    expect(keys.map(({ AccessKeyId }) => AccessKeyId)).toEqual([
      sandbox.valohai.state.stores[0]?.configuration.access_key_id,
    ])
    const { Contents = [] } = await s3Client(sandbox.emulator).send(
      new ListObjectsV2Command({ Bucket: `${BUCKET}-tfstate` }),
    )
    expect(Contents.map(({ Key }) => Key).filter((key) => key?.endsWith('.tflock'))).toEqual([])

    const again = await sandbox.step({})
    expect(again).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
  } finally {
    await sandbox.close()
  }
})
