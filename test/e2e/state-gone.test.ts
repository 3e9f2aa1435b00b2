import { DeleteBucketCommand, DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import { readKeys, s3Client } from '../support/describe-aws'
import { faultsOf } from './after-kill'
import { openSandbox, type Sandbox } from './sandbox'

const BUCKET = 'acme-state-gone'
const STATE_BUCKET = `${BUCKET}-tfstate`

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await openSandbox(BUCKET)
  expect(await sandbox.step({})).toMatchObject({ exitCode: 0 })
})

afterAll(() => sandbox.close())

test('another state-key stops before anything is changed, and says which state it is', async () => {
  const requests = sandbox.valohai.state.requests.length
  const { exitCode, stdout } = await sandbox.step({ 'state-key': 'elsewhere.tfstate' })
  expect(exitCode).toBe(1)
  for (const what of [`bucket ${BUCKET}`, `IAM user valohai-${BUCKET}`, `role valohai-${BUCKET}-multipart`])
    expect(stdout).toContain(`The ${what} is of the state s3://${STATE_BUCKET}/valohai-s3/${BUCKET}.tfstate.`)
  const asked = sandbox.valohai.state.requests.slice(requests)
  expect(asked.filter(({ method }) => method !== 'GET')).toEqual([])
})

test('with the state bucket deleted, what bears this state’s tag is found again, with its key', async () => {
  const before = await readKeys(sandbox.emulator, `valohai-${BUCKET}`)
  const s3 = s3Client(sandbox.emulator)
  const { Versions = [], DeleteMarkers = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: STATE_BUCKET }),
  )
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers])
    await s3.send(new DeleteObjectCommand({ Bucket: STATE_BUCKET, Key, VersionId }))
  await s3.send(new DeleteBucketCommand({ Bucket: STATE_BUCKET }))

  const next = await sandbox.step({})
  expect(next).toMatchObject({
    exitCode: 0,
    outputs: { 'to-add': '0', 'to-change': '0', 'to-destroy': '0', 'store-action': 'unchanged' },
  })
  expect(await readKeys(sandbox.emulator, `valohai-${BUCKET}`)).toEqual(before)
  expect(await faultsOf(sandbox, BUCKET, 1)).toEqual([])
  expect(await sandbox.step({})).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
})
