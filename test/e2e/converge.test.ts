import { DeleteAccessKeyCommand } from '@aws-sdk/client-iam'
import type { StepResult } from '../support/action-runner'
import { iamClient, readUser } from '../support/describe-aws'
import { openSandbox, type Sandbox } from './sandbox'

const BUCKET = 'acme-converge'

let sandbox: Sandbox

/** Ids of the active keys that the user has in IAM. */
const activeKeys = async (): Promise<(string | undefined)[]> => {
  const { keys } = await readUser(sandbox.emulator, `valohai-${BUCKET}`)
  return keys.filter(({ Status }) => Status === 'Active').map(({ AccessKeyId }) => AccessKeyId)
}

/** The one store that is left, by Valohai. */
const onlyStore = () => {
  const stores = sandbox.valohai.state.stores.filter(({ deleted }) => !deleted)
  expect(stores).toHaveLength(1)
  return stores[0]!
}

/** One store with the one active key, and the project's default. */
const expectConverged = async (): Promise<void> => {
  const store = onlyStore()
  expect(await activeKeys()).toEqual([store.configuration.access_key_id])
  expect(sandbox.valohai.state.projects[0]?.default_store).toBe(store.id)
}

const apply = async (inputs: Record<string, string> = {}): Promise<StepResult> => {
  const step = await sandbox.step(inputs)
  expect(step).toMatchObject({ exitCode: 0 })
  return step
}

// One story, in order: each test begins where the one before it ended.
beforeAll(async () => {
  sandbox = await openSandbox(BUCKET)
})

afterAll(() => sandbox.close())

test('a plan of nothing makes nothing, not even the state bucket', async () => {
  const step = await sandbox.step({ command: 'plan' })
  expect(step).toMatchObject({
    exitCode: 0,
    outputs: { changes: 'true', 'store-action': 'created', 'default-store': 'false' },
  })
  expect(Number(step.outputs['to-add'])).toBe(11)
  const answer = await fetch(`${sandbox.emulator.url}/moto-api/data.json`)
  const { s3 } = (await answer.json()) as { s3?: { FakeBucket?: unknown[] } }
  expect(s3?.FakeBucket ?? []).toEqual([])
  expect(sandbox.valohai.state.requests.filter(({ method }) => method !== 'GET')).toEqual([])
})

test('killed between apply and store, the next run ends with one store and one active key', async () => {
  const killed = await sandbox.step(
    {},
    {
      onLine: (line, kill) => {
        if (line.includes('Prove the access key')) kill('SIGKILL')
      },
    },
  )
  expect(killed.exitCode).not.toBe(0)
  expect(sandbox.valohai.state.stores).toEqual([])
  const [orphan] = await activeKeys()

  const step = await apply()
  expect(step.outputs['store-action']).toBe('created')
  expect(step.outputs['access-key-id']).not.toBe(orphan)
  await expectConverged()
})

test('a default changed by hand is set back', async () => {
  sandbox.valohai.state.projects[0]!.default_store = null
  const step = await apply()
  expect(step.outputs).toMatchObject({
    changes: 'true',
    'to-add': '0',
    'store-action': 'unchanged',
    'default-store': 'true',
  })
  await expectConverged()
})

test('a store deleted by hand is made again with a new key, and the old key is removed', async () => {
  const [before] = await activeKeys()
  onlyStore().deleted = true
  const step = await apply()
  expect(step.outputs['store-action']).toBe('created')
  expect(onlyStore().configuration.access_key_id).not.toBe(before)
  await expectConverged()
})

test('a key deleted by hand in IAM is made again, and the store gets it', async () => {
  const [before] = await activeKeys()
  await iamClient(sandbox.emulator).send(
    new DeleteAccessKeyCommand({ UserName: `valohai-${BUCKET}`, AccessKeyId: before }),
  )
  const step = await apply()
  expect(step.outputs['store-action']).toBe('updated')
  await expectConverged()
})

test('without the multipart role the store is told so, with a new key that replaces the old one', async () => {
  const [before] = await activeKeys()
  const step = await apply({ multipart: 'false' })
  expect(step.outputs['store-action']).toBe('updated')
  expect(step.outputs).not.toHaveProperty('multipart-role-arn')
  expect(onlyStore().configuration.multipart_upload_iam_role ?? '').toBe('')
  expect(await activeKeys()).not.toContain(before)
  await expectConverged()
})

test('another store name renames the store, and needs no new key', async () => {
  const [before] = await activeKeys()
  const step = await apply({ multipart: 'false', 'store-name': 'Renamed' })
  expect(step.outputs).toMatchObject({ 'store-action': 'updated', 'to-add': '0', changes: 'true' })
  expect(onlyStore().name).toBe('Renamed')
  expect(await activeKeys()).toEqual([before])
})

test('where the API hides the key, the second run still changes nothing', async () => {
  sandbox.valohai.quirks.accessKeyIdHidden = true
  const step = await apply({ multipart: 'false', 'store-name': 'Renamed' })
  expect(step.outputs).toMatchObject({ changes: 'false', 'store-action': 'unchanged' })
  sandbox.valohai.quirks.accessKeyIdHidden = false
  await expectConverged()
})

test('where Valohai fails, the run tells the step and what exists, and the next one goes on', async () => {
  onlyStore().deleted = true
  sandbox.valohai.quirks.failNext = [
    {
      method: 'POST',
      path: /stores/,
      status: 400,
      body: { name: [{ message: 'Not this one.', code: 'invalid' }] },
    },
  ]
  const failed = await sandbox.step({ multipart: 'false' })
  expect(failed.exitCode).toBe(1)
  expect(failed.stdout).toMatch(/::error.*Create the store/)
  expect(failed.stdout).toContain('Not this one.')
  expect(failed.stdout).toContain(`The bucket ${BUCKET} in eu-west-1.`)

  sandbox.valohai.quirks.failNext = []
  await apply({ multipart: 'false' })
  await expectConverged()
})

test('a bucket of another name on the same state is refused, and nothing is deleted', async () => {
  const step = await sandbox.step({
    bucket: 'another-bucket',
    multipart: 'false',
    'state-bucket': `${BUCKET}-tfstate`,
    'state-key': `valohai-s3/${BUCKET}.tfstate`,
  })
  expect(step.exitCode).toBe(1)
  expect(step.stdout).toContain('would delete or replace the bucket')
  await expectConverged()
})
