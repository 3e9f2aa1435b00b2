import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { readUser, s3Client } from '../support/describe-aws'
import { openSandbox, type Sandbox } from './sandbox'

const BUCKET = 'acme-together'
const STATE = `${BUCKET}-tfstate`

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await openSandbox(BUCKET)
})

afterAll(() => sandbox.close())

/** Keys of the state bucket: the state, and its locks. */
const stateKeys = async (): Promise<(string | undefined)[]> => {
  const { Contents = [] } = await s3Client(sandbox.emulator).send(new ListObjectsV2Command({ Bucket: STATE }))
  return Contents.map(({ Key }) => Key)
}

test('of two runs at once on one state one waits, and both end well', async () => {
  const steps = await Promise.all([sandbox.step({}), sandbox.step({})])
  expect(steps.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  expect(steps.filter(({ stdout }) => stdout.includes('Another run holds the lock since'))).toHaveLength(1)
  expect(steps.map(({ outputs }) => outputs['store-action']).sort()).toEqual(['created', 'unchanged'])
  expect(sandbox.storesPosted()).toBe(1)
  const { keys } = await readUser(sandbox.emulator, `valohai-${BUCKET}`)
  expect(keys.map(({ AccessKeyId }) => AccessKeyId)).toEqual([
    sandbox.valohai.state.stores[0]?.configuration.access_key_id,
  ])
  // The run lock's object stays, and says that it is free.
  const lock = `valohai-s3/${BUCKET}.tfstate.run-lock`
  expect(await stateKeys()).toEqual([`valohai-s3/${BUCKET}.tfstate`, lock])
  const { Body } = await s3Client(sandbox.emulator).send(new GetObjectCommand({ Bucket: STATE, Key: lock }))
  expect(JSON.parse((await Body?.transformToString()) ?? '')).toMatchObject({ isHeld: false })
})

test("a lock of Terraform's own, held by hand, is waited for, and the wait is told of", async () => {
  const s3 = s3Client(sandbox.emulator)
  const lock = { Bucket: STATE, Key: `valohai-s3/${BUCKET}.tfstate.tflock` }
  const info = {
    ID: 'lock-id',
    Operation: 'OperationTypeApply',
    Who: 'alice@laptop',
    Version: '1.11.4',
    Created: '2026-01-02T03:04:05Z',
  }
  await s3.send(new PutObjectCommand({ ...lock, Body: JSON.stringify(info) }))
  let told = 0
  const step = await sandbox.step(
    {},
    {
      onLine: (line) => {
        if (!line.includes('Acquiring state lock')) return
        told += 1
        if (told === 1) void s3.send(new DeleteObjectCommand(lock))
      },
    },
  )
  expect(step).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
  expect(told).toBeGreaterThan(0)
})
